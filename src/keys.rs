//! The keys of sessions, as the application hands them over: a ring for sealed ones, or those of
//! JWTs.
//!
//! What is made of them for a session is the token's affair: nothing here knows of names, contexts
//! or requests.

mod derivation;
#[cfg(feature = "jwt")]
pub(crate) mod jwt;
pub(crate) mod ring;
pub(crate) mod source;
mod text;
mod weakness;

pub(crate) use self::derivation::{COMMITMENT, COMMITMENT_LABEL, Commitment, Fingerprint};
#[cfg(feature = "jwt")]
use self::jwt::JwtKeys;
use self::{ring::KeyRing, source::KeySource};
use crate::error::ConfigError;

/// The keys of a codec: a [`KeyRing`] for sealed tokens, or `JwtKeys` for signed ones. It is what
/// [`Codec::rotate`](crate::Codec::rotate) takes, and made from either.
///
/// # Examples
///
/// ```
/// use haversack::{AnyKeys, Key, KeyRing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = AnyKeys::from(KeyRing::new(Key::generate()?));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AnyKeys(pub(crate) KeyKind);

#[derive(Clone, Debug)]
pub(crate) enum KeyKind {
    Sealed(KeyRing),
    #[cfg(feature = "jwt")]
    Jwt(JwtKeys),
}

impl From<KeyRing> for AnyKeys {
    fn from(ring: KeyRing) -> AnyKeys {
        AnyKeys(KeyKind::Sealed(ring))
    }
}

#[cfg(feature = "jwt")]
impl From<JwtKeys> for AnyKeys {
    fn from(keys: JwtKeys) -> AnyKeys {
        AnyKeys(KeyKind::Jwt(keys))
    }
}

impl KeyKind {
    /// The keys as they are in a source now, of the same kind as these.
    pub(crate) fn read_again(&self, source: &KeySource) -> Result<KeyKind, ConfigError> {
        match self {
            KeyKind::Sealed(_) => source.read().map(KeyKind::Sealed),
            #[cfg(feature = "jwt")]
            KeyKind::Jwt(_) => source.read().map(KeyKind::Jwt),
        }
    }

    /// Whether they are for JWTs.
    pub(crate) fn are_signing(&self) -> bool {
        !matches!(self, KeyKind::Sealed(_))
    }

    /// Whether the keys can work together.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        match self {
            KeyKind::Sealed(ring) => ring.check(),
            #[cfg(feature = "jwt")]
            KeyKind::Jwt(keys) => keys.check(),
        }
    }

    /// A codec's format is for life.
    pub(crate) fn check_same_kind(&self, other: &KeyKind) -> Result<(), ConfigError> {
        if std::mem::discriminant(self) == std::mem::discriminant(other) {
            return Ok(());
        }
        let fix = "give a KeyRing to a sealed session and JwtKeys to a signed one";
        Err(ConfigError::new(
            "keys",
            "they are for the other format",
            fix,
        ))
    }
}
