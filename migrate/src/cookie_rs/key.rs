//! The keys of cookie-rs.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{ConfigError, gcm::Cipher};

/// A key of cookie-rs, from what the other program has.
#[derive(Clone)]
pub struct Key {
    /// With the key in it, so that a cookie takes half of its work.
    signing: Hmac<Sha256>,
    encryption: Cipher,
}

impl Key {
    /// The key of `Key::from`: the first 64 bytes, of which there must be so many.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for less.
    pub fn from_bytes(bytes: &[u8]) -> Result<Key, ConfigError> {
        let halves = bytes.split_first_chunk::<32>();
        let halves = halves.and_then(|(first, rest)| Some((first, rest.first_chunk::<32>()?)));
        let problem = "Key::from takes 64 bytes or more";
        let (signing, encryption) = halves.ok_or(ConfigError::new("key", problem))?;
        let hmac = Hmac::new_from_slice(signing);
        Ok(Key {
            signing: hmac.map_err(|_| ConfigError::new("key", problem))?,
            encryption: Cipher::new(encryption),
        })
    }

    /// The key of `Key::derive_from`, from 32 bytes or more.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for less.
    pub fn derive_from(bytes: &[u8]) -> Result<Key, ConfigError> {
        let short = || ConfigError::new("key", "Key::derive_from takes 32 bytes or more");
        let expand = Hkdf::<Sha256>::from_prk(bytes).map_err(|_| short())?;
        let mut key = Zeroizing::new([0_u8; 64]);
        expand.expand(INFO, &mut *key).map_err(|_| short())?;
        Key::from_bytes(&*key)
    }

    /// The key of Rocket's `secret_key` as its configuration has it: 44 or 88 characters of base64, or 64
    /// hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for anything else.
    pub fn rocket(secret_key: &str) -> Result<Key, ConfigError> {
        let bytes = match secret_key.len() {
            64 => hex(secret_key),
            44 | 88 => STANDARD.decode(secret_key).ok(),
            _ => None,
        };
        let problem = "secret_key is 44 or 88 characters of base64, or 64 hexadecimal digits";
        let bytes = Zeroizing::new(bytes.ok_or(ConfigError::new("key", problem))?);
        match bytes.len() {
            64.. => Key::from_bytes(&bytes),
            _ => Key::derive_from(&bytes),
        }
    }

    /// Whether the code is that of this text.
    pub(super) fn verifies(&self, text: &[u8], code: &[u8]) -> bool {
        let mac = self.signing.clone().chain_update(text);
        mac.verify_slice(code).is_ok()
    }

    pub(super) fn encryption(&self) -> &Cipher {
        &self.encryption
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits?;
    let octets = digits
        .chunks_exact(2)
        .map(|pair| (pair[0] << 4 | pair[1]) as u8);
    Some(octets.collect())
}

const INFO: &[u8] = b"COOKIE;SIGNED:HMAC-SHA256;PRIVATE:AEAD-AES-256-GCM";
