//! A codec: one named session, fully configured, and what it does with tokens.
//!
//! It wires keys, format, carrier and lifetime together, and knows nothing of a request: what one does
//! to its session is the affair of the room above.

mod build;
pub(crate) mod builder;
pub(crate) mod engine;
pub(crate) mod facts;
pub(crate) mod opened;
#[cfg(debug_assertions)]
mod readable;
mod reading;
pub(crate) mod rotation;
pub(crate) mod writing;

use std::{fmt, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use self::{
    engine::Engine,
    facts::Facts,
    opened::Opened,
    rotation::{BoundFormat, Current},
};
use crate::{
    base::observe,
    error::{ConfigError, Rejected, SaveError},
    keys::{AnyKeys, KeyKind, source::KeySource},
    token::binding::{Kind, check_length},
};

/// One named session whose value is a `T`: its format, keys, carrier and lifetime.
///
/// It is made once, when the program starts, and cloned cheaply. Its name is bound into every token,
/// so a token of one session never opens as another, whatever their types.
///
/// The value travels as JSON. One that could not be read back is not written, but is a
/// [`SaveError`](crate::SaveError): with NaN or an infinity in it, nested more than 127 deep, or, in
/// builds with debug assertions, any other that its type does not read. A floating-point number of 16
/// or 17 digits may come back with other last ones, and again each time that the session is issued
/// again; a program that needs them all turns serde_json's feature `float_roundtrip` on.
///
/// The three ways to use it are the same underneath:
///
/// - with strings: [`session`](Codec::session) takes the values of the request header and gives a
///   [`Session`](crate::Session), whose [`response_headers`](crate::Session::response_headers) are what
///   the response must have;
/// - with `http` types: `load` gives a [`Session`](crate::Session), `Session::save` writes it;
/// - in a `tower` stack: `layer`, and in axum the extractors [`Session`](crate::Session) and
///   `Active`.
///
/// [`seal`](Codec::seal) and [`open`](Codec::open) make and read a bare token, for where there is
/// neither a request nor a response.
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
    pub(crate) accept: Option<Box<Accept<T>>>,
    pub(crate) migrate: Option<Box<Migrate<T>>>,
}

/// The application's say in which sessions are accepted.
pub(crate) type Accept<T> = dyn Fn(&T, &Facts) -> bool + Send + Sync;

/// Reads a value of an older shape.
pub(crate) type Migrate<T> = dyn Fn(serde_json::Value) -> Option<T> + Send + Sync;

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

    /// The format for tokens of a kind, with the keys as they are now.
    pub(crate) fn format<'k>(&self, keys: &'k Current, kind: Kind) -> BoundFormat<'k> {
        keys.format_for(kind, self.other_context.as_deref())
    }

    /// Whether the token comes as `Authorization: Bearer`.
    #[cfg(feature = "tower")]
    pub(crate) fn is_bearer(&self) -> bool {
        self.request_header() == "authorization"
    }

    /// Whether the other one is a clone of this one, in the same context.
    #[cfg(feature = "tower")]
    pub(crate) fn is_same_as(&self, other: &Codec<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) && self.other_context == other.other_context
    }

    /// This session in another context, such as that of a tenant: 1 to 256 octets, in a signed
    /// session as JSON writes them. It takes the place
    /// of one that the codec was [built with](crate::CodecBuilder::context), so whoever needs both writes both
    /// into it, such as `production/tenant-42`.
    ///
    /// Tokens of one context never open in another, nor in none. What is derived for a context is
    /// kept for the next call, for some hundreds of them. It follows when the keys are
    /// [rotated](Codec::rotate).
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
    pub fn context(&self, context: &str) -> Result<Codec<T>, ConfigError> {
        let signed = self.engine().keys.current().format().is_signed();
        check_length("context", context, signed)?;
        Ok(Codec {
            shared: Arc::clone(&self.shared),
            other_context: Some(context.into()),
        })
    }

    /// Replaces the keys of this codec and of all its clones and contexts, at once: a token is made
    /// and opened with the old keys or with the new ones, and never with some of each.
    ///
    /// Make a new key known to every worker before it seals:
    /// `rotate(KeyRing::new(old).also_opens(new))` everywhere, then
    /// `rotate(KeyRing::new(new).also_opens(old))`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for keys that cannot work or are for the other format; the old ones stay.
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
        let AnyKeys(keys) = keys.into();
        self.tell_of(&self.engine().keys.replace(keys)?);
        Ok(())
    }

    /// Reads the keys from their source again and [rotates](Codec::rotate) to them: a [`KeyRing`](crate::KeyRing)
    /// for a sealed session, [`JwtKeys`](crate::JwtKeys) for a signed one.
    ///
    /// Of several reloads at once, the last to return has read last. One during which the keys were
    /// replaced reads its source once more, so an older text never wins over newer keys.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the source cannot be read or its text is not that of such keys; the old
    /// ones stay.
    pub fn reload(&self, source: &KeySource) -> Result<(), ConfigError> {
        let read = |keys: &KeyKind| keys.read_again(source);
        self.tell_of(&self.engine().keys.reload(read)?);
        Ok(())
    }

    /// Tells operators of keys that took the place of others, and may be gone again by now.
    fn tell_of(&self, new: &Current) {
        let format = new.format();
        observe::rotated(self.name(), format.can_seal().then(|| format.key_id(0)));
    }

    /// The session's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.engine().name
    }

    /// The cookie's name with its prefix, such as `__Host-Http-login`; `None` for a session in a header.
    ///
    /// What an intermediary or a test needs to know: the library finds its cookies by itself.
    #[must_use]
    pub fn cookie_name(&self) -> Option<&str> {
        self.engine().carrier.cookie_name()
    }

    /// The request header that the token comes in, in lower case: `cookie`, `authorization`, or one
    /// of the application's own.
    #[must_use]
    pub fn request_header(&self) -> &str {
        self.engine().carrier.request_header()
    }

    /// The response header that the token leaves in, in lower case: `set-cookie`, or one of the
    /// application's own.
    #[must_use]
    pub fn response_header(&self) -> &str {
        self.engine().carrier.response_header()
    }
}

impl<T: DeserializeOwned> Codec<T> {
    /// Checks a token and reads its value.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason when the token is not a live one of this session.
    pub fn open(&self, token: impl AsRef<[u8]>) -> Result<Opened<T>, Rejected> {
        let engine = self.engine();
        let keys = engine.keys.current();
        let format = self.format(&keys, Kind::Session);
        self.open_in(&format, token.as_ref(), 1, engine.clock.now())
    }
}

impl<T: Serialize + DeserializeOwned> Codec<T> {
    /// Starts a session with this value and returns its token, which is never cut: a
    /// [`chunked`](crate::CodecBuilder::chunked) session is written by a [`Session`](crate::Session).
    ///
    /// # Errors
    ///
    /// [`SaveError`] when the value cannot be serialized or read back or is too large, when there is
    /// no randomness, or when the keys only open.
    pub fn seal(&self, value: &T) -> Result<String, SaveError> {
        let engine = self.engine();
        let keys = engine.keys.current();
        let format = self.format(&keys, Kind::Session);
        engine.seal(&format, value, engine.clock.now())
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
