//! One named session, fully configured: keys, format, carrier and lifetime wired together.

use std::{fmt, marker::PhantomData, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

#[cfg(feature = "jwt")]
use crate::jwt::JwtKeys;
use crate::{
    buffer::scratch,
    builder::CodecBuilder,
    carrier::Carrier,
    clock::Clock,
    envelope::{Envelope, SessionId, Times},
    error::{Rejected, SaveError},
    format::{Format, Keys},
    keys::KeyRing,
    lifetime::Policy,
    random::Random,
};

/// One named session whose value is a `T`: its format, keys, carrier and lifetime.
///
/// It is made once, when the program starts, and cloned cheaply. Its name is bound into every token,
/// so a token of one session never opens as another, whatever their types.
///
/// The three ways to use it are the same underneath:
///
/// - with strings: [`session`](Codec::session), or without a session around the value
///   [`read`](Codec::read) and [`write`](Codec::write) (a header's value), [`open`](Codec::open) and
///   [`seal`](Codec::seal) (a token);
/// - with `http` types: `load` gives a [`Session`](crate::Session), `Session::save` writes it;
/// - in a `tower` stack: `layer`, and in axum the extractors [`Session`](crate::Session) and
///   `Active`.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
/// let set_cookie = login.write(&7)?;
/// let (cookie, _attributes) = set_cookie.split_once(';').unwrap();
/// assert_eq!(login.read(cookie)?.unwrap().value(), &7);
/// # Ok(())
/// # }
/// ```
pub struct Codec<T> {
    core: Arc<Core>,
    value: PhantomData<fn() -> T>,
}

/// All of a codec but its type.
pub(crate) struct Core {
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) carrier: Carrier,
    pub(crate) policy: Policy,
    pub(crate) skew: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

impl<T> Codec<T> {
    /// Begins the configuration of a sealed session: AES-256-GCM, a secret of the server.
    ///
    /// The name is 1 to 64 octets of the characters of an HTTP token (RFC 9110, section 5.6.2).
    pub fn sealed(name: &str, keys: KeyRing) -> CodecBuilder<T> {
        CodecBuilder::new(name, Keys::Sealed(keys))
    }

    /// Begins the configuration of a signed session: a JWT, whose value the client can read.
    ///
    /// The name is as in [`sealed`](Codec::sealed).
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn jwt(name: &str, keys: JwtKeys) -> CodecBuilder<T> {
        CodecBuilder::new(name, Keys::Jwt(keys))
    }

    pub(crate) fn new(core: Core) -> Codec<T> {
        Codec {
            core: Arc::new(core),
            value: PhantomData,
        }
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// The session's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.core.name
    }

    /// The request header that the token comes in, in lower case: `cookie`, `authorization`, or one
    /// of the application's own.
    #[must_use]
    pub fn request_header(&self) -> &str {
        self.core.carrier.request_header()
    }

    /// The response header that the token leaves in, in lower case: `set-cookie`, or one of the
    /// application's own.
    #[must_use]
    pub fn response_header(&self) -> &str {
        self.core.carrier.response_header()
    }
}

impl<T: DeserializeOwned> Codec<T> {
    /// Checks a token and reads its value.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason when the token is not a live one of this session.
    pub fn open(&self, token: impl AsRef<[u8]>) -> Result<Opened<T>, Rejected> {
        self.open_at(token.as_ref(), self.core.clock.now())
    }

    /// Opens the token in a value of the [request header](Codec::request_header); `None` when there
    /// is none in it.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason when there is a token and it is not a live one of this session.
    pub fn read(&self, header_value: impl AsRef<[u8]>) -> Result<Option<Opened<T>>, Rejected> {
        self.read_at([header_value.as_ref()], self.core.clock.now())
    }

    /// Opens the token in these values of the request header: of several, the one issued last.
    pub(crate) fn read_at<'h>(
        &self,
        header_values: impl IntoIterator<Item = &'h [u8]>,
        now: u64,
    ) -> Result<Option<Opened<T>>, Rejected> {
        let carrier = &self.core.carrier;
        let mut tokens = header_values
            .into_iter()
            .flat_map(|value| carrier.tokens(value));
        let Some(first) = tokens.next() else {
            return Ok(None);
        };
        let mut best = self.open_at(first, now);
        for token in tokens.take(CANDIDATES - 1) {
            if !carrier.keeps_tokens() {
                return Err(Rejected::Malformed);
            }
            let Ok(other) = self.open_at(token, now) else {
                continue;
            };
            if best
                .as_ref()
                .is_ok_and(|best| best.issued_at() >= other.issued_at())
            {
                continue;
            }
            best = Ok(other);
        }
        best.map(Some)
    }

    fn open_at(&self, token: &[u8], now: u64) -> Result<Opened<T>, Rejected> {
        self.core.open(token, now, |envelope, key, json| {
            let value = from_json(json).ok_or(Rejected::Value)?;
            Ok(Opened {
                value,
                envelope,
                key,
            })
        })
    }
}

impl<T: Serialize> Codec<T> {
    /// Starts a session with this value and returns its token.
    ///
    /// # Errors
    ///
    /// [`SaveError`] when the value cannot be serialized or is too large, when there is no
    /// randomness, or when the keys only open.
    pub fn seal(&self, value: &T) -> Result<String, SaveError> {
        let mut token = String::with_capacity(512);
        let now = self.core.clock.now();
        self.core.seal(&self.core.start(now)?, value, &mut token)?;
        Ok(token)
    }

    /// Starts a session with this value and returns the value of the
    /// [response header](Codec::response_header) that carries it: for a cookie, name, token and
    /// attributes.
    ///
    /// # Errors
    ///
    /// As for [`seal`](Codec::seal).
    pub fn write(&self, value: &T) -> Result<String, SaveError> {
        let now = self.core.clock.now();
        self.core.write(&self.core.start(now)?, value, now)
    }
}

impl Core {
    /// The envelope of a new session.
    pub(crate) fn start(&self, now: u64) -> Result<Envelope, SaveError> {
        let mut id = [0; 16];
        self.random.fill(&mut id)?;
        Ok(Envelope {
            id: SessionId::from_bytes(id),
            version: 0,
            times: self.policy.start(now),
        })
    }

    /// Appends a token to `out`.
    fn seal<T: Serialize>(
        &self,
        envelope: &Envelope,
        value: &T,
        out: &mut String,
    ) -> Result<(), SaveError> {
        let start = out.len();
        let write = |buffer: &mut _| {
            serde_json::to_writer(buffer, value).map_err(|error| SaveError::Value(error.into()))
        };
        self.format.seal(envelope, write, &*self.random, out)?;
        let (octets, limit) = (
            self.carrier.name_length() + out.len() - start,
            self.carrier.limit(),
        );
        if octets > limit {
            Err(SaveError::TooLarge { octets, limit })
        } else {
            Ok(())
        }
    }

    /// The response header's value with a token that lives on from now.
    pub(crate) fn write<T: Serialize>(
        &self,
        envelope: &Envelope,
        value: &T,
        now: u64,
    ) -> Result<String, SaveError> {
        let life = envelope.times.expires.saturating_sub(now);
        self.carrier
            .write(life, |out| self.seal(envelope, value, out))
    }

    /// Checks a token and calls `read` with its facts, the index of its key, and its value.
    fn open<R>(
        &self,
        token: &[u8],
        now: u64,
        read: impl FnOnce(Envelope, usize, &[u8]) -> Result<R, Rejected>,
    ) -> Result<R, Rejected> {
        if token.len() > self.carrier.limit() {
            return Err(Rejected::TooLarge);
        }
        scratch(token.len(), |scratch| {
            let opening = self.format.open(token, scratch)?;
            if opening.not_before > now.saturating_add(self.skew) {
                return Err(Rejected::NotYetValid);
            }
            let times = self.policy.limit(opening.envelope.times);
            Policy::live(times, now, self.skew)?;
            read(
                Envelope {
                    times,
                    ..opening.envelope
                },
                opening.key,
                opening.value,
            )
        })
    }
}

impl<T> Clone for Codec<T> {
    fn clone(&self) -> Codec<T> {
        Codec {
            core: Arc::clone(&self.core),
            value: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Codec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("name", &self.core.name)
            .field("request_header", &self.request_header())
            .field("policy", &self.core.policy)
            .finish_non_exhaustive()
    }
}

/// What a live token holds: the value, and the facts about its session.
#[derive(Clone)]
pub struct Opened<T> {
    pub(crate) value: T,
    pub(crate) envelope: Envelope,
    /// The index of the key that opened it.
    pub(crate) key: usize,
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

    /// How often the value was updated since the start.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.envelope.version
    }

    /// When the session started, in seconds since 1970.
    #[must_use]
    pub fn started_at(&self) -> u64 {
        self.times().started
    }

    /// When the token was made, in seconds since 1970.
    #[must_use]
    pub fn issued_at(&self) -> u64 {
        self.times().issued
    }

    /// The idle deadline in seconds since 1970, which is never past [`ends_at`](Opened::ends_at):
    /// the session is live before this second.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.times().expires
    }

    /// The absolute deadline in seconds since 1970.
    #[must_use]
    pub fn ends_at(&self) -> u64 {
        self.times().ends
    }

    fn times(&self) -> &Times {
        &self.envelope.times
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

/// Checking that the octets are UTF-8 first is faster than doing it string by string.
#[inline(never)]
fn from_json<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(json).ok()?).ok()
}

/// How many tokens of one name are opened in a request.
const CANDIDATES: usize = 8;
