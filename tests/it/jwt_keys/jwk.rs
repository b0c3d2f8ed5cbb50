//! JSON Web Keys that cannot be used, and why.

use haversack::{Algorithm, Codec, JwtKey, JwtKeys};
use serde_json::{Value, json};

use super::{AWS_LC, BACK_ENDS, ED25519, P256, P384, RSA, codec, edited, refusal};
use crate::support::{Login, login};

const OCT: &str =
    r#"{"kty":"oct","alg":"HS256","k":"-ebuDNsVZ2iJtoZ-akfXTSCt4UO2cruLCsbWlBinggE"}"#;

#[test]
fn a_jwk_that_is_not_for_signatures_is_refused() {
    for jwk in [RSA.jwk, P256.jwk, ED25519.jwk, OCT] {
        let jwk = edited(jwk, json!({ "alg": algorithm_of(jwk) }));
        let refused = |members: Value| refusal_of(&edited(&jwk, members));
        for usage in ["enc", "", "Sig"] {
            assert!(refused(json!({ "use": usage })).contains("use is not \"sig\""));
        }
        for ops in [
            json!([]),
            json!(["encrypt"]),
            json!(["deriveKey", "wrapKey", "SIGN"]),
        ] {
            assert!(refused(json!({ "key_ops": ops })).contains("key_ops forbid"));
        }
        let members = json!({"use": "sig", "key_ops": ["sign", "verify"]});
        JwtKey::jwk(&edited(&jwk, members), Some(AWS_LC)).unwrap();
    }
}

#[test]
fn the_public_half_verifies_and_holds_nothing_that_signs() {
    for jwk in [RSA.jwk, P256.jwk, P384.jwk, ED25519.jwk] {
        let jwk = edited(jwk, json!({ "alg": algorithm_of(jwk), "kid": "a \"b\"" }));
        let key = JwtKey::jwk(&jwk, Some(AWS_LC)).unwrap();
        let text = key.public_jwk().unwrap();
        let public: Value = serde_json::from_str(&text).unwrap();
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(public.get(private).is_none(), "{text}");
        }
        let public = JwtKey::jwk(&text, Some(AWS_LC)).unwrap();
        assert!(key.signs() && !public.signs());
        assert_eq!(public.key_id(), "a \"b\"");
        let token = codec(JwtKeys::new(key)).seal(&login()).unwrap();
        let reader = codec(JwtKeys::verifying(public));
        assert_eq!(reader.open(&token).unwrap().value(), &login());
    }
}

#[test]
fn the_public_set_leaves_secrets_out() {
    let keys = format!("{},{OCT}", edited(P256.jwk, json!({})));
    let keys = JwtKeys::from_text(&keys, Some(AWS_LC)).unwrap();
    let set: Value = serde_json::from_str(&keys.public_jwk_set()).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    assert_eq!(set["keys"][0]["use"], "sig");
    let secrets: JwtKeys = OCT.parse().unwrap();
    assert_eq!(secrets.public_jwk_set(), r#"{"keys":[]}"#);
    assert_eq!(secrets.keys()[0].public_jwk(), None);
}

#[test]
fn a_jwk_does_only_what_its_key_ops_allow() {
    for jwk in [RSA.jwk, P256.jwk, ED25519.jwk, OCT] {
        let jwk = edited(jwk, json!({ "alg": algorithm_of(jwk) }));
        let with = |ops: Value| {
            let jwk = edited(&jwk, json!({ "key_ops": ops }));
            JwtKey::jwk(&jwk, Some(AWS_LC)).unwrap()
        };
        let (signs, verifies) = (with(json!(["sign"])), with(json!(["verify"])));
        let error = Codec::<Login>::jwt("login", JwtKeys::new(verifies.clone()));
        assert_eq!(error.build().unwrap_err().setting(), "jwt keys", "{jwk}");

        let token = codec(JwtKeys::new(signs)).seal(&login()).unwrap();
        let reader = codec(JwtKeys::verifying(verifies));
        assert_eq!(reader.open(&token).unwrap().value(), &login(), "{jwk}");
    }
    for (pair, algorithm) in [(P256, Algorithm::ES256), (ED25519, Algorithm::EdDSA)] {
        let public = edited(&pair.public_jwk(algorithm), json!({ "key_ops": ["sign"] }));
        assert!(refusal_of(&public).contains("key_ops forbid"));
    }
}

#[test]
fn a_jwk_that_leaves_its_algorithm_open_is_refused() {
    for jwk in [RSA.jwk, OCT] {
        assert!(refusal_of(&edited(jwk, json!({ "alg": null }))).contains("no alg"));
    }
    for (jwk, algorithm) in [
        (P256.jwk, Algorithm::ES256),
        (P384.jwk, Algorithm::ES384),
        (ED25519.jwk, Algorithm::EdDSA),
    ] {
        for members in [
            json!({ "alg": null }),
            json!({ "alg": format!("{algorithm:?}") }),
        ] {
            let key = JwtKey::jwk(&edited(jwk, members), Some(AWS_LC)).unwrap();
            assert_eq!(key.algorithm(), algorithm);
        }
    }
    // The name that RFC 9864 gives it.
    let named = edited(ED25519.jwk, json!({ "alg": "Ed25519" }));
    assert_eq!(
        JwtKey::jwk(&named, Some(AWS_LC)).unwrap().algorithm(),
        Algorithm::EdDSA
    );
}

#[test]
fn a_jwk_whose_algorithm_does_not_fit_is_refused() {
    for (jwk, others) in [
        (
            RSA.jwk,
            [
                "HS256", "ES256", "EdDSA", "RSA-OAEP", "rs256", "RS1", "none", "",
            ],
        ),
        (
            OCT,
            [
                "RS256", "ES256", "EdDSA", "A256KW", "hs256", "HS1", "none", "",
            ],
        ),
        (
            P256.jwk,
            [
                "ES384", "ES512", "RS256", "HS256", "ECDH-ES", "es256", "none", "",
            ],
        ),
        (
            P384.jwk,
            [
                "ES256", "ES512", "RS256", "HS256", "ECDH-ES", "Ed25519", "none", "",
            ],
        ),
        (
            ED25519.jwk,
            [
                "ES256", "Ed448", "RS256", "HS256", "ECDH-ES", "eddsa", "none", "",
            ],
        ),
    ] {
        for other in others {
            let text = refusal_of(&edited(jwk, json!({ "alg": other })));
            assert!(
                text.contains("alg does not fit its kty"),
                "{other:?}: {text}"
            );
        }
    }
}

#[test]
fn a_jwk_of_an_unknown_kind_or_curve_is_refused() {
    for (jwk, members) in [
        (P256.jwk, json!({ "crv": "P-521" })),
        (P256.jwk, json!({ "crv": "secp256k1" })),
        (P256.jwk, json!({ "crv": "p-256" })),
        (P256.jwk, json!({ "crv": null })),
        (P256.jwk, json!({ "kty": "OKP" })),
        (P256.jwk, json!({ "kty": "ec" })),
        (ED25519.jwk, json!({ "crv": "Ed448" })),
        (ED25519.jwk, json!({ "crv": "X25519" })),
        (ED25519.jwk, json!({ "kty": "EC" })),
        (OCT, json!({ "kty": "AKP" })),
        (OCT, json!({ "kty": "" })),
    ] {
        let text = refusal_of(&edited(jwk, members.clone()));
        assert!(
            text.contains("a kind or on a curve that is not supported"),
            "{members}: {text}"
        );
    }
    // Its numbers are too short for this curve.
    refusal_of(&edited(P256.jwk, json!({ "crv": "P-384" })));
}

#[test]
fn a_member_that_is_missing_or_not_base64url_is_named() {
    for (jwk, names) in [
        (
            RSA.jwk,
            ["n", "e", "d", "p", "q", "dp", "dq", "qi"].as_slice(),
        ),
        (P256.jwk, &["x", "y", "d"]),
        (P384.jwk, &["x", "y", "d"]),
        (ED25519.jwk, &["x", "d"]),
        (OCT, &["k"]),
    ] {
        let jwk = edited(jwk, json!({ "alg": algorithm_of(jwk) }));
        let members: Value = serde_json::from_str(&jwk).unwrap();
        for name in names {
            let value = members[name].as_str().unwrap();
            let middle = value.len() / 2;
            let (first, second) = value.split_at(middle);
            for bad in [
                json!(""),
                json!("="),
                json!(format!("{value}=")),
                json!(format!(" {value}")),
                json!(format!("{first}+{second}")),
                json!(format!("{first}\n{second}")),
                json!(format!("{first}é{second}")),
            ] {
                let text = refusal_of(&edited(&jwk, json!({ *name: bad })));
                let reason = format!("the JWK's {name:?} is missing or not base64url");
                assert!(text.contains(&reason), "{bad}: {text}");
            }
            // Without `d` it is a public key.
            if *name != "d" {
                assert!(refusal_of(&edited(&jwk, json!({ *name: null }))).contains("is missing"));
            }
            let number = edited(&jwk, json!({ *name: 5 }));
            assert!(refusal_of(&number).contains("not a JSON Web Key"));
        }
    }
}

#[test]
fn a_text_that_is_not_one_json_object_of_a_key_is_refused() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        "key",
        r#"{"keys":[]}"#,
        &format!("{OCT}{OCT}"),
        &format!("[{OCT}]"),
        &OCT[..OCT.len() - 1],
        &OCT.replacen('{', r#"{"alg":"HS256","#, 1),
        &"[".repeat(100_000),
        ED25519.private_pem,
    ] {
        assert!(refusal_of(text).contains("not a JSON Web Key"), "{text}");
    }
}

#[test]
fn an_asymmetric_jwk_without_a_back_end_is_refused() {
    for pair in [&RSA, &P256, &P384, &ED25519] {
        let jwk = pair.public_jwk(pair.algorithms[0]);
        assert!(refusal(JwtKey::jwk(&jwk, None), &jwk).contains("needs a back end"));
    }
    JwtKey::jwk(OCT, None).unwrap();
}

#[test]
fn halves_that_do_not_belong_together_are_refused() {
    let other = |text: &Value| {
        let text = text.as_str().unwrap();
        // One bit in the middle.
        let (first, second) = text.split_at(text.len() / 2);
        let changed = if second.starts_with('A') { "B" } else { "A" };
        format!("{first}{changed}{}", &second[1..])
    };
    for (pair, names) in [
        (&RSA, ["n", "d"]),
        (&P256, ["x", "d"]),
        (&P384, ["y", "d"]),
        (&ED25519, ["x", "d"]),
    ] {
        let jwk = pair.private_jwk(pair.algorithms[0]);
        let members: Value = serde_json::from_str(&jwk).unwrap();
        for name in names {
            let jwk = edited(&jwk, json!({ name: other(&members[name]) }));
            for back_end in BACK_ENDS {
                refusal(JwtKey::jwk(&jwk, Some(back_end)), &jwk);
            }
        }
    }
}

fn algorithm_of(jwk: &str) -> Option<&'static str> {
    [("RSA", "PS256"), ("oct", "HS256")]
        .into_iter()
        .find_map(|(kind, algorithm)| jwk.contains(&format!("\"{kind}\"")).then_some(algorithm))
}

/// Why all back ends refuse the key.
fn refusal_of(jwk: &str) -> String {
    let [one, others @ ..] =
        BACK_ENDS.map(|back_end| refusal(JwtKey::jwk(jwk, Some(back_end)), jwk));
    assert!(others.iter().all(|other| *other == one), "{others:?}");
    one
}
