//! Authentic claims that are not JSON, or are it in another spelling: what of it is the value's matter.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::Rejected;
use serde_json::json;

use super::{
    SID,
    claims::{own, with},
    header, open, rejected, signed,
};
use crate::{
    jwt_interop::claims,
    jwt_keys::codec,
    support::{bytes, jwt_keys, login},
};

/// The claims of a live session with this for a value: in the order of this crate, and with the
/// value before, between and behind the others in another one.
fn with_value_anywhere(value: &str) -> [String; 4] {
    let others = claims(json!({ "val": null, "sid": null }));
    let others = others.trim_matches(['{', '}']);
    let sid = format!(r#""sid":"{SID}""#);
    [
        own(value, "0"),
        format!(r#"{{"val":{value},{others},{sid}}}"#),
        format!(r#"{{{others},"val":{value},{sid}}}"#),
        format!(r#"{{ {others}, {sid} , "v\u0061l" : {value} }}"#),
    ]
}

#[test]
fn a_value_that_is_no_json_has_one_reason_wherever_it_stands() {
    let good = serde_json::to_string(&login()).unwrap();
    for claims in with_value_anywhere(&good) {
        assert_eq!(open(&claims).unwrap().value(), &login(), "{claims}");
    }
    for value in [
        "",
        " ",
        "nul",
        "tru e",
        "01",
        "-",
        "1.",
        "1e400",
        "0x7",
        "NaN",
        "'a'",
        "{a:1}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{1:2}",
        "[1,]",
        "[1}",
        "{\"a\":[}]",
        "{}{}",
        "{} []",
        "1 2",
        "\"a\" \"b\"",
        "\"a\nb\"",
        "\"\0\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\u12\"",
        "/**/1",
        "\u{feff}1",
        "\\",
        &"[]".repeat(900),
        &format!("{}{}", "[".repeat(900), "]".repeat(900)),
        &format!("{}{}", "{\"a\":".repeat(300), "}".repeat(300)),
    ] {
        for claims in with_value_anywhere(value) {
            assert_eq!(rejected(&claims), Some(Rejected::Value), "{claims}");
        }
    }
    for claims in with_value_anywhere("\"?\"") {
        let position = claims.find("?").unwrap();
        let mut octets = claims.into_bytes();
        octets[position] = 0xff;
        let token = mint_octets(&octets);
        assert_eq!(codec(jwt_keys(1)).open(token).unwrap_err(), Rejected::Value);
    }
}

#[test]
fn a_value_that_does_not_end_where_others_begin_is_rejected() {
    for value in [
        "[", "{", "[1", "[[1]", "{\"a\":1", "\"a", "\"a\\\"", "\"", "1]", "{}}", "[]]", "]", "}",
    ] {
        for claims in with_value_anywhere(value) {
            let reason = rejected(&claims);
            let is_one = matches!(reason, Some(Rejected::Malformed | Rejected::Value));
            assert!(is_one, "{claims}: {reason:?}");
        }
    }
    // Whatever its value is, a token with another claim that is broken is malformed.
    for value in ["nul", "[1}", "{}{}", "7"] {
        for claims in with_value_anywhere(value) {
            let broken = claims.replace(r#""ver":0"#, r#""ver":-1"#);
            assert_eq!(rejected(&broken), Some(Rejected::Malformed), "{broken}");
        }
    }
}

#[test]
fn claims_that_mean_nothing_are_json_all_the_same() {
    for (name, json) in [
        ("x", "nul"),
        ("x", ""),
        ("x", "[1}"),
        ("x", "[1,]"),
        ("x", "{} {}"),
        ("x", "01"),
        ("x", "\"a\nb\""),
        ("x", "\"\\x\""),
        ("a\nb", "1"),
        ("\\ud800", "1"),
        ("\\x", "1"),
    ] {
        let claims = with(name, json);
        assert_eq!(rejected(&claims), Some(Rejected::Malformed), "{claims}");
    }
    for (at, good) in [("\"x\":?", "7"), ("\"?\":1", "x"), ("\"x\":\"?\"", "x")] {
        let claims = format!("{{{at},{}", &claims(json!({}))[1..]);
        assert!(open(&claims.replace('?', good)).is_ok(), "{claims}");
        let mut octets = claims.into_bytes();
        *octets.iter_mut().find(|octet| **octet == b'?').unwrap() = 0xff;
        let reason = codec(jwt_keys(1)).open(mint_octets(&octets)).unwrap_err();
        assert_eq!(reason, Rejected::Malformed, "{at}");
    }
    let good = claims(json!({}));
    for broken in [
        good.replace("\"ver\":0", "\"ver\" 0"),
        good.replace("\"ver\":0", "\"ver\"::0"),
        good.replace("\"ver\":0", "ver:0"),
        good.replace("\"ver\":0", ",\"ver\":0"),
        good.replace("{\"", "{,\""),
        good.replace("{\"", "{\u{a0}\""),
        good.replace("}", ",}"),
        good.replace("}", "]"),
        good.replace("}", "};"),
    ] {
        assert_eq!(rejected(&broken), Some(Rejected::Malformed), "{broken}");
    }
}

/// A token with claims that need not be text.
fn mint_octets(claims: &[u8]) -> String {
    let [header, claims] = [header().as_bytes(), claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    signed(&bytes(1), &format!("{header}.{claims}"))
}
