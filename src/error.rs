//! Every public error, split by who must act: the developer ([`ConfigError`]), nobody, because a
//! client sent it ([`Rejected`]), or the operator ([`SaveError`]).

use std::{error::Error, fmt, sync::Arc};

use serde_json::error::Category;

use crate::base::{json, random::RandomError};

/// A setting that can't work, found when keys are read or a codec is built, or when a request comes
/// to layers that can't work together.
///
/// The text names the setting, what is wrong with it and what to do. It never contains a key.
///
/// # Examples
///
/// ```
/// let error = "too-short".parse::<haversack::Key>().unwrap_err();
/// assert_eq!(error.setting(), "key");
/// assert!(error.to_string().contains("Key::generate()"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    setting: &'static str,
    problem: String,
    fix: &'static str,
}

impl ConfigError {
    // Seldom called, from many places.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(
        setting: &'static str,
        problem: impl Into<String>,
        fix: &'static str,
    ) -> ConfigError {
        ConfigError {
            setting,
            problem: problem.into(),
            fix,
        }
    }

    /// Of one key for signed sessions.
    #[cfg(feature = "jwt")]
    pub(crate) fn jwt_key(problem: impl Into<String>, fix: &'static str) -> ConfigError {
        ConfigError::new("jwt key", problem, fix)
    }

    /// The same problem, as that of another setting which it is in.
    pub(crate) fn within(self, setting: &'static str, place: &str) -> ConfigError {
        ConfigError {
            setting,
            problem: format!("{place}{}", self.problem),
            fix: self.fix,
        }
    }

    /// The setting to change, such as `"key"`, `"path"` or `"lifetime"`.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.setting, self.problem, self.fix)
    }
}

impl fmt::Debug for ConfigError {
    /// The same sentence, as a program whose `main` returns the error shows this.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Error for ConfigError {}

/// Why a token that a client sent didn't open.
///
/// It is expected on any public server and is never a server error. It is meant for logs, counters
/// and a sentence to the user such as "you were signed out after half an hour". Only an authentic
/// token is found to be [`Expired`](Rejected::Expired), [`PastCap`](Rejected::PastCap) or
/// [`Ended`](Rejected::Ended), so these tell an attacker nothing.
///
/// A request without a token isn't a rejection.
///
/// # Examples
///
/// ```
/// use haversack::Rejected;
///
/// fn notice(reason: Rejected) -> &'static str {
///     match reason {
///         Rejected::Expired | Rejected::PastCap => "You were signed out after a while.",
///         _ => "Please sign in again.", // there may be more reasons one day
///     }
/// }
/// assert_eq!(notice(Rejected::Expired), "You were signed out after a while.");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejected {
    /// Signed out: it started no later than the session was ended in this browser (see
    /// [`sticky_end`](crate::CodecBuilder::sticky_end)).
    Ended,
    /// Unused for longer than the idle limit; or a [`Ticket`](crate::Ticket) past its lifetime.
    Expired,
    /// Cut into several cookies, of which one is missing, doubled, or of another token.
    Incomplete,
    /// Not a token by its shape: wrong alphabet, too short, or made by another version.
    Malformed,
    /// Altered, or made for another session name, context or purpose.
    NotAuthentic,
    /// Issued further in the future than the [`skew`](crate::CodecBuilder::skew) allows.
    NotYetValid,
    /// A [`Ticket`](crate::Ticket) that is bound to something else: it was used already, or is another
    /// one's.
    OtherBinding,
    /// Past its absolute deadline, which for a fixed lifetime is its only one.
    PastCap,
    /// Refused by the application ([`accept_if`](crate::CodecBuilder::accept_if)), or started
    /// before the time that it accepts ([`started_since`](crate::CodecBuilder::started_since)).
    Revoked,
    /// Longer than any token of such a codec: 4096 bytes, or 16,384 with
    /// [`chunked`](crate::CodecBuilder::chunked).
    TooLarge,
    /// Names a key that isn't in the key ring. After a change of keys, some worker may have missed
    /// a step.
    UnknownKey,
    /// Authentic and live, but the value inside isn't a `T`, and
    /// [`migrate`](crate::CodecBuilder::migrate) didn't make one of it.
    Value,
}

impl Rejected {
    /// The reason as a stable word in `snake_case`, for logs and counters.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::Rejected;
    ///
    /// assert_eq!(Rejected::NotAuthentic.code(), "not_authentic");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Rejected::Ended => "ended",
            Rejected::Expired => "expired",
            Rejected::Incomplete => "incomplete",
            Rejected::Malformed => "malformed",
            Rejected::NotAuthentic => "not_authentic",
            Rejected::NotYetValid => "not_yet_valid",
            Rejected::OtherBinding => "other_binding",
            Rejected::PastCap => "past_cap",
            Rejected::Revoked => "revoked",
            Rejected::TooLarge => "too_large",
            Rejected::UnknownKey => "unknown_key",
            Rejected::Value => "value",
        }
    }
}

impl Rejected {
    /// Whether the token was authentic, so that the browser had a session of ours.
    pub(crate) fn is_of_authentic(self) -> bool {
        match self {
            Rejected::Incomplete
            | Rejected::Malformed
            | Rejected::NotAuthentic
            | Rejected::TooLarge
            | Rejected::UnknownKey => false,
            Rejected::Ended
            | Rejected::Expired
            | Rejected::NotYetValid
            | Rejected::OtherBinding
            | Rejected::PastCap
            | Rejected::Revoked
            | Rejected::Value => true,
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rejected::Ended => "the session was ended",
            Rejected::Expired => "the session was unused for too long",
            Rejected::Incomplete => "the cookies are not all pieces of one token",
            Rejected::Malformed => "the token does not have the shape of a token",
            Rejected::NotAuthentic => "the token is not authentic for this session",
            Rejected::NotYetValid => "the token was issued in the future",
            Rejected::OtherBinding => "the ticket was used already, or is bound to something else",
            Rejected::PastCap => "the session is past its absolute deadline",
            Rejected::Revoked => "the session was revoked",
            Rejected::TooLarge => "the token is too large",
            Rejected::UnknownKey => "the token names a key that is not in the key ring",
            Rejected::Value => "the value in the token is not of the session's type",
        })
    }
}

impl Error for Rejected {}

/// A session that couldn't be written.
///
/// Nothing was written: the response is as it was, and the client keeps what it had. The layer
/// makes it an empty 500.
///
/// # Examples
///
/// ```
/// # use haversack::{Codec, Key, KeyRing, SaveError};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// let visit = Codec::<String>::sealed("visit", keys).build()?;
/// let error = visit.seal(&"a".repeat(5000)).unwrap_err();
/// assert!(matches!(error, SaveError::TooLarge { limit: 4096, .. }));
/// println!("{error}"); // how much too large, and what to do
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SaveError {
    /// The codec's keys can only open: it has no signing key.
    CannotSeal,
    /// A [`Ticket`](crate::Ticket) was to be bound to nothing.
    NoBinding,
    /// The operating system gave no randomness.
    Random(RandomError),
    /// The signature back end refused to sign.
    #[cfg(feature = "asymmetric")]
    #[cfg_attr(docsrs, doc(cfg(feature = "asymmetric")))]
    Sign(jsonwebtoken::errors::Error),
    /// Name and token together are longer than what a browser keeps (RFC 6265bis, section 5.6). It
    /// also holds for a session in a header.
    #[non_exhaustive]
    TooLarge {
        /// Octets of name and token.
        octets: usize,
        /// The most that is written.
        limit: usize,
        /// What to do.
        fix: &'static str,
    },
    /// Name and token are longer than all cookies of a chunked session may be.
    #[non_exhaustive]
    TooManyPieces {
        /// Cookies that it would take.
        pieces: usize,
        /// The most that are written.
        most: usize,
        /// Octets of all of them together, names and values.
        octets: usize,
        /// The most that are written.
        limit: usize,
        /// What to do.
        fix: &'static str,
    },
    /// The value was serialized and couldn't be read back, so every later request would have
    /// rejected it ([`Rejected::Value`]). Only builds with debug assertions check this.
    Unreadable {
        /// Whether its JSON is not what its type reads, or not JSON that can be read.
        category: Category,
        /// Where in its JSON this was found, counted from 1.
        column: usize,
    },
    /// The value couldn't be serialized to JSON, or not so that it could be read back: it holds NaN
    /// or an infinity, or is nested more than 127 deep.
    Value(Arc<serde_json::Error>),
}

impl SaveError {
    /// The reason as a stable word in `snake_case`, for logs and counters.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::SaveError;
    ///
    /// assert_eq!(SaveError::CannotSeal.code(), "cannot_seal");
    /// ```
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            SaveError::CannotSeal => "cannot_seal",
            SaveError::NoBinding => "no_binding",
            SaveError::Random(_) => "random",
            #[cfg(feature = "asymmetric")]
            SaveError::Sign(_) => "sign",
            SaveError::TooLarge { .. } => "too_large",
            SaveError::TooManyPieces { .. } => "too_many_pieces",
            SaveError::Unreadable { .. } => "unreadable",
            SaveError::Value(_) => "value",
        }
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SaveError::CannotSeal => f.write_str(
                "the session has keys that only open; give the codec a key that seals or signs",
            ),
            SaveError::NoBinding => f.write_str(
                "the binding of the ticket is empty; bind it to something that the user has, or say with \
                 seal_unbound that it is bound to nothing",
            ),
            SaveError::Random(_) => {
                f.write_str("no randomness for a new token; the operating system must provide it")
            }
            #[cfg(feature = "asymmetric")]
            SaveError::Sign(_) => f.write_str("the token could not be signed"),
            SaveError::TooLarge { octets, limit, fix } => write!(
                f,
                "name and token are {octets} octets, {} more than the {limit} that fit; {fix}",
                octets.saturating_sub(*limit)
            ),
            SaveError::TooManyPieces {
                pieces,
                most,
                octets,
                limit,
                fix,
            } => write!(
                f,
                "the session takes {pieces} cookies of {octets} octets, and {most} cookies of \
                 {limit} octets in all are the most; {fix}"
            ),
            SaveError::Unreadable { category, column } => {
                let problem = match category {
                    Category::Data => "its JSON is not what its type reads",
                    _ => "its JSON cannot be read",
                };
                write!(
                    f,
                    "the value was written and cannot be read back: {problem} at column {column}; \
                     a field with `skip_serializing` needs a `default`, and what a type writes it \
                     must read"
                )
            }
            SaveError::Value(error) => write!(f, "the value {}", json::write::problem(error)),
        }
    }
}

impl Error for SaveError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            SaveError::Random(error) => Some(error),
            #[cfg(feature = "asymmetric")]
            SaveError::Sign(error) => Some(error),
            SaveError::Value(error) => Some(&**error),
            SaveError::CannotSeal
            | SaveError::NoBinding
            | SaveError::TooLarge { .. }
            | SaveError::TooManyPieces { .. }
            | SaveError::Unreadable { .. } => None,
        }
    }
}

impl From<RandomError> for SaveError {
    fn from(error: RandomError) -> SaveError {
        SaveError::Random(error)
    }
}
