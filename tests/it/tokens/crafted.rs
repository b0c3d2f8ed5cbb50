//! Tokens that somebody with the keys made: authentic, and not what this crate would write.

use aes_gcm::{
    AeadInOut, Aes256Gcm, KeyInit,
    aes::{Aes256Enc, Block, cipher::BlockCipherEncrypt},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Codec, Rejected, Values};
use hkdf::Hkdf;
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::Value;
use sha2::Sha256;

use crate::{
    jwt_interop::mint,
    support::{Format, NOW, TestClock, Twin, bytes},
};

/// XAES-256-GCM and the keys of `docs/format.md`, written a second time.
struct Forger {
    id: [u8; 4],
    bound: [u8; 32],
}

impl Forger {
    /// For the session `login` and the key of this number.
    fn new(number: u8) -> Forger {
        Forger {
            id: derived(number, &["haversack key id"]),
            bound: derived(number, &["haversack sealed 1", "session", "login", ""]),
        }
    }

    fn head(&self) -> [u8; HEAD] {
        let mut head = [9; HEAD];
        head[0] = 1;
        head[1..5].copy_from_slice(&self.id);
        head
    }

    /// The key for the nonce in this head.
    fn key(&self, head: &[u8; HEAD]) -> [u8; 32] {
        let aes = Aes256Enc::new(&self.bound.into());
        let l = encrypted(&aes, 0);
        let k1 = (l << 1) ^ if l >> 127 == 1 { 0x87 } else { 0 };
        let mut start = [0; 16];
        start[4..].copy_from_slice(&head[5..17]);
        let half = |counter: u128| {
            let label = counter << 112 | u128::from(b'X') << 104;
            encrypted(&aes, k1 ^ label ^ u128::from_be_bytes(start)).to_be_bytes()
        };
        [half(1), half(2)].concat().try_into().unwrap()
    }

    /// A token with this head and body, sealed with this key whatever the head names.
    fn seal(&self, head: &[u8; HEAD], body: &[u8]) -> String {
        let mut body = body.to_vec();
        let gcm = Aes256Gcm::new(&self.key(head).into());
        let nonce: [u8; 12] = head[17..].try_into().unwrap();
        let text = body.as_mut_slice().into();
        let tag = gcm.encrypt_inout_detached(&nonce.into(), head, text);
        URL_SAFE_NO_PAD.encode([&head[..], &body, &tag.unwrap()].concat())
    }

    /// Whether a token is authentic under this key, whatever its head names.
    fn opens(&self, token: &str) -> bool {
        let octets = URL_SAFE_NO_PAD.decode(token).unwrap();
        let (head, rest) = octets.split_first_chunk().unwrap();
        let (body, tag) = rest.split_last_chunk::<16>().unwrap();
        let gcm = Aes256Gcm::new(&self.key(head).into());
        let nonce: [u8; 12] = head[17..].try_into().unwrap();
        let mut body = body.to_vec();
        let text = body.as_mut_slice().into();
        gcm.decrypt_inout_detached(&nonce.into(), head, text, tag.into())
            .is_ok()
    }
}

/// HKDF-SHA-256 of a test key, the info being each part behind its length.
fn derived<const N: usize>(number: u8, parts: &[&str]) -> [u8; N] {
    let lengths = parts.iter().map(|part| (part.len() as u16).to_be_bytes());
    let parts = lengths
        .zip(parts)
        .map(|(l, part)| [&l, part.as_bytes()].concat());
    let info: Vec<_> = parts.flatten().collect();
    let mut out = [0; N];
    let hkdf = Hkdf::<Sha256>::new(None, &bytes(number));
    hkdf.expand(&info, &mut out).unwrap();
    out
}

fn encrypted(aes: &Aes256Enc, block: u128) -> u128 {
    let mut block = Block::from(block.to_be_bytes());
    aes.encrypt_block(&mut block);
    u128::from_be_bytes(block.into())
}

/// A live envelope before this value.
fn body(value: &[u8]) -> Vec<u8> {
    let hour = 3600_u32.to_be_bytes();
    let started = &NOW.to_be_bytes()[3..];
    [&[0; 1 + 16 + 4], started, &[0; 8], &hour, &hour, value].concat()
}

fn codec<T>(keys: &[u8]) -> Codec<T> {
    let builder = Twin::cookie(Format::Sealed).builder("login", keys);
    builder.chunked().clock(TestClock::at(NOW)).build().unwrap()
}

#[test]
fn a_token_that_is_sealed_with_another_key_than_it_names_is_not_authentic() {
    let (one, two) = (Forger::new(1), Forger::new(2));
    let body = body(b"7");
    for keys in [&[1][..], &[2], &[1, 2], &[2, 1], &[3, 2, 1]] {
        let codec = codec::<u64>(keys);
        for (named, number) in [(&one, 1), (&two, 2)] {
            for sealed_by in [&one, &two] {
                let expected = if !keys.contains(&number) {
                    Err(Rejected::UnknownKey)
                } else if sealed_by.id != named.id {
                    Err(Rejected::NotAuthentic)
                } else {
                    Ok(7)
                };
                let opened = codec.open(sealed_by.seal(&named.head(), &body));
                let opened = opened.map(|opened| opened.into_value());
                assert_eq!(opened, expected, "{keys:?} {number}");
            }
        }
    }
}

#[test]
fn a_token_that_is_authentic_under_two_keys_opens_under_the_one_it_names_only() {
    let (one, two) = (Forger::new(1), Forger::new(2));
    let token = authentic_under_both(&one, &two);
    assert!(one.opens(&token) && two.opens(&token) && !Forger::new(3).opens(&token));
    // What makes it so is no JSON, which is known only when it is authentic.
    for (keys, expected) in [
        (&[1][..], Rejected::Value),
        (&[1, 2], Rejected::Value),
        (&[2, 1], Rejected::Value),
        (&[2], Rejected::UnknownKey),
        (&[2, 3], Rejected::UnknownKey),
    ] {
        let reason = codec::<String>(keys).open(&token).unwrap_err();
        assert_eq!(reason, expected, "{keys:?}");
    }
    let mut renamed = URL_SAFE_NO_PAD.decode(token).unwrap();
    renamed[1..5].copy_from_slice(&two.id);
    for keys in [&[2][..], &[1, 2], &[2, 1]] {
        let reason = codec::<String>(keys).open(URL_SAFE_NO_PAD.encode(&renamed));
        assert_eq!(reason.unwrap_err(), Rejected::NotAuthentic, "{keys:?}");
    }
}

/// A token that names the first key, and whose last block is so that both keys give one tag: GCM
/// does not commit to its key (Dodis and others, CRYPTO 2018).
fn authentic_under_both(one: &Forger, two: &Forger) -> String {
    let head = one.head();
    let mut value = vec![b'v'; 5 * 16 - 42];
    value[0] = b'"';
    let octets = URL_SAFE_NO_PAD
        .decode(one.seal(&head, &body(&value)))
        .unwrap();
    let ciphertext = &octets[HEAD..octets.len() - 16 - 16];
    let under = |forger: &Forger, last: u128| {
        let aes = Aes256Enc::new(&forger.key(&head).into());
        let first = [&head[17..], &1_u32.to_be_bytes()].concat();
        let mask = encrypted(&aes, u128::from_be_bytes(first.try_into().unwrap()));
        let h = encrypted(&aes, 0);
        let ciphertext = [ciphertext, &last.to_be_bytes()].concat();
        (ghash(h, &head, &ciphertext) ^ mask, multiplied(h, h))
    };
    let ((tag_one, h_one), (tag_two, h_two)) = (under(one, 0), under(two, 0));
    let last = multiplied(tag_one ^ tag_two, inverse(h_one ^ h_two));
    let (tag, _) = under(one, last);
    let (last, tag) = (last.to_be_bytes(), tag.to_be_bytes());
    URL_SAFE_NO_PAD.encode([&head[..], ciphertext, &last, &tag].concat())
}

/// GHASH (NIST SP 800-38D, section 6.4) of what GCM authenticates.
fn ghash(h: u128, associated: &[u8], ciphertext: &[u8]) -> u128 {
    let blocks = associated.chunks(16).chain(ciphertext.chunks(16));
    let sum = blocks.fold(0, |sum, octets| {
        let mut block = [0; 16];
        block[..octets.len()].copy_from_slice(octets);
        multiplied(sum ^ u128::from_be_bytes(block), h)
    });
    let bits = |octets: &[u8]| 8 * octets.len() as u128;
    multiplied(sum ^ (bits(associated) << 64 | bits(ciphertext)), h)
}

/// The product in the field of GCM, whose first bit is the lowest power.
fn multiplied(x: u128, mut y: u128) -> u128 {
    let mut product = 0;
    for power in (0..128).rev() {
        if x >> power & 1 == 1 {
            product ^= y;
        }
        y = (y >> 1) ^ if y & 1 == 1 { 0xe1 << 120 } else { 0 };
    }
    product
}

/// `x` to the power of 2^128 - 2.
fn inverse(mut x: u128) -> u128 {
    let mut product = 1 << 127;
    for _ in 1..128 {
        x = multiplied(x, x);
        product = multiplied(product, x);
    }
    product
}

/// A value that holds values of its own kind.
#[derive(Debug, Serialize, Deserialize)]
struct Nested(Vec<Nested>);

#[test]
fn an_authentic_value_that_is_nested_without_end_is_rejected_and_breaks_nothing() {
    fn check<T: DeserializeOwned>(format: Format, token: &str) {
        let builder = Twin::cookie(format).builder::<T>("login", &[1]).chunked();
        let builder = builder.clock(TestClock::at(NOW));
        let codec = builder.migrate(|_| panic!("it is not JSON for the hook either"));
        let reason = codec.build().unwrap().open(token).err();
        assert_eq!(reason, Some(Rejected::Value), "{format:?}");
    }
    for depth in [200, 1000, 4000] {
        let [arrays, objects, entries] = [("[", "]"), ("{\"a\":", "}"), ("{\"v\":{\"a\":[", "]}}")]
            .map(|(open, close)| format!("{}0{}", open.repeat(depth), close.repeat(depth)));
        for value in [arrays, objects, entries, "[".repeat(depth)] {
            let value = &value[..value.len().min(8000)];
            let sealed = Forger::new(1);
            let sealed = sealed.seal(&sealed.head(), &body(value.as_bytes()));
            for (format, token) in [(Format::Sealed, sealed), (Format::Jwt, signed(value))] {
                // A signed value that never ends takes the claims behind it with it.
                if format == Format::Jwt && serde_json::from_str::<IgnoredAny>(value).is_err() {
                    continue;
                }
                check::<Value>(format, &token);
                check::<Nested>(format, &token);
                if value.starts_with("{\"v\"") {
                    check::<Values>(format, &token);
                }
            }
        }
    }
}

#[test]
fn an_authentic_value_that_is_not_one_json_text_is_rejected() {
    let codec = codec::<Value>(&[1]);
    let forger = Forger::new(1);
    let open = |value: &[u8]| codec.open(forger.seal(&forger.head(), &body(value)));
    assert_eq!(
        *open(b" {\"a\":1}\n").unwrap().value(),
        serde_json::json!({"a": 1})
    );
    let digits = "9".repeat(2000);
    for value in [
        &b""[..],
        b" ",
        b"\0",
        b"nul",
        b"{",
        b"{} {}",
        b"1 2",
        b"\"a\nb\"",
        b"\"\\ud800\"",
        b"\"\xff\"",
        b"\"\xc3\"",
        b"\"\xed\xa0\x80\"",
        b"\xef\xbb\xbfnull",
        b"NaN",
        b"1e400",
        b"01",
        b"'a'",
        b"{a:1}",
        b"[1,]",
        b"// 1",
        digits.as_bytes(),
    ] {
        let reason = open(value).err();
        assert_eq!(reason, Some(Rejected::Value), "{}", value.escape_ascii());
    }
}

/// A token that is signed as ours are, with this JSON as its value.
fn signed(value: &str) -> String {
    let builder = Twin::cookie(Format::Jwt).builder("login", &[1]);
    let codec = builder.clock(TestClock::at(NOW)).build().unwrap();
    let token = codec.seal(&()).unwrap();
    let mut parts = token.split('.').map(|part| {
        let octets = URL_SAFE_NO_PAD.decode(part).unwrap();
        String::from_utf8_lossy(&octets).into_owned()
    });
    let (header, claims) = (parts.next().unwrap(), parts.next().unwrap());
    let claims = claims.replace("\"val\":null", &format!("\"val\":{value}"));
    mint(&bytes(1), &header, &claims)
}

/// Version, key id and nonce.
const HEAD: usize = 29;
