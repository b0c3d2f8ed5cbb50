//! What is derived from a key and tells nothing of it.

use crate::base::crypto::{HmacSha256, Mac as _, hkdf};

/// Each text behind its length in two octets.
pub(crate) fn info<'t>(texts: impl IntoIterator<Item = &'t [u8]>) -> Vec<u8> {
    let mut info = Vec::new();
    for text in texts {
        // Names and contexts are checked to be far shorter than 2^16 octets.
        info.extend_from_slice(&(text.len() as u16).to_be_bytes());
        info.extend_from_slice(text);
    }
    info
}

/// HKDF-SHA-256 (RFC 5869) without salt; the info is each part behind its length in two octets.
pub(crate) fn derive(secret: &[u8], parts: &[&[u8]], out: &mut [u8]) {
    let info = info(parts.iter().copied());
    #[expect(
        clippy::expect_used,
        reason = "HKDF-SHA-256 gives up to 8160 octets, RFC 5869"
    )]
    hkdf(&[], secret, &info, out).expect("at most 32 octets");
}

/// Tells a key from all others and nothing of it: some octets that are derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(pub(crate) [u8; 8]);

impl Fingerprint {
    /// The first octets of what is derived from a key.
    pub(crate) fn of(derived: &[u8]) -> Fingerprint {
        let mut octets = [0; 8];
        let length = derived.len().min(octets.len());
        octets[..length].copy_from_slice(&derived[..length]);
        Fingerprint(octets)
    }
}

/// What octets are compared by that a token does not carry: a keyed hash, in constant time.
#[derive(Clone)]
pub(crate) struct Commitment(HmacSha256);

impl Commitment {
    pub(crate) fn new(key: &[u8]) -> Commitment {
        Commitment(HmacSha256::new(key))
    }

    /// It is over these octets, before those that it is to.
    #[cfg(feature = "jwt")]
    pub(crate) fn add(&mut self, octets: &[u8]) {
        self.0.update(octets);
    }

    /// The octets that a token carries instead.
    pub(crate) fn to(mut self, octets: &[u8]) -> [u8; COMMITMENT] {
        self.0.update(octets);
        self.0.finish()
    }

    /// Whether a token carries those of these octets.
    pub(crate) fn matches(mut self, octets: &[u8], carried: &[u8; COMMITMENT]) -> bool {
        self.0.update(octets);
        self.0.begins_with(carried)
    }
}

/// The octets of a commitment.
pub(crate) const COMMITMENT: usize = 16;
/// The first of the texts that the key of a ticket's commitment is bound to.
pub(crate) const COMMITMENT_LABEL: &str = "haversack ticket binding";

#[cfg(test)]
mod tests;
