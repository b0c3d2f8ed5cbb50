//! A new key brought to several servers, one after the other.

use haversack::{Codec, Rejected};

use crate::{
    clients::Client,
    support::{HOUR, NOW, OneHeader as _, TestClock, Twin, twins, written},
};

/// The keys of a server at each step, the one that seals first.
const STEPS: [&[u8]; 4] = [&[1], &[1, 2], &[2, 1], &[2]];
/// The step at which the old key is gone, taken when what it sealed is past its end.
const RETIRED: usize = 3;

/// Two servers, and what clients hold.
struct Fleet {
    twin: Twin,
    servers: [Codec<u64>; 2],
    /// Values of the request header.
    clients: Vec<String>,
}

impl Fleet {
    fn new(twin: Twin, clock: &TestClock) -> Fleet {
        let server = || {
            let builder = twin.builder("login", STEPS[0]).clock(clock.clone());
            builder.build().unwrap()
        };
        let clients = Vec::new();
        Fleet {
            twin,
            servers: [server(), server()],
            clients,
        }
    }

    /// Somebody signs in at each server.
    fn sign_in(&mut self) {
        for server in &self.servers {
            let value = server.write(&7).unwrap();
            self.clients.extend(self.twin.answer(&value));
        }
    }

    /// Every client visits both servers, each first, and keeps what they send.
    fn visit(&mut self, when: &str) {
        let mut kept = Vec::new();
        for client in &self.clients {
            for order in [[0, 1, 0], [1, 0, 1]] {
                let mut sends = Some(client.clone());
                for server in order.map(|server| &self.servers[server]) {
                    let session = server.session(&sends);
                    assert_eq!(session.rejected(), None, "{:?} {when}", self.twin);
                    assert_eq!(session.get().as_deref(), Some(&7), "{:?} {when}", self.twin);
                    if let Some(value) = written(&session, server) {
                        sends = self.twin.answer(&value);
                        kept.extend(sends.clone());
                    }
                }
            }
        }
        self.clients.extend(kept);
        self.clients.truncate(64);
    }
}

/// Every order in which two servers take the steps, neither of them two steps ahead.
fn schedules(at: [usize; 2]) -> Vec<Vec<usize>> {
    if at == [RETIRED; 2] {
        return vec![Vec::new()];
    }
    let mut schedules = Vec::new();
    for server in [0, 1] {
        let mut next = at;
        next[server] += 1;
        if next[server] <= RETIRED && next[0].abs_diff(next[1]) <= 1 {
            let rest = self::schedules(next).into_iter();
            schedules.extend(rest.map(|rest| [vec![server], rest].concat()));
        }
    }
    schedules
}

#[test]
fn a_rollout_in_three_steps_rejects_no_session_in_any_order_of_servers_and_visits() {
    assert_eq!(schedules([0, 0]).len(), 8);
    for twin in twins() {
        for schedule in schedules([0, 0]) {
            let clock = TestClock::at(NOW);
            let mut fleet = Fleet::new(twin, &clock);
            fleet.sign_in();
            let mut at = [0; 2];
            for server in &schedule {
                if at == [RETIRED - 1; 2] {
                    // What was sealed by now ends before the old key goes.
                    clock.advance(24 * HOUR - 1);
                    fleet.clients.clear();
                    fleet.sign_in();
                    clock.advance(1);
                }
                at[*server] += 1;
                let keys = twin.format.keys(STEPS[at[*server]]);
                fleet.servers[*server].rotate(keys).unwrap();
                fleet.sign_in();
                fleet.visit(&format!("{schedule:?} at {at:?}"));
            }
        }
    }
}

#[test]
fn a_key_that_seals_before_it_is_known_everywhere_signs_people_out_elsewhere() {
    for twin in twins() {
        let mut fleet = Fleet::new(twin, &TestClock::at(NOW));
        fleet.servers[0].rotate(twin.format.keys(STEPS[2])).unwrap();
        fleet.sign_in();
        let session = fleet.servers[1].session([&fleet.clients[0]]);
        assert_eq!(session.rejected(), Some(Rejected::UnknownKey), "{twin:?}");
    }
}

#[test]
fn a_key_replaced_in_one_step_loses_no_session_once_every_worker_has_it() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let worker = || {
            let builder = twin.builder::<u64>("login", &[1]).clock(clock.clone());
            builder.build().unwrap()
        };
        let workers = [worker(), worker(), worker()];
        let mut signed_in = 0;
        let mut clients = Vec::new();
        for generation in 2..7 {
            // One worker after the other gets a ring in which the new key seals at once.
            for at in 0..workers.len() {
                workers[at]
                    .rotate(twin.format.keys(&[generation, generation - 1]))
                    .unwrap();
                clients.extend(workers.iter().map(|worker| {
                    let mut client = Client::new(twin);
                    client.visit(worker, |session| session.start(signed_in));
                    signed_in += 1;
                    client
                }));
                // Everybody goes from worker to worker, and is refused by those that lag.
                for client in &mut clients {
                    workers
                        .iter()
                        .for_each(|worker| _ = client.visit(worker, |_| ()));
                }
            }
            for (user, client) in clients.iter_mut().enumerate() {
                for worker in &workers {
                    client.visit(worker, |session| {
                        assert_eq!(session.get().as_deref(), Some(&(user as u64)), "{twin:?}");
                    });
                }
            }
        }
    }
}
