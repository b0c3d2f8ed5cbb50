//! A start while the store is down, from what was there before.

use tempfile::TempDir;

use crate::support::{DAY, HOUR, Memory, NOW, TestClock, builder, key_id, login};

#[tokio::test]
async fn a_worker_starts_from_its_copy_with_the_keys_and_cut_offs_of_before() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("copy");
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = builder(&store, &clock).local_copy(&path).open().await;
    let fleet = fleet.unwrap();
    let before = login(&fleet, &clock);
    let tokens = [7, 8].map(|user| before.seal(&user).unwrap());
    clock.advance(1);
    fleet.cut_off(8).await.unwrap();
    fleet.refresh().await.unwrap();

    store.stop();
    let names = store.names();
    clock.advance(60);
    let restarted = builder(&store, &clock).local_copy(&path).open().await;
    let restarted = restarted.unwrap();
    assert!(!restarted.health().is_well());
    let after = login(&restarted, &clock);
    assert_eq!(restarted.keys().to_text(), fleet.keys().to_text());
    assert_eq!(after.open(&tokens[0]).unwrap().value(), &7);
    assert!(after.open(&tokens[1]).is_err());
    assert!(before.open(after.seal(&9).unwrap()).is_ok());
    assert_eq!(store.names(), names);

    store.start();
    restarted.refresh().await.unwrap();
    assert!(restarted.health().is_well());
    assert!(after.open(&tokens[1]).is_err());
}

#[tokio::test]
async fn from_a_copy_the_last_key_goes_on_and_none_is_made() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("copy");
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = builder(&store, &clock).local_copy(&path).open().await;
    let fleet = fleet.unwrap();
    let sealed_by = key_id(&login(&fleet, &clock).seal(&7).unwrap());
    store.stop();
    clock.advance(DAY);
    let restarted = builder(&store, &clock).local_copy(&path).open().await;
    let restarted = restarted.unwrap();
    let token = login(&restarted, &clock).seal(&7).unwrap();
    assert_eq!(key_id(&token), sealed_by);
    assert_eq!(restarted.keys().keys().len(), 1);
}

#[tokio::test]
async fn without_a_copy_or_with_a_changed_one_no_worker_starts_while_the_store_is_down() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("copy");
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let opened = builder(&store, &clock).local_copy(&path).open().await;
    opened.unwrap();
    store.stop();
    clock.advance(HOUR);
    let error = builder(&store, &clock).open().await.unwrap_err();
    assert!(error.to_string().contains("connection refused"), "{error}");
    let copy = std::fs::read_to_string(&path).unwrap();
    let key = copy.lines().find(|line| line.starts_with("keys/")).unwrap();
    let changed = copy.replace(key, &format!("{key}A"));
    std::fs::write(&path, changed).unwrap();
    let opened = builder(&store, &clock).local_copy(&path).open().await;
    let error = opened.unwrap_err();
    assert!(error.to_string().contains("connection refused"), "{error}");
}
