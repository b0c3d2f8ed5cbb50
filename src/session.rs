//! A session in one request: what came of it, what the application does to it, and what must be
//! written.
//!
//! It knows codecs and header values, and nothing of frameworks.

pub(crate) mod client;
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
/// It is a handle: clones are the same session, on any thread. Changes reach the client when the
/// session is saved, by the layer or by `save`. Until then the client keeps what it has.
///
/// - [`start`](Session::start) begins a new session with a new id. Call it at every sign-in.
/// - [`update`](Session::update) changes the value, and
///   [`update_or_start`](Session::update_or_start) also works on an empty session.
/// - [`new_id`](Session::new_id) is for a change of privileges.
/// - [`renew`](Session::renew) only moves the idle deadline; it also happens by itself when due.
/// - [`end`](Session::end) signs out.
///
/// Of `start` and `end` in one request the later one wins. `update` and `renew` never bring back a
/// session that was ended.
///
/// Deadlines are counted from the time at which the request was read.
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
#[doc(alias = "extractor")]
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
    /// may be several; empty if there is none or it is [rejected](Session::rejected).
    ///
    /// A live session is re-sealed in the response if its renewal is due, if another key than the
    /// one that seals opened it, or if its value was [migrated](crate::CodecBuilder::migrate).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let cookie = format!("__Host-Http-login={}", login.seal(&7)?);
    /// // The Cookie headers of a request; with HTTP/2 there may be more than one.
    /// let session = login.session(["theme=dark", cookie.as_str()]);
    /// assert_eq!(session.get().as_deref(), Some(&7));
    ///
    /// let stranger = login.session(["theme=dark"]);
    /// assert_eq!(stranger.get(), None);
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// It is a snapshot: later changes to the session don't change it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let cookie = format!("__Host-Http-login={}", login.seal(&7)?);
    /// let session = login.session([&cookie]);
    /// let greeting = match session.get() {
    ///     Some(user) => format!("welcome back, user {user}"),
    ///     None => "hello, stranger".to_owned(),
    /// };
    /// assert_eq!(greeting, "welcome back, user 7");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn get(&self) -> Option<Arc<T>> {
        self.live(|live| Arc::clone(&live.value))
    }

    /// Begins a new session with this value: new id, new deadlines, version 0.
    ///
    /// Call it at every sign-in, after the last check. It replaces whatever session there was, so
    /// nothing that somebody planted before the sign-in is carried over (session fixation).
    ///
    /// If there is no randomness for the id, the session is empty and saving it is a
    /// [`SaveError::Random`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let cookie = format!("__Host-Http-login={}", login.seal(&0)?);
    /// let session = login.session([&cookie]); // whatever the browser had before
    /// let before = session.id();
    /// session.start(7); // the password was right
    /// assert_ne!(session.id(), before);
    /// assert_eq!(session.get().as_deref(), Some(&7));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "login")]
    #[doc(alias = "sign in")]
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
    /// idle deadline. Returns what `change` returns. If the session is empty, `change` isn't called
    /// and the result is `None`.
    ///
    /// `change` works on a copy, and the session isn't locked meanwhile: of two updates at once the
    /// last one wins. If the session was ended or started anew meanwhile, the copy is dropped and
    /// the result is `None`, so nothing gets from one session into the next.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cart = Codec::<Vec<String>>::sealed("cart", KeyRing::new(Key::generate()?)).build()?;
    /// # let cookie = format!("__Host-Http-cart={}", cart.seal(&vec!["apple".to_owned()])?);
    /// let session = cart.session([&cookie]);
    /// let removed = session.update(|items| items.pop());
    /// assert_eq!(removed, Some(Some("apple".to_owned())));
    ///
    /// let stranger = cart.session(["theme=dark"]);
    /// assert_eq!(stranger.update(|items| items.pop()), None); // nothing to update
    /// # Ok(())
    /// # }
    /// ```
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

    /// [Updates](Session::update) the session, or [starts](Session::start) one with `default`,
    /// changed the same way, if it is empty. Returns what `change` returns.
    ///
    /// For sessions that begin with their first entry, such as a cart or a visitor's settings. At a
    /// sign-in, use [`start`](Session::start), which also replaces a session that is there.
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
    /// let count = session.update_or_start(Vec::new(), |items| {
    ///     items.push("pear".into());
    ///     items.len()
    /// });
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

    /// Moves the idle deadline now, due or not, as far as the absolute deadline allows, and issues
    /// the token again. An empty session stays empty.
    ///
    /// Seldom needed: a session that is used is renewed by itself, by default once half of its idle
    /// limit has passed. Call it where the user should have the whole idle limit from now on, such
    /// as before a long form. A [fixed](crate::Lifetime::fixed) lifetime has no idle deadline.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    /// # use std::time::Duration;
    /// # use haversack::{Codec, Key, KeyRing, Lifetime};
    /// # static NOW: AtomicU64 = AtomicU64::new(1_800_000_000);
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let lifetime = Lifetime::sliding(Duration::from_secs(1800), Duration::from_secs(8 * 3600));
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?))
    /// #     .lifetime(lifetime)
    /// #     .clock(|| NOW.load(Relaxed))
    /// #     .build()?;
    /// # let cookie = format!("__Host-Http-login={}", login.seal(&7)?);
    /// # NOW.fetch_add(600, Relaxed);
    /// let session = login.session([&cookie]); // ten minutes after the sign-in
    /// session.renew();
    /// let facts = session.facts().unwrap();
    /// assert_eq!(facts.expires_at, facts.started_at + 600 + 1800);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "refresh")]
    #[doc(alias = "touch")]
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

    /// Gives the session a new id and keeps the rest, including the absolute deadline. An empty
    /// session stays empty.
    ///
    /// For a change of privileges without a new sign-in, such as a second factor that was checked,
    /// or a switch to an administrator's role.
    ///
    /// The token with the old id stays valid until its deadlines. If you keep a deny-list
    /// ([`accept_if`](crate::CodecBuilder::accept_if)), read the old id first and put it there.
    ///
    /// If there is no randomness for the new id, saving the session is a [`SaveError::Random`]: no
    /// privileges are raised under the old id.
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
    /// assert_ne!(after.id, before.id); // before.id can go on a deny-list
    /// assert_eq!(after.ends_at, before.ends_at);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "cycle_id")]
    #[doc(alias = "regenerate")]
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
    /// [started](Session::start) again in the same request. Call it to sign out.
    ///
    /// The client is told to forget every cookie it may have for this session: with
    /// [`chunked`](crate::CodecBuilder::chunked), the whole cookie and every piece. It is told so
    /// even if the session is empty, which removes a cookie that doesn't open.
    ///
    /// A copy of the token that somebody kept stays valid until its deadlines: nothing is stored on
    /// the server that could know of it. See [`accept_if`](crate::CodecBuilder::accept_if) for a
    /// deny-list, and [`sticky_end`](crate::CodecBuilder::sticky_end) for responses that are slower
    /// than the sign-out.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let cookie = format!("__Host-Http-login={}", login.seal(&7)?);
    /// let session = login.session([&cookie]);
    /// session.end();
    /// assert_eq!(session.get(), None);
    /// let (_, removal) = &session.response_headers()?[0];
    /// assert!(removal.starts_with("__Host-Http-login=;") && removal.contains("; Max-Age=0;"));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "logout")]
    #[doc(alias = "sign out")]
    #[doc(alias = "destroy")]
    #[doc(alias = "invalidate")]
    pub fn end(&self) {
        self.replace(None, Change::End);
    }

    /// The id of the session, if it is live: random, new at every [`start`](Session::start) and
    /// [`new_id`](Session::new_id), the same through updates and renewals.
    ///
    /// Use it as the key of data that stays on the server, or of a deny-list.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::collections::HashMap;
    /// # use haversack::{Codec, Key, KeyRing, SessionId};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let session = login.session(["theme=dark"]);
    /// # session.start(7);
    /// let mut drafts = HashMap::<SessionId, String>::new();
    /// if let Some(id) = session.id() {
    ///     drafts.insert(id, "Dear Ada".to_owned());
    /// }
    /// session.update(|user| *user = 8);
    /// assert!(drafts.contains_key(&session.id().unwrap())); // an update keeps the id
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn id(&self) -> Option<SessionId> {
        self.live(|live| live.envelope.id)
    }

    /// The session's id, version and times, as they are after this response; `None` if it is empty.
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

    /// Why the token in the request didn't open; `None` if it did, or if there was none. If there
    /// were several and none opened, it is the reason of the first.
    ///
    /// It tells a visitor without a session from one whose session ran out.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, Rejected};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// let session = login.session(["__Host-Http-login=AbCd"]);
    /// let notice = match session.rejected() {
    ///     Some(Rejected::Expired | Rejected::PastCap) => "you were signed out after a while",
    ///     Some(_) => "please sign in again",
    ///     None => "", // a live session, or no token at all
    /// };
    /// assert_eq!(notice, "please sign in again");
    /// # Ok(())
    /// # }
    /// ```
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
