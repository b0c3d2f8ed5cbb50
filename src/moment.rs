//! The time at which a value is being read or written, for entries with deadlines of their own.

use std::cell::Cell;

use crate::clock::{Clock as _, SystemClock};

/// Makes `now` the time for all that `during` does on this thread.
pub(crate) fn during<R>(now: u64, during: impl FnOnce() -> R) -> R {
    /// Puts the outer time back, even after a panic.
    struct Outer(Option<u64>);

    impl Drop for Outer {
        fn drop(&mut self) {
            NOW.set(self.0);
        }
    }

    let _outer = Outer(NOW.replace(Some(now)));
    during()
}

/// The codec's time while it reads or writes a value, else the system's.
pub(crate) fn now() -> u64 {
    NOW.get().unwrap_or_else(|| SystemClock.now())
}

thread_local! {
    static NOW: Cell<Option<u64>> = const { Cell::new(None) };
}
