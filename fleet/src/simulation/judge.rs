//! What a fleet promises, and whether it was kept.

use std::collections::BTreeMap;

use super::{
    plan::{MINUTE, PERIOD, Plan, SECOND, SKEW},
    worker::Worker,
    world::SharedWorld,
};
use crate::name::KeyName;

pub(super) struct Judge {
    lag: u64,
    loss: u64,
    slowest: u64,
    pub(super) sessions: Vec<Session>,
    pub(super) attempts: Vec<Attempt>,
    /// The id of the key of each name, whoever had it in the ring.
    ids: BTreeMap<KeyName, String>,
}

/// A session that somebody signed in to.
pub(super) struct Session {
    user: u64,
    token: String,
    signed_in: u64,
    ends: u64,
    key: KeyName,
    /// Its key sealed before all could know it, as the one before was revoked.
    is_at_once: bool,
    /// Its worker could reach the store lately.
    is_ready: bool,
    by: (usize, u64),
    /// What its worker knew by then.
    known_until: Option<u64>,
}

/// Whose sessions an operator wants gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    All,
    User(u64),
    Key(KeyName),
}

/// What an operator wanted, and what came of it.
#[derive(Debug)]
pub(super) struct Attempt {
    whom: Whom,
    by: (usize, u64),
    began: u64,
    pub(super) ended: Option<u64>,
    pub(super) is_done: bool,
}

impl Attempt {
    pub(super) fn new(whom: Whom, worker: &Worker, began: u64) -> Attempt {
        Attempt {
            whom,
            by: (worker.number, worker.life),
            began,
            ended: None,
            is_done: false,
        }
    }

    /// When it was done, and from then on this worker knows of it.
    fn binds(&self, worker: &Worker, lag: u64) -> bool {
        let Some(ended) = self.ended.filter(|_| self.is_done) else {
            return false;
        };
        let is_asked = self.by == (worker.number, worker.life);
        is_asked || worker.knows_until(lag).is_some_and(|until| until >= ended)
    }
}

impl Session {
    pub(super) fn new(worker: &Worker, user: u64, token: String, now: u64, lag: u64) -> Session {
        let shared = &worker.fleet.shared;
        let key = shared.names()[0];
        let is_at_once = {
            let known = shared.known();
            let record = known.keys.get(&key).map(|held| &held.record);
            let has_revoked = !known.revoked.is_empty();
            record.is_some_and(|record| {
                record.lead == 0 || has_revoked && shared.now() < record.made + record.lead
            })
        };
        let opened = worker.login.open(&token);
        let opened = opened
            .unwrap_or_else(|reason| panic!("a session does not open that just started: {reason}"));
        Session {
            user,
            token,
            signed_in: now,
            ends: opened.facts().ends_at,
            key,
            is_at_once,
            is_ready: worker.fleet.health().is_ready,
            by: (worker.number, worker.life),
            known_until: worker.knows_until(lag),
        }
    }
}

impl Judge {
    pub(super) fn new(plan: &Plan) -> Judge {
        Judge {
            lag: plan.listing_lag,
            loss: plan.listing_loss + plan.call_loss,
            slowest: plan.slowest_call,
            sessions: Vec::new(),
            attempts: Vec::new(),
            ids: BTreeMap::new(),
        }
    }

    pub(super) fn begin(&mut self, attempt: Attempt) -> usize {
        self.attempts.push(attempt);
        self.attempts.len() - 1
    }

    /// Sessions that ended by every clock are of no interest.
    pub(super) fn forget(&mut self, now: u64) {
        self.sessions
            .retain(|session| now / SECOND < session.ends + 2 * SKEW);
    }

    /// After each refresh.
    pub(super) fn look(&mut self, worker: &Worker) {
        let shared = &worker.fleet.shared;
        let names = shared.names();
        let ring = worker.fleet.keys();
        for (name, key) in names.iter().zip(ring.keys()) {
            let id = self.ids.entry(*name).or_insert_with(|| key.id());
            assert_eq!(*id, key.id(), "two keys of one name: {name}");
        }
        for attempt in &self.attempts {
            if let Whom::Key(name) = attempt.whom
                && attempt.binds(worker, self.lag)
            {
                assert!(
                    !names.contains(&name),
                    "{name} was revoked and opens: {attempt:?}"
                );
            }
        }
    }

    /// A session comes to a worker.
    pub(super) fn request(
        &self,
        worker: &Worker,
        session: usize,
        now: u64,
        births: &BTreeMap<String, u64>,
    ) {
        let session = &self.sessions[session];
        let opened = worker.login.open(&session.token);
        assert!(
            opened.is_err() || !self.outlives(worker, session, births),
            "a session under {}, which was revoked, would be sealed anew under its successor",
            session.key
        );
        if let Some(attempt) = self.refuses(worker, session) {
            assert!(
                opened.is_err(),
                "a session opens that was signed in to at {} at {:?}, at {} at {now}, which knows all until {:?}: {attempt:?}",
                session.signed_in,
                session.by,
                worker.number,
                worker.knows_until(self.lag),
            );
        } else if self.must_open(worker, session, now, births)
            && let Err(reason) = opened
        {
            eprintln!("DEBUG {}\n{}", worker.fleet.status(), worker.fleet.health());
            let now_s = now / SECOND;
            eprintln!(
                "now {now_s} signed {} by {:?}",
                session.signed_in / SECOND,
                session.by
            );
            for a in &self.attempts {
                eprintln!("{a:?}");
            }
            for (n, t) in births {
                if !n.contains("probes") {
                    eprintln!("{n} {t}");
                }
            }
            panic!(
                "a session is lost ({reason}): signed in {} s ago at {:?} with {}, refused at {} which knows {:?} s",
                (now - session.signed_in) / SECOND,
                session.by,
                session.key,
                worker.number,
                worker
                    .knows_until(self.lag)
                    .map(|until| (now - until) / SECOND),
            );
        }
    }

    /// Whether this worker would seal a session anew under a key that took the place of a revoked one, that
    /// of the session: then the session would not end with its key.
    fn outlives(&self, worker: &Worker, session: &Session, births: &BTreeMap<String, u64>) -> bool {
        let shared = &worker.fleet.shared;
        let seals = shared.names()[0];
        let is_successor = {
            let known = shared.known();
            let held = known.keys.get(&seals);
            held.is_some_and(|held| held.record.lead == 0)
        };
        let revoked = births.get(&session.key.tombstone().to_string());
        let made = births.get(&seals.object().to_string());
        // A worker that reads the one and not the other makes an exception for a poll.
        let is_after = revoked
            .zip(made)
            .is_some_and(|(revoked, made)| revoked < made);
        self.loss == 0 && is_successor && is_after
    }

    /// What an operator did, for which a worker must refuse a session.
    fn refuses(&self, worker: &Worker, session: &Session) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| {
            let is_of_before = session.signed_in < attempt.began;
            let is_meant = match attempt.whom {
                Whom::All => is_of_before,
                Whom::User(user) => is_of_before && session.user == user,
                Whom::Key(key) => session.key == key,
            };
            is_meant && attempt.binds(worker, self.lag)
        })
    }

    fn must_open(
        &self,
        worker: &Worker,
        session: &Session,
        now: u64,
        births: &BTreeMap<String, u64>,
    ) -> bool {
        let clock = worker.fleet.shared.now();
        clock < session.ends
            && session.is_ready
            && !self.may_be_cut_off(session, now)
            && self.must_know(worker, session, births)
    }

    fn may_be_cut_off(&self, session: &Session, now: u64) -> bool {
        self.attempts.iter().any(|attempt| {
            if let Whom::Key(key) = attempt.whom {
                return session.key == key;
            }
            let is_meant = match attempt.whom {
                Whom::User(user) => session.user == user,
                _ => true,
            };
            // What was under way may arrive a little later.
            let ended = attempt.ended.map_or(now, |ended| ended + self.slowest);
            let knew = attempt.is_done
                && session.signed_in > ended
                && (attempt.by == session.by
                    || session.known_until.is_some_and(|until| until > ended));
            // Clocks differ, and of several cut-offs each is later than the one before.
            let is_long_after = session.signed_in > ended + (2 * SKEW + 22) * SECOND;
            is_meant && !knew && !is_long_after
        })
    }

    fn must_know(
        &self,
        worker: &Worker,
        session: &Session,
        births: &BTreeMap<String, u64>,
    ) -> bool {
        let Some(until) = worker.knows_until(self.lag) else {
            return false;
        };
        let born = births.get(&session.key.object().to_string());
        if born.is_some_and(|born| *born < until) {
            return true;
        }
        // It polled in time: its last refresh but two was not before that.
        !session.is_at_once && until + 2 * MINUTE > session.signed_in
    }

    /// When all has been well for a while.
    pub(super) fn end(&self, workers: &[Option<Worker>], world: &SharedWorld, is_one_period: bool) {
        let now = world.lock().time / SECOND;
        let mut rings = Vec::new();
        for worker in workers.iter().flatten() {
            let health = worker.fleet.health();
            assert!(health.is_well(), "{health}");
            let shared = &worker.fleet.shared;
            // By one clock, as some turn a moment before others.
            let schedule = shared.known().schedule(shared.settings.opens_for);
            let mut ring = schedule.ring(now);
            // What was made a moment ago waits until all know it.
            let seals = |name: &KeyName| {
                schedule
                    .span(*name)
                    .is_some_and(|span| span.seals_from <= now)
            };
            ring.retain(seals);
            rings.push(ring);
        }
        assert!(rings.iter().all(|ring| *ring == rings[0]), "{rings:?}");
        // A key of this period seals, or it has just begun.
        if is_one_period {
            assert!(rings[0][0].begin + PERIOD + 20 * 60 > now, "{rings:?}");
        }
        // What is over is deleted in time.
        let names = world.lock().names().len();
        assert!(names < 400, "{names} objects");
    }
}
