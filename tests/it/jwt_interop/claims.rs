//! Authentic tokens with claims that this crate does not write.

use std::time::Duration;

use haversack::{Codec, Rejected};
use serde_json::{Value, json};

use super::{DAY, SID, claims, header, mint, open, rejected};
use crate::support::{Login, NOW, TestClock, bytes, jwt_keys, login};

/// The claims of a live session with one of them written like this.
pub(super) fn with(name: &str, json: &str) -> String {
    let others = claims(json!({ name: null }));
    format!(r#"{},"{name}":{json}}}"#, others.strip_suffix('}').unwrap())
}

#[test]
fn every_claim_is_required_but_audience_issuer_not_before_remembered_and_pieces() {
    assert_eq!(open(&claims(json!({}))).unwrap().value(), &login());
    for name in [
        "sid",
        "start",
        "auth_time",
        "iat",
        "exp",
        "end",
        "ver",
        "ses",
        "val",
    ] {
        let reason = rejected(&claims(json!({ name: null })));
        assert_eq!(reason, Some(Rejected::Malformed), "{name}");
        let reason = rejected(&with(name, "null"));
        let expected = if name == "val" {
            Rejected::Value
        } else {
            Rejected::Malformed
        };
        assert_eq!(reason, Some(expected), "{name}");
    }
}

#[test]
fn a_time_that_is_no_whole_number_of_seconds_is_malformed() {
    for name in ["start", "auth_time", "iat", "exp", "end", "nbf"] {
        for time in [
            "\"1800000000\"",
            "null",
            "true",
            "-1",
            "-0",
            "1800000000.0",
            "1800000000.5",
            "1.8e9",
            "1e19",
            "1e400",
            "18446744073709551616",
            "NaN",
            "01800000000",
            "+1800000000",
            "0x6b49d200",
            "[1800000000]",
            "{}",
        ] {
            assert_eq!(
                rejected(&with(name, time)),
                Some(Rejected::Malformed),
                "{name}: {time}"
            );
        }
    }
}

#[test]
fn the_largest_integer_as_a_time_is_rejected() {
    let largest = u64::MAX.to_string();
    for name in ["start", "auth_time", "iat", "exp", "end"] {
        assert_eq!(
            rejected(&with(name, &largest)),
            Some(Rejected::Malformed),
            "{name}"
        );
    }
    assert_eq!(
        rejected(&with("nbf", &largest)),
        Some(Rejected::NotYetValid)
    );
    let names = ["start", "auth_time", "iat", "exp", "end"];
    let all = names.map(|name| (name.to_owned(), json!(u64::MAX)));
    assert_eq!(
        rejected(&claims(Value::Object(all.into_iter().collect()))),
        Some(Rejected::Malformed)
    );
}

#[test]
fn a_claim_that_is_there_twice_is_malformed() {
    let once = claims(json!({"aud": null, "nbf": NOW}));
    let claims: serde_json::Map<String, Value> = serde_json::from_str(&once).unwrap();
    assert_eq!(claims.len(), 10);
    for (name, value) in claims {
        let (first, rest) = name.split_at(1);
        let escaped = format!("\\u{:04x}{rest}", u32::from(first.as_bytes()[0]));
        for name in [&name, &escaped] {
            let twice = format!(r#"{{"{name}":{value},{}"#, once.strip_prefix('{').unwrap());
            assert_eq!(rejected(&twice), Some(Rejected::Malformed), "{name}");
        }
    }
}

#[test]
fn times_that_are_out_of_order_are_malformed() {
    for changes in [
        json!({"exp": NOW - 1}),
        json!({"exp": 0}),
        json!({"exp": NOW + DAY + 1}),
        json!({"iat": NOW - 1}),
        json!({"end": NOW}),
        json!({"start": NOW + 1}),
        json!({"auth_time": NOW + 1}),
        json!({"auth_time": NOW - 1}),
        json!({"start": 0, "auth_time": 0, "iat": 0, "exp": NOW + DAY, "end": LONGEST + 1}),
        json!({"start": 1_u64 << 40, "auth_time": 1_u64 << 40, "iat": 1_u64 << 40, "exp": 1_u64 << 40, "end": 1_u64 << 40}),
    ] {
        let reason = rejected(&claims(changes.clone()));
        assert_eq!(reason, Some(Rejected::Malformed), "{changes}");
    }
    let longest = json!({"start": 0, "auth_time": 0, "iat": 0, "exp": NOW + DAY, "end": LONGEST});
    assert_eq!(rejected(&claims(longest)), Some(Rejected::PastCap));
    let latest = (1_u64 << 40) - 1;
    let latest =
        json!({"start": latest, "auth_time": latest, "iat": latest, "exp": latest, "end": latest});
    assert_eq!(rejected(&claims(latest)), Some(Rejected::NotYetValid));
    assert_eq!(
        rejected(&claims(json!({"exp": NOW}))),
        Some(Rejected::Expired)
    );
    assert_eq!(
        rejected(&claims(json!({"exp": NOW, "end": NOW}))),
        Some(Rejected::PastCap)
    );
}

#[test]
fn a_token_may_be_ahead_of_the_clock_by_the_skew_and_no_more() {
    for skew in [0, 60, 300] {
        let codec = Codec::<Login>::jwt("login", jwt_keys(1))
            .skew(Duration::from_secs(skew))
            .clock(TestClock::at(NOW))
            .build()
            .unwrap();
        let open = |changes| {
            codec
                .open(mint(&bytes(1), &header(), &claims(changes)))
                .map(drop)
        };
        for (ahead, result) in [(skew, Ok(())), (skew + 1, Err(Rejected::NotYetValid))] {
            let time = NOW + ahead;
            assert_eq!(open(json!({ "nbf": time })), result, "nbf {ahead}");
            let times = json!({"start": time, "auth_time": time, "iat": time, "exp": time, "end": time + DAY});
            // A second more, as a token is dead at its deadline.
            let times = super::edited(&times.to_string(), json!({"exp": time + 1}));
            assert_eq!(
                open(serde_json::from_str(&times).unwrap()),
                result,
                "iat {ahead}"
            );
        }
        assert_eq!(open(json!({ "nbf": 0 })), Ok(()));
    }
}

#[test]
fn claims_that_mean_nothing_here_are_ignored() {
    let nested = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for (name, json) in [
        ("jti", "\"1\""),
        ("sub", "[null]"),
        ("SES", "\"cart\""),
        ("ses ", "\"cart\""),
        ("", "0"),
        ("crit", "[\"exp\"]"),
        ("alg", "\"none\""),
        ("deep", &nested),
        ("\\ud83d\\ude00", "1e400"),
    ] {
        assert_eq!(
            open(&with(name, json)).map(|opened| opened.into_value()),
            Ok(login()),
            "{name}"
        );
    }
}

#[test]
fn a_token_opens_only_for_the_session_audience_and_issuer_that_it_names() {
    let (cart, tenant, other) = (json!("cart"), json!("tenant 1"), json!("tenant 2"));
    let (issuer, not_authentic) = (
        json!("https://issuer.example"),
        Some(Rejected::NotAuthentic),
    );
    let malformed = Some(Rejected::Malformed);
    for (context, from, changes, expected) in [
        (false, false, json!({}), None),
        (false, false, json!({ "ses": cart }), not_authentic),
        (false, false, json!({"ses": "Login"}), not_authentic),
        (false, false, json!({"ses": ""}), not_authentic),
        (false, false, json!({"ses": ["login"]}), malformed),
        (true, false, json!({ "aud": tenant }), None),
        (true, false, json!({ "aud": other }), not_authentic),
        (true, false, json!({ "aud": null }), not_authentic),
        (true, false, json!({"aud": ""}), not_authentic),
        (true, false, json!({ "aud": [tenant] }), malformed),
        (true, false, json!({ "aud": {} }), malformed),
        (false, false, json!({ "aud": tenant }), not_authentic),
        (false, false, json!({"aud": ""}), not_authentic),
        (false, false, json!({ "aud": [] }), malformed),
        (false, true, json!({ "iss": issuer }), None),
        (false, true, json!({ "iss": tenant }), not_authentic),
        (
            false,
            true,
            json!({"iss": "https://issuer.example/"}),
            not_authentic,
        ),
        (false, true, json!({ "iss": null }), not_authentic),
        (false, true, json!({ "iss": [issuer] }), malformed),
        (false, false, json!({ "iss": issuer }), None),
        (false, false, json!({"iss": ""}), None),
    ] {
        let builder = Codec::<Login>::jwt("login", jwt_keys(1)).clock(TestClock::at(NOW));
        let builder = if context {
            builder.context("tenant 1")
        } else {
            builder
        };
        let builder = if from {
            builder.issuer("https://issuer.example")
        } else {
            builder
        };
        let token = mint(&bytes(1), &header(), &claims(changes.clone()));
        let reason = builder.build().unwrap().open(token).err();
        assert_eq!(reason, expected, "{context} {from} {changes}");
    }
}

#[test]
fn the_same_claims_in_another_spelling_open() {
    let codec = Codec::<String>::jwt("login", jwt_keys(1))
        .context("tenant/1")
        .clock(TestClock::at(NOW))
        .build()
        .unwrap();
    let time = NOW + DAY;
    let spelled = format!(
        " {{\n\"val\" : \"\\ud83d\\ude00\\/\\u0000\" ,\t\"\\u0073es\":\"l\\u006fgin\",\
         \"end\":{time},\"\\u0061ud\":\"tenant\\/1\",\"s\\u0069d\":\"\\u0041{}\",\
         \"iat\":{NOW},\"ver\":0,\"auth_time\":{NOW},\"start\":{NOW},\r\"exp\": {time} }} ",
        &SID[1..],
    );
    let opened = codec.open(mint(&bytes(1), &header(), &spelled)).unwrap();
    assert_eq!(opened.value(), "😀/\0");
    assert_eq!(opened.id().to_string(), SID);
}

#[test]
fn an_id_or_version_that_is_none_is_malformed() {
    for (name, json) in [
        ("sid", "\"\"".to_owned()),
        ("sid", format!("\"{}\"", &SID[1..])),
        ("sid", format!("\"{SID}A\"")),
        ("sid", format!("\"{SID}==\"")),
        ("sid", format!("\"{}x\"", &SID[1..])),
        ("sid", format!("\"+{}\"", &SID[1..])),
        ("sid", format!("\"{}\"", "é".repeat(11))),
        ("sid", format!("\"{}\"", "A".repeat(2000))),
        ("sid", "0".to_owned()),
        ("ver", "-1".to_owned()),
        ("ver", "4294967296".to_owned()),
        ("ver", "1.0".to_owned()),
        ("ver", "\"1\"".to_owned()),
    ] {
        assert_eq!(
            rejected(&with(name, &json)),
            Some(Rejected::Malformed),
            "{name}: {json}"
        );
    }
    assert_eq!(
        open(&with("ver", "4294967295")).unwrap().facts().version,
        u32::MAX
    );
}

#[test]
fn claims_that_are_not_one_json_object_are_malformed() {
    let good = claims(json!({}));
    for text in [
        "",
        "null",
        "[]",
        "{}",
        &format!("{good}{good}"),
        &format!("{good}\0"),
        &format!("\u{feff}{good}"),
        &format!("[{good}]"),
        &good[..good.len() - 1],
        &good.replace("login", "lo\ngin"),
        &good.replace("login", "\\ud800"),
        &"[".repeat(2000),
        &"{\"val\":".repeat(250),
    ] {
        assert_eq!(rejected(text), Some(Rejected::Malformed), "{text:?}");
    }
}

/// Claims in the order of this crate, with this where the value is and with this version.
pub(super) fn own(value: &str, version: &str) -> String {
    let (issued, ends) = (NOW, NOW + DAY);
    format!(
        r#"{{"val":{value},"sid":"{SID}","start":{issued},"auth_time":{issued},"iat":{issued},"exp":{ends},"end":{ends},"ver":{version},"ses":"login"}}"#
    )
}

#[test]
fn claims_that_only_end_like_ours_are_read_as_what_they_are() {
    let value = serde_json::to_string(&login()).unwrap();
    assert_eq!(open(&own(&value, "0")).unwrap().value(), &login());
    let more = |more: &str| own(&format!("{value},{more}"), "0");

    let unknown = more(r#""roles":["a","b"],"x":{"sid":",\"sid\":"}"#);
    assert_eq!(open(&unknown).unwrap().value(), &login());
    let quoted = r#"{"user":7,"roles":["admin","author"],"name":"Ada\""}"#;
    let unknown = format!(r#"{quoted},"x":{{"{}":1}}"#, "a".repeat(200));
    let name = "Ada\"".into();
    let expected = Login { name, ..login() };
    assert_eq!(open(&own(&unknown, "0")).unwrap().value(), &expected);
    let exp = format!(r#""exp":{}"#, NOW + 1);
    for twice in [
        &exp,
        r#""val":{}"#,
        r#""ses":"login""#,
        r#""end":1,"x":"#,
        "7",
    ] {
        let claims = more(twice);
        assert_eq!(rejected(&claims), Some(Rejected::Malformed), "{claims}");
        let past = claims.replace(&(NOW + DAY).to_string(), &(NOW - 1).to_string());
        let past = past.replace(&NOW.to_string(), &(NOW - DAY).to_string());
        assert_eq!(rejected(&past), Some(Rejected::Malformed), "{past}");
    }
    let past = own(&value, "0").replace(&(NOW + DAY).to_string(), &(NOW - 1).to_string());
    let past = past.replace(&format!("{NOW},"), &format!("{},", NOW - DAY));
    assert_eq!(rejected(&past), Some(Rejected::PastCap), "{past}");
}

#[test]
fn text_in_a_value_is_not_taken_for_the_end_of_it() {
    let mut tricky = login();
    for name in [
        ",",
        "\",",
        "\\",
        "\\\",\"exp\":5",
        "}]",
        "[{",
        "\"sid\":",
        "],}",
    ] {
        tricky.name = name.into();
        let value = serde_json::to_string(&tricky).unwrap();
        // One more claim, so that they do not end like ours.
        let claims = own(&value, "0").replace(r#""ses":"login""#, r#""ses":"login","x":1"#);
        assert_eq!(open(&claims).unwrap().value(), &tricky, "{claims}");
        assert_eq!(open(&own(&value, "0")).unwrap().value(), &tricky);
    }
}

#[test]
fn a_number_in_claims_like_ours_is_json() {
    let value = serde_json::to_string(&login()).unwrap();
    assert_eq!(
        open(&own(&value, "4294967295")).unwrap().facts().version,
        u32::MAX
    );
    for version in [
        "00",
        "01",
        "",
        "-1",
        "4294967296",
        "99999999999999999999999",
    ] {
        let claims = own(&value, version);
        assert_eq!(rejected(&claims), Some(Rejected::Malformed), "{version}");
    }
    for (pieces, expected) in [
        ("1", None),
        ("0", Some(Rejected::Incomplete)),
        ("2", Some(Rejected::Incomplete)),
        ("9", Some(Rejected::Incomplete)),
        ("02", Some(Rejected::Malformed)),
        ("256", Some(Rejected::Malformed)),
    ] {
        let claims = own(&value, "0");
        let claims = format!("{},\"pcs\":{pieces}}}", claims.strip_suffix('}').unwrap());
        assert_eq!(rejected(&claims), expected, "{claims}");
    }
}

/// As far apart as two times of a token can be.
const LONGEST: u64 = u32::MAX as u64;
