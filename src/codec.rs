//! A codec: one named session, fully configured, and what it does with tokens.
//!
//! It wires keys, format, carrier and lifetime together, and knows nothing of a request: what one
//! does to its session is the affair of the room above.

mod also_reads;
mod build;
pub(crate) mod builder;
mod carried;
pub(crate) mod engine;
pub(crate) mod event;
pub(crate) mod facts;
pub(crate) mod opened;
pub(crate) mod others;
#[cfg(debug_assertions)]
mod readable;
mod reading;
pub(crate) mod rotation;
mod settings;
mod starting;
pub(crate) mod writing;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use serde::{Serialize, de::DeserializeOwned};

use self::{
    engine::Engine,
    event::What,
    facts::Facts,
    opened::Opened,
    others::Others,
    rotation::{BoundFormat, Current},
};
use crate::{
    base::observe,
    error::{ConfigError, Rejected, SaveError},
    keys::source::KeySource,
    token::{
        binding::{Kind, check_length},
        drawn::Drawn,
        envelope::{Envelope, SessionId},
        keys::AnyKeys,
    },
};

/// One named session whose value is a `T`: its format, keys, carrier and lifetime.
///
/// Make it once, when the program starts; clones are cheap. Its name is bound into every token, so
/// a token of one session never opens as another, whatever their types.
///
/// There are three ways to use it, the same underneath:
///
/// - in a `tower` stack: `layer`, and in axum the extractors [`Session`](crate::Session) and
///   `Active`;
/// - with `http` types: `load` gives a [`Session`](crate::Session), `Session::save` writes it;
/// - with strings: [`session`](Codec::session) takes the values of the request header and gives a
///   [`Session`](crate::Session), whose [`response_headers`](crate::Session::response_headers) are
///   what the response must have.
///
/// [`seal`](Codec::seal) and [`open`](Codec::open) make and read a bare token, for where there is
/// neither a request nor a response.
///
/// The value travels as JSON. One that couldn't be read back isn't written: saving it is a
/// [`SaveError`](crate::SaveError). That is a value with NaN or an infinity in it, one nested more
/// than 127 deep, and, in builds with debug assertions, any other that its type doesn't read. A
/// floating-point number of 16 or 17 digits may come back with other last ones, and again each time
/// the session is issued again; a program that needs them all turns on serde_json's feature
/// `float_roundtrip`.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
/// let session = login.session(["theme=dark"]); // the request's Cookie header
/// session.start(7);
/// let headers = session.response_headers()?;
/// let (name, set_cookie) = &headers[0];
/// assert_eq!(*name, "set-cookie");
///
/// let (cookie, _attributes) = set_cookie.split_once(';').unwrap(); // the browser keeps it
/// assert_eq!(login.session([cookie]).get().as_deref(), Some(&7));
/// # Ok(())
/// # }
/// ```
pub struct Codec<T> {
    shared: Arc<Configured<T>>,
    /// Instead of the one that the codec was built with.
    other_context: Option<Arc<str>>,
}

/// What all clones and contexts of a codec share.
pub(crate) struct Configured<T> {
    pub(crate) engine: Engine,
    pub(crate) accept: Option<Accept<T>>,
    pub(crate) migrate: Option<Box<Migrate<T>>>,
    /// Other systems whose sessions are read.
    pub(crate) others: Option<Box<dyn Others<T>>>,
}

/// The application's say in which sessions are accepted.
pub(crate) struct Accept<T> {
    pub(crate) ask: Box<Ask<T>>,
    /// Whether it is also asked since when a session counts that starts.
    pub(crate) knows_start: bool,
}

type Ask<T> = dyn Fn(&T, &Facts) -> Answer + Send + Sync;

/// What it says.
pub(crate) struct Answer {
    pub(crate) accepts: bool,
    pub(crate) earliest_start: Option<u64>,
}

/// Reads the JSON of a value of an older shape.
pub(crate) type Migrate<T> = dyn Fn(&str) -> Option<T> + Send + Sync;

impl<T> Codec<T> {
    pub(crate) fn new(configured: Configured<T>) -> Codec<T> {
        Codec {
            shared: Arc::new(configured),
            other_context: None,
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// The other systems whose sessions are read.
    pub(crate) fn others(&self) -> Option<&dyn Others<T>> {
        self.shared.others.as_deref()
    }

    /// What the application says to a session, if it is asked.
    #[inline]
    pub(crate) fn ask(&self, value: &T, envelope: Envelope) -> Option<Answer> {
        let accept = self.shared.accept.as_ref()?;
        let facts = Facts::from(envelope);
        // A hook that panics has not accepted.
        let answer = catch_unwind(AssertUnwindSafe(|| (accept.ask)(value, &facts)));
        Some(answer.unwrap_or(Answer {
            accepts: false,
            earliest_start: None,
        }))
    }

    /// The format for tokens of a kind, with the keys as they are now.
    pub(crate) fn format<'k>(&self, keys: &'k Current, kind: Kind) -> BoundFormat<'k> {
        keys.format_for(kind, self.other_context.as_deref())
    }

    /// The context that takes the place of the one that the codec was built with, if one does.
    pub(crate) fn other_context(&self) -> Option<&str> {
        self.other_context.as_deref()
    }

    /// Whether the token comes as `Authorization: Bearer`.
    pub(crate) fn is_bearer(&self) -> bool {
        self.request_header() == "authorization"
    }

    /// Whether the other one is a clone of this one, in the same context.
    pub(crate) fn is_same_as(&self, other: &Codec<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) && self.other_context == other.other_context
    }

    /// Whether this is a context of the other one, which is in none but its own.
    pub(crate) fn is_context_of(&self, other: &Codec<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) && other.other_context.is_none()
    }

    /// This session in another context, such as that of a tenant: 1 to 256 octets, in a signed
    /// session as JSON writes them. Tokens of one context never open in another, nor in none.
    ///
    /// For a context that depends on the request. It replaces the one that the codec was [built
    /// with](crate::CodecBuilder::context); if you need both, write both into it, such as
    /// `production/tenant-42`.
    ///
    /// The keys derived for a context are kept for the next call, for up to 1024 contexts, and are
    /// replaced when the codec's keys are [rotated](Codec::rotate).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a context that is empty or too long.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing, Rejected};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// let token = login.context("tenant-42")?.seal(&7)?;
    /// assert_eq!(login.context("tenant-42")?.open(&token)?.value(), &7);
    /// assert_eq!(login.context("tenant-43")?.open(&token).unwrap_err(), Rejected::NotAuthentic);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "tenant")]
    pub fn context(&self, context: &str) -> Result<Codec<T>, ConfigError> {
        let signed = self.engine().keys.current().format().is_signed();
        check_length("context", context, signed)?;
        Ok(Codec {
            shared: Arc::clone(&self.shared),
            other_context: Some(context.into()),
        })
    }

    /// Replaces the keys of this codec and of all its clones and contexts, at once: a token is made
    /// and opened with the old keys or with the new ones, never with some of each.
    ///
    /// Every worker must know a new key before any seals with it: first
    /// `rotate(KeyRing::new(old).also_opens(new))` everywhere, then
    /// `rotate(KeyRing::new(new).also_opens(old))`. Once no session that `old` sealed is left, drop
    /// it: `rotate(KeyRing::new(new))`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for keys that can't work or are for the other format; the old ones stay.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (old, new) = (Key::generate()?, Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", KeyRing::new(old.clone())).build()?;
    /// let token = login.seal(&7)?;
    /// login.rotate(KeyRing::new(new).also_opens(old))?;
    /// assert_eq!(login.open(&token)?.value(), &7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rotate(&self, keys: impl Into<AnyKeys>) -> Result<(), ConfigError> {
        self.tell_of(&self.engine().keys.replace(keys.into())?);
        Ok(())
    }

    /// Reads the keys from their source again and [rotates](Codec::rotate) to them: a
    /// [`KeyRing`](crate::KeyRing) for a sealed session, `JwtKeys` for a signed one. It blocks
    /// while it reads. Call it on a signal or a timer of your own; nothing calls it by itself.
    ///
    /// Of several reloads at once, the last to return has read last. If the keys were replaced
    /// during a reload, it reads its source once more, so an older text never wins over newer keys.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the source can't be read or its text isn't that of such keys; the old
    /// ones stay.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeySource};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = std::env::temp_dir().join(format!("hs-reload-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("session-keys");
    /// # let (old, new) = (Key::generate()?.to_text(), Key::generate()?.to_text());
    /// # std::fs::write(&path, &old)?;
    /// let source = KeySource::file(&path); // it holds "old"
    /// let login = Codec::<u64>::sealed("login", source.read()?).build()?;
    /// let token = login.seal(&7)?;
    ///
    /// std::fs::write(&path, format!("{new},{old}"))?;
    /// login.reload(&source)?;
    /// assert_eq!(login.open(&token)?.value(), &7); // the new key seals, the old one still opens
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reload(&self, source: &KeySource) -> Result<(), ConfigError> {
        let read = |keys: &AnyKeys| keys.read_again(source);
        self.tell_of(&self.engine().keys.reload(read)?);
        Ok(())
    }

    /// Tells operators of keys that took the place of others, and may be gone again by now.
    fn tell_of(&self, new: &Current) {
        let format = new.format();
        observe::rotated(self.name(), format.can_seal().then(|| format.key_id(0)));
    }

    /// The session's name, as it was given to [`sealed`](Codec::sealed) or `jwt`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).build()?;
    /// assert_eq!(login.name(), "login");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.engine().name
    }

    /// The cookie's name with its prefix, such as `__Host-Http-login`; `None` for a session in a
    /// header.
    ///
    /// For the rules of a proxy, and for tests; the library finds its cookies by itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys.clone()).build()?;
    /// assert_eq!(login.cookie_name(), Some("__Host-Http-login"));
    /// let admin = Codec::<u64>::sealed("admin", keys.clone()).path("/admin").build()?;
    /// assert_eq!(admin.cookie_name(), Some("__Secure-admin"));
    /// let api = Codec::<u64>::sealed("api", keys).header("x-session").build()?;
    /// assert_eq!(api.cookie_name(), None);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "cookie")]
    #[must_use]
    pub fn cookie_name(&self) -> Option<&str> {
        self.engine().carrier.cookie_name()
    }

    /// The request header that the token comes in, in lower case: `cookie`, `authorization`, or one
    /// of the application's own.
    ///
    /// Its values are what [`session`](Codec::session) takes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys.clone()).build()?;
    /// assert_eq!(login.request_header(), "cookie");
    /// let api = Codec::<u64>::sealed("api", keys).bearer("x-session").build()?;
    /// assert_eq!(api.request_header(), "authorization");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn request_header(&self) -> &str {
        self.engine().carrier.request_header()
    }

    /// The response header that carries the token, in lower case: `set-cookie`, or one of the
    /// application's own.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys.clone()).build()?;
    /// assert_eq!(login.response_header(), "set-cookie");
    /// let api = Codec::<u64>::sealed("api", keys).bearer("x-session").build()?;
    /// assert_eq!(api.response_header(), "x-session");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn response_header(&self) -> &str {
        self.engine().carrier.response_header()
    }
}

impl<T: DeserializeOwned> Codec<T> {
    /// Checks a token and reads its value.
    ///
    /// For tokens that come without a request, such as in the first message of a websocket. It
    /// never renews a session, and it doesn't open one that was cut into several cookies.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason if the token isn't a live one of this session.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, Rejected};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).build()?;
    /// let token = login.seal(&7)?;
    /// assert_eq!(login.open(&token)?.value(), &7);
    /// assert_eq!(login.open("AbCd").unwrap_err(), Rejected::Malformed);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "decode")]
    #[doc(alias = "decrypt")]
    #[doc(alias = "verify")]
    pub fn open(&self, token: impl AsRef<[u8]>) -> Result<Opened<T>, Rejected> {
        let engine = self.engine();
        let keys = engine.keys.current();
        let format = self.format(&keys, Kind::Session);
        let opened = self.open_in(&*format, token.as_ref(), 1, engine.clock.now())?;
        engine.tell(What::Opened, Some(opened.envelope));
        Ok(opened)
    }
}

impl<T: Serialize + DeserializeOwned> Codec<T> {
    /// Starts a session with this value and returns its token.
    ///
    /// For tests, and for tokens that travel neither in a cookie nor in a header. In a response,
    /// use [`Session::start`](crate::Session::start). The token is never cut: a
    /// [`chunked`](crate::CodecBuilder::chunked) session is written by a
    /// [`Session`](crate::Session).
    ///
    /// # Errors
    ///
    /// [`SaveError`] if the value can't be serialized or read back or is too large, if there is no
    /// randomness, if the keys only open, or if signing fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).build()?;
    /// // A test of a handler: a request with a session.
    /// let cookie = format!("{}={}", login.cookie_name().unwrap(), login.seal(&7)?);
    /// assert_eq!(login.session([&cookie]).get().as_deref(), Some(&7));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "encode")]
    #[doc(alias = "encrypt")]
    #[doc(alias = "sign")]
    pub fn seal(&self, value: &T) -> Result<String, SaveError> {
        let engine = self.engine();
        let keys = engine.keys.current();
        let format = self.format(&keys, Kind::Session);
        let now = engine.clock.now();
        let drawn = Drawn::new(&*engine.random, true, format.has_nonce())?;
        let envelope = self.begin(value, SessionId::from_bytes(drawn.id()), now, false);
        engine.seal(&*format, &envelope, &drawn, value, now)
    }
}

impl<T> Clone for Codec<T> {
    fn clone(&self) -> Codec<T> {
        Codec {
            shared: Arc::clone(&self.shared),
            other_context: self.other_context.clone(),
        }
    }
}

impl<T> fmt::Debug for Codec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("name", &self.engine().name)
            .field("request_header", &self.request_header())
            .field("policies", &self.engine().policies)
            .finish_non_exhaustive()
    }
}
