//! AES-256-GCM against Wycheproof; HMAC and HKDF are where they are used.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::base::vectors::{octets, wycheproof};

const WYCHEPROOF: &str = include_str!("../../../tests/vectors/wycheproof/aes_gcm_test.json");

#[test]
fn the_gcm_agrees_with_wycheproof() {
    let (mut valid, mut invalid) = (0, 0);
    for (group, test) in wycheproof(WYCHEPROOF) {
        let sizes = ["keySize", "ivSize", "tagSize"].map(|size| group[size].as_u64().unwrap());
        if sizes != [256, 96, 128] {
            continue;
        }
        let field = |name: &str| octets(&test, name);
        let (id, text, associated) = (&test["tcId"], field("msg"), field("aad"));
        let key = field("key").try_into().unwrap();
        let nonce = field("iv").try_into().unwrap();
        let tag = field("tag").try_into().unwrap();
        let mut opened = field("ct");
        let is_open = gcm_open(&key, &nonce, &associated, &mut opened, &tag).is_some();
        if test["result"] == "valid" {
            valid += 1;
            let mut sealed = text.clone();
            assert_eq!(
                gcm_seal(&key, &nonce, &associated, &mut sealed),
                tag,
                "{id}"
            );
            assert_eq!(sealed, field("ct"), "{id}");
            assert!(is_open, "{id}");
            assert_eq!(opened, text, "{id}");
        } else {
            invalid += 1;
            assert!(!is_open, "{id}");
            let is_zeros = opened.iter().all(|octet| *octet == 0);
            assert!(is_zeros || opened == field("ct"), "{id}");
        }
    }
    assert_eq!((valid, invalid), (39, 27));
}
