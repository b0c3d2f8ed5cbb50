//! Sessions of cookie-session for express and koa: JSON in a cookie, and a signature of name and value in
//! another.
//!
//! Anyone can read them, and nothing inside says when they were made: until its
//! [date](haversack::foreign::Source::new), the source takes one of any age.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};

use crate::{
    ConfigError, Hash,
    reading::{NOT_AUTHENTIC, Secret, base64, bounded, check_name, hex, json, newest, secrets},
};

/// Reads the cookies of cookie-session.
///
/// # Examples
///
/// ```
/// use haversack_migrate::cookie_session::CookieSession;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let old = CookieSession::new("session", ["the first of keys", "the second"])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct CookieSession {
    name: String,
    signature: String,
    keys: Vec<Secret>,
    hash: Hash,
    encoding: Encoding,
}

/// How keygrip writes a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// base64, which is base64url without padding there.
    Base64,
    /// Hexadecimal digits.
    Hex,
}

impl CookieSession {
    /// The cookie of this name and the one with `.sig` behind it; SHA-1 and base64, as keygrip has it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a key, or for what is no name.
    pub fn new<K: AsRef<[u8]>>(
        name: &str,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<CookieSession, ConfigError> {
        check_name(name)?;
        Ok(CookieSession {
            name: name.into(),
            signature: format!("{name}.sig"),
            keys: secrets(keys)?,
            hash: Hash::Sha1,
            encoding: Encoding::Base64,
        })
    }

    /// The `algorithm` that the program gave keygrip.
    #[must_use]
    pub fn algorithm(mut self, hash: Hash) -> CookieSession {
        self.hash = hash;
        self
    }

    /// The `encoding` that the program gave keygrip.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> CookieSession {
        self.encoding = encoding;
        self
    }

    fn decode(&self, code: &[u8]) -> Option<Vec<u8>> {
        match self.encoding {
            Encoding::Base64 => URL_SAFE_NO_PAD.decode(code).ok(),
            Encoding::Hex => hex(code),
        }
    }

    fn open(&self, value: &[u8], codes: &[Vec<u8>]) -> Result<Foreign, Refused> {
        if codes.is_empty() {
            return Err(Refused::new(Rejected::Incomplete, "it has no signature"));
        }
        let signed: [&[u8]; 3] = [self.name.as_bytes(), b"=", value];
        let made = |key: &Secret| self.hash.verifies_any(key, &signed, codes);
        let key = self.keys.iter().position(made).ok_or(NOT_AUTHENTIC)?;
        let text = base64(value)?;
        let mut foreign = Foreign::new(&self.name, Body::Json(json(&text)?));
        foreign.key = key;
        foreign.cookies.push(self.signature.clone());
        Ok(foreign)
    }
}

impl Reader for CookieSession {
    fn system(&self) -> &'static str {
        "cookie_session"
    }

    fn read(&self, cookies: &Cookies<'_>, _now: u64) -> Result<Option<Foreign>, Refused> {
        let codes = cookies.named(&self.signature);
        let codes = codes.filter_map(|code| self.decode(bounded(code, LONGEST_CODE).ok()?));
        let codes: Vec<_> = codes.collect();
        newest(cookies, &self.name, |value| self.open(value, &codes))
    }
}

/// SHA-512 in hexadecimal digits.
const LONGEST_CODE: usize = 128;
