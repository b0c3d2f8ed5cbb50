//! Tickets: tokens of one purpose, with less beside the value than a session has.
//!
//! ```text
//! sealed: body   = flags 1 | issued 5 | expires 4 | commitment 16, if it is bound | value
//! JWT:    claims = {"val":VALUE,"iat":issued,"exp":expires,"ses":NAME,"aud":CONTEXT,"iss":ISSUER,
//!                   "bound":COMMITMENT}
//! ```
//!
//! All around it is as in the format of a session, under a kind of its own. `expires` is seconds after
//! `issued`. Of the flags, bits 0 to 3 are 0 for JSON, and bit 7 is set when the ticket is bound.

#[cfg(feature = "jwt")]
use std::borrow::Cow;
use std::ops::Range;

use super::{
    Format,
    drawn::Drawn,
    opening::{Authentic, Refusal},
    sealed::{HEAD, SealedKeys},
};
#[cfg(feature = "jwt")]
use super::{
    claims::{self, Audience},
    jwt::{JwtSet, place_in},
};
#[cfg(feature = "jwt")]
use crate::base::{base64url, buffer::push_number, json::scan};
use crate::{
    base::buffer::Buffer,
    error::{Rejected, SaveError},
    keys::{COMMITMENT, Commitment},
    lifetime::{LATEST, MOST_SECONDS},
};

/// What a ticket says beside the value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// In seconds since 1970.
    pub(crate) issued: u64,
    pub(crate) expires: u64,
    /// To what it is bound and does not carry.
    pub(crate) bound: Option<[u8; COMMITMENT]>,
}

impl Terms {
    /// The terms of a ticket that is made now, good for so many seconds, and bound to nothing yet.
    pub(crate) fn new(now: u64, seconds: u64) -> Terms {
        let issued = now.min(LATEST);
        Terms {
            issued,
            expires: issued + seconds,
            bound: None,
        }
    }

    fn in_order(&self) -> bool {
        let life = self.expires.checked_sub(self.issued);
        self.issued <= LATEST && life.is_some_and(|life| life <= MOST_SECONDS)
    }
}

/// What an authentic ticket holds; nothing of it was compared with a clock yet.
pub(crate) struct Opening {
    pub(crate) terms: Terms,
    /// A JWT's `nbf`, 0 if it has none.
    pub(crate) not_before: u64,
    /// The index of the key that opened it.
    pub(crate) key: usize,
    text: Buffer,
    value: Range<usize>,
}

impl Opening {
    /// JSON, or what should be.
    pub(crate) fn value(&self) -> &[u8] {
        &self.text[self.value.clone()]
    }
}

/// What the binding of a ticket with these times and this value is compared by. It shows in a JWT, and so
/// is another one in each.
pub(crate) fn commitment(
    format: &Format,
    key: usize,
    terms: &Terms,
    value: &[u8],
) -> Option<Commitment> {
    #[cfg(not(feature = "jwt"))]
    let _ = (terms, value);
    match format {
        Format::Sealed(keys) => keys.commitment(key).cloned(),
        #[cfg(feature = "jwt")]
        Format::Jwt(keys) => {
            // What is behind the value needs no length, as the value's is before it.
            let length = (value.len() as u64).to_be_bytes();
            let times = [terms.issued, terms.expires].map(u64::to_be_bytes);
            let mut commitment = keys.commitment(key)?.clone();
            commitment.add(times.as_flattened());
            commitment.add(&length);
            commitment.add(value);
            Some(commitment)
        }
    }
}

/// Writes what comes before the value.
pub(crate) fn begin(format: &Format, bound: bool, text: &mut Buffer) {
    match format {
        Format::Sealed(_) => {
            let commitment = if bound { COMMITMENT } else { 0 };
            text.push(&[0; HEAD + BODY + COMMITMENT][..HEAD + BODY + commitment]);
        }
        #[cfg(feature = "jwt")]
        Format::Jwt(_) => JwtSet::begin(text),
    }
}

/// The token. The text is what [`begin`] wrote and the value as JSON.
pub(crate) fn seal(
    format: &Format,
    terms: &Terms,
    drawn: &Drawn,
    mut text: Buffer,
    longest: usize,
) -> Result<Vec<u8>, SaveError> {
    match format {
        Format::Sealed(keys) => {
            write_terms(terms, &mut text[HEAD..]);
            let mut out = room(SealedKeys::length(text.len()).whole, longest)?;
            keys.seal_body(drawn.nonce(), text, &mut out);
            Ok(out)
        }
        #[cfg(feature = "jwt")]
        Format::Jwt(keys) => {
            write_claims(terms, keys.unchanging(), &mut text);
            let mut out = room(keys.length_of(text.len())?, longest)?;
            keys.seal_claims(&text, &mut out)?;
            Ok(out)
        }
    }
}

fn room(octets: usize, limit: usize) -> Result<Vec<u8>, SaveError> {
    let fix = "keep less in the ticket, such as an id of what it is about";
    match octets <= limit {
        true => Ok(Vec::with_capacity(octets)),
        false => Err(SaveError::TooLarge { octets, limit, fix }),
    }
}

/// Reads a ticket once it is authentic.
pub(crate) fn open(format: &Format, token: &[u8]) -> Result<Opening, Refusal> {
    match format {
        Format::Sealed(keys) => {
            let Authentic { text, body, key } = keys.open_body(token, BODY)?;
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
        #[cfg(feature = "jwt")]
        Format::Jwt(keys) => {
            let Authentic { text, body, key } = keys.open_claims(token)?;
            let claims = &text[body];
            // As this library writes them, or in any other order and spelling.
            let (terms, not_before, value) = match read_own(claims, keys.unchanging()) {
                Some((terms, value)) => (terms, 0, value),
                None => {
                    let claims = Claims::read(claims).ok_or(Rejected::Malformed.with_key(key))?;
                    if !claims.audience.is_of(keys.binding()) {
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

/// Writes the claims behind the value, with these that do not change.
#[cfg(feature = "jwt")]
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
#[cfg(feature = "jwt")]
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
#[cfg(feature = "jwt")]
fn bound_of_own(json: &[u8]) -> Option<(&[u8], [u8; COMMITMENT])> {
    let (rest, text) = json.strip_suffix(b"\"")?.split_last_chunk::<22>()?;
    let rest = rest.strip_suffix(COMMITMENT_CLAIM)?;
    Some((rest, read_commitment(text)?))
}

#[cfg(feature = "jwt")]
struct Claims<'c> {
    issued: u64,
    expires: u64,
    not_before: u64,
    audience: Audience<'c>,
    bound: Option<Cow<'c, str>>,
    value: &'c [u8],
}

#[cfg(feature = "jwt")]
impl<'c> Claims<'c> {
    /// Reads claims in any order and any spelling.
    fn read(json: &'c [u8]) -> Option<Claims<'c>> {
        let names = ["val", "iat", "exp", "ses", "aud", "iss", "nbf", "bound"];
        let [val, iat, exp, ses, aud, iss, nbf, bound] = claims::texts(json, names)?;
        let bound = match bound {
            Some(bound) => Some(claims::string(bound)?),
            None => None,
        };
        Some(Claims {
            issued: claims::read(iat?)?,
            expires: claims::read(exp?)?,
            not_before: nbf.map_or(Some(0), claims::read)?,
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

#[cfg(feature = "jwt")]
fn read_commitment(text: &[u8]) -> Option<[u8; COMMITMENT]> {
    let mut octets = [0; COMMITMENT];
    let length = base64url::decode(text, &mut octets)?.len();
    (length == COMMITMENT).then_some(octets)
}

/// What comes before the commitment as this library writes it.
#[cfg(feature = "jwt")]
const COMMITMENT_CLAIM: &[u8] = br#","bound":""#;
const JSON: u8 = 0;
const BOUND: u8 = 1 << 7;
/// All of the body but commitment and value.
const BODY: usize = 1 + 5 + 4;
