//! Format JWT, signed: a compact JWS (RFC 7515) that the client can read and not change.
//!
//! ```text
//! token   = header "." base64url(claims) "." base64url(signature)
//! header  = base64url({"typ":"session+jwt","alg":ALG,"kid":KID})      in exactly these octets
//! claims  = {"val":VALUE,"sid":ID,"iat":issued,"exp":expires,"auth_time":started,"end":ends,
//!            "ver":VERSION,"ses":NAME,"aud":CONTEXT,"iss":ISSUER,"pcs":PIECES}
//! ```
//!
//! `aud` and `iss` are there when they are set, `pcs` when the token was cut into several cookies. The
//! order of the claims does not matter. The header is made once for each key, and a token's header is
//! one of these or the token is rejected: nothing in a token selects an algorithm or key material.

mod asymmetric;
mod claims;
mod jwk;
mod keys;
#[cfg(feature = "pem")]
mod pem;
mod signing;

use jsonwebtoken::AlgorithmFamily;
use memchr::{memchr, memrchr};

use self::claims::Claims;
pub use self::keys::{JwtKey, JwtKeys};
use crate::{
    base64url,
    buffer::{Buffer, push_number},
    envelope::{Envelope, ID, Id},
    error::{Rejected, SaveError},
    format::{Binding, Fingerprint, Opening, Refusal},
    random::Random,
};

/// Types of [`jsonwebtoken`](https://docs.rs/jsonwebtoken) 11 that this crate's API takes.
pub use jsonwebtoken::{Algorithm, crypto::CryptoProvider};

/// The keys of a signed session, bound to one session name, context and issuer.
pub(crate) struct JwtSet {
    /// The one that signs first, if there is one.
    keys: Vec<HeaderAndKey>,
    signs: bool,
    binding: Binding,
    /// The claims that never change, as they are written.
    claims: String,
}

struct HeaderAndKey {
    /// Encoded, with the dot behind it.
    header: String,
    key: JwtKey,
}

impl JwtSet {
    pub(crate) fn new(keys: &JwtKeys, binding: &Binding) -> JwtSet {
        let with_header = |key: &JwtKey| {
            let json = format!(
                r#"{{"typ":"session+jwt","alg":"{:?}","kid":{}}}"#,
                key.algorithm(),
                json_string(key.key_id())
            );
            HeaderAndKey {
                header: base64url::text(json.as_bytes()) + ".",
                key: key.clone(),
            }
        };
        let mut claims = format!(r#","ses":{}"#, json_string(&binding.name));
        if let Some(context) = &binding.context {
            claims += &format!(r#","aud":{}"#, json_string(context));
        }
        if let Some(issuer) = &binding.issuer {
            claims += &format!(r#","iss":{}"#, json_string(issuer));
        }
        JwtSet {
            keys: keys.keys().iter().map(with_header).collect(),
            signs: keys.signs(),
            binding: binding.clone(),
            claims,
        }
    }

    pub(crate) fn can_seal(&self) -> bool {
        self.signs
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether a signature of any of the keys takes long to check.
    pub(crate) fn any_asymmetric(&self) -> bool {
        let is_asymmetric =
            |key: &HeaderAndKey| key.key.algorithm().family() != AlgorithmFamily::Hmac;
        self.keys.iter().any(is_asymmetric)
    }

    pub(crate) fn key_id(&self, key: usize) -> &str {
        self.keys[key].key.key_id()
    }

    pub(crate) fn fingerprint(&self, key: usize) -> Fingerprint {
        self.keys[key].key.fingerprint()
    }

    /// Writes what comes before the value.
    pub(crate) fn begin(buffer: &mut Buffer) {
        buffer.push(claims::VALUE);
    }

    pub(crate) fn seal(
        &self,
        (envelope, id): (&Envelope, Id),
        mut buffer: Buffer,
        cut: impl Fn(usize) -> Result<u8, SaveError>,
        random: &dyn Random,
        begin: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<(Vec<u8>, u8), SaveError> {
        let Some(HeaderAndKey { header, key }) = self.keys.first().filter(|_| self.signs) else {
            return Err(SaveError::CannotSeal);
        };
        let mut drawn = [0; ID];
        let Envelope {
            id, version, times, ..
        } = match id {
            Id::Kept => *envelope,
            Id::New => random.fill(&mut drawn).map(|()| envelope.with_id(&drawn))?,
        };
        let mut text = [0; 22];
        base64url::encode_exactly(&id.to_bytes(), &mut text);
        buffer.push(claims::ID);
        buffer.push(&text);
        for (name, number) in [
            (claims::ISSUED, times.issued),
            (claims::EXPIRES, times.expires),
            (claims::STARTED, times.started),
            (claims::ENDS, times.ends),
            (claims::VERSION, version.into()),
        ] {
            buffer.push(name);
            push_number(&mut buffer, number);
        }
        buffer.push(self.claims.as_bytes());
        let length = |claims| header.len() + base64url::length(claims) + 1 + key.signature_length();
        let mut pieces = cut(length(buffer.len() + 1))?;
        if pieces > 1 {
            pieces = cut(length(buffer.len() + claims::PIECES.len() + "N}".len()))?;
            buffer.push(claims::PIECES);
            push_number(&mut buffer, pieces.into());
        }
        buffer.push(b"}");
        let mut out = begin(length(buffer.len()));
        let start = out.len();
        out.extend_from_slice(header.as_bytes());
        base64url::encode(&buffer, &mut out);
        let signature = key.sign(&out[start..])?;
        out.push(b'.');
        base64url::encode(signature.as_ref(), &mut out);
        Ok((out, pieces))
    }

    /// Checks the token and decodes its claims into `scratch`, which has room for them.
    pub(crate) fn open<'s>(
        &self,
        token: &[u8],
        scratch: &'s mut [u8],
    ) -> Result<Opening<'s>, Refusal> {
        let parts = Parts::split(token).ok_or(Rejected::Malformed)?;
        let (signature, claims) = scratch
            .split_at_mut_checked(base64url::most_bytes(parts.signature.len()) - 12)
            .ok_or(Rejected::Malformed)?;
        let signature = base64url::decode(parts.signature, signature).ok_or(Rejected::Malformed)?;
        let claims = base64url::decode(parts.claims, claims).ok_or(Rejected::Malformed)?;
        let key = self
            .keys
            .iter()
            .position(|key| key.header.as_bytes() == parts.header)
            .ok_or_else(|| parts.unknown_header())?;
        self.keys[key]
            .key
            .verify(parts.signed, signature)
            .ok_or(Rejected::NotAuthentic.under(key))?;
        let Some((envelope, end)) = claims::read_own(claims, &self.claims) else {
            return self.opening(Claims::read(claims), key);
        };
        Ok(Opening {
            envelope,
            not_before: 0,
            value: &claims[claims::VALUE.len()..end],
            key,
            likely: Some(claims),
        })
    }

    /// What an opening that is refused should have been, if it was only likely and is another one.
    pub(crate) fn reread<'s>(&self, opening: &Opening<'s>) -> Result<Option<Opening<'s>>, Refusal> {
        let end = claims::VALUE.len() + opening.value.len();
        match opening.likely {
            Some(claims) if claims::end_of_value(claims) != Some(end) => {
                let claims = Claims::read_in_any_order(claims);
                self.opening(claims, opening.key).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// What a token with these claims, and a value apart from them, holds.
    fn opening<'s>(
        &self,
        claims: Option<(Claims<'s>, &'s [u8])>,
        key: usize,
    ) -> Result<Opening<'s>, Refusal> {
        let (claims, value) = claims.ok_or(Rejected::Malformed.under(key))?;
        if !claims.are_for(&self.binding) {
            return Err(Rejected::NotAuthentic.under(key));
        }
        let envelope = claims.envelope().ok_or(Rejected::Malformed.under(key))?;
        Ok(Opening {
            envelope,
            not_before: claims.nbf,
            value,
            key,
            likely: None,
        })
    }
}

/// The three parts of a compact JWS.
struct Parts<'t> {
    /// With the dot behind it.
    header: &'t [u8],
    claims: &'t [u8],
    signature: &'t [u8],
    /// Header and claims.
    signed: &'t [u8],
}

impl<'t> Parts<'t> {
    fn split(token: &'t [u8]) -> Option<Parts<'t>> {
        let first = memchr(b'.', token)?;
        let last = memrchr(b'.', token)?;
        // A dot between the two is not in the alphabet of the claims.
        let claims = token.get(first + 1..last)?;
        let (header, signed, signature) = (&token[..=first], &token[..last], &token[last + 1..]);
        Some(Parts {
            header,
            claims,
            signature,
            signed,
        })
    }

    /// Why a header that belongs to no key is refused.
    fn unknown_header(&self) -> Rejected {
        let in_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        match self.header.strip_suffix(b".") {
            Some(header) if header.iter().all(in_alphabet) => Rejected::UnknownKey,
            _ => Rejected::Malformed,
        }
    }
}

/// The text as a JSON string (RFC 8259, section 7).
fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
