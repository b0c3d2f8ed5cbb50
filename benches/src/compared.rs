//! What is compared with what: uses of a session, kinds of libraries, and sizes of values.

use std::{fmt, str::FromStr};

/// What a request brings, and what its handler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Asks for the session, and there is none.
    Empty,
    Read,
    Change,
    /// The request has a session and the handler does not ask for it.
    Ignore,
}

impl Use {
    /// What is asked for, of any of the applications.
    pub fn path(self) -> &'static str {
        match self {
            Use::Empty | Use::Read => "/reads",
            Use::Change => "/changes",
            Use::Ignore => "/ignores",
        }
    }
}

/// What a contender does to a value, and so with which of ours it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Encrypts,
    /// Authenticates it, with nothing that an application could check beside it.
    Signs,
    Jwt,
    Neither,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    S,
    M,
    L,
}

impl Size {
    pub const ALL: [Size; 3] = [Size::S, Size::M, Size::L];
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let size = Size::ALL.into_iter().find(|size| size.to_string() == text);
        size.ok_or_else(|| format!("{text} is none of S, M and L"))
    }
}
