//! Who begins a fleet, who joins one, and who only looks on.

use std::path::Path;

use tempfile::TempDir;

use haversack_fleet::Fleet;

use crate::support::{DAY, HOUR, MINUTE, Memory, NOW, TestClock, builder, login, open, ring};

/// A worker that keeps a local copy, and starts from it where the store is not its fleet's.
async fn with_copy(store: &Memory, clock: &TestClock, path: &Path) -> Fleet {
    let opened = builder(store, clock).local_copy(path).open().await;
    opened.unwrap()
}

/// All that is in one store, in the place of what is in another.
fn mount(volume: &Memory, place: &Memory) {
    for name in place.names() {
        place.remove(&name);
    }
    for name in volume.names() {
        place.put(&name, &volume.content(&name).unwrap());
    }
}

fn unmount(place: &Memory) -> Memory {
    let volume = place.copy();
    mount(&Memory::default(), place);
    volume
}

#[tokio::test]
async fn a_worker_that_had_a_fleet_begins_no_other_one_in_an_empty_store() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("copy");
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = with_copy(&store, &clock, &path).await;
    let token = login(&fleet, &clock).seal(&7).unwrap();

    let unmounted = Memory::default();
    let restarted = with_copy(&unmounted, &clock, &path).await;
    let login = login(&restarted, &clock);
    assert_eq!(login.open(&token).unwrap().value(), &7);
    let health = restarted.health().to_string();
    assert!(health.contains("there is no fleet in it"), "{health}");
    assert!(health.contains("mount the volume"), "{health}");
    clock.advance(DAY);
    let error = restarted.refresh().await.unwrap_err();
    assert_eq!(error.object(), Some("fleet"));
    assert_eq!(unmounted.names(), [""; 0]);

    mount(&store, &unmounted);
    restarted.refresh().await.unwrap();
    assert!(restarted.health().is_well(), "{}", restarted.health());
}

#[tokio::test]
async fn where_the_local_copy_is_removed_as_the_error_says_a_new_fleet_begins() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("copy");
    std::fs::write(&path, "of another master ring").unwrap();
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let opened = builder(&store, &clock).local_copy(&path).open().await;
    let error = opened.unwrap_err().to_string();
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    assert!(error.contains("remove the copies"), "{error}");
    std::fs::remove_file(&path).unwrap();
    let opened = with_copy(&store, &clock, &path).await;
    assert!(opened.health().is_well());
}

#[tokio::test]
async fn nothing_is_made_in_a_store_from_which_the_fleet_is_gone() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    let token = login.seal(&7).unwrap();
    let volume = unmount(&store);
    clock.advance(60);
    let id = fleet.keys().keys()[0].id();
    let outcomes = [
        fleet.cut_off(7).await,
        fleet.cut_off_all().await,
        fleet.revoke(&id).await,
        fleet.rotate_now().await,
        fleet.refresh().await,
    ];
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!(error.object(), Some("fleet"));
        assert!(error.to_string().contains("mount the volume"), "{error}");
    }
    assert_eq!(store.names(), [""; 0]);
    assert!(!fleet.health().is_well());
    assert_eq!(login.open(&token).unwrap().value(), &7);

    mount(&volume, &store);
    fleet.cut_off(7).await.unwrap();
    assert!(login.open(&token).is_err());
    fleet.refresh().await.unwrap();
    assert!(fleet.health().is_well());
}

#[tokio::test]
async fn who_joins_begins_no_fleet_and_is_a_worker_like_the_others() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let error = builder(&store, &clock).join().await.unwrap_err();
    let error = error.to_string();
    assert!(error.contains("there is no fleet in it"), "{error}");
    assert_eq!(store.names(), [""; 0]);

    let first = open(&store, &clock).await;
    let joined = builder(&store, &clock).join().await.unwrap();
    assert_eq!(joined.keys().to_text(), first.keys().to_text());
    joined.rotate_now().await.unwrap();
    first.refresh().await.unwrap();
    assert_eq!(joined.keys().to_text(), first.keys().to_text());
}

#[tokio::test]
async fn who_looks_on_sees_what_a_worker_sees_and_changes_nothing() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let error = builder(&store, &clock).look().await.unwrap_err();
    assert!(error.to_string().contains("there is no fleet in it"));

    let fleet = open(&store, &clock).await;
    fleet.rotate_now().await.unwrap();
    fleet.cut_off(7).await.unwrap();
    let id = fleet.keys().keys()[0].id();
    fleet.revoke(&id).await.unwrap();
    fleet.refresh().await.unwrap();
    store.put("keys/20270116T000000Z", b"junk");
    store.calls();
    let (status, health) = builder(&store, &clock).look().await.unwrap();
    assert_eq!(status.to_string(), fleet.status().to_string());
    assert_eq!(health.refused.len(), 1);
    assert_eq!(health.refused[0].object(), Some("keys/20270116T000000Z"));

    // Also when a key is due, which is a worker's to make.
    clock.advance(2 * DAY);
    builder(&store, &clock).look().await.unwrap();
    let calls = store.calls();
    assert!(
        calls
            .iter()
            .all(|call| call.starts_with("list") || call.starts_with("read")),
        "{calls:?}"
    );
    assert!(!calls.is_empty());

    store.stop();
    let error = builder(&store, &clock).look().await.unwrap_err();
    assert!(error.to_string().contains("connection refused"), "{error}");
}

#[tokio::test]
async fn what_was_cut_off_while_the_volume_was_away_holds_when_it_is_back() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("copy");
    let (here, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = with_copy(&here, &clock, &path).await;
    let elsewhere = unmount(&here);
    let workers = [fleet, with_copy(&here, &clock, &path).await];
    let logins = [0, 1].map(|number| login(&workers[number], &clock));
    let token = logins[0].seal(&7).unwrap();
    let other = open(&elsewhere, &clock).await;
    for minute in 0..50 {
        clock.advance(MINUTE);
        for worker in &workers {
            assert!(worker.refresh().await.is_err());
        }
        if minute == 10 {
            other.cut_off(7).await.unwrap();
        }
    }
    mount(&elsewhere, &here);
    for (worker, login) in workers.iter().zip(&logins) {
        worker.refresh().await.unwrap();
        assert!(login.open(&token).is_err());
    }
}

#[tokio::test]
async fn nothing_is_made_or_believed_in_the_store_of_another_fleet() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("copy");
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = with_copy(&store, &clock, &path).await;
    let token = login(&fleet, &clock).seal(&7).unwrap();
    let copy = std::fs::read(&path).unwrap();
    let volume = unmount(&store);

    // By a worker that did not know of the first, with the same master ring and name.
    clock.advance(MINUTE);
    let other = open(&store, &clock).await;
    other.rotate_now().await.unwrap();
    let names = store.names();
    let keys = fleet.keys().to_text();
    let id = fleet.keys().keys()[0].id();
    for worker in [&fleet, &with_copy(&store, &clock, &path).await] {
        let outcomes = [
            worker.refresh().await,
            worker.cut_off(7).await,
            worker.revoke(&id).await,
            worker.rotate_now().await,
        ];
        for outcome in outcomes {
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains("another fleet's"), "{error}");
        }
        assert_eq!(worker.keys().to_text(), keys);
        assert_eq!(login(worker, &clock).open(&token).unwrap().value(), &7);
    }
    assert_eq!(store.names(), names);
    assert_eq!(std::fs::read(&path).unwrap(), copy);

    mount(&volume, &store);
    fleet.refresh().await.unwrap();
    assert!(fleet.health().is_well(), "{}", fleet.health());
}

#[tokio::test]
async fn what_a_fleet_is_known_by_is_put_back_where_its_keys_are() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let before = store.content("fleet").unwrap();
    store.remove("fleet");
    clock.advance(MINUTE);
    fleet.refresh().await.unwrap();
    assert_eq!(store.content("fleet").unwrap(), before);
    assert!(fleet.health().is_well(), "{}", fleet.health());

    store.remove("fleet");
    fleet.cut_off(7).await.unwrap();
    assert_eq!(store.content("fleet").unwrap(), before);

    // A further object that nobody can read is not it.
    store.put("fleet-deadbeef", b"junk");
    store.remove("fleet");
    fleet.cut_off(8).await.unwrap();
    assert_eq!(store.content("fleet").unwrap(), before);
}

#[tokio::test]
async fn an_archived_record_of_the_fleet_keeps_no_key_from_being_revoked() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    store.put_stuck("fleet");
    let id = fleet.keys().keys()[0].id();
    fleet.revoke(&id).await.unwrap();
    fleet.cut_off(7).await.unwrap();
    assert_ne!(fleet.keys().keys()[0].id(), id);
    assert_eq!(store.names_in("revoked/").len(), 1);
}

#[tokio::test]
async fn who_joins_tries_nothing_in_a_wrong_place() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    builder(&store, &clock).join().await.unwrap_err();
    let calls = store.calls();
    assert!(
        !calls.iter().any(|call| call.starts_with("create")),
        "{calls:?}"
    );
}

#[tokio::test]
async fn a_fleet_without_its_record_is_not_called_no_fleet() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    open(&store, &clock).await;
    store.remove("fleet");
    let joined = builder(&store, &clock).join().await.unwrap_err();
    let looked = builder(&store, &clock).look().await.unwrap_err();
    for error in [joined, looked] {
        let error = error.to_string();
        assert!(
            error.contains("it is gone, though there are keys"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_fleet_without_keys_or_one_that_is_overdue_is_not_well_to_who_looks_on() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let look = || async { builder(&store, &clock).look().await };
    clock.advance(15 * HOUR);
    assert!(look().await.unwrap().1.is_well());
    clock.advance(2 * HOUR);
    let health = look().await.unwrap().1;
    assert!(health.is_key_overdue && !health.is_well());
    let text = health.to_string();
    assert!(text.contains("no worker has made it"), "{text}");
    fleet.refresh().await.unwrap();
    let health = look().await.unwrap().1;
    assert!(health.is_well(), "{health}");

    for key in store.names_in("keys/") {
        store.remove(&key);
    }
    let error = look().await.unwrap_err().to_string();
    assert!(error.contains("none of its keys is"), "{error}");
}

#[tokio::test]
async fn an_object_that_does_not_answer_is_shown_to_who_looks_on() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    open(&store, &clock).await;
    store.put_stuck("revoked/20270114T000000Z");
    store.put_stuck("keys/20270114T000000Z");
    let (status, health) = builder(&store, &clock).look().await.unwrap();
    assert_eq!(status.keys.len(), 1);
    assert_eq!(health.refused.len(), 2, "{health}");

    let master = ring(9);
    let other = Fleet::new(store.clone(), master).clock(clock.clone());
    let error = other.look().await.unwrap_err();
    assert_eq!(error.object(), Some("fleet"));
}

#[tokio::test]
async fn a_fleet_is_opened_joined_and_looked_at_in_tasks() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    tokio::spawn(builder(&store, &clock).open())
        .await
        .unwrap()
        .unwrap();
    tokio::spawn(builder(&store, &clock).join())
        .await
        .unwrap()
        .unwrap();
    tokio::spawn(builder(&store, &clock).look())
        .await
        .unwrap()
        .unwrap();
}
