//! Keys of signed sessions: one that signs, and others that only verify.

mod algorithm;
#[cfg(feature = "asymmetric")]
mod asymmetric;
mod jwk;
mod key;
mod mac;
#[cfg(not(feature = "asymmetric"))]
mod no_asymmetric;
mod signature;
mod signer;
mod text;

use std::{fmt, str::FromStr};

#[cfg(feature = "asymmetric")]
pub use self::asymmetric::CryptoProvider;
#[cfg(feature = "asymmetric")]
use self::asymmetric::asymmetric_jwk;
#[cfg(all(feature = "asymmetric", any(feature = "aws_lc_rs", feature = "fips")))]
pub use self::asymmetric::aws_lc::AWS_LC;
#[cfg(not(feature = "asymmetric"))]
pub use self::no_asymmetric::CryptoProvider;
#[cfg(not(feature = "asymmetric"))]
use self::no_asymmetric::asymmetric_jwk;
pub use self::{algorithm::Algorithm, key::JwtKey};
use crate::error::ConfigError;

/// The keys of a signed session: one that signs, if there is one, and others that only verify.
///
/// To replace a key, take the same three steps as with a [`KeyRing`](crate::KeyRing).
///
/// As text, such as in a [`KeySource`](crate::KeySource), they are entries with commas between
/// them; white space around each is ignored. The first one signs. An entry is
///
/// - the secret of a key for HS256 in base64url, at least 43 characters, such as the text of a
///   [`Key::generate`](crate::Key::generate). Don't give the same text to a sealed session;
/// - or a JSON Web Key, as for [`JwtKey::jwk`].
///
/// A JWK Set (RFC 7517, section 5), `{"keys":[..]}`, is such a list too; a key in it that can't be
/// used is an error. If the first key is a public one, all must be, and they only verify.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, JwtKeys, Key};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (new, old) = (Key::generate()?.to_text(), Key::generate()?.to_text());
/// let before = Codec::<u64>::jwt("api", old.parse()?).build()?;
/// let keys: JwtKeys = format!("{new},{old}").parse()?; // the first one signs
/// let api = Codec::<u64>::jwt("api", keys).build()?;
/// assert_eq!(api.open(before.seal(&7)?)?.value(), &7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct JwtKeys {
    /// The one that signs first, if there is one.
    keys: Vec<JwtKey>,
    signs: bool,
}

impl JwtKeys {
    /// One key, which signs and verifies. A codec with a public key here doesn't build: for those
    /// see [`verifying`](JwtKeys::verifying).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKey, JwtKeys};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut secret = [0; 64];
    /// # getrandom::fill(&mut secret)?;
    /// let keys = JwtKeys::new(JwtKey::hs512(secret)?);
    /// let api = Codec::<u64>::jwt("api", keys).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(signs: JwtKey) -> JwtKeys {
        JwtKeys {
            keys: vec![signs],
            signs: true,
        }
    }

    /// One key, which signs and verifies with HMAC and SHA-256. For services that may make sessions
    /// as well as read them; for readers only, use an asymmetric key.
    ///
    /// # Errors
    ///
    /// As for [`JwtKey::hs256`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKeys};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut secret = [0; 32];
    /// # getrandom::fill(&mut secret)?;
    /// let keys = JwtKeys::hs256(secret)?;
    /// let api = Codec::<u64>::jwt("api", keys).build()?;
    /// assert!(JwtKeys::hs256("a password of thirty-two letters").is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<JwtKeys, ConfigError> {
        JwtKey::hs256(secret).map(JwtKeys::new)
    }

    /// The keys of a text, which is described [above](JwtKeys); asymmetric ones need a provider, as
    /// for [`JwtKey::jwk`]. Without them, use [`str::parse`].
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if a key can't be read, which says which one and what the mistake seems to
    /// be, and if the keys can't work together.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKeys};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
    ///
    /// # let (signs, verifies) = (
    /// #     include_str!("../../tests/keys/ed25519.jwk.json"),
    /// #     include_str!("../../tests/keys/p256.jwk.json"),
    /// # );
    /// let keys = JwtKeys::from_text(&format!("{signs},{verifies}"), Some(&AWS_LC))?;
    /// let api = Codec::<u64>::jwt("api", keys).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_text(
        text: &str,
        provider: Option<&'static CryptoProvider>,
    ) -> Result<JwtKeys, ConfigError> {
        let keys = text::read(text, provider)?;
        let signs = keys[0].signs();
        if let Some(index) = keys.iter().position(JwtKey::signs).filter(|_| !signs) {
            let problem = format!(
                "key 1 of the list is a public key, and key {} could sign",
                index + 1
            );
            let fix = "put the key that is to sign first, or give only public keys";
            return Err(ConfigError::new("jwt keys", problem, fix));
        }
        let keys = JwtKeys { keys, signs };
        keys.check()?;
        Ok(keys)
    }

    /// One key, which only verifies, for a service that reads the sessions of another one.
    ///
    /// Its codec opens sessions and writes none: nothing is renewed, and a session that was started
    /// or updated fails to save with [`SaveError::CannotSeal`](crate::SaveError::CannotSeal).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKey, JwtKeys, SaveError};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mut secret = [0; 32];
    /// # getrandom::fill(&mut secret)?;
    /// let key = JwtKey::hs256(secret)?; // better an asymmetric one, public here
    /// let api = Codec::<u64>::jwt("api", JwtKeys::new(key.clone())).build()?;
    /// let reader = Codec::<u64>::jwt("api", JwtKeys::verifying(key)).build()?;
    /// assert_eq!(reader.open(api.seal(&7)?)?.value(), &7);
    /// assert!(matches!(reader.seal(&7), Err(SaveError::CannotSeal)));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn verifying(key: JwtKey) -> JwtKeys {
        JwtKeys {
            keys: vec![key],
            signs: false,
        }
    }

    /// Adds a key that only verifies: an older one whose sessions are still live, or a newer one
    /// that other workers may already sign with.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKey, JwtKeys};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let random = || {
    /// #     let mut secret = [0; 32];
    /// #     getrandom::fill(&mut secret).map(|()| secret)
    /// # };
    /// let (old, new) = (JwtKey::hs256(random()?)?, JwtKey::hs256(random()?)?);
    /// let before = Codec::<u64>::jwt("api", JwtKeys::new(old.clone())).build()?;
    /// let api = Codec::<u64>::jwt("api", JwtKeys::new(new).also_opens(old)).build()?;
    /// assert_eq!(api.open(before.seal(&7)?)?.value(), &7);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn also_opens(mut self, key: JwtKey) -> JwtKeys {
        self.keys.push(key);
        self
    }

    /// All keys, the one that signs first, if there is one.
    #[must_use]
    pub fn keys(&self) -> &[JwtKey] {
        &self.keys
    }

    pub(crate) fn signs(&self) -> bool {
        self.signs
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.signs && !self.keys[0].signs() {
            let fix = "give the private key, or use JwtKeys::verifying";
            return Err(ConfigError::new(
                "jwt keys",
                "the key that signs is a public key",
                fix,
            ));
        }
        self.keys.iter().try_for_each(JwtKey::check)?;
        let is_twice = |(index, key): &(usize, &JwtKey)| {
            let mut before = self.keys[..*index].iter();
            before.any(|other| other.key_id() == key.key_id())
        };
        if let Some((_, key)) = self.keys.iter().enumerate().find(is_twice) {
            let problem = format!("two keys have the kid {:?}", key.key_id());
            let fix = "remove the key that is there twice, or name one with JwtKey::kid";
            return Err(ConfigError::new("jwt keys", problem, fix));
        }
        Ok(())
    }
}

impl fmt::Debug for JwtKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtKeys ")?;
        f.debug_list().entries(&self.keys).finish()
    }
}

impl FromStr for JwtKeys {
    type Err = ConfigError;

    /// Reads a text without asymmetric keys, as [`JwtKeys::from_text`] does.
    ///
    /// # Errors
    ///
    /// As for [`JwtKeys::from_text`].
    fn from_str(text: &str) -> Result<JwtKeys, ConfigError> {
        JwtKeys::from_text(text, None)
    }
}
