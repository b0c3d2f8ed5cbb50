//! Users who prove again who they are.

use std::time::Duration;

use haversack::{Lifetime, Session};

use crate::support::{Client, HOUR, NOW, TestClock, Twin, twins};

fn client<R>(twin: Twin, test: impl FnOnce(&TestClock, Client<'_, u64>) -> R) -> R {
    let clock = TestClock::at(NOW);
    let lifetime = Lifetime::sliding(Duration::from_secs(HOUR), Duration::from_secs(8 * HOUR));
    let builder = twin.builder("login", &[1]).clock(clock.clone());
    let codec = builder.lifetime(lifetime).build().unwrap();
    let mut client = Client::new(twin, &codec);
    client.request(|session| session.start(7));
    test(&clock, client)
}

#[test]
fn a_confirmation_is_a_new_proof_and_moves_no_cap() {
    for twin in twins() {
        client(twin, |clock, mut client| {
            let before = client.session().facts().unwrap();
            assert_eq!(before.authenticated_at, NOW);
            clock.advance(600);
            client.request(|session| session.confirm());
            let after = client.session().facts().unwrap();
            assert_eq!(after.authenticated_at, NOW + 600, "{twin:?}");
            assert_eq!(after.started_at, NOW, "{twin:?}");
            assert_eq!(after.ends_at, NOW + 8 * HOUR, "{twin:?}");
            assert_eq!(after.expires_at, NOW + 600 + HOUR, "{twin:?}");
            assert_eq!((after.id, after.version), (before.id, before.version));
        });
    }
}

#[test]
fn a_proof_stays_as_old_as_it_is_through_all_but_a_start_and_another_one() {
    type Change = fn(&Session<u64>);
    let changes: [(Change, u64); 6] = [
        (|_| (), NOW),
        (|session| session.update(|user| *user = 8).unwrap(), NOW),
        (|session| session.renew(), NOW),
        (|session| session.new_id(), NOW),
        (|session| session.confirm(), NOW + 1800),
        (|session| session.start(8), NOW + 1800),
    ];
    for twin in twins() {
        for (change, authenticated) in changes {
            client(twin, |clock, mut client| {
                clock.advance(1800);
                client.request(change);
                let facts = client.session().facts().unwrap();
                assert_eq!(facts.authenticated_at, authenticated, "{twin:?}");
            });
        }
    }
}

#[test]
fn a_proof_is_good_for_its_seconds_and_not_one_more() {
    for twin in twins() {
        client(twin, |clock, client| {
            for (age, within) in [(0, true), (299, true), (300, true), (301, false)] {
                clock.set(NOW + age);
                let session = client.session();
                assert_eq!(session.authenticated_within(300), within, "{twin:?} {age}");
                session.confirm();
                assert!(session.authenticated_within(0), "{twin:?} {age}");
            }
        });
    }
}

#[test]
fn nobody_is_confirmed_who_is_not_signed_in() {
    for twin in twins() {
        let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
        let session = codec.session(&None::<String>);
        session.confirm();
        assert_eq!(session.facts(), None);
        assert!(!session.authenticated_within(u64::MAX), "{twin:?}");
        client(twin, |_, mut client| {
            client.request(|session| {
                session.end();
                session.confirm();
            });
            assert_eq!(client.session().get(), None, "{twin:?}");
        });
    }
}

#[test]
fn a_confirmation_in_the_last_second_of_a_session_does_not_prolong_it() {
    for twin in twins() {
        client(twin, |clock, mut client| {
            while deadline_of(&client) < NOW + 8 * HOUR {
                let expires = deadline_of(&client);
                clock.set(expires - 1);
                client.request(|session| session.confirm());
            }
            assert_eq!(client.session().facts().unwrap().ends_at, NOW + 8 * HOUR);
            clock.set(NOW + 8 * HOUR);
            assert_eq!(client.session().get(), None, "{twin:?}");
        });
    }
}

/// The deadline of the client's session, as it is without another use.
fn deadline_of(client: &Client<'_, u64>) -> u64 {
    let sent = client.sends.as_ref().unwrap();
    let token = sent.rsplit(['=', ' ']).next().unwrap();
    client.codec.open(token).unwrap().facts().expires_at
}

#[test]
fn a_proof_ages_while_a_handler_runs_for_hours() {
    for twin in twins() {
        client(twin, |clock, client| {
            let session = client.session();
            assert!(session.authenticated_within(300));
            clock.advance(301);
            assert!(!session.authenticated_within(300), "{twin:?}");
        });
    }
}

#[test]
fn a_proof_is_never_after_the_issue_whatever_the_clocks_and_policies() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let build = |cap: u64| {
            let builder = twin.builder::<u64>("login", &[1]).clock(clock.clone());
            let lifetime = Lifetime::fixed(Duration::from_secs(cap));
            builder.lifetime(lifetime).build().unwrap()
        };
        let (long, short) = (build(2 * HOUR), build(HOUR));
        let mut client = Client::new(twin, &long);
        client.request(|session| session.start(7));
        // Proved again on a server whose clock is ahead, after the end of a policy made shorter since.
        clock.set(NOW + HOUR + 30);
        client.request(|session| session.confirm());
        clock.set(NOW + HOUR - 20);
        client.codec = &short;
        client.request(|session| session.update(|user| *user = 8).unwrap());
        let session = client.session();
        assert_eq!(
            session.get().as_deref(),
            Some(&8),
            "{twin:?} {:?}",
            session.rejected()
        );
    }
}
