//! A story: workers that start, refresh, crash and start again, users and operators.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use haversack::{Codec, Key, KeyRing, Lifetime};

use super::{
    chance::Chance,
    judge::{Attempt, Judge, Session, Whom},
    plan::{LIFETIME, MINUTE, PERIOD, POLL, Plan, SECOND},
    store::WorldStore,
    worker::Worker,
    world::{Caller, SharedWorld},
};
use crate::{Fleet, FleetError, fleet::builder::FleetBuilder};

pub(super) struct Story {
    world: SharedWorld,
    plan: Plan,
    chance: Chance,
    begin: u64,
    workers: Vec<Option<Worker>>,
    tasks: BTreeMap<u64, Task>,
    last_task: u64,
    last_life: u64,
    agenda: BinaryHeap<Reverse<(u64, u64, Event)>>,
    entries: u64,
    judge: Judge,
    /// Nothing goes wrong any more.
    is_quiet: bool,
    /// Why a worker did not start last.
    refusal: Option<FleetError>,
}

struct Task {
    worker: usize,
    life: u64,
    kind: Kind,
    future: Pin<Box<dyn Future<Output = Outcome>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Open,
    Refresh,
    /// What an operator does, as the judge knows it.
    Operator(Option<usize>),
}

enum Outcome {
    Opened(Box<Result<Fleet, FleetError>>),
    Done(Result<(), FleetError>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Start(usize),
    Refresh(usize, u64),
    GiveUp(u64),
    Crash(usize, u64),
    SignIn,
    Request,
    Operate,
}

impl Story {
    /// Tells it from begin to end; panics where something is not as promised.
    pub(super) fn tell(plan: Plan) {
        let _telling = Telling(plan.seed);
        let mut story = Story::new(plan);
        let end = story.begin + story.plan.length;
        story.go_on(end);
        // Then nothing goes wrong any more, and the fleet is one again.
        {
            let mut world = story.world.lock();
            world.plan.call_loss = 0;
            world.plan.listing_loss = 0;
            world.plan.outages.clear();
            world.plan.partitions.clear();
        }
        story.is_quiet = true;
        story.go_on(end + 15 * MINUTE);
        let is_up = story.workers.iter().all(Option::is_some);
        assert!(is_up, "a worker does not start: {:?}", story.refusal);
        story
            .judge
            .end(&story.workers, &story.world, !story.plan.redeploys);
    }

    fn new(mut plan: Plan) -> Story {
        let mut chance = Chance::new(plan.seed.wrapping_add(77));
        // Somewhere in a period.
        let begin = (1_800_000_000 + chance.below(PERIOD)) * SECOND;
        for (from, until) in &mut plan.outages {
            (*from, *until) = (begin + *from, begin + *until);
        }
        for (_, from, until) in &mut plan.partitions {
            (*from, *until) = (begin + *from, begin + *until);
        }
        let world = SharedWorld::new(plan.clone(), begin);
        let mut story = Story {
            world,
            chance,
            begin,
            workers: (0..plan.workers).map(|_| None).collect(),
            tasks: BTreeMap::new(),
            last_task: 0,
            last_life: 0,
            agenda: BinaryHeap::new(),
            entries: 0,
            judge: Judge::new(&plan),
            is_quiet: false,
            refusal: None,
            plan,
        };
        for worker in 0..story.plan.workers {
            let at = begin + story.chance.below(2 * SECOND);
            story.plan_for(at, Event::Start(worker));
        }
        story.plan_for(begin + MINUTE, Event::SignIn);
        story.plan_for(begin + MINUTE, Event::Request);
        if let Some(interval) = story.plan.operator {
            story.plan_for(begin + interval, Event::Operate);
        }
        story
    }

    fn now(&self) -> u64 {
        self.world.lock().time
    }

    fn plan_for(&mut self, time: u64, event: Event) {
        self.entries += 1;
        self.agenda.push(Reverse((time, self.entries, event)));
    }

    fn after(&mut self, delay: u64, event: Event) {
        let now = self.now();
        self.plan_for(now + delay, event);
    }

    fn go_on(&mut self, end: u64) {
        loop {
            let planned = self.agenda.peek().map(|Reverse((time, ..))| *time);
            let next = {
                let world = self.world.lock();
                let woken = world.wakes.peek().map(|Reverse((time, _))| *time);
                [planned, woken, world.next_arrival()]
                    .into_iter()
                    .flatten()
                    .min()
            };
            let Some(next) = next.filter(|next| *next <= end) else {
                return;
            };
            {
                let mut world = self.world.lock();
                world.time = next.max(world.time);
                world.arrive();
            }
            self.wake();
            while self
                .agenda
                .peek()
                .is_some_and(|Reverse((time, ..))| *time <= next)
            {
                if let Some(Reverse((.., event))) = self.agenda.pop() {
                    self.happen(event);
                }
            }
        }
    }

    fn wake(&mut self) {
        loop {
            let woken = {
                let mut world = self.world.lock();
                let now = world.time;
                let is_due = world
                    .wakes
                    .peek()
                    .is_some_and(|Reverse((time, _))| *time <= now);
                is_due.then(|| world.wakes.pop()).flatten()
            };
            let Some(Reverse((_, task))) = woken else {
                return;
            };
            self.poll(task);
        }
    }

    fn spawn(
        &mut self,
        worker: usize,
        life: u64,
        kind: Kind,
        future: impl Future<Output = Outcome> + 'static,
    ) -> u64 {
        self.last_task += 1;
        let task = Task {
            worker,
            life,
            kind,
            future: Box::pin(future),
        };
        self.tasks.insert(self.last_task, task);
        self.poll(self.last_task);
        self.last_task
    }

    fn poll(&mut self, id: u64) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        self.world.lock().caller = Caller {
            worker: task.worker,
            task: id,
            is_refresh: !matches!(task.kind, Kind::Operator(_)),
        };
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(outcome) = task.future.as_mut().poll(&mut context)
            && let Some(task) = self.tasks.remove(&id)
        {
            self.ended(id, &task, outcome);
        }
    }

    fn ended(&mut self, id: u64, task: &Task, outcome: Outcome) {
        let listing = self.world.lock().listings.remove(&id);
        match (task.kind, outcome) {
            (_, Outcome::Opened(opened)) => match *opened {
                Ok(fleet) => self.started(task, fleet, listing),
                Err(error) => {
                    self.refusal = Some(error);
                    self.after(30 * SECOND, Event::Start(task.worker));
                }
            },
            (Kind::Operator(attempt), Outcome::Done(done)) => {
                let now = self.now();
                if let Some(attempt) = attempt {
                    self.judge.attempts[attempt].ended = Some(now);
                    self.judge.attempts[attempt].is_done = done.is_ok();
                }
            }
            (_, Outcome::Done(done)) => {
                if let Some(worker) = &mut self.workers[task.worker] {
                    worker.listings = match (done.is_ok(), listing) {
                        (true, Some(listing)) => [Some(listing), worker.listings[0]],
                        _ => [None, None],
                    };
                    self.judge.look(worker);
                }
                self.after(POLL * SECOND, Event::Refresh(task.worker, task.life));
            }
        }
    }

    fn started(&mut self, task: &Task, fleet: Fleet, listing: Option<(u64, bool)>) {
        let lifetime = Lifetime::fixed(Duration::from_secs(LIFETIME));
        let login = Codec::<u64>::sealed("login", fleet.keys())
            .lifetime(lifetime)
            .clock(self.world.clock(task.worker))
            .random(self.world.random())
            .accept_if(fleet.accepts(|user: &u64| *user))
            .build()
            .unwrap();
        fleet.serve(&login).unwrap();
        let worker = Worker {
            number: task.worker,
            life: task.life,
            fleet,
            login,
            listings: [listing, None],
        };
        self.judge.look(&worker);
        self.workers[task.worker] = Some(worker);
        self.after(POLL * SECOND, Event::Refresh(task.worker, task.life));
        if let Some(longest) = self.plan.longest_life.filter(|_| !self.is_quiet) {
            let life = self.chance.below(longest);
            self.after(life, Event::Crash(task.worker, task.life));
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Start(worker) => self.start(worker),
            Event::Refresh(worker, life) => {
                let fleet = self.workers[worker]
                    .as_ref()
                    .filter(|worker| worker.life == life);
                if let Some(fleet) = fleet.map(|worker| worker.fleet.clone()) {
                    let refresh = async move { Outcome::Done(fleet.refresh().await) };
                    let task = self.spawn(worker, life, Kind::Refresh, refresh);
                    self.after(MINUTE, Event::GiveUp(task));
                }
            }
            Event::GiveUp(task) => {
                if let Some(task) = self.tasks.remove(&task) {
                    if let Some(worker) = &mut self.workers[task.worker] {
                        worker.listings = [None, None];
                    }
                    match task.kind {
                        Kind::Open => self.after(30 * SECOND, Event::Start(task.worker)),
                        _ => self.after(POLL * SECOND, Event::Refresh(task.worker, task.life)),
                    }
                }
            }
            Event::Crash(worker, life) => {
                if self.workers[worker]
                    .as_ref()
                    .is_some_and(|worker| worker.life == life && !self.is_quiet)
                {
                    self.workers[worker] = None;
                    let now = self.now();
                    let died = self.tasks.extract_if(.., |_, task| task.life == life);
                    for (_, task) in died {
                        if let Kind::Operator(Some(attempt)) = task.kind {
                            self.judge.attempts[attempt].ended = Some(now);
                        }
                    }
                    let down = self.chance.below(10 * MINUTE);
                    self.after(down, Event::Start(worker));
                }
            }
            Event::SignIn => {
                if let Some(worker) = self.any_worker() {
                    let user = self.chance.below(self.plan.users);
                    self.sign_in(worker, user);
                }
                let delay = self.chance.below(3 * MINUTE);
                self.after(delay, Event::SignIn);
            }
            Event::Request => {
                if let Some(worker) = self.any_worker() {
                    self.request(worker);
                }
                let delay = self.chance.below(MINUTE / 2);
                self.after(delay, Event::Request);
            }
            Event::Operate if self.is_quiet => {}
            Event::Operate => {
                self.operate();
                if let Some(interval) = self.plan.operator {
                    let delay = self.chance.below(2 * interval);
                    self.after(delay, Event::Operate);
                }
            }
        }
    }

    fn start(&mut self, worker: usize) {
        self.last_life += 1;
        let periods = match self.plan.redeploys {
            true => [PERIOD, PERIOD / 2, PERIOD * 2],
            false => [PERIOD; 3],
        };
        let period = periods[self.chance.below(3) as usize];
        let builder = FleetBuilder {
            asked: self.plan.settings(period),
            ..Fleet::new(WorldStore(self.world.clone()), master())
        };
        let builder = builder
            .clock(self.world.clock(worker))
            .random(self.world.random());
        let open = async move { Outcome::Opened(Box::new(builder.open().await)) };
        let task = self.spawn(worker, self.last_life, Kind::Open, open);
        // Where calls take seconds, it reads a dozen keys one after the other.
        self.after(3 * MINUTE, Event::GiveUp(task));
    }

    fn any_worker(&mut self) -> Option<usize> {
        let up = self.workers.iter().flatten().map(|worker| worker.number);
        let up: Vec<usize> = up.collect();
        let chosen = self.chance.below(up.len() as u64) as usize;
        up.get(chosen).copied()
    }

    fn sign_in(&mut self, worker: usize, user: u64) {
        let now = self.now();
        if let Some(worker) = &self.workers[worker] {
            let token = worker.login.seal(&user).unwrap();
            let session = Session::new(worker, user, token, now, self.plan.listing_lag);
            self.judge.sessions.push(session);
        }
    }

    fn request(&mut self, worker: usize) {
        let now = self.now();
        self.judge.forget(now);
        let chosen = self.chance.below(self.judge.sessions.len() as u64) as usize;
        let worker = self.workers[worker].as_ref();
        if let (Some(worker), true) = (worker, chosen < self.judge.sessions.len()) {
            let births = self.world.lock().births.clone();
            self.judge.request(worker, chosen, now, &births);
        }
    }

    fn operate(&mut self) {
        let Some(number) = self.any_worker() else {
            return;
        };
        let user = self.chance.below(self.plan.users);
        match self.chance.below(10) {
            0..5 => {
                if let Some(other) = self.any_worker().filter(|_| self.chance.percent(50)) {
                    // The thief's is the last of the sessions of before.
                    self.sign_in(other, user);
                    self.world.lock().time += 1;
                }
                self.cut_off(number, Whom::User(user));
                if let Some(other) = self.any_worker().filter(|_| self.chance.percent(50)) {
                    self.cut_off(other, Whom::User((user + 1) % self.plan.users));
                }
            }
            5 => self.cut_off(number, Whom::All),
            6..9 => self.revoke(number),
            _ => {
                if let Some(worker) = &self.workers[number] {
                    let (fleet, life) = (worker.fleet.clone(), worker.life);
                    let rotate = async move { Outcome::Done(fleet.rotate_now().await) };
                    self.spawn(number, life, Kind::Operator(None), rotate);
                }
            }
        }
        // And the user is back at once.
        if self.chance.percent(50) {
            self.sign_in(number, user);
        }
    }

    fn cut_off(&mut self, number: usize, whom: Whom) {
        let now = self.now();
        if let Some(worker) = &self.workers[number] {
            let (fleet, life) = (worker.fleet.clone(), worker.life);
            let attempt = self.judge.begin(Attempt::new(whom, worker, now));
            let cut_off = async move {
                Outcome::Done(match whom {
                    Whom::User(user) => fleet.cut_off(user).await,
                    _ => fleet.cut_off_all().await,
                })
            };
            self.spawn(number, life, Kind::Operator(Some(attempt)), cut_off);
        }
    }

    fn revoke(&mut self, number: usize) {
        let now = self.now();
        let Some(worker) = &self.workers[number] else {
            return;
        };
        let (fleet, life) = (worker.fleet.clone(), worker.life);
        let keys = fleet.status().keys;
        let keys: Vec<_> = keys
            .into_iter()
            .filter(|key| !key.key_id.is_empty())
            .collect();
        // Between a revocation and its successor there is none.
        if keys.is_empty() {
            return;
        }
        let key = &keys[self.chance.below(keys.len() as u64) as usize];
        let whom = Whom::Key(key.name.parse().unwrap());
        let attempt = self.judge.begin(Attempt::new(whom, worker, now));
        let key_id = key.key_id.clone();
        let revoke = async move { Outcome::Done(fleet.revoke(&key_id).await) };
        self.spawn(number, life, Kind::Operator(Some(attempt)), revoke);
    }
}

/// Says which story it was, if it goes wrong.
struct Telling(u64);

impl Drop for Telling {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("in the story of seed {}", self.0);
        }
    }
}

/// The master ring of all workers.
fn master() -> KeyRing {
    let mut octets = [0; 32];
    Chance::new(1).fill(&mut octets);
    KeyRing::new(Key::from_bytes(&octets).unwrap())
}
