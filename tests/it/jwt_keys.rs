//! Keys of signed sessions: secrets, their ids, and what keys may do together.

mod asymmetric;
mod jwk;
mod text;
mod verifying;
mod weak;

use std::{
    collections::HashSet,
    panic::catch_unwind,
    sync::atomic::{AtomicBool, Ordering},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{
    Algorithm, Codec, ConfigError, CryptoProvider, JwtKey, JwtKeys, Rejected, SaveError,
};
use jsonwebtoken::{
    EncodingKey, Header,
    crypto::{KeyUtils, aws_lc, rust_crypto},
    errors::ErrorKind,
};
use serde_json::{Map, Value, json};

use crate::{
    jwt_interop::{claims, mint, with_process_back_end},
    support::{Login, NOW, TestClock, bytes, jwt_key, jwt_keys, login},
};

pub(crate) const AWS_LC: &CryptoProvider = &aws_lc::DEFAULT_PROVIDER;
const RUST_CRYPTO: &CryptoProvider = &rust_crypto::DEFAULT_PROVIDER;
#[cfg(not(any(feature = "aws_lc_rs", feature = "fips")))]
pub(crate) const BACK_ENDS: [&CryptoProvider; 2] = [AWS_LC, RUST_CRYPTO];
#[cfg(any(feature = "aws_lc_rs", feature = "fips"))]
pub(crate) const BACK_ENDS: [&CryptoProvider; 3] = [AWS_LC, RUST_CRYPTO, &haversack::AWS_LC];

/// A key pair in every text that it can be read from, and what it may be used for.
pub(crate) struct Pair {
    algorithms: &'static [Algorithm],
    pub(crate) private_pem: &'static str,
    pub(crate) public_pem: &'static str,
    jwk: &'static str,
}

macro_rules! pair {
    ($name:literal, $($algorithm:ident),+) => {
        Pair {
            algorithms: &[$(Algorithm::$algorithm),+],
            private_pem: include_str!(concat!("../keys/", $name, ".pem")),
            public_pem: include_str!(concat!("../keys/", $name, ".pub.pem")),
            jwk: include_str!(concat!("../keys/", $name, ".jwk.json")),
        }
    };
}

const RSA: Pair = pair!("rsa", RS256, RS384, RS512, PS256, PS384, PS512);
const P256: Pair = pair!("p256", ES256);
const P384: Pair = pair!("p384", ES384);
pub(crate) const ED25519: Pair = pair!("ed25519", EdDSA);
const PAIRS: [&Pair; 4] = [&RSA, &P256, &P384, &ED25519];

impl Pair {
    pub(crate) fn private_jwk(&self, algorithm: Algorithm) -> String {
        edited(self.jwk, json!({ "alg": format!("{algorithm:?}") }))
    }

    pub(crate) fn public_jwk(&self, algorithm: Algorithm) -> String {
        let private = json!({"d": null, "p": null, "q": null, "dp": null, "dq": null, "qi": null});
        edited(&self.private_jwk(algorithm), private)
    }
}

/// Every asymmetric algorithm with a key pair for it.
pub(crate) fn uses() -> impl Iterator<Item = (Algorithm, &'static Pair)> {
    PAIRS
        .into_iter()
        .flat_map(|pair| pair.algorithms.iter().map(move |each| (*each, pair)))
}

/// The JSON object with these members instead of its own; null removes one.
pub(crate) fn edited(object: &str, members: Value) -> String {
    let mut object: Map<String, Value> = serde_json::from_str(object).unwrap();
    for (name, value) in members.as_object().unwrap() {
        match value {
            Value::Null => drop(object.remove(name)),
            value => drop(object.insert(name.clone(), value.clone())),
        }
    }
    Value::Object(object).to_string()
}

pub(crate) fn codec(keys: JwtKeys) -> Codec<Login> {
    Codec::jwt("login", keys)
        .clock(TestClock::at(NOW))
        .build()
        .unwrap()
}

/// Why the key was refused; nothing of its text is in there.
fn refusal(result: Result<JwtKey, ConfigError>, key: &str) -> String {
    let error = result.expect_err(key);
    assert_eq!(error.setting(), "jwt key");
    let shown = format!("{error} {error:?}");
    let parts: HashSet<_> = shown.as_bytes().windows(12).collect();
    assert!(
        !key.as_bytes()
            .windows(12)
            .any(|piece| parts.contains(piece)),
        "{shown}"
    );
    error.to_string()
}

type Hmac = fn(Vec<u8>) -> Result<JwtKey, ConfigError>;
const HMACS: [(Algorithm, Hmac, usize); 3] = [
    (Algorithm::HS256, JwtKey::hs256, 32),
    (Algorithm::HS384, JwtKey::hs384, 48),
    (Algorithm::HS512, JwtKey::hs512, 64),
];

/// As many bytes as are asked for, up to 128, that look random.
fn secret(length: usize) -> Vec<u8> {
    [1, 2, 3, 4].map(bytes).concat()[..length].to_vec()
}

#[test]
fn a_secret_is_at_least_as_long_as_the_hash() {
    for (algorithm, hmac, needed) in HMACS {
        for enough in [needed, needed + 1, 128] {
            assert_eq!(hmac(secret(enough)).unwrap().algorithm(), algorithm);
        }
        for short in [0, 16, needed - 1] {
            let text = refusal(hmac(secret(short)), "");
            assert!(
                text.contains(&format!("{short} bytes is too short for {algorithm:?}")),
                "{text}"
            );
            assert!(text.contains(&format!("needs {needed}")), "{text}");
        }
    }
    assert!(JwtKeys::hs256(secret(31)).is_err());
    let (token, keys) = (codec(jwt_keys(1)), JwtKeys::hs256(bytes(1)).unwrap());
    assert!(codec(keys).open(token.seal(&login()).unwrap()).is_ok());
}

#[test]
fn a_secret_as_a_jwk_is_the_same_key() {
    for (algorithm, hmac, needed) in HMACS {
        let k = URL_SAFE_NO_PAD.encode(secret(needed));
        let jwk = json!({"kty": "oct", "alg": format!("{algorithm:?}"), "k": k}).to_string();
        let [jwk, key] = [JwtKey::jwk(&jwk, None), hmac(secret(needed))].map(Result::unwrap);
        assert_eq!((jwk.key_id(), jwk.algorithm()), (key.key_id(), algorithm));
        let token = codec(JwtKeys::new(jwk)).seal(&login()).unwrap();
        assert_eq!(
            codec(JwtKeys::new(key)).open(token).unwrap().value(),
            &login()
        );
    }
}

#[test]
fn a_secret_that_nobody_drew_at_random_is_refused() {
    let half = secret(32);
    let weak = [
        (vec![0; 64], "all equal"),
        ((0..64).collect(), "count"),
        (
            (0..64).map(|byte: u8| byte.wrapping_mul(37)).collect(),
            "count",
        ),
        (half.repeat(2), "repeats"),
        (b"\x01\xff\x7f".repeat(30), "repeats"),
        (
            b"correct horse battery staple, and much more of the same text!!!!".to_vec(),
            "text",
        ),
        (
            b"5f0c"
                .iter()
                .chain(b"9a3be71d24")
                .copied()
                .cycle()
                .take(64)
                .collect(),
            "repeats",
        ),
    ];
    for (secret, reason) in weak {
        assert!(secret.len() >= 64, "{reason}");
        for (algorithm, hmac, _) in HMACS {
            let text = refusal(hmac(secret.clone()), &String::from_utf8_lossy(&secret));
            assert!(
                text.contains(reason) && text.contains("openssl rand"),
                "{text}"
            );
            let k = URL_SAFE_NO_PAD.encode(&secret);
            let jwk = json!({"kty": "oct", "k": k, "alg": format!("{algorithm:?}")}).to_string();
            assert!(
                refusal(JwtKey::jwk(&jwk, None), &jwk).contains(reason),
                "{reason}"
            );
        }
    }
}

#[test]
fn the_id_of_a_secret_is_derived_from_it_and_stays_the_same() {
    // HKDF-SHA-256 without salt, info 00 14 "haversack jwt key id", 6 octets; made with Python.
    assert_eq!(jwt_key(1).key_id(), "IsRMibFu");
    assert_eq!(jwt_key(1).key_id(), jwt_key(1).key_id());
    assert_ne!(jwt_key(1).key_id(), jwt_key(2).key_id());
    assert_ne!(
        jwt_key(1).key_id(),
        JwtKey::hs256(secret(33)).unwrap().key_id()
    );
    let jwk = json!({"kty": "oct", "k": "-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE"});
    let named = edited(&jwk.to_string(), json!({"alg": "HS256", "kid": "spring"}));
    assert_eq!(JwtKey::jwk(&named, None).unwrap().key_id(), "spring");
    let unnamed = edited(&named, json!({ "kid": null }));
    assert_eq!(JwtKey::jwk(&unnamed, None).unwrap().key_id().len(), 8);
}

#[test]
fn the_id_of_a_key_can_be_any_text_of_1_to_128_octets() {
    let old = codec(jwt_keys(1)).seal(&login()).unwrap();
    for kid in ["k", &"é".repeat(64), "a \"quoted\\ one\" \0\n</script>"] {
        let codec = codec(JwtKeys::new(jwt_key(1).kid(kid)));
        assert_eq!(
            codec.open(codec.seal(&login()).unwrap()).unwrap().value(),
            &login()
        );
        assert_eq!(codec.open(&old).unwrap_err(), Rejected::UnknownKey);
    }
    for kid in ["", &"k".repeat(129)] {
        let keys = JwtKeys::new(jwt_key(1)).also_opens(jwt_key(2).kid(kid));
        let error = Codec::<Login>::jwt("login", keys).build().unwrap_err();
        assert!(error.to_string().contains("1 to 128 octets"), "{error}");
    }
}

#[test]
fn two_keys_of_one_id_do_not_build() {
    let same_secret = JwtKey::hs512(secret(64)).unwrap();
    for keys in [
        jwt_keys(1).also_opens(jwt_key(1)),
        jwt_keys(1)
            .also_opens(jwt_key(2))
            .also_opens(jwt_key(3).kid(jwt_key(2).key_id())),
        JwtKeys::verifying(jwt_key(1).kid("k")).also_opens(jwt_key(2).kid("k")),
        JwtKeys::new(JwtKey::hs256(secret(64)).unwrap()).also_opens(same_secret),
    ] {
        let error = Codec::<Login>::jwt("login", keys).build().unwrap_err();
        assert_eq!(error.setting(), "jwt keys");
        assert!(
            error.to_string().contains("two keys have the kid"),
            "{error}"
        );
    }
}

#[test]
fn a_public_key_that_should_sign_does_not_build() {
    for (algorithm, pair) in uses() {
        let public = JwtKey::pem(algorithm, pair.public_pem, AWS_LC).unwrap();
        let private = jwt_key(1);
        let keys = JwtKeys::new(public.clone()).also_opens(private.clone());
        let error = Codec::<Login>::jwt("login", keys).build().unwrap_err();
        assert_eq!(error.setting(), "jwt keys");
        assert!(error.to_string().contains("JwtKeys::verifying"), "{error}");
        codec(JwtKeys::new(private).also_opens(public));
    }
}

#[test]
fn what_is_shown_of_keys_is_no_secret() {
    let key = jwt_key(1);
    assert_eq!(
        format!("{key:?}"),
        r#"JwtKey { algorithm: HS256, kid: "IsRMibFu", signs: true }"#
    );
    let public = JwtKey::pem(Algorithm::EdDSA, ED25519.public_pem, AWS_LC)
        .unwrap()
        .kid("old");
    let keys = JwtKeys::new(key).also_opens(public);
    let old = r#"JwtKey { algorithm: EdDSA, kid: "old", signs: false }"#;
    assert_eq!(
        format!("{keys:?}"),
        format!("JwtKeys [{:?}, {old}]", jwt_key(1))
    );
    let private = JwtKey::pem(Algorithm::EdDSA, ED25519.private_pem, AWS_LC)
        .unwrap()
        .kid("new");
    let new = r#"JwtKey { algorithm: EdDSA, kid: "new", signs: true }"#;
    assert_eq!(format!("{private:?}"), new);
}

#[test]
fn a_public_key_as_the_secret_of_an_hmac_opens_nothing() {
    let key = JwtKey::pem(Algorithm::RS256, RSA.public_pem, AWS_LC).unwrap();
    let codec = codec(JwtKeys::verifying(key.clone()));
    let claims = claims(json!({}));
    let n: Value = serde_json::from_str(RSA.jwk).unwrap();
    let n = URL_SAFE_NO_PAD.decode(n["n"].as_str().unwrap()).unwrap();
    for secret in [
        RSA.public_pem.as_bytes(),
        RSA.public_pem.trim_end().as_bytes(),
        &n,
        b"",
    ] {
        for (alg, reason) in [
            ("HS256", Rejected::UnknownKey),
            ("none", Rejected::UnknownKey),
            ("RS256", Rejected::NotAuthentic),
        ] {
            let kid = key.key_id();
            let header = format!(r#"{{"typ":"session+jwt","alg":"{alg}","kid":"{kid}"}}"#);
            let token = mint(secret, &header, &claims);
            assert_eq!(codec.open(&token).unwrap_err(), reason, "{header}");
        }
    }
}

#[test]
fn the_process_wide_back_end_is_never_used() {
    let secret = EncodingKey::from_secret(&bytes(1));
    let encode = || jsonwebtoken::encode(&Header::default(), &json!({}), &secret).is_ok();
    assert!(with_process_back_end(encode));
    catch_unwind(encode).expect_err("it panics in this program when it is used by anybody else");

    for (algorithm, pair) in uses() {
        for key in [
            JwtKey::pem(algorithm, pair.private_pem, AWS_LC),
            JwtKey::jwk(&pair.private_jwk(algorithm), Some(AWS_LC)),
        ] {
            let codec = codec(JwtKeys::new(key.unwrap()).also_opens(jwt_key(1)));
            let token = codec.seal(&login()).unwrap();
            assert_eq!(codec.open(token).unwrap().value(), &login());
        }
    }
}

#[test]
fn a_back_end_that_fails_to_sign_is_an_error_and_not_a_token() {
    static FAILS: AtomicBool = AtomicBool::new(false);
    static BACK_END: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| match FAILS.load(Ordering::SeqCst) {
            true => Err(ErrorKind::InvalidEddsaKey.into()),
            false => (AWS_LC.signer_factory)(algorithm, key),
        },
        verifier_factory: |algorithm, key| (AWS_LC.verifier_factory)(algorithm, key),
        key_utils: KeyUtils::new_unimplemented(),
    };
    let jwk = ED25519.private_jwk(Algorithm::EdDSA);
    let codec = codec(JwtKeys::new(JwtKey::jwk(&jwk, Some(&BACK_END)).unwrap()));
    assert!(codec.seal(&login()).is_ok());
    FAILS.store(true, Ordering::SeqCst);
    assert!(matches!(codec.seal(&login()), Err(SaveError::Sign(_))));
    let session = codec.session::<str>([]);
    session.start(login());
    assert!(matches!(
        session.response_headers(),
        Err(SaveError::Sign(_))
    ));
    refusal(JwtKey::jwk(&jwk, Some(&BACK_END)), &jwk);
}
