//! Sessions of iron-session 6 to 8, and of before: seals of the format Fe26.2.
//!
//! **The cookie's name is not in the seal**: whatever else the program sealed with the same password passes.

use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use pbkdf2::pbkdf2_hmac;
use serde_json::Value;
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::{
    ConfigError, Hash, cbc,
    reading::{
        EXPIRED, NOT_AUTHENTIC, Secret, base64url, check_name, json, malformed, newest, secrets,
    },
};

/// Reads the cookie of iron-session.
///
/// # Examples
///
/// ```
/// use haversack_migrate::iron_session::IronSession;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A password without an id has the id 1.
/// let old = IronSession::new("sid", [(1, "complex_password_at_least_32_characters_long")])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct IronSession {
    name: String,
    ids: Vec<String>,
    passwords: Vec<Secret>,
}

impl IronSession {
    /// The cookie of this name, with passwords by their ids.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a password, or for what is no name.
    pub fn new<P: AsRef<[u8]>>(
        name: &str,
        passwords: impl IntoIterator<Item = (u32, P)>,
    ) -> Result<IronSession, ConfigError> {
        check_name(name)?;
        let (ids, passwords): (Vec<_>, Vec<_>) = passwords.into_iter().unzip();
        Ok(IronSession {
            name: name.into(),
            ids: ids.iter().map(u32::to_string).collect(),
            passwords: secrets(passwords)?,
        })
    }

    fn open(&self, value: &[u8], now: u64) -> Result<Foreign, Refused> {
        let (seal, has_version) = match value.strip_suffix(b"~2") {
            Some(seal) => (seal, true),
            None => (value, false),
        };
        let mut fields = seal.split(|octet| *octet == b'*');
        let mut next = || {
            fields
                .next()
                .ok_or(malformed("it does not have eight fields"))
        };
        let (prefix, id, salt, iv) = (next()?, next()?, next()?, next()?);
        let (text, expires, mac_salt, code) = (next()?, next()?, next()?, next()?);
        let is_salt = |salt: &[u8]| {
            salt.len() == 64
                && salt
                    .iter()
                    .all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'))
        };
        if fields.next().is_some() || prefix != b"Fe26.2" || !is_salt(salt) || !is_salt(mac_salt) {
            return Err(malformed("it is no seal of Fe26.2"));
        }
        let key = self.ids.iter().position(|own| own.as_bytes() == id);
        let key = key.ok_or(Refused::new(
            Rejected::UnknownKey,
            "it names another password",
        ))?;
        let password = &self.passwords[key];
        let code = base64url(code)?;
        let signed = &seal[..seal.len() - code_and_salt(seal)];
        if !Hash::Sha256.verifies(&*derive(password, mac_salt), &[signed], &code) {
            return Err(NOT_AUTHENTIC);
        }
        let expires = match expires {
            [] => None,
            digits => Some(milliseconds(digits).ok_or(malformed("its expiry is none"))? / 1000),
        };
        if expires.is_some_and(|expires| expires.saturating_add(SKEW) <= now) {
            return Err(EXPIRED);
        }
        let (text, iv) = (base64url(text)?, base64url(iv)?);
        let iv = iv.as_slice().try_into();
        let iv = iv.map_err(|_| malformed("its fields have other lengths"))?;
        let text = cbc::decrypt(&derive(password, salt), iv, &text);
        let text = text.ok_or(Refused::new(Rejected::Value, "its padding is wrong"))?;
        let body = content(json(&text)?, has_version)?;
        let mut foreign = Foreign::new(&self.name, Body::Json(body));
        (foreign.expires_at, foreign.key) = (expires, key);
        Ok(foreign)
    }
}

impl Reader for IronSession {
    fn system(&self) -> &'static str {
        "iron_session"
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        newest(cookies, &self.name, |value| self.open(value, now))
    }
}

/// The session. What says the version is not authentic, so the content must be of the same opinion: before 6
/// there is an object around it, of this member and perhaps one more.
fn content(body: Value, has_version: bool) -> Result<Value, Refused> {
    let is_wrapped = body.as_object().is_some_and(|outer| {
        outer.get("persistent").is_some_and(Value::is_object)
            && outer
                .keys()
                .all(|name| name == "persistent" || name == "flash")
    });
    match body {
        Value::Object(mut outer) if is_wrapped && !has_version => {
            Ok(outer.remove("persistent").unwrap_or_default())
        }
        body if !is_wrapped && has_version => Ok(body),
        _ => Err(Refused::new(
            Rejected::Value,
            "it is of no version of iron-session",
        )),
    }
}

/// How many octets the last two fields and their stars have.
fn code_and_salt(seal: &[u8]) -> usize {
    let mut stars = seal
        .iter()
        .rev()
        .enumerate()
        .filter(|(_, octet)| **octet == b'*');
    stars.nth(1).map_or(seal.len(), |(at, _)| at + 1)
}

/// One round, as the password must be long.
fn derive(password: &Secret, salt: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2_hmac::<Sha1>(password, salt, 1, &mut *key);
    key
}

fn milliseconds(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    text.bytes()
        .all(|octet| octet.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// In seconds, as the original allows.
const SKEW: u64 = 60;
