//! Time, the objects of a store, and what is under way to it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    sync::{Arc, Mutex, MutexGuard},
};

use haversack::{Clock, Random, RandomError};

use super::{
    chance::Chance,
    plan::{Plan, SECOND},
};
use crate::store::{Listed, StoreError};

/// What an answer is put into when it is there.
pub(super) type Slot = Arc<Mutex<Option<Answer>>>;

#[derive(Debug)]
pub(super) enum Answer {
    Created(Result<bool, StoreError>),
    Read(Result<Option<Vec<u8>>, StoreError>),
    Listed(Result<Vec<Listed>, StoreError>),
    Deleted(Result<(), StoreError>),
}

#[derive(Debug)]
pub(super) enum Call {
    Create(String, Vec<u8>),
    Read(String),
    List(String),
    Delete(String),
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Caller {
    pub(super) worker: usize,
    pub(super) task: u64,
    /// A refresh: only its listings leave things out.
    pub(super) is_refresh: bool,
}

pub(super) struct World {
    pub(super) plan: Plan,
    /// Since 1970.
    pub(super) time: u64,
    pub(super) chance: Chance,
    pub(super) caller: Caller,
    objects: BTreeMap<String, Object>,
    /// Calls that have not reached the store yet, by when they do.
    arriving: BTreeMap<(u64, u64), (Caller, Call, Slot, u64)>,
    /// When tasks go on.
    pub(super) wakes: BinaryHeap<Reverse<(u64, u64)>>,
    calls: u64,
    /// What was left out of a worker's last listing, and is in its next one.
    left_out: BTreeSet<(usize, String)>,
    /// When the last listing of a task reached the store, and whether it had all.
    pub(super) listings: BTreeMap<u64, (u64, bool)>,
    /// When objects were created.
    pub(super) births: Arc<BTreeMap<String, u64>>,
}

#[derive(Debug)]
struct Object {
    content: Vec<u8>,
    created: u64,
}

/// Everything has a hand in it.
#[derive(Clone)]
pub(super) struct SharedWorld(Arc<Mutex<World>>);

impl SharedWorld {
    pub(super) fn new(plan: Plan, begin: u64) -> SharedWorld {
        let chance = Chance::new(plan.seed ^ 0xf1ee_7000);
        SharedWorld(Arc::new(Mutex::new(World {
            plan,
            time: begin,
            chance,
            caller: Caller {
                worker: 0,
                task: 0,
                is_refresh: false,
            },
            objects: BTreeMap::new(),
            arriving: BTreeMap::new(),
            wakes: BinaryHeap::new(),
            calls: 0,
            left_out: BTreeSet::new(),
            listings: BTreeMap::new(),
            births: Arc::default(),
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(|error| error.into_inner())
    }

    /// A worker's clock.
    pub(super) fn clock(&self, worker: usize) -> impl Clock {
        let world = self.clone();
        move || {
            let world = world.lock();
            world.clock(worker)
        }
    }

    pub(super) fn random(&self) -> impl Random {
        struct OfWorld(SharedWorld);

        impl Random for OfWorld {
            fn fill(&self, octets: &mut [u8]) -> Result<(), RandomError> {
                self.0.lock().chance.fill(octets);
                Ok(())
            }
        }

        OfWorld(self.clone())
    }
}

impl World {
    /// A worker's time in seconds.
    pub(super) fn clock(&self, worker: usize) -> u64 {
        self.time.saturating_add_signed(self.plan.clocks[worker]) / SECOND
    }

    /// Sends a call off; the answer is there when the caller is woken.
    pub(super) fn send(&mut self, call: Call) -> Slot {
        let slot = Slot::default();
        let slowest = self.plan.slowest_call;
        let arrives = self.time + 1 + self.chance.below(slowest / 2);
        let answered = arrives + 1 + self.chance.below(slowest / 2);
        self.calls += 1;
        let id = (arrives, self.calls);
        self.arriving
            .insert(id, (self.caller, call, Arc::clone(&slot), answered));
        self.wakes.push(Reverse((answered, self.caller.task)));
        slot
    }

    /// When something is next, but not when tasks go on.
    pub(super) fn next_arrival(&self) -> Option<u64> {
        self.arriving.keys().next().map(|(time, _)| *time)
    }

    /// Lets all calls happen that have reached the store by now, whoever has died since.
    pub(super) fn arrive(&mut self) {
        while let Some(entry) = self
            .arriving
            .first_entry()
            .filter(|entry| entry.key().0 <= self.time)
        {
            let ((time, _), (caller, call, slot, _)) = entry.remove_entry();
            let is_lost = self.chance.percent(self.plan.call_loss);
            let reaches = self.plan.reaches(caller.worker, time);
            // Some of those that fail have happened all the same.
            let happens = reaches && (!is_lost || self.chance.percent(50));
            let answer = happens.then(|| self.happen(caller, &call));
            let fails = !reaches || is_lost;
            let answer = match answer {
                Some(answer) if !fails => answer,
                _ => failed(&call),
            };
            *slot.lock().unwrap_or_else(|error| error.into_inner()) = Some(answer);
        }
    }

    fn happen(&mut self, caller: Caller, call: &Call) -> Answer {
        match call {
            Call::Create(name, content) => {
                let is_new = !self.objects.contains_key(name);
                if is_new {
                    let object = Object {
                        content: content.clone(),
                        created: self.time,
                    };
                    self.objects.insert(name.clone(), object);
                    Arc::make_mut(&mut self.births).insert(name.clone(), self.time);
                }
                Answer::Created(Ok(is_new))
            }
            Call::Read(name) => {
                let object = self.objects.get(name);
                Answer::Read(Ok(object.map(|object| object.content.clone())))
            }
            Call::List(after) => Answer::Listed(Ok(self.list(caller, after))),
            Call::Delete(name) => {
                self.objects.remove(name);
                Answer::Deleted(Ok(()))
            }
        }
    }

    fn list(&mut self, caller: Caller, after: &str) -> Vec<Listed> {
        let lag = self.plan.listing_lag;
        let loss = match caller.is_refresh {
            true => self.plan.listing_loss,
            false => 0,
        };
        let visible = self
            .objects
            .iter()
            .filter(|(name, object)| name.as_str() > after && object.created + lag <= self.time);
        let visible: Vec<(String, u64)> = visible
            .map(|(name, object)| (name.clone(), object.created))
            .collect();
        let mut listed = Vec::new();
        let mut is_whole = true;
        for (name, created) in visible {
            let entry = (caller.worker, name.clone());
            let was_left_out = caller.is_refresh && self.left_out.remove(&entry);
            if !was_left_out && self.chance.percent(loss) {
                self.left_out.insert(entry);
                is_whole = false;
                continue;
            }
            listed.push(Listed::new(name).created(created / SECOND));
        }
        self.listings.insert(caller.task, (self.time, is_whole));
        listed
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.objects.keys().map(String::as_str).collect()
    }
}

fn failed(call: &Call) -> Answer {
    let error = StoreError::new("no answer");
    match call {
        Call::Create(..) => Answer::Created(Err(error)),
        Call::Read(_) => Answer::Read(Err(error)),
        Call::List(_) => Answer::Listed(Err(error)),
        Call::Delete(_) => Answer::Deleted(Err(error)),
    }
}
