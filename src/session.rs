//! A session in one request: what came of it, what the application does to it, what must be written.
//!
//! It knows codecs and header values, and nothing of frameworks.

mod flashes;
mod receive;
mod respond;

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::de::DeserializeOwned;

#[cfg(feature = "axum")]
use crate::keys::ring::{Key, KeyRing};
use crate::{
    codec::{Codec, facts::Facts, opened::Opened},
    error::{Rejected, SaveError},
    keys::Fingerprint,
    session::receive::{Received, Seen},
    token::envelope::{Envelope, SessionId},
};

/// One session of one request, empty or live.
///
/// It is a handle: its clones are the same session, from any thread. What is done to it takes effect
/// for the client when it is saved, which the layer does, or `save`; until then the client keeps
/// what it has.
///
/// - [`start`](Session::start) begins anew, with a new id: at sign-in, always.
/// - [`update`](Session::update) changes the value.
/// - [`renew`](Session::renew) only moves the idle deadline, and happens by itself when it is due.
/// - [`end`](Session::end) removes it.
///
/// Of `start` and `end` in one request the later one wins; `update` and `renew` never bring back what
/// was ended.
///
/// The session's time is the one at which the request was read.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
/// let session = login.session(["theme=dark"]); // the request's Cookie header
/// assert_eq!(session.get(), None);
/// session.start(7);
/// for (name, value) in session.response_headers()? {
///     println!("{name}: {value}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct Session<T> {
    shared: Arc<InRequest<T>>,
}

/// What all handles of a session share.
struct InRequest<T> {
    codec: Codec<T>,
    /// The request's time, in seconds since 1970.
    now: u64,
    rejected: Option<Rejected>,
    /// When the session in the request started, 0 if there was none.
    started: u64,
    state: Mutex<State<T>>,
}

struct State<T> {
    live: Option<Live<T>>,
    /// How often another session, or none, took the place of the live one.
    replaced: u32,
    change: Change,
    /// The cookies that the client has, or will have from an earlier save of this request.
    seen: Seen,
}

struct Live<T> {
    envelope: Envelope,
    value: Arc<T>,
    /// The key that opened it; none for a session that was started in this request.
    key: Option<Fingerprint>,
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Live<T> {
        Live {
            value: Arc::clone(&self.value),
            ..*self
        }
    }
}

/// What must be written.
#[derive(Clone, Debug)]
enum Change {
    /// Nothing.
    Keep,
    /// The live session, as its renewal is due; that nobody asked for it may fail in silence.
    Renew,
    /// The live session.
    Write,
    /// Nothing, as the start of a session failed.
    Fail(SaveError),
    /// The removal of the session.
    End,
}

impl<T: DeserializeOwned> Codec<T> {
    /// The session in these values of the [request header](Codec::request_header), of which there
    /// may be several; empty when there is none or it is [rejected](Session::rejected).
    ///
    /// A live session is issued again if its renewal is due, or if the key that opened it is not the
    /// one that seals.
    #[must_use]
    pub fn session<'h, V: AsRef<[u8]> + ?Sized + 'h>(
        &self,
        header_values: impl IntoIterator<Item = &'h V>,
    ) -> Session<T> {
        let engine = self.engine();
        let now = engine.clock.now();
        let Received { opened, seen } =
            self.receive(header_values.into_iter().map(AsRef::as_ref), now);
        let (opened, rejected) = match opened {
            Ok(opened) => (opened, None),
            Err(reason) => (None, Some(reason)),
        };
        let started = opened
            .as_ref()
            .map_or(0, |opened| opened.envelope.times.started);
        let (mut live, mut change) = (None, Change::Keep);
        if let Some(Opened {
            value,
            mut envelope,
            key,
            outdated,
        }) = opened
        {
            let policy = engine.policies.of(envelope.remembered);
            if (outdated || policy.is_renewal_due(envelope.times, now)) && engine.can_seal() {
                envelope.times = policy.renew(envelope.times, now);
                change = Change::Renew;
            }
            live = Some(Live {
                envelope,
                value: Arc::new(value),
                key: Some(key),
            });
        }
        Session {
            shared: Arc::new(InRequest {
                codec: self.clone(),
                now,
                rejected,
                started,
                state: Mutex::new(State {
                    live,
                    replaced: 0,
                    change,
                    seen,
                }),
            }),
        }
    }
}

impl<T> Session<T> {
    /// The value, if the session is live.
    #[must_use]
    pub fn get(&self) -> Option<Arc<T>> {
        self.live(|live| Arc::clone(&live.value))
    }

    /// Begins a new session with this value: new id, new clocks, version 0.
    ///
    /// Whatever session there was is replaced, so nothing that somebody planted before a sign-in is
    /// carried over.
    pub fn start(&self, value: T) {
        self.start_anew(value, false);
    }

    /// [Starts](Session::start) a session that is remembered, as the user asked to be kept signed in: it
    /// has a [lifetime of its own](crate::CodecBuilder::remembered). It is remembered through updates,
    /// renewals and new ids.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let session = login.session([""]);
    /// # let keep_me_signed_in = true;
    /// if keep_me_signed_in {
    ///     session.start_remembered(7);
    /// } else {
    ///     session.start(7);
    /// }
    /// assert!(session.facts().unwrap().remembered);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "remember me")]
    pub fn start_remembered(&self, value: T) {
        self.start_anew(value, true);
    }

    /// Changes the value with `change`, raises the [version](Facts::version) by one and moves the
    /// idle deadline; returns what `change` returns, or `None` when the session is empty, and then
    /// `change` is not called.
    ///
    /// `change` works on a copy and the session is not locked meanwhile: of two updates at once the
    /// last one stays. If the session was ended or started anew meanwhile, the copy is dropped and
    /// `None` returned: nothing of a session gets into the next one.
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R>
    where
        T: Clone,
    {
        let (value, replaced) = self.value();
        let value = value?;
        let mut value = T::clone(&value);
        let result = change(&mut value);
        self.put(value, replaced)?;
        Some(result)
    }

    /// [Updates](Session::update) the session, or [starts](Session::start) one with `default`, changed
    /// the same way, when it is empty; returns what `change` returns.
    ///
    /// As with an update, the change is dropped if the session was ended or started meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cart = Codec::<Vec<String>>::sealed("cart", KeyRing::new(Key::generate()?)).build()?;
    /// let session = cart.session(["theme=dark"]);
    /// session.update_or_start(Vec::new(), |items| items.push("apple".into()));
    /// let count = session.update_or_start(Vec::new(), |items| { items.push("pear".into()); items.len() });
    /// assert_eq!(count, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_or_start<R>(&self, default: T, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: Clone,
    {
        let (live, replaced) = self.value();
        let is_new = live.is_none();
        let mut value = live.map_or(default, |value| T::clone(&value));
        let result = change(&mut value);
        if !is_new {
            self.put(value, replaced);
        } else if self.state().replaced == replaced {
            self.start(value);
        }
        result
    }

    /// Moves the idle deadline now, due or not, as far as the absolute deadline allows.
    pub fn renew(&self) {
        self.issue(self.state(), |_| ());
    }

    /// The user has just proved again who they are, with the password or another factor: from now on
    /// the session is [authenticated](Facts::authenticated_at) as of now. The absolute deadline does not
    /// move, and an empty session stays empty.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let session = login.session([""]);
    /// # session.start(7);
    /// # let password_is_right = true;
    /// if password_is_right {
    ///     session.confirm();
    /// }
    /// assert!(session.authenticated_within(300)); // enough to change the email address
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "step-up")]
    #[doc(alias = "sudo mode")]
    pub fn confirm(&self) {
        self.issue(self.state(), |live| {
            let times = &mut live.envelope.times;
            times.authenticated = times.issued;
        });
    }

    /// Whether the user [proved](Facts::authenticated_at) who they are at most so many seconds ago, by a
    /// [start](Session::start) or by [`confirm`](Session::confirm); `false` for an empty session.
    #[must_use]
    pub fn authenticated_within(&self, seconds: u64) -> bool {
        let authenticated = self.live(|live| live.envelope.times.authenticated);
        authenticated.is_some_and(|at| self.shared.now.saturating_sub(at) <= seconds)
    }

    /// Gives the session a new id and keeps all else, the absolute deadline included: for a change of
    /// what the user may do, where a new sign-in would be too much. An empty session stays empty.
    ///
    /// The token with the old id stays valid until its deadlines.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let role = Codec::<String>::sealed("role", KeyRing::new(Key::generate()?)).build()?;
    /// let session = role.session(["theme=dark"]);
    /// session.start("author".into());
    /// let before = session.facts().unwrap();
    /// session.update(|role| *role = "admin".into());
    /// session.new_id();
    /// let after = session.facts().unwrap();
    /// assert_ne!(after.id, before.id);
    /// assert_eq!(after.ends_at, before.ends_at);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new_id(&self) {
        let id = self.codec().engine().draw_id();
        let mut state = self.state();
        match id {
            Ok(id) => _ = self.issue(state, |live| live.envelope.id = id),
            // What the change of rights asked for did not happen, so nothing is written.
            Err(error) if state.live.is_some() => state.change = Change::Fail(error.into()),
            Err(_) => {}
        }
    }

    /// Ends the session: the client is told to forget it, and it is empty unless it is
    /// [started](Session::start) again in the same request.
    ///
    /// What the client is told to forget is all that it may have: with
    /// [`chunked`](crate::CodecBuilder::chunked) the whole cookie and every piece.
    ///
    /// A copy of the token that somebody kept stays valid until its deadlines: nothing is stored on
    /// the server that could know it.
    pub fn end(&self) {
        self.replace(None, Change::End);
    }

    /// The id of the session: random, new at every start, the same through updates and renewals.
    #[must_use]
    pub fn id(&self) -> Option<SessionId> {
        self.live(|live| live.envelope.id)
    }

    /// What is known of the session beside its value, as it is after this response.
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
    /// let session = login.session(["theme=dark"]);
    /// assert_eq!(session.facts(), None);
    /// session.start(7);
    /// let facts = session.facts().unwrap();
    /// assert_eq!(facts.ends_at - facts.started_at, 24 * 60 * 60);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn facts(&self) -> Option<Facts> {
        self.live(|live| live.envelope.into())
    }

    /// Why the token in the request did not open; `None` when it did, and when there was none.
    #[must_use]
    pub fn rejected(&self) -> Option<Rejected> {
        self.shared.rejected
    }

    /// A live session of no request, by a codec of its own.
    #[cfg(feature = "axum")]
    pub(crate) fn apart(value: Arc<T>) -> Session<T> {
        #[expect(clippy::expect_used, reason = "the key and the name are good")]
        let codec = {
            let key = Key::from_bytes(KEY_APART).expect("a key");
            Codec::sealed("apart", KeyRing::new(key))
                .build()
                .expect("a codec")
        };
        let now = codec.engine().clock.now();
        let envelope = codec
            .engine()
            .start(SessionId::from_bytes([0; 16]), now, false);
        let live = Live {
            envelope,
            value,
            key: None,
        };
        Session {
            shared: Arc::new(InRequest {
                codec,
                now,
                rejected: None,
                started: 0,
                state: Mutex::new(State {
                    live: Some(live),
                    replaced: 0,
                    change: Change::Keep,
                    seen: Seen::default(),
                }),
            }),
        }
    }

    pub(crate) fn codec(&self) -> &Codec<T> {
        &self.shared.codec
    }

    fn start_anew(&self, value: T, remembered: bool) {
        let engine = self.codec().engine();
        let start = self.shared.now.max(self.state().seen.earliest());
        let (live, change) = match engine.draw_id() {
            Ok(id) => (
                Some(Live {
                    envelope: engine.start(id, start, remembered),
                    value: Arc::new(value),
                    key: None,
                }),
                Change::Write,
            ),
            Err(error) => (None, Change::Fail(error.into())),
        };
        self.replace(live, change);
    }

    fn live<R>(&self, read: impl FnOnce(&Live<T>) -> R) -> Option<R> {
        self.state().live.as_ref().map(read)
    }

    /// The value, and how often another session took the place of the one before.
    fn value(&self) -> (Option<Arc<T>>, u32) {
        let state = self.state();
        let value = state.live.as_ref().map(|live| Arc::clone(&live.value));
        (value, state.replaced)
    }

    /// Puts an updated value into the session that it is of, if that is still there.
    fn put(&self, value: T, replaced: u32) -> Option<()> {
        let mut value = Arc::new(value);
        let state = self.state();
        if state.replaced != replaced {
            return None;
        }
        self.issue(state, |live| {
            // Swapped, so that the old one ends after the lock.
            mem::swap(&mut live.value, &mut value);
            live.envelope.version = live.envelope.version.saturating_add(1);
        })
    }

    /// Issues the live session again, if there is one, with `change` applied.
    fn issue(
        &self,
        mut state: MutexGuard<'_, State<T>>,
        change: impl FnOnce(&mut Live<T>),
    ) -> Option<()> {
        let live = state.live.as_mut()?;
        let policy = self.codec().engine().policies.of(live.envelope.remembered);
        live.envelope.times = policy.renew(live.envelope.times, self.shared.now);
        change(live);
        // What failed before stays failed, or rights would be raised under the old id.
        if !matches!(state.change, Change::Fail(_)) {
            state.change = Change::Write;
        }
        Some(())
    }

    /// Puts another session, or none, in the place of the live one.
    fn replace(&self, live: Option<Live<T>>, change: Change) {
        let mut state = self.state();
        state.change = change;
        state.replaced = state.replaced.wrapping_add(1);
        let old = mem::replace(&mut state.live, live);
        // Its end may run code of the value.
        drop((state, old));
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        // No code of the application runs under the lock, and every change is complete in itself.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Session<T> {
    fn clone(&self) -> Session<T> {
        Session {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> fmt::Debug for Session<T> {
    /// Shows the facts and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("name", &self.codec().name())
            .field("envelope", &self.live(|live| live.envelope))
            .field("rejected", &self.rejected())
            .finish_non_exhaustive()
    }
}

/// No secret: nothing accepts what it seals.
#[cfg(feature = "axum")]
const KEY_APART: &[u8; 32] = &[
    0x1d, 0x40, 0x97, 0x3e, 0xcc, 0xd8, 0xc0, 0xaa, 0xcf, 0xed, 0x38, 0x7d, 0xf6, 0xd6, 0x9c, 0xf6,
    0x00, 0xf9, 0x43, 0x9c, 0xd5, 0x3f, 0xe6, 0x0a, 0x3f, 0x6d, 0x7e, 0x8d, 0xe0, 0xed, 0xa3, 0x28,
];
