//! Keys of RSA, ECDSA and EdDSA: signing and verifying in the application's back end.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto::CryptoProvider};

use super::{
    jwk::{Jwk, PublicKey},
    signature::Signature,
};
use crate::error::{ConfigError, SaveError};

/// A key of RSA, ECDSA or EdDSA.
pub(super) struct Asymmetric {
    algorithm: Algorithm,
    provider: &'static CryptoProvider,
    private: Option<EncodingKey>,
    public: DecodingKey,
    signature_octets: usize,
    /// Of an RSA key.
    modulus: Option<Vec<u8>>,
    /// What the JWK thumbprint is the hash of (RFC 7638, section 3).
    pub(super) thumbprint_input: String,
}

impl Asymmetric {
    pub(super) fn from_jwk(
        algorithm: Algorithm,
        jwk: &Jwk,
        provider: &'static CryptoProvider,
    ) -> Result<Asymmetric, ConfigError> {
        Asymmetric::new(algorithm, provider, jwk.private()?, &jwk.public()?)
    }

    pub(super) fn new(
        algorithm: Algorithm,
        provider: &'static CryptoProvider,
        private: Option<EncodingKey>,
        public: &PublicKey,
    ) -> Result<Asymmetric, ConfigError> {
        public.check(algorithm)?;
        let thumbprint_input = public.thumbprint_input();
        let signature_octets = public.signature_octets();
        let modulus = public.modulus();
        let public = public.decoding_key();
        Ok(Asymmetric {
            algorithm,
            provider,
            private,
            public,
            signature_octets,
            modulus,
            thumbprint_input,
        })
    }

    pub(super) fn signs(&self) -> bool {
        self.private.is_some()
    }

    pub(super) fn signature_octets(&self) -> usize {
        self.signature_octets
    }

    /// Whether the back end takes the key, and its two halves belong together.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
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

    pub(super) fn sign(&self, message: &[u8]) -> Result<Signature, SaveError> {
        let private = self.private.as_ref().ok_or(SaveError::CannotSeal)?;
        let signer =
            (self.provider.signer_factory)(&self.algorithm, private).map_err(SaveError::Sign)?;
        let signature = signer.try_sign(message).map_err(|_| {
            SaveError::Sign(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat.into())
        })?;
        Ok(Signature::Asymmetric(signature))
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        if let Some(modulus) = &self.modulus {
            // A back end may not look whether it is a number below the modulus, as it must be (RFC 8017,
            // section 5.2.2): the sum of both would be a second form of the signature.
            let is_below = signature.len() == modulus.len() && signature < modulus.as_slice();
            is_below.then_some(())?;
        }
        let verifier = (self.provider.verifier_factory)(&self.algorithm, &self.public).ok()?;
        verifier.verify(message, &signature.to_vec()).ok()
    }
}

/// What is signed once to see that a key works.
const PROBE: &[u8] = b"haversack";
