//! What stands in the place of asymmetric keys without the feature `asymmetric`: there are none.

use super::{algorithm::Algorithm, jwk::Jwk, key::JwtKey};
use crate::error::ConfigError;

/// A back end for asymmetric keys, of which there is none without the feature `asymmetric`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CryptoProvider {}

pub(super) fn asymmetric_jwk(
    _: Algorithm,
    _: &Jwk<'_>,
    _: Option<&'static CryptoProvider>,
) -> Result<JwtKey, ConfigError> {
    Err(ConfigError::jwt_key(
        "an asymmetric key needs a feature of haversack's that is not on",
        "enable `asymmetric`, and give a CryptoProvider",
    ))
}
