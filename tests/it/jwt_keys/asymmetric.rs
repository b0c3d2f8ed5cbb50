//! Keys of RSA, ECDSA and EdDSA in PEM and as JSON Web Keys, with both back ends.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use haversack::{Algorithm, Codec, CryptoProvider, JwtKey, JwtKeys, Rejected, SaveError};
use jsonwebtoken::crypto::KeyUtils;
use serde_json::{Value, json};

use super::{
    AWS_LC, BACK_ENDS, ED25519, HMACS, P256, P384, PAIRS, RSA, codec, edited, refusal, uses,
};
use crate::support::login;

#[test]
fn every_algorithm_signs_with_either_back_end_and_verifies_with_both() {
    for (algorithm, pair) in uses() {
        let (private_jwk, public_jwk) = (pair.private_jwk(algorithm), pair.public_jwk(algorithm));
        let readers: Vec<_> = BACK_ENDS
            .into_iter()
            .flat_map(|back_end| {
                [
                    JwtKey::pem(algorithm, pair.public_pem, back_end),
                    JwtKey::jwk(&public_jwk, Some(back_end)),
                ]
            })
            .map(Result::unwrap)
            .collect();
        for back_end in BACK_ENDS {
            for signs in [
                JwtKey::pem(algorithm, pair.private_pem, back_end).unwrap(),
                JwtKey::jwk(&private_jwk, Some(back_end)).unwrap(),
            ] {
                let token = codec(JwtKeys::new(signs.clone())).seal(&login()).unwrap();
                for verifies in &readers {
                    assert_eq!(signs.key_id(), verifies.key_id(), "{algorithm:?}");
                    assert_eq!(verifies.algorithm(), algorithm);
                    let reader = codec(JwtKeys::verifying(verifies.clone()));
                    assert_eq!(
                        reader.open(&token).unwrap().value(),
                        &login(),
                        "{algorithm:?}"
                    );
                    for token in with_other_signatures(&token) {
                        let reason = reader.open(&token).unwrap_err();
                        assert_eq!(reason, Rejected::NotAuthentic, "{algorithm:?} {token}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_token_fits_with_its_signature_or_is_refused() {
    let name = "x-login";
    for (algorithm, pair) in uses() {
        let key = JwtKey::pem(algorithm, pair.private_pem, AWS_LC).unwrap();
        let codec = Codec::<String>::jwt("login", JwtKeys::new(key));
        let codec = codec.header(name).build().unwrap();
        let start = 2000;
        let token = codec.seal(&"v".repeat(start)).unwrap();
        let near = start + (4096 - name.len() - token.len()) * 3 / 4;
        let (mut fitted, mut refused) = (Vec::new(), Vec::new());
        for length in near - 8..near + 8 {
            match codec.seal(&"v".repeat(length)) {
                Ok(token) => fitted.push(name.len() + token.len()),
                Err(SaveError::TooLarge { octets, .. }) => refused.push(octets),
                Err(error) => panic!("{algorithm:?}: {error}"),
            }
        }
        let (longest, shortest) = (fitted.iter().max(), refused.iter().min());
        assert!(
            longest.is_some_and(|octets| (4095..=4096).contains(octets))
                && shortest.is_some_and(|octets| (4097..=4098).contains(octets)),
            "{algorithm:?}: {longest:?} {shortest:?}"
        );
    }
}

/// The token with a signature that is changed, none, short, long or zero.
fn with_other_signatures(token: &str) -> [String; 5] {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('B') { "C" } else { "B" };
    let zeros = "A".repeat(signature.len());
    [
        format!("{message}.{first}{}", &signature[1..]),
        format!("{message}."),
        format!("{message}.{}", &signature[..signature.len() / 4 * 4 - 4]),
        format!("{message}.AAAA{signature}"),
        format!("{message}.{zeros}"),
    ]
}

#[test]
fn an_rsa_signature_and_the_modulus_added_to_it_is_no_signature() {
    let members: Value = serde_json::from_str(RSA.jwk).unwrap();
    let modulus = URL_SAFE_NO_PAD
        .decode(members["n"].as_str().unwrap())
        .unwrap();
    for algorithm in RSA.algorithms {
        let key = |back_end| JwtKey::pem(*algorithm, RSA.private_pem, back_end).unwrap();
        let signs = codec(JwtKeys::new(key(AWS_LC)));
        // The sum must be as long as a signature.
        let mut tokens = (0..).map(|_| signs.seal(&login()).unwrap());
        let (message, sum) = tokens
            .find_map(|token| {
                let (message, signature) = token.rsplit_once('.').unwrap();
                let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
                let sum = sum(&signature, &modulus)?;
                Some((message.to_owned(), URL_SAFE_NO_PAD.encode(sum)))
            })
            .unwrap();
        for back_end in BACK_ENDS {
            let reason = codec(JwtKeys::verifying(key(back_end)))
                .open(format!("{message}.{sum}"))
                .unwrap_err();
            assert_eq!(reason, Rejected::NotAuthentic, "{algorithm:?}");
        }
    }
}

/// The sum of two numbers of one length, if it has this length, too.
fn sum(one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut carry = false;
    let digits = one.iter().zip(other).rev().map(|(one, other)| {
        let (sum, over) = one.overflowing_add(*other);
        let (sum, again) = sum.overflowing_add(carry.into());
        carry = over || again;
        sum
    });
    let mut sum: Vec<u8> = digits.collect();
    sum.reverse();
    (!carry).then_some(sum)
}

#[test]
fn a_key_in_pem_is_read_whatever_the_length_of_its_lines_and_what_is_around_it() {
    for (algorithm, pair) in uses() {
        for pem in [pair.private_pem, pair.public_pem] {
            let [first, last] = [pem.lines().next(), pem.lines().last()].map(Option::unwrap);
            let content: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            let lines = |length: usize, end: &str| {
                let mut text = format!("{first}{end}");
                for line in content.as_bytes().chunks(length) {
                    text += &format!("{}{end}", str::from_utf8(line).unwrap());
                }
                text + last + end
            };
            let expected = JwtKey::pem(algorithm, pem, AWS_LC).unwrap();
            for text in [
                lines(64, "\r\n"),
                lines(76, "\n"),
                lines(content.len(), "\n"),
                pem.trim_end().to_owned(),
                format!("{pem}\n \n"),
                format!("of the shop\n{pem}"),
            ] {
                for back_end in BACK_ENDS {
                    let key = JwtKey::pem(algorithm, &text, back_end).unwrap();
                    assert_eq!(format!("{key:?}"), format!("{expected:?}"), "{text}");
                }
            }
        }
    }
}

#[test]
fn an_rsa_key_in_the_older_pem_is_the_same_key() {
    let older = include_str!("../../keys/rsa.pkcs1.pem");
    assert!(older.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    for back_end in BACK_ENDS {
        let older = JwtKey::pem(Algorithm::PS256, older, back_end).unwrap();
        let public = JwtKey::pem(Algorithm::PS256, RSA.public_pem, back_end).unwrap();
        assert_eq!(older.key_id(), public.key_id());
        let token = codec(JwtKeys::new(older)).seal(&login()).unwrap();
        assert_eq!(
            codec(JwtKeys::verifying(public))
                .open(token)
                .unwrap()
                .value(),
            &login()
        );
    }
}

#[test]
fn the_id_of_a_public_key_is_its_thumbprint() {
    // The example of RFC 7638, section 3.1, and that of RFC 8037, appendix A.3, without their names.
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS\
        oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65\
        YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr\
        dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK\
        nqDKgw";
    let rsa = json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256"}).to_string();
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let ed25519 = json!({"kty": "OKP", "crv": "Ed25519", "x": x}).to_string();
    for back_end in BACK_ENDS {
        let id = |jwk: &str| {
            JwtKey::jwk(jwk, Some(back_end))
                .unwrap()
                .key_id()
                .to_owned()
        };
        assert_eq!(id(&rsa), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert_eq!(id(&ed25519), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(id(&edited(&ed25519, json!({ "kid": "reader" }))), "reader");
        // Made with Python from the files.
        assert_eq!(id(P256.jwk), "fTf0fzy_6qeuiLY6NYyl62wKZ_gutATeEHMXM2TQkSM");
        assert_eq!(id(P384.jwk), "emvMnnMXSbOEBvt2p-zKjEus1eg4jHNorCgbich5vNs");
    }
}

#[test]
fn a_key_does_not_load_for_an_algorithm_of_another_kind() {
    for pair in PAIRS {
        let others = uses()
            .map(|(algorithm, _)| algorithm)
            .chain(HMACS.map(|hmac| hmac.0));
        for other in others.filter(|other| !pair.algorithms.contains(other)) {
            for back_end in BACK_ENDS {
                for pem in [pair.private_pem, pair.public_pem] {
                    refusal(JwtKey::pem(other, pem, back_end), pem);
                }
                for jwk in [pair.private_jwk(other), pair.public_jwk(other)] {
                    let text = refusal(JwtKey::jwk(&jwk, Some(back_end)), &jwk);
                    assert!(text.contains("alg does not fit"), "{text}");
                }
            }
        }
    }
}

#[test]
fn a_text_that_is_no_key_in_pem_is_refused() {
    let der = STANDARD
        .decode(ED25519.private_pem.lines().nth(1).unwrap())
        .unwrap();
    let cut_der = (0..der.len()).map(|length| pem_of("PRIVATE KEY", &der[..length]));
    let texts = [
        "",
        "PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "{}",
        "\0",
    ];
    let certificate = pem_of("CERTIFICATE", &[0x30, 0]);
    let encrypted = pem_of("ENCRYPTED PRIVATE KEY", &der);
    let sec1 = pem_of("EC PRIVATE KEY", &der);
    let texts = texts
        .map(str::to_owned)
        .into_iter()
        .chain([certificate, encrypted, sec1]);
    for text in texts.chain(cut_der) {
        for (algorithm, _) in uses() {
            for back_end in BACK_ENDS {
                let reason = refusal(JwtKey::pem(algorithm, &text, back_end), &text);
                assert!(
                    reason.contains(&format!("not a key for {algorithm:?} in PEM")),
                    "{reason}"
                );
            }
        }
    }
    for (algorithm, pem) in [
        (Algorithm::ES256, P256.private_pem),
        (Algorithm::ES256, P256.public_pem),
        (Algorithm::RS256, RSA.public_pem),
        (Algorithm::EdDSA, ED25519.public_pem),
    ] {
        for length in 0..pem.trim_end().len() {
            let cut = &pem[..length];
            for back_end in BACK_ENDS {
                refusal(JwtKey::pem(algorithm, cut, back_end), cut);
            }
        }
    }
}

#[test]
fn an_rsa_key_of_less_than_2048_bits_is_refused() {
    let pem = include_str!("../../keys/rsa1024.pem");
    // 1024 bits behind as many zeros are 1024 bits (RFC 7518, section 6.3.1.1).
    let zeros = "A".repeat(172);
    let n = "rJBIp6T1YK-RtPyvYqFFlcucqewSAA_IReSFchE8qyiQrbARqRlXWkB2DR8j_pJQnIpYELbQWZC5Cd0PTGAU\
        8rMbar2AW6zpmBbi7aQf17lUBdt8XI9M9rq7FPVQ1dDdUXm1SVH_9qqWhvMPR422SbfHBEzCAtzK0ANDRo6q\
        z78";
    for back_end in BACK_ENDS {
        for algorithm in RSA.algorithms {
            refusal(JwtKey::pem(*algorithm, pem, back_end), pem);
            let jwk = RSA.public_jwk(*algorithm);
            let short = edited(&jwk, json!({ "n": n }));
            let text = refusal(JwtKey::jwk(&short, Some(back_end)), &short);
            assert!(
                text.contains("an RSA key of 1024 bits is too short"),
                "{text}"
            );
            let padded = edited(&jwk, json!({ "n": format!("{zeros}{n}") }));
            let text = refusal(JwtKey::jwk(&padded, Some(back_end)), &padded);
            assert!(
                text.contains("an RSA key of 1024 bits is too short"),
                "{text}"
            );
            let almost = edited(&jwk, json!({ "n": URL_SAFE_NO_PAD.encode([0x7f; 256]) }));
            let text = refusal(JwtKey::jwk(&almost, Some(back_end)), &almost);
            assert!(
                text.contains("an RSA key of 2047 bits is too short"),
                "{text}"
            );
        }
    }
}

#[test]
fn rsa_numbers_that_cannot_be_those_of_a_key_are_refused() {
    let good = RSA.public_jwk(Algorithm::RS256);
    let members: Value = serde_json::from_str(&good).unwrap();
    // The last two have zeros in front, and would have another thumbprint (RFC 7638, section 3.3).
    for changes in [
        json!({"e": "AA"}),
        json!({"e": "AQ"}),
        json!({"e": "Ag"}),
        json!({"e": "AQAA"}),
        json!({"e": "AAEAAQ"}),
        json!({"n": format!("AAAA{}", members["n"].as_str().unwrap())}),
    ] {
        let jwk = edited(&good, changes);
        for back_end in BACK_ENDS {
            refusal(JwtKey::jwk(&jwk, Some(back_end)), &jwk);
        }
    }
}

#[test]
fn a_public_number_of_the_wrong_length_is_refused() {
    let numbers = |length: usize| URL_SAFE_NO_PAD.encode(vec![1; length]);
    for (algorithm, pair, right) in [
        (Algorithm::ES256, &P256, 32),
        (Algorithm::ES384, &P384, 48),
        (Algorithm::EdDSA, &ED25519, 32),
    ] {
        let jwk = pair.public_jwk(algorithm);
        // The first two are as long as they should be together, the last as on the other curve.
        let pairs = [
            (right - 1, right + 1),
            (right + 1, right - 1),
            (right + 1, right),
            (80 - right, 80 - right),
        ];
        let lengths = [1, right - 1, right + 1, 2 * right].map(|length| (length, length));
        for (x, y) in pairs.into_iter().chain(lengths) {
            let members = json!({"x": numbers(x), "y": numbers(y)});
            for jwk in [
                edited(&jwk, members.clone()),
                edited(&pair.private_jwk(algorithm), members),
            ] {
                for back_end in BACK_ENDS {
                    refusal(JwtKey::jwk(&jwk, Some(back_end)), &jwk);
                }
            }
        }
    }
}

#[test]
fn an_ed25519_key_of_the_wrong_length_in_pem_is_refused() {
    for length in [0, 1, 31, 33, 64_u8] {
        // SubjectPublicKeyInfo (RFC 8410, section 4).
        let head = [
            0x30,
            length + 10,
            0x30,
            5,
            6,
            3,
            0x2b,
            0x65,
            0x70,
            3,
            length + 1,
            0,
        ];
        let pem = pem_of("PUBLIC KEY", &[&head[..], &vec![1; length.into()]].concat());
        for back_end in BACK_ENDS {
            refusal(JwtKey::pem(Algorithm::EdDSA, &pem, back_end), &pem);
        }
    }
}

#[test]
fn a_public_key_in_pem_on_another_curve_is_refused() {
    for (algorithm, pair) in [(Algorithm::ES256, &P384), (Algorithm::ES384, &P256)] {
        for back_end in BACK_ENDS {
            refusal(
                JwtKey::pem(algorithm, pair.public_pem, back_end),
                pair.public_pem,
            );
        }
    }
}

#[test]
fn a_back_end_that_cannot_read_pem_is_refused() {
    static BACK_END: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| (AWS_LC.signer_factory)(algorithm, key),
        verifier_factory: |algorithm, key| (AWS_LC.verifier_factory)(algorithm, key),
        key_utils: KeyUtils::new_unimplemented(),
    };
    for (algorithm, pem) in [
        (Algorithm::EdDSA, ED25519.private_pem),
        (Algorithm::ES256, P256.private_pem),
        (Algorithm::RS256, RSA.private_pem),
        (Algorithm::RS256, RSA.public_pem),
    ] {
        refusal(JwtKey::pem(algorithm, pem, &BACK_END), pem);
    }
}

fn pem_of(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}

#[test]
fn an_ed25519_key_writes_the_word_of_rfc_9864_and_opens_that_of_rfc_8037_too() {
    let key = || JwtKey::pem(Algorithm::EdDSA, ED25519.private_pem, AWS_LC).unwrap();
    let newer = codec(JwtKeys::new(key()));
    let older = codec(JwtKeys::new(key().writes_eddsa()));
    for (writes, word) in [(&newer, "Ed25519"), (&older, "EdDSA")] {
        let token = writes.seal(&login()).unwrap();
        let (header, rest) = token.split_once('.').unwrap();
        let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        let kid = key().key_id().to_owned();
        let expected = format!(r#"{{"typ":"session+jwt","alg":"{word}","kid":"{kid}"}}"#);
        assert_eq!(header, expected);
        for reads in [&newer, &older] {
            assert_eq!(reads.open(&token).unwrap().value(), &login(), "{word}");
        }
        // The signature is over the word.
        let other = if word == "EdDSA" { "Ed25519" } else { "EdDSA" };
        let renamed = URL_SAFE_NO_PAD.encode(header.replace(word, other));
        let renamed = newer.open(format!("{renamed}.{rest}"));
        assert_eq!(renamed.unwrap_err(), Rejected::NotAuthentic);
    }
}

#[test]
fn only_an_ed25519_key_has_an_older_word() {
    for (algorithm, pair) in uses() {
        let key = JwtKey::pem(algorithm, pair.private_pem, AWS_LC).unwrap();
        let keys = JwtKeys::new(key.writes_eddsa());
        let built = Codec::<u64>::jwt("login", keys).build();
        let setting = built.err().map(|error| error.setting());
        let expected = (algorithm != Algorithm::EdDSA).then_some("jwt key");
        assert_eq!(setting, expected, "{algorithm:?}");
    }
}
