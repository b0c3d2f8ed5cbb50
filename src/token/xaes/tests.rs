//! XAES-256-GCM against its specification.

#![allow(clippy::unwrap_used)]

use shake::{ExtendableOutput, Shake128, Update, XofReader};

use super::*;
use crate::base::vectors::hex;

const SPECIFICATION: &str =
    include_str!("../../../tests/vectors/c2sp-xaes-256-gcm/XAES-256-GCM.md");

#[test]
fn the_worked_examples_of_the_specification_hold_with_their_intermediates() {
    let examples: Vec<_> = SPECIFICATION.split("    K: ").skip(1).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let example = format!("K: {example}");
        let field = |name: &str| field(&example, name);
        let xaes = Xaes::new(&array(&field("K")));
        let [l, _] = xaes.aes.encrypt([[0; BLOCK]; 2]);
        assert_eq!(l.to_vec(), field("L"));
        assert_eq!(xaes.k1.to_vec(), field("K1"));

        let nonce = array(&field("N"));
        assert_eq!(second_half(&nonce).to_vec(), field("Nₓ"));
        assert_eq!(xaes.derive(&nonce).to_vec(), field("Kₓ"));

        let (text, associated) = (field("Plaintext"), field("AAD"));
        let sealed = seal(&xaes, &nonce, &associated, &text);
        assert_eq!(sealed, field("Ciphertext"));
        assert_eq!(open(&xaes, &nonce, &associated, &sealed).unwrap(), text);
    }
}

#[test]
fn ten_thousand_random_cases_give_the_digest_of_the_specification() {
    assert_eq!(
        digest_of_random_cases(10_000),
        digest_in_specification("10 000")
    );
}

#[test]
#[ignore = "takes minutes without optimization"]
fn a_million_random_cases_give_the_digest_of_the_specification() {
    assert_eq!(
        digest_of_random_cases(1_000_000),
        digest_in_specification("1 000 000")
    );
}

#[test]
fn what_does_not_open_is_not_decrypted() {
    let xaes = Xaes::new(&[7; 32]);
    let (nonce, associated) = ([9; NONCE], *b"associated");
    let text = *b"a text that is longer than the one block of sixteen octets";
    let mut sealed = text;
    let tag = xaes.seal(&nonce, &associated, &mut sealed);
    assert_ne!(sealed, text);

    let is_refused = |nonce: &[u8; NONCE], associated: &[u8], cipher: &[u8], tag: &[u8; TAG]| {
        let mut buffer = cipher.to_vec();
        assert_eq!(xaes.open(nonce, associated, &mut buffer, tag), None);
        assert!(is_unreadable(&buffer, cipher));
    };
    for bit in 0..8 * TAG {
        is_refused(&nonce, &associated, &sealed, &flipped(tag, bit));
    }
    for bit in 0..8 * NONCE {
        is_refused(&flipped(nonce, bit), &associated, &sealed, &tag);
    }
    for bit in 0..8 * associated.len() {
        is_refused(&nonce, &flipped(associated, bit), &sealed, &tag);
    }
    for bit in 0..8 * sealed.len() {
        is_refused(&nonce, &associated, &flipped(sealed, bit), &tag);
    }
    is_refused(&nonce, b"", &sealed, &tag);
    is_refused(&nonce, &associated, &sealed[1..], &tag);
    is_refused(&nonce, &associated, b"", &tag);

    let other = Xaes::new(&flipped([7; 32], 0));
    let mut buffer = sealed;
    assert_eq!(other.open(&nonce, &associated, &mut buffer, &tag), None);
    assert!(is_unreadable(&buffer, &sealed));

    let mut buffer = sealed;
    xaes.open(&nonce, &associated, &mut buffer, &tag).unwrap();
    assert_eq!(buffer, text);
}

/// The digest over the ciphertexts of so many cases, each of which opens again.
fn digest_of_random_cases(cases: usize) -> Vec<u8> {
    let mut random = Shake128::default().finalize_xof();
    let mut draw = |length: usize| {
        let mut bytes = vec![0; length];
        random.read(&mut bytes);
        bytes
    };
    let mut hash = Shake128::default();
    for case in 0..cases {
        let key = draw(32);
        if case == 0 {
            // How the specification says that the stream begins.
            assert_eq!(key[..16], hex("7f9c2ba4e88f827d616045507605853e"));
        }
        let (xaes, nonce) = (Xaes::new(&array(&key)), array(&draw(NONCE)));
        let length = draw(1)[0].into();
        let text = draw(length);
        let length = draw(1)[0].into();
        let associated = draw(length);
        let sealed = seal(&xaes, &nonce, &associated, &text);
        hash.update(&sealed);
        assert_eq!(
            open(&xaes, &nonce, &associated, &sealed).unwrap(),
            text,
            "case {case}"
        );
    }
    let mut digest = vec![0; 32];
    hash.finalize_xof().read(&mut digest);
    digest
}

fn digest_in_specification(cases: &str) -> Vec<u8> {
    let (_, rest) = SPECIFICATION
        .split_once(&format!(" {cases} iterations is"))
        .unwrap();
    hex(rest.split_whitespace().next().unwrap())
}

/// A field of a worked example: hexadecimal, or text in quotes.
fn field(example: &str, name: &str) -> Vec<u8> {
    let prefix = format!("{name}: ");
    let mut lines = example.lines().map(str::trim_start);
    let value = lines.find_map(|line| line.strip_prefix(&prefix)).unwrap();
    match value.strip_prefix('"') {
        Some(text) => text.strip_suffix('"').unwrap().into(),
        None => hex(value),
    }
}

fn seal(xaes: &Xaes, nonce: &[u8; NONCE], associated: &[u8], text: &[u8]) -> Vec<u8> {
    let mut sealed = text.to_vec();
    let tag = xaes.seal(nonce, associated, &mut sealed);
    sealed.extend(tag);
    sealed
}

fn open(xaes: &Xaes, nonce: &[u8; NONCE], associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (cipher, tag) = sealed.split_last_chunk()?;
    let mut text = cipher.to_vec();
    xaes.open(nonce, associated, &mut text, tag)?;
    Some(text)
}

/// Whether it is as it was, or zeros.
fn is_unreadable(refused: &[u8], cipher: &[u8]) -> bool {
    refused == cipher || refused.iter().all(|octet| *octet == 0)
}

fn flipped<const N: usize>(mut bytes: [u8; N], bit: usize) -> [u8; N] {
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap()
}
