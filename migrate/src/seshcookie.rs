//! Sessions of the crate seshcookie 0.1.
//!
//! **The cookie's name is not bound**: what the other program sealed under another name with the same secret
//! passes.

use std::time::Duration;

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    ConfigError,
    reading::{EXPIRED, NOT_AUTHENTIC, base64url, check_name, json, malformed, newest, secrets},
};

/// Reads the cookie of seshcookie.
///
/// # Examples
///
/// ```
/// use haversack_migrate::seshcookie::Seshcookie;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let old = Seshcookie::new("session", ["what SessionKeys::new got", "a fallback"])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Seshcookie {
    name: String,
    keys: Vec<Zeroizing<[u8; 32]>>,
    max_age: Duration,
}

impl Seshcookie {
    /// The cookie of this name, with the secrets of `SessionKeys`, the newest first; one day.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret, or for what is no name.
    pub fn new<S: AsRef<[u8]>>(
        name: &str,
        list: impl IntoIterator<Item = S>,
    ) -> Result<Seshcookie, ConfigError> {
        check_name(name)?;
        Ok(Seshcookie {
            name: name.into(),
            keys: secrets(list)?.iter().map(|secret| derive(secret)).collect(),
            max_age: Duration::from_secs(24 * 60 * 60),
        })
    }

    /// What the program gave `max_age`.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Seshcookie {
        self.max_age = age;
        self
    }

    fn open(&self, value: &[u8], now: u64) -> Result<Foreign, Refused> {
        let octets = base64url(value)?;
        let parts = octets.split_first_chunk::<12>();
        let parts = parts.and_then(|(nonce, rest)| Some((nonce, rest.split_last_chunk::<16>()?)));
        let (nonce, (text, tag)) = parts.ok_or(malformed("it is too short"))?;
        let opened = self.keys.iter().enumerate().find_map(|(index, key)| {
            let mut text = text.to_vec();
            ChaCha20Poly1305::new((&**key).into())
                .decrypt_inout_detached(nonce.into(), b"", text.as_mut_slice().into(), tag.into())
                .is_ok()
                .then_some((text, index))
        });
        let (text, key) = opened.ok_or(NOT_AUTHENTIC)?;
        // [1 | seconds, little endian | JSON]
        let other = Refused::new(Rejected::Value, "it is of no version of seshcookie");
        let Some(([1, seconds @ ..], text)) = text.split_first_chunk::<9>() else {
            return Err(other);
        };
        let issued = u64::try_from(i64::from_le_bytes(*seconds)).map_err(|_| other)?;
        let last = issued.saturating_add(self.max_age.as_secs());
        if last < now {
            return Err(EXPIRED);
        }
        let mut foreign = Foreign::new(&self.name, Body::Json(json(text)?));
        (foreign.issued_at, foreign.expires_at, foreign.key) = (Some(issued), Some(last), key);
        Ok(foreign)
    }
}

impl Reader for Seshcookie {
    fn system(&self) -> &'static str {
        "seshcookie"
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        newest(cookies, &self.name, |value| self.open(value, now))
    }
}

#[expect(clippy::expect_used, reason = "one block of 255 that there can be")]
fn derive(secret: &[u8]) -> Zeroizing<[u8; 32]> {
    let salt = Sha256::digest(b"seshcookie-rs-v1-salt");
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(&salt), secret)
        .expand(b"seshcookie-rs v1 ChaCha20-Poly1305 session", &mut *key)
        .expect("a short key");
    key
}
