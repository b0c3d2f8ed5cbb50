//! Keys of signed sessions: one that signs, and others that only verify.

use std::fmt;

use super::key::JwtKey;
use crate::error::ConfigError;

/// The keys of a signed session: one that signs, if there is one, and others that only verify.
///
/// A key is replaced in the same three steps as in a [`KeyRing`](crate::KeyRing).
///
/// # Examples
///
/// ```
/// use haversack::{JwtKey, JwtKeys};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (new, old) = (haversack::Key::generate()?.to_text(), haversack::Key::generate()?.to_text());
/// # let decode = |text: &str| -> Vec<u8> {
/// #     use base64::Engine as _;
/// #     base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
/// # };
/// # let (new, old) = (decode(&new), decode(&old));
/// let keys = JwtKeys::hs256(new)?.also_opens(JwtKey::hs256(old)?);
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

    pub(super) fn keys(&self) -> &[JwtKey] {
        &self.keys
    }

    pub(super) fn signs(&self) -> bool {
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
        if self
            .keys
            .iter()
            .any(|key| !(1..=128).contains(&key.key_id().len()))
        {
            let fix = "use 1 to 128 octets";
            return Err(ConfigError::new(
                "jwt keys",
                "a kid is empty or too long",
                fix,
            ));
        }
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
