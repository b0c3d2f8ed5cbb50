//! Asymmetric keys in PEM (RFC 7468), read into memory that is wiped.

use std::panic::catch_unwind;

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, EncodingKey, crypto::CryptoProvider, jwk::EllipticCurve,
};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef, SubjectPublicKeyInfoRef, der::pem::Decoder};
use zeroize::Zeroizing;

use super::{key, numbers::PublicKey};
use crate::{
    error::ConfigError,
    keys::jwt::{JwtKey, algorithm},
};

/// A private key, which has its public half in it, or a public key.
pub(in crate::keys::jwt) fn read(
    algorithm: algorithm::Algorithm,
    pem: &[u8],
    provider: &'static CryptoProvider,
) -> Result<JwtKey, ConfigError> {
    let family = Algorithm::from(algorithm).family();
    if family == AlgorithmFamily::Hmac {
        return Err(ConfigError::jwt_key("PEM holds no HMAC secret", USE_HS));
    }
    let unreadable = || {
        let problem = format!("the text is not a key for {algorithm:?} in PEM");
        let fix = "give a private key (PKCS#8) or a public key (SPKI)";
        ConfigError::jwt_key(problem, fix)
    };
    let (label, der) = decode(pem).ok_or_else(unreadable)?;
    // A provider that lacks the reading of keys panics when it is asked for it.
    let (private, public) = if label.ends_with(PRIVATE) {
        let private = private(family, label, &der).ok_or_else(unreadable)?;
        let public = catch_unwind(|| public_of(algorithm.into(), &private, provider));
        (Some(private), public)
    } else {
        (None, catch_unwind(|| public(family, label, &der, provider)))
    };
    let public = public.map_err(|_| {
        let problem = "the provider does not read keys in PEM";
        ConfigError::jwt_key(problem, "give the key as a JWK, or use another provider")
    })?;
    key(
        algorithm,
        provider,
        private,
        &public.ok_or_else(unreadable)?,
    )
}

/// The label and the content, whatever the length of its lines.
fn decode(pem: &[u8]) -> Option<(&str, Zeroizing<Vec<u8>>)> {
    let mut decoder = Decoder::new_detect_wrap(pem.trim_ascii_end()).ok()?;
    let mut der = Zeroizing::new(vec![0; decoder.remaining_len()]);
    decoder.decode(&mut der).ok()?;
    decoder.is_finished().then(|| (decoder.type_label(), der))
}

/// The private key in the structure in which back ends take it: PKCS#1 (RFC 8017, appendix A.1.2)
/// for RSA, PKCS#8 (RFC 5958) for others.
fn private(family: AlgorithmFamily, label: &str, der: &[u8]) -> Option<EncodingKey> {
    if label == "RSA PRIVATE KEY" {
        return (family == AlgorithmFamily::Rsa).then(|| EncodingKey::from_rsa_der(der));
    }
    let info = PrivateKeyInfoRef::try_from(der).ok()?;
    let fits = label == PRIVATE && info.algorithm.oid == identifier(family);
    fits.then(|| match family {
        AlgorithmFamily::Rsa => EncodingKey::from_rsa_der(info.private_key.as_bytes()),
        AlgorithmFamily::Ec => EncodingKey::from_ec_der(der),
        _ => EncodingKey::from_ed_der(der),
    })
}

/// The public half of a private key.
fn public_of(
    algorithm: Algorithm,
    private: &EncodingKey,
    provider: &CryptoProvider,
) -> Option<PublicKey> {
    let (der, utils) = (private.as_bytes(), &provider.key_utils);
    Some(match private.family() {
        AlgorithmFamily::Rsa => {
            let (n, e) = (utils.rsa_pub_components_from_private_key)(der).ok()?;
            PublicKey::Rsa { n, e }
        }
        AlgorithmFamily::Ec => {
            let (_, x, y) = (utils.ec_pub_components_from_private_key)(der, algorithm).ok()?;
            PublicKey::Ec { x, y }
        }
        _ => {
            let x = (utils.ed_pub_components_from_private_key)(der, &EllipticCurve::Ed25519);
            PublicKey::Ed25519 { x: x.ok()? }
        }
    })
}

/// The numbers of a public key.
fn public(
    family: AlgorithmFamily,
    label: &str,
    der: &[u8],
    provider: &CryptoProvider,
) -> Option<PublicKey> {
    let rsa = |der: &[u8]| {
        let (n, e) = (provider.key_utils.rsa_pub_components_from_public_key)(der).ok()?;
        Some(PublicKey::Rsa { n, e })
    };
    if label == "RSA PUBLIC KEY" {
        return if family == AlgorithmFamily::Rsa {
            rsa(der)
        } else {
            None
        };
    }
    let info = SubjectPublicKeyInfoRef::try_from(der).ok()?;
    let fits = label == "PUBLIC KEY" && info.algorithm.oid == identifier(family);
    let key = info.subject_public_key.as_bytes().filter(|_| fits)?;
    match family {
        AlgorithmFamily::Rsa => rsa(key),
        AlgorithmFamily::Ec => {
            // An uncompressed point: 4, x, y (SEC 1, section 2.3.3).
            let point = key.strip_prefix(&[4])?;
            let (x, y) = point.split_at(point.len() / 2);
            Some(PublicKey::Ec {
                x: x.to_vec(),
                y: y.to_vec(),
            })
        }
        _ => Some(PublicKey::Ed25519 { x: key.to_vec() }),
    }
}

/// RFC 8017, appendix A.1, RFC 5480, section 2.1.1, and RFC 8410, section 3.
fn identifier(family: AlgorithmFamily) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(match family {
        AlgorithmFamily::Rsa => "1.2.840.113549.1.1.1",
        AlgorithmFamily::Ec => "1.2.840.10045.2.1",
        _ => "1.3.101.112",
    })
}

/// What the label of every kind of private key ends with.
const PRIVATE: &str = "PRIVATE KEY";
const USE_HS: &str = "use JwtKey::hs256, hs384 or hs512";
