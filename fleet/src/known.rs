//! What a worker knows of its fleet.
//!
//! It only grows, but by revocation and by the schedule: so two refreshes at once, or one that is dropped
//! half way, do no harm, and no lock is held while the store is asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::FleetError,
    mutant::{Mutant, broken},
    name::{KeyName, ObjectName, Wrapped},
    record::{FleetRecord, KeyRecord, Tombstone},
    schedule::{Schedule, Times},
};

#[derive(Default)]
pub(crate) struct Known {
    pub(crate) fleet: Option<Held<FleetRecord>>,
    pub(crate) keys: BTreeMap<KeyName, Held<KeyRecord>>,
    pub(crate) revoked: BTreeMap<KeyName, Held<Tombstone>>,
    /// What was found and cannot be used.
    pub(crate) bad: BTreeMap<ObjectName, Bad>,
    pub(crate) listed: LastListings,
    /// How many listings there were.
    pub(crate) listings: u64,
    /// The object that was read again last.
    pub(crate) checked: Option<KeyName>,
    /// How many seconds the clocks of those who made objects are ahead of the store's.
    pub(crate) clocks: BTreeMap<ObjectName, i64>,
}

/// When the last two listings began whose cut-offs are all known: what is left out of one is in the next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LastListings {
    pub(crate) last: Option<u64>,
    pub(crate) before: Option<u64>,
}

/// A record, and the object that it was read in.
pub(crate) struct Held<R> {
    pub(crate) record: R,
    pub(crate) object: Wrapped,
    pub(crate) content: Vec<u8>,
    pub(crate) is_under_newest: bool,
    /// The master keys that it is wrapped under in further objects.
    pub(crate) unders: BTreeSet<u32>,
}

/// An object that cannot be used.
pub(crate) struct Bad {
    pub(crate) error: FleetError,
    pub(crate) unders: BTreeSet<u32>,
    /// How often in a row the store did not answer for it; 0 if it did.
    pub(crate) unanswered: u32,
}

impl Bad {
    /// Whether the store may answer the next time, as it may have been down.
    pub(crate) fn is_to_try(&self) -> bool {
        (1..MOST_UNANSWERED).contains(&self.unanswered)
    }
}

/// A key that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The key of a period, or one that takes the place of another: when it was made it waits for `lead`
    /// seconds.
    Make { name: KeyName, lead: u64 },
    /// There should be keys, and none is known.
    Lost,
}

impl LastListings {
    /// Whether the clock was ahead of this time when something was listed: what was cut off meanwhile may
    /// have earlier names than those that were asked for.
    pub(crate) fn is_after(self, now: u64) -> bool {
        !broken(Mutant::ListFromLastSeen) && self.last.is_some_and(|at| at > now)
    }
}

impl Known {
    /// The names and contents of what is known and wrapped.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        fn entry<R>(held: &Held<R>) -> (String, Vec<u8>) {
            (held.object.to_string(), held.content.clone())
        }
        let fleet = self.fleet.iter().map(entry);
        let keys = self.keys.values().map(entry);
        let revoked = self.revoked.values().map(entry);
        fleet.chain(keys).chain(revoked).collect()
    }

    /// When the keys that were not revoked seal and open.
    pub(crate) fn schedule(&self, opens_for: u64) -> Schedule {
        let keys = self.keys.iter();
        // Of two rounds at once one may read what the other learns to be revoked.
        let keys = keys.filter(|(name, _)| !self.revoked.contains_key(name));
        Schedule::new(
            keys.map(|(name, held)| (*name, Times::from(&held.record))),
            opens_for,
        )
    }

    /// The key that is to be made now, if one is.
    pub(crate) fn due(&self, now: u64, period: u64, lead: u64, ahead: u64) -> Option<Due> {
        // A name from beyond is that of a worker whose clock is wrong: nobody waits for it.
        let horizon = now.saturating_add(ahead);
        let named = |name: &&KeyName| name.begin <= horizon;
        let newest_key = self.keys.keys().rev().find(named);
        let newest_revoked = self.revoked.keys().rev().find(named);
        if let Some(revoked) = newest_revoked
            .max(newest_key)
            .filter(|name| self.revoked.contains_key(name))
        {
            // Nothing took its place yet: the next seals at once, unless the one before still does.
            let lead = if revoked.begin > now { lead } else { 0 };
            let mut name = revoked.next();
            while self.is_taken(name) {
                name = name.next();
            }
            return Some(Due::Make { name, lead });
        }
        let Some(newest) = newest_key else {
            let FleetRecord { first, made, .. } = self.fleet.as_ref()?.record;
            // Whoever made the fleet may have died before the first key, at the end of a period, too.
            let period_ends = first.begin.saturating_add(period);
            let begins_until = period_ends.max(made.saturating_add(BEGINNING));
            return Some(
                match now < begins_until && !self.revoked.contains_key(&first) {
                    true => Due::Make {
                        name: first,
                        lead: 0,
                    },
                    false => Due::Lost,
                },
            );
        };
        let current = KeyName::at(now, period);
        let next = KeyName {
            begin: current.begin.saturating_add(period),
            count: 0,
        };
        // The next one too, where it is time.
        let missing = [current, next]
            .into_iter()
            .filter(|name| name.begin <= horizon);
        let mut missing = missing.filter(|name| name.begin > newest.begin);
        missing.next().map(|name| Due::Make { name, lead })
    }

    /// All that is known is wrapped under what is an older master key from now on.
    pub(crate) fn wrapped_before(&mut self) {
        let fleet = self.fleet.iter_mut().map(|held| &mut held.is_under_newest);
        let keys = self.keys.values_mut().map(|held| &mut held.is_under_newest);
        let revoked = self.revoked.values_mut();
        let revoked = revoked.map(|held| &mut held.is_under_newest);
        let all = fleet.chain(keys).chain(revoked);
        all.for_each(|is_under_newest| *is_under_newest = false);
    }

    /// The next two listings are of everything, as those of before may not have been of this store.
    pub(crate) fn forget_listings(&mut self) {
        (self.listed, self.listings) = (LastListings::default(), 0);
    }

    /// Whether there is something in the place of a key that is none.
    fn is_taken(&self, name: KeyName) -> bool {
        let bad = self.bad.get(&name.object());
        bad.is_some_and(|bad| !bad.is_to_try())
    }

    /// Whether the store gave no answer for some object, and may give one.
    pub(crate) fn has_to_try(&self) -> bool {
        self.bad.values().any(Bad::is_to_try)
    }

    /// Whether whoever writes into the store wrote so much that is no use that no more is looked at.
    pub(crate) fn is_full_of_bad(&self) -> bool {
        self.bad.len() >= MOST_BAD
    }

    /// The name for one more key in the period of this one.
    pub(crate) fn next_within(&self, name: KeyName) -> KeyName {
        let names = self.keys.keys().chain(self.revoked.keys());
        let newest = names.filter(|other| other.begin == name.begin).max();
        newest.copied().unwrap_or(name).max(name).next()
    }

    /// The time by which things may be deleted: that of this worker's clock, unless the records of others
    /// say that it is wrong.
    pub(crate) fn evident_time(&self, now: u64, period: u64) -> u64 {
        let mut made: Vec<_> = self.keys.values().map(|held| held.record.made).collect();
        made.sort_unstable();
        // The newest may be of this worker's own clock.
        let others = made.iter().rev().nth(1);
        others.map_or(0, |made| now.min(made.saturating_add(period)))
    }
}

/// Seconds in which a fleet may begin, in spite of workers that die.
const BEGINNING: u64 = 3600;
/// So often in a row the store gives no answer for an object until that is the object's fault.
pub(crate) const MOST_UNANSWERED: u32 = 5;
/// So many objects that cannot be used are told of one by one.
const MOST_BAD: usize = 100;
