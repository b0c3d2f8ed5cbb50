//! The two formats of a token behind one pair of names, `seal` and `open`.

#[cfg(feature = "jwt")]
use crate::jwt::{JwtKeys, JwtSet};
use crate::{
    buffer::Buffer,
    envelope::Envelope,
    error::{ConfigError, Rejected, SaveError},
    keys::KeyRing,
    random::Random,
    sealed::SealedKeys,
};

/// What a token is bound to and does not choose itself.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// The session's name.
    pub(crate) name: String,
    /// The application's own context.
    pub(crate) context: Option<String>,
    /// The `iss` of a JWT.
    #[cfg(feature = "jwt")]
    pub(crate) issuer: Option<String>,
}

/// The keys of a codec: a [`KeyRing`] for sealed tokens, [`JwtKeys`] for signed ones.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    Sealed(KeyRing),
    #[cfg(feature = "jwt")]
    Jwt(JwtKeys),
}

impl Keys {
    /// The format with these keys, for tokens of one name and context only.
    pub(crate) fn bind(&self, binding: &Binding) -> Result<Format, ConfigError> {
        Ok(match self {
            Keys::Sealed(ring) => Format::Sealed(SealedKeys::new(ring, binding)?),
            #[cfg(feature = "jwt")]
            Keys::Jwt(keys) => Format::Jwt(JwtSet::new(keys, binding)?),
        })
    }
}

/// A format with its keys, bound to one session name and context.
pub(crate) enum Format {
    Sealed(SealedKeys),
    #[cfg(feature = "jwt")]
    Jwt(JwtSet),
}

/// What an authentic token holds; nothing of it was compared with a clock yet.
pub(crate) struct Opening<'s> {
    pub(crate) envelope: Envelope,
    /// A JWT's `nbf`, 0 if it has none.
    pub(crate) not_before: u64,
    /// JSON.
    pub(crate) value: &'s [u8],
    /// The index of the key that opened it.
    pub(crate) key: usize,
}

impl Format {
    /// Whether there is a key that makes tokens.
    pub(crate) fn can_seal(&self) -> bool {
        match self {
            Format::Sealed(_) => true,
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.can_seal(),
        }
    }

    /// Appends a token to `out`; `value` writes the JSON of the session's value.
    pub(crate) fn seal(
        &self,
        envelope: &Envelope,
        value: impl FnOnce(&mut Buffer) -> Result<(), SaveError>,
        random: &dyn Random,
        out: &mut String,
    ) -> Result<(), SaveError> {
        let mut buffer = Buffer::with_capacity(1024);
        match self {
            Format::Sealed(keys) => {
                keys.begin(envelope, &mut buffer);
                value(&mut buffer)?;
                keys.seal(buffer, random, out)
            }
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => {
                keys.begin(envelope, &mut buffer);
                value(&mut buffer)?;
                keys.seal(buffer, out)
            }
        }
    }

    /// Reads a token into `scratch`, which is as long as the token, once it is authentic.
    pub(crate) fn open<'s>(
        &self,
        token: &[u8],
        scratch: &'s mut [u8],
    ) -> Result<Opening<'s>, Rejected> {
        match self {
            Format::Sealed(keys) => keys.open(token, scratch),
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.open(token, scratch),
        }
    }
}
