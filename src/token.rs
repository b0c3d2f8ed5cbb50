//! A token: the two formats behind one pair of names, `seal` and `open`.
//!
//! It knows keys and octets, and nothing of cookies, requests or the time.

pub(crate) mod binding;
#[cfg(feature = "jwt")]
pub(crate) mod claims;
pub(crate) mod drawn;
pub(crate) mod envelope;
#[cfg(feature = "jwt")]
pub(crate) mod jwt;
pub(crate) mod opening;
pub(crate) mod outline;
pub(crate) mod sealed;
pub(crate) mod ticket;
mod xaes;

#[cfg(feature = "jwt")]
use self::jwt::JwtSet;
use self::{
    binding::Binding,
    drawn::Drawn,
    envelope::{Envelope, Length},
    opening::{Opening, Refusal},
    sealed::SealedKeys,
};
use crate::{
    base::buffer::{Buffer, DERIVATION, wipe_stack},
    error::SaveError,
    keys::{Fingerprint, KeyKind},
};

/// A format with its keys, bound to one session name and context.
pub(crate) enum Format {
    Sealed(SealedKeys),
    #[cfg(feature = "jwt")]
    Jwt(JwtSet),
}

impl Format {
    /// The format of these keys, for tokens with one binding only.
    pub(crate) fn new(keys: &KeyKind, binding: &Binding) -> Format {
        #[inline(never)]
        fn on_stack(keys: &KeyKind, binding: &Binding) -> Format {
            match keys {
                KeyKind::Sealed(ring) => Format::Sealed(SealedKeys::new(ring, binding)),
                #[cfg(feature = "jwt")]
                KeyKind::Jwt(keys) => Format::Jwt(JwtSet::new(keys, binding)),
            }
        }
        let format = on_stack(keys, binding);
        // The keys that were derived moved through many hands.
        wipe_stack::<DERIVATION>();
        format
    }

    /// Whether there is a key that makes tokens.
    pub(crate) fn can_seal(&self) -> bool {
        match self {
            Format::Sealed(_) => true,
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.can_seal(),
        }
    }

    /// How many tokens of one name are opened in a request: few where it takes long to refuse one.
    pub(crate) fn most_candidates(&self) -> usize {
        match self {
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) if keys.any_asymmetric() => 2,
            _ => 8,
        }
    }

    /// The name of a key as people read it.
    pub(crate) fn key_id(&self, key: usize) -> &str {
        match self {
            Format::Sealed(keys) => keys.key_id(key),
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.key_id(key),
        }
    }

    /// Whether tokens are JWTs.
    pub(crate) fn is_signed(&self) -> bool {
        match self {
            Format::Sealed(_) => false,
            #[cfg(feature = "jwt")]
            Format::Jwt(_) => true,
        }
    }

    /// What tells a key from all others.
    pub(crate) fn fingerprint(&self, key: usize) -> Fingerprint {
        match self {
            Format::Sealed(keys) => keys.fingerprint(key),
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.fingerprint(key),
        }
    }

    /// How many keys there are.
    pub(crate) fn keys(&self) -> usize {
        match self {
            Format::Sealed(keys) => keys.len(),
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.len(),
        }
    }

    /// Whether the key with this fingerprint is one of these.
    pub(crate) fn holds(&self, fingerprint: Fingerprint) -> bool {
        (0..self.keys()).any(|key| self.fingerprint(key) == fingerprint)
    }

    /// Writes what comes before the value.
    pub(crate) fn begin(&self, text: &mut Buffer) {
        match self {
            Format::Sealed(_) => SealedKeys::begin(text),
            #[cfg(feature = "jwt")]
            Format::Jwt(_) => JwtSet::begin(text),
        }
    }

    /// Whether each token has a nonce.
    pub(crate) fn has_nonce(&self) -> bool {
        matches!(self, Format::Sealed(_))
    }

    /// The length of the token with this envelope, whose pieces do not count yet, and a text of
    /// that many octets, which [`begin`](Format::begin) began.
    #[cfg_attr(
        not(feature = "jwt"),
        expect(unused_variables, reason = "only numbers in text differ in length")
    )]
    pub(crate) fn length(&self, envelope: &Envelope, text: usize) -> Result<Length, SaveError> {
        match self {
            Format::Sealed(_) => Ok(SealedKeys::length(text)),
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.length(envelope, text),
        }
    }

    /// Appends the token to `out`. The text is what [`begin`](Format::begin) wrote and the value as
    /// JSON.
    pub(crate) fn seal(
        &self,
        envelope: &Envelope,
        drawn: &Drawn,
        text: Buffer,
        out: &mut Vec<u8>,
    ) -> Result<(), SaveError> {
        match self {
            Format::Sealed(keys) => {
                keys.seal(envelope, drawn.nonce(), text, out);
                Ok(())
            }
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.seal(envelope, text, out),
        }
    }

    /// Reads a token once it is authentic.
    pub(crate) fn open(&self, token: &[u8]) -> Result<Opening, Refusal> {
        match self {
            Format::Sealed(keys) => keys.open(token),
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.open(token),
        }
    }
}
