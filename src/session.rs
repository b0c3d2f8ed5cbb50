//! A session in one request: what came of it, what the application does to it, and what must be
//! written.
//!
//! It knows codecs and header values, and nothing of frameworks.

mod change;
pub(crate) mod client;
mod flashes;
mod moving;
mod receive;
pub(crate) mod respond;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::de::DeserializeOwned;

use crate::keys::ring::{Key, KeyRing};
use crate::{
    codec::{Codec, event::What, facts::Facts, opened::Opened},
    error::{Rejected, SaveError},
    foreign::Cookies,
    keys::Fingerprint,
    session::{
        moving::Moved,
        receive::{Received, Seen},
    },
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
    origin: Origin,
    /// Whether the request was let through for this session.
    guarded: AtomicBool,
    state: Mutex<State<T>>,
}

/// What the request had.
#[derive(Default)]
struct Origin {
    rejected: Option<Rejected>,
    /// What a session of ours came with.
    came: Option<Envelope>,
    /// Of another system.
    moved: Option<Moved>,
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
    /// The live session, as it is to be sealed again; as with a renewal.
    Reseal,
    /// The live session, which was another system's; as with a renewal.
    MoveIn,
    /// The live session, which was only issued again.
    Issue,
    /// The live session, with another value.
    Update,
    /// The live session, which is new.
    Start,
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
        // Noted while they are looked at, as they are seen only once.
        let mut cookies = (now < engine.others_until).then(Cookies::default);
        let values = header_values.into_iter().map(AsRef::as_ref);
        let note = |value: &&'h [u8]| {
            if let Some(cookies) = &mut cookies {
                cookies.add(value);
            }
        };
        let Received {
            opened,
            is_stranger,
            seen,
        } = self.receive(values.inspect(note), now);
        if let Some(cookies) = cookies.filter(|_| is_stranger)
            && let Some(session) = self.move_in(&cookies, seen, now)
        {
            return session;
        }
        let (opened, rejected) = match opened {
            Ok(opened) => (opened, None),
            Err(reason) => (None, Some(reason)),
        };
        let came = opened.as_ref().map(|opened| opened.envelope);
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
                change = if outdated {
                    Change::Reseal
                } else {
                    Change::Renew
                };
            }
            engine.tell(What::Opened, Some(envelope));
            live = Some(Live {
                envelope,
                value: Arc::new(value),
                key: Some(key),
            });
        }
        let origin = Origin {
            rejected,
            came,
            moved: None,
        };
        Session::new(self.clone(), now, origin, live, change, seen)
    }

    /// An empty session, as of a request without cookies: for a first request, and for tests.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// let session = login.empty();
    /// assert_eq!(session.get(), None);
    /// session.start(7);
    /// assert_eq!(session.get().as_deref(), Some(&7));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn empty(&self) -> Session<T> {
        self.session(&None::<[u8; 0]>)
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

    /// Whether the user [proved](Facts::authenticated_at) who they are at most so many seconds ago, by a
    /// [start](Session::start) or by [`confirm`](Session::confirm); `false` for an empty session.
    #[must_use]
    pub fn authenticated_within(&self, seconds: u64) -> bool {
        let authenticated = self.live(|live| live.envelope.times.authenticated);
        let now = self.time_now();
        authenticated.is_some_and(|at| now.saturating_sub(at) <= seconds)
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
        self.shared.origin.rejected
    }

    /// A live session of no request, by a codec of its own.
    pub(crate) fn apart(value: Arc<T>) -> Session<T> {
        #[expect(clippy::expect_used, reason = "the key and the name are good")]
        let codec = {
            // Without randomness a test shall run all the same, under a key that is no secret.
            let key = Key::generate().or_else(|_| Key::from_bytes(KEY_APART));
            let key = key.expect("a key");
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
        let seen = Seen::default();
        let origin = Origin::default();
        Session::new(codec, now, origin, Some(live), Change::Keep, seen)
    }

    fn new(
        codec: Codec<T>,
        now: u64,
        origin: Origin,
        live: Option<Live<T>>,
        change: Change,
        seen: Seen,
    ) -> Session<T> {
        let state = State {
            live,
            replaced: 0,
            change,
            seen,
        };
        Session {
            shared: Arc::new(InRequest {
                codec,
                now,
                origin,
                guarded: AtomicBool::new(false),
                state: Mutex::new(state),
            }),
        }
    }

    pub(crate) fn codec(&self) -> &Codec<T> {
        &self.shared.codec
    }

    /// The request is let through for this session, so its response is not for whoever comes later.
    pub(crate) fn guard(&self) {
        self.shared.guarded.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_guarded(&self) -> bool {
        self.shared.guarded.load(Ordering::Relaxed)
    }

    pub(crate) fn is_live(&self) -> bool {
        self.state().live.is_some()
    }

    /// The time by now, as a handler may live for hours; not before the request's.
    fn time_now(&self) -> u64 {
        self.codec().engine().clock.now().max(self.shared.now)
    }

    fn live<R>(&self, read: impl FnOnce(&Live<T>) -> R) -> Option<R> {
        self.state().live.as_ref().map(read)
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

/// No secret: for a test where there is no randomness.
const KEY_APART: &[u8; 32] = &[
    0x1d, 0x40, 0x97, 0x3e, 0xcc, 0xd8, 0xc0, 0xaa, 0xcf, 0xed, 0x38, 0x7d, 0xf6, 0xd6, 0x9c, 0xf6,
    0x00, 0xf9, 0x43, 0x9c, 0xd5, 0x3f, 0xe6, 0x0a, 0x3f, 0x6d, 0x7e, 0x8d, 0xe0, 0xed, 0xa3, 0x28,
];
