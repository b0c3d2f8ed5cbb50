//! One named session, fully configured: keys, format, carrier and lifetime wired together.

use std::{fmt, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

#[cfg(feature = "jwt")]
use crate::jwt::JwtKeys;
use crate::{
    builder::CodecBuilder,
    core::Core,
    envelope::{Envelope, SessionId},
    error::{ConfigError, Rejected, SaveError},
    facts::Facts,
    format::{AnyKeys, Fingerprint, KeyKind, Kind},
    key_source::KeySource,
    keys::KeyRing,
    observe,
    rotation::Current,
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
    shared: Arc<Shared<T>>,
    /// Instead of the one that the codec was built with.
    context: Option<Arc<str>>,
}

pub(crate) struct Shared<T> {
    pub(crate) core: Core,
    pub(crate) accept: Option<Box<Accept<T>>>,
    pub(crate) migrate: Option<Box<Migrate<T>>>,
}

/// The application's say in which sessions are accepted.
pub(crate) type Accept<T> = dyn Fn(&T, &Facts) -> bool + Send + Sync;

/// Reads a value of an older shape.
pub(crate) type Migrate<T> = dyn Fn(serde_json::Value) -> Option<T> + Send + Sync;

impl<T> Codec<T> {
    /// Begins the configuration of a sealed session: AES-256-GCM, a secret of the server.
    ///
    /// The name is 1 to 64 octets of the characters of an HTTP token (RFC 9110, section 5.6.2).
    pub fn sealed(name: &str, keys: KeyRing) -> CodecBuilder<T> {
        CodecBuilder::new(name, KeyKind::Sealed(keys))
    }

    /// Begins the configuration of a signed session: a JWT, whose value the client can read.
    ///
    /// The name is as in [`sealed`](Codec::sealed).
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn jwt(name: &str, keys: JwtKeys) -> CodecBuilder<T> {
        CodecBuilder::new(name, KeyKind::Jwt(keys))
    }

    pub(crate) fn new(shared: Shared<T>) -> Codec<T> {
        Codec {
            shared: Arc::new(shared),
            context: None,
        }
    }

    pub(crate) fn core(&self) -> &Core {
        &self.shared.core
    }

    pub(crate) fn accept(&self) -> Option<&Accept<T>> {
        self.shared.accept.as_deref()
    }

    pub(crate) fn migrate(&self) -> Option<&Migrate<T>> {
        self.shared.migrate.as_deref()
    }

    pub(crate) fn bound_to(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// Whether the other one is a clone of this one, in the same context.
    #[cfg(feature = "tower")]
    pub(crate) fn is(&self, other: &Codec<T>) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) && self.context == other.context
    }

    /// This session in another context, such as that of a tenant: 1 to 256 octets, in a signed
    /// session as JSON writes them. It takes the place
    /// of one that the codec was [built with](CodecBuilder::context), so whoever needs both writes both
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
        let signed = self.core().keys.current().format().is_signed();
        crate::builder::check_length("context", context, signed)?;
        Ok(Codec {
            shared: Arc::clone(&self.shared),
            context: Some(context.into()),
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
        self.tell_of(&self.core().keys.replace(keys)?);
        Ok(())
    }

    /// Reads the keys from their source again and [rotates](Codec::rotate) to them: a [`KeyRing`]
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
        let read = |keys: &KeyKind| source.read_like(keys);
        self.tell_of(&self.core().keys.reload(read)?);
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
        &self.core().name
    }

    /// The cookie's name with its prefix, such as `__Host-Http-login`; `None` for a session in a header.
    ///
    /// What an intermediary or a test needs to know: the library finds its cookies by itself.
    #[must_use]
    pub fn cookie_name(&self) -> Option<&str> {
        self.core().carrier.cookie_name()
    }

    /// The request header that the token comes in, in lower case: `cookie`, `authorization`, or one
    /// of the application's own.
    #[must_use]
    pub fn request_header(&self) -> &str {
        self.core().carrier.request_header()
    }

    /// The response header that the token leaves in, in lower case: `set-cookie`, or one of the
    /// application's own.
    #[must_use]
    pub fn response_header(&self) -> &str {
        self.core().carrier.response_header()
    }
}

impl<T: DeserializeOwned> Codec<T> {
    /// Checks a token and reads its value.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason when the token is not a live one of this session.
    pub fn open(&self, token: impl AsRef<[u8]>) -> Result<Opened<T>, Rejected> {
        let core = self.core();
        let keys = core.keys.current();
        let format = core.bound(&keys, Kind::Session, self.bound_to());
        self.open_in(&format, token.as_ref(), 1, core.clock.now())
    }
}

impl<T: Serialize + DeserializeOwned> Codec<T> {
    /// Starts a session with this value and returns its token, which is never cut: a
    /// [`chunked`](CodecBuilder::chunked) session is written by a [`Session`](crate::Session).
    ///
    /// # Errors
    ///
    /// [`SaveError`] when the value cannot be serialized or read back or is too large, when there is
    /// no randomness, or when the keys only open.
    pub fn seal(&self, value: &T) -> Result<String, SaveError> {
        let core = self.core();
        let keys = core.keys.current();
        let format = core.bound(&keys, Kind::Session, self.bound_to());
        core.seal(&format, value, core.clock.now())
    }
}

impl<T> Clone for Codec<T> {
    fn clone(&self) -> Codec<T> {
        Codec {
            shared: Arc::clone(&self.shared),
            context: self.context.clone(),
        }
    }
}

impl<T> fmt::Debug for Codec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("name", &self.core().name)
            .field("request_header", &self.request_header())
            .field("policy", &self.core().policy)
            .finish_non_exhaustive()
    }
}

/// What a live token holds: the value, and the facts about its session.
#[derive(Clone)]
pub struct Opened<T> {
    pub(crate) value: T,
    pub(crate) envelope: Envelope,
    /// The key that opened it.
    pub(crate) key: Fingerprint,
    /// Whether the session should be issued again whatever its age.
    pub(crate) outdated: bool,
}

impl<T> Opened<T> {
    /// The value, by itself.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The session's id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.envelope.id
    }

    /// What is known of the session beside its value.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.envelope.into()
    }
}

impl<T> fmt::Debug for Opened<T> {
    /// Shows the facts and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("envelope", &self.envelope)
            .finish_non_exhaustive()
    }
}
