//! What there is to say of a token and a codec.

use std::fmt;

use super::check::{Check, Outcome};
use crate::{
    codec::{facts::Facts, opened::Opened},
    error::Rejected,
};

/// Why a token opens or does not, from [`Codec::explain`](crate::Codec::explain).
///
/// `Debug` shows neither the token nor the value.
pub struct Explanation<T> {
    pub(super) result: Result<Opened<T>, Rejected>,
    pub(super) failed: Option<Check>,
    pub(super) key_id: Option<String>,
    pub(super) known_keys: Vec<String>,
    pub(super) flaw: Option<String>,
    pub(super) authentic_as: Option<Audience>,
    pub(super) carried: Option<Facts>,
    pub(super) limited: Option<Facts>,
    pub(super) not_before: Option<u64>,
    pub(super) pieces: Option<u8>,
}

/// What a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Audience {
    /// `session`, `end` for the mark of a sign-out, or `ticket`.
    pub kind: &'static str,
    /// The name of the session or the ticket.
    pub name: String,
    /// The context, if it has one.
    pub context: Option<String>,
    /// The issuer, if it is a JWT and has one.
    pub issuer: Option<String>,
}

impl<T> Explanation<T> {
    /// What [`Codec::open`](crate::Codec::open) gives.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason if the token does not open.
    pub fn result(&self) -> Result<&Opened<T>, Rejected> {
        self.result.as_ref().map_err(|reason| *reason)
    }

    /// The check that failed, if one did.
    #[must_use]
    pub fn failed(&self) -> Option<Check> {
        self.failed
    }

    /// What came of a check.
    #[must_use]
    pub fn outcome(&self, check: Check) -> Outcome {
        match self.failed {
            Some(failed) if check == failed => Outcome::Failed,
            Some(failed) if check > failed => Outcome::NotReached,
            _ => Outcome::Passed,
        }
    }

    /// The key that the token names, whether it is known or not; `None` if it has not the shape of a
    /// token.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The ids of the codec's keys, the one that seals or signs first.
    #[must_use]
    pub fn known_keys(&self) -> &[String] {
        &self.known_keys
    }

    /// What is wrong, in words, where the check alone does not say it. There is no secret in it, and
    /// some of it may be the sender's words.
    #[must_use]
    pub fn flaw(&self) -> Option<&str> {
        self.flaw.as_deref()
    }

    /// What a token is authentic for that is not authentic for this session, as far as that is found:
    /// another kind of token of the same name, or what a JWT says itself.
    #[must_use]
    pub fn authentic_as(&self) -> Option<&Audience> {
        self.authentic_as.as_ref()
    }

    /// The facts of an authentic token, also of one that is refused, with the deadlines that count.
    #[must_use]
    pub fn facts(&self) -> Option<Facts> {
        self.limited
    }

    /// The same, with the deadlines that the token itself carries.
    #[must_use]
    pub fn carried_facts(&self) -> Option<Facts> {
        self.carried
    }

    /// The `nbf` of an authentic JWT that has one, in seconds since 1970.
    #[must_use]
    pub fn not_before(&self) -> Option<u64> {
        self.not_before
    }

    /// In how many pieces an authentic token says that it was cut, 1 for a whole one.
    #[must_use]
    pub fn pieces(&self) -> Option<u8> {
        self.pieces
    }
}

impl<T> fmt::Debug for Explanation<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("result", &self.result)
            .field("failed", &self.failed)
            .field("key_id", &self.key_id)
            .field("known_keys", &self.known_keys)
            .finish_non_exhaustive()
    }
}
