//! Signed tickets: JWTs.

use std::borrow::Cow;

use super::{Opening, Terms, Tickets, room};
use crate::{
    base::{
        base64url,
        buffer::{Buffer, push_number},
        json::{
            read::{read, string, texts},
            scan,
        },
    },
    error::{Rejected, SaveError},
    keys::{COMMITMENT, Commitment},
    token::{
        claims::{self, Audience, RESERVED},
        drawn::Drawn,
        jwt::{JwtSet, place_in},
        opening::{Authentic, Refusal},
    },
};

impl Tickets for JwtSet {
    fn commitment(&self, key: usize, terms: &Terms, value: &[u8]) -> Option<Commitment> {
        // What is behind the value needs no length, as the value's is before it.
        let length = (value.len() as u64).to_be_bytes();
        let times = [terms.issued, terms.expires].map(u64::to_be_bytes);
        let mut commitment = self.commitment(key)?.clone();
        commitment.add(times.as_flattened());
        commitment.add(&length);
        commitment.add(value);
        Some(commitment)
    }

    fn begin(&self, _: bool, text: &mut Buffer) {
        text.push(claims::VALUE);
    }

    fn seal(
        &self,
        terms: &Terms,
        _: &Drawn,
        mut text: Buffer,
        longest: usize,
    ) -> Result<Vec<u8>, SaveError> {
        write_claims(terms, self.unchanging(), &mut text);
        let mut out = room(self.length_of(text.len())?, longest)?;
        self.seal_claims(&text, &mut out)?;
        Ok(out)
    }

    fn open(&self, token: &[u8]) -> Result<Opening, Refusal> {
        let Authentic { text, body, key } = self.open_claims(token)?;
        let claims = &text[body];
        // As this library writes them, or in any other order and spelling.
        let (terms, not_before, value) = match read_own(claims, self.unchanging()) {
            Some((terms, value)) => (terms, 0, value),
            None => {
                let claims = Claims::read(claims).ok_or(Rejected::Malformed.with_key(key))?;
                if !claims.audience.is_of(self.binding()) {
                    return Err(Rejected::NotAuthentic.with_key(key));
                }
                let terms = claims.terms().ok_or(Rejected::Malformed.with_key(key))?;
                (terms, claims.not_before, claims.value)
            }
        };
        let value = place_in(&text, value);
        Ok(Opening {
            terms,
            not_before,
            key,
            text,
            value,
        })
    }
}

/// Writes the claims behind the value, with these that do not change.
fn write_claims(terms: &Terms, unchanging: &str, text: &mut Buffer) {
    text.push(claims::ISSUED);
    push_number(text, terms.issued);
    text.push(claims::EXPIRES);
    push_number(text, terms.expires);
    text.push(unchanging.as_bytes());
    if let Some(bound) = &terms.bound {
        text.push(COMMITMENT_CLAIM);
        text.push(base64url::text(bound).as_bytes());
        text.push(b"\"");
    }
    text.push(b"}");
}

/// The terms and the value of claims as this library writes them with these that do not change; `None`
/// for all others.
fn read_own<'c>(json: &'c [u8], unchanging: &str) -> Option<(Terms, &'c [u8])> {
    let rest = json.strip_prefix(claims::VALUE)?.strip_suffix(b"}")?;
    let (rest, bound) = match bound_of_own(rest) {
        Some((rest, bound)) => (rest, Some(bound)),
        None => (rest, None),
    };
    let rest = rest.strip_suffix(unchanging.as_bytes())?;
    let (rest, expires) = claims::own_number(rest, claims::EXPIRES)?;
    let (value, issued) = claims::own_number(rest, claims::ISSUED)?;
    let terms = Terms {
        issued,
        expires,
        bound,
    };
    // Claims of others may begin and end like ours, with more of them between.
    (terms.in_order() && scan::is_one_value(value)).then_some((terms, value))
}

/// What is before the commitment at the end, and the commitment.
fn bound_of_own(json: &[u8]) -> Option<(&[u8], [u8; COMMITMENT])> {
    let (rest, text) = json.strip_suffix(b"\"")?.split_last_chunk::<22>()?;
    let rest = rest.strip_suffix(COMMITMENT_CLAIM)?;
    Some((rest, read_commitment(text)?))
}

struct Claims<'c> {
    issued: u64,
    expires: u64,
    not_before: u64,
    audience: Audience<'c>,
    bound: Option<Cow<'c, str>>,
    value: &'c [u8],
}

impl<'c> Claims<'c> {
    /// Reads claims in any order and any spelling.
    fn read(json: &'c [u8]) -> Option<Claims<'c>> {
        let [val, iat, exp, ses, aud, iss, nbf, bound, None] = texts(json, NAMES)? else {
            return None;
        };
        let bound = match bound {
            Some(bound) => Some(string(bound)?),
            None => None,
        };
        Some(Claims {
            issued: read(iat?)?,
            expires: read(exp?)?,
            not_before: nbf.map_or(Some(0), read)?,
            audience: Audience::read(ses, aud, iss)?,
            bound,
            value: val?,
        })
    }

    fn terms(&self) -> Option<Terms> {
        let bound = match &self.bound {
            Some(bound) => Some(read_commitment(bound.as_bytes())?),
            None => None,
        };
        let terms = Terms {
            issued: self.issued,
            expires: self.expires,
            bound,
        };
        terms.in_order().then_some(terms)
    }
}

fn read_commitment(text: &[u8]) -> Option<[u8; COMMITMENT]> {
    let mut octets = [0; COMMITMENT];
    let length = base64url::decode(text, &mut octets)?.len();
    (length == COMMITMENT).then_some(octets)
}

/// The names of the claims that are read, in the order in which [`Claims::read`] takes them.
const NAMES: [&str; 9] = [
    "val", "iat", "exp", "ses", "aud", "iss", "nbf", "bound", RESERVED,
];
/// What comes before the commitment as this library writes it.
const COMMITMENT_CLAIM: &[u8] = br#","bound":""#;
