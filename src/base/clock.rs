//! The only place that reads the time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time, in whole seconds since 1970-01-01T00:00:00Z.
///
/// Any `Fn() -> u64` is a clock. A codec uses [`SystemClock`] unless it is given another one, which
/// is meant for tests.
///
/// # Examples
///
/// ```
/// # use haversack::{Codec, Key, KeyRing};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?))
///     .clock(|| 1_800_000_000)
///     .build()?;
/// let token = login.seal(&7)?;
/// assert_eq!(login.open(&token)?.facts().started_at, 1_800_000_000);
/// # Ok(())
/// # }
/// ```
pub trait Clock: Send + Sync + 'static {
    /// The current time in seconds since 1970.
    fn now(&self) -> u64;
}

impl<F: Fn() -> u64 + Send + Sync + 'static> Clock for F {
    fn now(&self) -> u64 {
        self()
    }
}

/// The clock of the operating system; a time before 1970 reads as 0.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "there will never be anything in it"
)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }
}
