//! HMAC (RFC 2104), with the state after the key prepared once.

use hmac::{Hmac, KeyInit};
use jsonwebtoken::Algorithm;
use sha2::{Sha256, Sha384, Sha512};

use super::signature::Signature;
use crate::error::ConfigError;

/// HMAC (RFC 2104) with the state after the key prepared once.
pub(super) enum Mac {
    Hs256(Hmac<Sha256>),
    Hs384(Hmac<Sha384>),
    Hs512(Hmac<Sha512>),
}

impl Mac {
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Mac, ConfigError> {
        let needed = match algorithm {
            Algorithm::HS256 => 32,
            Algorithm::HS384 => 48,
            Algorithm::HS512 => 64,
            _ => {
                return Err(ConfigError::jwt_key(
                    "a secret is for HS256, HS384 or HS512 only",
                    USE_PEM,
                ));
            }
        };
        if secret.len() < needed {
            let problem = format!(
                "a secret of {} bytes is too short for {algorithm:?}, which needs {needed}",
                secret.len()
            );
            return Err(ConfigError::jwt_key(
                problem,
                "use one as long as the hash (RFC 7518, section 3.2)",
            ));
        }
        Ok(match algorithm {
            Algorithm::HS384 => Mac::Hs384(prepared(secret)),
            Algorithm::HS512 => Mac::Hs512(prepared(secret)),
            _ => Mac::Hs256(prepared(secret)),
        })
    }

    /// The length of a MAC.
    pub(super) fn octets(&self) -> usize {
        match self {
            Mac::Hs256(_) => 32,
            Mac::Hs384(_) => 48,
            Mac::Hs512(_) => 64,
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        match self {
            Mac::Hs256(mac) => sign(mac, message),
            Mac::Hs384(mac) => sign(mac, message),
            Mac::Hs512(mac) => sign(mac, message),
        }
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        match self {
            Mac::Hs256(mac) => verify(mac, message, signature),
            Mac::Hs384(mac) => verify(mac, message, signature),
            Mac::Hs512(mac) => verify(mac, message, signature),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "HMAC takes keys of every length, RFC 2104, section 2"
)]
fn prepared<M: KeyInit>(secret: &[u8]) -> M {
    M::new_from_slice(secret).expect("any length is a key")
}

fn sign<M: hmac::Mac + Clone>(mac: &M, message: &[u8]) -> Signature {
    Signature::from(&*mac.clone().chain_update(message).finalize().into_bytes())
}

fn verify<M: hmac::Mac + Clone>(mac: &M, message: &[u8], signature: &[u8]) -> Option<()> {
    mac.clone()
        .chain_update(message)
        .verify_slice(signature)
        .ok()
}

const USE_PEM: &str = "use JwtKey::pem or JwtKey::jwk for the others";

#[cfg(test)]
mod tests;
