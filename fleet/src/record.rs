//! What wrapped objects say.
//!
//! They are read here as they are written: what follows from them is the affair of `schedule`.

pub(crate) mod wrapping;

use std::fmt;

use haversack::Key;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use zeroize::Zeroizing;

use crate::name::KeyName;

/// The content of a wrapped object.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Record {
    Fleet(FleetRecord),
    Key(KeyRecord),
    Revoked(Tombstone),
}

/// How a fleet began, and its secrets that are no keys of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FleetRecord {
    /// When it was made, by its maker's clock, in seconds since 1970.
    pub(crate) made: u64,
    /// The fleet's first key, which seals at once.
    #[serde(with = "text")]
    pub(crate) first: KeyName,
    /// What subjects are hashed with.
    #[serde(with = "text")]
    pub(crate) subjects: Secret,
    /// What vouches for the names of cut-offs.
    #[serde(with = "text")]
    pub(crate) tags: Secret,
}

/// A key of tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    #[serde(serialize_with = "write_key", deserialize_with = "read_key")]
    pub(crate) key: Key,
    /// When it was made, by its maker's clock, in seconds since 1970.
    pub(crate) made: u64,
    /// The seconds of a period, by which its maker named it.
    pub(crate) period: u64,
    /// The seconds from when it was made to when it seals at the earliest: until then all know it.
    pub(crate) lead: u64,
    /// The seconds that it opens after its successor seals: the longest lifetime and outage.
    pub(crate) opens_for: u64,
    /// The newest key before it that its maker knew of.
    #[serde(with = "maybe_text")]
    pub(crate) previous: Option<KeyName>,
}

/// That a key was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    /// When, by the clock of who did.
    pub(crate) made: u64,
    /// After that second nothing is left that the key could open, and no name is made anew that is as old.
    pub(crate) until: u64,
}

/// Sixteen random octets.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) Zeroizing<[u8; 16]>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(*self.0))
    }
}

impl std::str::FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Secret, &'static str> {
        let is_hexadecimal =
            text.len() == 32 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
        match u128::from_str_radix(text, 16) {
            Ok(number) if is_hexadecimal => Ok(Secret(Zeroizing::new(number.to_be_bytes()))),
            _ => Err("not 32 hexadecimal digits"),
        }
    }
}

fn write_key<S: Serializer>(key: &Key, serializer: S) -> Result<S::Ok, S::Error> {
    Zeroizing::new(key.to_text()).serialize(serializer)
}

fn read_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    text.parse().map_err(D::Error::custom)
}

/// A field that stands as the text of its value.
mod text {
    use super::*;

    pub(super) fn serialize<T: fmt::Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Zeroizing::new(value.to_string()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: std::str::FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        text.parse().map_err(D::Error::custom)
    }
}

/// The same for one that may be absent.
mod maybe_text {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        value: &Option<KeyName>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            None => serializer.serialize_none(),
            Some(name) if name.begin <= crate::name::time::LAST => {
                serializer.serialize_some(&name.to_string())
            }
            Some(_) => Err(S::Error::custom("the name of a key is too late")),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<KeyName>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}
