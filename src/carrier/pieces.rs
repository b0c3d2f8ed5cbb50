//! A token in several cookies: sealed once, cut, and joined again only when all of it is there.
//!
//! ```text
//! cookie = name "." index "=" index count set slice          index and count are digits, 1 to 4
//! set    = the first 8 characters of base64url(SHA-256(token))
//! ```
//!
//! The count is inside the token, the set is a hash of it, and the index is where the slice stands
//! in it: all three are known to be right when the joined token is authentic.

use std::fmt;

use super::limits::{HIGHEST_CHUNK_LIMIT, LIMIT, MOST_PIECES};
use crate::{
    base::{base64url, crypto::sha256},
    error::{Rejected, SaveError},
};

/// In how many pieces a token of this length travels under a name of this length.
pub(super) fn cut(name: usize, token: usize, limit: usize) -> Result<u8, SaveError> {
    let pieces = token.div_ceil(room(name));
    let octets = token + pieces * (name + OVERHEAD);
    match u8::try_from(pieces) {
        Ok(pieces) if pieces <= MOST_PIECES && octets <= limit => Ok(pieces),
        _ => Err(SaveError::TooManyPieces {
            pieces,
            most: MOST_PIECES.into(),
            octets,
            limit,
            fix: if limit < HIGHEST_CHUNK_LIMIT {
                "keep less in the session, or raise the limit with .chunked_up_to(octets)"
            } else {
                "keep less in the session"
            },
        }),
    }
}

/// A token that was cut into several cookies and is whole again, from [`join`].
///
/// `Debug` does not show it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Joined {
    /// The token.
    pub token: Vec<u8>,
    /// In how many cookies it came.
    pub pieces: u8,
}

/// Joins the values of the cookies `NAME.1` to `NAME.4` of one name, each with its number: a token
/// for each set of them that says that it is one.
///
/// A codec does so by itself. This is for tools that have no keys, beside [`Outline`](crate::inspect::Outline).
///
/// # Errors
///
/// For each set [`Rejected::Incomplete`] if a piece is missing, doubled or of another token, and
/// [`Rejected::TooLarge`] if no token is as long.
///
/// # Examples
///
/// ```
/// use haversack::{Rejected, inspect};
///
/// let joined = inspect::join([(1, b"12YWJjZGVmZ2gAAAA")]); // the first of two
/// assert_eq!(joined[0].as_ref().unwrap_err(), &Rejected::Incomplete);
/// ```
pub fn join<'h, V: AsRef<[u8]> + ?Sized + 'h>(
    pieces: impl IntoIterator<Item = (u8, &'h V)>,
) -> Vec<Result<Joined, Rejected>> {
    let mut found = Pieces::default();
    for (index, value) in pieces {
        if (1..=MOST_PIECES).contains(&index) {
            found.add(index, value.as_ref());
        }
    }
    let mut joined = [0; HIGHEST_CHUNK_LIMIT];
    let join = |set: Set<'_, 'h>| {
        let token = set.join(&mut joined)?.to_vec();
        let pieces = set.count();
        Ok(Joined { token, pieces })
    };
    found.sets().map(join).collect()
}

impl fmt::Debug for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined")
            .field("pieces", &self.pieces)
            .finish_non_exhaustive()
    }
}

/// The set that the pieces of a token name.
pub(super) fn set_id(token: &[u8]) -> [u8; SET] {
    let mut set = [0; SET];
    base64url::encode_exactly(&sha256(token)[..SET * 3 / 4], &mut set);
    set
}

/// Which of the pieces that a session can have.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PieceSet(u8);

impl PieceSet {
    /// The first so many.
    pub(super) fn first(count: u8) -> PieceSet {
        PieceSet((1 << count) - 1)
    }

    fn insert(&mut self, index: u8) {
        self.0 |= 1 << (index - 1);
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn and(self, others: PieceSet) -> PieceSet {
        PieceSet(self.0 | others.0)
    }

    pub(crate) fn without(self, others: PieceSet) -> PieceSet {
        PieceSet(self.0 & !others.0)
    }

    pub(crate) fn indices(self) -> impl Iterator<Item = u8> {
        (1..=MOST_PIECES).filter(move |index| self.0 & 1 << (index - 1) != 0)
    }
}

/// The pieces in a request, of one set or of several.
#[derive(Default)]
pub(crate) struct Pieces<'h> {
    pieces: [Option<Piece<'h>>; MOST_SEEN],
    /// Also of those that are too many.
    seen: PieceSet,
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
        self.seen.insert(index);
        if let Some(free) = self.pieces.iter_mut().find(|piece| piece.is_none()) {
            *free = Some(Piece::parse(index, value).unwrap_or(no_set));
        }
    }

    /// Which pieces there are.
    pub(crate) fn seen(&self) -> PieceSet {
        self.seen
    }

    /// Every set, in the order of their first pieces.
    pub(crate) fn sets(&self) -> impl Iterator<Item = Set<'_, 'h>> {
        let is_first = |position, piece: &Piece<'_>| {
            let mut before = self.all().take(position);
            !before.any(|other| other.is_with(piece))
        };
        let firsts = self.all().enumerate();
        let firsts = firsts.filter(move |(position, piece)| is_first(*position, piece));
        firsts.map(|(_, first)| Set {
            pieces: self,
            first,
        })
    }

    fn all(&self) -> impl Iterator<Item = &Piece<'h>> {
        self.pieces.iter().flatten()
    }
}

/// Pieces that say that they are of one token.
pub(crate) struct Set<'p, 'h> {
    pieces: &'p Pieces<'h>,
    first: &'p Piece<'h>,
}

impl Set<'_, '_> {
    /// How many pieces there should be.
    pub(crate) fn count(&self) -> u8 {
        self.first.count
    }

    /// The token, if all of it is there, once.
    pub(crate) fn join<'j>(
        &self,
        joined: &'j mut [u8; HIGHEST_CHUNK_LIMIT],
    ) -> Result<&'j [u8], Rejected> {
        let mut length = 0;
        for index in 1..=self.count() {
            let is_next = |piece: &&Piece<'_>| piece.is_with(self.first) && piece.index == index;
            let mut found = self.pieces.all().filter(is_next);
            let (Some(piece), None) = (found.next(), found.next()) else {
                return Err(Rejected::Incomplete);
            };
            let end = length + piece.slice.len();
            let place = joined.get_mut(length..end).ok_or(Rejected::TooLarge)?;
            place.copy_from_slice(piece.slice);
            length = end;
        }
        let token = &joined[..length];
        if self.count() == 0 || set_id(token) != self.first.set {
            return Err(Rejected::Incomplete);
        }
        Ok(token)
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
                .filter(|digit| (1..=MOST_PIECES).contains(digit))
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
    LIMIT - name - OVERHEAD
}

/// What a piece has beside name and slice: `.i`, index, count and set.
const OVERHEAD: usize = 2 + 2 + SET;
/// Pieces of two full sets; what comes after is ignored.
const MOST_SEEN: usize = 2 * MOST_PIECES as usize;
const SET: usize = 8;
