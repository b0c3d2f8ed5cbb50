//! Sessions of Django's backend `signed_cookies`.
//!
//! Anyone can read them, and **the cookie's name is not signed**, only the backend's. `set_expiry` stands inside
//! as `_session_expiry`, which Django itself doesn't look at when it reads; here it holds.

use std::time::Duration;

use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

use crate::{
    ConfigError, Hash,
    itsdangerous::{self, Signed},
    reading::{EXPIRED, Secret, check_name, malformed, newest, secrets},
};

/// Reads the session cookie of Django's `signed_cookies`.
///
/// # Examples
///
/// ```
/// use haversack_migrate::django::Django;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let old = Django::new(["the value of SECRET_KEY", "one of SECRET_KEY_FALLBACKS"])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Django {
    name: String,
    keys: Vec<Secret>,
    lifetime: Duration,
}

impl Django {
    /// Django's settings: the cookie `sessionid`, 14 days.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret.
    pub fn new<S: AsRef<[u8]>>(list: impl IntoIterator<Item = S>) -> Result<Django, ConfigError> {
        let key = |secret: Secret| Zeroizing::new(Hash::Sha256.digest(&[SALT, b"signer", &secret]));
        Ok(Django {
            name: "sessionid".into(),
            keys: secrets(list)?.into_iter().map(key).collect(),
            lifetime: Duration::from_secs(14 * 24 * 60 * 60),
        })
    }

    /// `SESSION_COOKIE_NAME`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for what is no name.
    pub fn cookie(mut self, name: &str) -> Result<Django, ConfigError> {
        check_name(name)?;
        self.name = name.into();
        Ok(self)
    }

    /// `SESSION_COOKIE_AGE`.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Django {
        self.lifetime = lifetime;
        self
    }

    fn open(&self, value: &[u8], now: u64) -> Result<Foreign, Refused> {
        let Signed { payload, time, key } = itsdangerous::signed(value, b':', |signed, code| {
            let mut keys = self.keys.iter();
            keys.position(|key| Hash::Sha256.verifies(key, &[signed], code))
        })?;
        let issued = base62(time).ok_or(malformed("its time is none"))?;
        let body = itsdangerous::payload(payload)?;
        let last = issued.saturating_add(self.lifetime.as_secs());
        // As Django: the second of the deadline is a good one, but for what the program set.
        let expires = last.saturating_add(1).min(own_expiry(&body, issued)?);
        if expires <= now {
            return Err(EXPIRED);
        }
        let mut foreign = Foreign::new(&self.name, Body::Json(body));
        (foreign.issued_at, foreign.expires_at, foreign.key) = (Some(issued), Some(expires), key);
        Ok(foreign)
    }
}

impl Reader for Django {
    fn system(&self) -> &'static str {
        "django"
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        newest(cookies, &self.name, |value| self.open(value, now))
    }
}

/// When it ends by what the program called `set_expiry` with: seconds, a date, or 0 for when the browser closes.
fn own_expiry(body: &Value, issued: u64) -> Result<u64, Refused> {
    let expiry = body.get("_session_expiry").unwrap_or(&Value::Null);
    let seconds = match expiry {
        Value::Null => Some(u64::MAX),
        Value::Number(seconds) => match seconds.as_u64() {
            Some(0) => Some(u64::MAX),
            seconds => seconds.map(|seconds| issued.saturating_add(seconds)),
        },
        Value::String(date) => {
            let date = OffsetDateTime::parse(date, &Rfc3339).ok();
            date.and_then(|date| u64::try_from(date.unix_timestamp()).ok())
        }
        _ => None,
    };
    seconds.ok_or(Refused::new(Rejected::Value, "its _session_expiry is none"))
}

fn base62(text: &[u8]) -> Option<u64> {
    let digit = |octet: u8| match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'A'..=b'Z' => Some(octet - b'A' + 10),
        b'a'..=b'z' => Some(octet - b'a' + 36),
        _ => None,
    };
    if text.is_empty() || text.len() > 8 {
        return None;
    }
    let add = |sum: u64, octet: &u8| Some(sum * 62 + u64::from(digit(*octet)?));
    text.iter().try_fold(0, add)
}

const SALT: &[u8] = b"django.contrib.sessions.backends.signed_cookies";
