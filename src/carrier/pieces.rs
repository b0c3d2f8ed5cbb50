//! A token in several cookies: sealed once, cut, and joined again only when all of it is there.
//!
//! ```text
//! cookie = name "." index "=" index count set slice          index and count are digits, 1 to 4
//! set    = the first 8 characters of base64url(SHA-256(token))
//! ```
//!
//! The count is inside the token, the set is a hash of it, and the index is where the slice stands in
//! it: all three are known to be right when the joined token is authentic.

use sha2::{Digest, Sha256};

use super::{
    Life,
    cookie::{Cookie, Part},
    text,
};
use crate::{
    base64url,
    buffer::scratch,
    error::{Rejected, SaveError},
};

/// The most octets of all cookies of a session together, names and values, unless it is raised:
/// common servers and proxies refuse a request whose `Cookie` header is longer than 8 KB.
pub(crate) const LIMIT: usize = 7 * 1024;
/// As far as it can be raised; with names and values of one cookie together no longer than
/// [`super::LIMIT`], no more of them can occur.
pub(super) const HIGHEST_LIMIT: usize = MOST as usize * super::LIMIT;

/// In how many pieces a token of this length travels under a name of this length.
pub(super) fn cut(name: usize, token: usize, limit: usize) -> Result<u8, SaveError> {
    let pieces = token.div_ceil(room(name));
    let octets = token + pieces * (name + OVERHEAD);
    match u8::try_from(pieces) {
        Ok(pieces) if pieces <= MOST && octets <= limit => Ok(pieces),
        _ => Err(SaveError::TooManyPieces {
            pieces,
            most: MOST.into(),
            octets,
            limit,
            fix: if limit < HIGHEST_LIMIT {
                "keep less in the session, or raise the limit with .chunked_up_to(octets)"
            } else {
                "keep less in the session"
            },
        }),
    }
}

/// The first piece, and the others.
pub(super) fn write(
    cookie: &Cookie,
    token: &[u8],
    pieces: u8,
    life: Life,
) -> (String, Vec<String>) {
    let set = set_id(token);
    let room = token.len().div_ceil(pieces.into());
    let mut values = (1..=pieces).zip(token.chunks(room)).map(|(index, slice)| {
        let value = [&[b'0' + index, b'0' + pieces], &set[..], slice];
        let length = value.iter().map(|part| part.len()).sum();
        let mut out = cookie.begin(Part::Piece(index), length, life);
        value.iter().for_each(|part| out.extend_from_slice(part));
        cookie.end(life, &mut out);
        text(out)
    });
    (values.next().unwrap_or_default(), values.collect())
}

/// The set that the pieces of a token name.
fn set_id(token: &[u8]) -> [u8; SET] {
    let mut set = [0; SET];
    base64url::encode_exactly(&Sha256::digest(token)[..SET * 3 / 4], &mut set);
    set
}

/// The pieces in a request, of one set or of several.
#[derive(Default)]
pub(crate) struct Pieces<'h> {
    pieces: [Option<Piece<'h>>; MOST_SEEN],
}

#[derive(Clone, Copy)]
struct Piece<'h> {
    index: u8,
    count: u8,
    set: [u8; SET],
    slice: &'h [u8],
}

impl<'h> Pieces<'h> {
    /// Adds the value of the cookie with this index; what is no piece counts as one of no set.
    pub(crate) fn add(&mut self, index: u8, value: &'h [u8]) {
        let no_set = Piece {
            index,
            count: 0,
            set: [0; SET],
            slice: &[],
        };
        if let Some(free) = self.pieces.iter_mut().find(|piece| piece.is_none()) {
            *free = Some(Piece::parse(index, value).unwrap_or(no_set));
        }
    }

    /// Calls `choose` for every set, until `most` were opened, with what `open` makes of the joined
    /// token and its count; a set with a piece missing or doubled is [`Rejected::Incomplete`], and
    /// `refuse` is told.
    pub(crate) fn join<R>(
        &self,
        most: usize,
        mut open: impl FnMut(&[u8], u8) -> Result<R, Rejected>,
        refuse: impl Fn(Rejected) -> Rejected,
        mut choose: impl FnMut(Result<R, Rejected>),
    ) {
        let pieces = || self.pieces.iter().flatten();
        let mut opened = 0;
        for (position, first) in pieces().enumerate() {
            if pieces().take(position).any(|piece| piece.is_with(first)) {
                continue;
            }
            if opened == most {
                break;
            }
            let set = || pieces().filter(|piece| piece.is_with(first));
            let length = set().map(|piece| piece.slice.len()).sum();
            choose(scratch(length, |joined| {
                let mut rest = &mut joined[..];
                for index in 1..=first.count {
                    let mut found = set().filter(|piece| piece.index == index);
                    let (Some(piece), None) = (found.next(), found.next()) else {
                        return Err(refuse(Rejected::Incomplete));
                    };
                    let (start, end) = std::mem::take(&mut rest)
                        .split_at_mut_checked(piece.slice.len())
                        .ok_or_else(|| refuse(Rejected::TooLarge))?;
                    start.copy_from_slice(piece.slice);
                    rest = end;
                }
                if first.count == 0 || set_id(joined) != first.set {
                    return Err(refuse(Rejected::Incomplete));
                }
                opened += 1;
                open(joined, first.count)
            }));
        }
    }
}

impl<'h> Piece<'h> {
    /// Whether both say that they are of one set.
    fn is_with(&self, other: &Piece<'_>) -> bool {
        (self.set, self.count) == (other.set, other.count)
    }

    fn parse(name_index: u8, value: &'h [u8]) -> Option<Piece<'h>> {
        let ([index, count], rest) = value.split_first_chunk()?;
        let (set, slice) = rest.split_first_chunk()?;
        let digit = |octet: u8| {
            octet
                .checked_sub(b'0')
                .filter(|digit| (1..=MOST).contains(digit))
        };
        let (index, count) = (digit(*index)?, digit(*count)?);
        let fits = index == name_index && count > 1 && index <= count && !slice.is_empty();
        fits.then_some(Piece {
            index,
            count,
            set: *set,
            slice,
        })
    }
}

/// How much of a token fits into one cookie.
fn room(name: usize) -> usize {
    super::LIMIT - name - OVERHEAD
}

/// What a piece has beside name and slice: `.i`, index, count and set.
const OVERHEAD: usize = 2 + 2 + SET;
/// The most pieces of a token.
pub(crate) const MOST: u8 = 4;
/// Pieces of two full sets; what comes after is ignored.
const MOST_SEEN: usize = 2 * MOST as usize;
const SET: usize = 8;
