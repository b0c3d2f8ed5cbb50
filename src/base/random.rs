//! The only place that draws randomness.

use std::{error::Error, fmt};

/// Gives random bytes that nobody can predict and that never repeat.
///
/// A codec uses [`SystemRandom`] unless it is given another source, which is meant for tests only:
/// a source that repeats itself breaks the secrecy and the authenticity of every sealed token.
///
/// # Examples
///
/// A test of what a program does when there is no randomness:
///
/// ```
/// use haversack::{Codec, Key, KeyRing, Random, RandomError, SaveError};
///
/// struct Broken;
///
/// impl Random for Broken {
///     fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
///         Err(RandomError::new())
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// let login = Codec::<u64>::sealed("login", keys).random(Broken).build()?;
/// assert!(matches!(login.seal(&7), Err(SaveError::Random(_))));
/// # Ok(())
/// # }
/// ```
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// [`RandomError`] if there is no randomness; then no token is made.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system's randomness, the default: one `getrandom` call per sealed token, and at
/// most one more for a new id.
///
/// A generator inside the process would repeat itself after a fork, or when a virtual machine is
/// started twice from one snapshot.
///
/// # Examples
///
/// ```
/// use haversack::{Random, SystemRandom};
///
/// # fn main() -> Result<(), haversack::RandomError> {
/// let mut bytes = [0; 16];
/// SystemRandom.fill(&mut bytes)?;
/// assert_ne!(bytes, [0; 16]);
/// # Ok(())
/// # }
/// ```
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

/// There was no randomness, so no key, id or token was made.
///
/// # Examples
///
/// ```
/// let error = haversack::RandomError::new();
/// assert_eq!(error.to_string(), "the source of randomness failed");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RandomError {
    source: Option<getrandom::Error>,
}

impl RandomError {
    /// The error of a [`Random`] source of your own that failed.
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
