//! What is read out of `Cookie` headers, whatever else is in them.

mod header_carriers;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use haversack::{Codec, Lifetime, Rejected};
use serde_json::Value;

use crate::support::{
    Carrier, Format, HOUR, Live, NOW, Noise, OneHeader as _, TestClock, Twin, ring,
};

const NAME: &str = "__Host-Http-login";

fn codec() -> Codec<u64> {
    let builder = Codec::sealed("login", ring(1));
    builder.clock(|| NOW).build().unwrap()
}

/// A live session for user 7, as a client sends it.
fn pair(codec: &Codec<u64>) -> String {
    format!("{NAME}={}", codec.seal(&7).unwrap())
}

/// The user in a `Cookie` header in which nothing is rejected.
#[track_caller]
fn user(codec: &Codec<u64>, header: impl AsRef<[u8]>) -> Option<u64> {
    let opened = codec.read(header).unwrap();
    opened.map(Live::into_value)
}

/// Every code point that Unicode calls white space.
fn white_space() -> impl Iterator<Item = char> {
    ('\0'..=char::MAX).filter(|character| character.is_whitespace())
}

#[test]
fn only_a_space_and_a_tab_at_the_ends_of_a_pair_are_trimmed() {
    let codec = codec();
    let pair = pair(&codec);
    let (name, value) = pair.split_once('=').unwrap();
    let octets = (0..=0x20).chain(0x7f..=0xff).map(|octet: u8| vec![octet]);
    let characters = white_space().map(|character| character.to_string().into_bytes());
    assert_eq!(white_space().count(), 25, "as of Unicode 6.3 and later");
    for around in octets.chain(characters) {
        let trimmed = matches!(*around, [b' ' | b'\t']);
        let alone = [&around, pair.as_bytes()].concat();
        let between = [b"a=b;", &*around, pair.as_bytes(), b";c=d"].concat();
        for header in [alone, between] {
            let expected = trimmed.then_some(7);
            assert_eq!(user(&codec, &header), expected, "{around:?} before");
            let with_ours = [&*header, b"; ", pair.as_bytes()].concat();
            assert_eq!(user(&codec, with_ours), Some(7), "{around:?} before");
        }

        let header = [name.as_bytes(), &around, b"=", value.as_bytes()].concat();
        assert_eq!(user(&codec, &header), None, "{around:?} after the name");

        let opened = codec.read([pair.as_bytes(), &around].concat());
        let user = opened.map(|opened| opened.map(Live::into_value));
        let expected = if trimmed {
            Ok(Some(7))
        } else {
            Err(Rejected::Malformed)
        };
        assert_eq!(user, expected, "{around:?} after the value");
    }
}

#[test]
fn a_name_is_matched_octet_for_octet_and_never_decoded() {
    let codec = codec();
    let token = codec.seal(&7).unwrap();
    let mut names: Vec<String> = "%5F%5FHost-Http-login %5f_Host-Http-login __Host%2DHttp-login \
        __Host-Http-login%00 __Host-Http-login%20 %20__Host-Http-login __Host-Http-login%3D \
        __Host.Http.login __Host_Http_login __Host-Http-login. .__Host-Http-login \
        __Host[Http-login __Host-Http-login[] __Host-Http-login[0] $__Host-Http-login \
        +__Host-Http-login \"__Host-Http-login\" '__Host-Http-login' __Host-Http-login\\ \
        _Host-Http-login Host-Http-login Http-login login __Host-Http-logi __Host-Http-login2 \
        __Host-__Host-Http-login __Secure-login __Host-login __Http-login"
        .split_whitespace()
        .map(Into::into)
        .collect();
    for (index, letter) in NAME.char_indices().filter(|(_, c)| c.is_alphabetic()) {
        let other_case = match letter.to_ascii_uppercase() {
            upper if upper == letter => letter.to_ascii_lowercase(),
            upper => upper,
        };
        names.push(format!(
            "{}{other_case}{}",
            &NAME[..index],
            &NAME[index + 1..]
        ));
    }
    for name in names {
        let forged = format!("{name}={token}");
        assert_eq!(user(&codec, &forged), None, "{name}");
        for header in [
            format!("{forged}; {}", pair(&codec)),
            format!("{};{forged}", pair(&codec)),
        ] {
            assert_eq!(user(&codec, header), Some(7), "{name}");
        }
    }
}

#[test]
fn a_pair_without_a_name_is_no_session() {
    let codec = codec();
    let pair = pair(&codec);
    let token = codec.seal(&7).unwrap();
    for nameless in [
        format!("={pair}"),
        format!("=={pair}"),
        format!("= {pair}"),
        format!(" = {pair}"),
        format!("={token}"),
        format!("=={NAME}"),
        token.clone(),
        NAME.into(),
        format!("{NAME} "),
        format!("{NAME};={token}"),
        format!("{NAME}; ={token}"),
        "=".into(),
        "==x".into(),
        String::new(),
    ] {
        assert_eq!(user(&codec, &nameless), None, "{nameless}");
        let with_ours = format!("{nameless};{pair};{nameless}");
        assert_eq!(user(&codec, with_ours), Some(7), "{nameless}");
    }
}

#[test]
fn quotes_and_dollar_names_mean_nothing() {
    let codec = codec();
    let pair = pair(&codec);
    for header in [
        format!("$Version=1; p=\"x; {pair}; y=\""),
        format!("$Version=\"1\"; p=\"x;{pair};$Path=\"/\"; y=\""),
        format!("p=\"x\\\"; {pair}; $Domain=\"a"),
        format!("\"; {pair}; \""),
        format!("{pair}; $Path=/; $Domain=example.com"),
    ] {
        assert_eq!(user(&codec, &header), Some(7), "{header}");
    }
    let token = codec.seal(&7).unwrap();
    for value in [
        format!("\"{token}\""),
        format!("\"{token}"),
        format!("{token}\""),
    ] {
        let rejected = codec.read(format!("{NAME}={value}")).unwrap_err();
        assert_eq!(rejected, Rejected::Malformed, "{value}");
    }
    let quoted = format!("p=\"{NAME}=x; y=\"");
    assert_eq!(user(&codec, quoted), None);
}

#[test]
fn a_bad_pair_affects_only_itself() {
    let codec = codec();
    let pair = pair(&codec);
    let long = format!("a={}", "b".repeat(10_000));
    let junk: [&[u8]; 14] = [
        b"",
        b";;; ;\t;",
        b"=",
        b"a",
        b"a=b=c==",
        b"a b=c d",
        b"a=b, c=d",
        b"n\xc3\xa4me=v\xc3\xa4lue",
        b"a=\x80\xfe\xff",
        b"\xff\xff",
        b"a=\0\x01\r\n\x7f",
        b"theme=%ZZ%",
        b"{\"a\": [1, 2]}",
        long.as_bytes(),
    ];
    for before in junk {
        assert_eq!(user(&codec, before), None);
        for after in junk {
            let header = [before, b";", pair.as_bytes(), b" ;", after].concat();
            assert_eq!(user(&codec, &header), Some(7), "{}", header.escape_ascii());
        }
    }
    let comma = format!("a=b, {pair}");
    assert_eq!(user(&codec, comma), None, "a comma separates nothing");
}

#[test]
fn several_headers_are_read_like_one_wherever_they_are_split() {
    let codec = codec();
    let pair = pair(&codec);
    let pairs = ["$Version=1", "a=\"x", &pair, "=y", "\u{e9}=\u{e9}", "z"];
    for splits in 0..1 << (pairs.len() - 1) {
        let mut headers = vec![pairs[0].to_owned()];
        for (index, next) in pairs[1..].iter().enumerate() {
            if splits & (1 << index) == 0 {
                let last = headers.last_mut().unwrap();
                *last = format!("{last}; {next}");
            } else {
                headers.push((*next).into());
            }
        }
        let session = codec.session(&headers);
        assert_eq!(session.get().as_deref(), Some(&7), "{headers:?}");
        assert_eq!(session.rejected(), None);
        assert_eq!(
            session.response_headers().unwrap(),
            [
                ("cache-control", "private".into()),
                ("vary", "cookie".into())
            ]
        );
    }
}

#[test]
fn of_tokens_that_are_equally_new_the_first_wins() {
    // The one with the longer path comes first (RFC 6265bis, section 5.8.3).
    let codec = Codec::<u64>::sealed("login", ring(1)).clock(TestClock::at(NOW));
    let codec = codec.build().unwrap();
    let pairs = [1, 2].map(|user| format!("{NAME}={}", codec.seal(&user).unwrap()));
    assert_eq!(user(&codec, pairs.join("; ")), Some(1));
    assert_eq!(user(&codec, format!("{}; {}", pairs[1], pairs[0])), Some(2));
}

#[test]
fn of_several_tokens_the_live_one_issued_last_wins_in_any_order() {
    let clock = TestClock::at(NOW);
    let codec = Codec::<u64>::sealed("login", ring(1))
        .lifetime(Lifetime::fixed(Duration::from_secs(HOUR)))
        .clock(clock.clone())
        .build()
        .unwrap();
    let issue = |at, user| {
        clock.set(at);
        format!("{NAME}={}", codec.seal(&user).unwrap())
    };
    let pairs = [
        format!("{NAME}=garbage"),
        issue(NOW - HOUR, 1),
        issue(NOW - 20, 2),
        issue(NOW - 10, 3),
    ];
    clock.set(NOW);
    for order in 0..24 {
        let (mut rest, mut order) = (pairs.to_vec(), order);
        let headers = [4, 3, 2, 1].map(|left| {
            let next = rest.remove(order % left);
            order /= left;
            next
        });
        assert_eq!(codec.session(&headers).get().as_deref(), Some(&3));
        assert_eq!(user(&codec, headers.join("; ")), Some(3));
        let without_the_newest = headers.join("; ").replace(&pairs[3], "a=b");
        assert_eq!(user(&codec, without_the_newest), Some(2));
    }
}

#[test]
fn eight_tokens_of_one_name_are_opened_and_no_more() {
    let codec = codec();
    let behind =
        |garbage: usize| format!("{}{}", format!("{NAME}=x; ").repeat(garbage), pair(&codec));
    assert_eq!(user(&codec, behind(7)), Some(7));
    assert_eq!(codec.read(behind(8)).unwrap_err(), Rejected::Malformed);
}

#[test]
fn of_a_hundred_live_tokens_of_one_name_eight_are_opened() {
    for format in [Format::Sealed, Format::Jwt] {
        for chunked in [false, true] {
            let opened = Arc::new(AtomicU64::new(0));
            let counts = Arc::clone(&opened);
            let builder = Twin::cookie(format).builder::<u64>("login", &[1]);
            let builder = if chunked { builder.chunked() } else { builder };
            let codec = builder.clock(|| NOW).accept_if(move |_, _| {
                counts.fetch_add(1, Ordering::SeqCst);
                true
            });
            let codec = codec.build().unwrap();
            let pairs: Vec<_> = (0..100).map(|_| pair(&codec)).collect();
            let one_header = pairs.join("; ");
            let refused = format!("{NAME}=x; ").repeat(7) + &one_header;
            for (headers, expected) in [
                (pairs, 8),
                (vec![one_header], 8),
                (vec![refused], 1),
                (vec![pair(&codec)], 1),
            ] {
                let session = codec.session(&headers);
                assert_eq!(session.get().as_deref(), Some(&7), "{format:?}");
                let opened = opened.swap(0, Ordering::SeqCst);
                assert_eq!(opened, expected, "{format:?} {chunked}");
            }
        }
    }
}

#[test]
fn no_octets_make_a_session_without_a_whole_token() {
    let carrier = Carrier::Cookie;
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin { format, carrier };
        let codec = twin
            .builder::<u64>("login", &[1])
            .clock(|| NOW)
            .build()
            .unwrap();
        // Halves of different tokens, so that no two of them are a whole one.
        let (front, back) = (codec.seal(&7).unwrap(), codec.seal(&7).unwrap());
        let named = format!("{NAME}=");
        let parts: [&[u8]; 16] = [
            named.as_bytes(),
            NAME.as_bytes(),
            &front.as_bytes()[..front.len() / 2],
            &back.as_bytes()[back.len() / 2..],
            b"=",
            b";",
            b"; ",
            b" ",
            b"\t",
            b"\"",
            b",",
            b"\0",
            b"\r\n",
            b"$Version=1",
            b"\xc2\xa0",
            b"%5F",
        ];
        let mut noise = Noise::new();
        for _ in 0..20_000 {
            let (one, other) = (noise.header(12, &parts), noise.header(6, &parts));
            let session = codec.session([&one, &other]);
            assert!(session.get().is_none(), "{}", one.escape_ascii());
            assert!(session.response_headers().is_ok());
        }
    }
}

#[test]
fn a_live_session_is_found_behind_any_octets_and_a_semicolon() {
    let codec = codec();
    let pair = pair(&codec);
    let parts: [&[u8]; 8] = [
        b"=",
        b"; ",
        b"\"",
        b"\\",
        b"$Path",
        b"__Host-Http-",
        b"login",
        b"\xff",
    ];
    let mut noise = Noise::new();
    for _ in 0..10_000 {
        let (before, after) = (noise.header(12, &parts), noise.header(12, &parts));
        let header = [&*before, b";", pair.as_bytes(), b";", &after].concat();
        assert_eq!(user(&codec, &header), Some(7), "{}", header.escape_ascii());
    }
}

/// What the working group that wrote RFC 6265 expects of clients.
fn http_state() -> Vec<Value> {
    serde_json::from_str(include_str!("../vectors/http-state/parser.json")).unwrap()
}

#[test]
fn our_cookie_is_found_beside_whatever_cookies_a_client_keeps() {
    let codec = codec();
    let pair = pair(&codec);
    for case in http_state() {
        let sent = case["sent"].as_array().unwrap();
        let names = sent.iter().map(|cookie| cookie["name"].as_str().unwrap());
        let values = sent.iter().map(|cookie| cookie["value"].as_str().unwrap());
        let sent: Vec<_> = names.zip(values).map(|(n, v)| format!("{n}={v}")).collect();
        let received = case["received"].as_array().unwrap();
        let received = received
            .iter()
            .map(|line| line.as_str().unwrap().to_owned());
        for header in received.chain([sent.join("; ")]) {
            assert_eq!(user(&codec, &header), None, "{header}");
            assert_eq!(
                user(&codec, format!("{header}; {pair}")),
                Some(7),
                "{header}"
            );
            assert_eq!(
                user(&codec, format!("{pair}; {header}")),
                Some(7),
                "{header}"
            );
        }
    }
}

#[test]
fn a_cookie_is_found_by_the_name_under_which_clients_send_it() {
    let mut found = 0;
    for case in http_state() {
        let sent = case["sent"].as_array().unwrap();
        let names = sent.iter().map(|cookie| cookie["name"].as_str().unwrap());
        let values = sent.iter().map(|cookie| cookie["value"].as_str().unwrap());
        let pairs: Vec<_> = names
            .clone()
            .zip(values)
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        for name in names.chain(["Foo", "fo", "oo", "bar", "$Path"]) {
            let builder = Codec::<u64>::sealed("login", ring(1)).exact_name(name);
            // Some clients send names that are no tokens; no codec can have those.
            let Ok(codec) = builder.build() else { continue };
            let is_sent = sent.iter().any(|cookie| cookie["name"] == name);
            // What is found is no token, so it is rejected.
            assert_eq!(
                codec.read(pairs.join("; ")).is_err(),
                is_sent,
                "{name}: {pairs:?}"
            );
            found += usize::from(is_sent);
        }
    }
    assert!(found > 140, "{found}");
}
