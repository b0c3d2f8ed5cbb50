//! A token in a cookie: `Cookie` is read as octets, `Set-Cookie` is written from checked parts
//! (RFC 6265bis, draft-ietf-httpbis-rfc6265bis).

use std::{
    io::Write as _,
    iter,
    time::{Duration, UNIX_EPOCH},
};

use httpdate::HttpDate;
use memchr::memchr;

use super::{
    limits::{MOST_CANDIDATES, MOST_PIECES},
    part::Part,
    pieces,
    written::{Life, Written, text},
};
use crate::base::buffer::push_number;

/// The cookie, or the few, that carry a token.
#[derive(Debug)]
pub(crate) struct Cookie {
    pub(super) name: String,
    /// All attributes but the one that depends on the token.
    pub(super) tail: String,
    pub(super) persistent: bool,
    /// The most octets of all pieces, if the token may be cut.
    pub(super) chunk_limit: Option<usize>,
    pub(super) sticky_end: bool,
}

impl Cookie {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn chunk_limit(&self) -> Option<usize> {
        self.chunk_limit
    }

    pub(crate) fn sticky_end(&self) -> bool {
        self.sticky_end
    }

    /// The values of this session's cookies in a `Cookie` header.
    ///
    /// `;` always separates, quotes and `$` mean nothing, only SP and HTAB are trimmed, names match
    /// octet for octet, and nothing is decoded: what forges a `__Host-` name elsewhere does not
    /// here.
    pub(crate) fn parts<'c, 'h>(
        &'c self,
        header: &'h [u8],
    ) -> impl Iterator<Item = (Part, &'h [u8])> + use<'c, 'h> {
        pairs(header).filter_map(|pair| self.part(pair.strip_prefix(self.name.as_bytes())?))
    }

    /// Which part a pair is of that begins with the name, and its value.
    fn part<'h>(&self, behind_name: &'h [u8]) -> Option<(Part, &'h [u8])> {
        match behind_name {
            [b'=', rest @ ..] => Some((Part::Whole, rest)),
            [b'.', digit @ b'1'..=LAST_PIECE, b'=', rest @ ..] if self.chunk_limit.is_some() => {
                Some((Part::Piece(digit - b'0'), rest))
            }
            _ if self.sticky_end => Some((Part::Mark, behind_name.strip_prefix(MARK)?)),
            _ => None,
        }
    }

    /// The name, with room for just a value of that many octets and the attributes.
    pub(super) fn begin(&self, part: Part, value: usize, life: Life) -> Vec<u8> {
        let piece;
        let suffix: &[u8] = match part {
            Part::Whole => b"=",
            Part::Piece(index) => {
                piece = [b'.', b'0' + index, b'='];
                &piece
            }
            Part::Mark => MARK,
        };
        let deadline = if self.persists(life) {
            let digits = life.seconds.checked_ilog10().unwrap_or(0) + 1;
            MAX_AGE.len() + digits as usize + EXPIRES.len() + DATE
        } else {
            0
        };
        let around = self.name.len() + suffix.len() + self.tail.len() + deadline;
        let mut out = Vec::with_capacity(around + value);
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(suffix);
        out
    }

    /// Whether the browser keeps it when it closes.
    fn persists(&self, life: Life) -> bool {
        self.persistent || life.remembered
    }

    pub(super) fn end(&self, life: Life, out: &mut Vec<u8>) {
        out.extend_from_slice(self.tail.as_bytes());
        if self.persists(life) {
            push_deadline(out, life);
        }
    }

    /// A cookie for each piece of a token.
    pub(super) fn write_pieces(&self, token: &[u8], count: u8, life: Life) -> Written {
        let set = pieces::set_id(token);
        let room = token.len().div_ceil(count.into());
        let mut values = (1..=count).zip(token.chunks(room)).map(|(index, slice)| {
            let value = [&[b'0' + index, b'0' + count], &set[..], slice];
            let length = value.iter().map(|part| part.len()).sum();
            let mut out = self.begin(Part::Piece(index), length, life);
            value.iter().for_each(|part| out.extend_from_slice(part));
            self.end(life, &mut out);
            text(out)
        });
        Written {
            first: values.next(),
            more: values.collect(),
            pieces: pieces::PieceSet::first(count),
        }
    }

    /// Built from the same attributes as the cookie, or the browser would keep it.
    pub(crate) fn removal(&self, part: Part) -> String {
        let past = Life::new(0, 0, true);
        let mut out = self.begin(part, 0, past);
        out.extend_from_slice(self.tail.as_bytes());
        push_deadline(&mut out, past);
        text(out)
    }
}

/// The removal of a cookie of this name with these attributes.
pub(super) fn removal(name: &str, tail: &str) -> String {
    let mut out = format!("{name}={tail}").into_bytes();
    push_deadline(&mut out, Life::new(0, 0, true));
    text(out)
}

/// The values of the first cookies of a name in the values of a `Cookie` header, read as
/// [`Cookie::parts`] reads them.
pub(crate) fn values_of<'h>(
    header_values: impl Iterator<Item = &'h [u8]>,
    name: &str,
) -> impl Iterator<Item = &'h [u8]> {
    let value = move |pair: &'h [u8]| {
        let value = pair.strip_prefix(name.as_bytes())?;
        value.strip_prefix(b"=").filter(|_| !name.is_empty())
    };
    let found = header_values.flat_map(pairs).filter_map(value);
    found.take(MOST_CANDIDATES)
}

/// What stands between `;` in a header, without space at its ends.
fn pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    iter::from_fn(move || {
        let from = rest?;
        let (pair, behind) = match memchr(b';', from) {
            Some(at) => (&from[..at], Some(&from[at + 1..])),
            None => (from, None),
        };
        rest = behind;
        Some(trim(pair))
    })
}

fn trim(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

/// `Max-Age`, which counts, and `Expires` for clients that know only that: Java's `HttpClient`
/// takes a cookie without it for one of RFC 2965 and sends quotes around the token.
fn push_deadline(out: &mut Vec<u8>, life: Life) {
    out.extend_from_slice(MAX_AGE);
    push_number(out, life.seconds);
    out.extend_from_slice(EXPIRES);
    let date = HttpDate::from(UNIX_EPOCH + Duration::from_secs(life.until.min(LAST_SECOND)));
    // Writing to memory cannot fail.
    let _ = write!(out, "{date}");
}

/// What the name of the mark of an end has behind the session's.
const MARK: &[u8] = b".end=";
const MAX_AGE: &[u8] = b"; Max-Age=";
const EXPIRES: &[u8] = b"; Expires=";
/// The length of a date.
const DATE: usize = "Thu, 01 Jan 1970 00:00:00 GMT".len();
/// The last second of the year 9999, the last that a date can tell.
const LAST_SECOND: u64 = 253_402_300_799;
const LAST_PIECE: u8 = b'0' + MOST_PIECES;
