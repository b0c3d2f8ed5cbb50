//! Stores that are down, that were changed, and that do not do what is asked.

use std::sync::{Arc, Mutex};

use haversack_fleet::{Fleet, Listed, Store, StoreError};

use crate::support::{
    DAY, HOUR, MINUTE, Memory, NOW, Odd, TestClock, builder, builder_on, key, key_id, login, open,
    ring,
};

const TODAY: &str = "keys/20270115T000000Z";

#[tokio::test]
async fn without_the_store_sessions_go_on_with_the_last_keys_and_health_says_what_comes() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    let sealed_by = key_id(&login.seal(&7).unwrap());
    assert!(fleet.health().is_well());
    store.stop();
    for minute in 1..=120 {
        clock.advance(MINUTE);
        let error = fleet.refresh().await.unwrap_err();
        assert!(error.to_string().contains("connection refused"), "{error}");
        let token = login.seal(&7).unwrap();
        assert_eq!(key_id(&token), sealed_by);
        assert!(login.open(token).is_ok());
        let health = fleet.health();
        assert_eq!(health.failing_since, Some(NOW + MINUTE));
        assert_eq!(health.is_ready, minute < 120, "{minute}");
        assert!(!health.is_well());
    }
    let health = fleet.health().to_string();
    for part in [
        "the store is failing since 2027-01-15T08:01:00Z",
        "there is no next one at 2027-01-16T00:00:00Z",
        "not ready since 2027-01-15T10:00:00Z",
    ] {
        assert!(health.contains(part), "{health}");
    }
    store.start();
    fleet.refresh().await.unwrap();
    assert!(fleet.health().is_well());
}

#[tokio::test]
async fn no_worker_makes_a_key_that_is_not_in_the_store() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let before: Vec<_> = fleet.keys().keys().iter().map(haversack::Key::id).collect();
    store.stop();
    for _ in 0..50 {
        clock.advance(HOUR);
        fleet.refresh().await.unwrap_err();
        let keys = fleet.keys();
        let now: Vec<_> = keys.keys().iter().map(haversack::Key::id).collect();
        assert_eq!(now, before);
    }
}

#[tokio::test]
async fn a_worker_starts_at_every_call_that_fails_or_says_why_and_starts_then() {
    let reference = Memory::default();
    open(&reference, &TestClock::at(NOW)).await;
    let calls = reference.calls().len();
    assert!(calls > 8, "{calls}");
    for happens in [false, true] {
        for failing in 0..calls {
            let (store, clock) = (Memory::default(), TestClock::at(NOW));
            store.fail(failing, 1, happens);
            if let Err(error) = builder(&store, &clock).open().await {
                assert!(error.to_string().contains("connection refused"), "{error}");
            }
            store.calls();
            let one = open(&store, &clock).await;
            let other = open(&store, &clock).await;
            let token = login(&one, &clock).seal(&7).unwrap();
            assert!(
                login(&other, &clock).open(token).is_ok(),
                "{failing} {happens}"
            );
            assert_eq!(store.names_in("keys/"), [TODAY]);
        }
    }
}

#[tokio::test]
async fn at_each_call_that_fails_a_rotation_goes_on_with_the_next_refresh() {
    for happens in [false, true] {
        for failing in 0..6 {
            let (store, clock) = (Memory::default(), TestClock::at(NOW));
            let fleets = [open(&store, &clock).await, open(&store, &clock).await];
            clock.advance(16 * HOUR - 2 * MINUTE);
            store.calls();
            store.fail(failing, 1, happens);
            let _ = fleets[0].refresh().await;
            store.calls();
            for fleet in &fleets {
                fleet.refresh().await.unwrap();
                assert!(fleet.health().is_well());
            }
            clock.advance(5 * MINUTE);
            for fleet in &fleets {
                fleet.refresh().await.unwrap();
            }
            let ids = fleets.each_ref().map(|fleet| fleet.keys().to_text());
            assert_eq!(ids[0], ids[1], "{failing} {happens}");
            assert_eq!(fleets[0].keys().keys().len(), 2);
        }
    }
}

#[tokio::test]
async fn objects_that_are_not_the_fleets_are_named_and_the_ring_stays() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    let token = login.seal(&7).unwrap();
    let keys = fleet.keys().to_text();
    let other = Memory::default();
    builder_on(other.clone(), &clock)
        .name("fleet")
        .open()
        .await
        .unwrap();
    let of_others = other.content(TODAY).unwrap();
    let own = store.content(TODAY).unwrap();
    for (name, content, problem) in [
        (
            "keys/20270114T000000Z",
            &b""[..],
            "is not what this fleet wrote",
        ),
        (
            "keys/20270114T000000Z",
            &[0; 5000],
            "is not what this fleet wrote",
        ),
        (
            "keys/20270114T000000Z",
            &own,
            "is that of an object of another name",
        ),
        (
            "keys/20270115T000000Z.1",
            &own,
            "is that of an object of another name",
        ),
        (
            "keys/20270115T000000Z.1",
            &of_others,
            "is that of an object of another name",
        ),
        (
            "keys/20270116T000000Z",
            &own[..own.len() - 1],
            "is not what this fleet wrote",
        ),
    ] {
        store.put(name, content);
        fleet.refresh().await.unwrap();
        let health = fleet.health();
        let error = health.refused[0].to_string();
        assert_eq!(health.refused[0].object(), Some(name));
        assert!(
            error.contains(problem) && error.contains("memory of the test"),
            "{error}"
        );
        assert_eq!(fleet.keys().to_text(), keys);
        assert!(login.open(&token).is_ok());
        // Who starts now is told, and does not start.
        let error = builder(&store, &clock).open().await.unwrap_err();
        assert_eq!(error.object(), Some(name));
        // And when it is gone all is well, within some refreshes.
        store.remove(name);
        for _ in 0..3 {
            fleet.refresh().await.unwrap();
        }
        assert!(fleet.health().is_well(), "{}", fleet.health());
    }
}

#[tokio::test]
async fn a_store_that_was_rolled_back_or_emptied_is_found() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let keys = fleet.keys().to_text();
    // The key is gone, and was not revoked.
    let own = store.content(TODAY).unwrap();
    store.remove(TODAY);
    fleet.refresh().await.unwrap();
    let error = fleet.health().refused[0].to_string();
    assert!(
        error.contains(TODAY) && error.contains("gone and was not revoked"),
        "{error}"
    );
    // Somebody made another one of its name.
    open(&store, &clock).await;
    fleet.refresh().await.unwrap();
    let error = fleet.health().refused[0].to_string();
    assert!(
        error.contains("is not what this worker read before"),
        "{error}"
    );
    assert_eq!(fleet.keys().to_text(), keys);
    // Put back, all is well.
    store.put(TODAY, &own);
    fleet.refresh().await.unwrap();
    assert!(fleet.health().is_well());
}

#[tokio::test]
async fn a_fleet_whose_first_worker_died_before_the_first_key_begins_all_the_same() {
    // A minute before the next period.
    let (store, clock) = (Memory::default(), TestClock::at(NOW + 16 * HOUR - MINUTE));
    while store.names_in("fleet").is_empty() {
        store.fail(store.calls().len(), usize::MAX, false);
        builder(&store, &clock).open().await.unwrap_err();
    }
    store.start();
    assert_eq!(store.names_in("keys/"), [""; 0]);
    clock.advance(2 * MINUTE);
    open(&store, &clock).await;
    assert_eq!(store.names_in("keys/").len(), 2);
}

#[tokio::test]
async fn a_fleet_whose_keys_are_gone_is_not_begun_anew_in_silence() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    open(&store, &clock).await;
    store.remove(TODAY);
    clock.advance(2 * DAY);
    let error = builder(&store, &clock).open().await.unwrap_err();
    assert_eq!(error.object(), Some("fleet"));
    assert!(error.to_string().contains("none of its keys is"), "{error}");
    // As it says.
    store.remove("fleet");
    open(&store, &clock).await;
}

#[tokio::test]
async fn the_master_ring_is_replaced_in_three_steps_and_nobody_notices() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let both = ring(1).also_opens(key(2));
    let fleet = Fleet::new(store.clone(), both)
        .clock(clock.clone())
        .open()
        .await
        .unwrap();
    let login = login_for_days(&fleet, &clock);
    let token = login.seal(&7).unwrap();
    fleet.cut_off(8).await.unwrap();
    fleet.rotate_now().await.unwrap();
    let waits = fleet.keys().keys()[1].id();
    fleet.revoke(&waits).await.unwrap();
    let names = store.names();
    // Step two.
    fleet.rotate_master(ring(2).also_opens(key(1))).unwrap();
    fleet.refresh().await.unwrap();
    assert!(fleet.health().is_well(), "{}", fleet.health());
    let wrapped = names.iter().filter(|name| !name.starts_with("cutoffs/"));
    let master = key(2).id();
    let expected: Vec<_> = wrapped.map(|name| format!("{name}-{master}")).collect();
    let further: Vec<_> = store
        .names()
        .into_iter()
        .filter(|name| !names.contains(name))
        .collect();
    assert_eq!(further, expected);
    // Nothing more is written, by nobody.
    store.calls();
    fleet.refresh().await.unwrap();
    assert_eq!(store.calls().len(), 2);
    // Step three.
    let new = Fleet::new(store.clone(), ring(2))
        .clock(clock.clone())
        .open()
        .await
        .unwrap();
    assert_eq!(new.keys().to_text(), fleet.keys().to_text());
    let opened = login_for_days(&new, &clock).open(&token);
    assert_eq!(opened.unwrap().value(), &7);
    assert_eq!(new.status().cut_offs, 1);
    // A worker that missed step two is told which key it lacks, when something new is made.
    let old = Fleet::new(store.clone(), ring(1))
        .clock(clock.clone())
        .open()
        .await;
    let old = old.unwrap();
    new.rotate_now().await.unwrap();
    old.refresh().await.unwrap();
    let error = old.health().refused[0].to_string();
    assert!(
        error.contains("wrapped under a key that the master ring does not have"),
        "{error}"
    );
}

fn login_for_days(fleet: &Fleet, clock: &TestClock) -> haversack::Codec<u64> {
    let login = haversack::Codec::<u64>::sealed("login", fleet.keys())
        .clock(clock.clone())
        .build()
        .unwrap();
    fleet.serve(&login).unwrap();
    login
}

/// A store, many of which are like S3, that creates whatever is there.
struct Overwrites {
    memory: Memory,
    also_says_so: bool,
}

impl Store for Overwrites {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let is_new = self.memory.create(name, content).await?;
        self.memory.put(name, content);
        Ok(is_new || self.also_says_so)
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.memory.read(name).await
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        self.memory.list(after).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.memory.delete(name).await
    }
}

impl std::fmt::Display for Overwrites {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("bucket shop")
    }
}

#[tokio::test]
async fn a_store_that_lets_two_create_one_object_is_refused() {
    for also_says_so in [false, true] {
        let (memory, clock) = (Memory::default(), TestClock::at(NOW));
        let store = Overwrites {
            memory: memory.clone(),
            also_says_so,
        };
        let error = builder_on(store, &clock)
            .open()
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("bucket shop: probes/20270115T080000Z-"),
            "{error}"
        );
        assert!(
            error.contains("the store lets two create one object"),
            "{error}"
        );
        assert!(memory.names().is_empty());
    }
}

#[tokio::test]
async fn operators_are_told_what_happens() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&told);
    let fleet = builder(&store, &clock)
        .observe(move |event| {
            hears.lock().unwrap().push(event.code());
            panic!("an observer's own affair");
        })
        .open()
        .await
        .unwrap();
    let heard = || std::mem::take(&mut *told.lock().unwrap());
    assert_eq!(heard(), ["key_made", "key_turned"]);
    let other = open(&store, &clock).await;
    other.rotate_now().await.unwrap();
    fleet.refresh().await.unwrap();
    assert_eq!(heard(), ["key_adopted"]);
    clock.advance(5 * MINUTE);
    store.stop();
    fleet.refresh().await.unwrap_err();
    fleet.refresh().await.unwrap_err();
    // Time turns keys, and no store.
    assert_eq!(heard(), ["key_turned", "failing"]);
    store.start();
    fleet.refresh().await.unwrap();
    assert_eq!(heard(), ["recovered"]);
    other.cut_off(7).await.unwrap();
    let sealing = fleet.keys().keys()[0].id();
    other.revoke(&sealing).await.unwrap();
    store.put("revoked/20270114T000000Z", b"forged");
    fleet.refresh().await.unwrap();
    let mut heard = heard();
    heard.sort_unstable();
    let expected = [
        "cut_off",
        "key_adopted",
        "key_revoked",
        "key_turned",
        "object_refused",
    ];
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn clocks_that_differ_too_much_are_reported() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fast = open(&store, &TestClock::at(NOW + 20)).await;
    let fleet = open(&store, &clock).await;
    assert_eq!(fleet.health().clocks_differ_by, Some(20));
    assert!(
        fleet
            .health()
            .to_string()
            .contains("clocks of workers differ by 20 s")
    );
    assert!(fast.health().is_well());
}

#[tokio::test]
async fn the_status_is_a_table_without_a_secret() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    clock.advance(16 * HOUR - 4 * MINUTE);
    fleet.refresh().await.unwrap();
    let status = fleet.status().to_string();
    let lines: Vec<_> = status.lines().collect();
    assert!(
        lines[0].starts_with("id        name                state"),
        "{status}"
    );
    assert!(
        lines[1].contains("20270116T000000Z") && lines[1].contains("waits"),
        "{status}"
    );
    assert!(lines[2].contains("2027-01-16T00:00:00Z"), "{status}");
    let shown = format!("{status} {fleet:?} {} {:?}", fleet.health(), fleet.health());
    for key in fleet.keys().keys().iter().chain(ring(1).keys()) {
        assert!(!shown.contains(&key.to_text()));
    }
}

#[tokio::test]
async fn an_object_that_is_not_read_ends_no_refresh_and_no_revocation() {
    const YESTERDAY: &str = "keys/20270114T000000Z";
    for stuck in [
        YESTERDAY,
        "keys/20270115T000000Z.1",
        "revoked/20270114T000000Z",
    ] {
        let (store, clock) = (Memory::default(), TestClock::at(NOW));
        let fleets = [open(&store, &clock).await, open(&store, &clock).await];
        let logins = fleets.each_ref().map(|fleet| login(fleet, &clock));
        let stolen = logins[1].seal(&7).unwrap();
        store.put_stuck(stuck);
        fleets[0].cut_off(8).await.unwrap();
        fleets[0].revoke(&key_id(&stolen)).await.unwrap();
        // It may be the store: that is said, and the rest of the refresh is done all the same.
        let error = fleets[1].refresh().await.unwrap_err();
        assert_eq!(error.object(), Some(stuck));
        assert!(logins[1].open(&stolen).is_err(), "{stuck}");
        assert!(
            logins[1].open(logins[0].seal(&7).unwrap()).is_ok(),
            "{stuck}"
        );
        // It is this object, time and again: the refresh is a good one, and health names it.
        for _ in 0..5 {
            let _ = fleets[1].refresh().await;
        }
        fleets[1].refresh().await.unwrap();
        let health = fleets[1].health();
        assert!(
            health.is_ready && health.failing_since.is_none(),
            "{health}"
        );
        assert_eq!(health.refused[0].object(), Some(stuck));
        if stuck.starts_with("revoked/") {
            open(&store, &clock).await;
        }
        store.remove(stuck);
        for _ in 0..60 {
            fleets[1].refresh().await.unwrap();
        }
        assert!(fleets[1].health().is_well(), "{}", fleets[1].health());
    }
}

#[tokio::test]
async fn a_fleet_that_a_listing_left_out_is_read_and_no_other_one_is_begun() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    fleet.rotate_master(ring(2).also_opens(key(1))).unwrap();
    fleet.refresh().await.unwrap();
    store.remove("fleet");
    let lossy = Odd::new(&store, |_| true).lists(|name| !name.ends_with(&key(2).id()));
    let later = Fleet::new(lossy, ring(2)).clock(clock.clone());
    let _ = later.open().await;
    assert!(!store.names().contains(&"fleet".to_owned()));
    // Where it is gone altogether there is no other one as long as there are keys.
    store.remove(&format!("fleet-{}", key(2).id()));
    let error = builder(&store, &clock).open().await.unwrap_err();
    assert_eq!(error.object(), Some("fleet"));
    assert!(!store.names().contains(&"fleet".to_owned()), "{error}");
}

#[tokio::test]
async fn junk_in_the_place_of_what_is_wrapped_anew_is_replaced() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let further = format!("{TODAY}-{}", key(2).id());
    store.put(&further, b"junk");
    store.put(&format!("fleet-{}", key(2).id()), b"junk");
    fleet.rotate_master(ring(2).also_opens(key(1))).unwrap();
    fleet.refresh().await.unwrap();
    store.remove(TODAY);
    store.remove("fleet");
    let later = Fleet::new(store.clone(), ring(2)).clock(clock.clone());
    let later = later.open().await.unwrap();
    assert_eq!(later.keys().to_text(), fleet.keys().to_text());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_beside_the_local_copy_leads_nowhere() {
    let scratch = tempfile::TempDir::new().unwrap();
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let victim = scratch.path().join("victim");
    std::fs::write(&victim, "mine").unwrap();
    let copy = scratch.path().join("copy");
    let beside = scratch
        .path()
        .join(format!("copy.new-{}", std::process::id()));
    std::os::unix::fs::symlink(&victim, &beside).unwrap();
    let fleet = builder(&store, &clock).local_copy(&copy);
    fleet.open().await.unwrap();
    assert_eq!(std::fs::read(&victim).unwrap(), b"mine");
    assert!(copy.exists());
}
