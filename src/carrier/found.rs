//! What a request has of a session, borrowed from it.

use super::{limits::MOST_CANDIDATES, part::Part, pieces::Pieces};

/// What a request has for one session, in the order in which it came.
#[derive(Default)]
pub(crate) struct Found<'h> {
    pub(crate) wholes: Candidates<'h>,
    pub(crate) pieces: Pieces<'h>,
    pub(crate) marks: Candidates<'h>,
}

/// What a client has of a session after a response.
#[derive(Default)]
pub(crate) struct Answered {
    /// The values of the request header that it sends.
    pub(crate) kept: Vec<Vec<u8>>,
    /// Whether it was told to forget the session.
    pub(crate) removes: bool,
}

impl<'h> Found<'h> {
    /// Whether there is a token or a piece of one.
    pub(super) fn is_any(&self) -> bool {
        self.wholes.count() > 0 || !self.pieces.seen().is_empty()
    }

    pub(super) fn add(&mut self, part: Part, octets: &'h [u8]) {
        match part {
            Part::Whole => self.wholes.add(octets),
            Part::Piece(index) => self.pieces.add(index, octets),
            Part::Mark => self.marks.add(octets),
        }
    }
}

/// Tokens of one name, of which only the first few are kept.
#[derive(Default)]
pub(crate) struct Candidates<'h> {
    kept: [&'h [u8]; MOST_CANDIDATES],
    count: usize,
}

impl<'h> Candidates<'h> {
    fn add(&mut self, octets: &'h [u8]) {
        if let Some(free) = self.kept.get_mut(self.count) {
            *free = octets;
        }
        self.count += 1;
    }

    /// How many there are, kept or not.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The first ones, at most that many.
    pub(crate) fn first(&self, most: usize) -> &[&'h [u8]] {
        &self.kept[..self.count.min(most).min(MOST_CANDIDATES)]
    }
}
