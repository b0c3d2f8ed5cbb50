//! The two formats of a token behind one pair of names, `seal` and `open`.

use std::ops::Range;

#[cfg(feature = "jwt")]
use crate::jwt::{JwtKeys, JwtSet};
use crate::{
    buffer::{Buffer, DERIVATION, wipe_stack},
    envelope::{Envelope, Length},
    error::{ConfigError, Rejected, SaveError},
    keys::KeyRing,
    random::Drawn,
    sealed::SealedKeys,
};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    /// The mark of a sign-out.
    End,
}

impl Kind {
    pub(crate) const ALL: [Kind; 2] = [Kind::Session, Kind::End];

    /// The word that tokens are bound to.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Session => "session",
            Kind::End => "end",
        }
    }
}

/// What a token is bound to and does not choose itself.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) kind: Kind,
    /// The session's name.
    pub(crate) name: String,
    /// The application's own context.
    pub(crate) context: Option<String>,
    /// The `iss` of a JWT.
    #[cfg(feature = "jwt")]
    pub(crate) issuer: Option<String>,
}

/// The keys of a codec: a [`KeyRing`] for sealed tokens, or `JwtKeys` for signed ones.
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
    /// The format with these keys, for tokens of one name and context only.
    pub(crate) fn bind(&self, binding: &Binding) -> Format {
        #[inline(never)]
        fn on_stack(keys: &KeyKind, binding: &Binding) -> Format {
            match keys {
                KeyKind::Sealed(ring) => Format::Sealed(SealedKeys::new(ring, binding)),
                #[cfg(feature = "jwt")]
                KeyKind::Jwt(keys) => Format::Jwt(JwtSet::new(keys, binding)),
            }
        }
        let format = on_stack(self, binding);
        // The keys that were derived moved through many hands.
        wipe_stack::<DERIVATION>();
        format
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

/// Tells a key from all others and nothing of it: some octets that are derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(pub(crate) [u8; 8]);

impl Fingerprint {
    /// The first octets of what is derived from a key.
    pub(crate) fn of(derived: &[u8]) -> Fingerprint {
        let mut octets = [0; 8];
        let length = derived.len().min(octets.len());
        octets[..length].copy_from_slice(&derived[..length]);
        Fingerprint(octets)
    }
}

/// A format with its keys, bound to one session name and context.
pub(crate) enum Format {
    Sealed(SealedKeys),
    #[cfg(feature = "jwt")]
    Jwt(JwtSet),
}

/// What an authentic token holds; nothing of it was compared with a clock yet.
pub(crate) struct Opening {
    pub(crate) envelope: Envelope,
    /// A JWT's `nbf`, 0 if it has none.
    pub(crate) not_before: u64,
    /// The index of the key that opened it.
    pub(crate) key: usize,
    /// What was decrypted or decoded.
    pub(crate) text: Buffer,
    /// Where the value stands in it.
    pub(crate) value: Range<usize>,
}

impl Opening {
    /// JSON, or what should be.
    pub(crate) fn value(&self) -> &[u8] {
        &self.text[self.value.clone()]
    }
}

/// Why a token is refused, and the index of the key that it names if that is known.
pub(crate) struct Refusal {
    pub(crate) reason: Rejected,
    pub(crate) key: Option<usize>,
}

impl From<Rejected> for Refusal {
    fn from(reason: Rejected) -> Refusal {
        Refusal { reason, key: None }
    }
}

impl Rejected {
    pub(crate) fn under(self, key: usize) -> Refusal {
        Refusal {
            reason: self,
            key: Some(key),
        }
    }
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

    /// Whether the key with this fingerprint is one of these.
    pub(crate) fn holds(&self, fingerprint: Fingerprint) -> bool {
        let keys = match self {
            Format::Sealed(keys) => keys.len(),
            #[cfg(feature = "jwt")]
            Format::Jwt(keys) => keys.len(),
        };
        (0..keys).any(|key| self.fingerprint(key) == fingerprint)
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

    /// The length of the token with this envelope, whose pieces do not count yet, and a text of that
    /// many octets, which [`begin`](Format::begin) began.
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
            Format::Sealed(keys) => keys.seal(envelope, drawn.nonce(), text, out),
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
