//! The only place that reads the time.

/// Tells the time, in whole seconds since 1970-01-01T00:00:00Z.
///
/// Any `Fn() -> u64` is a clock. A codec uses [`SystemClock`] unless it is given another one, which
/// is meant for tests.
///
/// # Examples
///
/// A test that a session expires, without waiting for it:
///
/// ```
/// # use std::sync::{Arc, atomic::{AtomicU64, Ordering::Relaxed}};
/// # use haversack::{Codec, Key, KeyRing, Rejected};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// let time = Arc::new(AtomicU64::new(1_800_000_000));
/// let clock = time.clone();
/// let login = Codec::<u64>::sealed("login", keys).clock(move || clock.load(Relaxed)).build()?;
/// let token = login.seal(&7)?;
/// time.fetch_add(24 * 60 * 60, Relaxed);
/// assert_eq!(login.open(&token).unwrap_err(), Rejected::PastCap);
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

/// The clock of the operating system, the default. A time before 1970 reads as 0.
///
/// In WebAssembly without WASI there is no operating system. There it is JavaScript's `Date.now()`,
/// with the feature `js`. Without that feature it reads as `u64::MAX`, so that no token opens: set a
/// clock of your own.
///
/// # Examples
///
/// ```
/// use haversack::{Clock, SystemClock};
///
/// assert!(SystemClock.now() > 1_700_000_000); // in seconds, not milliseconds
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "there will never be anything in it"
)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        seconds()
    }
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn seconds() -> u64 {
    use std::time::{SystemTime, UNIX_EPOCH};

    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

// `SystemTime::now` panics there.
#[cfg(all(target_family = "wasm", target_os = "unknown", feature = "js"))]
fn seconds() -> u64 {
    (js_sys::Date::now() / 1000.0) as u64
}

// The wrong time that no deadline survives.
#[cfg(all(target_family = "wasm", target_os = "unknown", not(feature = "js")))]
fn seconds() -> u64 {
    u64::MAX
}
