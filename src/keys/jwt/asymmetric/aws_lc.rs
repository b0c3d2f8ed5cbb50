//! Asymmetric keys in AWS-LC, as a provider of this crate's own: jsonwebtoken's features, which
//! choose for the whole program, stay off.

use aws_lc_rs::{
    digest::{SHA256, SHA384, SHA512, digest},
    rand::SystemRandom,
    rsa::PublicKey,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
        ECDSA_P384_SHA384_FIXED_SIGNING, ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm,
        Ed25519KeyPair, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
        RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
        RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
        RsaKeyPair, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
    },
};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{ErrorKind, Result},
    jwk::{EllipticCurve, ThumbprintHash},
    signature::{Error, Signer, Verifier},
};

/// The back end for asymmetric keys of JWTs that comes with the feature `aws_lc_rs`, for
/// [`JwtKey::pem`](crate::JwtKey), [`JwtKey::jwk`](crate::JwtKey::jwk) and
/// [`KeySource::provider`](crate::KeySource::provider).
///
/// It knows no HMAC, which is built in.
///
/// # Examples
///
/// ```
/// use haversack::{AWS_LC, JwtKey};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let jwk = include_str!("../../../tests/keys/ed25519.jwk.json");
/// let key = JwtKey::jwk(jwk, Some(&AWS_LC))?;
/// # Ok(())
/// # }
/// ```
pub static AWS_LC: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Signing::new(*algorithm, key)?)),
    verifier_factory: |algorithm, key| Ok(Box::new(Verifying::new(*algorithm, key)?)),
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key,
        rsa_pub_components_from_public_key,
        ec_pub_components_from_private_key,
        ed_pub_components_from_private_key,
        compute_digest,
    },
};

/// A private key with what it does.
struct Signing {
    algorithm: Algorithm,
    key: PrivateKey,
}

enum PrivateKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signing {
    fn new(algorithm: Algorithm, key: &EncodingKey) -> Result<Signing> {
        check_family(algorithm, key.family())?;
        let der = key.as_bytes();
        let key = match algorithm.family() {
            AlgorithmFamily::Rsa => PrivateKey::Rsa(rsa(der)?, rsa_encoding(algorithm)?),
            AlgorithmFamily::Ec => PrivateKey::Ec(ec(der, algorithm)?),
            AlgorithmFamily::Ed => PrivateKey::Ed25519(ed25519(der)?),
            _ => return Err(ErrorKind::InvalidAlgorithm.into()),
        };
        Ok(Signing { algorithm, key })
    }
}

impl Signer<Vec<u8>> for Signing {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        match &self.key {
            PrivateKey::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let signed = key.sign(*encoding, &random, message, &mut signature);
                signed.map_err(Error::from_source)?;
                Ok(signature)
            }
            PrivateKey::Ec(key) => {
                let signature = key.sign(&random, message).map_err(Error::from_source)?;
                Ok(signature.as_ref().to_vec())
            }
            PrivateKey::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}

impl JwtSigner for Signing {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// A public key with what it does.
struct Verifying {
    algorithm: Algorithm,
    key: PublicPart,
}

enum PublicPart {
    RsaNumbers(RsaPublicKeyComponents<Vec<u8>>, &'static RsaParameters),
    Octets(ParsedPublicKey),
}

impl Verifying {
    fn new(algorithm: Algorithm, key: &DecodingKey) -> Result<Verifying> {
        check_family(algorithm, key.family())?;
        let key = match key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => {
                let (n, e) = (n.clone(), e.clone());
                PublicPart::RsaNumbers(RsaPublicKeyComponents { n, e }, rsa_parameters(algorithm)?)
            }
            DecodingKeyKind::SecretOrDer(octets) => {
                // Whether the point is on its curve is looked at here.
                let key = ParsedPublicKey::new(verification(algorithm)?, octets);
                PublicPart::Octets(key.map_err(|_| ErrorKind::InvalidKeyFormat)?)
            }
        };
        Ok(Verifying { algorithm, key })
    }
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let verified = match &self.key {
            PublicPart::RsaNumbers(key, parameters) => key.verify(parameters, message, signature),
            PublicPart::Octets(key) => key.verify_sig(message, signature),
        };
        verified.map_err(Error::from_source)
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn check_family(algorithm: Algorithm, key: AlgorithmFamily) -> Result<()> {
    let is_asymmetric = key != AlgorithmFamily::Hmac;
    if is_asymmetric && key == algorithm.family() {
        return Ok(());
    }
    Err(ErrorKind::InvalidKeyFormat.into())
}

fn rsa(der: &[u8]) -> Result<RsaKeyPair> {
    let key = RsaKeyPair::from_der(der);
    key.map_err(|error| ErrorKind::InvalidRsaKey(error.to_string()).into())
}

fn ec(der: &[u8], algorithm: Algorithm) -> Result<EcdsaKeyPair> {
    let algorithm: &EcdsaSigningAlgorithm = match algorithm {
        Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Algorithm::ES384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    EcdsaKeyPair::from_pkcs8(algorithm, der).map_err(|_| ErrorKind::InvalidEcdsaKey.into())
}

fn ed25519(der: &[u8]) -> Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_pkcs8(der).map_err(|_| ErrorKind::InvalidEddsaKey.into())
}

fn rsa_encoding(algorithm: Algorithm) -> Result<&'static dyn RsaEncoding> {
    Ok(match algorithm {
        Algorithm::RS256 => &RSA_PKCS1_SHA256,
        Algorithm::RS384 => &RSA_PKCS1_SHA384,
        Algorithm::RS512 => &RSA_PKCS1_SHA512,
        Algorithm::PS256 => &RSA_PSS_SHA256,
        Algorithm::PS384 => &RSA_PSS_SHA384,
        Algorithm::PS512 => &RSA_PSS_SHA512,
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    })
}

fn rsa_parameters(algorithm: Algorithm) -> Result<&'static RsaParameters> {
    Ok(match algorithm {
        Algorithm::RS256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::RS384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::RS512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::PS384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::PS512 => &RSA_PSS_2048_8192_SHA512,
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    })
}

fn verification(algorithm: Algorithm) -> Result<&'static dyn VerificationAlgorithm> {
    Ok(match algorithm {
        Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED,
        Algorithm::ES384 => &ECDSA_P384_SHA384_FIXED,
        Algorithm::EdDSA => &ED25519,
        _ => rsa_parameters(algorithm)?,
    })
}

fn rsa_pub_components_from_private_key(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let numbers = RsaPublicKeyComponents::<Vec<u8>>::from(rsa(der)?.public_key());
    Ok((numbers.n, numbers.e))
}

fn rsa_pub_components_from_public_key(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let key = PublicKey::from_der(der);
    let key = key.map_err(|error| ErrorKind::InvalidRsaKey(error.to_string()))?;
    let numbers = RsaPublicKeyComponents::<Vec<u8>>::from(&key);
    Ok((numbers.n, numbers.e))
}

fn ec_pub_components_from_private_key(
    der: &[u8],
    algorithm: Algorithm,
) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    let key = ec(der, algorithm)?;
    let curve = match algorithm {
        Algorithm::ES256 => EllipticCurve::P256,
        _ => EllipticCurve::P384,
    };
    // An uncompressed point: 4, x, y (SEC 1, section 2.3.3).
    let point = key.public_key().as_ref().strip_prefix(&[4]);
    let point = point.ok_or(ErrorKind::InvalidEcdsaKey)?;
    let (x, y) = point.split_at(point.len() / 2);
    Ok((curve, x.to_vec(), y.to_vec()))
}

fn ed_pub_components_from_private_key(der: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>> {
    if *curve != EllipticCurve::Ed25519 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    Ok(ed25519(der)?.public_key().as_ref().to_vec())
}

fn compute_digest(octets: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &SHA256,
        ThumbprintHash::SHA384 => &SHA384,
        ThumbprintHash::SHA512 => &SHA512,
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(digest(algorithm, octets).as_ref().to_vec())
}
