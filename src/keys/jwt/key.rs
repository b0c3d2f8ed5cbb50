//! A key for signed sessions, with its one algorithm.

use std::{fmt, sync::Arc};

use super::{
    CryptoProvider,
    algorithm::Algorithm,
    asymmetric_jwk,
    jwk::Jwk,
    mac::{signer, signer_for},
    signature::Signature,
    signer::Signer,
};
use crate::{
    base::{
        base64url,
        crypto::{HmacSha256, HmacSha384, HmacSha512},
    },
    error::{ConfigError, SaveError},
    keys::{
        derivation::{COMMITMENT_LABEL, Commitment, Fingerprint, derive, info},
        weakness::weakness,
    },
};

/// A key for signed sessions, with the one algorithm that it is used for.
///
/// Which one to choose: `HS256` if the services that read sessions may also make them, and `EdDSA`
/// or `ES256` if they must not.
///
/// `HS256`, `HS384` and `HS512` need nothing else. For `RS*`, `PS*`, `ES*` and `EdDSA`, with this
/// crate's feature `asymmetric`, the application hands over a
/// [`CryptoProvider`](crate::CryptoProvider). With the feature `aws_lc_rs` that is `&haversack::AWS_LC`. Or it enables a back end on its own dependency on
/// `jsonwebtoken` 11: `features = ["aws_lc_rs"]`, then
/// `&jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER`. This crate enables none there, so it never
/// decides for the whole program. The RSA of its `rust_crypto` back end isn't constant-time
/// (RUSTSEC-2023-0071): use `aws_lc_rs` to sign with RSA.
///
/// # Examples
///
/// A service that makes sessions, and another one that can only read them:
///
/// ```
/// use haversack::{Algorithm, JwtKey, JwtKeys};
/// use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let private_pem = include_str!("../../../tests/keys/ed25519.pem");
/// # let public_pem = include_str!("../../../tests/keys/ed25519.pub.pem");
/// let signs = JwtKey::pem(Algorithm::EdDSA, private_pem, &AWS_LC)?;
/// let verifies = JwtKey::pem(Algorithm::EdDSA, public_pem, &AWS_LC)?;
/// assert_eq!(signs.key_id(), verifies.key_id());
/// let (issuer, reader) = (JwtKeys::new(signs), JwtKeys::verifying(verifies));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JwtKey {
    algorithm: Algorithm,
    kid: Arc<str>,
    /// The same whatever the key is named.
    fingerprint: Fingerprint,
    signer: Arc<dyn Signer>,
    /// What a JWK says of itself.
    may_sign: bool,
    /// Whether tokens name the algorithm of Ed25519 by the word of RFC 8037.
    writes_eddsa: bool,
}

impl JwtKey {
    /// A key for HMAC with SHA-256 (RFC 7518, section 3.2), with the bytes of the secret as they
    /// are: to read one from base64url, use [`JwtKeys::from_text`](crate::JwtKeys::from_text).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a secret of less than 32 bytes, or one that is obviously not random:
    /// text, a key in PEM or DER, all equal, counting, a short pattern that repeats, or with few
    /// different bytes. Of random secrets fewer than one in 2<sup>32</sup> is refused.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Algorithm, JwtKey};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut secret = [0; 32];
    /// # getrandom::fill(&mut secret)?;
    /// let key = JwtKey::hs256(secret)?;
    /// assert_eq!(key.algorithm(), Algorithm::HS256);
    /// assert!(JwtKey::hs256([7; 32]).is_err()); // obviously not random
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "secret")]
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<JwtKey, ConfigError> {
        JwtKey::drawn(Algorithm::HS256, secret.as_ref(), signer::<HmacSha256>)
    }

    /// A key for HMAC with SHA-384.
    ///
    /// # Errors
    ///
    /// As for [`hs256`](JwtKey::hs256), with at least 48 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{JwtKey};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut secret = [0; 48];
    /// # getrandom::fill(&mut secret)?;
    /// let key = JwtKey::hs384(secret)?;
    /// assert!(JwtKey::hs384(&secret[..32]).is_err()); // too short
    /// # Ok(())
    /// # }
    /// ```
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<JwtKey, ConfigError> {
        JwtKey::drawn(Algorithm::HS384, secret.as_ref(), signer::<HmacSha384>)
    }

    /// A key for HMAC with SHA-512.
    ///
    /// # Errors
    ///
    /// As for [`hs256`](JwtKey::hs256), with at least 64 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{JwtKey};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut secret = [0; 64];
    /// # getrandom::fill(&mut secret)?;
    /// let key = JwtKey::hs512(secret)?;
    /// assert!(JwtKey::hs512(&secret[..32]).is_err()); // too short
    /// # Ok(())
    /// # }
    /// ```
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<JwtKey, ConfigError> {
        JwtKey::drawn(Algorithm::HS512, secret.as_ref(), signer::<HmacSha512>)
    }

    /// A key in PEM: a private key (PKCS#8, or PKCS#1 for RSA), which signs and verifies, or a
    /// public key, which only verifies.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the text isn't such a key, if the key doesn't fit the algorithm or the
    /// provider doesn't know it, and for RSA keys of less than 2048 bits.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Algorithm, JwtKey};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
    ///
    /// # let pem = include_str!("../../../tests/keys/p256.pem"); // openssl genpkey ..
    /// let key = JwtKey::pem(Algorithm::ES256, pem, &AWS_LC)?;
    /// assert!(JwtKey::pem(Algorithm::EdDSA, pem, &AWS_LC).is_err()); // a key of another kind
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "pem")]
    #[cfg_attr(docsrs, doc(cfg(feature = "pem")))]
    pub fn pem(
        algorithm: Algorithm,
        pem: impl AsRef<[u8]>,
        provider: &'static CryptoProvider,
    ) -> Result<JwtKey, ConfigError> {
        super::asymmetric::pem::read(algorithm, pem.as_ref(), provider)
    }

    /// A JSON Web Key (RFC 7517): `oct`, `RSA`, `EC` on P-256 or P-384, or `OKP` on Ed25519. Its
    /// `alg` says what it is used for; `EC` and `OKP` keys may do without. Without its private
    /// part, or with `key_ops` that don't list `sign`, it only verifies.
    ///
    /// `oct` keys need no provider, and no feature `asymmetric`. The key's `kid` is used if it has one.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] as for [`hs256`](JwtKey::hs256) and [`pem`](JwtKey::pem), if the key's
    /// `use`, `key_ops` or `alg` forbid signatures, and if a provider is needed and missing.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{JwtKey};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
    ///
    /// # let json = include_str!("../../../tests/keys/ed25519.jwk.json");
    /// let key = JwtKey::jwk(json, Some(&AWS_LC))?; // {"kty":"OKP","crv":"Ed25519",..}
    /// assert!(JwtKey::jwk(json, None).is_err()); // an asymmetric key needs a back end
    /// # Ok(())
    /// # }
    /// ```
    pub fn jwk(
        json: &str,
        provider: Option<&'static CryptoProvider>,
    ) -> Result<JwtKey, ConfigError> {
        let jwk = Jwk::parse(json)?;
        let algorithm = jwk.algorithm()?;
        let key = if let Some(secret) = jwk.secret()? {
            JwtKey::drawn(algorithm, &secret, signer_for)?
        } else {
            asymmetric_jwk(algorithm, &jwk, provider)?
        };
        let key = match &jwk.kid {
            Some(kid) => key.kid(kid),
            None => key,
        };
        let may_sign = jwk.may_sign();
        Ok(JwtKey { may_sign, ..key })
    }

    /// A key for HMAC whose secret another system prescribes and [`hs256`](JwtKey::hs256) refuses,
    /// such as text.
    ///
    /// Only its length is checked. Avoid it where you can: a secret that a person chose can be
    /// guessed from a single token, without asking the server.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for an algorithm that isn't HMAC, and for a secret that is too short for it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Algorithm, JwtKey};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let secret = "the other system's configured secret";
    /// assert!(JwtKey::hs256(secret).is_err());
    /// let key = JwtKey::guessable_text(Algorithm::HS256, secret)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn guessable_text(
        algorithm: Algorithm,
        secret: impl AsRef<[u8]>,
    ) -> Result<JwtKey, ConfigError> {
        JwtKey::hmac(algorithm, secret.as_ref(), signer_for)
    }

    /// The key's name in tokens (`kid`), 1 to 128 octets. Unless set it is derived from the key:
    /// some octets of a hash of a secret, or the JWK thumbprint (RFC 7638) of a public key.
    ///
    /// Set it if readers look the key up by a name of their own.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{JwtKey};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut secret = [0; 32];
    /// # getrandom::fill(&mut secret)?;
    /// let key = JwtKey::hs256(secret)?.kid("2031-02");
    /// assert_eq!(key.key_id(), "2031-02");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn kid(mut self, kid: &str) -> JwtKey {
        self.kid = kid.into();
        self
    }

    /// Writes `EdDSA` (RFC 8037) as the `alg` of an Ed25519 key in tokens, for readers that don't
    /// know `Ed25519` (RFC 9864), which is written otherwise. Tokens with either word open.
    ///
    /// A codec with a key of another kind and this setting doesn't build.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Algorithm, Codec, JwtKey, JwtKeys};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
    ///
    /// # let pem = include_str!("../../../tests/keys/ed25519.pem");
    /// let key = JwtKey::pem(Algorithm::EdDSA, pem, &AWS_LC)?;
    /// let newer = Codec::<u64>::jwt("api", JwtKeys::new(key.clone())).build()?;
    /// let older = Codec::<u64>::jwt("api", JwtKeys::new(key.writes_eddsa())).build()?;
    /// assert_eq!(newer.open(older.seal(&7)?)?.value(), &7);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn writes_eddsa(mut self) -> JwtKey {
        self.writes_eddsa = true;
        self
    }

    /// The key's name in tokens (`kid`): the one that was [set](JwtKey::kid), or the derived one.
    /// It isn't secret.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.kid
    }

    /// The one algorithm that the key is used for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The algorithm's name in tokens that are written, and another one in tokens that open too.
    pub(crate) fn algorithm_words(&self) -> (String, Option<&'static str>) {
        match (self.algorithm, self.writes_eddsa) {
            (Algorithm::EdDSA, false) => (ED25519.into(), Some(EDDSA)),
            (Algorithm::EdDSA, true) => (EDDSA.into(), Some(ED25519)),
            (algorithm, _) => (format!("{algorithm:?}"), None),
        }
    }

    /// What a ticket's binding is compared by, for a ticket that is bound to these texts.
    pub(crate) fn commitment(&self, texts: [&str; 3]) -> Commitment {
        let label = std::iter::once(COMMITMENT_LABEL).chain(texts);
        // No token is signed over this: it begins with a zero octet.
        let info = info(label.map(str::as_bytes));
        self.signer.commitment(&info)
    }

    /// Whether a signature takes long to check.
    pub(crate) fn is_asymmetric(&self) -> bool {
        self.signer.is_asymmetric()
    }

    /// Whether its settings are for such a key.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.writes_eddsa && self.algorithm != Algorithm::EdDSA {
            let problem = "writes_eddsa is set, and the key is not one of Ed25519";
            return Err(ConfigError::jwt_key(problem, "remove .writes_eddsa()"));
        }
        if !(1..=128).contains(&self.kid.len()) {
            let fix = "use 1 to 128 octets";
            return Err(ConfigError::new(
                "jwt keys",
                "a kid is empty or too long",
                fix,
            ));
        }
        Ok(())
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Signature, SaveError> {
        self.signer.sign(message)
    }

    /// The characters of a signature.
    pub(crate) fn signature_length(&self) -> usize {
        base64url::length(self.signer.signature_octets())
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        self.signer.verify(message, signature)
    }

    /// A key from a secret that was drawn at random.
    fn drawn(
        algorithm: Algorithm,
        secret: &[u8],
        signer: NewSigner,
    ) -> Result<JwtKey, ConfigError> {
        let key = JwtKey::hmac(algorithm, secret, signer)?;
        match weakness(secret) {
            Some(problem) => Err(ConfigError::jwt_key(problem, RANDOM_SECRET)),
            None => Ok(key),
        }
    }

    fn hmac(algorithm: Algorithm, secret: &[u8], signer: NewSigner) -> Result<JwtKey, ConfigError> {
        let signer = signer(algorithm, secret)?;
        let mut id = [0; 6];
        derive(secret, &[KEY_ID_LABEL], &mut id);
        Ok(JwtKey::new(algorithm, &id, signer))
    }

    /// A key that is named by octets that are derived from it.
    pub(super) fn new(algorithm: Algorithm, id: &[u8], signer: Arc<dyn Signer>) -> JwtKey {
        JwtKey {
            algorithm,
            kid: base64url::text(id).into(),
            fingerprint: Fingerprint::of(id),
            signer,
            may_sign: true,
            writes_eddsa: false,
        }
    }

    pub(crate) fn signs(&self) -> bool {
        self.may_sign && self.signer.signs()
    }
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .field("signs", &self.signs())
            .finish()
    }
}

/// Makes what signs with a secret, if it is long enough for the algorithm.
type NewSigner = fn(Algorithm, &[u8]) -> Result<Arc<dyn Signer>, ConfigError>;

const RANDOM_SECRET: &str = "draw it at random, for instance with `openssl rand 64`, or see \
     JwtKey::pem, and JwtKey::guessable_text for a secret that others fixed";

/// The words for the algorithm of Ed25519 (RFC 9864, section 2.2; RFC 8037, section 3.1).
const ED25519: &str = "Ed25519";
const EDDSA: &str = "EdDSA";

/// The info from which HKDF derives the name of a secret.
const KEY_ID_LABEL: &[u8] = b"haversack jwt key id";
