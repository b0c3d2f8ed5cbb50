//! HMAC (RFC 2104), with the state after the key prepared once.

use super::{algorithm::Algorithm, signature::Signature};
use crate::{
    base::crypto::{self, Hash},
    error::ConfigError,
};

/// HMAC (RFC 2104) with the state after the key prepared once.
pub(super) struct Mac {
    prepared: crypto::Mac,
    octets: usize,
}

impl Mac {
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Mac, ConfigError> {
        let hash = match algorithm {
            Algorithm::HS256 => Hash::Sha256,
            Algorithm::HS384 => Hash::Sha384,
            Algorithm::HS512 => Hash::Sha512,
            _ => {
                return Err(ConfigError::jwt_key(
                    "a secret is for HS256, HS384 or HS512 only",
                    USE_PEM,
                ));
            }
        };
        let octets = hash.octets();
        if secret.len() < octets {
            let problem = format!(
                "a secret of {} bytes is too short for {algorithm:?}, which needs {octets}",
                secret.len()
            );
            return Err(ConfigError::jwt_key(
                problem,
                "use one as long as the hash (RFC 7518, section 3.2)",
            ));
        }
        let prepared = crypto::Mac::new(hash, secret);
        Ok(Mac { prepared, octets })
    }

    /// The length of a MAC.
    pub(super) fn octets(&self) -> usize {
        self.octets
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        Signature::Mac(self.of(message).finish(), self.octets)
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        // RFC 7518, section 3.2 knows no MAC that is cut.
        let is_it = signature.len() == self.octets && self.of(message).begins_with(signature);
        is_it.then_some(())
    }

    fn of(&self, message: &[u8]) -> crypto::Mac {
        let mut mac = self.prepared.clone();
        mac.update(message);
        mac
    }
}

const USE_PEM: &str = "use JwtKey::pem or JwtKey::jwk for the others";

#[cfg(test)]
mod tests;
