//! Deadlines, on both sides of each.

mod clocks;

use std::time::Duration;

use haversack::{Clock as _, Codec, Lifetime, Rejected};

use crate::support::{Client, HOUR, Login, NOW, TestClock, Twin, login, twins, written};

#[test]
fn a_fixed_session_lives_to_its_end_whether_used_or_not() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = build(twin, fixed(HOUR), &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        let opened = |at| open_at(&client, &clock, at);
        assert_eq!(opened(NOW), Ok((NOW + HOUR, NOW + HOUR)), "{twin:?}");
        for at in [NOW + HOUR / 2, NOW + HOUR - 1] {
            assert_eq!(opened(at), opened(NOW), "{twin:?}");
            clock.set(at);
            let session = client.session();
            assert_eq!(written(&session, &codec), None, "{twin:?}: never renewed");
        }
        assert_eq!(opened(NOW + HOUR), Err(Rejected::PastCap), "{twin:?}");
    }
}

#[test]
fn an_update_or_a_renewal_does_not_prolong_a_fixed_session() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = build(twin, fixed(HOUR), &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        clock.set(NOW + HOUR - 1);
        client.request(|session| session.update(|login| login.user += 1));
        client.request(|session| session.renew());
        assert_eq!(
            client.session().facts().map(|facts| facts.issued_at),
            Some(NOW + HOUR - 1),
            "{twin:?}"
        );
        let ends = Ok((NOW + HOUR, NOW + HOUR));
        assert_eq!(open_at(&client, &clock, NOW + HOUR - 1), ends, "{twin:?}");
        let rejected = open_at(&client, &clock, NOW + HOUR);
        assert_eq!(rejected, Err(Rejected::PastCap), "{twin:?}");
    }
}

#[test]
fn a_sliding_session_expires_when_it_is_not_used() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = build(twin, sliding(600, HOUR), &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        let deadlines = Ok((NOW + 600, NOW + HOUR));
        assert_eq!(open_at(&client, &clock, NOW + 599), deadlines, "{twin:?}");
        for (at, reason) in [
            (NOW + 600, Rejected::Expired),
            (NOW + HOUR - 1, Rejected::Expired),
            (NOW + HOUR, Rejected::PastCap),
        ] {
            assert_eq!(open_at(&client, &clock, at), Err(reason), "{twin:?}");
        }
    }
}

#[test]
fn a_sliding_session_is_renewed_when_half_of_its_idle_limit_has_passed() {
    assert_renewed_after(sliding(600, HOUR), 300);
    assert_renewed_after(sliding(HOUR, 8 * HOUR), HOUR / 2);
}

#[test]
fn a_sliding_session_is_renewed_after_the_age_that_was_set() {
    for age in [1, 299, 301, 599] {
        assert_renewed_after(sliding(600, HOUR).renew_after(seconds(age)), age);
    }
}

#[test]
fn with_no_age_a_sliding_session_is_renewed_on_every_use() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = build(twin, sliding(600, HOUR).renew_after(seconds(0)), &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        for _ in 0..3 {
            assert!(client.request(|_| ()).is_some(), "{twin:?}");
        }
    }
}

#[test]
fn a_session_in_use_lives_to_its_cap_and_not_past_it() {
    for twin in twins() {
        for step in [299, 300, 450, 599] {
            let clock = TestClock::at(NOW);
            let codec = build(twin, sliding(600, HOUR), &clock);
            let mut client = Client::new(twin, &codec);
            client.request(|session| session.start(login()));
            let id = client.session().id();
            while clock.now() + step < NOW + HOUR {
                clock.advance(step);
                client.request(|session| session.update(|login| login.user += 1));
                let session = client.session();
                assert_eq!(session.id(), id, "{twin:?}: {:?}", session.rejected());
                assert_eq!(
                    session.facts().map(|facts| facts.started_at),
                    Some(NOW),
                    "{twin:?}"
                );
                assert_eq!(
                    session.facts().map(|facts| facts.issued_at),
                    Some(clock.now()),
                    "{twin:?}"
                );
                assert_eq!(
                    session.facts().map(|facts| facts.ends_at),
                    Some(NOW + HOUR),
                    "{twin:?}"
                );
                let idle = (clock.now() + 600).min(NOW + HOUR);
                assert_eq!(
                    session.facts().map(|facts| facts.expires_at),
                    Some(idle),
                    "{twin:?}"
                );
            }
            let ends = Ok((NOW + HOUR, NOW + HOUR));
            assert_eq!(open_at(&client, &clock, NOW + HOUR - 1), ends, "{twin:?}");
            assert!(
                client.request(|_| ()).is_none(),
                "{twin:?}: nothing is left to move"
            );
            let rejected = open_at(&client, &clock, NOW + HOUR);
            assert_eq!(rejected, Err(Rejected::PastCap), "{twin:?}");
        }
    }
}

#[test]
fn a_session_in_use_is_renewed_by_reading_alone() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = build(twin, sliding(600, HOUR), &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        while clock.now() + 300 < NOW + HOUR {
            clock.advance(300);
            client.request(|session| assert_eq!(*session.get().unwrap(), login()));
            let session = client.session();
            assert_eq!(
                session.facts().map(|facts| facts.started_at),
                Some(NOW),
                "{twin:?}"
            );
            assert!(
                session.facts().map(|facts| facts.ends_at) == Some(NOW + HOUR),
                "{twin:?}"
            );
            assert!(
                session.facts().map(|facts| facts.expires_at)
                    <= session.facts().map(|facts| facts.ends_at),
                "{twin:?}"
            );
        }
        let rejected = open_at(&client, &clock, NOW + HOUR);
        assert_eq!(rejected, Err(Rejected::PastCap), "{twin:?}");
    }
}

#[test]
fn a_policy_made_shorter_holds_for_tokens_that_are_out() {
    let day = 24 * HOUR;
    for (old, new, deadline, reason) in [
        (fixed(day), fixed(HOUR), HOUR, Rejected::PastCap),
        (fixed(day), sliding(600, HOUR), 600, Rejected::Expired),
        (sliding(HOUR, day), fixed(600), 600, Rejected::PastCap),
        (
            sliding(HOUR, day),
            sliding(600, day),
            600,
            Rejected::Expired,
        ),
        (
            sliding(HOUR, day),
            sliding(600, 600),
            600,
            Rejected::PastCap,
        ),
    ] {
        for twin in twins() {
            let clock = TestClock::at(NOW);
            let (old, new) = (build(twin, old, &clock), build(twin, new, &clock));
            let mut client = Client::new(twin, &old);
            client.request(|session| session.start(login()));
            client.codec = &new;
            let (expires, _) = open_at(&client, &clock, NOW + deadline - 1).unwrap();
            assert_eq!(expires, NOW + deadline, "{twin:?}");
            let rejected = open_at(&client, &clock, NOW + deadline);
            assert_eq!(rejected, Err(reason), "{twin:?}");
        }
    }
}

#[test]
fn a_policy_made_longer_neither_revives_nor_prolongs_tokens_that_are_out() {
    let day = 24 * HOUR;
    for (old, new, (expires, ends), reason) in [
        (fixed(HOUR), fixed(day), (HOUR, HOUR), Rejected::PastCap),
        (
            fixed(HOUR),
            sliding(day, day),
            (HOUR, HOUR),
            Rejected::PastCap,
        ),
        (
            sliding(600, HOUR),
            sliding(HOUR, day),
            (600, HOUR),
            Rejected::Expired,
        ),
        (
            sliding(600, HOUR),
            fixed(day),
            (600, HOUR),
            Rejected::Expired,
        ),
    ] {
        for twin in twins() {
            let clock = TestClock::at(NOW);
            let (old, new) = (build(twin, old, &clock), build(twin, new, &clock));
            let mut client = Client::new(twin, &old);
            client.request(|session| session.start(login()));
            client.codec = &new;
            let rejected = open_at(&client, &clock, NOW + expires);
            assert_eq!(rejected, Err(reason), "{twin:?}");
            let live = open_at(&client, &clock, NOW + expires - 1);
            assert_eq!(live, Ok((NOW + expires, NOW + ends)), "{twin:?}");

            client.request(|session| session.update(|login| login.user += 1));
            let live = open_at(&client, &clock, NOW + expires - 1);
            assert_eq!(live, Ok((NOW + HOUR, NOW + ends)), "{twin:?}");
            let rejected = open_at(&client, &clock, NOW + ends);
            assert_eq!(rejected, Err(Rejected::PastCap), "{twin:?}");
        }
    }
}

#[test]
fn a_session_in_use_is_not_lost_when_the_policy_is_made_longer() {
    let renewed_late = sliding(1800, HOUR).renew_after(Duration::from_secs(1700));
    for new in [
        sliding(1800, HOUR),
        sliding(HOUR, HOUR),
        renewed_late,
        fixed(HOUR),
    ] {
        for twin in twins() {
            let clock = TestClock::at(NOW);
            let old = build(twin, sliding(600, HOUR), &clock);
            let new = build(twin, new, &clock);
            let mut client = Client::new(twin, &old);
            client.request(|session| session.start(login()));
            client.codec = &new;
            clock.set(NOW + 299);
            assert_eq!(written(&client.session(), &new), None, "{twin:?}");
            clock.set(NOW + 300);
            let renewed = written(&client.session(), &new);
            assert!(renewed.is_some(), "{twin:?}: half of its own idle limit");
            for at in (NOW..NOW + HOUR).step_by(60) {
                clock.set(at);
                client.request(|session| assert!(session.get().is_some(), "{twin:?} {at}"));
            }
            let rejected = open_at(&client, &clock, NOW + HOUR);
            assert_eq!(rejected, Err(Rejected::PastCap), "{twin:?}");
        }
    }
}

#[test]
fn a_lifetime_that_cannot_work_is_refused() {
    let millis = Duration::from_millis;
    let (day, forever) = (24 * HOUR, Duration::MAX);
    for (lifetime, works) in [
        (fixed(0), false),
        (Lifetime::fixed(millis(999)), false),
        (fixed(1), true),
        (fixed(400 * day), true),
        (fixed(400 * day + 1), false),
        (Lifetime::fixed(forever), false),
        (sliding(0, HOUR), false),
        (Lifetime::sliding(millis(999), seconds(HOUR)), false),
        (sliding(1, HOUR), true),
        (sliding(1, 0), false),
        (sliding(HOUR, HOUR), true),
        (sliding(HOUR + 1, HOUR), false),
        (sliding(day, 400 * day), true),
        (sliding(day, 400 * day + 1), false),
        (Lifetime::sliding(forever, forever), false),
        (Lifetime::sliding(forever, seconds(HOUR)), false),
        (sliding(600, HOUR).renew_after(seconds(0)), true),
        (sliding(600, HOUR).renew_after(seconds(599)), true),
        (sliding(600, HOUR).renew_after(seconds(600)), false),
        (sliding(600, HOUR).renew_after(seconds(601)), false),
        (sliding(600, HOUR).renew_after(forever), false),
        (fixed(HOUR).renew_after(seconds(0)), false),
        (fixed(HOUR).renew_after(seconds(60)), false),
    ] {
        for twin in twins() {
            let built = twin
                .builder::<Login>("login", &[1])
                .lifetime(lifetime)
                .build();
            let setting = built.err().map(|error| error.setting());
            assert_eq!(setting, (!works).then_some("lifetime"), "{lifetime:?}");
        }
    }
}

/// Checks that a session of this lifetime is issued again at this age and not a second before.
fn assert_renewed_after(lifetime: Lifetime, age: u64) {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = build(twin, lifetime, &clock);
        let mut client = Client::new(twin, &codec);
        client.request(|session| session.start(login()));
        let before = client.session();
        for issued in [NOW, NOW + age] {
            clock.set(issued + age - 1);
            assert!(client.request(|_| ()).is_none(), "{twin:?} {lifetime:?}");
            assert_eq!(
                client.session().facts().map(|facts| facts.issued_at),
                Some(issued),
                "{twin:?}"
            );
            clock.set(issued + age);
            assert!(client.request(|_| ()).is_some(), "{twin:?} {lifetime:?}");
            let after = client.session();
            assert_eq!(
                after.facts().map(|facts| facts.issued_at),
                Some(issued + age),
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
}

/// The deadlines of the client's session at this time, without a use of it.
fn open_at(
    client: &Client<'_, Login>,
    clock: &TestClock,
    now: u64,
) -> Result<(u64, u64), Rejected> {
    clock.set(now);
    let sent = client.sends.as_ref().unwrap();
    let token = sent.rsplit(['=', ' ']).next().unwrap();
    let facts = client.codec.open(token)?.facts();
    Ok((facts.expires_at, facts.ends_at))
}

fn build(twin: Twin, lifetime: Lifetime, clock: &TestClock) -> Codec<Login> {
    let builder = twin.builder("login", &[1]).lifetime(lifetime);
    builder.clock(clock.clone()).build().unwrap()
}

fn fixed(total: u64) -> Lifetime {
    Lifetime::fixed(seconds(total))
}

fn sliding(idle: u64, cap: u64) -> Lifetime {
    Lifetime::sliding(seconds(idle), seconds(cap))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
