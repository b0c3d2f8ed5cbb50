//! Keys that count no more from now on, and keys before their time.

use std::collections::BTreeSet;

use super::Round;
use crate::{
    error::Problem,
    known::Held,
    name::KeyName,
    record::{Record, Tombstone},
};

impl Round<'_> {
    /// Revokes the key of this id.
    pub(crate) async fn revoke(&self, key_id: &str) -> Result<(), Problem> {
        // What others made and revoked counts too.
        self.run().await?;
        let name = self.name_of(key_id)?;
        // Its successor first: whoever learns that it is revoked finds what takes its place.
        if self.is_needed(name) {
            let next = self.shared.known().next_within(name);
            self.make_some(next, 0).await?;
        }
        let object = name.tombstone().original();
        let opens_for = self.shared.settings.opens_for;
        let record = Tombstone {
            made: self.now,
            // Until no worker could take the name for that of a period that is to have a key.
            until: self
                .now
                .max(name.begin)
                .saturating_add(opens_for)
                .saturating_add(opens_for),
        };
        let wrapping = self.shared.wrapping.load_full();
        let content = wrapping.wrap(object, &Record::Revoked(record.clone()))?;
        self.create(object, &content).await?;
        // It counts from now on, whatever happens to this worker.
        let unders = {
            let known = self.shared.known();
            let held = known.keys.get(&name);
            held.map(|held| held.unders.clone()).unwrap_or_default()
        };
        self.revoke_known(
            name,
            Held {
                record,
                object,
                content,
                is_under_newest: true,
                unders: BTreeSet::new(),
            },
        );
        self.delete(name.object().original()).await?;
        let ids = wrapping.ids().iter().copied();
        for master in unders.into_iter().chain(ids).collect::<BTreeSet<_>>() {
            self.delete(name.object().under(master)).await?;
        }
        Ok(())
    }

    /// Makes a key that seals as soon as all know it.
    pub(crate) async fn rotate_now(&self) -> Result<(), Problem> {
        self.run().await?;
        let settings = &self.shared.settings;
        let next = {
            let known = self.shared.known();
            let schedule = known.schedule(settings.opens_for);
            let sealing = schedule.sealing(self.now);
            sealing.map(|name| known.next_within(name))
        };
        match next {
            Some(next) => self.make_some(next, settings.lead).await,
            None => Ok(()),
        }
    }

    /// Makes a key of this name or, if that was revoked, of a later one of the period.
    async fn make_some(&self, mut name: KeyName, lead: u64) -> Result<(), Problem> {
        while !self.make(name, lead).await? || self.shared.known().revoked.contains_key(&name) {
            if self.shared.known().bad.contains_key(&name.object()) {
                let problem = "no key can be made in its place";
                let fix = "remove the object, which is not this fleet's";
                return Err(Problem::with(name.object().original(), problem, fix));
            }
            name = self.shared.known().next_within(name);
        }
        Ok(())
    }

    fn name_of(&self, key_id: &str) -> Result<KeyName, Problem> {
        let known = self.shared.known();
        let mut keys = known.keys.iter();
        let key = keys.find(|(_, held)| held.record.key.id() == key_id);
        key.map(|(name, _)| *name).ok_or_else(|| {
            let problem = format!("the fleet has no key {key_id:?}");
            Problem::new(problem, "use an id of the fleet's status")
        })
    }

    /// Whether nothing else would seal, or nothing newer.
    fn is_needed(&self, name: KeyName) -> bool {
        let settings = &self.shared.settings;
        let known = self.shared.known();
        let schedule = known.schedule(settings.opens_for);
        let newest = schedule.newest(self.now.saturating_add(settings.ahead));
        schedule.sealing(self.now) == Some(name) || newest == Some(name)
    }
}
