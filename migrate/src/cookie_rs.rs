//! Private and signed cookies of cookie-rs, and of what is built on it: axum-extra's jars, actix-session's
//! `CookieSessionStore`, Rocket's private cookies, tower-sessions and tower-sessions-cookie-store.
//!
//! A private cookie is encrypted with AES-256-GCM, and its name is bound into it. **A signed cookie is not
//! bound to its name**: what the other program signed as any other cookie passes under the session's name
//! too, so the mapping must take only what looks like a session. There is no time inside; only
//! tower-sessions-cookie-store has an expiry.

mod content;
mod key;

use std::borrow::Cow;

use haversack::{
    Rejected,
    foreign::{Cookies, Foreign, Reader, Refused},
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use self::content::Content;
pub use self::key::Key;
use crate::{
    ConfigError,
    reading::{NOT_AUTHENTIC, base64, check_keys, check_name, malformed, newest, percent_decoded},
};

/// Reads a cookie of a private or a signed jar.
///
/// # Examples
///
/// ```
/// use haversack_migrate::cookie_rs::{CookieRs, Key};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let key_of_axum = [7; 64];
/// let old = CookieRs::private("session", [Key::from_bytes(&key_of_axum)?])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct CookieRs {
    name: String,
    /// As it stands on the wire.
    wire_name: String,
    keys: Vec<Key>,
    signed: bool,
    raw: bool,
    content: Content,
}

impl CookieRs {
    /// Cookies of a private jar, such as axum-extra's `PrivateCookieJar` and Rocket's `add_private`. Keys are
    /// tried in turn, the newest first.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a key, or for what is no name.
    pub fn private(
        name: &str,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<CookieRs, ConfigError> {
        CookieRs::new(name, keys, false)
    }

    /// Cookies of a signed jar, such as axum-extra's `SignedCookieJar`; see the module for what a signature
    /// does not say.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a key, or for what is no name.
    pub fn signed(
        name: &str,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<CookieRs, ConfigError> {
        CookieRs::new(name, keys, true)
    }

    fn new(
        name: &str,
        keys: impl IntoIterator<Item = Key>,
        signed: bool,
    ) -> Result<CookieRs, ConfigError> {
        let wire_name = utf8_percent_encode(name, ENCODED).to_string();
        check_name(&wire_name)?;
        let keys: Vec<_> = keys.into_iter().collect();
        check_keys(&keys)?;
        Ok(CookieRs {
            name: name.into(),
            wire_name,
            keys,
            signed,
            raw: false,
            content: Content::Text,
        })
    }

    /// The cookie was written without percent-encoding (`Cookie::to_string`, not `encoded()`), so a signed
    /// value may have a `%` of its own. Everything else reads the same either way.
    #[must_use]
    pub fn raw(mut self) -> CookieRs {
        self.raw = true;
        self
    }

    /// The content is that of actix-session's `CookieSessionStore`: the body is an object with the values as
    /// `Session::insert` got them.
    #[must_use]
    pub fn actix_session(mut self) -> CookieRs {
        self.content = Content::Actix;
        self
    }

    /// The content is that of tower-sessions-cookie-store: the body is the record's `data`, and its expiry
    /// holds.
    #[must_use]
    pub fn tower_sessions_cookie_store(mut self) -> CookieRs {
        self.content = Content::TowerSessions;
        self
    }

    fn open(&self, value: &[u8], now: u64) -> Result<Foreign, Refused> {
        let value = match self.raw {
            true => Cow::Borrowed(value),
            false => percent_decoded(value)?,
        };
        let (text, key) = match self.signed {
            true => self.verified(&value)?,
            false => self.decrypted(&value)?,
        };
        let text = String::from_utf8(text)
            .map_err(|_| Refused::new(Rejected::Value, "it is not text in UTF-8"))?;
        let (body, expires_at) = self.content.read(text, now)?;
        let mut foreign = Foreign::new(&self.wire_name, body);
        (foreign.expires_at, foreign.key) = (expires_at, key);
        Ok(foreign)
    }

    fn decrypted(&self, value: &[u8]) -> Result<(Vec<u8>, usize), Refused> {
        let octets = base64(value)?;
        let parts = octets.split_first_chunk::<12>();
        let parts = parts.and_then(|(nonce, rest)| Some((nonce, rest.split_last_chunk::<16>()?)));
        let (nonce, (text, tag)) = parts.ok_or(malformed("it is too short"))?;
        let opened = self.keys.iter().enumerate().find_map(|(index, key)| {
            let mut text = text.to_vec();
            let cipher = key.encryption();
            cipher
                .open(nonce, self.name.as_bytes(), &mut text, tag)
                .then_some((text, index))
        });
        opened.ok_or(NOT_AUTHENTIC)
    }

    fn verified(&self, value: &[u8]) -> Result<(Vec<u8>, usize), Refused> {
        let (code, text) = value
            .split_at_checked(CODE)
            .ok_or(malformed("it is too short"))?;
        let code = base64(code)?;
        let key = self.keys.iter().position(|key| key.verifies(text, &code));
        Ok((text.to_vec(), key.ok_or(NOT_AUTHENTIC)?))
    }
}

impl Reader for CookieRs {
    fn system(&self) -> &'static str {
        match self.content {
            Content::Text => "cookie_rs",
            Content::Actix => "actix_session",
            Content::TowerSessions => "tower_sessions_cookie_store",
        }
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        newest(cookies, &self.wire_name, |value| self.open(value, now))
    }
}

/// HMAC-SHA-256 in padded base64.
const CODE: usize = 44;

/// What cookie-rs encodes in names and values.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'#')
    .add(b'?')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'=')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'|')
    .add(b'%')
    .add(b'(')
    .add(b')')
    .add(b',');
