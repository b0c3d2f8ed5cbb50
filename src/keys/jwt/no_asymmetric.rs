//! What stands in the place of asymmetric keys without the feature `asymmetric`: there are none.

use super::{algorithm::Algorithm, jwk::Jwk, signature::Signature};
use crate::error::{ConfigError, SaveError};

/// A back end for asymmetric keys, of which there is none without the feature `asymmetric`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CryptoProvider {}

/// An asymmetric key, of which there is none.
pub(super) enum Asymmetric {}

impl Asymmetric {
    pub(super) fn from_jwk(
        _: Algorithm,
        _: &Jwk<'_>,
        _: Option<&'static CryptoProvider>,
    ) -> Result<Asymmetric, ConfigError> {
        Err(ConfigError::jwt_key(
            "an asymmetric key needs a feature of haversack's that is not on",
            "enable `asymmetric`, and give a CryptoProvider",
        ))
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match *self {}
    }

    pub(super) fn thumbprint_input(&self) -> &str {
        match *self {}
    }

    pub(super) fn signs(&self) -> bool {
        match *self {}
    }

    pub(super) fn signature_octets(&self) -> usize {
        match *self {}
    }

    pub(super) fn sign(&self, _: &[u8]) -> Result<Signature, SaveError> {
        match *self {}
    }

    pub(super) fn verify(&self, _: &[u8], _: &[u8]) -> Option<()> {
        match *self {}
    }
}
