//! What a fleet is: made once, by the first of its workers.

use std::collections::BTreeSet;

use haversack::Random;
use zeroize::Zeroizing;

use super::{Found, Round, listing::Listing};
use crate::{
    cut_off::{CutOffs, hash::Hashing},
    error::Problem,
    known::Held,
    name::{KeyName, ObjectName, Wrapped},
    record::{FleetRecord, Record, Secret},
};

/// The fleet's own object, as a round found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FleetObject {
    InPlace,
    /// Though the rest is there.
    Gone,
}

impl Round<'_> {
    /// The record of the fleet that a copy is of.
    pub(crate) async fn copied_fleet(&self) -> Option<FleetRecord> {
        match self.open(ObjectName::Fleet, &BTreeSet::new()).await {
            Found::Good(Held {
                record: Record::Fleet(record),
                ..
            }) => Some(record),
            _ => None,
        }
    }

    /// Reads the fleet's own record, or makes it where there is none; and sees that it is there when more
    /// is to be done.
    pub(crate) async fn know_fleet(&self, listing: &Listing) -> Result<FleetObject, Problem> {
        if self.shared.known().fleet.is_some() {
            return match self.is_at_rest(listing) {
                true => Ok(FleetObject::InPlace),
                false => self.find_fleet(listing).await,
            };
        }
        let name = ObjectName::Fleet;
        // Somebody else may make it between the two.
        let mut found = self.open(name, &listing.fleet.unders).await;
        if let Found::Absent = found {
            if !listing.keys.is_empty() || !listing.revoked.is_empty() {
                let problem = "it is gone, though there are keys";
                let fix = "restore it from a copy; if nothing is left to be saved, delete the keys and \
                           revocations as well, and a new fleet begins";
                return Err(Problem::with(name.original(), problem, fix));
            }
            if let Some(problem) = &self.shared.begins_none {
                return Err(problem.clone());
            }
            self.make_fleet().await?;
            found = self.open(name, &listing.fleet.unders).await;
        }
        let held = match found {
            Found::Good(held) => held,
            Found::Bad(problem) => return Err(problem),
            Found::Absent => {
                let problem = "it was created, and cannot be read";
                let fix = "use a store in which all see what one created";
                return Err(Problem::with(name.original(), problem, fix));
            }
        };
        let Record::Fleet(record) = held.record else {
            return Err(other_kind(held.object));
        };
        let copied = self.shared.copied.get();
        if copied.is_some_and(|copied| *copied != record) {
            return Err(of_another_fleet(held.object));
        }
        let cut_offs = CutOffs::new(Hashing::new(&record));
        // Of two rounds at once the first sets it, and both read the same.
        let _ = self.shared.cut_offs.set(cut_offs);
        self.shared.known().fleet = Some(Held {
            record,
            object: held.object,
            content: held.content,
            is_under_newest: held.is_under_newest,
            unders: held.unders,
        });
        Ok(FleetObject::InPlace)
    }

    /// Whether a listing has nothing that this worker would read anew, make, replace or delete.
    fn is_at_rest(&self, listing: &Listing) -> bool {
        let has_new = {
            let known = self.shared.known();
            let mut keys = listing.keys.keys();
            let mut revoked = listing.revoked.keys();
            let is_bad = |name| known.bad.contains_key(&name);
            keys.any(|name| !known.keys.contains_key(name) && !is_bad(name.object()))
                || revoked
                    .any(|name| !known.revoked.contains_key(name) && !is_bad(name.tombstone()))
                || known.has_to_try()
        };
        !has_new
            && !listing.is_whole
            && !listing.fleet.is_empty()
            && self.due().is_none()
            && self.to_wrap().is_empty()
    }

    /// Sees that the store still is the fleet's, before anything of it is believed or anything made in it:
    /// where a volume is not mounted there is an empty folder, or one in which another fleet began.
    pub(super) async fn find_fleet(&self, listing: &Listing) -> Result<FleetObject, Problem> {
        let name = ObjectName::Fleet;
        let found = self.open(name, &listing.fleet.unders).await;
        let own = {
            let known = self.shared.known();
            known.fleet.as_ref().map(|held| held.record.clone())
        };
        let Some(own) = own else {
            return Ok(FleetObject::InPlace);
        };
        match found {
            Found::Good(held) => match held.record {
                Record::Fleet(found) if found == own => Ok(FleetObject::InPlace),
                _ => {
                    self.shared.known().forget_listings();
                    Err(of_another_fleet(held.object))
                }
            },
            // Archived, or written over: the rest is the fleet's all the same.
            Found::Bad(_) if self.has_own_key(listing).await => Ok(FleetObject::InPlace),
            Found::Bad(problem) => Err(problem),
            Found::Absent if self.has_own_key(listing).await => Ok(FleetObject::Gone),
            Found::Absent => {
                let problem = "it is gone, and nothing is made in a store that is not the fleet's";
                let fix = "mount the volume if it is a folder of one, or restore the store from a copy, \
                           this object last";
                Err(Problem::with(name.original(), problem, fix))
            }
        }
    }

    /// Puts the fleet's own object back if it is gone.
    pub(super) async fn put_back(&self, fleet: FleetObject) -> Result<(), Problem> {
        let own = {
            let known = self.shared.known();
            let own = known.fleet.as_ref().filter(|_| fleet == FleetObject::Gone);
            own.map(|held| (held.object, held.content.clone()))
        };
        if let Some((object, content)) = own {
            self.create(object, &content).await?;
        }
        Ok(())
    }

    /// Whether the store has a key's object as this worker knows it, which no other fleet's store has.
    async fn has_own_key(&self, listing: &Listing) -> bool {
        let own = {
            let known = self.shared.known();
            let mut keys = known.keys.iter().rev();
            let listed = keys.find(|(name, _)| listing.keys.contains_key(name));
            listed.map(|(_, held)| (held.object, held.content.clone()))
        };
        match own {
            Some((object, content)) => self
                .read(object)
                .await
                .is_ok_and(|read| read == Some(content)),
            None => false,
        }
    }

    async fn make_fleet(&self) -> Result<(), Problem> {
        let random = &*self.shared.random;
        let record = Record::Fleet(FleetRecord {
            made: self.now,
            first: KeyName::at(self.now, self.shared.settings.period),
            subjects: secret(random)?,
            tags: secret(random)?,
        });
        let object = ObjectName::Fleet.original();
        let content = self.shared.wrapping.load().wrap(object, &record)?;
        self.create(object, &content).await?;
        Ok(())
    }
}

fn secret(random: &dyn Random) -> Result<Secret, Problem> {
    let mut octets = Zeroizing::new([0; 16]);
    random.fill(&mut *octets)?;
    Ok(Secret(octets))
}

fn of_another_fleet(object: Wrapped) -> Problem {
    let problem = "it is another fleet's than this worker's, and nothing is made or believed here";
    let fix = "mount the volume that belongs there; to join this fleet, restart the worker, without its local \
               copy if it has one";
    Problem::with(object, problem, fix)
}

/// Its record is that of something else, under a good wrapping.
pub(super) fn other_kind(object: Wrapped) -> Problem {
    let problem = "its content is that of another kind of object";
    let fix = "find out who wrote it: nobody who has the master ring does this";
    Problem::with(object, problem, fix)
}
