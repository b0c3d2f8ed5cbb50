//! XAES-256-GCM against its specification, and the AES-256-GCM under it against Wycheproof.

#![allow(clippy::unwrap_used)]

use shake::{ExtendableOutput, Shake128, Update, XofReader};

use super::*;
use crate::base::vectors::{hex, octets, wycheproof};

const SPECIFICATION: &str =
    include_str!("../../../tests/vectors/c2sp-xaes-256-gcm/XAES-256-GCM.md");
const WYCHEPROOF: &str = include_str!("../../../tests/vectors/wycheproof/aes_gcm_test.json");

#[test]
fn the_worked_examples_of_the_specification_hold_with_their_intermediates() {
    let examples: Vec<_> = SPECIFICATION.split("    K: ").skip(1).collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let example = format!("K: {example}");
        let field = |name: &str| field(&example, name);
        let xaes = Xaes::new(&array(&field("K")));
        let mut l = Block::default();
        xaes.aes.encrypt_block(&mut l);
        assert_eq!(l.to_vec(), field("L"));
        assert_eq!(xaes.k1.to_vec(), field("K1"));

        let nonce = array(&field("N"));
        let (derived, rest) = (xaes.derive(&nonce), second_half(&nonce));
        assert_eq!(rest.to_vec(), field("Nₓ"));
        let under_key: [u8; 32] = array(&field("Kₓ"));
        let under_key = Aes256Enc::new(&under_key.into());
        assert_eq!(
            gcm_seal(&Aes256Gcm::from(&derived), &rest, b"", b"text"),
            gcm_seal(&Aes256Gcm::from(&under_key), &rest, b"", b"text")
        );

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
fn what_does_not_open_stays_as_it_was() {
    let xaes = Xaes::new(&[7; 32]);
    let (nonce, associated) = ([9; NONCE], *b"associated");
    let text = *b"a text that is longer than the one block of sixteen octets";
    let mut sealed = text;
    let tag = xaes.seal(&nonce, &associated, &mut sealed);
    assert_ne!(sealed, text);

    let stays = |nonce: &[u8; NONCE], associated: &[u8], cipher: &[u8], tag: &[u8; TAG]| {
        let mut buffer = cipher.to_vec();
        assert_eq!(xaes.open(nonce, associated, &mut buffer, tag), None);
        assert_eq!(buffer, cipher);
    };
    for bit in 0..8 * TAG {
        stays(&nonce, &associated, &sealed, &flipped(tag, bit));
    }
    for bit in 0..8 * NONCE {
        stays(&flipped(nonce, bit), &associated, &sealed, &tag);
    }
    for bit in 0..8 * associated.len() {
        stays(&nonce, &flipped(associated, bit), &sealed, &tag);
    }
    for bit in 0..8 * sealed.len() {
        stays(&nonce, &associated, &flipped(sealed, bit), &tag);
    }
    stays(&nonce, b"", &sealed, &tag);
    stays(&nonce, &associated, &sealed[1..], &tag);
    stays(&nonce, &associated, b"", &tag);

    let other = Xaes::new(&flipped([7; 32], 0));
    let mut buffer = sealed;
    assert_eq!(other.open(&nonce, &associated, &mut buffer, &tag), None);
    assert_eq!(buffer, sealed);

    xaes.open(&nonce, &associated, &mut buffer, &tag).unwrap();
    assert_eq!(buffer, text);
}

#[test]
fn the_gcm_under_it_agrees_with_wycheproof() {
    let (mut valid, mut invalid) = (0, 0);
    for (group, test) in wycheproof(WYCHEPROOF) {
        let sizes = ["keySize", "ivSize", "tagSize"].map(|size| group[size].as_u64().unwrap());
        if sizes != [256, 96, 128] {
            continue;
        }
        let field = |name: &str| octets(&test, name);
        let (id, text, associated) = (&test["tcId"], field("msg"), field("aad"));
        let key: [u8; 32] = array(&field("key"));
        let aes = Aes256Enc::new(&key.into());
        let gcm = Aes256Gcm::from(&aes);
        let nonce: [u8; 12] = array(&field("iv"));
        let sealed = [field("ct"), field("tag")].concat();
        let opened = gcm_open(&gcm, &nonce.into(), &associated, &sealed);
        if test["result"] == "valid" {
            valid += 1;
            assert_eq!(
                gcm_seal(&gcm, &nonce.into(), &associated, &text),
                sealed,
                "{id}"
            );
            assert_eq!(opened, Ok(text), "{id}");
        } else {
            invalid += 1;
            assert_eq!(opened, Err(field("ct")), "{id}");
        }
    }
    assert_eq!((valid, invalid), (39, 27));
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

fn gcm_seal(
    gcm: &Aes256Gcm<'_>,
    nonce: &Array<u8, U12>,
    associated: &[u8],
    text: &[u8],
) -> Vec<u8> {
    let mut sealed = text.to_vec();
    let tag = gcm
        .encrypt_inout_detached(nonce, associated, sealed[..].as_mut().into())
        .unwrap();
    sealed.extend(tag);
    sealed
}

/// The text, or what is left in the buffer when the tag is wrong.
fn gcm_open(
    gcm: &Aes256Gcm<'_>,
    nonce: &Array<u8, U12>,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, Vec<u8>> {
    let (cipher, tag) = sealed.split_last_chunk::<TAG>().unwrap();
    let mut text = cipher.to_vec();
    match gcm.decrypt_inout_detached(nonce, associated, text[..].as_mut().into(), tag.into()) {
        Ok(()) => Ok(text),
        Err(_) => Err(text),
    }
}

fn flipped<const N: usize>(mut bytes: [u8; N], bit: usize) -> [u8; N] {
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap()
}
