//! The HKDF under the keys against Wycheproof, and what is made of it.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::base::vectors::{octets, wycheproof};

const WYCHEPROOF: &str = include_str!("../../../tests/vectors/wycheproof/hkdf_sha256_test.json");

#[test]
fn the_hkdf_under_it_agrees_with_wycheproof() {
    let (mut valid, mut invalid) = (0, 0);
    for (_, test) in wycheproof(WYCHEPROOF) {
        let size = test["size"].as_u64().unwrap();
        let mut out = vec![0; size.try_into().unwrap()];
        let [salt, secret, info] = ["salt", "ikm", "info"].map(|field| octets(&test, field));
        let expanded = hkdf(&salt, &secret, &info, &mut out);
        if test["result"] == "valid" {
            valid += 1;
            assert_eq!(out, octets(&test, "okm"), "{}", test["tcId"]);
        } else {
            invalid += 1;
            assert!(expanded.is_none(), "{}", test["tcId"]);
        }
    }
    assert_eq!((valid, invalid), (83, 3));
}

#[test]
fn parts_that_are_cut_elsewhere_give_another_key() {
    let derived = |parts: &[&[u8]]| {
        let mut out = [0; 32];
        derive(&[7; 32], parts, &mut out);
        out
    };
    let mut expected = [0; 32];
    let info = b"\x00\x02ab\x00\x00\x00\x01c";
    hkdf(&[], &[7; 32], info, &mut expected).unwrap();
    assert_eq!(derived(&[b"ab", b"", b"c"]), expected);
    for other in [&[&b"ab"[..], b"c"][..], &[b"a", b"b", b"c"], &[b"abc"]] {
        assert_ne!(derived(other), expected);
    }
}
