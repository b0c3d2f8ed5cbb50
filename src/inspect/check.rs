//! The checks that a token passes, or does not.

use std::fmt;

/// A check of a token, in the order of the page about the format: a reader stops at the first that
/// fails.
///
/// # Examples
///
/// ```
/// use haversack::inspect::Check;
///
/// assert_eq!(Check::Key.number(), 3);
/// assert_eq!(Check::Key.to_string(), "the key that it names is known");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Check {
    /// It is no longer than any token of such a session.
    Length,
    /// Its shape, its alphabet and its version.
    Shape,
    /// The key that it names is known.
    Key,
    /// It is authentic, for this kind, name, context and issuer.
    Authenticity,
    /// What it contains beside the value is well-formed.
    Envelope,
    /// It came in as many pieces as it says.
    Pieces,
    /// It was not issued in the future.
    Issue,
    /// The absolute deadline.
    AbsoluteDeadline,
    /// The idle deadline.
    IdleDeadline,
    /// It started no earlier than the application accepts
    /// ([`started_since`](crate::CodecBuilder::started_since)).
    Start,
    /// The value is one that the application reads.
    Value,
    /// The application accepts it ([`accept_if`](crate::CodecBuilder::accept_if)).
    Acceptance,
}

/// What came of a [`Check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The token passed it.
    Passed,
    /// It is the one for which the token is refused.
    Failed,
    /// An earlier one failed.
    NotReached,
}

impl Check {
    /// All of them, in their order.
    pub const ALL: [Check; 12] = [
        Check::Length,
        Check::Shape,
        Check::Key,
        Check::Authenticity,
        Check::Envelope,
        Check::Pieces,
        Check::Issue,
        Check::AbsoluteDeadline,
        Check::IdleDeadline,
        Check::Start,
        Check::Value,
        Check::Acceptance,
    ];

    /// Its number on the page about the format, from 1.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Check::Length => "it is not too long",
            Check::Shape => "its shape, alphabet and version",
            Check::Key => "the key that it names is known",
            Check::Authenticity => "it is authentic for this session",
            Check::Envelope => "what is beside the value is well-formed",
            Check::Pieces => "it came in as many pieces as it says",
            Check::Issue => "it was not issued in the future",
            Check::AbsoluteDeadline => "it is before the absolute deadline",
            Check::IdleDeadline => "it is before the idle deadline",
            Check::Start => "it did not start too early",
            Check::Value => "the value can be read",
            Check::Acceptance => "the application accepts it",
        })
    }
}
