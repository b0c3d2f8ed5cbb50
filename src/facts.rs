//! What the application may know of a token before it is accepted.

use crate::envelope::{Envelope, SessionId};

/// The facts of an authentic, live token, for [`accept_if`](crate::CodecBuilder::accept_if).
///
/// Times are in seconds since 1970.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Facts<'f> {
    /// The session's name.
    pub name: &'f str,
    /// The name of the key that made the token: eight hexadecimal digits for a sealed one, the
    /// `kid` of a JWT.
    pub key_id: &'f str,
    /// The session's id.
    pub id: SessionId,
    /// How often the value was updated since the start.
    pub version: u32,
    /// When the session started.
    pub started_at: u64,
    /// When the token was made.
    pub issued_at: u64,
    /// The idle deadline.
    pub expires_at: u64,
    /// The absolute deadline.
    pub ends_at: u64,
}

impl<'f> Facts<'f> {
    pub(crate) fn new(name: &'f str, key_id: &'f str, envelope: &Envelope) -> Facts<'f> {
        let Envelope {
            id, version, times, ..
        } = *envelope;
        Facts {
            name,
            key_id,
            id,
            version,
            started_at: times.started,
            issued_at: times.issued,
            expires_at: times.expires,
            ends_at: times.ends,
        }
    }
}

/// The answer of [`accept_if`](crate::CodecBuilder::accept_if): `true`, `Ok(true)` or `Some(true)`;
/// an error and `None` reject.
pub trait Verdict {
    /// Whether the token is accepted.
    fn accepts(self) -> bool;
}

impl Verdict for bool {
    fn accepts(self) -> bool {
        self
    }
}

impl<E> Verdict for Result<bool, E> {
    fn accepts(self) -> bool {
        self.unwrap_or(false)
    }
}

impl Verdict for Option<bool> {
    fn accepts(self) -> bool {
        self.unwrap_or(false)
    }
}
