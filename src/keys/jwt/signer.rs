//! How a key signs and verifies: with HMAC here, or in the application's back end.

use super::signature::Signature;
use crate::{error::SaveError, keys::Commitment};

/// How a key signs and verifies.
pub(super) trait Signer: Send + Sync {
    fn signs(&self) -> bool;

    /// Whether a signature takes long to check.
    fn is_asymmetric(&self) -> bool;

    /// The octets of a signature.
    fn signature_octets(&self) -> usize;

    fn sign(&self, message: &[u8]) -> Result<Signature, SaveError>;

    fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()>;

    /// What a ticket's binding is compared by, from what tells its purpose: under the secret, or for a
    /// public key under none, as who verifies has no other.
    fn commitment(&self, info: &[u8]) -> Commitment;
}
