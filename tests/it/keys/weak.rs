//! Keys that nobody drew at random: as bytes, and as texts that decode to bytes which look random.

use haversack::{Key, KeyRing};
use sha2::{Digest, Sha256};

use super::{assert_refused, hex};
use crate::support::bytes;

/// What has 32 bytes and is no random key, without the last of them.
pub(crate) fn weak_starts(length: usize) -> Vec<Vec<u8>> {
    let counting = |step: u8| {
        let count = move |next: &u8| Some(next.wrapping_add(step));
        let numbers = std::iter::successors(Some(250_u8), count);
        numbers.take(length).collect()
    };
    let text = |text: &str| {
        let mut octets = text.repeat(length).into_bytes();
        octets.truncate(length);
        // A character that is cut is no text.
        while str::from_utf8(&octets).is_err() {
            octets.pop();
        }
        octets.resize(length, b'.');
        octets
    };
    let utf16 = |text: &str| {
        let units = text.encode_utf16().cycle().flat_map(u16::to_le_bytes);
        units.take(length).collect()
    };
    let mut starts: Vec<Vec<u8>> = vec![
        vec![0; length],
        vec![255; length],
        vec![167; length],
        counting(1),
        counting(u8::MAX),
        counting(7),
        text("correct horse battery staple, and 123 more. "),
        text("Πολύ μυστικό κλειδί· "),
        text("очень секретный ключ для входа "),
        text("とても秘密の鍵です。"),
        text("كلمة سر طويلة جدا "),
        text("🔑🔒 a very secret key 🔐"),
        text("hardly any\u{1b} control characters are in this one. "),
        hex(&Sha256::digest([9])).as_bytes().repeat(2)[..length].to_vec(),
        utf16("a secret in UTF-16 of Windows, "),
        [&bytes(1)[..16], &[0; 128]].concat()[..length].to_vec(),
        // Eight values and no more.
        bytes(1)
            .repeat(8)
            .iter()
            .enumerate()
            .map(|(at, byte)| byte.rotate_left(at as u32) & 7)
            .take(length)
            .collect(),
    ];
    for period in 2..=length / 2 {
        starts.push(
            bytes(1)
                .into_iter()
                .take(period)
                .cycle()
                .take(length)
                .collect(),
        );
    }
    starts
}

/// What is before and behind a text or a pattern without anybody meaning it.
pub(crate) fn surroundings() -> impl Iterator<Item = (&'static [u8], &'static [u8])> {
    let none: &[u8] = b"";
    let ends: [&[u8]; 9] = [
        b"", b"\n", b"\r\n", b"\t", b" ", b"\0", b"\0\0", b"\n\0", b"!",
    ];
    let starts: [&[u8]; 3] = [b"\n", b" ", b"\t\t"];
    let ends = ends.map(|end| (none, end)).into_iter();
    ends.chain(starts.map(|start| (start, none)))
}

#[test]
fn a_key_that_nobody_drew_at_random_is_refused() {
    for (before, behind) in surroundings() {
        for start in weak_starts(32 - before.len() - behind.len()) {
            let bytes = [before, &start, behind].concat();
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            let error = Key::from_bytes(&bytes).expect_err(&shown).to_string();
            assert!(error.contains("openssl rand"), "{error}");
            assert!(error.contains("Key::generate()"), "{error}");
            assert!(!error.contains(&shown), "{error}");
        }
    }
    let pattern: Vec<_> = bytes(1).into_iter().take(17).cycle().take(32).collect();
    assert!(
        Key::from_bytes(&pattern).is_ok(),
        "half of it is no pattern"
    );
}

#[test]
fn a_key_that_is_nearly_text_in_utf_8_is_taken() {
    // As many random keys as this happen to be UTF-8: one in a hundred million.
    let mut utf8 =
        *b"k7\x02Q\x11\x1d!z\x08-Y\xc3\xa9R\x0f;a\x16\x05|L\x1fE\x03p\x19@\x12\x0e\x1b&\x04";
    assert!(str::from_utf8(&utf8).is_ok());
    assert!(Key::from_bytes(&utf8).is_ok());
    utf8[0] = 0xff;
    assert!(Key::from_bytes(&utf8).is_ok());
}

#[test]
fn the_text_of_a_weak_key_is_refused_too() {
    for weak in [
        "A".repeat(43),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".into(),
    ] {
        assert_refused(weak.parse::<Key>());
    }
}

#[test]
fn words_in_the_alphabet_of_a_key_are_no_key() {
    for words in [
        "correct-horse-battery-staple-correct-horse-",
        "this_is_the_secret_key_of_our_shop_do_not_s",
        "PLEASE_CHANGE_THIS_SECRET_BEFORE_PRODUCTION",
        "change-me-change-me-change-me-change-me-123",
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "0123456789012345678901234567890123456789012",
        "Secret1-Secret2-Secret3-Secret4-Secret5-Sec",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA",
    ] {
        // The last character can be one that a key ends with.
        let ends = [
            "A", "E", "I", "M", "Q", "U", "Y", "c", "g", "k", "o", "s", "w", "0", "4", "8",
        ];
        for text in ends.map(|end| format!("{}{end}", &words[..42])) {
            let error = text.parse::<Key>().expect_err(&text);
            assert!(error.to_string().contains("openssl rand"), "{error}");
            assert!(text.parse::<KeyRing>().is_err());
        }
    }
}

#[test]
fn what_generate_makes_is_read_back() {
    for _ in 0..1000 {
        let text = Key::generate().unwrap().to_text();
        assert_eq!(text.parse::<Key>().unwrap().to_text(), text);
    }
}
