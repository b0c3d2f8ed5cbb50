//! What all readers do alike: bounded lengths, canonical texts, the newest of several cookies.

#![allow(dead_code, reason = "each feature uses a part of it")]

use std::borrow::Cow;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use haversack::{
    Rejected,
    foreign::{Cookies, Foreign, Refused},
};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::ConfigError;

/// A secret of the other system.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

pub(crate) const fn malformed(detail: &'static str) -> Refused {
    Refused::new(Rejected::Malformed, detail)
}

pub(crate) const NOT_AUTHENTIC: Refused =
    Refused::new(Rejected::NotAuthentic, "none of the keys made it");
pub(crate) const EXPIRED: Refused = Refused::new(Rejected::Expired, "it has expired there");

/// The secrets of a list, newest first.
pub(crate) fn secrets<S: AsRef<[u8]>>(
    list: impl IntoIterator<Item = S>,
) -> Result<Vec<Secret>, ConfigError> {
    let list: Vec<Secret> = list
        .into_iter()
        .map(|secret| Zeroizing::new(secret.as_ref().to_vec()))
        .collect();
    check_keys(&list)?;
    if list.iter().any(|secret| secret.is_empty()) {
        return Err(ConfigError::new(
            "secrets",
            "one is empty; give what the other system has",
        ));
    }
    Ok(list)
}

pub(crate) fn check_keys<K>(keys: &[K]) -> Result<(), ConfigError> {
    match keys.len() {
        0 => Err(ConfigError::new(
            "keys",
            "there is none; give the other system's",
        )),
        1..=MOST_KEYS => Ok(()),
        _ => Err(ConfigError::new(
            "keys",
            "each is tried, and more than 16 are too many",
        )),
    }
}

/// Checks that a text is the name of a cookie (RFC 9110, section 5.6.2).
pub(crate) fn check_name(name: &str) -> Result<(), ConfigError> {
    let is_tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || name.len() > 56 || !name.chars().all(is_tchar) {
        let problem = "it is no name of a cookie, or has more than 56 characters";
        return Err(ConfigError::new("name", problem));
    }
    Ok(())
}

/// Of the cookies of a name, the one that opens and was issued last; why the first did not, if none does.
pub(crate) fn newest(
    cookies: &Cookies<'_>,
    name: &str,
    open: impl Fn(&[u8]) -> Result<Foreign, Refused>,
) -> Result<Option<Foreign>, Refused> {
    let (mut newest, mut refused) = (None::<Foreign>, None);
    for value in cookies.named(name) {
        match bounded(value, LONGEST).and_then(&open) {
            Ok(foreign) => {
                if newest
                    .as_ref()
                    .is_none_or(|newest| newest.issued_at < foreign.issued_at)
                {
                    newest = Some(foreign);
                }
            }
            Err(reason) => _ = refused.get_or_insert(reason),
        }
    }
    match (newest, refused) {
        (None, Some(reason)) => Err(reason),
        (newest, _) => Ok(newest),
    }
}

/// What has no more octets than this.
pub(crate) fn bounded(value: &[u8], longest: usize) -> Result<&[u8], Refused> {
    match value.len() <= longest {
        true => Ok(value),
        false => Err(Refused::new(
            Rejected::TooLarge,
            "it is longer than a browser keeps",
        )),
    }
}

/// Padded and canonical.
pub(crate) fn base64(text: &[u8]) -> Result<Vec<u8>, Refused> {
    STANDARD
        .decode(text)
        .map_err(|_| malformed("it is not canonical base64"))
}

/// Without padding, and canonical.
pub(crate) fn base64url(text: &[u8]) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| malformed("it is not canonical base64url"))
}

/// Padded and canonical.
pub(crate) fn base64url_padded(text: &[u8]) -> Result<Vec<u8>, Refused> {
    URL_SAFE
        .decode(text)
        .map_err(|_| malformed("it is not canonical base64url"))
}

/// Of lower-case hexadecimal digits.
pub(crate) fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |octet: &u8| match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        _ => None,
    };
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let pairs = text.chunks_exact(2);
    pairs
        .map(|pair| Some(digit(&pair[0])? << 4 | digit(&pair[1])?))
        .collect()
}

/// Percent-decoded; an escape is written as all systems write it, with capitals.
pub(crate) fn percent_decoded(value: &[u8]) -> Result<Cow<'_, [u8]>, Refused> {
    let digit = |octet: u8| match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        _ => None,
    };
    let mut parts = value.split(|octet| *octet == b'%');
    let plain = parts.next().unwrap_or_default();
    if plain.len() == value.len() {
        return Ok(Cow::Borrowed(value));
    }
    let mut decoded = Vec::with_capacity(value.len());
    decoded.extend_from_slice(plain);
    for part in parts {
        let octet = part.split_first_chunk::<2>();
        let octet =
            octet.and_then(|([high, low], plain)| Some((digit(*high)? << 4 | digit(*low)?, plain)));
        let (octet, plain) = octet.ok_or(malformed("it has an escape that is none"))?;
        decoded.push(octet);
        decoded.extend_from_slice(plain);
    }
    Ok(Cow::Owned(decoded))
}

/// The JSON of what is authentic. Nothing else is ever read: what Marshal, pickle, gob and their like make
/// objects of is not.
pub(crate) fn json(octets: &[u8]) -> Result<Value, Refused> {
    if octets.starts_with(&[4, 8]) {
        return Err(Refused::new(
            Rejected::Value,
            "it is Ruby Marshal, which is never read",
        ));
    }
    serde_json::from_slice(octets).map_err(|_| Refused::new(Rejected::Value, "it is not JSON"))
}

/// What separates a text into exactly two.
pub(crate) fn split_once<'t>(text: &'t [u8], separator: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let mut at = text.windows(separator.len());
    let at = at.position(|window| window == separator)?;
    Some((&text[..at], &text[at + separator.len()..]))
}

/// The same from the right, at one octet.
pub(crate) fn rsplit_once(text: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().rposition(|octet| *octet == separator)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Of one cookie (RFC 6265bis, section 5.6).
pub(crate) const LONGEST: usize = 4096;
const MOST_KEYS: usize = 16;
