//! The only place that draws randomness.

use std::{error::Error, fmt};

/// Gives random bytes that nobody can predict and that never repeat.
///
/// A codec uses [`SystemRandom`] unless it is given another source, which is meant for tests:
/// a source that repeats itself breaks the secrecy and the authenticity of every sealed token.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// [`RandomError`] when there is no randomness; no token is made then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system's randomness, asked for every token.
///
/// A generator inside the process would repeat itself after a fork, or when a virtual machine is
/// started twice from one snapshot.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "there will never be anything in it"
)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(bytes).map_err(|error| RandomError {
            source: Some(error),
        })
    }
}

/// There was no randomness.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RandomError {
    source: Option<getrandom::Error>,
}

impl RandomError {
    /// The error of a [`Random`] source that failed.
    #[must_use]
    pub fn new() -> RandomError {
        RandomError::default()
    }
}

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source of randomness failed")
    }
}

impl Error for RandomError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}
