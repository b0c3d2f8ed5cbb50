//! Sessions of nextjs-auth0 3 and 4.
//!
//! Session, transaction and connection cookies of version 4 share one key, and none is bound to its name: only
//! what has a `user` and the time of its making is taken for a session. Version 3 keeps its times outside of
//! the content, and all three are checked here, which version 4 itself does not do.

use std::time::Duration;

use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use serde_json::Value;

use crate::{
    ConfigError, chunks,
    jwe::{Encryption, Jwe, claims, derive, time},
    reading::{EXPIRED, NOT_AUTHENTIC, Secret, check_name, secrets},
};

/// Reads the session cookie of nextjs-auth0.
///
/// # Examples
///
/// ```
/// use haversack_migrate::nextjs_auth0::NextjsAuth0;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let old = NextjsAuth0::v4(["the value of AUTH0_SECRET"])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct NextjsAuth0 {
    version: Version,
    name: String,
    secrets: Vec<Secret>,
    rolling: Duration,
    absolute: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V3,
    V4,
}

impl NextjsAuth0 {
    /// Version 4: `__session`, or `__session__0` and so on.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret.
    pub fn v4<S: AsRef<[u8]>>(
        list: impl IntoIterator<Item = S>,
    ) -> Result<NextjsAuth0, ConfigError> {
        NextjsAuth0::new(Version::V4, "__session", 3, list)
    }

    /// Version 3: `appSession`, or `appSession.0` and so on.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret.
    pub fn v3<S: AsRef<[u8]>>(
        list: impl IntoIterator<Item = S>,
    ) -> Result<NextjsAuth0, ConfigError> {
        NextjsAuth0::new(Version::V3, "appSession", 7, list)
    }

    fn new<S: AsRef<[u8]>>(
        version: Version,
        name: &str,
        days: u64,
        list: impl IntoIterator<Item = S>,
    ) -> Result<NextjsAuth0, ConfigError> {
        Ok(NextjsAuth0 {
            version,
            name: name.into(),
            secrets: secrets(list)?,
            rolling: Duration::from_secs(DAY),
            absolute: Duration::from_secs(days * DAY),
        })
    }

    /// The name of the cookie, where the configuration has another one.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for what is no name.
    pub fn cookie(mut self, name: &str) -> Result<NextjsAuth0, ConfigError> {
        check_name(name)?;
        self.name = name.into();
        Ok(self)
    }

    /// `rollingDuration` of version 3: one day unless set.
    #[must_use]
    pub fn rolling(mut self, duration: Duration) -> NextjsAuth0 {
        self.rolling = duration;
        self
    }

    /// `absoluteDuration`: three days in version 4, seven in version 3, unless set. What version 4.0 wrote has no
    /// other end.
    #[must_use]
    pub fn absolute(mut self, duration: Duration) -> NextjsAuth0 {
        self.absolute = duration;
        self
    }

    fn open(&self, token: &[u8], now: u64) -> Result<Foreign, Refused> {
        let jwe = Jwe::parse(token)?;
        if jwe.encryption != Encryption::A256Gcm {
            return Err(NOT_AUTHENTIC);
        }
        let opened = self.secrets.iter().enumerate().find_map(|(index, secret)| {
            let key = derive(secret, b"", b"JWE CEK", jwe.encryption);
            Some((jwe.open(&key)?, index))
        });
        let (text, key) = opened.ok_or(NOT_AUTHENTIC)?;
        let claims = claims(&text)?;
        let no_session = Refused::new(
            Rejected::Value,
            "it is another of its cookies, and no session",
        );
        if !claims.get("user").is_some_and(Value::is_object) {
            return Err(no_session);
        }
        let (issued, expires) = match self.version {
            Version::V4 => {
                let internal = claims
                    .get("internal")
                    .and_then(Value::as_object)
                    .ok_or(no_session)?;
                let created = time(internal, "createdAt").ok_or(no_session)?;
                let expires = match time(&claims, "exp") {
                    Some(expires) => expires.saturating_add(TOLERANCE),
                    None => created.saturating_add(self.absolute.as_secs()),
                };
                (created, expires)
            }
            Version::V3 => {
                let header = |name| time(&jwe.header, name).ok_or(no_session);
                let (expires, updated, issued) = (header("exp")?, header("uat")?, header("iat")?);
                let rolled = updated.saturating_add(self.rolling.as_secs());
                let last = issued.saturating_add(self.absolute.as_secs());
                (issued, expires.min(rolled).min(last))
            }
        };
        if expires <= now {
            return Err(EXPIRED);
        }
        let mut foreign = Foreign::new(&self.name, Body::Json(Value::Object(claims)));
        (foreign.issued_at, foreign.expires_at, foreign.key) = (Some(issued), Some(expires), key);
        Ok(foreign)
    }
}

impl Reader for NextjsAuth0 {
    fn system(&self) -> &'static str {
        "nextjs_auth0"
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        let separator = match self.version {
            Version::V3 => ".",
            Version::V4 => "__",
        };
        chunks::read(cookies, &self.name, separator, |token| {
            self.open(token, now)
        })
    }
}

const DAY: u64 = 24 * 60 * 60;
/// In seconds, as the original allows.
const TOLERANCE: u64 = 15;
