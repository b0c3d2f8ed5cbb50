//! The JWS and JWK of Wycheproof and RFC 7520.
//!
//! A codec opens only tokens with a header that it would write itself, and theirs are others, so
//! no foreign token may open, whatever the file says about it. Where this crate treats a key in
//! another way than its file expects, a comment says why.

use haversack::{Algorithm, CryptoProvider, JwtKey, JwtKeys, Rejected};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use super::with_process_back_end;
use crate::{
    jwt_keys::{AWS_LC, BACK_ENDS, codec, edited},
    support::{jwt_keys, login},
};

const CRYPTO: &str = include_str!("../../vectors/wycheproof/json_web_crypto_test.json");
const KEYS: &str = include_str!("../../vectors/wycheproof/json_web_key_test.json");

/// The keys of a JWK, or of each member of a JWK set, that can be used.
fn usable(jwk: &Value, back_end: &'static CryptoProvider) -> Vec<JwtKey> {
    let keys = match jwk["keys"].as_array() {
        Some(keys) => {
            JwtKey::jwk(&jwk.to_string(), Some(back_end)).expect_err("a set is not a key");
            keys.as_slice()
        }
        None => std::slice::from_ref(jwk),
    };
    keys.iter()
        .filter_map(|jwk| JwtKey::jwk(&jwk.to_string(), Some(back_end)).ok())
        .collect()
}

/// The token of a test, in either serialization.
fn token(test: &Value) -> String {
    let token = ["jws", "jwe"]
        .iter()
        .find_map(|kind| test.get(kind))
        .unwrap();
    token
        .as_str()
        .map_or_else(|| token.to_string(), str::to_owned)
}

/// Whether every one of these keys rejects the token, and all of them together do.
fn assert_rejected(keys: &[JwtKey], token: &str, id: &Value) {
    for key in keys {
        let reason = codec(JwtKeys::verifying(key.clone()))
            .open(token)
            .unwrap_err();
        assert!(
            matches!(reason, Rejected::Malformed | Rejected::UnknownKey),
            "{id}: {reason}"
        );
    }
}

/// Whether `jsonwebtoken` reads a session that this key signs, with its own reading of the JWK.
fn assert_signs_for_jsonwebtoken(key: &JwtKey, public: &Value) {
    let token = codec(JwtKeys::new(key.clone())).seal(&login()).unwrap();
    let jwk = serde_json::from_value(public.clone()).unwrap();
    let decoding = DecodingKey::from_jwk(&jwk).unwrap();
    let mut validation = Validation::new(key.algorithm().into());
    validation.validate_exp = false;
    let decoded = with_process_back_end(|| {
        jsonwebtoken::decode::<Value>(token, &decoding, &validation).unwrap()
    });
    assert_eq!(decoded.claims["val"], json!(login()));
    assert_eq!(decoded.header.kid.as_deref(), public["kid"].as_str());
}

#[test]
fn no_jws_or_jwe_of_wycheproof_opens_with_the_key_it_was_made_with() {
    let file: Value = serde_json::from_str(CRYPTO).unwrap();
    let mut tests = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let keys = usable(&group["private"], AWS_LC);
        // That of `jws_rsa_roca_key`, too: the operator's own keys are not searched for
        // the weakness of the generator that made them (ROCA).
        let expected = match group["comment"].as_str().unwrap() {
            "jwe_aes" | "jwe_ec" => 0,
            "jws_mixedSymmetryKeyset" | "jws_keyset" => 2,
            _ => 1,
        };
        assert_eq!(keys.len(), expected, "{}", group["comment"]);
        if let [key] = &keys[..] {
            assert_signs_for_jsonwebtoken(key, group.get("public").unwrap_or(&group["private"]));
        }
        for test in group["tests"].as_array().unwrap() {
            tests += 1;
            assert_rejected(&keys, &token(test), &test["tcId"]);
            let reason = codec(jwt_keys(1)).open(token(test)).unwrap_err();
            assert!(matches!(reason, Rejected::Malformed | Rejected::UnknownKey));
        }
    }
    assert_eq!(tests, 83);
}

#[test]
fn the_keys_of_wycheproof_load_or_are_refused() {
    let file: Value = serde_json::from_str(KEYS).unwrap();
    let mut tests = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let id = group["tests"][0]["tcId"].as_u64().unwrap();
        for back_end in BACK_ENDS {
            let private = usable(&group["private"], back_end);
            let expected = match id {
                // Of a mixed set the members are fine, each for itself: the application names keys
                // one by one, and one key has one algorithm.
                1 => 2,
                2 => 2,
                // Two of one `kid`; the second one's base64url is not in its one canonical form.
                4 => 1,
                5 => 1,
                // Not searched for ROCA, as above.
                7 => 1,
                // 13 to 15 are called valid, and their secrets count up from zero.
                _ => 0,
            };
            assert_eq!(private.len(), expected, "{id}");
            for test in group["tests"].as_array().unwrap() {
                tests += 1;
                assert_rejected(&private, &token(test), &test["tcId"]);
            }
            if let Some(public) = group.get("public") {
                let expected = match id {
                    5 | 7 => 1,
                    // A point that is not on its curve: jsonwebtoken's `aws_lc` looks only when it
                    // verifies, and then nothing is authentic.
                    22 if std::ptr::eq(back_end, AWS_LC) => 1,
                    _ => 0,
                };
                assert_eq!(usable(public, back_end).len(), expected, "{id}");
            }
        }
    }
    assert_eq!(tests, BACK_ENDS.len() * 26);
}

#[test]
fn the_examples_of_rfc_7520_are_read_and_rejected() {
    let [rsa, ecdsa, hmac] = [
        include_str!("../../vectors/jose-cookbook/jws/4_1.rsa_v15_signature.json"),
        include_str!("../../vectors/jose-cookbook/jws/4_3.ecdsa_signature.json"),
        include_str!("../../vectors/jose-cookbook/jws/4_4.hmac-sha2_integrity_protection.json"),
    ]
    .map(|text| serde_json::from_str::<Value>(text).unwrap());
    let [public_rsa, public_ec, secret] = [
        include_str!("../../vectors/jose-cookbook/jwk/3_3.rsa_public_key.json"),
        include_str!("../../vectors/jose-cookbook/jwk/3_1.ec_public_key.json"),
        include_str!("../../vectors/jose-cookbook/jwk/3_5.symmetric_key_mac_computation.json"),
    ];
    for back_end in BACK_ENDS {
        let load = |jwk: &str| JwtKey::jwk(jwk, Some(back_end));
        // The algorithm is beside the key there, and here it is part of it.
        let jwk = rsa["input"]["key"].to_string();
        load(&jwk).expect_err("which RSA?");
        let alg = json!({"alg": "RS256"});
        let (private, public) = (
            load(&edited(&jwk, alg.clone())),
            load(&edited(public_rsa, alg)),
        );
        let keys = [private.unwrap(), public.unwrap(), load(secret).unwrap()];
        let names = keys.each_ref().map(JwtKey::key_id);
        let (bilbo, uuid) = (
            "bilbo.baggins@hobbiton.example",
            "018c0ae5-4d9b-471b-bfd6-eef314bc7037",
        );
        assert_eq!(names, [bilbo, bilbo, uuid]);
        let algorithms = [Algorithm::RS256, Algorithm::RS256, Algorithm::HS256];
        assert_eq!(keys.each_ref().map(JwtKey::algorithm), algorithms);
        assert_eq!(
            load(&hmac["input"]["key"].to_string()).unwrap().key_id(),
            uuid
        );
        // P-521 is on no list of what is supported.
        load(public_ec).unwrap_err();
        load(&ecdsa["input"]["key"].to_string()).unwrap_err();

        let token = codec(JwtKeys::new(keys[0].clone())).seal(&login()).unwrap();
        assert!(
            codec(JwtKeys::verifying(keys[1].clone()))
                .open(token)
                .is_ok()
        );
        for example in [&rsa, &ecdsa, &hmac] {
            let output = &example["output"];
            for token in ["compact", "json", "json_flat"].map(|kind| &output[kind]) {
                let text = token
                    .as_str()
                    .map_or_else(|| token.to_string(), str::to_owned);
                assert_rejected(&keys, &text, &example["title"]);
            }
        }
    }
}
