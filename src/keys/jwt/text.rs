//! Keys of signed sessions from text: secrets and JSON Web Keys, one or several.

use serde::de::IgnoredAny;

use super::{CryptoProvider, key::JwtKey};
use crate::{base::json::scan, error::ConfigError, keys::text};

/// The keys of a list, or of a JWK Set (RFC 7517, section 5); at least one.
pub(super) fn read(
    text: &str,
    provider: Option<&'static CryptoProvider>,
) -> Result<Vec<JwtKey>, ConfigError> {
    let text = text.trim();
    let entries = match keys_of_set(text) {
        Some("") => {
            let fix = "put keys into it, the one that signs first";
            return Err(ConfigError::new(SETTING, "the JWK Set is empty", fix));
        }
        Some(list) => entries(list)?,
        None => entries(text)?,
    };
    text::list(SETTING, &entries, |entry| {
        let entry = entry.trim();
        if entry.starts_with('{') {
            return JwtKey::jwk(entry, provider);
        }
        JwtKey::hs256(text::octets(entry, 32..=LONGEST_SECRET)?)
    })
}

/// The keys of a JWK Set, as a list; its other members mean nothing (RFC 7517, section 5).
fn keys_of_set(text: &str) -> Option<&str> {
    let mut keys = None;
    scan::members(text.as_bytes(), |name, value| {
        if name == br#""keys""# {
            keys = Some(value);
        }
        Some(())
    })?;
    let list = std::str::from_utf8(keys?).ok()?.trim();
    Some(list.strip_prefix('[')?.strip_suffix(']')?.trim())
}

/// The entries of a list with commas between them, which may be in a JSON object, too.
fn entries(text: &str) -> Result<Vec<&str>, ConfigError> {
    let mut entries = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let length = match rest.starts_with('{') {
            true => object(rest).ok_or_else(|| {
                let problem = format!(
                    "key {} of the list begins with {{ and is not JSON",
                    entries.len() + 1
                );
                ConfigError::new(
                    SETTING,
                    problem,
                    "give a whole JSON Web Key, see RFC 7517, section 4",
                )
            })?,
            false => rest.find(',').unwrap_or(rest.len()),
        };
        let (entry, behind) = rest.split_at(length);
        entries.push(entry);
        rest = match behind.trim_start().strip_prefix(',') {
            Some(next) => next,
            None if behind.trim_start().is_empty() => return Ok(entries),
            None => {
                let problem = format!("there is no comma behind key {} of the list", entries.len());
                return Err(ConfigError::new(
                    SETTING,
                    problem,
                    "write commas between keys",
                ));
            }
        };
    }
}

/// The length of the JSON value that the text begins with.
fn object(text: &str) -> Option<usize> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}

const SETTING: &str = "jwt keys";
/// More octets than any HMAC makes use of.
const LONGEST_SECRET: usize = 1024;
