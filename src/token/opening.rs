//! What comes of opening a token, in either format.

use std::ops::Range;

use crate::{base::buffer::Buffer, error::Rejected, token::envelope::Envelope};

/// What was found authentic and is not read yet.
pub(crate) struct Authentic {
    /// What was decrypted or decoded.
    pub(crate) text: Buffer,
    /// Where the body or the claims stand in it.
    pub(crate) body: Range<usize>,
    /// The index of the key that opened it.
    pub(crate) key: usize,
}

/// What an authentic token holds; nothing of it was compared with a clock yet.
pub(crate) struct Opening {
    pub(crate) envelope: Envelope,
    /// A JWT's `nbf`, 0 if it has none.
    pub(crate) not_before: u64,
    /// The index of the key that opened it.
    pub(crate) key: usize,
    /// What was decrypted or decoded.
    pub(crate) text: Buffer,
    /// Where the value stands in it.
    pub(crate) value: Range<usize>,
}

impl Opening {
    /// JSON, or what should be.
    pub(crate) fn value(&self) -> &[u8] {
        &self.text[self.value.clone()]
    }
}

/// Why a token is refused, and the index of the key that it names if that is known.
pub(crate) struct Refusal {
    pub(crate) reason: Rejected,
    pub(crate) key: Option<usize>,
}

impl From<Rejected> for Refusal {
    fn from(reason: Rejected) -> Refusal {
        Refusal { reason, key: None }
    }
}

impl Rejected {
    /// With the key that the token names.
    pub(crate) fn with_key(self, key: usize) -> Refusal {
        Refusal {
            reason: self,
            key: Some(key),
        }
    }
}
