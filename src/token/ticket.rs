//! Tickets: tokens of one purpose, with less beside the value than a session has.
//!
//! ```text
//! sealed: body   = flags 1 | issued 5 | expires 4 | commitment 16, if it is bound | value
//! JWT:    claims = {"val":VALUE,"iat":issued,"exp":expires,"ses":NAME,"aud":CONTEXT,"iss":ISSUER,
//!                   "bound":COMMITMENT}
//! ```
//!
//! All around it is as in the format of a session, under a kind of its own. `expires` is seconds after
//! `issued`. Of the flags, bits 0 to 3 are 0 for JSON, and bit 7 is set when the ticket is bound.

#[cfg(feature = "jwt")]
mod jwt;
mod sealed;

use std::ops::Range;

use super::{drawn::Drawn, opening::Refusal};
use crate::{
    base::buffer::Buffer,
    error::SaveError,
    keys::{COMMITMENT, Commitment},
    lifetime::{LATEST, MOST_SECONDS},
};

/// A format with its keys, for tickets.
pub(crate) trait Tickets {
    /// What the binding of a ticket with these times and this value is compared by. It shows in a JWT,
    /// and so is another one in each.
    fn commitment(&self, key: usize, terms: &Terms, value: &[u8]) -> Option<Commitment>;

    /// Writes what comes before the value.
    fn begin(&self, bound: bool, text: &mut Buffer);

    /// The token. The text is what [`begin`](Tickets::begin) wrote and the value as JSON.
    fn seal(
        &self,
        terms: &Terms,
        drawn: &Drawn,
        text: Buffer,
        longest: usize,
    ) -> Result<Vec<u8>, SaveError>;

    /// Reads a ticket once it is authentic.
    fn open(&self, token: &[u8]) -> Result<Opening, Refusal>;
}

/// What a ticket says beside the value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// In seconds since 1970.
    pub(crate) issued: u64,
    pub(crate) expires: u64,
    /// To what it is bound and does not carry.
    pub(crate) bound: Option<[u8; COMMITMENT]>,
}

impl Terms {
    /// The terms of a ticket that is made now, good for so many seconds, and bound to nothing yet.
    pub(crate) fn new(now: u64, seconds: u64) -> Terms {
        let issued = now.min(LATEST);
        Terms {
            issued,
            expires: issued + seconds,
            bound: None,
        }
    }

    fn in_order(&self) -> bool {
        let life = self.expires.checked_sub(self.issued);
        self.issued <= LATEST && life.is_some_and(|life| life <= MOST_SECONDS)
    }
}

/// What an authentic ticket holds; nothing of it was compared with a clock yet.
pub(crate) struct Opening {
    pub(crate) terms: Terms,
    /// A JWT's `nbf`, 0 if it has none.
    pub(crate) not_before: u64,
    /// The index of the key that opened it.
    pub(crate) key: usize,
    text: Buffer,
    value: Range<usize>,
}

impl Opening {
    /// JSON, or what should be.
    pub(crate) fn value(&self) -> &[u8] {
        &self.text[self.value.clone()]
    }
}

fn room(octets: usize, limit: usize) -> Result<Vec<u8>, SaveError> {
    let fix = "keep less in the ticket, such as an id of what it is about";
    match octets <= limit {
        true => Ok(Vec::with_capacity(octets)),
        false => Err(SaveError::TooLarge { octets, limit, fix }),
    }
}
