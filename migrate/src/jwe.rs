//! JWE in its compact form (RFC 7516) with a direct key, as jose writes it: A256GCM or A256CBC-HS512.

use haversack::{Rejected, foreign::Refused};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::{
    cbc,
    gcm::Cipher,
    reading::{base64url, json, malformed},
};

/// A token, of which nothing is proved yet.
pub(crate) struct Jwe<'t> {
    /// As text, which is what is authentic.
    protected: &'t [u8],
    pub(crate) header: Map<String, Value>,
    pub(crate) encryption: Encryption,
    iv: Vec<u8>,
    text: Vec<u8>,
    tag: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    A256Gcm,
    A256CbcHs512,
}

impl<'t> Jwe<'t> {
    pub(crate) fn parse(token: &'t [u8]) -> Result<Jwe<'t>, Refused> {
        let mut parts = token.split(|octet| *octet == b'.');
        let mut next = || parts.next().ok_or(malformed("it does not have five parts"));
        let (protected, key, iv, text, tag) = (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() || !key.is_empty() {
            return Err(malformed("it is not a JWE with a direct key"));
        }
        // It says how to open the rest, so it is read before it is authentic, and must be small.
        if protected.len() > LONGEST_HEADER {
            return Err(malformed("its header is too long"));
        }
        let Ok(Value::Object(header)) = json(&base64url(protected)?) else {
            return Err(malformed("its header is no JSON object"));
        };
        if header.contains_key("zip") || header.contains_key("crit") {
            return Err(malformed("its header has zip or crit"));
        }
        let is = |name, value: &str| header.get(name).and_then(Value::as_str) == Some(value);
        let encryption = match () {
            () if !is("alg", "dir") => return Err(malformed("its alg is not dir")),
            () if is("enc", "A256GCM") => Encryption::A256Gcm,
            () if is("enc", "A256CBC-HS512") => Encryption::A256CbcHs512,
            () => return Err(malformed("its enc is not one that the system writes")),
        };
        Ok(Jwe {
            protected,
            encryption,
            iv: base64url(iv)?,
            text: base64url(text)?,
            tag: base64url(tag)?,
            header,
        })
    }

    /// The claims, if this key made it.
    pub(crate) fn open(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self.encryption {
            Encryption::A256Gcm => {
                let mut text = self.text.clone();
                let (iv, tag) = (self.iv.first_chunk()?, self.tag.first_chunk()?);
                let fits = self.iv.len() == 12 && self.tag.len() == 16;
                (fits && Cipher::new(key.first_chunk()?).open(iv, self.protected, &mut text, tag))
                    .then_some(text)
            }
            // RFC 7518, section 5.2.5.
            Encryption::A256CbcHs512 => {
                let (mac_key, key) = key.split_first_chunk::<32>()?;
                let bits = (self.protected.len() as u64) * 8;
                let mac = Hmac::<Sha512>::new_from_slice(mac_key)
                    .ok()?
                    .chain_update(self.protected)
                    .chain_update(&self.iv)
                    .chain_update(&self.text)
                    .chain_update(bits.to_be_bytes());
                let is_authentic =
                    self.tag.len() == 32 && mac.verify_truncated_left(&self.tag).is_ok();
                let iv = self.iv.first_chunk().filter(|_| self.iv.len() == 16)?;
                is_authentic.then(|| cbc::decrypt(key.first_chunk()?, iv, &self.text))?
            }
        }
    }
}

/// Claims that are an object; nothing of them is read before they are authentic.
pub(crate) fn claims(text: &[u8]) -> Result<Map<String, Value>, Refused> {
    match json(text)? {
        Value::Object(claims) => Ok(claims),
        _ => Err(Refused::new(Rejected::Value, "its claims are no object")),
    }
}

/// A time of the claims or the header.
pub(crate) fn time(claims: &Map<String, Value>, name: &str) -> Option<u64> {
    let time = claims.get(name)?;
    // Some write fractions.
    time.as_u64().or_else(|| {
        time.as_f64()
            .filter(|time| *time >= 0.0)
            .map(|time| time as u64)
    })
}

/// HKDF-SHA-256 of a secret, to the length of a key.
pub(crate) fn derive(
    secret: &[u8],
    salt: &[u8],
    info: &[u8],
    encryption: Encryption,
) -> Zeroizing<Vec<u8>> {
    let length = match encryption {
        Encryption::A256Gcm => 32,
        Encryption::A256CbcHs512 => 64,
    };
    let mut key = Zeroizing::new(vec![0; length]);
    #[expect(clippy::expect_used, reason = "two blocks of 255 that there can be")]
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info, &mut key)
        .expect("a short key");
    key
}

/// The longest header of a genuine one is some 200.
const LONGEST_HEADER: usize = 1024;
