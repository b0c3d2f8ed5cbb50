//! What is known of a session beside its value.

use crate::token::envelope::{Envelope, SessionId};

/// The facts of a session: what its token says beside the value.
///
/// Times are in seconds since 1970. The deadlines are those that count: the token's own, or those
/// of the codec's [`Lifetime`](crate::Lifetime) where they are earlier.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?))
///     .clock(|| 1_800_000_000)
///     .build()?;
/// let facts = login.open(login.seal(&7)?)?.facts();
/// assert_eq!(facts.started_at, 1_800_000_000);
/// assert_eq!(facts.ends_at, 1_800_000_000 + 24 * 60 * 60);
/// assert_eq!(facts.version, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The session's id: random, new at every [`start`](crate::Session::start) and
    /// [`new_id`](crate::Session::new_id), the same through updates and renewals.
    pub id: SessionId,
    /// How often the value was updated since the start. For optimistic locking: keep it beside a
    /// record of your own, and refuse a change that comes with an older one.
    pub version: u32,
    /// Whether the user asked to be kept signed in.
    #[doc(alias = "remember me")]
    pub remembered: bool,
    /// When the session started.
    pub started_at: u64,
    /// When the user last proved who they are; at first that is the start. Never after
    /// [`issued_at`](Facts::issued_at).
    pub authenticated_at: u64,
    /// When the token was issued: at the start, and again at every update and renewal.
    pub issued_at: u64,
    /// The idle deadline, never past [`ends_at`](Facts::ends_at): the session is live before this
    /// second. With a fixed lifetime it is the same as `ends_at`.
    pub expires_at: u64,
    /// The absolute deadline, which no renewal moves.
    pub ends_at: u64,
}

impl From<Envelope> for Facts {
    fn from(envelope: Envelope) -> Facts {
        let Envelope {
            id,
            version,
            times,
            remembered,
            pieces: _,
        } = envelope;
        Facts {
            id,
            version,
            remembered,
            started_at: times.started,
            authenticated_at: times.authenticated,
            issued_at: times.issued,
            expires_at: times.expires,
            ends_at: times.ends,
        }
    }
}

impl Facts {
    /// Accepts the session if it started at this time or later, in seconds since 1970: the answer of an
    /// [`accept_if`](crate::CodecBuilder::accept_if) that knows since when sessions of a user count.
    ///
    /// Unlike a mere `bool` it lets a sign-in through that comes in the very moment of the cut-off: a
    /// session that would start before this time starts at this time, if that is not further away than
    /// the [`skew`](crate::CodecBuilder::skew).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, atomic::{AtomicU64, Ordering::Relaxed}};
    /// use haversack::{Codec, Key, KeyRing, Rejected};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cut_off = Arc::new(AtomicU64::new(0));
    /// let known = cut_off.clone();
    /// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?))
    ///     .clock(|| 1_800_000_000)
    ///     .accept_if(move |_, facts| facts.started_since(known.load(Relaxed)))
    ///     .build()?;
    /// let before = login.seal(&7)?;
    /// cut_off.store(1_800_000_001, Relaxed); // all of this second is cut off
    /// assert_eq!(login.open(before).unwrap_err(), Rejected::Revoked);
    /// assert!(login.open(login.seal(&7)?).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn started_since(&self, time: u64) -> StartedSince {
        StartedSince {
            started: self.started_at,
            since: time,
        }
    }
}

/// A [`Verdict`] by when a session started, from [`Facts::started_since`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartedSince {
    started: u64,
    since: u64,
}

/// The answer of [`accept_if`](crate::CodecBuilder::accept_if), which often comes from a lookup
/// that can fail: `true`, `Ok(true)` or `Some(true)` accept; an error and `None` don't.
///
/// # Examples
///
/// ```
/// use haversack::Verdict;
///
/// assert!(Some(true).accepts());
/// let unreachable: Result<bool, &str> = Err("the deny-list is locked");
/// assert!(!unreachable.accepts());
/// ```
pub trait Verdict {
    /// Whether such an answer may know an [earliest start](Verdict::earliest_start), so that the
    /// application is also asked about a session that starts.
    const KNOWS_START: bool = false;

    /// Whether the session is accepted.
    fn accepts(&self) -> bool;

    /// The earliest start of a session that would be accepted, if that is what the answer depends on.
    fn earliest_start(&self) -> Option<u64> {
        None
    }
}

impl Verdict for bool {
    fn accepts(&self) -> bool {
        *self
    }
}

impl Verdict for StartedSince {
    const KNOWS_START: bool = true;

    fn accepts(&self) -> bool {
        self.started >= self.since
    }

    fn earliest_start(&self) -> Option<u64> {
        Some(self.since)
    }
}

impl<V: Verdict, E> Verdict for Result<V, E> {
    const KNOWS_START: bool = V::KNOWS_START;

    fn accepts(&self) -> bool {
        self.as_ref().is_ok_and(V::accepts)
    }

    fn earliest_start(&self) -> Option<u64> {
        self.as_ref().ok()?.earliest_start()
    }
}

impl<V: Verdict> Verdict for Option<V> {
    const KNOWS_START: bool = V::KNOWS_START;

    fn accepts(&self) -> bool {
        self.as_ref().is_some_and(V::accepts)
    }

    fn earliest_start(&self) -> Option<u64> {
        self.as_ref()?.earliest_start()
    }
}
