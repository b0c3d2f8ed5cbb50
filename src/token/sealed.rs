//! Format 1, sealed: what is inside is a secret of the server.
//!
//! ```text
//! token = base64url( 0x01 | key id 4 | nonce 24 | ciphertext | tag 16 )
//! body  = flags 1 | id 16 | version 4 | started 5 | authenticated 4 | issued 4 | expires 4
//!         | ends 4 | value
//! ```
//!
//! Integers are big-endian; the last four times are seconds after `started`. Of the flags, bits 0
//! to 3 are 0 for JSON, bits 4 and 5 the number of cookies that the token was cut into, less one,
//! and bit 7 is set for a remembered session. The cipher is XAES-256-GCM, the associated data are
//! the 29 octets before the ciphertext.

use std::sync::Arc;

use super::{
    Format,
    binding::{Binding, Kind},
    drawn::{Drawn, NONCE},
    envelope::{Envelope, Length, SessionId},
    keys::{AnyKeys, Keys},
    opening::{Authentic, Opening, Refusal},
    ticket::Tickets,
    xaes::{TAG, Xaes},
};
use crate::{
    base::{base64url, buffer::Buffer},
    error::{ConfigError, Rejected, SaveError},
    keys::{
        COMMITMENT_LABEL, Commitment, Fingerprint,
        ring::{Key, KeyRing},
        source::sealed::{KeysFromText, Needs},
    },
    lifetime::Times,
};

/// A key ring bound to one session name and context.
pub(super) struct SealedKeys {
    /// The one that seals first.
    keys: Vec<SealedKey>,
    /// For each key, if they are for tickets.
    commitments: Vec<Commitment>,
}

struct SealedKey {
    id: [u8; 4],
    id_text: String,
    xaes: Xaes,
}

impl From<KeyRing> for AnyKeys {
    fn from(ring: KeyRing) -> AnyKeys {
        AnyKeys::new(ring)
    }
}

impl Keys for KeyRing {
    fn are_signing(&self) -> bool {
        false
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.check()
    }

    fn same_from_text(&self, text: &str, needs: Needs) -> Result<AnyKeys, ConfigError> {
        <KeyRing as KeysFromText>::from_text(text, needs).map(AnyKeys::from)
    }

    fn bind(&self, binding: &Binding) -> Arc<dyn Format> {
        Arc::new(SealedKeys::new(self, binding))
    }
}

impl Format for SealedKeys {
    fn can_seal(&self) -> bool {
        true
    }

    fn most_candidates(&self) -> usize {
        8
    }

    fn is_signed(&self) -> bool {
        false
    }

    fn has_nonce(&self) -> bool {
        true
    }

    fn keys(&self) -> usize {
        self.keys.len()
    }

    fn key_id(&self, key: usize) -> &str {
        &self.keys[key].id_text
    }

    fn fingerprint(&self, key: usize) -> Fingerprint {
        Fingerprint::of(&self.keys[key].id)
    }

    /// Leaves room for all that comes before the value.
    fn begin(&self, text: &mut Buffer) {
        text.push(&[0; HEAD + BODY]);
    }

    fn length(&self, _: &Envelope, text: usize) -> Result<Length, SaveError> {
        let whole = SealedKeys::length(text);
        Ok(Length { whole, cut: whole })
    }

    fn seal(
        &self,
        envelope: &Envelope,
        drawn: &Drawn,
        mut text: Buffer,
        out: &mut Vec<u8>,
    ) -> Result<(), SaveError> {
        // The body says what and for how long; it is complete before anything is made of it.
        write_envelope(envelope, &mut text[HEAD..]);
        self.seal_body(drawn.nonce(), text, out);
        Ok(())
    }

    /// Checks the token, decrypts it, and reads what is beside the value.
    fn open(&self, token: &[u8]) -> Result<Opening, Refusal> {
        let Authentic { text, body, key } = self.open_body(token, BODY)?;
        // 6. The envelope: what is not known yet is not let pass.
        let envelope =
            read_envelope(&text[body.clone()]).ok_or(Rejected::Malformed.with_key(key))?;
        Ok(Opening {
            envelope,
            not_before: 0,
            key,
            text,
            value: body.start + BODY..body.end,
        })
    }

    fn tickets(&self) -> &dyn Tickets {
        self
    }
}

impl SealedKeys {
    pub(super) fn new(ring: &KeyRing, binding: &Binding) -> SealedKeys {
        // A context is never empty, so the empty text is no context.
        let context = binding.context.as_deref().unwrap_or_default();
        let texts = [LABEL, binding.kind.word(), &binding.name, context];
        let bind = |key: &Key| SealedKey {
            id: key.id_octets(),
            id_text: key.id(),
            xaes: Xaes::new(&key.bind(texts)),
        };
        SealedKeys {
            keys: ring.keys().iter().map(bind).collect(),
            commitments: match binding.kind {
                Kind::Ticket => commitments(ring, &binding.name, context),
                Kind::Session | Kind::End => Vec::new(),
            },
        }
    }

    /// What a ticket's binding is compared by.
    pub(super) fn commitment(&self, key: usize) -> Option<&Commitment> {
        self.commitments.get(key)
    }

    /// The length of the token for a body of so many octets behind the room for the head.
    pub(super) fn length(text: usize) -> usize {
        base64url::length(text + TAG)
    }

    /// Appends the token to `out`. The text is a body behind the room for the head.
    #[inline]
    pub(super) fn seal_body(&self, nonce: [u8; NONCE], mut text: Buffer, out: &mut Vec<u8>) {
        let key = &self.keys[0];
        let (head, body) = text.split_at_mut(HEAD);
        // The head says which key and nonce.
        head[0] = VERSION;
        head[1..5].copy_from_slice(&key.id);
        head[5..].copy_from_slice(&nonce);
        // The tag is over both, and the body a secret from here on.
        let tag = key.xaes.seal(&nonce, head, body);
        text.push(&tag);
        base64url::encode(&text, out);
    }

    /// Checks the token and decrypts its body, of so many octets at least.
    #[inline]
    pub(super) fn open_body(&self, token: &[u8], least: usize) -> Result<Authentic, Refusal> {
        let mut text = Buffer::zeroed(base64url::most_bytes(token.len()));
        // 2. Its alphabet and shape, of which there is one only for a token.
        let bytes = base64url::decode(token, &mut text).ok_or(Rejected::Malformed)?;
        let length = bytes.len();
        let (head, rest) = bytes
            .split_first_chunk_mut::<HEAD>()
            .ok_or(Rejected::Malformed)?;
        let (body, tag) = rest
            .split_last_chunk_mut::<TAG>()
            .ok_or(Rejected::Malformed)?;
        // 3. Its version, which says what all else means.
        if head[0] != VERSION || body.len() < least {
            return Err(Rejected::Malformed.into());
        }
        // 4. The key that it names, and no other: none is ever tried.
        let key = self
            .keys
            .iter()
            .position(|key| key.id == head[1..5])
            .ok_or(Rejected::UnknownKey)?;
        // 5. Whether it is authentic: nothing of it means anything before.
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&head[5..]);
        self.keys[key]
            .xaes
            .open(&nonce, head, body, tag)
            .ok_or(Rejected::NotAuthentic.with_key(key))?;
        Ok(Authentic {
            text,
            body: HEAD..length - TAG,
            key,
        })
    }
}

/// What the bindings of tickets are compared by, for each key.
fn commitments(ring: &KeyRing, name: &str, context: &str) -> Vec<Commitment> {
    let texts = [COMMITMENT_LABEL, Kind::Ticket.word(), name, context];
    let commitment = |key: &Key| Commitment::new(&*key.bind(texts));
    ring.keys().iter().map(commitment).collect()
}

/// Writes the envelope to the start of the body.
fn write_envelope(envelope: &Envelope, body: &mut [u8]) {
    let Envelope {
        id,
        version,
        times,
        pieces,
        remembered,
    } = envelope;
    let mut rest = body;
    let mut write = |octets: &[u8]| {
        let (start, end) = std::mem::take(&mut rest).split_at_mut(octets.len());
        start.copy_from_slice(octets);
        rest = end;
    };
    let remembered = if *remembered { REMEMBERED } else { 0 };
    write(&[JSON | (pieces - 1) << PIECES | remembered]);
    write(&id.to_bytes());
    write(&version.to_be_bytes());
    write(&times.started.to_be_bytes()[3..]);
    for time in [times.authenticated, times.issued, times.expires, times.ends] {
        // A lifetime is at most 400 days, so this fits.
        write(&((time - times.started) as u32).to_be_bytes());
    }
}

/// The envelope at the start of an authentic body.
fn read_envelope(body: &[u8]) -> Option<Envelope> {
    let (flags, rest) = body.split_first()?;
    let (id, rest) = rest.split_first_chunk::<16>()?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let ([a, b, c, d, e], rest) = rest.split_first_chunk::<5>()?;
    let (authenticated, rest) = rest.split_first_chunk::<4>()?;
    let (issued, rest) = rest.split_first_chunk::<4>()?;
    let (expires, rest) = rest.split_first_chunk::<4>()?;
    let (ends, _value) = rest.split_first_chunk::<4>()?;
    let started = u64::from_be_bytes([0, 0, 0, *a, *b, *c, *d, *e]);
    let after = |seconds: &[u8; 4]| started + u64::from(u32::from_be_bytes(*seconds));
    let times = Times {
        started,
        authenticated: after(authenticated),
        issued: after(issued),
        expires: after(expires),
        ends: after(ends),
    };
    let id = SessionId::from_bytes(*id);
    let envelope = Envelope {
        id,
        version: u32::from_be_bytes(*version),
        times,
        pieces: (flags >> PIECES & 3) + 1,
        remembered: flags & REMEMBERED != 0,
    };
    // What is of no meaning yet is not let pass, so that it can get one.
    let is_known = flags & !(3 << PIECES | REMEMBERED) == JSON;
    (is_known && times.in_order()).then_some(envelope)
}

const VERSION: u8 = 1;
/// The flags: how the value is written, the place of the pieces' number, and one bit.
const JSON: u8 = 0;
const PIECES: u8 = 4;
const REMEMBERED: u8 = 1 << 7;
/// Version, key id and nonce.
pub(super) const HEAD: usize = 1 + 4 + NONCE;
/// All of the body but the value.
const BODY: usize = 1 + 16 + 4 + 5 + 4 * 4;
/// The first part of the info from which HKDF derives a key.
const LABEL: &str = "haversack sealed 1";
