//! Sessions of Flask, and what itsdangerous's `URLSafeTimedSerializer` signs.
//!
//! Anyone can read them, and **the cookie's name is not signed**: what the program signed with the same secret
//! and salt passes. The body is the JSON as it stands, in which Flask marks some types as objects with one
//! member such as `{" t": [..]}`.

use std::time::Duration;

use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use zeroize::Zeroizing;

use crate::{
    ConfigError, Hash,
    itsdangerous::{self, Signed},
    reading::{EXPIRED, Secret, base64url, check_name, malformed, newest, secrets},
};

/// Reads the session cookie of Flask.
///
/// # Examples
///
/// ```
/// use haversack_migrate::flask::Flask;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let old = Flask::new(["the value of SECRET_KEY", "one of SECRET_KEY_FALLBACKS"])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Flask {
    name: String,
    secrets: Vec<Secret>,
    salt: String,
    derivation: Derivation,
    hash: Hash,
    lifetime: Duration,
}

/// How itsdangerous makes a key of a secret and a salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Derivation {
    /// `hmac`, which Flask uses.
    Hmac,
    /// `concat`.
    Concat,
    /// `django-concat`, the default of itsdangerous alone.
    DjangoConcat,
}

impl Flask {
    /// Flask's settings: the cookie `session`, the salt `cookie-session`, `hmac` with SHA-1, 31 days.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret.
    pub fn new<S: AsRef<[u8]>>(list: impl IntoIterator<Item = S>) -> Result<Flask, ConfigError> {
        Ok(Flask {
            name: "session".into(),
            secrets: secrets(list)?,
            salt: "cookie-session".into(),
            derivation: Derivation::Hmac,
            hash: Hash::Sha1,
            lifetime: Duration::from_secs(31 * 24 * 60 * 60),
        })
    }

    /// `SESSION_COOKIE_NAME`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for what is no name.
    pub fn cookie(mut self, name: &str) -> Result<Flask, ConfigError> {
        check_name(name)?;
        self.name = name.into();
        Ok(self)
    }

    /// `PERMANENT_SESSION_LIFETIME`: the age that Flask accepts, of sessions that are not permanent too.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Flask {
        self.lifetime = lifetime;
        self
    }

    /// The salt of a serializer of the program's own.
    #[must_use]
    pub fn salt(mut self, salt: &str) -> Flask {
        self.salt = salt.into();
        self
    }

    /// `key_derivation` of a serializer of the program's own.
    #[must_use]
    pub fn derivation(mut self, derivation: Derivation) -> Flask {
        self.derivation = derivation;
        self
    }

    /// `digest_method` of a serializer of the program's own.
    #[must_use]
    pub fn digest(mut self, hash: Hash) -> Flask {
        self.hash = hash;
        self
    }

    fn key(&self, secret: &Secret) -> Secret {
        let salt = self.salt.as_bytes();
        Zeroizing::new(match self.derivation {
            Derivation::Hmac => self.hash.mac(secret, &[salt]),
            Derivation::Concat => self.hash.digest(&[salt, secret]),
            Derivation::DjangoConcat => self.hash.digest(&[salt, b"signer", secret]),
        })
    }

    fn open(&self, value: &[u8], now: u64) -> Result<Foreign, Refused> {
        let Signed { payload, time, key } = itsdangerous::signed(value, b'.', |signed, code| {
            let mut keys = self.secrets.iter().map(|secret| self.key(secret));
            keys.position(|key| self.hash.verifies(&key, &[signed], code))
        })?;
        let issued = seconds(&base64url(time)?).ok_or(malformed("its time is none"))?;
        if issued > now {
            return Err(Refused::new(
                Rejected::NotYetValid,
                "it was issued in the future",
            ));
        }
        let lifetime = self.lifetime.as_secs();
        if now - issued > lifetime {
            return Err(EXPIRED);
        }
        let mut foreign = Foreign::new(&self.name, Body::Json(itsdangerous::payload(payload)?));
        foreign.key = key;
        foreign.issued_at = Some(issued);
        foreign.expires_at = Some(issued.saturating_add(lifetime));
        Ok(foreign)
    }
}

impl Reader for Flask {
    fn system(&self) -> &'static str {
        "flask"
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        newest(cookies, &self.name, |value| self.open(value, now))
    }
}

/// Big-endian, in as few octets as it takes.
fn seconds(octets: &[u8]) -> Option<u64> {
    match octets {
        [1..=255, ..] if octets.len() <= 6 => Some(
            octets
                .iter()
                .fold(0, |seconds, octet| seconds << 8 | u64::from(*octet)),
        ),
        _ => None,
    }
}
