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

/// What is drawn for one token, at once: an id, a nonce, or both.
pub(crate) struct Drawn {
    octets: [u8; ID + NONCE],
}

impl Drawn {
    pub(crate) fn new(random: &dyn Random, id: bool, nonce: bool) -> Result<Drawn, RandomError> {
        let mut octets = [0; ID + NONCE];
        let wanted = if id { 0 } else { ID }..if nonce { ID + NONCE } else { ID };
        if !wanted.is_empty() {
            random.fill(&mut octets[wanted])?;
        }
        Ok(Drawn { octets })
    }

    pub(crate) fn id(&self) -> [u8; ID] {
        let mut id = [0; ID];
        id.copy_from_slice(&self.octets[..ID]);
        id
    }

    pub(crate) fn nonce(&self) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&self.octets[ID..]);
        nonce
    }
}

/// The octets of a session's id.
pub(crate) const ID: usize = 16;
/// The octets of a sealed token's nonce.
pub(crate) const NONCE: usize = 24;

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
