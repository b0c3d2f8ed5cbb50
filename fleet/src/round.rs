//! One round of a worker: what it asks of the store, in which order, and what it makes of the answers.
//!
//! It may be dropped at any `await`: what is known by then is known, and the next round goes on.

mod adopt;
mod begin;
mod cut_off;
mod keep;
pub(crate) mod listing;
mod make;
mod probe;
mod revoke;

use std::{collections::BTreeSet, mem, sync::Mutex};

use self::{begin::FleetObject, listing::Listing};
use crate::{
    error::Problem,
    event::Event,
    known::{Bad, Held, LastListings},
    mutant::{Mutant, broken},
    name::{ObjectName, Wrapped, cut_offs_from},
    record::Record,
    shared::{Shared, lock},
    store::{LONGEST_OBJECT, shared::SharedStore},
};

/// What a worker does at one time.
pub(crate) struct Round<'f> {
    shared: &'f Shared,
    /// The fleet's store, or a copy of it.
    store: &'f SharedStore,
    /// When it began.
    now: u64,
    /// The first object that the store did not answer for, where the round went on.
    unanswered: Mutex<Option<Problem>>,
}

/// What was found in an object.
enum Found {
    Absent,
    Bad(Problem),
    Good(Held<Record>),
}

impl<'f> Round<'f> {
    pub(crate) fn new(shared: &'f Shared) -> Round<'f> {
        Round::with(shared, &shared.store)
    }

    /// With a copy of the store.
    pub(crate) fn with(shared: &'f Shared, store: &'f SharedStore) -> Round<'f> {
        Round {
            shared,
            store,
            now: shared.now(),
            unanswered: Mutex::default(),
        }
    }

    pub(crate) fn began(&self) -> u64 {
        self.now
    }

    /// One listing, and what follows from it: in rest that is one object read again.
    pub(crate) async fn run(&self) -> Result<(), Problem> {
        let listing = match self.list().await {
            Err(_) if broken(Mutant::MintWhenDown) => return self.mint(),
            listing => listing?,
        };
        let fleet = self.learn(&listing).await?;
        self.keep_in_order(&listing, fleet).await?;
        self.answered()
    }

    /// The same without making or deleting anything, in a store that has a fleet.
    pub(crate) async fn look_on(&self) -> Result<(), Problem> {
        let listing = self.list().await?;
        self.learn(&listing).await?;
        self.answered()
    }

    /// What others did.
    async fn learn(&self, listing: &Listing) -> Result<FleetObject, Problem> {
        // First what this fleet is, so that nothing of another one is taken for its own.
        let fleet = self.know_fleet(listing).await?;
        self.cut_off_listed(listing);
        self.note_listing(listing);
        // What was revoked before what is there: a key that was is not read again.
        self.learn_revocations(listing).await;
        self.learn_keys(listing).await;
        self.find_lost().await?;
        if !listing.is_whole {
            self.check_one(listing).await;
        }
        Ok(fleet)
    }

    /// What this worker has to do.
    async fn keep_in_order(&self, listing: &Listing, fleet: FleetObject) -> Result<(), Problem> {
        self.put_back(fleet).await?;
        self.delete_revoked(listing).await;
        self.make_due().await?;
        self.wrap_anew().await?;
        if listing.is_whole {
            self.clean(listing).await;
        }
        Ok(())
    }

    fn answered(&self) -> Result<(), Problem> {
        lock(&self.unanswered).take().map_or(Ok(()), Err)
    }

    /// All objects but cut-offs that are known for certain; now and then those too.
    async fn list(&self) -> Result<Listing, Problem> {
        // Until this one came to something: what the last one left out may be in it alone.
        let since = mem::take(&mut self.shared.known().listed);
        self.list_since(since).await
    }

    /// The same in between, for what somebody does there.
    pub(crate) async fn list_between(&self) -> Result<Listing, Problem> {
        let since = self.shared.known().listed;
        self.list_since(since).await
    }

    async fn list_since(&self, since: LastListings) -> Result<Listing, Problem> {
        let is_due_whole =
            self.shared.known().listings.is_multiple_of(WHOLE_EVERY) || since.is_after(self.now);
        let look_back = match broken(Mutant::ListFromLastSeen) {
            true => 0,
            false => self.shared.settings.look_back,
        };
        // What the last one left out, and nothing had before it.
        let from = since.before.filter(|_| !is_due_whole);
        let after = from.map(|at| cut_offs_from(at.saturating_sub(look_back)));
        let listed = self.store.list(&after.unwrap_or_default()).await;
        let listed = listed.map_err(Problem::unlisted)?;
        Ok(Listing::new(listed, from.is_none(), since))
    }

    /// What follows from a listing is known.
    fn note_listing(&self, listing: &Listing) {
        let mut known = self.shared.known();
        known.listings += 1;
        // After a clock that was ahead this listing and the next one are of all.
        let is_back = listing.since.is_after(self.now);
        known.listed = LastListings {
            last: Some(self.now),
            before: listing.since.last.filter(|_| !is_back),
        };
        if broken(Mutant::ListFromLastSeen) {
            let newest = listing.cut_offs.iter().map(|name| name.time + 1).max();
            let last = newest.or(Some(self.now));
            known.listed = LastListings { last, before: last };
        }
    }

    /// What an object holds, in whichever of its wrappings this worker can read.
    async fn open(&self, name: ObjectName, unders: &BTreeSet<u32>) -> Found {
        let wrapping = self.shared.wrapping.load_full();
        // What is listed under a key of ours, the original, and what a listing may have left out.
        let (listed, unlisted): (Vec<u32>, Vec<u32>) =
            wrapping.ids().iter().partition(|id| unders.contains(id));
        let under = |id| name.under(id);
        let listed = listed.into_iter().map(under);
        let unlisted = unlisted.into_iter().map(under);
        let mut refused = None;
        for object in listed.chain([name.original()]).chain(unlisted) {
            let content = match self.read(object).await {
                Ok(Some(content)) => content,
                Ok(None) => continue,
                // It may be this object alone.
                Err(problem) => {
                    refused = Some(problem);
                    continue;
                }
            };
            match wrapping.unwrap(object, &content) {
                Ok(unwrapped) => {
                    return Found::Good(Held {
                        record: unwrapped.record,
                        object,
                        content,
                        is_under_newest: unwrapped.is_under_newest,
                        unders: unders.clone(),
                    });
                }
                Err(problem) => _ = refused.get_or_insert(problem),
            }
        }
        refused.map_or(Found::Absent, Found::Bad)
    }

    /// The content of an object.
    async fn read(&self, object: Wrapped) -> Result<Option<Vec<u8>>, Problem> {
        let read = self.store.read(&object.to_string()).await;
        let content = read.map_err(|error| Problem::unanswered("read", object, error))?;
        // No record is as long, and nobody is to fill the memory.
        Ok(content.map(|mut content| {
            content.truncate(LONGEST_OBJECT + 1);
            content
        }))
    }

    /// Creates an object; whether this call did.
    async fn create(&self, object: Wrapped, content: &[u8]) -> Result<bool, Problem> {
        let created = self.store.create(&object.to_string(), content).await;
        created.map_err(|error| Problem::unanswered("create", object, error))
    }

    async fn delete(&self, object: Wrapped) -> Result<(), Problem> {
        let deleted = self.store.delete(&object.to_string()).await;
        deleted.map_err(|error| Problem::unanswered("delete", object, error))
    }

    /// Deletes what nobody needs; whether it is gone. If it is not, the round goes on.
    async fn delete_spare(&self, object: Wrapped) -> bool {
        match self.delete(object).await {
            Ok(()) => true,
            Err(problem) => {
                self.refuse(object.name, problem, &BTreeSet::new());
                false
            }
        }
    }

    /// Notes an object that cannot be used, and tells of it once.
    fn refuse(&self, name: ObjectName, problem: Problem, unders: &BTreeSet<u32>) {
        let is_unanswered = problem.is_unanswered;
        let error = self.shared.error(problem.clone());
        {
            let mut known = self.shared.known();
            let before = known.bad.get(&name).map(|bad| bad.unanswered);
            let unanswered = match is_unanswered {
                true => before.unwrap_or(0).saturating_add(1),
                false => 0,
            };
            let bad = Bad {
                error: error.clone(),
                unders: unders.clone(),
                unanswered,
            };
            if known.is_full_of_bad() && before.is_none() {
                return;
            }
            if bad.is_to_try() {
                lock(&self.unanswered).get_or_insert(problem);
            }
            known.bad.insert(name, bad);
            if before.is_some() {
                return;
            }
        }
        self.shared.tell(&Event::ObjectRefused { error: &error });
    }
}

/// So many listings are of what is new, until one is of all: that one also finds what may be deleted.
const WHOLE_EVERY: u64 = 60;
