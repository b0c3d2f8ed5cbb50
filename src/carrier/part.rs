//! The cookies of a session beside one another.

/// What one cookie of a session is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `name`: the whole token.
    Whole,
    /// `name.N`: the piece of a token with this index.
    Piece(u8),
    /// `name.end`: when the session ended last.
    Mark,
}
