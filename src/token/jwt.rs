//! Format JWT, signed: a compact JWS (RFC 7515) that the client can read and not change.
//!
//! ```text
//! token   = header "." base64url(claims) "." base64url(signature)
//! header  = base64url({"typ":"session+jwt","alg":ALG,"kid":KID})      in exactly these octets
//! claims  = {"val":VALUE,"sid":ID,"start":started,"auth_time":authenticated,"iat":issued,
//!            "exp":expires,"end":ends,"ver":VERSION,"ses":NAME,"aud":CONTEXT,"iss":ISSUER,
//!            "rem":true,"pcs":PIECES}
//! ```
//!
//! `typ` begins with the kind of the token. `aud` and `iss` are there when they are set, `rem` when
//! the session is remembered, `pcs` when the token was cut into several cookies. The order of the
//! claims does not matter. The header is made once for each key, and a token's header is one of
//! these or the token is rejected: nothing in a token selects an algorithm or key material.

use std::{ops::Range, sync::Arc};

use memchr::{memchr, memrchr};

use super::{
    Format,
    binding::{Binding, Kind},
    claims::{self, Claims},
    drawn::Drawn,
    envelope::{Envelope, Length},
    keys::{AnyKeys, Keys},
    opening::{Authentic, Opening, Refusal},
    ticket::Tickets,
};
use crate::{
    base::{base64url, buffer::Buffer},
    error::{ConfigError, Rejected, SaveError},
    keys::{
        Commitment, Fingerprint,
        jwt::{JwtKey, JwtKeys},
        source::sealed::{KeysFromText, Needs},
    },
};

/// The keys of a signed session, bound to one session name, context and issuer.
pub(super) struct JwtSet {
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
    /// With another word for the same algorithm.
    other_header: Option<String>,
    key: JwtKey,
    /// What the bindings of tickets are compared by, if it is for tickets.
    commitment: Option<Commitment>,
}

impl HeaderAndKey {
    fn has_header(&self, header: &[u8]) -> bool {
        let is = |own: &String| own.as_bytes() == header;
        is(&self.header) || self.other_header.as_ref().is_some_and(is)
    }
}

impl From<JwtKeys> for AnyKeys {
    fn from(keys: JwtKeys) -> AnyKeys {
        AnyKeys::new(keys)
    }
}

impl Keys for JwtKeys {
    fn are_signing(&self) -> bool {
        true
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.check()
    }

    fn same_from_text(&self, text: &str, needs: Needs) -> Result<AnyKeys, ConfigError> {
        <JwtKeys as KeysFromText>::from_text(text, needs).map(AnyKeys::from)
    }

    fn bind(&self, binding: &Binding) -> Arc<dyn Format> {
        Arc::new(JwtSet::new(self, binding))
    }
}

impl Format for JwtSet {
    fn can_seal(&self) -> bool {
        self.signs
    }

    fn most_candidates(&self) -> usize {
        match self.keys.iter().any(|key| key.key.is_asymmetric()) {
            true => 2,
            false => 8,
        }
    }

    fn is_signed(&self) -> bool {
        true
    }

    fn has_nonce(&self) -> bool {
        false
    }

    fn keys(&self) -> usize {
        self.keys.len()
    }

    fn key_id(&self, key: usize) -> &str {
        self.keys[key].key.key_id()
    }

    fn fingerprint(&self, key: usize) -> Fingerprint {
        self.keys[key].key.fingerprint()
    }

    fn begin(&self, text: &mut Buffer) {
        text.push(claims::VALUE);
    }

    fn length(&self, envelope: &Envelope, text: usize) -> Result<Length, SaveError> {
        let claims = text + claims::length(envelope) + self.claims.len() + "}".len();
        Ok(Length {
            whole: self.length_of(claims)?,
            cut: self.length_of(claims + claims::PIECES.len() + "N".len())?,
        })
    }

    fn seal(
        &self,
        envelope: &Envelope,
        _: &Drawn,
        mut text: Buffer,
        out: &mut Vec<u8>,
    ) -> Result<(), SaveError> {
        // The claims say what and for how long; they are complete before anything is made of them.
        claims::write(envelope, &self.claims, &mut text);
        self.seal_claims(&text, out)
    }

    /// Checks the token, decodes its claims, and reads what is beside the value.
    fn open(&self, token: &[u8]) -> Result<Opening, Refusal> {
        let Authentic { text, body, key } = self.open_claims(token)?;
        let claims = &text[body];
        // 6. The envelope, as this library writes it or in any other order and spelling.
        let (envelope, not_before, value) = match claims::read_own(claims, &self.claims) {
            Some((envelope, value)) => (envelope, 0, value),
            None => {
                let claims = Claims::read(claims).ok_or(Rejected::Malformed.with_key(key))?;
                if !claims.are_for(&self.binding) {
                    return Err(Rejected::NotAuthentic.with_key(key));
                }
                let envelope = claims.envelope().ok_or(Rejected::Malformed.with_key(key))?;
                (envelope, claims.nbf, claims.val)
            }
        };
        let value = place_in(&text, value);
        Ok(Opening {
            envelope,
            not_before,
            key,
            text,
            value,
        })
    }

    fn tickets(&self) -> &dyn Tickets {
        self
    }
}

impl JwtSet {
    pub(super) fn new(keys: &JwtKeys, binding: &Binding) -> JwtSet {
        let header = |key: &JwtKey, word: &str| {
            let (kind, kid) = (binding.kind.word(), json_string(key.key_id()));
            let json = format!(r#"{{"typ":"{kind}+jwt","alg":"{word}","kid":{kid}}}"#);
            base64url::text(json.as_bytes()) + "."
        };
        let with_header = |key: &JwtKey| {
            let (word, other_word) = key.algorithm_words();
            HeaderAndKey {
                header: header(key, &word),
                other_header: other_word.map(|word| header(key, word)),
                key: key.clone(),
                commitment: (binding.kind == Kind::Ticket).then(|| commitment(key, binding)),
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

    /// Appends the token with these claims to `out`.
    #[inline]
    pub(super) fn seal_claims(&self, claims: &[u8], out: &mut Vec<u8>) -> Result<(), SaveError> {
        let HeaderAndKey { header, key, .. } = self.signing_key()?;
        // The header says which key.
        let start = out.len();
        out.extend_from_slice(header.as_bytes());
        base64url::encode(claims, out);
        // The signature is over both.
        let signature = key.sign(&out[start..])?;
        out.push(b'.');
        base64url::encode(signature.as_ref(), out);
        Ok(())
    }

    /// The length of a token with so many octets of claims.
    #[inline]
    pub(super) fn length_of(&self, claims: usize) -> Result<usize, SaveError> {
        let HeaderAndKey { header, key, .. } = self.signing_key()?;
        Ok(header.len() + ".".len() + key.signature_length() + base64url::length(claims))
    }

    /// The claims that never change, as they are written.
    pub(super) fn unchanging(&self) -> &str {
        &self.claims
    }

    pub(super) fn binding(&self) -> &Binding {
        &self.binding
    }

    /// What a ticket's binding is compared by.
    pub(super) fn commitment(&self, key: usize) -> Option<&Commitment> {
        self.keys[key].commitment.as_ref()
    }

    fn signing_key(&self) -> Result<&HeaderAndKey, SaveError> {
        let signing = self.keys.first().filter(|_| self.signs);
        signing.ok_or(SaveError::CannotSeal)
    }

    /// Checks the token and decodes its claims.
    #[inline]
    pub(super) fn open_claims(&self, token: &[u8]) -> Result<Authentic, Refusal> {
        // 2. Its alphabet and shape, of which there is one only for a token.
        let parts = Parts::split(token).ok_or(Rejected::Malformed)?;
        let signature_room = base64url::most_bytes(parts.signature.len());
        let mut text = Buffer::zeroed(signature_room + base64url::most_bytes(parts.claims.len()));
        let (signature, claims) = text.split_at_mut(signature_room);
        let signature = base64url::decode(parts.signature, signature).ok_or(Rejected::Malformed)?;
        let claims = base64url::decode(parts.claims, claims).ok_or(Rejected::Malformed)?;
        // 3, 4. Its version and the key that it names: the header is one of ours to the octet.
        let key = self
            .keys
            .iter()
            .position(|key| key.has_header(parts.header))
            .ok_or_else(|| parts.unknown_header())?;
        // 5. Whether it is authentic: nothing of it means anything before.
        self.keys[key]
            .key
            .verify(parts.signed, signature)
            .ok_or(Rejected::NotAuthentic.with_key(key))?;
        let body = signature_room..signature_room + claims.len();
        Ok(Authentic { text, body, key })
    }
}

/// Where a part of a text stands in it, by its address.
pub(super) fn place_in(text: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    start..start + part.len()
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

/// What the bindings of tickets are compared by, for their name, context and issuer.
fn commitment(key: &JwtKey, binding: &Binding) -> Commitment {
    let Binding {
        name,
        context,
        issuer,
        ..
    } = binding;
    let [context, issuer] = [context, issuer].map(|text| text.as_deref().unwrap_or_default());
    key.commitment([name, context, issuer])
}

/// The text as a JSON string (RFC 8259, section 7).
fn json_string(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
