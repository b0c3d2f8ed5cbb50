//! That a refresh is wanted before it is due.

use std::sync::atomic::{AtomicBool, Ordering};

use event_listener::Event;

/// Set by whatever meets a key that it does not know, however often; taken by whoever refreshes.
#[derive(Debug, Default)]
pub(crate) struct Early {
    is_wanted: AtomicBool,
    event: Event,
}

impl Early {
    pub(crate) fn want(&self) {
        // Strangers may call this at any rate, so that it does little when it was called before.
        if !self.is_wanted.load(Ordering::Relaxed) && !self.is_wanted.swap(true, Ordering::AcqRel) {
            self.event.notify(usize::MAX);
        }
    }

    /// Whether it is wanted since this was called last.
    pub(crate) fn take(&self) -> bool {
        self.is_wanted.swap(false, Ordering::AcqRel)
    }

    /// Returns when it is wanted.
    pub(crate) async fn wait(&self) {
        loop {
            let listener = self.event.listen();
            if self.is_wanted.load(Ordering::Acquire) {
                return;
            }
            listener.await;
        }
    }
}
