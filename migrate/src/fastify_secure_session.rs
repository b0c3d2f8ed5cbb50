//! Sessions of @fastify/secure-session.
//!
//! **The cookie's name is not bound**: what the other program put into another session with the same key
//! passes.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    ConfigError,
    reading::{
        EXPIRED, NOT_AUTHENTIC, base64, check_keys, check_name, json, malformed, newest,
        percent_decoded, split_once,
    },
    secretbox::{self, Key},
};

/// Reads the cookie of @fastify/secure-session.
///
/// # Examples
///
/// ```
/// use haversack_migrate::fastify_secure_session::SecureSession;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (key, older) = ([1; 32], [2; 32]);
/// let old = SecureSession::new("session", [key, older])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SecureSession {
    name: String,
    keys: Vec<Key>,
    expiry: Duration,
}

impl SecureSession {
    /// The cookie of this name, with the plugin's `key`, of 32 bytes each, the newest first; `expiry` as the
    /// plugin has it, which is a day and a second.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a key, for one of another length, or for what is no name.
    pub fn new<K: AsRef<[u8]>>(
        name: &str,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<SecureSession, ConfigError> {
        let key = |key: K| match key.as_ref().try_into() {
            Ok(key) => Ok(Zeroizing::new(key)),
            Err(_) => Err(ConfigError::new("keys", "a key has 32 bytes")),
        };
        let keys = keys.into_iter().map(key).collect::<Result<_, _>>()?;
        SecureSession::of(name, keys)
    }

    /// With the plugin's `secret` and `salt` in the place of a key; without a salt the plugin has its own. Making
    /// this takes most of a second and 256 MiB.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a secret of less than 32 bytes, for a salt that has not 16, for too little memory, or
    /// for what is no name.
    pub fn from_secret(
        name: &str,
        secret: &[u8],
        salt: Option<&[u8]>,
    ) -> Result<SecureSession, ConfigError> {
        if secret.len() < 32 {
            return Err(ConfigError::new("secret", "it has 32 bytes or more"));
        }
        let salt = salt.unwrap_or(SALT);
        if salt.len() != SALT.len() {
            return Err(ConfigError::new("salt", "it has 16 bytes"));
        }
        SecureSession::of(name, vec![derive(secret, salt)?])
    }

    fn of(name: &str, keys: Vec<Key>) -> Result<SecureSession, ConfigError> {
        check_name(name)?;
        check_keys(&keys)?;
        Ok(SecureSession {
            name: name.into(),
            keys,
            expiry: Duration::from_secs(86_401),
        })
    }

    /// The plugin's `expiry`.
    #[must_use]
    pub fn expiry(mut self, expiry: Duration) -> SecureSession {
        self.expiry = expiry;
        self
    }

    fn open(&self, value: &[u8], now: u64) -> Result<Foreign, Refused> {
        let value = percent_decoded(value)?;
        let parts = split_once(&value, b";").ok_or(malformed("its nonce is missing"))?;
        let (text, nonce) = (base64(parts.0)?, base64(parts.1)?);
        let nonce = nonce.as_slice().try_into();
        let nonce = nonce.map_err(|_| malformed("its nonce has another length"))?;
        let mut keys = self.keys.iter().enumerate();
        let opened =
            keys.find_map(|(index, key)| Some((secretbox::open(key, nonce, &text)?, index)));
        let (text, key) = opened.ok_or(NOT_AUTHENTIC)?;
        let other = Refused::new(Rejected::Value, "it does not say when it was made");
        let Value::Object(mut body) = json(&text)? else {
            return Err(other);
        };
        let issued = body.remove("__ts").and_then(|time| time.as_u64());
        let issued = issued.ok_or(other)?;
        let expires = issued.saturating_add(self.expiry.as_secs());
        if expires <= now {
            return Err(EXPIRED);
        }
        let mut foreign = Foreign::new(&self.name, Body::Json(Value::Object(body)));
        (foreign.issued_at, foreign.expires_at, foreign.key) = (Some(issued), Some(expires), key);
        Ok(foreign)
    }
}

impl Reader for SecureSession {
    fn system(&self) -> &'static str {
        "fastify_secure_session"
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        newest(cookies, &self.name, |value| self.open(value, now))
    }
}

/// `crypto_pwhash` of libsodium: Argon2id, three rounds in 256 MiB.
fn derive(secret: &[u8], salt: &[u8]) -> Result<Key, ConfigError> {
    let mut key = Key::default();
    let params = Params::new(256 * 1024, 3, 1, Some(key.len()));
    let made = params.and_then(|params| {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(secret, salt, &mut *key)
    });
    made.map_err(|_| ConfigError::new("secret", "no key can be derived of it"))?;
    Ok(key)
}

/// In base64: `mq9hDxBVDbspDR6nLfFT1g==`.
const SALT: &[u8] = &[
    0x9a, 0xaf, 0x61, 0x0f, 0x10, 0x55, 0x0d, 0xbb, 0x29, 0x0d, 0x1e, 0xa7, 0x2d, 0xf1, 0x53, 0xd6,
];
