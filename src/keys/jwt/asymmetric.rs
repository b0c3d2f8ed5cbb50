//! Keys of RSA, ECDSA and EdDSA: signing and verifying in the application's back end.

#[cfg(any(feature = "aws_lc_rs", feature = "fips"))]
pub(super) mod aws_lc;
mod der;
mod numbers;
#[cfg(feature = "pem")]
pub(super) mod pem;

use std::sync::Arc;

/// A type of [`jsonwebtoken`](https://docs.rs/jsonwebtoken) 11 that this crate's API takes.
pub use jsonwebtoken::crypto::CryptoProvider;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, errors::ErrorKind};

use self::numbers::PublicKey;
use super::{algorithm, jwk::Jwk, key::JwtKey, signature::Signature, signer::Signer};
use crate::{
    base::crypto::sha256,
    error::{ConfigError, SaveError},
    keys::Commitment,
};

/// The key of a JWK that is no secret.
pub(super) fn asymmetric_jwk(
    algorithm: algorithm::Algorithm,
    jwk: &Jwk<'_>,
    provider: Option<&'static CryptoProvider>,
) -> Result<JwtKey, ConfigError> {
    let provider = provider.ok_or_else(|| {
        let fix = "give a CryptoProvider of jsonwebtoken with it, or with KeySource::provider";
        ConfigError::jwt_key("an asymmetric key needs a back end", fix)
    })?;
    let (private, public) = (numbers::private(jwk)?, numbers::public(jwk)?);
    key(algorithm, provider, private, &public)
}

/// A key of these halves, if the back end takes it.
fn key(
    algorithm: algorithm::Algorithm,
    provider: &'static CryptoProvider,
    private: Option<EncodingKey>,
    public: &PublicKey,
) -> Result<JwtKey, ConfigError> {
    public.check(algorithm.into())?;
    let signer = Asymmetric {
        algorithm: algorithm.into(),
        provider,
        private,
        public: public.decoding_key(),
        signature_octets: public.signature_octets(),
        modulus: public.modulus(),
    };
    signer.check()?;
    // RFC 7638, section 3.
    let thumbprint = sha256(public.thumbprint_input().as_bytes());
    Ok(JwtKey::new(algorithm, &thumbprint, Arc::new(signer)))
}

/// A key of RSA, ECDSA or EdDSA.
struct Asymmetric {
    algorithm: Algorithm,
    provider: &'static CryptoProvider,
    private: Option<EncodingKey>,
    public: DecodingKey,
    signature_octets: usize,
    /// Of an RSA key.
    modulus: Option<Vec<u8>>,
}

impl Asymmetric {
    /// Whether the back end takes the key, and its two halves belong together.
    fn check(&self) -> Result<(), ConfigError> {
        let refused = |problem| {
            ConfigError::jwt_key(problem, "check the key, the algorithm and the provider")
        };
        (self.provider.verifier_factory)(&self.algorithm, &self.public)
            .map_err(|_| refused("the provider does not verify with this key and algorithm"))?;
        if self.private.is_some() {
            let signature = self
                .sign(PROBE)
                .map_err(|_| refused("the provider does not sign with this key and algorithm"))?;
            self.verify(PROBE, signature.as_ref())
                .ok_or_else(|| refused("the private and the public half do not match"))?;
        }
        Ok(())
    }
}

impl Signer for Asymmetric {
    fn signs(&self) -> bool {
        self.private.is_some()
    }

    fn is_asymmetric(&self) -> bool {
        true
    }

    fn signature_octets(&self) -> usize {
        self.signature_octets
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SaveError> {
        let private = self.private.as_ref().ok_or(SaveError::CannotSeal)?;
        let signer =
            (self.provider.signer_factory)(&self.algorithm, private).map_err(SaveError::Sign)?;
        let signature = signer
            .try_sign(message)
            .map_err(|_| SaveError::Sign(ErrorKind::InvalidKeyFormat.into()))?;
        Ok(Signature::Asymmetric(signature))
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        if let Some(modulus) = &self.modulus {
            // A back end may not look whether it is a number below the modulus, as it must be (RFC 8017,
            // section 5.2.2): the sum of both would be a second form of the signature.
            let is_below = signature.len() == modulus.len() && signature < modulus.as_slice();
            is_below.then_some(())?;
        }
        let verifier = (self.provider.verifier_factory)(&self.algorithm, &self.public).ok()?;
        verifier.verify(message, &signature.to_vec()).ok()
    }

    fn commitment(&self, info: &[u8]) -> Commitment {
        Commitment::new(info)
    }
}

impl From<algorithm::Algorithm> for Algorithm {
    fn from(algorithm: algorithm::Algorithm) -> Algorithm {
        use algorithm::Algorithm as Ours;

        match algorithm {
            Ours::HS256 => Algorithm::HS256,
            Ours::HS384 => Algorithm::HS384,
            Ours::HS512 => Algorithm::HS512,
            Ours::RS256 => Algorithm::RS256,
            Ours::RS384 => Algorithm::RS384,
            Ours::RS512 => Algorithm::RS512,
            Ours::PS256 => Algorithm::PS256,
            Ours::PS384 => Algorithm::PS384,
            Ours::PS512 => Algorithm::PS512,
            Ours::ES256 => Algorithm::ES256,
            Ours::ES384 => Algorithm::ES384,
            Ours::EdDSA => Algorithm::EdDSA,
        }
    }
}

/// What is signed once to see that a key works.
const PROBE: &[u8] = b"haversack";
