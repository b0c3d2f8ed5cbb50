//! Keys that count no more from now on, and keys before their time.

use std::collections::BTreeSet;

use super::{Found, Round};
use crate::{
    error::Problem,
    known::Held,
    name::KeyName,
    record::{Record, Tombstone},
};

impl Round<'_> {
    /// Revokes the key of this id.
    pub(crate) async fn revoke(&self, key_id: &str) -> Result<(), Problem> {
        // What others made and revoked counts too; but a store half of which fails keeps no stolen key.
        let refreshed = self.run().await;
        let name = match self.name_of(key_id) {
            Ok(name) => name,
            Err(unknown) => return refreshed.and(Err(unknown)),
        };
        // A store that is down says so below.
        let listing = self.list_between().await.unwrap_or_default();
        match self.find_fleet(&listing).await {
            Err(problem) if !problem.is_unanswered => return Err(problem),
            _ => {}
        }
        let successor_lead = self.successor_lead(name);
        let unders = {
            let known = self.shared.known();
            let held = known.keys.get(&name);
            held.map(|held| held.unders.clone()).unwrap_or_default()
        };
        // Before its successor is known: nobody seals anew with that one what the stolen key sealed. Whoever
        // finds a tombstone and no successor makes it.
        let tombstone = self.bury(name).await?;
        // It counts from now on, whatever happens to this worker.
        self.revoke_known(name, tombstone);
        let made = match successor_lead {
            Some(lead) => {
                let next = self.shared.known().next_within(name);
                self.make_some(next, lead).await
            }
            None => Ok(()),
        };
        self.delete_spare(name.object().original()).await;
        let wrapping = self.shared.wrapping.load_full();
        let ids = wrapping.ids().iter().copied();
        for master in unders.into_iter().chain(ids).collect::<BTreeSet<_>>() {
            self.delete_spare(name.object().under(master)).await;
        }
        made
    }

    /// Writes the tombstone of a key, or reads the one that is there. What else is in its place does not
    /// stay: whoever put it there would keep the others from learning of it.
    async fn bury(&self, name: KeyName) -> Result<Held<Tombstone>, Problem> {
        let record = self.tombstone(name);
        let wrapping = self.shared.wrapping.load_full();
        let newest = wrapping.ids().first().copied();
        let further = newest.map(|newest| name.tombstone().under(newest));
        let places = || [name.tombstone().original()].into_iter().chain(further);
        let mut unanswered = None;
        for _ in 0..TRIES {
            for object in places() {
                let content = wrapping.wrap(object, &Record::Revoked(record.clone()))?;
                match self.create(object, &content).await {
                    Ok(true) => {
                        return Ok(Held {
                            record,
                            object,
                            content,
                            is_under_newest: true,
                            unders: object.under.into_iter().collect(),
                        });
                    }
                    Ok(false) => {}
                    Err(problem) => _ = unanswered.get_or_insert(problem),
                }
                if let Found::Good(held) = self.open(name.tombstone(), &BTreeSet::new()).await
                    && let Some(held) = held.tombstone()
                {
                    return Ok(held);
                }
            }
            if let Some(problem) = unanswered {
                return Err(problem);
            }
            for object in places() {
                // If it stays, the next creation says so.
                let _ = self.delete(object).await;
            }
        }
        let problem =
            "its place is taken over and over, so that no other worker learns of the revocation";
        let fix = "find out who writes there, and revoke the key again";
        Err(Problem::with(name.tombstone().original(), problem, fix))
    }

    fn tombstone(&self, name: KeyName) -> Tombstone {
        let known = self.shared.known();
        let of_key = known
            .keys
            .get(&name)
            .map_or(0, |held| held.record.opens_for);
        let opens_for = self.shared.settings.opens_for.max(of_key);
        Tombstone {
            made: self.now,
            // Until no worker could take the name for that of a period that is to have a key.
            until: self
                .now
                .max(name.begin)
                .saturating_add(opens_for)
                .saturating_add(opens_for),
        }
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

    /// Makes a key of this name or, if that was revoked or is taken, of a later one of the period.
    async fn make_some(&self, mut name: KeyName, lead: u64) -> Result<(), Problem> {
        for _ in 0..MOST_TAKEN {
            let is_known = self.make(name, lead).await?;
            if is_known && !self.shared.known().revoked.contains_key(&name) {
                return Ok(());
            }
            name = self.shared.known().next_within(name);
        }
        let problem = "neither in its place nor in those before it can a key be made";
        let fix = "remove the objects that are not this fleet's";
        Err(Problem::with(name.object().original(), problem, fix))
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

    /// How long the successor of a key waits, if it needs one: nothing else would seal, or nothing newer.
    fn successor_lead(&self, name: KeyName) -> Option<u64> {
        let settings = &self.shared.settings;
        let known = self.shared.known();
        let schedule = known.schedule(settings.opens_for);
        let newest = schedule.newest(self.now.saturating_add(settings.ahead));
        match schedule.sealing(self.now) == Some(name) {
            true => Some(0),
            // Another one seals meanwhile.
            false => (newest == Some(name)).then_some(settings.lead),
        }
    }
}

/// So often junk in the place of a tombstone is removed.
const TRIES: u32 = 3;
/// So many names of a period are tried that somebody else's objects have.
const MOST_TAKEN: u32 = 200;
