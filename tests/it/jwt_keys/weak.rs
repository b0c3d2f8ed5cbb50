//! Secrets that are no secrets, and how they are used all the same.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use haversack::{Algorithm, JwtKey, JwtKeys};

use super::{HMACS, PAIRS, RSA, codec, refusal, uses};
use crate::{
    keys::weak::{surroundings, weak_starts},
    support::login,
};

#[test]
fn a_weak_secret_is_refused_whatever_is_before_or_behind_it() {
    for (_, hmac, needed) in HMACS {
        for length in [needed, needed + 1, 100] {
            for (before, behind) in surroundings() {
                for start in weak_starts(length - before.len() - behind.len()) {
                    let secret = [before, &start, behind].concat();
                    let shown = String::from_utf8_lossy(&secret).into_owned();
                    let reason = refusal(hmac(secret), &shown);
                    assert!(reason.contains("openssl rand"), "{reason}");
                }
            }
        }
    }
}

#[test]
fn a_text_that_everybody_knows_is_refused_with_a_line_feed_too() {
    for known in [
        "a-string-secret-at-least-256-bits-long",
        "my very secret key for signing, do not use",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "VGhpcyBpcyBhIHNlY3JldCBmcm9tIGEgdHV0b3JpYWwsIGRvIG5vdCB1c2U=",
    ] {
        for end in ["", "\n", "\r\n", "\0"] {
            let text = format!("{known}{end}");
            assert!(refusal(JwtKey::hs256(&text), &text).contains("it is text"));
        }
    }
}

#[test]
fn a_key_for_another_algorithm_is_no_secret() {
    for pair in PAIRS {
        for pem in [pair.public_pem, pair.private_pem] {
            let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            let der = STANDARD.decode(lines).unwrap();
            let commented = [b"\xff\xfe\x80 of the shop:\n", pem.as_bytes()].concat();
            for secret in [pem.into(), pem.trim_end().into(), commented, der] {
                for (_, hmac, _) in HMACS {
                    // The public key of Ed25519 is shorter than some hashes.
                    if secret.len() >= 64 {
                        let reason = refusal(hmac(secret.clone()), pem);
                        assert!(reason.contains("in PEM or DER"), "{reason}");
                        assert!(reason.contains("JwtKey::pem"), "{reason}");
                    } else {
                        refusal(hmac(secret.clone()), pem);
                    }
                }
                assert!(refusal(JwtKey::hs256(&secret), pem).contains("in PEM or DER"));
            }
        }
    }
    let pkcs1 = include_str!("../../keys/rsa.pkcs1.pem");
    let lines: String = pkcs1
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = STANDARD.decode(lines).unwrap();
    assert!(refusal(JwtKey::hs512(der), pkcs1).contains("in PEM or DER"));
}

#[test]
fn of_a_text_as_secret_only_the_length_is_checked() {
    for (algorithm, hmac, needed) in HMACS {
        let text = "a".repeat(needed);
        assert_eq!(
            JwtKey::guessable_text(algorithm, &text)
                .unwrap()
                .algorithm(),
            algorithm
        );
        let reason = refusal(JwtKey::guessable_text(algorithm, &text[1..]), &text[1..]);
        assert!(reason.contains("too short"), "{reason}");
        refusal(hmac(text.clone().into()), &text);
    }
    let long = "a secret that is as long as any, and then some more of it to be sure";
    for (algorithm, _) in uses() {
        assert!(refusal(JwtKey::guessable_text(algorithm, long), long).contains("HS256"));
    }
}

#[test]
fn bytes_that_others_fixed_are_a_secret_by_the_loud_name_only() {
    let padded = [&crate::support::bytes(1)[..16], &[0; 16]].concat();
    refusal(JwtKey::hs256(&padded), "");
    let key = JwtKey::guessable_text(Algorithm::HS256, &padded).unwrap();
    let codec = codec(JwtKeys::new(key));
    let token = codec.seal(&login()).unwrap();
    assert_eq!(codec.open(token).unwrap().value(), &login());
    let short = JwtKey::guessable_text(Algorithm::HS256, &padded[..31]);
    assert!(refusal(short, "").contains("too short"));
    let rsa = JwtKey::guessable_text(Algorithm::RS256, RSA.public_pem);
    assert!(refusal(rsa, RSA.public_pem).contains("HS256"));
}
