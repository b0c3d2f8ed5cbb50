//! Tokens that were altered, and tokens made of others.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Codec, Rejected};

use crate::support::{Format, Login, NOW, TestClock, Twin, login};

#[test]
fn a_token_with_one_bit_flipped_is_rejected() {
    for forge in forges() {
        let reasons = forge.reasons(|token| {
            let flipped = |bit: usize| {
                let mut token = token.to_vec();
                token[bit / 8] ^= 1 << (bit % 8);
                token
            };
            (0..token.len() * 8).map(flipped).collect()
        });
        assert_eq!(reasons, ALTERED.map(Some).into(), "{forge:?}");
    }
}

#[test]
fn a_token_with_one_bit_flipped_in_what_it_encodes_is_rejected() {
    for forge in forges() {
        let reasons = forge.reasons(|token| {
            let flipped = |bit: usize| {
                let mut token = token.to_vec();
                let sextet = sextet(token[bit / 6])? ^ (1 << (bit % 6));
                token[bit / 6] = ALPHABET[usize::from(sextet)];
                Some(token)
            };
            (0..token.len() * 6).filter_map(flipped).collect()
        });
        let some = [Rejected::UnknownKey, Rejected::NotAuthentic].map(Some);
        assert!(reasons.is_superset(&some.into()), "{forge:?}");
        assert!(!reasons.contains(&None), "{forge:?}");
    }
}

#[test]
fn a_token_cut_short_is_rejected() {
    for forge in forges() {
        let reasons = forge.reasons(|token| {
            let prefixes = (0..token.len()).map(|length| token[..length].to_vec());
            prefixes.collect()
        });
        let expected = [Rejected::Malformed, Rejected::NotAuthentic].map(Some);
        assert_eq!(reasons, expected.into(), "{forge:?}");
    }
}

#[test]
fn a_token_with_one_more_octet_is_rejected() {
    for forge in forges() {
        let reasons = forge.reasons(|token| {
            let longer = |octet: u8| [[token, &[octet]].concat(), [&[octet], token].concat()];
            (0..=u8::MAX).flat_map(longer).collect()
        });
        assert!(reasons.contains(&Some(Rejected::Malformed)), "{forge:?}");
        assert!(!reasons.contains(&None), "{forge:?}");
    }
}

#[test]
fn the_head_of_one_token_with_the_tail_of_another_is_rejected() {
    for format in [Format::Sealed, Format::Jwt] {
        let forge = Forge::new(format, "value");
        let reasons = forge.reasons(|head| {
            let splices = |tail: &String| {
                let cuts = 0..=head.len();
                let splice = |cut: usize| [&head[..cut], &tail.as_bytes()[cut..]].concat();
                cuts.map(splice).collect::<Vec<_>>()
            };
            forge.genuine.iter().flat_map(splices).collect()
        });
        let not_authentic = Some(Rejected::NotAuthentic);
        assert!(reasons.contains(&not_authentic), "{forge:?}");
    }
}

#[test]
fn each_part_of_a_sealed_token_is_rejected_for_a_reason_of_its_own() {
    let codec = Twin::cookie(Format::Sealed)
        .builder::<Login>("login", &[1, 2])
        .build()
        .unwrap();
    let token = URL_SAFE_NO_PAD
        .decode(codec.seal(&login()).unwrap())
        .unwrap();
    for bit in 0..token.len() * 8 {
        let mut flipped = token.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let expected = match bit / 8 {
            0 => Rejected::Malformed,
            1..5 => Rejected::UnknownKey,
            _ => Rejected::NotAuthentic,
        };
        let rejected = codec.open(URL_SAFE_NO_PAD.encode(flipped)).err();
        assert_eq!(rejected, Some(expected), "bit {bit}");
    }
}

#[test]
fn a_sealed_token_that_lacks_octets_is_malformed_if_no_body_fits_and_not_authentic_otherwise() {
    for forge in forges().filter(|forge| forge.format == Format::Sealed) {
        let whole = decode(forge.genuine[0].as_bytes()).unwrap();
        for length in 0..whole.len() {
            let expected = if length < SHORTEST {
                Rejected::Malformed
            } else {
                Rejected::NotAuthentic
            };
            let token = URL_SAFE_NO_PAD.encode(&whole[..length]);
            assert_eq!(forge.codec.open(token).err(), Some(expected), "{length}");
        }
    }
}

#[test]
fn a_token_that_names_another_key_of_the_ring_is_not_authentic() {
    for format in [Format::Sealed, Format::Jwt] {
        let forge = Forge::new(format, "value");
        for token in &forge.genuine {
            for other in &forge.genuine {
                let renamed = match format {
                    Format::Sealed => {
                        let mut bytes = decode(token.as_bytes()).unwrap();
                        bytes[1..5].copy_from_slice(&decode(other.as_bytes()).unwrap()[1..5]);
                        URL_SAFE_NO_PAD.encode(bytes)
                    }
                    Format::Jwt => {
                        let (header, _) = other.split_once('.').unwrap();
                        let (_, rest) = token.split_once('.').unwrap();
                        format!("{header}.{rest}")
                    }
                };
                let expected = (renamed != *token).then_some(Rejected::NotAuthentic);
                assert_eq!(forge.codec.open(&renamed).err(), expected, "{forge:?}");
            }
        }
    }
}

/// Genuine tokens of three keys, a ring that opens them all, and how any other token must fare.
#[derive(Debug)]
struct Forge {
    format: Format,
    codec: Codec<String>,
    /// Two of each key.
    genuine: Vec<String>,
}

impl Forge {
    fn new(format: Format, value: &str) -> Forge {
        let codec = |keys: &[u8]| {
            let builder = Twin::cookie(format).builder("login", keys);
            builder.clock(TestClock::at(NOW)).build().unwrap()
        };
        let token = |number: u8| codec(&[number]).seal(&value.to_owned()).unwrap();
        Forge {
            format,
            codec: codec(&[1, 2, 3]),
            genuine: [1, 1, 2, 2, 3, 3].map(token).into(),
        }
    }

    /// Opens every altered form of a token of each key, checks each, and tells how they fared.
    fn reasons(&self, alter: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> HashSet<Option<Rejected>> {
        let tokens = self.genuine.iter().step_by(2);
        tokens
            .flat_map(|token| alter(token.as_bytes()))
            .map(|token| {
                let rejected = self.codec.open(&token).err();
                assert_eq!(rejected, self.expected(&token), "{:?}", token.as_slice());
                rejected
            })
            .collect()
    }

    fn expected(&self, token: &[u8]) -> Option<Rejected> {
        let genuine = |token: &[u8]| self.genuine.iter().any(|own| own.as_bytes() == token);
        let own_key = |name: &[u8]| {
            let mut own = self.genuine.iter().map(|own| self.key_name(own.as_bytes()));
            own.any(|own| own.as_deref() == Some(name))
        };
        match self.key_name(token) {
            None => Some(Rejected::Malformed),
            Some(name) if !own_key(&name) => Some(Rejected::UnknownKey),
            Some(_) if !genuine(token) => Some(Rejected::NotAuthentic),
            Some(_) => None,
        }
    }

    /// What a token names its key by, if it has the shape of one.
    fn key_name(&self, token: &[u8]) -> Option<Vec<u8>> {
        if self.format == Format::Sealed {
            let bytes = decode(token)?;
            return (bytes.len() >= SHORTEST && bytes[0] == 1).then(|| bytes[1..5].to_vec());
        }
        let parts: Vec<_> = token.split(|octet| *octet == b'.').collect();
        let [header, claims, signature] = parts[..] else {
            return None;
        };
        decode(claims)?;
        decode(signature)?;
        header
            .iter()
            .all(|octet| sextet(*octet).is_some())
            .then(|| header.to_vec())
    }
}

/// Both formats, with values whose encoding leaves 0, 2 and 4 bits over.
fn forges() -> impl Iterator<Item = Forge> {
    [Format::Sealed, Format::Jwt]
        .into_iter()
        .flat_map(|format| ["", "v", "va"].map(|value| Forge::new(format, value)))
}

/// base64url in its one canonical form, bit by bit (RFC 4648, sections 3.5 and 5).
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0, 0);
    for octet in text {
        held = held << 6 | u16::from(sextet(*octet)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    (bits < 6 && held == 0).then_some(bytes)
}

fn sextet(octet: u8) -> Option<u8> {
    Some(match octet {
        b'A'..=b'Z' => octet - b'A',
        b'a'..=b'z' => octet - b'a' + 26,
        b'0'..=b'9' => octet - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const ALTERED: [Rejected; 3] = [
    Rejected::Malformed,
    Rejected::NotAuthentic,
    Rejected::UnknownKey,
];

/// The octets of a sealed token without a value: version, key id, nonce, body and tag.
const SHORTEST: usize = 1 + 4 + 24 + 42 + 16;
