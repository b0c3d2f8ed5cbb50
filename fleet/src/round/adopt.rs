//! What others made: keys and revocations.

use std::collections::BTreeSet;

use super::{
    Found, Round,
    begin::other_kind,
    listing::{Listing, Objects},
};
use crate::{
    error::Problem,
    event::Event,
    known::{Bad, Held, Known},
    mutant::{Mutant, broken},
    name::{KeyName, ObjectName},
    record::{KeyRecord, Record, Tombstone},
};

impl Round<'_> {
    /// Reads the revocations that are new.
    pub(super) async fn learn_revocations(&self, listing: &Listing) {
        self.forget_unanswered(listing);
        for (name, objects) in &listing.revoked {
            if self.shared.known().revoked.contains_key(name) {
                self.note_unders(*name, objects);
            } else if self.is_to_read(name.tombstone(), objects) {
                self.learn_revocation(*name, &objects.unders).await;
            }
        }
    }

    /// Of what the store did not read or delete, that which nobody will try again.
    fn forget_unanswered(&self, listing: &Listing) {
        let mut known = self.shared.known();
        let Known {
            bad,
            revoked,
            fleet,
            ..
        } = &mut *known;
        bad.retain(|name, bad| match name {
            ObjectName::Key(name) => !revoked.contains_key(name) || listing.keys.contains_key(name),
            ObjectName::Revoked(name) => {
                let is_unread = listing.revoked.contains_key(name) && !revoked.contains_key(name);
                is_unread || !bad.is_to_try()
            }
            ObjectName::CutOff(_) | ObjectName::Probe(..) => !bad.is_to_try(),
            ObjectName::Fleet => fleet.as_ref().is_some_and(|held| !held.is_under_newest),
        });
    }

    /// Reads the revocation of a key, if there is one; whether the key was revoked.
    pub(super) async fn learn_revocation(&self, name: KeyName, unders: &BTreeSet<u32>) -> bool {
        let found = self.open(name.tombstone(), unders).await;
        self.take_revocation(name, unders, found)
    }

    /// The same of one that was read.
    pub(super) fn take_revocation(
        &self,
        name: KeyName,
        unders: &BTreeSet<u32>,
        found: Found,
    ) -> bool {
        match found {
            Found::Absent => {}
            Found::Bad(problem) => self.refuse(name.tombstone(), problem, unders),
            Found::Good(held) => {
                let Held { object, .. } = held;
                match held.tombstone() {
                    Some(held) => {
                        self.revoke_known(name, held);
                        return true;
                    }
                    None => self.refuse(name.tombstone(), other_kind(object), unders),
                }
            }
        }
        false
    }

    pub(super) fn revoke_known(&self, name: KeyName, held: Held<Tombstone>) {
        let is_new = {
            let mut known = self.shared.known();
            known.keys.remove(&name);
            known.bad.remove(&name.object());
            known.bad.remove(&name.tombstone());
            known.revoked.insert(name, held).is_none()
        };
        if is_new {
            let name = &name.to_string();
            self.shared.tell(&Event::KeyRevoked { name });
        }
    }

    /// Reads the keys that are new, and those that they say were before them.
    pub(super) async fn learn_keys(&self, listing: &Listing) {
        for (name, objects) in &listing.keys {
            let (is_known, may_be_revoked) = {
                let known = self.shared.known();
                let is_known = known.keys.contains_key(name) || known.revoked.contains_key(name);
                let tombstone = known.bad.get(&name.tombstone());
                (is_known, tombstone.is_some_and(Bad::is_to_try))
            };
            if is_known {
                self.note_unders(*name, objects);
            } else if !may_be_revoked && self.is_to_read(name.object(), objects) {
                self.learn_key(*name, objects).await;
            }
        }
        if broken(Mutant::ForgetUnlisted) {
            let mut known = self.shared.known();
            known.keys.retain(|name, _| listing.keys.contains_key(name));
        }
    }

    /// Reads a key, and those before it that no listing had, as far as they are there; whether this one is.
    pub(super) async fn learn_key(&self, name: KeyName, objects: &Objects) -> bool {
        let is_there = self.learn_one(name, objects).await;
        self.learn_before(name).await;
        is_there
    }

    /// Reads the keys before a known one that no listing had, as far as they are there.
    pub(super) async fn learn_before(&self, mut name: KeyName) {
        while let Some(previous) = self.unknown_before(name) {
            if !self.learn_unlisted(previous).await {
                return;
            }
            name = previous;
        }
    }

    /// Reads a key that no listing had, and so its tombstone too; whether it is there.
    pub(super) async fn learn_unlisted(&self, name: KeyName) -> bool {
        match self.is_revoked_by_now(name).await {
            Ok(is_revoked) => !is_revoked && self.learn_one(name, &Objects::default()).await,
            // Its turn comes again.
            Err(problem) => {
                self.refuse(name.object(), problem, &BTreeSet::new());
                false
            }
        }
    }

    /// Whether a key was revoked, though no listing may have said so yet.
    pub(super) async fn is_revoked_by_now(&self, name: KeyName) -> Result<bool, Problem> {
        if broken(Mutant::OverlookTombstones) {
            return Ok(false);
        }
        let none = BTreeSet::new();
        let found = self.open(name.tombstone(), &none).await;
        let is_given_up = {
            let known = self.shared.known();
            let bad = known.bad.get(&name.tombstone());
            bad.is_some_and(|bad| !bad.is_to_try())
        };
        match found {
            Found::Bad(problem) if problem.is_unanswered && !is_given_up => Err(problem),
            found => Ok(self.take_revocation(name, &none, found)),
        }
    }

    /// The key before a known one, if that is not known.
    fn unknown_before(&self, name: KeyName) -> Option<KeyName> {
        let known = self.shared.known();
        let previous = known.keys.get(&name)?.record.previous?;
        let is_known = known.keys.contains_key(&previous)
            || known.revoked.contains_key(&previous)
            || known.bad.contains_key(&previous.object());
        (!is_known && previous < name).then_some(previous)
    }

    async fn learn_one(&self, name: KeyName, objects: &Objects) -> bool {
        let held = match self.open(name.object(), &objects.unders).await {
            Found::Absent => return false,
            Found::Bad(problem) => {
                self.refuse(name.object(), problem, &objects.unders);
                return false;
            }
            Found::Good(held) => held,
        };
        let Held { object, .. } = held;
        let Some(held) = held.key() else {
            self.refuse(name.object(), other_kind(object), &objects.unders);
            return false;
        };
        if let (Some(created), true) = (objects.created, object.under.is_none()) {
            let ahead = i128::from(held.record.made) - i128::from(created);
            let mut known = self.shared.known();
            known
                .clocks
                .insert(name.object(), i64::try_from(ahead).unwrap_or(i64::MAX));
        }
        self.adopt(name, held)
    }

    /// Takes a key in that somebody else made, or this worker before.
    fn adopt(&self, name: KeyName, held: Held<KeyRecord>) -> bool {
        let key_id = held.record.key.id();
        let unders = held.unders.clone();
        let object = held.object;
        {
            let mut known = self.shared.known();
            let mut others = known.keys.iter().filter(|(other, _)| **other != name);
            let twin = others.find(|(_, other)| other.record.key.id() == key_id);
            let twin = twin.map(|(other, _)| *other);
            if let Some(twin) = twin {
                drop(known);
                let problem = format!("its key has the id of that of {twin}");
                let fix = "revoke one of the two";
                self.refuse(name.object(), Problem::with(object, problem, fix), &unders);
                return false;
            }
            known.bad.remove(&name.object());
            if known.revoked.contains_key(&name) {
                // By another round, meanwhile.
                return false;
            }
            if known.keys.insert(name, held).is_some() {
                return true;
            }
        }
        let name = &name.to_string();
        let key_id = &*key_id;
        self.shared.tell(&Event::KeyAdopted { key_id, name });
        true
    }

    /// Whether an object that is not known is to be read: not if it was refused before, unless the store gave
    /// no answer, there is a further object since, or it would revoke a key that is in use.
    fn is_to_read(&self, name: ObjectName, objects: &Objects) -> bool {
        let known = self.shared.known();
        match known.bad.get(&name) {
            None => !known.is_full_of_bad(),
            Some(bad) => {
                // Whoever revokes a key may put a good one into its place.
                let is_urgent = match name {
                    ObjectName::Revoked(name) => known.keys.contains_key(&name),
                    _ => false,
                };
                is_urgent || bad.is_to_try() || bad.unders != objects.unders
            }
        }
    }

    /// Others may have wrapped it anew.
    fn note_unders(&self, name: KeyName, objects: &Objects) {
        let mut known = self.shared.known();
        if let Some(held) = known.keys.get_mut(&name) {
            held.unders.extend(&objects.unders);
        }
        if let Some(held) = known.revoked.get_mut(&name) {
            held.unders.extend(&objects.unders);
        }
    }
}

impl Held<Record> {
    fn key(self) -> Option<Held<KeyRecord>> {
        self.of(|record| match record {
            Record::Key(record) => Some(record),
            _ => None,
        })
    }

    pub(super) fn tombstone(self) -> Option<Held<Tombstone>> {
        self.of(|record| match record {
            Record::Revoked(record) => Some(record),
            _ => None,
        })
    }

    fn of<R>(self, kind: impl FnOnce(Record) -> Option<R>) -> Option<Held<R>> {
        Some(Held {
            record: kind(self.record)?,
            object: self.object,
            content: self.content,
            is_under_newest: self.is_under_newest,
            unders: self.unders,
        })
    }
}
