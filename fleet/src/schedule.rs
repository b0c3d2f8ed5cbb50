//! Which key seals, and which open until when: a function of records and a time, and of nothing else.

use std::collections::BTreeMap;

use crate::{
    mutant::{Mutant, broken},
    name::KeyName,
    record::KeyRecord,
};

/// The times of a key that do not depend on others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) made: u64,
    pub(crate) lead: u64,
    pub(crate) opens_for: u64,
}

/// When a key seals and opens, in seconds since 1970. `None` is as long as it has no successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) seals_from: u64,
    pub(crate) seals_until: Option<u64>,
    pub(crate) opens_until: Option<u64>,
}

/// The spans of a fleet's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schedule(BTreeMap<KeyName, Span>);

impl From<&KeyRecord> for Times {
    fn from(record: &KeyRecord) -> Times {
        Times {
            made: record.made,
            lead: record.lead,
            opens_for: record.opens_for,
        }
    }
}

impl Schedule {
    /// The spans of these keys, none of which was revoked, where this worker has tokens open for
    /// `opens_for` seconds at least.
    pub(crate) fn new(
        keys: impl IntoIterator<Item = (KeyName, Times)>,
        opens_for: u64,
    ) -> Schedule {
        let keys: BTreeMap<KeyName, Times> = keys.into_iter().collect();
        let mut spans = BTreeMap::new();
        // From the last to the first: what seals after a key is known before it.
        let mut next: Option<u64> = None;
        for (name, times) in keys.into_iter().rev() {
            let seals_from = seals_from(name, times);
            // One that was made late may never seal, as the next already does.
            let seals_until = next.map(|next| next.max(seals_from));
            let opens_for = opens_for.max(times.opens_for);
            let opens_until = seals_until.map(|until| until.saturating_add(opens_for));
            let span = Span {
                seals_from,
                seals_until,
                opens_until,
            };
            spans.insert(name, span);
            next = Some(next.map_or(seals_from, |next| next.min(seals_from)));
        }
        Schedule(spans)
    }

    /// The keys that open anything at a time, the one that seals first and then the newest; empty only
    /// if there are none.
    pub(crate) fn ring(&self, now: u64) -> Vec<KeyName> {
        let Some(seals) = self.sealing(now) else {
            return Vec::new();
        };
        let opens = |span: &Span| span.opens_until.is_none_or(|until| now < until);
        let others = self.0.iter().rev();
        let others = others.filter(|(name, span)| **name != seals && opens(span));
        std::iter::once(seals)
            .chain(others.map(|(name, _)| *name))
            .collect()
    }

    /// The key that seals at a time.
    pub(crate) fn sealing(&self, now: u64) -> Option<KeyName> {
        let begun = self.0.iter().rev().find(|(_, span)| span.seals_from <= now);
        // If none has begun, nobody seals with another one: the first to begin does.
        let first = || self.0.iter().min_by_key(|(_, span)| span.seals_from);
        begun.or_else(first).map(|(name, _)| *name)
    }

    pub(crate) fn spans(&self) -> impl DoubleEndedIterator<Item = (KeyName, Span)> {
        self.0.iter().map(|(name, span)| (*name, *span))
    }

    pub(crate) fn span(&self, name: KeyName) -> Option<Span> {
        self.0.get(&name).copied()
    }

    /// The newest key that seals at a time or will soon, by then known to all.
    pub(crate) fn newest(&self, until: u64) -> Option<KeyName> {
        let named = self.0.keys().rev();
        named.copied().find(|name| name.begin <= until)
    }
}

/// A key seals when its period has begun and all know it.
fn seals_from(name: KeyName, times: Times) -> u64 {
    let lead = match broken(Mutant::SealWithoutLead) {
        true => 0,
        false => times.lead,
    };
    name.begin.max(times.made.saturating_add(lead))
}

#[cfg(test)]
mod tests;
