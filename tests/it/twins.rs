//! One suite over both formats and every carrier.

mod several;

use std::{cell::Cell, collections::HashSet, thread, time::Duration};

use haversack::{Codec, Lifetime, Session};

use crate::support::{Client, HOUR, Login, NOW, TestClock, Twin, login, twins, written};

#[test]
fn a_session_is_empty_then_started_then_read_then_ended() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = twin.builder("login", &[1]).clock(clock).build().unwrap();
        let mut client = Client::new(twin, &codec);

        assert!(
            client
                .request(|session| {
                    assert!(session.get().is_none());
                    assert_eq!(session.id(), None);
                    assert_eq!(session.rejected(), None);
                })
                .is_none(),
            "{twin:?}: nothing was done, so nothing is written"
        );
        assert!(client.request(|session| session.start(login())).is_some());
        assert!(
            client
                .request(|session| assert_eq!(*session.get().unwrap(), login()))
                .is_none(),
            "{twin:?}: a read writes nothing"
        );
        assert!(client.request(Session::end).is_some());
        assert_eq!(client.sends, None, "{twin:?}");
    }
}

#[test]
fn an_update_raises_the_version_by_one_and_keeps_id_and_start() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = sliding(twin, &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        let (id, ends) = (
            client.session().id(),
            client.session().facts().map(|facts| facts.ends_at),
        );
        assert_eq!(
            client.session().facts().map(|facts| facts.version),
            Some(0),
            "{twin:?}"
        );
        for count in 1..=3 {
            clock.advance(1);
            client.request(|session| {
                let user = session.update(|login| {
                    login.user += 1;
                    login.user
                });
                assert_eq!(user, Some(7 + count), "{twin:?}");
                assert_eq!(session.get().unwrap().user, 7 + count, "{twin:?}");
            });
            let session = client.session();
            assert_eq!(session.get().unwrap().user, 7 + count, "{twin:?}");
            assert_eq!(
                session.facts().map(|facts| facts.version),
                Some(count as u32),
                "{twin:?}"
            );
            assert_eq!(
                (session.id(), session.facts().map(|facts| facts.ends_at)),
                (id, ends),
                "{twin:?}"
            );
            assert_eq!(
                session.facts().map(|facts| facts.started_at),
                Some(NOW),
                "{twin:?}"
            );
            assert_eq!(
                session.facts().map(|facts| facts.issued_at),
                Some(NOW + count),
                "{twin:?}"
            );
            assert_eq!(
                session.facts().map(|facts| facts.expires_at),
                Some(NOW + count + IDLE),
                "{twin:?}"
            );
        }
        client.request(|session| {
            session.update(|login| login.user = 1);
            session.update(|login| login.name.push('!'));
        });
        assert_eq!(
            client.session().facts().map(|facts| facts.version),
            Some(5),
            "{twin:?}"
        );
        let value = client.session().get().unwrap();
        assert_eq!((value.user, &*value.name), (1, "Ada!"), "{twin:?}");
    }
}

#[test]
fn a_start_gives_a_new_id_new_clocks_and_version_zero() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = sliding(twin, &clock);
        let mut client = Client::new(twin, &codec);
        let mut ids = Vec::new();
        for count in 0..3 {
            clock.set(NOW + 100 * count);
            client.request(|session| {
                session.start(login());
                ids.push(session.id());
                session.update(|login| login.user = 1);
                session.start(login());
                ids.push(session.id());
            });
            let session = client.session();
            assert_eq!(session.id(), *ids.last().unwrap(), "{twin:?}");
            assert_eq!(*session.get().unwrap(), login(), "{twin:?}");
            assert_eq!(
                session.facts().map(|facts| facts.version),
                Some(0),
                "{twin:?}"
            );
            assert_eq!(
                session.facts().map(|facts| facts.started_at),
                Some(NOW + 100 * count),
                "{twin:?}"
            );
            client.request(|session| session.update(|login| login.user = 1));
        }
        let distinct: HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{twin:?}");
    }
}

#[test]
fn of_start_and_end_the_later_wins_and_nothing_else_brings_a_session_back() {
    type Act = fn(&Session<Login>);
    let (start, end): (Act, Act) = (|session| session.start(login()), Session::end);
    let acts: [(&str, Act); 4] = [
        ("start", start),
        ("update", |session| {
            _ = session.update(|login| login.user += 1)
        }),
        ("renew", Session::renew),
        ("end", end),
    ];
    for twin in twins() {
        let codec = twin.builder("login", &[1]).build().unwrap();
        let live = twin.carry(&codec, &codec.seal(&login()).unwrap());
        for order in permutations(&acts) {
            for sends in [None, Some(live.clone())] {
                let mut client = Client::new(twin, &codec);
                client.sends = sends;
                let names: Vec<_> = order.iter().map(|(name, _)| *name).collect();
                let place = |name| names.iter().position(|other| *other == name);
                let live = place("start") > place("end");
                let response = client.request(|session| {
                    order.iter().for_each(|(_, act)| act(session));
                    assert_eq!(session.get().is_some(), live, "{twin:?} {names:?}");
                    assert_eq!(session.id().is_some(), live, "{twin:?} {names:?}");
                });
                assert!(response.is_some(), "{twin:?} {names:?}");
                assert_eq!(client.sends.is_some(), live, "{twin:?} {names:?}");
                if live {
                    assert!(client.session().get().is_some(), "{twin:?} {names:?}");
                }
            }
        }
    }
}

#[test]
fn an_update_puts_nothing_of_its_session_into_one_that_replaced_it_meanwhile() {
    for twin in twins() {
        let codec = twin.builder("login", &[1]).build().unwrap();
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        let grace = || Login {
            name: "Grace".into(),
            ..login()
        };
        let session = client.session();
        assert!(session.update(|_| session.start(grace())).is_none());
        assert_eq!(session.get().as_deref(), Some(&grace()), "{twin:?}");
        assert_eq!(
            session.facts().map(|facts| facts.version),
            Some(0),
            "{twin:?}"
        );

        assert!(session.update(|_| session.end()).is_none());
        assert!(session.get().is_none(), "{twin:?}");
    }
}

#[test]
fn an_update_of_an_empty_session_is_not_called() {
    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let called = Cell::new(false);
        let update = |session: &Session<Login>| {
            assert!(session.update(|_| called.set(true)).is_none(), "{twin:?}");
            session.renew();
        };
        let mut client = Client::new(twin, &codec);
        assert!(
            client.request(update).is_none(),
            "{twin:?}: nothing is written"
        );
        client.request(|session| {
            session.start(login());
            session.end();
            update(session);
        });
        assert!(!called.get(), "{twin:?}");
    }
}

#[test]
fn a_renewal_that_is_asked_for_moves_the_idle_deadline_and_nothing_else() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = sliding(twin, &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        client.request(|session| session.update(|login| login.user = 1));
        let before = client.session();
        clock.advance(1);
        assert!(client.request(|_| ()).is_none(), "{twin:?}: not due");
        assert!(client.request(Session::renew).is_some(), "{twin:?}");
        let after = client.session();
        assert_eq!(
            after.facts().map(|facts| facts.issued_at),
            Some(NOW + 1),
            "{twin:?}"
        );
        assert_eq!(
            after.facts().map(|facts| facts.expires_at),
            Some(NOW + 1 + IDLE),
            "{twin:?}"
        );
        assert_eq!(after.get(), before.get(), "{twin:?}");
        assert_eq!(after.id(), before.id(), "{twin:?}");
        assert_eq!(
            after.facts().map(|facts| facts.version),
            before.facts().map(|facts| facts.version),
            "{twin:?}"
        );
        assert_eq!(
            after.facts().map(|facts| facts.started_at),
            before.facts().map(|facts| facts.started_at),
            "{twin:?}"
        );
        assert_eq!(
            after.facts().map(|facts| facts.ends_at),
            before.facts().map(|facts| facts.ends_at),
            "{twin:?}"
        );
    }
}

#[test]
fn a_new_id_keeps_the_value_the_version_the_start_and_the_absolute_deadline() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = sliding(twin, &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        client.request(|session| session.update(|login| login.user = 1));
        let before = client.session();
        clock.advance(10);
        client.request(Session::new_id);
        let after = client.session();
        assert_ne!(after.id(), before.id(), "{twin:?}");
        assert_eq!(after.get(), before.get(), "{twin:?}");
        assert_eq!(
            after.facts().map(|facts| facts.version),
            before.facts().map(|facts| facts.version),
            "{twin:?}"
        );
        assert_eq!(
            after.facts().map(|facts| facts.started_at),
            Some(NOW),
            "{twin:?}"
        );
        assert_eq!(
            after.facts().map(|facts| facts.ends_at),
            before.facts().map(|facts| facts.ends_at),
            "{twin:?}"
        );
        assert_eq!(
            after.facts().map(|facts| facts.expires_at),
            Some(NOW + 10 + IDLE),
            "{twin:?}"
        );

        // It is the same session: an update that was under way is kept.
        let session = client.session();
        let updated = session.update(|login| {
            session.new_id();
            login.user = 2;
        });
        assert!(updated.is_some(), "{twin:?}");
        assert_eq!(session.get().unwrap().user, 2, "{twin:?}");
    }
}

#[test]
fn an_empty_session_gets_no_new_id() {
    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let mut client = Client::new(twin, &codec);
        assert!(client.request(Session::new_id).is_none(), "{twin:?}");
        client.request(|session| session.start(login()));
        client.request(|session| {
            session.end();
            session.new_id();
            assert_eq!(session.id(), None, "{twin:?}");
        });
        assert_eq!(client.sends, None, "{twin:?}");
    }
}

#[test]
fn an_update_or_start_does_whichever_there_is_to_do() {
    for twin in twins() {
        let codec = twin.builder::<u64>("visits", &[1]).build().unwrap();
        let mut client = Client::new(twin, &codec);
        let mut ids = HashSet::new();
        for expected in 1..=3 {
            client.request(|session| {
                let visits = session.update_or_start(0, |visits| {
                    *visits += 1;
                    *visits
                });
                assert_eq!(visits, expected, "{twin:?}");
            });
            let session = client.session();
            assert_eq!(session.get().as_deref(), Some(&expected), "{twin:?}");
            assert_eq!(
                session.facts().map(|facts| facts.version),
                Some(expected as u32 - 1),
                "{twin:?}"
            );
            ids.extend(session.id());
        }
        assert_eq!(ids.len(), 1, "{twin:?}");
        let session = client.session();
        session.update_or_start(0, |_| session.end());
        assert_eq!(session.get(), None, "{twin:?}: it was ended meanwhile");
        session.update_or_start(0, |visits| {
            session.start(7);
            *visits += 1;
        });
        let now = session.get();
        assert_eq!(
            now.as_deref(),
            Some(&7),
            "{twin:?}: one was started meanwhile"
        );
    }
}

#[test]
fn clones_of_a_session_are_the_same_session() {
    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let session = codec.session::<str>([]);
        let clone = session.clone();
        thread::scope(|scope| scope.spawn(|| clone.start(login())).join().unwrap());
        assert_eq!(*session.get().unwrap(), login(), "{twin:?}");
        session.update(|login| login.user = 1);
        assert_eq!(clone.get().unwrap().user, 1, "{twin:?}");
        assert_eq!(
            clone.facts().map(|facts| facts.version),
            Some(1),
            "{twin:?}"
        );
        assert_eq!(clone.id(), session.id(), "{twin:?}");
        clone.end();
        assert!(session.get().is_none(), "{twin:?}");
        assert_eq!(
            written(&session, &codec),
            written(&clone, &codec),
            "{twin:?}"
        );
    }
}

const ONE_HOUR: Duration = Duration::from_secs(HOUR);
const IDLE: u64 = 600;

fn sliding(twin: Twin, clock: &TestClock) -> Codec<Login> {
    let lifetime = Lifetime::sliding(Duration::from_secs(IDLE), ONE_HOUR);
    let builder = twin.builder("login", &[1]).lifetime(lifetime);
    builder.clock(clock.clone()).build().unwrap()
}

fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |first: usize| {
        let mut rest = items.to_vec();
        let first = rest.remove(first);
        let behind = move |mut order: Vec<T>| {
            order.insert(0, first.clone());
            order
        };
        permutations(&rest).into_iter().map(behind)
    };
    (0..items.len()).flat_map(with_first).collect()
}
