//! Sealed tickets.

use super::{Opening, Terms, Tickets, room};
use crate::{
    base::buffer::Buffer,
    error::{Rejected, SaveError},
    keys::{COMMITMENT, Commitment},
    token::{
        drawn::Drawn,
        opening::{Authentic, Refusal},
        sealed::{HEAD, SealedKeys},
    },
};

impl Tickets for SealedKeys {
    fn commitment(&self, key: usize, _: &Terms, _: &[u8]) -> Option<Commitment> {
        self.commitment(key).cloned()
    }

    fn begin(&self, bound: bool, text: &mut Buffer) {
        let commitment = if bound { COMMITMENT } else { 0 };
        text.push(&[0; HEAD + BODY + COMMITMENT][..HEAD + BODY + commitment]);
    }

    fn seal(
        &self,
        terms: &Terms,
        drawn: &Drawn,
        mut text: Buffer,
        longest: usize,
    ) -> Result<Vec<u8>, SaveError> {
        write_terms(terms, &mut text[HEAD..]);
        let mut out = room(SealedKeys::length(text.len()), longest)?;
        self.seal_body(drawn.nonce(), text, &mut out);
        Ok(out)
    }

    fn open(&self, token: &[u8]) -> Result<Opening, Refusal> {
        let Authentic { text, body, key } = self.open_body(token, BODY)?;
        let (terms, before) =
            read_terms(&text[body.clone()]).ok_or(Rejected::Malformed.with_key(key))?;
        Ok(Opening {
            terms,
            not_before: 0,
            key,
            text,
            value: body.start + before..body.end,
        })
    }
}

/// Writes the terms to the start of the body.
fn write_terms(terms: &Terms, body: &mut [u8]) {
    let (start, rest) = body.split_at_mut(BODY);
    start[0] = JSON | if terms.bound.is_some() { BOUND } else { 0 };
    start[1..6].copy_from_slice(&terms.issued.to_be_bytes()[3..]);
    // A lifetime is at most 400 days, so this fits.
    start[6..].copy_from_slice(&((terms.expires - terms.issued) as u32).to_be_bytes());
    if let Some(bound) = &terms.bound {
        rest[..COMMITMENT].copy_from_slice(bound);
    }
}

/// The terms at the start of an authentic body, and how many octets they are.
fn read_terms(body: &[u8]) -> Option<(Terms, usize)> {
    let ([flags], rest) = body.split_first_chunk()?;
    let ([a, b, c, d, e], rest) = rest.split_first_chunk::<5>()?;
    let (life, rest) = rest.split_first_chunk::<4>()?;
    let bound = match flags & BOUND {
        0 => None,
        _ => Some(*rest.first_chunk()?),
    };
    let issued = u64::from_be_bytes([0, 0, 0, *a, *b, *c, *d, *e]);
    let terms = Terms {
        issued,
        expires: issued + u64::from(u32::from_be_bytes(*life)),
        bound,
    };
    let octets = BODY + bound.map_or(0, |bound| bound.len());
    (flags & !BOUND == JSON && terms.in_order()).then_some((terms, octets))
}

const JSON: u8 = 0;
const BOUND: u8 = 1 << 7;
/// All of the body but commitment and value.
const BODY: usize = 1 + 5 + 4;
