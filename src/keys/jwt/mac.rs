//! HMAC (RFC 2104), with the state after the key prepared once.

use std::sync::Arc;

use super::{algorithm::Algorithm, signature::Signature, signer::Signer};
use crate::{
    base::crypto::{HmacSha256, HmacSha384, HmacSha512, Mac},
    error::{ConfigError, SaveError},
    keys::Commitment,
};

/// A secret with the state after it prepared once.
struct Secret<M>(M);

/// Signs with HMAC under a secret that is long enough.
pub(super) fn signer<M: Mac>(
    algorithm: Algorithm,
    secret: &[u8],
) -> Result<Arc<dyn Signer>, ConfigError> {
    let octets = M::octets();
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
    Ok(Arc::new(Secret(M::new(secret))))
}

/// The same for an algorithm that only the running program knows.
pub(super) fn signer_for(
    algorithm: Algorithm,
    secret: &[u8],
) -> Result<Arc<dyn Signer>, ConfigError> {
    match algorithm {
        Algorithm::HS256 => signer::<HmacSha256>(algorithm, secret),
        Algorithm::HS384 => signer::<HmacSha384>(algorithm, secret),
        Algorithm::HS512 => signer::<HmacSha512>(algorithm, secret),
        _ => Err(ConfigError::jwt_key(
            "a secret is for HS256, HS384 or HS512 only",
            USE_PEM,
        )),
    }
}

impl<M: Mac> Secret<M> {
    fn mac_of(&self, message: &[u8]) -> M {
        let mut mac = self.0.clone();
        mac.update(message);
        mac
    }
}

impl<M: Mac> Signer for Secret<M> {
    fn signs(&self) -> bool {
        true
    }

    fn is_asymmetric(&self) -> bool {
        false
    }

    fn signature_octets(&self) -> usize {
        M::octets()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SaveError> {
        Ok(Signature::Mac(self.mac_of(message).finish(), M::octets()))
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        // RFC 7518, section 3.2 knows no MAC that is cut.
        let is_it = signature.len() == M::octets() && self.mac_of(message).begins_with(signature);
        is_it.then_some(())
    }

    fn commitment(&self, info: &[u8]) -> Commitment {
        let key = self.mac_of(info).finish::<64>();
        Commitment::new(&key[..M::octets()])
    }
}

const USE_PEM: &str = "use JwtKey::pem or JwtKey::jwk for the others";

#[cfg(test)]
mod tests;
