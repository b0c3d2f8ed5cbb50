//! Keys of signed sessions: one that signs, and others that only verify.

mod asymmetric;
mod jwk;
mod key;
mod mac;
#[cfg(feature = "pem")]
mod pem;
mod signature;
mod signer;
mod text;

use std::{fmt, str::FromStr};

/// Types of [`jsonwebtoken`](https://docs.rs/jsonwebtoken) 11 that this crate's API takes.
pub use jsonwebtoken::{Algorithm, crypto::CryptoProvider};

pub use self::key::JwtKey;
use crate::error::ConfigError;

/// The keys of a signed session: one that signs, if there is one, and others that only verify.
///
/// A key is replaced in the same three steps as in a [`KeyRing`](crate::KeyRing).
///
/// As text, such as in a [`KeySource`](crate::KeySource), they are entries with commas between, and
/// white space around each is ignored. The first one signs. An entry is
///
/// - the secret of a key for HS256 in base64url, at least 43 characters, such as the text of a
///   [`Key::generate`](crate::Key::generate). Do not give the same text to a sealed session;
/// - a JSON Web Key, as for [`JwtKey::jwk`].
///
/// A JWK Set (RFC 7517, section 5), `{"keys":[..]}`, is such a list, too; a key in it that cannot be
/// used is an error. When the first key is a public one, all must be, and they only verify.
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
    /// Keys whose only one signs and verifies; a codec with a public key here does not build.
    #[must_use]
    pub fn new(signs: JwtKey) -> JwtKeys {
        JwtKeys {
            keys: vec![signs],
            signs: true,
        }
    }

    /// Keys whose only one signs and verifies with HMAC and SHA-256.
    ///
    /// # Errors
    ///
    /// As for [`JwtKey::hs256`].
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<JwtKeys, ConfigError> {
        JwtKey::hs256(secret).map(JwtKeys::new)
    }

    /// The keys of a text, which is described [above](JwtKeys); asymmetric ones need a provider, as
    /// for [`JwtKey::jwk`].
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when a key cannot be read, tells which and what the mistake seems to be, and
    /// when the keys cannot work together.
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

    /// Keys that only verify, for a service that reads the sessions of another one.
    ///
    /// Its codec opens sessions and writes none: nothing is renewed, and what was started or
    /// updated fails to save with [`SaveError::CannotSeal`](crate::SaveError::CannotSeal).
    #[must_use]
    pub fn verifying(key: JwtKey) -> JwtKeys {
        JwtKeys {
            keys: vec![key],
            signs: false,
        }
    }

    /// Adds a key that only verifies.
    #[must_use]
    pub fn also_opens(mut self, key: JwtKey) -> JwtKeys {
        self.keys.push(key);
        self
    }

    pub(crate) fn keys(&self) -> &[JwtKey] {
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
        let mut kids: Vec<_> = self.keys.iter().map(JwtKey::key_id).collect();
        kids.sort_unstable();
        if let Some(pair) = kids.windows(2).find(|pair| pair[0] == pair[1]) {
            let problem = format!("two keys have the kid {:?}", pair[0]);
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
