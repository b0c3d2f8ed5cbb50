//! Who begins a fleet, who joins one, and who only looks on.

use tempfile::TempDir;

use crate::support::{DAY, Memory, NOW, TestClock, builder, login, open};

#[tokio::test]
async fn a_worker_that_had_a_fleet_begins_no_other_one_in_an_empty_store() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("copy");
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = builder(&store, &clock).local_copy(&path).open().await;
    let fleet = fleet.unwrap();
    let token = login(&fleet, &clock).seal(&7).unwrap();

    let unmounted = Memory::default();
    let restarted = builder(&unmounted, &clock).local_copy(&path).open().await;
    let restarted = restarted.unwrap();
    let login = login(&restarted, &clock);
    assert_eq!(login.open(&token).unwrap().value(), &7);
    let health = restarted.health().to_string();
    assert!(health.contains("there is no fleet in it"), "{health}");
    assert!(health.contains("mount the volume"), "{health}");
    clock.advance(DAY);
    let error = restarted.refresh().await.unwrap_err();
    assert_eq!(error.object(), Some("fleet"));
    assert_eq!(unmounted.names(), [""; 0]);

    for name in store.names() {
        unmounted.put(&name, &store.content(&name).unwrap());
    }
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
    let opened = builder(&store, &clock).local_copy(&path).open().await;
    assert!(opened.unwrap().health().is_well());
}

#[tokio::test]
async fn nothing_is_made_in_a_store_from_which_the_fleet_is_gone() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    let token = login.seal(&7).unwrap();
    let volume = store.copy();
    for name in store.names() {
        store.remove(&name);
    }
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

    for name in volume.names() {
        store.put(&name, &volume.content(&name).unwrap());
    }
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
