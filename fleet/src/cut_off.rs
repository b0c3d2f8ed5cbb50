//! Since when sessions of a subject count.
//!
//! It is the operator's list and no session's state: a fleet that cuts nobody off has an empty one.

pub(crate) mod hash;
pub(crate) mod subject;
pub(crate) mod table;

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwap;

use self::{hash::Hashing, subject::Subject, table::Table};
use crate::name::{CutOffName, Whose};

/// All cut-offs that a worker knows, for readers that are in a hurry.
pub(crate) struct CutOffs {
    table: ArcSwap<Table>,
    /// The latest time of any, by itself as most sessions started after it.
    newest: AtomicU64,
    /// Held while the table is replaced.
    replacing: Mutex<()>,
    hashing: Hashing,
}

impl CutOffs {
    pub(crate) fn new(hashing: Hashing) -> CutOffs {
        CutOffs {
            table: ArcSwap::default(),
            newest: AtomicU64::new(0),
            replacing: Mutex::new(()),
            hashing,
        }
    }

    /// Sessions of this subject count that started at this time or later. If a session of that start
    /// counts whoever's it is, it may be less.
    pub(crate) fn since(&self, subject: impl Subject, started: u64) -> u64 {
        if started >= self.newest.load(Ordering::Acquire) {
            return 0;
        }
        let table = self.table.load();
        subject.with_octets(|octets| table.since(Whose::Subject(self.hashing.subject(octets))))
    }

    /// The same for whom a cut-off names.
    pub(crate) fn since_for(&self, whose: Whose) -> u64 {
        self.table.load().since(whose)
    }

    pub(crate) fn whose(&self, subject: impl Subject) -> Whose {
        subject.with_octets(|octets| Whose::Subject(self.hashing.subject(octets)))
    }

    /// The name of a cut-off, which nobody can make without the fleet's secret.
    pub(crate) fn name(&self, time: u64, whose: Whose) -> CutOffName {
        self.hashing.name(time, whose)
    }

    /// Whether this fleet made a name.
    pub(crate) fn is_ours(&self, name: CutOffName) -> bool {
        self.hashing.name(name.time, name.whose) == name
    }

    /// Puts cut-offs into force; those that were not.
    pub(crate) fn add(&self, names: impl IntoIterator<Item = CutOffName>) -> Vec<CutOffName> {
        let _replacing = self.replacing();
        let known = self.table.load();
        let new = names.into_iter();
        let new: Vec<_> = new
            .filter(|name| known.since(name.whose) < name.time)
            .collect();
        if !new.is_empty() {
            let mut table = Table::clone(&known);
            new.iter().for_each(|name| table.add(*name));
            self.table.store(table.into());
            // Whoever sees it sees the table, too.
            let newest = new.iter().map(|name| name.time).max();
            self.newest
                .fetch_max(newest.unwrap_or(0), Ordering::Release);
        }
        new
    }

    /// Forgets those of before a time, which no live session can have started before.
    pub(crate) fn forget(&self, before: u64) {
        let _replacing = self.replacing();
        let known = self.table.load();
        if known.oldest() < before {
            self.table.store(known.since_time(before).into());
        }
    }

    /// The names of those in force, one for each subject.
    pub(crate) fn names(&self) -> Vec<CutOffName> {
        let table = self.table.load();
        let all = table.entries();
        all.map(|(whose, time)| self.name(time, whose)).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.table.load().len()
    }

    fn replacing(&self) -> MutexGuard<'_, ()> {
        let replacing = self.replacing.lock();
        replacing.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
