//! Whether a fleet works, for a readiness probe and for people.

use std::fmt;

use crate::{
    error::FleetError, known::Known, name::time::readable, settings::Settings, shared::Contact,
};

/// How a fleet is, as this worker sees it, from [`Fleet::health`](crate::Fleet::health). `Display`
/// says it in a sentence or some.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Health {
    /// Whether this worker should get requests: its keys are those of the fleet. It is not when the store
    /// could not be reached for longer than the fleet tolerates, as the others no longer open what it
    /// seals from then on.
    pub is_ready: bool,
    /// When the last refresh began that succeeded, in seconds since 1970.
    pub refreshed_at: u64,
    /// Since when refreshes fail, in seconds since 1970, if they do.
    pub failing_since: Option<u64>,
    /// Why the last one did.
    pub failure: Option<FleetError>,
    /// When this worker will not be ready any more, if the store stays away.
    pub ready_until: u64,
    /// When the next key should seal: without the store there is none then, and the one before goes on.
    pub next_key_at: u64,
    /// Objects in the store that cannot be used, and were not; and keys that were changed there or are gone.
    /// That a revocation or a cut-off is gone is not noticed.
    pub refused: Vec<FleetError>,
    /// Whether a key is due for longer than it takes all workers to know it, and none has made it.
    pub is_key_overdue: bool,
    /// The seconds that two clocks of workers differ, if that is more than the fleet's
    /// [`skew`](crate::FleetBuilder::skew).
    pub clocks_differ_by: Option<u64>,
}

impl Health {
    pub(crate) fn new(now: u64, settings: &Settings, known: &Known, contact: &Contact) -> Health {
        let refreshed_at = contact.refreshed.unwrap_or(0);
        let knows_until = contact.knows_until.unwrap_or(0);
        let ready_until = knows_until.saturating_add(settings.outage.max(settings.lead));
        let (failing_since, failure) = contact.failing.clone().unzip();
        let current = now - now % settings.period;
        let then = now.saturating_sub(settings.lead);
        let overdue = known.due(then, settings.period, settings.lead, settings.ahead);
        Health {
            is_ready: now < ready_until,
            refreshed_at,
            failing_since,
            failure,
            ready_until,
            next_key_at: current.saturating_add(settings.period),
            refused: known.bad.values().map(|bad| bad.error.clone()).collect(),
            is_key_overdue: overdue.is_some(),
            clocks_differ_by: known.clocks_differ_by(now, settings.skew),
        }
    }

    /// Whether there is nothing that an operator should look at.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.is_ready
            && self.failing_since.is_none()
            && self.refused.is_empty()
            && !self.is_key_overdue
            && self.clocks_differ_by.is_none()
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sentences = Vec::new();
        if let (Some(since), Some(failure)) = (self.failing_since, &self.failure) {
            sentences.push(format!(
                "the store is failing since {}: {failure}",
                readable(since)
            ));
            sentences.push(format!(
                "the key that seals goes on; there is no next one at {}",
                readable(self.next_key_at)
            ));
            sentences.push(match self.is_ready {
                true => format!("not ready from {} on", readable(self.ready_until)),
                false => format!("not ready since {}", readable(self.ready_until)),
            });
        }
        for refused in &self.refused {
            sentences.push(format!("not used: {refused}"));
        }
        if self.is_key_overdue && self.failing_since.is_none() {
            sentences.push(
                "a key is due and no worker has made it; see that they run and may create objects"
                    .to_owned(),
            );
        }
        if let Some(seconds) = self.clocks_differ_by {
            sentences.push(format!(
                "clocks of workers differ by {seconds} s, more than the fleet allows; set them (NTP)"
            ));
        }
        if sentences.is_empty() {
            let refreshed_at = readable(self.refreshed_at);
            return write!(f, "all is well, refreshed at {refreshed_at}");
        }
        f.write_str(&sentences.join("\n"))
    }
}

impl Known {
    /// The seconds that two clocks differ, if they are more than is allowed.
    fn clocks_differ_by(&self, now: u64, skew: u64) -> Option<u64> {
        let by_store = {
            let clocks = || self.clocks.values().copied();
            let difference = clocks()
                .max()
                .unwrap_or(0)
                .saturating_sub(clocks().min().unwrap_or(0));
            // What lies between a time and its creation is not the clock's.
            difference.unsigned_abs().saturating_sub(CREATION)
        };
        // Where the store tells no times: what was made in the future.
        let made = self.keys.values().map(|held| held.record.made).max();
        let by_records = made.map_or(0, |made| made.saturating_sub(now));
        let difference = by_store.max(by_records);
        (difference > skew).then_some(difference)
    }
}

/// Seconds that a store may take to create an object.
const CREATION: u64 = 5;
