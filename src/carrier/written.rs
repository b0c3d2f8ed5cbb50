//! What a response has of a session.

use std::{iter, option, vec};

use super::pieces::PieceSet;

/// The values of the response header that one session needs.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The only one, but for large sessions and what is removed.
    pub(crate) first: Option<String>,
    pub(crate) more: Vec<String>,
    /// The pieces among them.
    pub(crate) pieces: PieceSet,
}

impl Written {
    pub(crate) fn is_cut(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// The octets of all of them.
    pub(crate) fn octets(&self) -> usize {
        let values = self.first.iter().chain(&self.more);
        values.map(String::len).sum()
    }
}

impl IntoIterator for Written {
    type Item = String;
    type IntoIter = iter::Chain<option::IntoIter<String>, vec::IntoIter<String>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.more)
    }
}

/// How long a client is to keep a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    /// From now.
    pub(super) seconds: u64,
    /// In seconds since 1970.
    pub(super) until: u64,
    /// Also when the browser closes, whatever the cookie is otherwise.
    pub(super) remembered: bool,
}

impl Life {
    pub(crate) fn new(now: u64, until: u64, remembered: bool) -> Life {
        Life {
            seconds: until.saturating_sub(now),
            until,
            remembered,
        }
    }
}

/// The text of octets that are ASCII.
#[expect(
    clippy::expect_used,
    reason = "names, attributes, base64url and the dots between are ASCII"
)]
pub(crate) fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).expect("ASCII")
}
