//! The texts that people keep keys in, and the mistakes that they make with them.

use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use super::weakness::{is_pem, weakness_of_text};
use crate::{base::base64url, error::ConfigError};

/// The octets of a key from its text in base64url, as many as one of `lengths`; the setting of an
/// error is `"key"`.
pub(crate) fn octets(
    text: &str,
    lengths: RangeInclusive<usize>,
) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
    let text = text.trim();
    let mut octets = Zeroizing::new(vec![0; base64url::most_bytes(text.len())]);
    let decoded = base64url::decode(text.as_bytes(), &mut octets).map(|octets| octets.len());
    let Some(length) = decoded.filter(|length| lengths.contains(length) && !is_hex(text)) else {
        let (problem, fix) = mistake(text, &lengths);
        return Err(ConfigError::new("key", problem, fix));
    };
    if let Some(problem) = weakness_of_text(text.as_bytes()) {
        return Err(ConfigError::new("key", problem, MAKE_A_KEY));
    }
    octets.truncate(length);
    Ok(octets)
}

/// Reads each entry of a list; an error says which one of several it is.
pub(crate) fn list<K>(
    setting: &'static str,
    entries: &[&str],
    read: impl Fn(&str) -> Result<K, ConfigError>,
) -> Result<Vec<K>, ConfigError> {
    let mut keys = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let place = match entries {
            [_] => String::new(),
            _ => format!("key {} of the list: ", index + 1),
        };
        if entries.len() > 1 && entry.trim().is_empty() {
            let fix = "remove the comma that is too many, or add the key that is missing";
            return Err(ConfigError::new(
                setting,
                format!("{place}it is empty"),
                fix,
            ));
        }
        keys.push(read(entry).map_err(|error| error.within(setting, &place))?);
    }
    Ok(keys)
}

/// What is wrong with a text that is not a key's, and what to do.
fn mistake(text: &str, lengths: &RangeInclusive<usize>) -> (String, &'static str) {
    let known = |problem: &str, fix| (problem.to_owned(), fix);
    let unpadded = text.trim_end_matches('=');
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_standard = |c: char| c == '+' || c == '/';
    let is_outside = |c: char| !is_inside(c);
    if text.is_empty() {
        known("it is empty", MAKE_A_KEY)
    } else if text.starts_with('\u{feff}') {
        known(
            "it begins with a byte order mark",
            "save it as UTF-8 without one",
        )
    } else if begins_with_a_name(text) {
        known(
            "it begins with a name and =",
            "leave them out, and write only the value",
        )
    } else if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        known("there are quotes around it", "remove them")
    } else if is_pem(text.as_bytes()) {
        known(
            "it is a key in PEM",
            "read PEM with JwtKey::pem, and give a text of Key::to_text() here",
        )
    } else if text.starts_with('{') {
        known(
            "it is a JSON Web Key",
            "give it to a signed session, and a text of Key::to_text() here",
        )
    } else if text.as_bytes().contains(&b';') {
        known("there is a semicolon in it", "write commas between keys")
    } else if text.bytes().any(|octet| b"\n\r".contains(&octet)) {
        known("there are several lines in it", "write commas between keys")
    } else if text.contains(char::is_whitespace) {
        known(
            "there is white space in it",
            "remove it, or write a comma if there are two keys",
        )
    } else if is_hex(text) {
        known(
            "it is hexadecimal",
            "write the same octets in base64url, or make another key: Key::generate()",
        )
    } else if unpadded.contains(is_standard)
        && !unpadded.contains(|c| is_outside(c) && !is_standard(c))
    {
        let fix = "write - for each + and _ for each /, and no = at the end";
        known(
            "it is in the standard alphabet of base64 and not in base64url",
            fix,
        )
    } else if unpadded != text && !unpadded.contains(is_outside) {
        known("there is padding at its end", "leave out each =")
    } else if let Some(index) = text.chars().position(is_outside) {
        let problem = format!("its character {} is not one of base64url", index + 1);
        (problem, MAKE_A_KEY)
    } else {
        mistake_in_length(text.len(), lengths)
    }
}

/// What is wrong with so many characters of base64url.
fn mistake_in_length(characters: usize, lengths: &RangeInclusive<usize>) -> (String, &'static str) {
    let [least, most] = [lengths.start(), lengths.end()].map(|octets| base64url::length(*octets));
    let needed = if least == most {
        "and not"
    } else {
        "and not at least"
    };
    let counted = format!("it has {characters} characters {needed} {least}");
    if (least - 2..least).contains(&characters) {
        (
            format!("{counted}; something was lost in copying"),
            COPY_AGAIN,
        )
    } else if (most + 1..=most + 2).contains(&characters) {
        (
            format!("{counted}; something was doubled in copying"),
            COPY_AGAIN,
        )
    } else if !(least..=most).contains(&characters) {
        (counted, MAKE_A_KEY)
    } else {
        let problem = "its last character cannot be the last of a key, so it was changed or cut";
        (problem.into(), COPY_AGAIN)
    }
}

fn is_hex(text: &str) -> bool {
    text.len() >= 32 && text.len().is_multiple_of(2) && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// Whether it is like a line of a file with variables.
fn begins_with_a_name(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else {
        return false;
    };
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(is_name)
        && value.bytes().any(|octet| octet != b'=')
}

/// How to get one that is good.
pub(crate) const MAKE_A_KEY: &str = "make a key with Key::generate(), or with \
     `openssl rand -base64 32 | tr '+/' '-_' | tr -d '='`, and keep it secret";

const COPY_AGAIN: &str = "copy the whole text again, or make another key: Key::generate()";
const QUOTES: [char; 7] = [
    '"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}',
];
