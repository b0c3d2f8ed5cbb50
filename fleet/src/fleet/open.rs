//! The start of a worker, with the store or without.

use std::sync::{Arc, Mutex, OnceLock};

use arc_swap::ArcSwap;

use super::{Fleet, builder::FleetBuilder};
use crate::{
    early::Early,
    error::{FleetError, Problem},
    health::Health,
    known::{Known, MOST_UNANSWERED},
    local_copy::LocalCopy,
    name::ObjectName,
    record::wrapping::Wrapping,
    round::Round,
    shared::{Contact, Served, Shared},
    status::Status,
    store::shared::SharedStore,
};

impl FleetBuilder {
    /// Joins the fleet, or begins one if the store is empty: sees whether the store does what is asked of
    /// it, reads the keys, and makes those that are due.
    ///
    /// A worker that has a [local copy](FleetBuilder::local_copy) of a fleet begins no other one.
    ///
    /// # Errors
    ///
    /// [`FleetError`] for settings that cannot work, for a store that cannot be reached (unless there is a
    /// [local copy](FleetBuilder::local_copy)) or lets two create one object, and for an object that is
    /// not the fleet's, or is wrapped under a key that the master ring does not have.
    pub async fn open(self) -> Result<Fleet, FleetError> {
        let copy = self.local_copy.as_deref();
        // Where nobody can tell, there may be one.
        let copy = copy.filter(|copy| copy.try_exists().unwrap_or(true));
        let begins_none = copy.map(|copy| {
            let problem = format!(
                "there is no fleet in it, and {} is the local copy of one",
                copy.display()
            );
            let fix = "mount the volume if it is a folder of one, or restore the store from the copy; for \
                       a new fleet remove the copies of all workers";
            Problem::new(problem, fix)
        });
        self.enter(begins_none).await
    }

    /// Joins the fleet that is in the store, as [`open`](FleetBuilder::open) does, and never begins one:
    /// for every start but the first, where an empty store may be a folder whose volume is not mounted.
    ///
    /// # Errors
    ///
    /// As [`open`](FleetBuilder::open), and for a store that has no fleet in it, unless there is a local copy.
    pub async fn join(self) -> Result<Fleet, FleetError> {
        self.enter(Some(no_fleet())).await
    }

    /// Reads what the fleet is like, as a worker does that joins it, and neither joins it nor makes or
    /// deletes an object: for operators.
    ///
    /// # Errors
    ///
    /// [`FleetError`] for settings that cannot work, for a store that cannot be listed or has no fleet in it,
    /// for one whose own object cannot be read, and for one without keys. What else is wrong is in the
    /// [`Health`].
    pub async fn look(self) -> Result<(Status, Health), FleetError> {
        let fleet = self.prepare(Some(no_fleet()))?;
        // What a listing leaves out is in the next one.
        for _ in 0..2 {
            let looked = fleet.insist(Reading::LooksOn).await;
            if fleet.shared.known().keys.is_empty() {
                looked?;
            }
        }
        Ok((fleet.status(), fleet.health()))
    }

    async fn enter(self, begins_none: Option<Problem>) -> Result<Fleet, FleetError> {
        let fleet = self.prepare(begins_none)?;
        fleet.read_copied().await;
        let began = fleet.shared.now();
        if let Err(error) = fleet.begin().await {
            fleet.begin_from_copy(&error).await?;
            fleet.shared.note(began, Err(error));
        }
        Ok(fleet)
    }

    /// A fleet that knows nothing yet.
    fn prepare(self, begins_none: Option<Problem>) -> Result<Fleet, FleetError> {
        let place: Arc<str> = self.store.to_string().into();
        let settings = self.asked.check().map_err(|problem| problem.at(&place))?;
        let wrapping = Wrapping::new(&self.master, &settings.fleet, &self.random);
        let wrapping = wrapping.map_err(|error| Problem::from(error).at(&place))?;
        let shared = Shared {
            store: self.store,
            place,
            settings,
            wrapping: ArcSwap::from_pointee(wrapping),
            clock: self.clock,
            random: self.random,
            observer: self.observer,
            local_copy: self.local_copy.map(LocalCopy::new),
            begins_none,
            copied: OnceLock::new(),
            early: Arc::new(Early::default()),
            cut_offs: OnceLock::new(),
            known: Mutex::new(Known::default()),
            contact: Mutex::new(Contact::default()),
            served: Mutex::new(Served::default()),
        };
        Ok(Fleet {
            shared: Arc::new(shared),
        })
    }
}

/// How somebody reads who has just come.
#[derive(Clone, Copy)]
enum Reading {
    Refreshes,
    LooksOn,
}

fn no_fleet() -> Problem {
    let fix = "name the place that its workers use, and mount the volume if it is a folder of one";
    Problem::new("there is no fleet in it", fix)
}

impl Fleet {
    /// The first refresh, in which everything has to be as it should.
    async fn begin(&self) -> Result<(), FleetError> {
        let found = self.find().await;
        found.map_err(|problem| self.shared.error(problem))?;
        self.insist(Reading::Refreshes).await?;
        self.check_keys()
    }

    async fn find(&self) -> Result<(), Problem> {
        let round = Round::new(&self.shared);
        if self.shared.begins_none.is_some() {
            // In a wrong place nothing is tried.
            round.know_fleet(&round.list_between().await?).await?;
        }
        round.probe().await
    }

    /// Reads until the store has answered for each object, or that is the object's affair, time and again.
    async fn insist(&self, reading: Reading) -> Result<(), FleetError> {
        let mut tries = 0;
        loop {
            let outcome = match reading {
                Reading::Refreshes => self.refresh().await,
                Reading::LooksOn => self.look_on().await,
            };
            tries += 1;
            if outcome.is_ok() || tries > MOST_UNANSWERED || !self.shared.known().has_to_try() {
                return outcome;
            }
        }
    }

    async fn look_on(&self) -> Result<(), FleetError> {
        let round = Round::new(&self.shared);
        let looked = round.look_on().await;
        let looked = looked.map_err(|problem| self.shared.error(problem));
        self.shared.note(round.began(), looked.clone());
        looked
    }

    /// Which fleet the local copy is of.
    async fn read_copied(&self) {
        let copy = self.shared.local_copy.as_ref();
        if let Some((copied, _)) = copy.and_then(|copy| copy.read().ok()) {
            let copied = SharedStore::new(copied);
            let round = Round::with(&self.shared, &copied);
            if let Some(record) = round.copied_fleet().await {
                let _ = self.shared.copied.set(record);
            }
        }
    }

    /// A key that others may seal with and this worker cannot read would cost their sessions.
    fn check_keys(&self) -> Result<(), FleetError> {
        let known = self.shared.known();
        let mut bad = known.bad.iter();
        let key = bad.find(|(name, _)| matches!(name, ObjectName::Key(_)));
        match key {
            Some((_, bad)) => Err(bad.error.clone()),
            None => Ok(()),
        }
    }

    /// Keys as they were when the store was there; or the error that it is not.
    async fn begin_from_copy(&self, error: &FleetError) -> Result<(), FleetError> {
        let copy = self.shared.local_copy.as_ref();
        let Some((copied, time)) = copy.and_then(|copy| copy.read().ok()) else {
            return Err(error.clone());
        };
        let copied = SharedStore::new(copied);
        let round = Round::with(&self.shared, &copied);
        let _ = round.look_on().await;
        self.shared.known().forget_listings();
        if self.turned(Ok(())).is_err() || self.check_keys().is_err() {
            return Err(error.clone());
        }
        self.shared.note(time, Ok(()));
        Ok(())
    }

    /// Keeps the local copy as the store is.
    pub(super) fn copy(&self, time: u64) {
        let Some(copy) = &self.shared.local_copy else {
            return;
        };
        if let Err(error) = copy.write(self.shared.objects(), time) {
            let path = copy.path().display();
            let problem = format!("the local copy {path} was not written ({error})");
            let fix =
                "make its folder writable; without a copy no worker starts while the store is down";
            self.shared.tell_of_copy(Problem::new(problem, fix));
        }
    }
}
