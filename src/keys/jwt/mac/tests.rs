//! The HMACs under signed tokens against Wycheproof.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::base::vectors::{octets, wycheproof};

const HS256: &str = include_str!("../../../../tests/vectors/wycheproof/hmac_sha256_test.json");
const HS384: &str = include_str!("../../../../tests/vectors/wycheproof/hmac_sha384_test.json");
const HS512: &str = include_str!("../../../../tests/vectors/wycheproof/hmac_sha512_test.json");

#[test]
fn the_hmacs_agree_with_wycheproof() {
    for (algorithm, file, size) in [
        (Algorithm::HS256, HS256, 256),
        (Algorithm::HS384, HS384, 384),
        (Algorithm::HS512, HS512, 512),
    ] {
        let (mut valid, mut invalid, mut cut, mut weak) = (0, 0, 0, 0);
        for (group, test) in wycheproof(file) {
            let id = format!("{algorithm:?} {}", test["tcId"]);
            let (message, tag) = (octets(&test, "msg"), octets(&test, "tag"));
            let Ok(mac) = signer_for(algorithm, &octets(&test, "key")) else {
                assert!(group["keySize"].as_u64().unwrap() < size, "{id}");
                weak += 1;
                continue;
            };
            let verified = mac.verify(&message, &tag);
            if group["tagSize"] != size {
                cut += 1;
                assert_eq!(verified, None, "{id}");
            } else if test["result"] == "valid" {
                valid += 1;
                assert_eq!(verified, Some(()), "{id}");
                assert_eq!(mac.sign(&message).unwrap().as_ref(), tag, "{id}");
            } else {
                invalid += 1;
                assert_eq!(verified, None, "{id}");
            }
        }
        assert_eq!(
            (valid, invalid, cut, weak),
            (30, 54, 84, 6),
            "{algorithm:?}"
        );
    }
}
