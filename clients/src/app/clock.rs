//! A clock that a test moves.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use haversack::{Clock, SystemClock};

/// The system's clock, ahead by as many seconds as the test likes.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestClock {
    ahead: Arc<AtomicU64>,
}

impl TestClock {
    pub(crate) fn advance(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Relaxed);
    }

    pub(crate) fn reset(&self) {
        self.ahead.store(0, Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> u64 {
        SystemClock.now() + self.ahead.load(Relaxed)
    }
}
