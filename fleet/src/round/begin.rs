//! What a fleet is: made once, by the first of its workers.

use haversack::Random;
use zeroize::Zeroizing;

use super::{Found, Round, listing::Listing};
use crate::{
    cut_off::{CutOffs, hash::Hashing},
    error::Problem,
    known::Held,
    name::{KeyName, ObjectName},
    record::{FleetRecord, Record, Secret},
};

impl Round<'_> {
    /// Reads the fleet's own record, or makes it where there is none.
    pub(super) async fn know_fleet(&self, listing: &Listing) -> Result<(), Problem> {
        if self.shared.known().fleet.is_some() {
            return Ok(());
        }
        let name = ObjectName::Fleet;
        // Somebody else may make it between the two.
        let mut found = self.open(name, &listing.fleet.unders).await;
        if let Found::Absent = found {
            if let Some(problem) = &self.shared.begins_none {
                return Err(problem.clone());
            }
            if !listing.keys.is_empty() || !listing.revoked.is_empty() {
                let problem = "it is gone, though there are keys";
                let fix = "restore it from a copy; if nothing is left to be saved, delete the keys and \
                           revocations as well, and a new fleet begins";
                return Err(Problem::with(name.original(), problem, fix));
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
        Ok(())
    }

    /// Sees that the store still is the fleet's before anything is made in it: the empty folder in which a
    /// volume is not mounted is another one.
    pub(super) async fn find_fleet(&self, listing: &Listing) -> Result<(), Problem> {
        if !listing.fleet.is_empty() {
            return Ok(());
        }
        // A listing may leave it out.
        match self.open(ObjectName::Fleet, &listing.fleet.unders).await {
            Found::Absent => {
                let problem = "it is gone, and nothing is made in a store that is not the fleet's";
                let fix =
                    "mount the volume if it is a folder of one, or restore the store from a copy";
                Err(Problem::with(ObjectName::Fleet.original(), problem, fix))
            }
            Found::Bad(problem) if problem.is_unanswered => Err(problem),
            Found::Bad(_) | Found::Good(_) => Ok(()),
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

/// Its record is that of something else, under a good wrapping.
pub(super) fn other_kind(object: crate::name::Wrapped) -> Problem {
    let problem = "its content is that of another kind of object";
    let fix = "find out who wrote it: nobody who has the master ring does this";
    Problem::with(object, problem, fix)
}
