//! Keys over time: made before they are needed, known to all before they seal, gone when nothing they
//! sealed can live.

use std::time::Duration;

use haversack::{Codec, Keyed as _, Lifetime, Rejected, Ticket};
use haversack_fleet::{Fleet, KeyState};

use crate::support::{
    DAY, HOUR, MINUTE, Memory, NOW, TestClock, builder, key_id, login, open, ring,
};

/// The begin of the day that `NOW` is in, and of the next one.
const TODAY: &str = "keys/20270115T000000Z";
const TOMORROW: &str = "keys/20270116T000000Z";

fn ids(fleet: &Fleet) -> Vec<String> {
    fleet.keys().keys().iter().map(haversack::Key::id).collect()
}

#[tokio::test]
async fn the_first_worker_makes_the_key_of_the_day_and_the_others_read_it() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let one = open(&store, &clock).await;
    assert_eq!(store.names_in("keys/"), [TODAY]);
    let other = open(&store, &clock).await;
    assert_eq!(ids(&one), ids(&other));
    assert_eq!(store.names(), ["fleet", TODAY]);

    let token = login(&one, &clock).seal(&7).unwrap();
    assert_eq!(login(&other, &clock).open(token).unwrap().value(), &7);
}

#[tokio::test]
async fn a_poll_in_rest_is_one_listing_and_one_read() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    for _ in 0..130 {
        clock.advance(MINUTE);
        store.calls();
        fleet.refresh().await.unwrap();
        let calls = store.calls();
        assert!(
            calls[0].starts_with("list ") && calls.len() == 2,
            "{calls:?}"
        );
        // Of all, before anything is deleted: what the fleet is known by.
        let read = match calls[0].as_str() {
            "list " => "fleet",
            _ => TODAY,
        };
        assert_eq!(calls[1], format!("read {read}"));
    }
}

#[tokio::test]
async fn the_next_key_is_made_before_its_day_and_seals_from_its_begin_on_everywhere() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleets = [open(&store, &clock).await, open(&store, &clock).await];
    let logins = fleets.each_ref().map(|fleet| login(fleet, &clock));
    let before = logins[0].seal(&7).unwrap();
    // Five minutes before midnight; the day began 8 hours before `NOW`.
    clock.advance(16 * HOUR - 5 * MINUTE);
    for fleet in &fleets {
        fleet.refresh().await.unwrap();
    }
    assert_eq!(store.names_in("keys/"), [TODAY]);
    clock.advance(MINUTE);
    for fleet in &fleets {
        fleet.refresh().await.unwrap();
    }
    assert_eq!(store.names_in("keys/"), [TODAY, TOMORROW]);
    let late = logins[1].seal(&8).unwrap();
    assert_eq!(key_id(&late), key_id(&before));
    clock.advance(4 * MINUTE);
    fleets[0].refresh().await.unwrap();
    let after = logins[0].seal(&9).unwrap();
    assert_ne!(key_id(&after), key_id(&before));
    // The other one has not turned yet and opens it all the same, as it knows the key.
    assert_eq!(logins[1].open(&after).unwrap().value(), &9);
    assert_eq!(logins[0].open(&late).unwrap().value(), &8);
}

#[tokio::test]
async fn a_key_made_after_an_outage_waits_until_all_know_it() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleets = [open(&store, &clock).await, open(&store, &clock).await];
    let logins = fleets.each_ref().map(|fleet| login(fleet, &clock));
    let first = key_id(&logins[0].seal(&7).unwrap());
    store.stop();
    clock.advance(16 * HOUR + 10 * MINUTE);
    fleets[0].refresh().await.unwrap_err();
    assert_eq!(key_id(&logins[0].seal(&7).unwrap()), first);
    store.start();
    fleets[0].refresh().await.unwrap();
    assert_eq!(store.names_in("keys/"), [TODAY, TOMORROW]);
    // Its day has begun, and nobody else has seen it.
    assert_eq!(key_id(&logins[0].seal(&7).unwrap()), first);
    clock.advance(3 * MINUTE);
    fleets[0].refresh().await.unwrap();
    assert_eq!(key_id(&logins[0].seal(&7).unwrap()), first);
    fleets[1].refresh().await.unwrap();
    clock.advance(MINUTE);
    fleets[0].refresh().await.unwrap();
    let token = logins[0].seal(&7).unwrap();
    assert_ne!(key_id(&token), first);
    assert!(logins[1].open(token).is_ok());
}

#[tokio::test]
async fn a_key_opens_for_lifetime_and_outage_after_its_successor_seals_and_is_deleted_later() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let first = ids(&fleet)[0].clone();
    let mut last_opened = 0;
    let mut deleted = None;
    for minutes in 0..4 * 24 * 60 {
        fleet.refresh().await.unwrap();
        if ids(&fleet).contains(&first) {
            last_opened = minutes;
        }
        if deleted.is_none() && !store.names().contains(&TODAY.to_owned()) {
            deleted = Some(minutes);
        }
        clock.advance(MINUTE);
    }
    // 16 hours to midnight, one of lifetime, two of outage, and some minutes.
    assert!(
        (19 * 60..19 * 60 + 10).contains(&last_opened),
        "{last_opened}"
    );
    // Two hours and a day later, as soon as another key tells that the clock is right.
    let deleted = deleted.unwrap();
    assert!((45 * 60..65 * 60).contains(&deleted), "{deleted}");
}

#[tokio::test]
async fn ten_thousand_periods_leave_a_handful_of_keys() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = builder(&store, &clock)
        .rotate_every(Duration::from_secs(10 * MINUTE))
        .tolerates_outage(Duration::from_secs(10 * MINUTE))
        .open()
        .await
        .unwrap();
    let login = login(&fleet, &clock);
    let mut seen = std::collections::BTreeSet::new();
    let mut most = (0, 0);
    for period in 0..10_000 {
        for _ in 0..4 {
            clock.advance(150);
            fleet.refresh().await.unwrap();
        }
        if period % 100 == 0 {
            fleet.cut_off(period).await.unwrap();
            let sealed_by = fleet.keys().keys()[0].id();
            fleet.revoke(&sealed_by).await.unwrap();
        }
        store.calls();
        seen.insert(key_id(&login.seal(&7).unwrap()));
        most = (
            most.0.max(store.names().len()),
            most.1.max(fleet.status().keys.len()),
        );
    }
    assert!(seen.len() > 9_900, "{}", seen.len());
    assert!(most.0 < 400 && most.1 < 400, "{most:?}");
}

#[tokio::test]
async fn sealed_and_signed_sessions_tickets_and_tenants_have_one_fleet() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleets = [open(&store, &clock).await, open(&store, &clock).await];
    let codecs = fleets.each_ref().map(|fleet| {
        let minutes = |minutes| Lifetime::fixed(Duration::from_secs(minutes * MINUTE));
        let login = login(fleet, &clock);
        let api = Codec::<u64>::jwt("api", fleet.jwt_keys().unwrap())
            .lifetime(minutes(5))
            .clock(clock.clone())
            .build()
            .unwrap();
        let reset = Ticket::<u64>::sealed("reset", fleet.keys())
            .clock(clock.clone())
            .build()
            .unwrap();
        fleet.serve(&api).unwrap();
        fleet.serve(&reset).unwrap();
        (
            login.clone(),
            login.context("tenant-42").unwrap(),
            api,
            reset,
        )
    });
    let mut key_ids = Vec::new();
    for _ in 0..3 {
        let [(login, tenant, api, reset), others] = &codecs;
        let tokens = [
            login.seal(&1).unwrap(),
            tenant.seal(&2).unwrap(),
            api.seal(&3).unwrap(),
            reset.seal(&4, "hash").unwrap(),
        ];
        assert_eq!(others.0.open(&tokens[0]).unwrap().value(), &1);
        assert_eq!(others.1.open(&tokens[1]).unwrap().value(), &2);
        assert_eq!(others.2.open(&tokens[2]).unwrap().value(), &3);
        assert_eq!(others.3.open(&tokens[3], |_| "hash").unwrap(), 4);
        key_ids.push(key_id(&tokens[1]));
        // The secrets of the two formats are not the same.
        let text = fleets[0].keys().to_text();
        let as_jwt = Codec::<u64>::jwt("api", text.parse().unwrap())
            .build()
            .unwrap();
        assert_eq!(as_jwt.open(&tokens[2]).unwrap_err(), Rejected::UnknownKey);
        for minutes in [16 * 60 - 4, 4, 8 * 60] {
            clock.advance(minutes * MINUTE);
            for fleet in &fleets {
                fleet.refresh().await.unwrap();
            }
        }
    }
    key_ids.sort();
    key_ids.dedup();
    assert_eq!(key_ids.len(), 3);
}

#[tokio::test]
async fn what_lives_longer_than_the_fleet_allows_is_not_served() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let hours = |hours: u64| Duration::from_secs(hours * HOUR);
    let long = Codec::<u64>::sealed("long", fleet.keys())
        .lifetime(Lifetime::sliding(hours(1), hours(2)))
        .build()
        .unwrap();
    assert_eq!(long.longest_lifetime(), 2 * HOUR);
    let error = fleet.serve(&long).unwrap_err().to_string();
    assert!(
        error.contains("long has tokens that live for 7200 s"),
        "{error}"
    );
}

#[tokio::test]
async fn fleets_of_one_master_ring_cannot_be_taken_for_each_other() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    open(&store, &clock).await;
    let other = builder(&store.copy(), &clock).name("blog").open().await;
    let error = other.unwrap_err();
    assert_eq!(error.object(), Some("fleet"));
    let text = error.to_string();
    assert!(
        text.contains("its content is not what this fleet wrote"),
        "{text}"
    );
}

#[tokio::test]
async fn a_new_key_now_seals_when_all_know_it() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let first = ids(&fleet);
    fleet.rotate_now().await.unwrap();
    assert_eq!(
        store.names_in("keys/"),
        [TODAY.to_owned(), format!("{TODAY}.1")]
    );
    assert_eq!(ids(&fleet)[0], first[0]);
    assert_eq!(fleet.status().keys[0].state, KeyState::Waits);
    clock.advance(4 * MINUTE);
    fleet.refresh().await.unwrap();
    assert_eq!(ids(&fleet)[1], first[0]);
    // The next day's key takes its place as any other's.
    clock.advance(16 * HOUR);
    fleet.refresh().await.unwrap();
    clock.advance(5 * MINUTE);
    fleet.refresh().await.unwrap();
    assert_eq!(
        fleet.status().keys[0].name,
        TOMORROW.trim_start_matches("keys/")
    );
    assert_eq!(fleet.status().keys[0].state, KeyState::Seals);
}

#[tokio::test]
async fn workers_whose_periods_differ_in_a_deploy_have_one_order_of_keys() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let old = open(&store, &clock).await;
    let new = builder(&store, &clock)
        .rotate_every(Duration::from_secs(6 * HOUR))
        .open()
        .await
        .unwrap();
    let logins = [login(&old, &clock), login(&new, &clock)];
    let mut sealed_by = Vec::new();
    for _ in 0..2 * 24 * 60 {
        clock.advance(MINUTE);
        old.refresh().await.unwrap();
        new.refresh().await.unwrap();
        // What the second made the first knows a poll later, before it seals.
        assert_eq!(ids(&old)[0], ids(&new)[0]);
        let token = logins[0].seal(&7).unwrap();
        assert!(logins[1].open(&token).is_ok());
        sealed_by.push(key_id(&token));
    }
    sealed_by.dedup();
    // Every six hours, and none of it comes back.
    assert!((8..=10).contains(&sealed_by.len()), "{sealed_by:?}");
    let names = store.names_in("keys/");
    assert!(
        names.iter().any(|name| name.contains("T060000Z")),
        "{names:?}"
    );
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_with_what_to_change() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let seconds = Duration::from_secs;
    for (builder, part) in [
        (
            builder(&store, &clock).rotate_every(seconds(4 * MINUTE)),
            "rotate_every",
        ),
        (
            builder(&store, &clock).rotate_every(seconds(401 * DAY)),
            "rotate_every",
        ),
        (
            builder(&store, &clock).tolerates_outage(seconds(401 * DAY)),
            "tolerates_outage",
        ),
        (
            builder(&store, &clock).longest_lifetime(seconds(0)),
            "longest_lifetime",
        ),
        (
            builder(&store, &clock).longest_lifetime(seconds(401 * DAY)),
            "longest_lifetime",
        ),
        (builder(&store, &clock).poll_every(seconds(0)), "poll_every"),
        (
            builder(&store, &clock).poll_every(Duration::MAX),
            "poll_every",
        ),
        (builder(&store, &clock).skew(seconds(0)), "skew"),
        (builder(&store, &clock).skew(seconds(31)), "skew"),
        (builder(&store, &clock).name(""), "context"),
    ] {
        let error = builder.open().await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        assert!(error.starts_with("memory of the test: "), "{error}");
    }
    assert!(store.names().is_empty());
    let twice = ring(1).also_opens(ring(1).keys()[0].clone());
    let error = Fleet::new(store, twice).open().await.unwrap_err();
    assert!(error.to_string().contains("same id"), "{error}");
}
