//! Cookies that whoever has the key could make, and no original does.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::foreign::{Cookies, Reader};
use haversack_migrate::authjs::AuthJs;
use hkdf::Hkdf;
use sha2::Sha256;

/// A session cookie of next-auth 4 with this header and these claims.
fn token(header: &str, claims: &str) -> String {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(b""), b"secret")
        .expand(b"NextAuth.js Generated Encryption Key", &mut key)
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
    format!("next-auth.session-token={protected}..{nonce}.{text}.{tag}")
}

/// Why it is refused; nothing if it opens.
fn refused(header: &str, claims: &str) -> Option<&'static str> {
    let reader = AuthJs::next_auth_4(["secret"]).unwrap();
    let wire = token(header, claims);
    let cookies: Cookies<'_> = [wire.as_bytes()].into_iter().collect();
    match reader.read(&cookies, 1_800_000_000) {
        Ok(foreign) => {
            assert!(foreign.is_some());
            None
        }
        Err(refused) => Some(refused.detail),
    }
}

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
    // Deeper than any session, and no stack is so large that it could not overflow.
    let deep = format!(
        r#"{{"exp":1800001000,"x":{}1{}}}"#,
        "[".repeat(3000),
        "]".repeat(3000)
    );
    assert_eq!(refused(HEADER, &deep), Some("it is not JSON"));
}
