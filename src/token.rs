//! A token: the two formats behind one pair of names, `seal` and `open`.
//!
//! It knows keys and octets, and nothing of cookies, requests or the time.

pub(crate) mod binding;
#[cfg(feature = "jwt")]
mod claims;
pub(crate) mod drawn;
pub(crate) mod envelope;
#[cfg(feature = "jwt")]
mod jwt;
pub(crate) mod keys;
pub(crate) mod opening;
mod sealed;
pub(crate) mod ticket;
mod xaes;

use self::{
    drawn::Drawn,
    envelope::{Envelope, Length},
    opening::{Opening, Refusal},
    ticket::Tickets,
};
use crate::{base::buffer::Buffer, error::SaveError, keys::Fingerprint};

/// A format with its keys, bound to one kind, session name and context.
pub(crate) trait Format: Send + Sync {
    /// Whether there is a key that makes tokens.
    fn can_seal(&self) -> bool;

    /// How many tokens of one name are opened in a request: few where it takes long to refuse one.
    fn most_candidates(&self) -> usize;

    /// Whether tokens are JWTs.
    fn is_signed(&self) -> bool;

    /// Whether each token has a nonce.
    fn has_nonce(&self) -> bool;

    /// How many keys there are.
    fn keys(&self) -> usize;

    /// The name of a key as people read it.
    fn key_id(&self, key: usize) -> &str;

    /// What tells a key from all others.
    fn fingerprint(&self, key: usize) -> Fingerprint;

    /// Whether the key with this fingerprint is one of these.
    fn holds(&self, fingerprint: Fingerprint) -> bool {
        (0..self.keys()).any(|key| self.fingerprint(key) == fingerprint)
    }

    /// Writes what comes before the value.
    fn begin(&self, text: &mut Buffer);

    /// The length of the token with this envelope, whose pieces do not count yet, and a text of that
    /// many octets, which [`begin`](Format::begin) began.
    fn length(&self, envelope: &Envelope, text: usize) -> Result<Length, SaveError>;

    /// Appends the token to `out`. The text is what [`begin`](Format::begin) wrote and the value as
    /// JSON.
    fn seal(
        &self,
        envelope: &Envelope,
        drawn: &Drawn,
        text: Buffer,
        out: &mut Vec<u8>,
    ) -> Result<(), SaveError>;

    /// Reads a token once it is authentic.
    fn open(&self, token: &[u8]) -> Result<Opening, Refusal>;

    /// The same keys, for tickets.
    fn tickets(&self) -> &dyn Tickets;
}
