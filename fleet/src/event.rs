//! What happens to a fleet, for those who log it or count it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::FleetError;

/// What happened to a fleet, as this worker saw it, for
/// [`observe`](crate::FleetBuilder::observe). It shows no key and no subject.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// This worker made a key.
    #[non_exhaustive]
    KeyMade {
        /// The key's id, as tokens carry it.
        key_id: &'e str,
        /// Its name in the store.
        name: &'e str,
    },
    /// This worker read a key that it did not know.
    #[non_exhaustive]
    KeyAdopted {
        /// The key's id.
        key_id: &'e str,
        /// Its name in the store.
        name: &'e str,
    },
    /// Another key seals from now on.
    #[non_exhaustive]
    KeyTurned {
        /// The key's id.
        key_id: &'e str,
    },
    /// A key was revoked, by this worker or another one.
    #[non_exhaustive]
    KeyRevoked {
        /// Its name in the store.
        name: &'e str,
    },
    /// Cut-offs are in force, of this worker or of others.
    #[non_exhaustive]
    CutOff {
        /// How many.
        count: usize,
    },
    /// A refresh failed, the first after one that did not.
    #[non_exhaustive]
    Failing {
        /// Why.
        error: &'e FleetError,
    },
    /// A refresh succeeded, the first after one that did not.
    #[non_exhaustive]
    Recovered {
        /// Since when they had failed, in seconds since 1970.
        since: u64,
    },
    /// An object in the store cannot be used, and was not.
    #[non_exhaustive]
    ObjectRefused {
        /// Which, and why.
        error: &'e FleetError,
    },
}

impl Event<'_> {
    /// What happened as a stable word in `snake_case`, for counters: `key_made`, `key_adopted`,
    /// `key_turned`, `key_revoked`, `cut_off`, `failing`, `recovered`, `object_refused`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Event::KeyMade { .. } => "key_made",
            Event::KeyAdopted { .. } => "key_adopted",
            Event::KeyTurned { .. } => "key_turned",
            Event::KeyRevoked { .. } => "key_revoked",
            Event::CutOff { .. } => "cut_off",
            Event::Failing { .. } => "failing",
            Event::Recovered { .. } => "recovered",
            Event::ObjectRefused { .. } => "object_refused",
        }
    }
}

/// Who is told.
pub(crate) type Observer = dyn Fn(&Event<'_>) + Send + Sync;

/// Tells the application's observer and the feature `tracing`; a panic of the observer costs nothing.
pub(crate) fn tell(observer: Option<&Observer>, fleet: &str, event: &Event<'_>) {
    trace(fleet, event);
    if let Some(observer) = observer {
        let _ = catch_unwind(AssertUnwindSafe(|| observer(event)));
    }
}

#[cfg(feature = "tracing")]
fn trace(fleet: &str, event: &Event<'_>) {
    use tracing::{debug, error, info, warn};

    match event {
        Event::KeyMade { key_id, name } => {
            info!(target: "haversack", fleet, key = key_id, name, "key made");
        }
        Event::KeyAdopted { key_id, name } => {
            info!(target: "haversack", fleet, key = key_id, name, "key adopted");
        }
        Event::KeyTurned { key_id } => {
            info!(target: "haversack", fleet, key = key_id, "key turned");
        }
        Event::KeyRevoked { name } => warn!(target: "haversack", fleet, name, "key revoked"),
        Event::CutOff { count } => debug!(target: "haversack", fleet, count, "cut off"),
        Event::Failing { error } => {
            error!(target: "haversack", fleet, error = %error, "the fleet's store is failing");
        }
        Event::Recovered { since } => {
            info!(target: "haversack", fleet, since, "the fleet's store is back");
        }
        Event::ObjectRefused { error } => {
            error!(target: "haversack", fleet, error = %error, "an object in the store was refused");
        }
    }
}

#[cfg(not(feature = "tracing"))]
fn trace(_: &str, _: &Event<'_>) {}
