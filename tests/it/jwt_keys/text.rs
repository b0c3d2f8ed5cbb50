//! Keys of signed sessions from text: one or several, secrets and JSON Web Keys.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Algorithm, ConfigError, JwtKey, JwtKeys, Rejected, SaveError};
use serde_json::{Value, json};

use super::{AWS_LC, ED25519, P256, RSA, codec, edited, secret, uses};
use crate::support::{jwt_key, jwt_keys, key, login};

/// A JSON Web Key with a secret.
fn oct(number: u8, members: Value) -> String {
    let k = key(number).to_text();
    let jwk = json!({"kty": "oct", "alg": "HS256", "k": k});
    edited(&jwk.to_string(), members)
}

fn set(keys: &[String]) -> String {
    format!(r#"{{"keys": [{}], "of": "the shop"}}"#, keys.join(" , "))
}

/// Which of these keys open what, and which one signs.
fn assert_keys(text: &str, keys: JwtKeys, expected: &[JwtKey]) {
    let mut all = expected.iter().cloned();
    let all = all
        .next()
        .map(JwtKeys::new)
        .map(|first| all.fold(first, JwtKeys::also_opens));
    let shown = format!("{:?}", all.unwrap());
    assert_eq!(format!("{keys:?}"), shown, "{text}");
    let codec = codec(keys);
    let token = codec.seal(&login()).unwrap();
    assert!(
        super::codec(JwtKeys::new(expected[0].clone()))
            .open(token)
            .is_ok(),
        "{text}"
    );
    for key in expected {
        let token = super::codec(JwtKeys::new(key.clone()))
            .seal(&login())
            .unwrap();
        assert!(codec.open(token).is_ok(), "{text}");
    }
}

fn refused(result: Result<JwtKeys, ConfigError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.setting(), "jwt keys");
    error.to_string()
}

#[test]
fn the_text_of_a_generated_key_is_a_secret_for_hs256() {
    let key = haversack::Key::generate().unwrap();
    let codec = codec(key.to_text().parse().unwrap());
    let token = codec.seal(&login()).unwrap();
    assert_eq!(codec.open(token).unwrap().value(), &login());

    let text = format!("\n{}\r\n", self::key(1).to_text());
    assert_keys(&text, text.parse().unwrap(), &[jwt_key(1)]);
}

#[test]
fn a_secret_as_text_may_be_longer_than_32_octets() {
    for length in [33, 48, 64, 128] {
        let text = URL_SAFE_NO_PAD.encode(secret(length));
        let key = JwtKey::hs256(secret(length)).unwrap();
        assert_keys(&text, text.parse().unwrap(), &[key]);
    }
    for length in [0, 16, 31] {
        let text = URL_SAFE_NO_PAD.encode(secret(length));
        refused(text.parse());
    }
    refused("a".repeat(4000).parse());
}

#[test]
fn of_a_list_the_first_key_signs_and_all_verify() {
    let [one, two] = [1, 2].map(|number| key(number).to_text());
    let three = oct(3, json!({"kid": "a, b}\",{"}));
    let third = jwt_key(3).kid("a, b}\",{");
    let all = [jwt_key(1), jwt_key(2), third.clone()];
    for text in [
        format!("{one},{two},{three}"),
        format!(" {one} ,\n\t{two},\r\n {three}\n"),
    ] {
        assert_keys(&text, text.parse().unwrap(), &all);
    }
    let text = format!("{three},{one},{two}");
    assert_keys(
        &text,
        text.parse().unwrap(),
        &[third, jwt_key(1), jwt_key(2)],
    );
}

#[test]
fn a_jwk_set_is_such_a_list() {
    let keys = [2, 1].map(|number| oct(number, json!({})));
    let text = set(&keys);
    assert_keys(&text, text.parse().unwrap(), &[jwt_key(2), jwt_key(1)]);
    let text = format!("\n {} \n", set(&keys[..1]));
    assert_keys(&text, text.parse().unwrap(), &[jwt_key(2)]);

    assert!(refused(set(&[]).parse()).contains("is empty"));
    let text = set(&[keys[0].clone(), oct(1, json!({"k": "AAAA"}))]);
    assert!(refused(text.parse()).contains("key 2 of the list: "));
    for no_set in [
        set(&keys) + ",",
        set(&keys) + "," + &key(3).to_text(),
        r#"{"keys": 5}"#.into(),
        r#"{"keys": [5]}"#.into(),
        r#"{"keys": [{}]}"#.into(),
        format!(r#"{{"keys": ["{}"]}}"#, key(1).to_text()),
        format!("[{}]", keys.join(",")),
    ] {
        let error = refused(no_set.parse());
        assert!(!error.contains(&key(1).to_text()), "{error}");
    }
}

#[test]
fn asymmetric_keys_sign_and_verify_with_the_provider_that_is_given() {
    for (algorithm, pair) in uses() {
        let private = edited(&pair.private_jwk(algorithm), json!({"kid": "new"}));
        let text = format!("{private},{}", key(1).to_text());
        let expected = JwtKey::jwk(&private, Some(AWS_LC)).unwrap();
        let keys = JwtKeys::from_text(&text, Some(AWS_LC)).unwrap();
        assert_keys(&text, keys, &[expected, jwt_key(1)]);

        let error = refused(text.parse());
        assert!(
            error.contains("key 1 of the list: an asymmetric key needs a back end"),
            "{error}"
        );
        assert!(error.contains("KeySource::provider"), "{error}");
        refused(JwtKeys::from_text(&private, None));
    }
}

#[test]
fn public_keys_alone_only_verify() {
    let [public, other] = [(ED25519, Algorithm::EdDSA), (P256, Algorithm::ES256)]
        .map(|(pair, algorithm)| pair.public_jwk(algorithm));
    let private = JwtKey::pem(Algorithm::EdDSA, ED25519.private_pem, AWS_LC).unwrap();
    let token = codec(JwtKeys::new(private)).seal(&login()).unwrap();
    for text in [
        public.clone(),
        format!("{other},{public}"),
        set(&[public.clone(), other.clone()]),
    ] {
        let reader = codec(JwtKeys::from_text(&text, Some(AWS_LC)).unwrap());
        assert_eq!(reader.open(&token).unwrap().value(), &login());
        assert!(matches!(reader.seal(&login()), Err(SaveError::CannotSeal)));
    }
    // A secret that may only verify is as good as a public key.
    let verifies = oct(1, json!({"key_ops": ["verify"]}));
    let reader = codec(verifies.parse().unwrap());
    assert!(matches!(reader.seal(&login()), Err(SaveError::CannotSeal)));
    let token = codec(jwt_keys(1)).seal(&login()).unwrap();
    assert!(reader.open(&token).is_ok());
}

#[test]
fn a_public_key_before_one_that_could_sign_is_refused() {
    let public = RSA.public_jwk(Algorithm::PS256);
    let private = P256.private_jwk(Algorithm::ES256);
    for (text, position) in [
        (format!("{public},{private}"), 2),
        (format!("{public},{}", key(1).to_text()), 2),
        (
            set(&[
                public.clone(),
                ED25519.public_jwk(Algorithm::EdDSA),
                private.clone(),
            ]),
            3,
        ),
    ] {
        let error = refused(JwtKeys::from_text(&text, Some(AWS_LC)));
        assert!(
            error.contains(&format!("key {position} could sign")),
            "{error}"
        );
        assert!(
            error.contains("put the key that is to sign first"),
            "{error}"
        );
    }
    let text = format!("{private},{public}");
    let codec = codec(JwtKeys::from_text(&text, Some(AWS_LC)).unwrap());
    assert!(codec.seal(&login()).is_ok());
}

#[test]
fn an_entry_that_is_no_key_is_named() {
    let [one, two] = [1, 2].map(|number| key(number).to_text());
    let jwk = oct(3, json!({}));
    for (text, part) in [
        (
            format!("{jwk}{one}"),
            "there is no comma behind key 1 of the list",
        ),
        (
            format!("{one},{jwk} {jwk}"),
            "there is no comma behind key 2 of the list",
        ),
        (
            format!("{one},{}", &jwk[..jwk.len() - 1]),
            "key 2 of the list begins with { and is not JSON",
        ),
        (
            "{".into(),
            "key 1 of the list begins with { and is not JSON",
        ),
        (
            "{".repeat(100_000),
            "key 1 of the list begins with { and is not JSON",
        ),
        (
            r#"{"a":"#.repeat(100_000),
            "key 1 of the list begins with { and is not JSON",
        ),
        (
            format!("{one},{{}}"),
            "key 2 of the list: the text is not a JSON Web Key",
        ),
        (
            format!("{one},{}", oct(3, json!({"alg": null}))),
            "key 2 of the list: the JWK has no alg",
        ),
        (
            format!("{one},{}", oct(3, json!({"k": null}))),
            "key 2 of the list: the JWK's \"k\"",
        ),
        (format!("{one},{two},{one}"), "two keys have the kid"),
        (format!("{one},{jwk},"), "key 3 of the list: it is empty"),
        (format!("{jwk},,{one}"), "key 2 of the list: it is empty"),
        (ED25519.public_pem.into(), "it is a key in PEM"),
        (oct(3, json!({"kid": ""})), "a kid is empty"),
    ] {
        let error = refused(text.parse());
        assert!(error.contains(part), "{part}: {error}");
        for secret in [&one, &two, &key(3).to_text()] {
            assert!(!error.contains(secret), "{error}");
        }
    }
}

#[test]
fn a_secret_as_text_that_nobody_drew_at_random_is_refused() {
    let texts = [
        "this-is-a-very-long-secret-key-for-signing-our-json-web-tokens0",
        "correct-horse-battery-staple-correct-horse-A",
    ];
    let encoded = [
        "correct horse battery staple, and more of it",
        "your-256-bit-secret-your-256-bit-secret\n",
    ]
    .map(|text| URL_SAFE_NO_PAD.encode(text));
    for text in texts.map(str::to_owned).into_iter().chain(encoded) {
        let error = refused(text.parse());
        assert!(error.contains("openssl rand"), "{text}: {error}");
    }
}

#[test]
fn keys_of_a_text_are_replaced_without_signing_anyone_out() {
    let [old, new] = [1, 2].map(|number| key(number).to_text());
    let parse = |text: &str| text.parse::<JwtKeys>().unwrap();
    let codec = codec(parse(&old));
    let token = codec.seal(&login()).unwrap();
    codec.rotate(parse(&format!("{old},{new}"))).unwrap();
    codec.rotate(parse(&format!("{new},{old}"))).unwrap();
    assert!(codec.open(&token).is_ok());
    codec.rotate(parse(&new)).unwrap();
    assert_eq!(codec.open(&token).unwrap_err(), Rejected::UnknownKey);
}
