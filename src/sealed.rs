//! Format 1, sealed: what is inside is a secret of the server.
//!
//! ```text
//! token = base64url( 0x01 | key id 4 | nonce 24 | ciphertext | tag 16 )
//! body  = encoding 1 | id 16 | version 4 | started 5 | issued 4 | expires 4 | ends 4 | value
//! ```
//!
//! Integers are big-endian; the last three times are seconds after `started`. The low half of the
//! encoding is 0 for JSON; the high half is the number of cookies that the token was cut into, less
//! one. The cipher is XAES-256-GCM, the associated data are the 29 octets before the ciphertext.

use crate::{
    base64url,
    buffer::Buffer,
    envelope::{Envelope, ID, Id, SessionId, Times},
    error::{Rejected, SaveError},
    format::{Binding, Fingerprint, Opening, Refusal},
    keys::{Key, KeyRing, id_text},
    random::Random,
    xaes::{NONCE, TAG, Xaes},
};

/// A key ring bound to one session name and context.
pub(crate) struct SealedKeys {
    /// The one that seals first.
    keys: Vec<SealedKey>,
}

struct SealedKey {
    id: [u8; 4],
    id_text: String,
    xaes: Xaes,
}

impl SealedKeys {
    pub(crate) fn new(ring: &KeyRing, binding: &Binding) -> SealedKeys {
        // A context is never empty, so the empty text is no context.
        let context = binding.context.as_deref().unwrap_or_default();
        let bind = |key: &Key| SealedKey {
            id: key.id(),
            id_text: id_text(key.id()),
            xaes: Xaes::new(&key.bind(LABEL, &binding.name, context)),
        };
        SealedKeys {
            keys: ring.keys().iter().map(bind).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn key_id(&self, key: usize) -> &str {
        &self.keys[key].id_text
    }

    pub(crate) fn fingerprint(&self, key: usize) -> Fingerprint {
        Fingerprint::of(&self.keys[key].id)
    }

    /// Leaves room for all that comes before the value.
    pub(crate) fn begin(buffer: &mut Buffer) {
        buffer.push(&[0; HEAD + BODY]);
    }

    pub(crate) fn seal(
        &self,
        (envelope, id): (&Envelope, Id),
        mut buffer: Buffer,
        cut: impl Fn(usize) -> Result<u8, SaveError>,
        random: &dyn Random,
        begin: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<(Vec<u8>, u8), SaveError> {
        let length = base64url::length(buffer.len() + TAG);
        let pieces = cut(length)?;
        let (head, body) = buffer.split_at_mut(HEAD);
        let mut drawn = [0; ID + NONCE];
        let envelope = match id {
            Id::Kept => random.fill(&mut drawn[ID..]).map(|()| *envelope)?,
            Id::New => random.fill(&mut drawn).map(|()| envelope.with_id(&drawn))?,
        };
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&drawn[ID..]);
        head[0] = VERSION;
        head[1..5].copy_from_slice(&self.keys[0].id);
        head[5..].copy_from_slice(&nonce);
        write_body(&envelope, pieces, body);
        let Some(tag) = self.keys[0].xaes.seal(&nonce, head, body) else {
            // AES-GCM refuses more than 64 GiB.
            let octets = buffer.len();
            return Err(SaveError::TooLarge {
                octets,
                limit: u32::MAX as usize,
                fix: "keep less in the session",
            });
        };
        buffer.push(&tag);
        let mut out = begin(length);
        base64url::encode(&buffer, &mut out);
        Ok((out, pieces))
    }

    /// Checks the token and decrypts it into `scratch`, which has room for it.
    pub(crate) fn open<'s>(
        &self,
        token: &[u8],
        scratch: &'s mut [u8],
    ) -> Result<Opening<'s>, Refusal> {
        let bytes = base64url::decode(token, scratch).ok_or(Rejected::Malformed)?;
        let (head, rest) = bytes
            .split_first_chunk_mut::<HEAD>()
            .ok_or(Rejected::Malformed)?;
        let (body, tag) = rest
            .split_last_chunk_mut::<TAG>()
            .ok_or(Rejected::Malformed)?;
        if head[0] != VERSION || body.len() < BODY {
            return Err(Rejected::Malformed.into());
        }
        let key = self
            .keys
            .iter()
            .position(|key| key.id == head[1..5])
            .ok_or(Rejected::UnknownKey)?;
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&head[5..]);
        self.keys[key]
            .xaes
            .open(&nonce, head, body, tag)
            .ok_or(Rejected::NotAuthentic.under(key))?;
        let (envelope, value) = read_body(body).ok_or(Rejected::Malformed.under(key))?;
        Ok(Opening {
            envelope,
            not_before: 0,
            value,
            key,
            #[cfg(feature = "jwt")]
            likely: None,
        })
    }
}

/// Writes the envelope to the start of the body.
fn write_body(envelope: &Envelope, pieces: u8, body: &mut [u8]) {
    let Envelope {
        id, version, times, ..
    } = envelope;
    let mut rest = body;
    let mut write = |octets: &[u8]| {
        let (start, end) = std::mem::take(&mut rest).split_at_mut(octets.len());
        start.copy_from_slice(octets);
        rest = end;
    };
    write(&[(pieces - 1) << 4 | JSON]);
    write(&id.to_bytes());
    write(&version.to_be_bytes());
    write(&times.started.to_be_bytes()[3..]);
    for time in [times.issued, times.expires, times.ends] {
        // A lifetime is at most 400 days, so this fits.
        write(&((time - times.started) as u32).to_be_bytes());
    }
}

/// The envelope and the value of an authentic body.
fn read_body(body: &[u8]) -> Option<(Envelope, &[u8])> {
    let (encoding, rest) = body.split_first()?;
    let (id, rest) = rest.split_first_chunk::<16>()?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let ([a, b, c, d, e], rest) = rest.split_first_chunk::<5>()?;
    let (issued, rest) = rest.split_first_chunk::<4>()?;
    let (expires, rest) = rest.split_first_chunk::<4>()?;
    let (ends, value) = rest.split_first_chunk::<4>()?;
    let started = u64::from_be_bytes([0, 0, 0, *a, *b, *c, *d, *e]);
    let after = |seconds: &[u8; 4]| started + u64::from(u32::from_be_bytes(*seconds));
    let times = Times {
        started,
        issued: after(issued),
        expires: after(expires),
        ends: after(ends),
    };
    let id = SessionId::from_bytes(*id);
    let envelope = Envelope {
        id,
        version: u32::from_be_bytes(*version),
        times,
        pieces: (encoding >> 4) + 1,
    };
    (encoding & 0x0f == JSON && times.in_order()).then_some((envelope, value))
}

const VERSION: u8 = 1;
const JSON: u8 = 0;
/// Version, key id and nonce.
const HEAD: usize = 1 + 4 + NONCE;
/// All of the body but the value.
const BODY: usize = 1 + 16 + 4 + 5 + 3 * 4;
/// The first part of the info from which HKDF derives a key.
const LABEL: &[u8] = b"haversack sealed 1";
