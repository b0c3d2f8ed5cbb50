//! What keeps a command from doing what it was asked to.

use std::{fmt, process::ExitCode};

use haversack::{ConfigError, RandomError, SaveError};

use crate::output::{self, MISUSE, REFUSED};

/// Why a command did not do what it was asked to, in words that say what to do.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked about is refused: status 1.
    Refused(String),
    /// It was asked in a way that cannot work: status 2.
    Misuse(String),
}

impl Failure {
    pub(crate) fn refused(text: impl Into<String>) -> Failure {
        Failure::Refused(text.into())
    }

    pub(crate) fn misuse(text: impl Into<String>) -> Failure {
        Failure::Misuse(text.into())
    }

    /// Says so on standard error.
    pub(crate) fn report(&self) -> ExitCode {
        output::tell(&format!("haversack: {self}\n"));
        ExitCode::from(match self {
            Failure::Refused(_) => REFUSED,
            Failure::Misuse(_) => MISUSE,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(text) | Failure::Misuse(text) => f.write_str(text),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        Failure::Misuse(error.to_string())
    }
}

impl From<RandomError> for Failure {
    fn from(error: RandomError) -> Failure {
        Failure::Misuse(error.to_string())
    }
}

impl From<SaveError> for Failure {
    fn from(error: SaveError) -> Failure {
        Failure::Misuse(error.to_string())
    }
}
