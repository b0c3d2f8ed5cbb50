//! The cryptography under everything, from one of two back ends with the same words.
//!
//! - `Aes256`: AES-256 (FIPS 197) block by block, for the keys that XAES-256-GCM derives.
//! - `gcm_seal`, `gcm_open`: AES-256-GCM (SP 800-38D) in place, under a key for one token.
//! - `Mac`: HMAC (RFC 2104), with the state after the key prepared once.
//! - `hkdf`: HKDF-SHA-256 (RFC 5869).
//! - `sha256`: SHA-256 (FIPS 180-4).
//!
//! What both write is the same. If a program has both features on, AWS-LC is used: whoever asks for
//! it wants it, and the other one is a default.

#[cfg(any(feature = "aws_lc_rs", feature = "fips"))]
mod aws_lc;
#[cfg(not(any(feature = "aws_lc_rs", feature = "fips")))]
mod rust_crypto;

#[cfg(any(feature = "aws_lc_rs", feature = "fips"))]
pub(crate) use self::aws_lc::{Aes256, Mac, gcm_open, gcm_seal, hkdf, sha256};
#[cfg(not(any(feature = "aws_lc_rs", feature = "fips")))]
pub(crate) use self::rust_crypto::{Aes256, Mac, gcm_open, gcm_seal, hkdf, sha256};

/// The hash of a [`Mac`].
#[derive(Clone, Copy)]
pub(crate) enum Hash {
    Sha256,
    #[cfg(feature = "jwt")]
    Sha384,
    #[cfg(feature = "jwt")]
    Sha512,
}

#[cfg(feature = "jwt")]
impl Hash {
    /// The length of a hash, and of a MAC.
    pub(crate) fn octets(self) -> usize {
        match self {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        }
    }
}

pub(crate) const BLOCK: usize = 16;
/// The nonce of AES-GCM, half of that of XAES-256-GCM.
pub(crate) const GCM_NONCE: usize = 12;
pub(crate) const TAG: usize = 16;

#[cfg(test)]
mod tests;
