//! Asymmetric keys in PEM.

use std::panic::catch_unwind;

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, crypto::CryptoProvider,
    jwk::EllipticCurve,
};

use super::{asymmetric::Asymmetric, jwk::PublicKey};
use crate::error::ConfigError;

/// A private key, which has its public half in it, or a public key.
pub(super) fn read(
    algorithm: Algorithm,
    pem: &[u8],
    provider: &'static CryptoProvider,
) -> Result<Asymmetric, ConfigError> {
    type FromPem<K> = fn(&[u8]) -> jsonwebtoken::errors::Result<K>;
    let (private, public): (FromPem<EncodingKey>, FromPem<DecodingKey>) = match algorithm.family() {
        AlgorithmFamily::Rsa => (EncodingKey::from_rsa_pem, DecodingKey::from_rsa_pem),
        AlgorithmFamily::Ec => (EncodingKey::from_ec_pem, DecodingKey::from_ec_pem),
        AlgorithmFamily::Ed => (EncodingKey::from_ed_pem, DecodingKey::from_ed_pem),
        AlgorithmFamily::Hmac => {
            return Err(ConfigError::jwt_key("PEM holds no HMAC secret", USE_HS));
        }
    };
    let unreadable = |_| {
        let problem = format!("the text is not a key for {algorithm:?} in PEM");
        ConfigError::jwt_key(
            problem,
            "give a private key (PKCS#8) or a public key (SPKI)",
        )
    };
    let is_private = pem.windows(PRIVATE.len()).any(|text| text == PRIVATE);
    if is_private {
        let private = private(pem).map_err(unreadable)?;
        // A provider that lacks the reading of keys panics when it is asked for it.
        let public = catch_unwind(|| public_of(algorithm, &private, provider));
        let public = public.map_err(|_| no_reading())?.map_err(unreadable)?;
        Asymmetric::new(algorithm, provider, Some(private), &public)
    } else {
        let public = public(pem).map_err(unreadable)?;
        let public = catch_unwind(|| components(&public, provider));
        let public = public.map_err(|_| no_reading())?.map_err(unreadable)?;
        Asymmetric::new(algorithm, provider, None, &public)
    }
}

fn no_reading() -> ConfigError {
    let problem = "the provider does not read keys in PEM";
    ConfigError::jwt_key(problem, "give the key as a JWK, or use another provider")
}

/// The public half of a private key.
fn public_of(
    algorithm: Algorithm,
    private: &EncodingKey,
    provider: &CryptoProvider,
) -> jsonwebtoken::errors::Result<PublicKey> {
    let (der, utils) = (private.as_bytes(), &provider.key_utils);
    Ok(match private.family() {
        AlgorithmFamily::Rsa => {
            let (n, e) = (utils.rsa_pub_components_from_private_key)(der)?;
            PublicKey::Rsa { n, e }
        }
        AlgorithmFamily::Ec => {
            let (_, x, y) = (utils.ec_pub_components_from_private_key)(der, algorithm)?;
            PublicKey::Ec { x, y }
        }
        _ => {
            let curve = EllipticCurve::Ed25519;
            PublicKey::Ed25519 {
                x: (utils.ed_pub_components_from_private_key)(der, &curve)?,
            }
        }
    })
}

/// The numbers of a public key that was read from PEM.
fn components(
    public: &DecodingKey,
    provider: &CryptoProvider,
) -> jsonwebtoken::errors::Result<PublicKey> {
    let bytes = public.try_get_as_bytes()?;
    Ok(match public.family() {
        AlgorithmFamily::Rsa => {
            let (n, e) = (provider.key_utils.rsa_pub_components_from_public_key)(bytes)?;
            PublicKey::Rsa { n, e }
        }
        AlgorithmFamily::Ec => {
            // An uncompressed point: 4, x, y (SEC 1, section 2.3.3).
            let point = bytes.get(1..).unwrap_or_default();
            let (x, y) = point.split_at(point.len() / 2);
            PublicKey::Ec {
                x: x.to_vec(),
                y: y.to_vec(),
            }
        }
        _ => PublicKey::Ed25519 { x: bytes.to_vec() },
    })
}

/// What every kind of private key has in the first line of its PEM.
const PRIVATE: &[u8] = b"PRIVATE KEY-----";
const USE_HS: &str = "use JwtKey::hs256, hs384 or hs512";
