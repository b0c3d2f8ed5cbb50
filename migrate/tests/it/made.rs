//! Cookies that whoever has the key could make, and no original does.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::foreign::{Cookies, Reader};
use haversack_migrate::{authjs::AuthJs, django::Django, nextjs_auth0::NextjsAuth0};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// A JWE with this header and these claims, under a key of this label.
fn token(label: &str, header: &str, claims: &str) -> String {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(b""), b"secret")
        .expand(label.as_bytes(), &mut key)
        .unwrap();
    let encode = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
    let (protected, nonce) = (encode(header.as_bytes()), [7; 12]);
    let mut text = claims.as_bytes().to_vec();
    let tag = Aes256Gcm::new(&key.into())
        .encrypt_inout_detached(
            &nonce.into(),
            protected.as_bytes(),
            text.as_mut_slice().into(),
        )
        .unwrap();
    let (nonce, text, tag) = (encode(&nonce), encode(&text), encode(&tag));
    format!("{protected}..{nonce}.{text}.{tag}")
}

/// Why a session of next-auth 4 is refused; nothing if it opens.
fn refused(header: &str, claims: &str) -> Option<&'static str> {
    let token = token("NextAuth.js Generated Encryption Key", header, claims);
    let reader = AuthJs::next_auth_4(["secret"]).unwrap();
    read(&reader, &format!("next-auth.session-token={token}"))
}

fn read(reader: &dyn Reader, wire: &str) -> Option<&'static str> {
    let cookies: Cookies<'_> = [wire.as_bytes()].into_iter().collect();
    match reader.read(&cookies, NOW) {
        Ok(foreign) => {
            assert!(foreign.is_some());
            None
        }
        Err(refused) => Some(refused.detail),
    }
}

const NOW: u64 = 1_800_000_000;
const HEADER: &str = r#"{"alg":"dir","enc":"A256GCM"}"#;
const CLAIMS: &str = r#"{"sub":"7","iat":1799999000,"exp":1800001000}"#;

#[test]
fn a_header_with_zip_or_crit_is_refused_though_it_is_authentic() {
    assert_eq!(refused(HEADER, CLAIMS), None);
    for header in [
        r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#,
        r#"{"alg":"dir","enc":"A256GCM","crit":["exp"],"exp":1}"#,
    ] {
        assert_eq!(
            refused(header, CLAIMS),
            Some("its header has zip or crit"),
            "{header}"
        );
    }
}

#[test]
fn only_direct_keys_and_the_methods_that_originals_write_are_read() {
    for (header, detail) in [
        (r#"{"alg":"none","enc":"A256GCM"}"#, "its alg is not dir"),
        (r#"{"enc":"A256GCM"}"#, "its alg is not dir"),
        (
            r#"{"alg":"dir","enc":"A128GCM"}"#,
            "its enc is not one that the system writes",
        ),
        ("[]", "its header is no JSON object"),
    ] {
        assert_eq!(refused(header, CLAIMS), Some(detail), "{header}");
    }
    let long = format!(
        r#"{{"alg":"dir","enc":"A256GCM","x":"{}"}}"#,
        "y".repeat(1024)
    );
    assert_eq!(refused(&long, CLAIMS), Some("its header is too long"));
}

#[test]
fn claims_without_an_end_or_before_their_time_are_refused() {
    for (claims, detail) in [
        (r#"{"sub":"7"}"#, "it has no exp"),
        (r#"{"exp":"1800001000"}"#, "it has no exp"),
        (r#"{"exp":1799999985}"#, "it has expired there"),
        (
            r#"{"exp":1800001000,"nbf":1800000016}"#,
            "its nbf is in the future",
        ),
        ("[]", "its claims are no object"),
        ("\u{4}\u{8}{", "it is Ruby Marshal, which is never read"),
        ("\u{80}", "it is not JSON"),
    ] {
        assert_eq!(refused(HEADER, claims), Some(detail), "{claims}");
    }
    assert_eq!(refused(HEADER, r#"{"exp":1799999986}"#), None);
    // Deeper than any session.
    let deep = format!(
        r#"{{"exp":1800001000,"x":{}1{}}}"#,
        "[".repeat(1200),
        "]".repeat(1200)
    );
    assert_eq!(refused(HEADER, &deep), Some("it is not JSON"));
}

#[test]
fn of_several_that_open_the_one_issued_last_counts() {
    let issued = |user: u64, iat: u64| {
        let claims = format!(r#"{{"sub":"{user}","iat":{iat},"exp":{}}}"#, NOW + 9);
        let token = token("NextAuth.js Generated Encryption Key", HEADER, &claims);
        format!("next-auth.session-token={token}")
    };
    let (old, new) = (issued(1, NOW - 9), issued(2, NOW - 8));
    let reader = AuthJs::next_auth_4(["secret"]).unwrap();
    for wire in [format!("{old}; {new}"), format!("{new}; {old}")] {
        let cookies: Cookies<'_> = [wire.as_bytes()].into_iter().collect();
        let foreign = reader.read(&cookies, NOW).unwrap().unwrap();
        assert_eq!(foreign.issued_at, Some(NOW - 8));
        let claims: serde_json::Value = foreign.json().unwrap();
        assert_eq!(claims["sub"], "2");
    }
}

#[test]
fn nextjs_auth0_has_a_user_in_every_session_and_three_ends_in_version_3() {
    let header = |iat: u64, uat: u64, exp: u64| {
        format!(r#"{{"alg":"dir","enc":"A256GCM","iat":{iat},"uat":{uat},"exp":{exp}}}"#)
    };
    let refused = |header: &str, claims: &str| {
        let token = token("JWE CEK", header, claims);
        read(
            &NextjsAuth0::v3(["secret"]).unwrap(),
            &format!("appSession={token}"),
        )
    };
    const USER: &str = r#"{"user":{"sub":"7"}}"#;
    const EXPIRED: Option<&str> = Some("it has expired there");
    let day = 24 * 60 * 60;
    assert_eq!(refused(&header(NOW - day, NOW - 9, NOW + 9), USER), None);
    let no_session = Some("it is another of its cookies, and no session");
    assert_eq!(
        refused(&header(NOW - day, NOW - 9, NOW + 9), r#"{"state":"x"}"#),
        no_session
    );
    assert_eq!(refused(HEADER, USER), no_session);
    assert_eq!(refused(&header(NOW - day, NOW - 9, NOW), USER), EXPIRED);
    assert_eq!(
        refused(&header(NOW - 2 * day, NOW - day, NOW + 9), USER),
        EXPIRED
    );
    assert_eq!(
        refused(&header(NOW - 7 * day, NOW - 9, NOW + 9), USER),
        EXPIRED
    );
}

#[test]
fn django_ends_when_the_program_said_so() {
    let refused = |body: &str, issued: u64| {
        let mut time = String::new();
        let mut left = issued as usize;
        while left > 0 {
            let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
            time.insert(0, char::from(digits[left % 62]));
            left /= 62;
        }
        let signed = format!("{}:{time}", URL_SAFE_NO_PAD.encode(body));
        let key = Sha256::digest(b"django.contrib.sessions.backends.signed_cookiessignersecret");
        let code = Hmac::<Sha256>::new_from_slice(&key)
            .unwrap()
            .chain_update(&signed)
            .finalize();
        let code = URL_SAFE_NO_PAD.encode(code.into_bytes());
        read(
            &Django::new(["secret"]).unwrap(),
            &format!("sessionid={signed}:{code}"),
        )
    };
    const EXPIRED: Option<&str> = Some("it has expired there");
    assert_eq!(refused("{}", NOW - 14 * 24 * 60 * 60), None);
    assert_eq!(refused("{}", NOW - 14 * 24 * 60 * 60 - 1), EXPIRED);
    assert_eq!(refused(r#"{"_session_expiry":600}"#, NOW - 599), None);
    assert_eq!(refused(r#"{"_session_expiry":600}"#, NOW - 600), EXPIRED);
    assert_eq!(refused(r#"{"_session_expiry":0}"#, NOW - 600), None);
    let until = r#"{"_session_expiry":"2027-01-15T08:00:00+00:00"}"#; // NOW
    assert_eq!(refused(until, NOW - 600), EXPIRED);
    let until = r#"{"_session_expiry":"2027-01-15T08:00:01+00:00"}"#;
    assert_eq!(refused(until, NOW - 600), None);
    assert_eq!(
        refused(r#"{"_session_expiry":-1}"#, NOW),
        Some("its _session_expiry is none")
    );
}
