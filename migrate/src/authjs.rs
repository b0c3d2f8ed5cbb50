//! Sessions of Auth.js 5 (`@auth/core`) and next-auth 4 with the strategy `jwt`: an encrypted JWT in a cookie,
//! or cut into several.
//!
//! The body is the claims, an object: `name`, `email`, `picture`, `sub` and what the callbacks put there. Auth.js
//! 5 binds the cookie's name; **next-auth 4 doesn't**, so any other token that the program made with
//! `encode` and the same secret passes for a session: look for the claims that only a session has.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use serde_json::Value;
use sha2::{Digest, Sha512};

use crate::{
    ConfigError, chunks,
    jwe::{Encryption, Jwe, claims, derive, time},
    reading::{EXPIRED, NOT_AUTHENTIC, Secret, check_name, secrets},
};

/// Reads the session cookie of Auth.js or next-auth.
///
/// # Examples
///
/// ```
/// use haversack_migrate::authjs::AuthJs;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let old = AuthJs::v5(["the value of AUTH_SECRET"])?;
/// let older = AuthJs::next_auth_4(["the value of NEXTAUTH_SECRET"])?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AuthJs {
    generation: Generation,
    names: Vec<String>,
    secrets: Vec<Secret>,
    /// Of next-auth 4.
    salt: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Generation {
    NextAuth4,
    Core0180,
    V5,
}

impl AuthJs {
    /// Auth.js 5, which is `@auth/core` from 0.18.1 on and next-auth 5: `authjs.session-token`, with and without
    /// `__Secure-`. Secrets are tried newest first; where a token names its key, only that.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret.
    pub fn v5<S: AsRef<[u8]>>(list: impl IntoIterator<Item = S>) -> Result<AuthJs, ConfigError> {
        AuthJs::new(Generation::V5, "authjs.session-token", list)
    }

    /// next-auth 4: `next-auth.session-token`, with and without `__Secure-`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret.
    pub fn next_auth_4<S: AsRef<[u8]>>(
        list: impl IntoIterator<Item = S>,
    ) -> Result<AuthJs, ConfigError> {
        AuthJs::new(Generation::NextAuth4, "next-auth.session-token", list)
    }

    /// `@auth/core` 0.18.0 and before, whose cookies are named as those of next-auth 4.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret.
    pub fn core_0_18_0<S: AsRef<[u8]>>(
        list: impl IntoIterator<Item = S>,
    ) -> Result<AuthJs, ConfigError> {
        AuthJs::new(Generation::Core0180, "next-auth.session-token", list)
    }

    fn new<S: AsRef<[u8]>>(
        generation: Generation,
        name: &str,
        list: impl IntoIterator<Item = S>,
    ) -> Result<AuthJs, ConfigError> {
        Ok(AuthJs {
            generation,
            names: vec![format!("__Secure-{name}"), name.into()],
            secrets: secrets(list)?,
            salt: String::new(),
        })
    }

    /// The one name of the cookie, where the configuration has another one.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for what is no name.
    pub fn cookie(mut self, name: &str) -> Result<AuthJs, ConfigError> {
        check_name(name)?;
        self.names = vec![name.into()];
        Ok(self)
    }

    /// The `salt` that the program gave next-auth 4's `encode`.
    #[must_use]
    pub fn salt(mut self, salt: &str) -> AuthJs {
        self.salt = salt.into();
        self
    }

    fn key(&self, secret: &Secret, name: &str, encryption: Encryption) -> Secret {
        let (salt, info) = match self.generation {
            Generation::V5 => (name, format!("Auth.js Generated Encryption Key ({name})")),
            Generation::Core0180 => ("", "Auth.js Generated Encryption Key".into()),
            Generation::NextAuth4 if self.salt.is_empty() => {
                ("", "NextAuth.js Generated Encryption Key".into())
            }
            Generation::NextAuth4 => {
                let salt = &*self.salt;
                (
                    salt,
                    format!("NextAuth.js Generated Encryption Key ({salt})"),
                )
            }
        };
        derive(secret, salt.as_bytes(), info.as_bytes(), encryption)
    }

    fn open(&self, name: &str, token: &[u8], now: u64) -> Result<Foreign, Refused> {
        let jwe = Jwe::parse(token)?;
        if jwe.encryption == Encryption::A256CbcHs512 && self.generation != Generation::V5 {
            return Err(NOT_AUTHENTIC);
        }
        let kid = jwe.header.get("kid");
        let mut is_known = kid.is_none();
        let opened = self.secrets.iter().enumerate().find_map(|(index, secret)| {
            let key = self.key(secret, name, jwe.encryption);
            if kid.is_some_and(|kid| kid.as_str() != Some(&thumbprint(&key))) {
                return None;
            }
            is_known = true;
            Some((jwe.open(&key)?, index))
        });
        let (text, key) = match opened {
            Some(opened) => opened,
            None if is_known => return Err(NOT_AUTHENTIC),
            None => {
                return Err(Refused::new(
                    Rejected::UnknownKey,
                    "it names another secret",
                ));
            }
        };
        let claims = claims(&text)?;
        let expires = time(&claims, "exp").ok_or(Refused::new(Rejected::Value, "it has no exp"))?;
        if expires.saturating_add(TOLERANCE) <= now {
            return Err(EXPIRED);
        }
        if time(&claims, "nbf").is_some_and(|from| from > now.saturating_add(TOLERANCE)) {
            return Err(Refused::new(
                Rejected::NotYetValid,
                "its nbf is in the future",
            ));
        }
        let issued = time(&claims, "iat");
        let mut foreign = Foreign::new(name, Body::Json(Value::Object(claims)));
        (foreign.issued_at, foreign.expires_at, foreign.key) = (issued, Some(expires), key);
        Ok(foreign)
    }
}

impl Reader for AuthJs {
    fn system(&self) -> &'static str {
        match self.generation {
            Generation::NextAuth4 => "next_auth_4",
            Generation::Core0180 | Generation::V5 => "authjs",
        }
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        let mut refused = None;
        for name in &self.names {
            match chunks::read(cookies, name, ".", |token| self.open(name, token, now)) {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(reason) => _ = refused.get_or_insert(reason),
            }
        }
        refused.map_or(Ok(None), Err)
    }
}

/// The `kid` of a key: its thumbprint (RFC 7638) with SHA-512.
fn thumbprint(key: &[u8]) -> String {
    let jwk = format!(r#"{{"k":"{}","kty":"oct"}}"#, URL_SAFE_NO_PAD.encode(key));
    URL_SAFE_NO_PAD.encode(Sha512::digest(jwk))
}

/// In seconds, as the original allows.
const TOLERANCE: u64 = 15;
