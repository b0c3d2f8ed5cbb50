//! Tokens whose header is not ours and tokens of another shape, each signed with the right key.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use haversack::Rejected;
use serde_json::json;

use super::{claims, header, mint, signed};
use crate::{
    jwt_keys::codec,
    support::{bytes, jwt_key, jwt_keys, login},
};

fn reason(token: impl AsRef<[u8]>) -> Option<Rejected> {
    codec(jwt_keys(1)).open(token).err()
}

fn good() -> String {
    mint(&bytes(1), &header(), &claims(json!({})))
}

#[test]
fn a_header_that_is_not_ours_to_the_octet_is_an_unknown_key() {
    assert_eq!(reason(good()), None);
    let kid = jwt_key(1).key_id().to_owned();
    let members = |typ: &str, alg: &str, kid: &str| {
        format!(r#"{{"typ":"{typ}","alg":"{alg}","kid":"{kid}"}}"#)
    };
    let ours = members("session+jwt", "HS256", &kid);
    assert_eq!(ours, header());
    let more = |member: &str| format!("{},{member}}}", ours.strip_suffix('}').unwrap());
    let jwk = r#"{"kty":"oct","k":"AA"}"#;
    for header in [
        members("session+jwt", "none", &kid),
        members("session+jwt", "noNE", &kid),
        members("session+jwt", "hs256", &kid),
        members("session+jwt", "HS384", &kid),
        members("session+jwt", "", &kid),
        members("JWT", "HS256", &kid),
        members("session+JWT", "HS256", &kid),
        members("session\\u002bjwt", "HS256", &kid),
        members("session+jwt", "HS256", ""),
        members("session+jwt", "HS256", &kid.to_uppercase()),
        members("session+jwt", "HS256", jwt_key(2).key_id()),
        members("session+jwt", "HS256", "../../dev/null"),
        format!(r#"{{"typ":"session+jwt","alg":null,"kid":"{kid}"}}"#),
        format!(r#"{{"alg":"HS256","typ":"session+jwt","kid":"{kid}"}}"#),
        format!(r#"{{"kid":"{kid}","alg":"HS256","typ":"session+jwt"}}"#),
        format!(r#"{{"typ": "session+jwt","alg":"HS256","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#),
        r#"{"typ":"session+jwt","alg":"HS256"}"#.to_owned(),
        more(r#""crit":["exp"]"#),
        more(r#""crit":[]"#),
        more(r#""zip":"DEF""#),
        more(r#""b64":false"#),
        more(r#""b64":true,"crit":["b64"]"#),
        more(r#""jku":"https://attacker.example/keys""#),
        more(r#""x5u":"https://attacker.example/certificate""#),
        more(r#""x5c":[]"#),
        more(&format!(r#""jwk":{jwk}"#)),
        more(r#""alg":"HS256""#),
        format!("{ours} "),
        format!(" {ours}"),
        format!("{ours}{ours}"),
        "{}".to_owned(),
        "[]".to_owned(),
        String::new(),
        "[".repeat(1500),
    ] {
        for claims in [claims(json!({})), String::new()] {
            let token = mint(&bytes(1), &header, &claims);
            assert_eq!(reason(token), Some(Rejected::UnknownKey), "{header}");
        }
    }
    for alg in ["none", "None", "noNE", "HS256"] {
        let header = URL_SAFE_NO_PAD.encode(members("session+jwt", alg, &kid));
        let unsigned = format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims(json!({}))));
        let expected = match alg {
            "HS256" => Rejected::NotAuthentic,
            _ => Rejected::UnknownKey,
        };
        assert_eq!(reason(unsigned), Some(expected), "{alg}");
    }
}

#[test]
fn every_changed_octet_of_the_header_is_an_unknown_key_or_malformed() {
    let token = good().into_bytes();
    let dot = token.iter().position(|byte| *byte == b'.').unwrap();
    let codec = codec(jwt_keys(1));
    for index in 0..=dot {
        for octet in (0..=u8::MAX).filter(|octet| *octet != token[index]) {
            let mut changed = token.clone();
            changed[index] = octet;
            let in_alphabet = octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
            let expected = match index < dot && in_alphabet {
                true => Rejected::UnknownKey,
                false => Rejected::Malformed,
            };
            assert_eq!(
                codec.open(&changed).unwrap_err(),
                expected,
                "{octet} at {index}"
            );
        }
    }
}

#[test]
fn every_header_that_lacks_an_octet_or_has_one_more_is_rejected() {
    let token = good();
    let dot = token.find('.').unwrap();
    for index in 0..dot {
        let (first, second) = token.split_at(index);
        assert_eq!(
            reason(format!("{first}{}", &second[1..])),
            Some(Rejected::UnknownKey)
        );
        for (more, expected) in [
            ('A', Rejected::UnknownKey),
            ('=', Rejected::Malformed),
            ('.', Rejected::Malformed),
            ('\0', Rejected::Malformed),
            ('é', Rejected::Malformed),
        ] {
            assert_eq!(
                reason(format!("{first}{more}{second}")),
                Some(expected),
                "{index}"
            );
        }
    }
}

#[test]
fn base64_that_is_not_base64url_in_its_one_form_is_malformed() {
    let secret = bytes(1);
    let (header, good_claims) = (header(), claims(json!({})));
    let [head, body] = [&header, &good_claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    // Of these lengths modulo 3 padding is needed.
    let padded_head = format!("{head}{}", ["", "==", "="][header.len() % 3]);
    let claims = [
        good_claims.clone(),
        format!("{good_claims} "),
        format!("{good_claims}  "),
    ];
    let claims = claims
        .into_iter()
        .find(|claims| claims.len() % 3 == 1)
        .unwrap();
    let padded_body = URL_SAFE.encode(&claims);
    assert!(padded_body.ends_with("=="));
    let unpadded = padded_body.trim_end_matches('=');
    assert_eq!(reason(signed(&secret, &format!("{head}.{unpadded}"))), None);
    assert_eq!(
        reason(signed(&secret, &format!("{head}.{padded_body}"))),
        Some(Rejected::Malformed)
    );
    if padded_head != head {
        let token = signed(&secret, &format!("{padded_head}.{body}"));
        assert_eq!(reason(token), Some(Rejected::Malformed));
    }

    // The last character has four bits that mean nothing and must be zero.
    let last = unpadded.as_bytes()[unpadded.len() - 1];
    for trailing in 1..16 {
        let other =
            char::from(ALPHABET[ALPHABET.iter().position(|c| *c == last).unwrap() + trailing]);
        let message = format!("{head}.{}{other}", &unpadded[..unpadded.len() - 1]);
        assert_eq!(
            reason(signed(&secret, &message)),
            Some(Rejected::Malformed),
            "{other}"
        );
    }

    let with_plus = claims_with_a_slash_in_base64();
    let standard = STANDARD_NO_PAD.encode(&with_plus);
    assert!(standard.contains('/'));
    let url_safe = standard.replace('/', "_").replace('+', "-");
    assert_eq!(reason(signed(&secret, &format!("{head}.{url_safe}"))), None);
    assert_eq!(
        reason(signed(&secret, &format!("{head}.{standard}"))),
        Some(Rejected::Malformed)
    );

    let token = good();
    for text in [
        format!("{token}="),
        format!("{token}=="),
        format!("{token} "),
        format!(" {token}"),
        format!("{token}\n"),
        format!("\"{token}\""),
        format!("Bearer {token}"),
        token.replacen('.', ". ", 1),
    ] {
        assert_eq!(reason(&text), Some(Rejected::Malformed), "{text:?}");
    }
}

fn claims_with_a_slash_in_base64() -> String {
    (0..3)
        .map(|spaces| {
            format!(
                "{{{}\"x\":\"???\",{}",
                " ".repeat(spaces),
                &claims(json!({}))[1..]
            )
        })
        .find(|claims| STANDARD_NO_PAD.encode(claims).contains('/'))
        .unwrap()
}

#[test]
fn tokens_of_another_number_of_parts_or_with_empty_ones_are_rejected() {
    let token = good();
    let [head, body, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("{token} has three parts");
    };
    let unsigned = signed(&bytes(1), &format!("{head}."));
    for (text, expected) in [
        (String::new(), Rejected::Malformed),
        (head.to_owned(), Rejected::Malformed),
        (format!("{head}.{body}"), Rejected::Malformed),
        (format!("{head}.{signature}"), Rejected::Malformed),
        (format!("{token}."), Rejected::Malformed),
        (format!(".{token}"), Rejected::Malformed),
        (format!("{token}.{signature}"), Rejected::Malformed),
        // A JWE (RFC 7516, section 3.1) has five.
        (
            format!("{head}.{body}.{body}.{body}.{signature}"),
            Rejected::Malformed,
        ),
        (format!("{head}....{signature}"), Rejected::Malformed),
        (format!("{head}..{signature}"), Rejected::NotAuthentic),
        (format!("{head}.{body}."), Rejected::NotAuthentic),
        (format!("{head}.."), Rejected::NotAuthentic),
        (unsigned, Rejected::Malformed),
        (format!(".{body}.{signature}"), Rejected::UnknownKey),
        (format!("..{signature}"), Rejected::UnknownKey),
        (format!(".{body}."), Rejected::UnknownKey),
    ] {
        assert_eq!(reason(&text), Some(expected), "{text}");
    }
}

#[test]
fn a_run_of_dots_is_rejected() {
    let codec = codec(jwt_keys(1));
    for length in 0..=4096 {
        let expected = match length {
            2 => Rejected::UnknownKey,
            _ => Rejected::Malformed,
        };
        let reason = codec.open(".".repeat(length)).unwrap_err();
        assert_eq!(reason, expected, "{length}");
    }
    let reason = codec.open(".".repeat(4097)).unwrap_err();
    assert_eq!(reason, Rejected::TooLarge);
}

#[test]
fn the_same_token_opens_with_whatever_key_comes_before_it() {
    let codec = codec(jwt_keys(2).also_opens(jwt_key(3)).also_opens(jwt_key(1)));
    assert_eq!(codec.open(good()).unwrap().value(), &login());
    // The right name and the wrong secret.
    let token = mint(&bytes(2), &header(), &claims(json!({})));
    assert_eq!(codec.open(token).unwrap_err(), Rejected::NotAuthentic);
}

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
