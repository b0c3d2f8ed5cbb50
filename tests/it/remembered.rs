//! Sessions of users who asked to be kept signed in, and of those who did not.

use std::time::Duration;

use haversack::{Codec, CodecBuilder, Facts, Lifetime, Rejected, Session};

use crate::support::{Client, HOUR, NOW, SetCookie, TestClock, Twin, twins, written};

const DAY: u64 = 24 * HOUR;

fn sliding(idle: u64, cap: u64) -> Lifetime {
    Lifetime::sliding(Duration::from_secs(idle), Duration::from_secs(cap))
}

/// An hour idle and half a day in all; two weeks and ninety days for who is remembered.
fn builder(twin: Twin, clock: &TestClock) -> CodecBuilder<u64> {
    twin.builder("login", &[1])
        .clock(clock.clone())
        .lifetime(sliding(HOUR, 12 * HOUR))
        .remembered(sliding(14 * DAY, 90 * DAY))
}

fn started(twin: Twin, codec: &Codec<u64>, remembered: bool) -> Client<'_, u64> {
    let mut client = Client::new(twin, codec);
    client.request(|session| {
        if remembered {
            session.start_remembered(7);
        } else {
            session.start(7);
        }
    });
    client
}

fn facts(client: &Client<'_, u64>) -> Facts {
    client.session().facts().unwrap()
}

#[test]
fn a_remembered_session_has_a_lifetime_of_its_own_and_others_have_theirs() {
    for twin in twins() {
        for (remembered, idle, cap) in [(false, HOUR, 12 * HOUR), (true, 14 * DAY, 90 * DAY)] {
            let clock = TestClock::at(NOW);
            let codec = builder(twin, &clock).build().unwrap();
            let client = started(twin, &codec, remembered);
            let facts = facts(&client);
            assert_eq!(facts.remembered, remembered, "{twin:?}");
            assert_eq!((facts.expires_at, facts.ends_at), (NOW + idle, NOW + cap));
            clock.set(NOW + idle - 1);
            assert!(client.session().get().is_some(), "{twin:?}");
            clock.set(NOW + idle);
            let rejected = client.session().rejected();
            assert_eq!(rejected, Some(Rejected::Expired), "{twin:?}");
        }
    }
}

#[test]
fn a_session_stays_remembered_through_all_but_a_start() {
    let changes: [fn(&Session<u64>); 5] = [
        |_| (),
        |session| session.update(|user| *user = 8).unwrap(),
        |session| session.renew(),
        |session| session.new_id(),
        |session| session.confirm(),
    ];
    for twin in twins() {
        for change in changes {
            let clock = TestClock::at(NOW);
            let codec = builder(twin, &clock).build().unwrap();
            let mut client = started(twin, &codec, true);
            clock.advance(8 * DAY);
            client.request(change);
            let changed = facts(&client);
            assert!(changed.remembered, "{twin:?}");
            let deadlines = (changed.expires_at, changed.ends_at);
            assert_eq!(deadlines, (NOW + 22 * DAY, NOW + 90 * DAY), "{twin:?}");

            client.request(|session| session.start(8));
            assert!(!facts(&client).remembered, "{twin:?}");
        }
    }
}

#[test]
fn a_policy_made_shorter_holds_for_the_tokens_of_its_kind_only() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let before = builder(twin, &clock).build().unwrap();
        let [usual, remembered] = [false, true].map(|kind| started(twin, &before, kind));
        let shorter = builder(twin, &clock).remembered(sliding(600, DAY));
        let shorter = shorter.build().unwrap();
        clock.set(NOW + 600);
        let session = |client: &Client<'_, u64>| shorter.session(&client.sends);
        assert!(session(&usual).get().is_some(), "{twin:?}");
        let rejected = session(&remembered).rejected();
        assert_eq!(rejected, Some(Rejected::Expired), "{twin:?}");

        let shorter = builder(twin, &clock).lifetime(sliding(600, DAY));
        let shorter = shorter.build().unwrap();
        let session = |client: &Client<'_, u64>| shorter.session(&client.sends);
        assert!(session(&remembered).get().is_some(), "{twin:?}");
        let rejected = session(&usual).rejected();
        assert_eq!(rejected, Some(Rejected::Expired), "{twin:?}");
    }
}

#[test]
fn who_is_remembered_lives_like_all_others_where_nothing_else_is_set() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let all = twin.builder("login", &[1]).clock(clock.clone());
        let all = all.lifetime(sliding(HOUR, 12 * HOUR)).build().unwrap();
        let client = started(twin, &all, true);
        let shown = facts(&client);
        assert!(shown.remembered, "{twin:?}");
        assert_eq!(shown.expires_at, NOW + HOUR, "{twin:?}");
        // Nor does a token outlive a setting that was taken away.
        let before = builder(twin, &clock).build().unwrap();
        let client = started(twin, &before, true);
        clock.set(NOW + HOUR);
        let rejected = all.session(&client.sends).rejected();
        assert_eq!(rejected, Some(Rejected::Expired), "{twin:?}");
    }
}

#[test]
fn only_a_remembered_cookie_outlives_the_browser() {
    for twin in twins().filter(|twin| *twin == Twin::cookie(twin.format)) {
        let codec = builder(twin, &TestClock::at(NOW));
        let codec = codec.until_browser_closes().build().unwrap();
        let line = |start: fn(&Session<u64>)| {
            let session = codec.session([""]);
            start(&session);
            written(&session, &codec).unwrap()
        };
        let usual = line(|session| session.start(7));
        let remembered = line(|session| session.start_remembered(7));
        for attribute in ["Max-Age", "Expires"] {
            let has = |line: &str| SetCookie::parse(line).attributes.contains_key(attribute);
            assert!(!has(&usual), "{usual}");
            assert!(has(&remembered), "{remembered}");
        }
        let fourteen_days = Some((14 * DAY).to_string());
        let max_age = SetCookie::parse(&remembered).attributes["Max-Age"];
        assert_eq!(max_age, fourteen_days.as_deref());
    }
}

#[test]
fn the_mark_of_a_sign_out_lasts_as_long_as_any_session_that_it_ends() {
    for twin in twins().filter(|twin| *twin == Twin::cookie(twin.format)) {
        let clock = TestClock::at(NOW);
        let usual = twin.builder::<u64>("login", &[1]).clock(clock.clone());
        for (builder, life) in [(builder(twin, &clock), 90 * DAY), (usual, DAY)] {
            let codec = builder.until_browser_closes().sticky_end().build();
            let codec = codec.unwrap();
            let session = codec.session([""]);
            session.end();
            let headers = session.response_headers().unwrap();
            let mut lines = headers.iter().map(|(_, line)| line);
            let mark = lines.find(|line| line.starts_with("__Host-Http-login.end="));
            // Also where the browser closes: a remembered session could come back.
            let max_age = SetCookie::parse(mark.unwrap()).attributes["Max-Age"];
            assert_eq!(max_age, Some(life.to_string()).as_deref(), "{twin:?}");
        }
    }
}

#[test]
fn a_lifetime_that_cannot_work_is_refused_under_its_own_name() {
    for twin in twins() {
        let builder = builder(twin, &TestClock::at(NOW)).remembered(sliding(DAY, HOUR));
        assert_eq!(builder.build().unwrap_err().setting(), "remembered");
    }
}
