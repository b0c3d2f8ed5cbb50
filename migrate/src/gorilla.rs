//! Cookies of gorilla/securecookie with its `JSONEncoder`, and sessions that a program keeps in one; gob, which
//! `sessions.CookieStore` writes unless told otherwise, is never read.

use std::time::Duration;

use aes::{Aes128, Aes192, Aes256};
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use haversack::foreign::{Body, Cookies, Foreign, Reader, Refused};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    ConfigError,
    reading::{
        EXPIRED, NOT_AUTHENTIC, Secret, base64url_padded, check_name, json, malformed, newest,
        secrets, split_once,
    },
};

/// Reads a cookie of securecookie.
///
/// # Examples
///
/// ```
/// use haversack_migrate::gorilla::Gorilla;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (hash_key, block_key) = ([1; 64], [2; 32]);
/// let old = Gorilla::new("session", [(&hash_key[..], Some(&block_key[..]))])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Gorilla {
    name: String,
    hash_keys: Vec<Secret>,
    /// One for each, of 16, 24 or 32 octets, or of none.
    block_keys: Vec<Secret>,
    max_age: Duration,
}

impl Gorilla {
    /// The cookie of this name, with pairs of a hash key and a block key, the newest first; 30 days. Without a
    /// block key, what is read is signed and not encrypted.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a hash key, for a block key that is none of AES, or for what is no name.
    pub fn new<K: AsRef<[u8]>>(
        name: &str,
        keys: impl IntoIterator<Item = (K, Option<K>)>,
    ) -> Result<Gorilla, ConfigError> {
        check_name(name)?;
        let (hash_keys, block_keys): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
        let block_key = |key: Option<K>| match key {
            None => Ok(Secret::default()),
            Some(key) if matches!(key.as_ref().len(), 16 | 24 | 32) => {
                Ok(Secret::new(key.as_ref().to_vec()))
            }
            Some(_) => {
                let problem = "a block key has 16, 24 or 32 bytes";
                Err(ConfigError::new("keys", problem))
            }
        };
        Ok(Gorilla {
            name: name.into(),
            hash_keys: secrets(hash_keys)?,
            block_keys: block_keys
                .into_iter()
                .map(block_key)
                .collect::<Result<_, _>>()?,
            max_age: Duration::from_secs(30 * 24 * 60 * 60),
        })
    }

    /// What the program gave `MaxAge`.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Gorilla {
        self.max_age = age;
        self
    }

    fn open(&self, value: &[u8], now: u64) -> Result<Foreign, Refused> {
        let octets = base64url_padded(value)?;
        let short = malformed("it does not have three parts");
        let (time, rest) = split_once(&octets, b"|").ok_or(short)?;
        let (text, code) = split_once(rest, b"|").ok_or(short)?;
        let signed: [&[u8]; 5] = [self.name.as_bytes(), b"|", time, b"|", text];
        let made = |key: &Secret| {
            let mac = Hmac::<Sha256>::new_from_slice(key);
            mac.is_ok_and(|mut mac| {
                signed.iter().for_each(|part| mac.update(part));
                mac.verify_slice(code).is_ok()
            })
        };
        let key = self.hash_keys.iter().position(made).ok_or(NOT_AUTHENTIC)?;
        let issued = seconds(time).ok_or(malformed("its time is none"))?;
        let last = issued.saturating_add(self.max_age.as_secs());
        if last < now {
            return Err(EXPIRED);
        }
        let text = decrypted(&self.block_keys[key], base64url_padded(text)?)
            .ok_or(malformed("it is too short"))?;
        let mut foreign = Foreign::new(&self.name, Body::Json(json(&text)?));
        (foreign.issued_at, foreign.expires_at, foreign.key) = (Some(issued), Some(last), key);
        Ok(foreign)
    }
}

impl Reader for Gorilla {
    fn system(&self) -> &'static str {
        "gorilla"
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        newest(cookies, &self.name, |value| self.open(value, now))
    }
}

/// AES in counter mode behind its first block, or as it is where there is no key.
fn decrypted(key: &[u8], mut text: Vec<u8>) -> Option<Vec<u8>> {
    if key.is_empty() {
        return Some(text);
    }
    let (iv, text) = text.split_first_chunk_mut::<16>()?;
    match key.len() {
        16 => Ctr128BE::<Aes128>::new_from_slices(key, iv)
            .ok()?
            .apply_keystream(text),
        24 => Ctr128BE::<Aes192>::new_from_slices(key, iv)
            .ok()?
            .apply_keystream(text),
        _ => Ctr128BE::<Aes256>::new_from_slices(key, iv)
            .ok()?
            .apply_keystream(text),
    }
    Some(text.to_vec())
}

fn seconds(digits: &[u8]) -> Option<u64> {
    let are_digits = matches!(digits.len(), 1..=12) && digits.iter().all(u8::is_ascii_digit);
    are_digits.then(|| {
        let add = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
        digits.iter().fold(0, add)
    })
}
