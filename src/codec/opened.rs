//! What a token gives that opened.

use std::fmt;

use crate::{
    codec::facts::Facts,
    keys::Fingerprint,
    token::envelope::{Envelope, SessionId},
};

/// What a live token holds: the value, and the facts about its session.
#[derive(Clone)]
pub struct Opened<T> {
    pub(crate) value: T,
    pub(crate) envelope: Envelope,
    /// The key that opened it.
    pub(crate) key: Fingerprint,
    /// Whether the session should be issued again whatever its age.
    pub(crate) outdated: bool,
}

impl<T> Opened<T> {
    /// The value, by itself.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The session's id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.envelope.id
    }

    /// What is known of the session beside its value.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.envelope.into()
    }
}

impl<T> fmt::Debug for Opened<T> {
    /// Shows the facts and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("envelope", &self.envelope)
            .finish_non_exhaustive()
    }
}
