//! The cryptography under everything, from one of two back ends with the same words.
//!
//! - `Aes256`: AES-256 (FIPS 197) block by block, for the keys that XAES-256-GCM derives.
//! - `gcm_seal`, `gcm_open`: AES-256-GCM (SP 800-38D) in place, under a key for one token.
//! - `HmacSha256`, and for JWTs `HmacSha384` and `HmacSha512`: HMAC (RFC 2104).
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
pub(crate) use self::aws_lc::{Aes256, HmacSha256, gcm_open, gcm_seal, hkdf, sha256};
#[cfg(all(feature = "jwt", any(feature = "aws_lc_rs", feature = "fips")))]
pub(crate) use self::aws_lc::{HmacSha384, HmacSha512};
#[cfg(not(any(feature = "aws_lc_rs", feature = "fips")))]
pub(crate) use self::rust_crypto::{Aes256, HmacSha256, gcm_open, gcm_seal, hkdf, sha256};
#[cfg(all(feature = "jwt", not(any(feature = "aws_lc_rs", feature = "fips"))))]
pub(crate) use self::rust_crypto::{HmacSha384, HmacSha512};

/// HMAC (RFC 2104) with the state after the key prepared.
pub(crate) trait Mac: Clone + Send + Sync + 'static {
    fn new(key: &[u8]) -> Self;

    /// The length of a MAC, and of its hash.
    #[cfg(feature = "jwt")]
    fn octets() -> usize;

    /// Adds octets to what the MAC is of.
    fn update(&mut self, octets: &[u8]);

    /// The first `N` octets of the MAC, with zeros behind it.
    fn finish<const N: usize>(self) -> [u8; N];

    /// Whether the MAC begins with these octets, of which there are some, in constant time.
    fn begins_with(self, octets: &[u8]) -> bool;
}

pub(crate) const BLOCK: usize = 16;
/// The nonce of AES-GCM, half of that of XAES-256-GCM.
pub(crate) const GCM_NONCE: usize = 12;
pub(crate) const TAG: usize = 16;

#[cfg(test)]
mod tests;
