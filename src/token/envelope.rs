//! What is inside every token beside the value.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{base::base64url, error::ConfigError, lifetime::Times};

/// The facts that a token carries about its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) id: SessionId,
    pub(crate) version: u32,
    pub(crate) times: Times,
    /// How many cookies the token was cut into, 1 for one that is whole.
    pub(crate) pieces: u8,
    /// Whether the user asked to be kept signed in.
    pub(crate) remembered: bool,
}

/// How many octets a token has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Length {
    pub(crate) whole: usize,
    /// If it says that it was cut.
    pub(crate) cut: usize,
}

/// The random 128-bit id of a session: new at `start` and `new_id`, the same through every `update`
/// and renewal.
///
/// It isn't a secret that opens the session: only the token does. Its text is 22 characters of
/// base64url; with serde it is that text.
///
/// # Examples
///
/// ```
/// # use haversack::{Codec, Key, KeyRing, SessionId};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
/// let id = login.open(&login.seal(&7)?)?.id();
/// assert_eq!(id.to_string().parse::<SessionId>()?, id);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId([u8; 16]);

impl SessionId {
    /// The id with these bytes, for instance read from a database.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::SessionId;
    ///
    /// let id = SessionId::from_bytes([7; 16]); // from a column of 16 bytes
    /// assert_eq!(id.to_bytes(), [7; 16]);
    /// assert_eq!(id.to_string(), "BwcHBwcHBwcHBwcHBwcHBw");
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> SessionId {
        SessionId(bytes)
    }

    /// The 16 bytes of the id, for instance for a column of a database.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    pub(crate) fn decode(text: &[u8]) -> Option<SessionId> {
        let mut bytes = [0; 16];
        let length = base64url::decode(text, &mut bytes)?.len();
        (length == bytes.len()).then_some(SessionId(bytes))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::text(&self.0))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SessionId, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl FromStr for SessionId {
    type Err = ConfigError;

    /// Reads the 22 characters that [`Display`](fmt::Display) writes.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for anything else.
    fn from_str(text: &str) -> Result<SessionId, ConfigError> {
        SessionId::decode(text.as_bytes()).ok_or_else(|| {
            ConfigError::new(
                "session id",
                "the text is not a session id",
                "use the 22 characters that SessionId::to_string gives",
            )
        })
    }
}
