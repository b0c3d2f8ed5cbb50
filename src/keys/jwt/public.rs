//! The public halves of keys, for services that only verify.

use super::{JwtKeys, key::JwtKey};

impl JwtKey {
    /// The public half as a JSON Web Key, for a service that verifies; `None` for a secret, which has
    /// none. It has the key's `kid` and `alg`, the latter as tokens have it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::JwtKey;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
    ///
    /// # let json = include_str!("../../../tests/keys/ed25519.jwk.json");
    /// let key = JwtKey::jwk(json, Some(&AWS_LC))?;
    /// let public = JwtKey::jwk(&key.public_jwk().unwrap(), Some(&AWS_LC))?;
    /// assert_eq!(public.key_id(), key.key_id());
    /// assert!(key.signs() && !public.signs());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn public_jwk(&self) -> Option<String> {
        let public = self.signer.public_half()?;
        let (kid, alg) = (
            serde_json::Value::from(self.key_id()),
            self.algorithm_words().0,
        );
        let members = public.strip_suffix('}')?;
        Some(format!(
            r#"{members},"kid":{kid},"alg":"{alg}","use":"sig"}}"#
        ))
    }
}

impl JwtKeys {
    /// The public halves as a JWK Set (RFC 7517, section 5), for services that verify. Secrets have
    /// none and are left out.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{JwtKey, JwtKeys};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
    ///
    /// # let json = include_str!("../../../tests/keys/ed25519.jwk.json");
    /// let keys = JwtKeys::new(JwtKey::jwk(json, Some(&AWS_LC))?);
    /// let set = keys.public_jwk_set(); // for https://shop.example/.well-known/jwks.json
    /// assert!(JwtKeys::from_text(&set, Some(&AWS_LC)).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn public_jwk_set(&self) -> String {
        let keys: Vec<_> = self.keys().iter().filter_map(JwtKey::public_jwk).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }
}
