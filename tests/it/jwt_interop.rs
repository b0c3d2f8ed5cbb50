//! Signed sessions against the JWT of others: `jsonwebtoken`, Wycheproof and RFC 7520.

mod claims;
mod shape;
mod spelling;
mod vectors;

use std::{cell::Cell, sync::Once};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Algorithm, Codec, CryptoProvider, JwtKey, JwtKeys, Opened, Rejected};
use jsonwebtoken::{
    AlgorithmFamily, DecodingKey, EncodingKey, Header, TokenData, Validation, crypto::KeyUtils,
    errors::Result,
};
use serde_json::{Value, json};

use crate::{
    jwt_keys::{AWS_LC, codec, edited, uses},
    support::{Login, NOW, TestClock, bytes, jwt_key, jwt_keys, login},
};

/// Runs what needs the process-wide back end of `jsonwebtoken`, which panics elsewhere: this crate
/// must never use it.
pub(crate) fn with_process_back_end<R>(run: impl FnOnce() -> R) -> R {
    static INSTALL: Once = Once::new();
    static GUARDED: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| {
            assert!(ALLOWED.get(), "the process-wide back end was used");
            (AWS_LC.signer_factory)(algorithm, key)
        },
        verifier_factory: |algorithm, key| {
            assert!(ALLOWED.get(), "the process-wide back end was used");
            (AWS_LC.verifier_factory)(algorithm, key)
        },
        key_utils: KeyUtils::new_unimplemented(),
    };
    thread_local! {
        static ALLOWED: Cell<bool> = const { Cell::new(false) };
    }
    INSTALL.call_once(|| GUARDED.install_default().expect("nobody was first"));
    ALLOWED.set(true);
    let result = run();
    ALLOWED.set(false);
    result
}

/// A token with this header and these claims, signed with HS256.
pub(crate) fn mint(secret: &[u8], header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|json| URL_SAFE_NO_PAD.encode(json));
    signed(secret, &format!("{header}.{claims}"))
}

fn signed(secret: &[u8], message: &str) -> String {
    let key = EncodingKey::from_secret(secret);
    let signer = (AWS_LC.signer_factory)(&Algorithm::HS256.into(), &key).unwrap();
    let signature = signer.try_sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of a live session, with these instead of its own; null removes one.
pub(crate) fn claims(changes: Value) -> String {
    let claims = json!({
        "sid": SID, "start": NOW, "auth_time": NOW, "iat": NOW, "exp": NOW + DAY, "end": NOW + DAY, "ver": 0,
        "ses": "login", "val": login(),
    });
    edited(&claims.to_string(), changes)
}

/// The header of every token that `jwt_key(1)` signs.
fn header() -> String {
    format!(
        r#"{{"typ":"session+jwt","alg":"HS256","kid":"{}"}}"#,
        jwt_key(1).key_id()
    )
}

/// Opens a token with these claims that is authentic in every other way.
fn open(claims: &str) -> std::result::Result<Opened<Login>, Rejected> {
    codec(jwt_keys(1)).open(mint(&bytes(1), &header(), claims))
}

fn rejected(claims: &str) -> Option<Rejected> {
    open(claims).err()
}

fn decoded(token: &str, algorithm: Algorithm, key: &DecodingKey) -> Result<TokenData<Value>> {
    let mut validation = Validation::new(algorithm.into());
    // The clock of the test stands still, that of `jsonwebtoken` does not.
    validation.validate_exp = false;
    validation.set_audience(&["tenant 1"]);
    validation.set_issuer(&["https://issuer.example"]);
    with_process_back_end(|| jsonwebtoken::decode(token, key, &validation))
}

/// Every algorithm with our key and with those of `jsonwebtoken`.
fn keys() -> Vec<(Algorithm, JwtKey, EncodingKey, DecodingKey)> {
    let secret = [bytes(1), bytes(2)].concat();
    let hmac = |key: JwtKey| {
        let encoding = EncodingKey::from_secret(&secret);
        (
            key.algorithm(),
            key,
            encoding,
            DecodingKey::from_secret(&secret),
        )
    };
    let asymmetric = uses().map(|(algorithm, pair)| {
        let pem = pair.private_pem.as_bytes();
        let encoding = match jsonwebtoken::Algorithm::from(algorithm).family() {
            AlgorithmFamily::Rsa => EncodingKey::from_rsa_pem(pem),
            AlgorithmFamily::Ec => EncodingKey::from_ec_pem(pem),
            _ => EncodingKey::from_ed_pem(pem),
        };
        let public = serde_json::from_str(&pair.public_jwk(algorithm)).unwrap();
        let key = JwtKey::pem(algorithm, pem, AWS_LC).unwrap();
        (
            algorithm,
            key,
            encoding.unwrap(),
            DecodingKey::from_jwk(&public).unwrap(),
        )
    });
    [
        JwtKey::hs256(&secret),
        JwtKey::hs384(&secret),
        JwtKey::hs512(&secret),
    ]
    .map(|key| hmac(key.unwrap()))
    .into_iter()
    .chain(asymmetric)
    .collect()
}

fn bound_codec(key: JwtKey) -> Codec<Login> {
    Codec::jwt("login", JwtKeys::new(key))
        .context("tenant 1")
        .issuer("https://issuer.example")
        .clock(TestClock::at(NOW))
        .build()
        .unwrap()
}

#[test]
fn jsonwebtoken_reads_our_tokens_of_every_algorithm() {
    for (algorithm, key, _, decoding) in keys() {
        let key = key.kid("a \"name\" é");
        // It does not know the newer word yet.
        let key = match algorithm {
            Algorithm::EdDSA => key.writes_eddsa(),
            _ => key,
        };
        let codec = bound_codec(key.clone());
        let token = codec.seal(&login()).unwrap();
        let TokenData { header, claims } = decoded(&token, algorithm, &decoding).unwrap();
        let expected = Header {
            typ: Some("session+jwt".into()),
            kid: Some("a \"name\" é".into()),
            ..Header::new(algorithm.into())
        };
        assert_eq!(header, expected);
        let id = codec.open(&token).unwrap().id().to_string();
        let expected = json!({
            "sid": id, "start": NOW, "auth_time": NOW, "iat": NOW, "exp": NOW + DAY, "end": NOW + DAY, "ver": 0,
            "ses": "login", "aud": "tenant 1", "iss": "https://issuer.example", "val": login(),
        });
        assert_eq!(claims, expected, "{algorithm:?}");

        let (message, signature) = token.rsplit_once('.').unwrap();
        let altered = format!("{message}A.{signature}");
        assert!(decoded(&altered, algorithm, &decoding).is_err());
    }
}

#[test]
fn tokens_of_jsonwebtoken_open_for_every_algorithm() {
    for (algorithm, key, encoding, _) in keys() {
        let header = Header {
            typ: Some("session+jwt".into()),
            kid: Some(key.key_id().into()),
            ..Header::new(algorithm.into())
        };
        let changes = json!({"aud": "tenant 1", "iss": "https://issuer.example", "ver": 3});
        let claims: Value = serde_json::from_str(&claims(changes)).unwrap();
        let encode = |header: &Header| {
            with_process_back_end(|| jsonwebtoken::encode(header, &claims, &encoding)).unwrap()
        };
        let codec = bound_codec(key);
        let opened = codec.open(encode(&header)).unwrap();
        assert_eq!(opened.value(), &login(), "{algorithm:?}");
        assert_eq!(opened.id().to_string(), SID);
        assert_eq!(opened.facts().version, 3);
        assert_eq!(
            (opened.facts().started_at, opened.facts().issued_at),
            (NOW, NOW)
        );
        assert_eq!(
            (opened.facts().expires_at, opened.facts().ends_at),
            (NOW + DAY, NOW + DAY)
        );

        let plain = Header {
            typ: Some("JWT".into()),
            ..header
        };
        assert_eq!(
            codec.open(encode(&plain)).unwrap_err(),
            Rejected::UnknownKey
        );
    }
}

const DAY: u64 = 24 * 60 * 60;
const SID: &str = "AAECAwQFBgcICQoLDA0ODw";
