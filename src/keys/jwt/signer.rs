//! How a key signs and verifies: with HMAC here, or in the application's back end.

use super::{Asymmetric, mac::Mac, signature::Signature};
use crate::{base::base64url, error::SaveError};

/// How a key signs and verifies.
#[allow(
    clippy::large_enum_variant,
    reason = "how large HMAC is depends on the back end, and it is always behind an `Arc`"
)]
pub(super) enum Signer {
    Mac(Mac),
    Asymmetric(Asymmetric),
}

impl Signer {
    pub(super) fn signs(&self) -> bool {
        match self {
            Signer::Mac(_) => true,
            Signer::Asymmetric(key) => key.signs(),
        }
    }

    /// The characters of a signature in base64url.
    pub(super) fn signature_length(&self) -> usize {
        base64url::length(match self {
            Signer::Mac(mac) => mac.octets(),
            Signer::Asymmetric(key) => key.signature_octets(),
        })
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Signature, SaveError> {
        match self {
            Signer::Mac(mac) => Ok(mac.sign(message)),
            Signer::Asymmetric(key) => key.sign(message),
        }
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        match self {
            Signer::Mac(mac) => mac.verify(message, signature),
            Signer::Asymmetric(key) => key.verify(message, signature),
        }
    }
}
