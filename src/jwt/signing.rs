//! Making and checking signatures; HMAC (RFC 2104) is done here.

use hmac::{Hmac, KeyInit};
use jsonwebtoken::Algorithm;
use sha2::{Sha256, Sha384, Sha512};

use super::asymmetric::Asymmetric;
use crate::{
    base64url,
    error::{ConfigError, SaveError},
};

/// How a key signs and verifies.
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
            Signer::Mac(Mac::Hs256(_)) => 32,
            Signer::Mac(Mac::Hs384(_)) => 48,
            Signer::Mac(Mac::Hs512(_)) => 64,
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

/// The octets of a signature; those of a MAC need no heap.
pub(super) enum Signature {
    Mac([u8; 64], usize),
    Asymmetric(Vec<u8>),
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        match self {
            Signature::Mac(bytes, length) => &bytes[..*length],
            Signature::Asymmetric(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Signature {
    fn from(mac: &[u8]) -> Signature {
        let mut bytes = [0; 64];
        bytes[..mac.len()].copy_from_slice(mac);
        Signature::Mac(bytes, mac.len())
    }
}

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

    fn sign(&self, message: &[u8]) -> Signature {
        match self {
            Mac::Hs256(mac) => sign(mac, message),
            Mac::Hs384(mac) => sign(mac, message),
            Mac::Hs512(mac) => sign(mac, message),
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
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
