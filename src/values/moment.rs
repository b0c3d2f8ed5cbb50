//! The time at which a value is being read or written, for entries with deadlines of their own.

use std::cell::Cell;

use crate::base::clock::{Clock as _, SystemClock};

/// While it lives, a time holds on this thread for all that reads or writes values.
#[must_use]
pub(crate) struct Moment {
    outer: Option<u64>,
}

impl Moment {
    pub(crate) fn at(now: u64) -> Moment {
        Moment {
            outer: NOW.replace(Some(now)),
        }
    }
}

impl Drop for Moment {
    fn drop(&mut self) {
        NOW.set(self.outer);
    }
}

/// The codec's time while it reads or writes a value, else the system's.
pub(crate) fn now() -> u64 {
    NOW.get().unwrap_or_else(|| SystemClock.now())
}

thread_local! {
    static NOW: Cell<Option<u64>> = const { Cell::new(None) };
}
