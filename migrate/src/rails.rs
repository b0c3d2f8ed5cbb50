//! Sessions and cookies of Ruby on Rails from 5.2 on, encrypted or signed, with JSON inside
//! (`cookies_serializer` `:json` or `:hybrid`); Marshal is never read.
//!
//! From `load_defaults 6.0` on, name and expiry are inside. **What was written with older defaults is bound to
//! no name**, and Rails itself takes it under any: the mapping must look for what only a session has, such
//! as `session_id`.

mod envelope;

use haversack::{
    Rejected,
    foreign::{Body, Cookies, Foreign, Reader, Refused},
};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use self::envelope::Envelope;
use crate::{
    ConfigError, Hash, cbc,
    gcm::Cipher,
    reading::{
        NOT_AUTHENTIC, Secret, base64, check_name, hex, malformed, newest, percent_decoded,
        secrets, split_once,
    },
};

/// Reads a cookie of Rails. Its keys are derived once, when it is made.
///
/// # Examples
///
/// ```
/// use haversack_migrate::{Hash, rails::Rails};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // `load_defaults 7.0` and later; before that, Hash::Sha1.
/// let old = Rails::encrypted("_app_session", ["the value of secret_key_base"], Hash::Sha256)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Rails {
    name: String,
    keys: Vec<Keys>,
    signed_digest: Hash,
}

/// What is derived of one `secret_key_base`.
#[derive(Debug)]
enum Keys {
    Gcm(Cipher),
    Cbc {
        encryption: Zeroizing<[u8; 32]>,
        signing: Zeroizing<[u8; 64]>,
    },
    Signed(Zeroizing<[u8; 64]>),
}

impl Rails {
    /// Encrypted cookies, as sessions are: AES-256-GCM. The hash is that of `key_generator_hash_digest_class`:
    /// SHA-256 with `load_defaults 7.0` and later, SHA-1 before.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] without a secret, for what is no name, and for another hash.
    pub fn encrypted<S: AsRef<[u8]>>(
        name: &str,
        secret_key_bases: impl IntoIterator<Item = S>,
        hash: Hash,
    ) -> Result<Rails, ConfigError> {
        Rails::new(name, secret_key_bases, |secret| {
            let key = derive(hash, secret, "authenticated encrypted cookie")?;
            Ok(Keys::Gcm(Cipher::new(&key)))
        })
    }

    /// Encrypted cookies of before `use_authenticated_cookie_encryption`: AES-256-CBC.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] as for [`encrypted`](Rails::encrypted).
    pub fn encrypted_cbc<S: AsRef<[u8]>>(
        name: &str,
        secret_key_bases: impl IntoIterator<Item = S>,
        hash: Hash,
    ) -> Result<Rails, ConfigError> {
        Rails::new(name, secret_key_bases, |secret| {
            Ok(Keys::Cbc {
                encryption: derive(hash, secret, "encrypted cookie")?,
                signing: derive(hash, secret, "signed encrypted cookie")?,
            })
        })
    }

    /// Signed cookies, which anyone can read. The hash is that of the keys; see
    /// [`signed_digest`](Rails::signed_digest) for the other one.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] as for [`encrypted`](Rails::encrypted).
    pub fn signed<S: AsRef<[u8]>>(
        name: &str,
        secret_key_bases: impl IntoIterator<Item = S>,
        hash: Hash,
    ) -> Result<Rails, ConfigError> {
        Rails::new(name, secret_key_bases, |secret| {
            Ok(Keys::Signed(derive(hash, secret, "signed cookie")?))
        })
    }

    fn new<S: AsRef<[u8]>>(
        name: &str,
        list: impl IntoIterator<Item = S>,
        keys: impl Fn(&Secret) -> Result<Keys, ConfigError>,
    ) -> Result<Rails, ConfigError> {
        check_name(name)?;
        let list = secrets(list)?;
        Ok(Rails {
            name: name.into(),
            keys: list.iter().map(keys).collect::<Result<_, _>>()?,
            signed_digest: Hash::Sha1,
        })
    }

    /// The hash of signatures, `signed_cookie_digest`: SHA-1 unless set, in every version.
    #[must_use]
    pub fn signed_digest(mut self, hash: Hash) -> Rails {
        self.signed_digest = hash;
        self
    }

    fn open(&self, value: &[u8], now: u64) -> Result<Foreign, Refused> {
        // Rack makes a space of it, and Rails never writes it.
        if value.contains(&b'+') {
            return Err(malformed("it has a plus sign that is not encoded"));
        }
        let value = percent_decoded(value)?;
        let mut refused = NOT_AUTHENTIC;
        for (index, keys) in self.keys.iter().enumerate() {
            match self.opened(keys, &value) {
                Ok(Some(text)) => {
                    let Envelope { body, expires_at } = Envelope::read(&text, &self.name, now)?;
                    let mut foreign = Foreign::new(&self.name, Body::Json(body));
                    (foreign.expires_at, foreign.key) = (expires_at, index);
                    return Ok(foreign);
                }
                Ok(None) => {}
                Err(reason) => refused = reason,
            }
        }
        Err(refused)
    }

    /// What these keys made of it.
    fn opened(&self, keys: &Keys, value: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        let separated = |text| split_once(text, b"--").ok_or(malformed("its parts are missing"));
        match keys {
            Keys::Gcm(cipher) => {
                let (text, rest) = separated(value)?;
                let (iv, tag) = separated(rest)?;
                let (mut text, iv, tag) = (base64(text)?, base64(iv)?, base64(tag)?);
                let (Ok(iv), Ok(tag)) = (iv.as_slice().try_into(), tag.as_slice().try_into())
                else {
                    return Err(malformed("its parts have other lengths"));
                };
                Ok(cipher.open(iv, b"", &mut text, tag).then_some(text))
            }
            Keys::Signed(key) => self.verified(self.signed_digest, &**key, value),
            Keys::Cbc {
                encryption,
                signing,
            } => {
                let Some(inner) = self.verified(Hash::Sha1, &**signing, value)? else {
                    return Ok(None);
                };
                let (text, iv) = separated(&inner)?;
                let (text, iv) = (base64(text)?, base64(iv)?);
                let iv = iv.as_slice().try_into();
                let iv = iv.map_err(|_| malformed("its parts have other lengths"))?;
                let text = cbc::decrypt(encryption, iv, &text);
                text.map(Some)
                    .ok_or(Refused::new(Rejected::Value, "its padding is wrong"))
            }
        }
    }

    fn verified(&self, hash: Hash, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
        let (text, code) = split_once(value, b"--").ok_or(malformed("it has no signature"))?;
        let code = hex(code).ok_or(malformed("its signature is not hexadecimal"))?;
        match hash.verifies(key, &[text], &code) {
            true => base64(text).map(Some),
            false => Ok(None),
        }
    }
}

impl Reader for Rails {
    fn system(&self) -> &'static str {
        "rails"
    }

    fn read(&self, cookies: &Cookies<'_>, now: u64) -> Result<Option<Foreign>, Refused> {
        newest(cookies, &self.name, |value| self.open(value, now))
    }
}

fn derive<const N: usize>(
    hash: Hash,
    secret: &Secret,
    salt: &str,
) -> Result<Zeroizing<[u8; N]>, ConfigError> {
    let mut key = Zeroizing::new([0; N]);
    match hash {
        Hash::Sha1 => pbkdf2_hmac::<Sha1>(secret, salt.as_bytes(), ROUNDS, &mut *key),
        Hash::Sha256 => pbkdf2_hmac::<Sha256>(secret, salt.as_bytes(), ROUNDS, &mut *key),
        _ => {
            return Err(ConfigError::new(
                "hash",
                "Rails derives keys with SHA-1 or SHA-256",
            ));
        }
    }
    Ok(key)
}

const ROUNDS: u32 = 1000;
