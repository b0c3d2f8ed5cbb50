//! Stolen keys.

use std::sync::atomic::{AtomicBool, Ordering};

use haversack::{Key, Rejected};
use haversack_fleet::KeyState;

use crate::support::{
    HOUR, MINUTE, Memory, NOW, Odd, TestClock, builder_on, key, key_id, login, open,
};

/// A store whose listings have what is old, and which may lose the answer when a revocation is read first.
fn lagging(store: &Memory, loses: bool, is_old: fn(&str) -> bool) -> Odd {
    let loses = AtomicBool::new(loses);
    let is_lost =
        move |call: &str| call.starts_with("read revoked/") && loses.swap(false, Ordering::SeqCst);
    Odd::new(store, move |call| !is_lost(call)).lists(is_old)
}

const TODAY: &str = "keys/20270115T000000Z";
const TOMORROW: &str = "keys/20270116T000000Z";
const TOMBSTONE: &str = "revoked/20270115T000000Z";

#[tokio::test]
async fn a_key_that_seals_is_replaced_at_once_and_opens_nowhere_a_poll_later() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleets = [open(&store, &clock).await, open(&store, &clock).await];
    let logins = fleets.each_ref().map(|fleet| login(fleet, &clock));
    let stolen = logins[1].seal(&7).unwrap();
    fleets[0].revoke(&key_id(&stolen)).await.unwrap();
    let names = [
        "fleet".to_owned(),
        format!("{TODAY}.1"),
        "revoked/20270115T000000Z".to_owned(),
    ];
    assert_eq!(store.names(), names);
    assert_eq!(logins[0].open(&stolen).unwrap_err(), Rejected::UnknownKey);
    let after = logins[0].seal(&7).unwrap();
    assert_ne!(key_id(&after), key_id(&stolen));
    // The other one refuses it for a poll, which writes nothing.
    assert_eq!(logins[1].open(&after).unwrap_err(), Rejected::UnknownKey);
    fleets[1].refresh().await.unwrap();
    assert_eq!(logins[1].open(&after).unwrap().value(), &7);
    assert_eq!(logins[1].open(&stolen).unwrap_err(), Rejected::UnknownKey);
    assert_eq!(key_id(&logins[1].seal(&7).unwrap()), key_id(&after));
    let states: Vec<_> = fleets[1]
        .status()
        .keys
        .iter()
        .map(|key| key.state)
        .collect();
    assert_eq!(states, [KeyState::Seals, KeyState::Revoked]);
}

#[tokio::test]
async fn a_key_that_only_opens_or_waits_can_be_revoked() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    let first = key_id(&login.seal(&7).unwrap());
    clock.advance(16 * HOUR - 2 * MINUTE);
    fleet.refresh().await.unwrap();
    // The next one waits.
    let waits = fleet.keys().keys()[1].id();
    fleet.revoke(&waits).await.unwrap();
    assert_eq!(
        store.names_in("keys/"),
        [TODAY.to_owned(), format!("{TOMORROW}.1")]
    );
    assert_eq!(key_id(&login.seal(&7).unwrap()), first);
    clock.advance(5 * MINUTE);
    fleet.refresh().await.unwrap();
    let token = login.seal(&7).unwrap();
    assert!(key_id(&token) != first && key_id(&token) != waits);
    // The first one only opens.
    fleet.revoke(&first).await.unwrap();
    assert_eq!(store.names_in("keys/"), [format!("{TOMORROW}.1")]);
    assert!(login.open(token).is_ok());
}

#[tokio::test]
async fn a_key_that_is_revoked_while_its_successor_waits_is_replaced_as_well() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    clock.advance(16 * HOUR - 2 * MINUTE);
    fleet.refresh().await.unwrap();
    let seals = key_id(&login.seal(&7).unwrap());
    fleet.revoke(&seals).await.unwrap();
    let names = [format!("{TODAY}.1"), TOMORROW.to_owned()];
    assert_eq!(store.names_in("keys/"), names);
    let token = login.seal(&7).unwrap();
    clock.advance(5 * MINUTE);
    fleet.refresh().await.unwrap();
    assert!(login.open(&token).is_ok());
    assert_ne!(key_id(&login.seal(&7).unwrap()), key_id(&token));
}

#[tokio::test]
async fn whoever_removes_the_tombstone_brings_nothing_back() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let before = login(&fleet, &clock).seal(&7).unwrap();
    fleet.revoke(&key_id(&before)).await.unwrap();
    store.remove("revoked/20270115T000000Z");
    let later = open(&store, &clock).await;
    let opened = login(&later, &clock).open(&before);
    assert_eq!(opened.unwrap_err(), Rejected::UnknownKey);
    assert_eq!(store.names_in("keys/"), [format!("{TODAY}.1")]);
}

#[tokio::test]
async fn a_name_that_was_revoked_is_not_made_again_by_a_worker_that_saw_neither() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let seals = fleet.keys().keys()[0].id();
    // Whoever asked for it died before the next key was there, or a listing has left it out.
    let old = store.copy();
    fleet.revoke(&seals).await.unwrap();
    store.remove(&format!("{TODAY}.1"));
    let later = open(&store, &clock).await;
    assert_eq!(store.names_in("keys/"), [format!("{TODAY}.1")]);
    assert_ne!(later.keys().keys()[0].id(), seals);
    // An older copy of the key is put back: the tombstone counts.
    store.put(TODAY, &old.content(TODAY).unwrap());
    let last = open(&store, &clock).await;
    assert!(last.keys().keys().iter().all(|key| key.id() != seals));
    // And what is left of it goes.
    assert_eq!(store.names_in("keys/"), [format!("{TODAY}.1")]);
}

#[tokio::test]
async fn a_key_that_was_made_again_is_not_believed_before_its_tombstone_was_read() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    fleet.revoke(&fleet.keys().keys()[0].id()).await.unwrap();
    // A worker whose listings are of a while ago, and which loses an answer.
    let is_old = |name: &str| !name.starts_with("keys/") && !name.starts_with("revoked/");
    let late = |loses| builder_on(lagging(&store, loses, is_old), &clock).open();
    late(true).await.unwrap_err();
    let late = late(false).await.unwrap();
    assert_eq!(late.keys().to_text(), fleet.keys().to_text());
    // What is left of it goes.
    fleet.refresh().await.unwrap();
    assert_eq!(fleet.status().keys.len(), 2);
    assert_eq!(store.names_in("keys/"), [format!("{TODAY}.1")]);
}

#[tokio::test]
async fn a_key_that_only_its_successor_names_is_not_believed_before_its_tombstone_was_read() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let (id, content) = (fleet.keys().keys()[0].id(), store.content(TODAY).unwrap());
    fleet.rotate_now().await.unwrap();
    fleet.revoke(&id).await.unwrap();
    store.put(TODAY, &content);
    let is_old = |name: &str| name != TODAY && name != TOMBSTONE;
    let late = builder_on(lagging(&store, true, is_old), &clock).open();
    let late = late.await.unwrap();
    assert!(late.keys().keys().iter().all(|key| key.id() != id));
}

#[tokio::test]
async fn a_key_is_not_believed_while_the_store_does_not_answer_for_its_tombstone() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleets = [open(&store, &clock).await, open(&store, &clock).await];
    fleets[0].rotate_now().await.unwrap();
    let key = format!("{TODAY}.1");
    let content = store.content(&key).unwrap();
    let id = fleets[0].keys().keys()[1].id();
    fleets[0].revoke(&id).await.unwrap();
    // Somebody puts it back.
    store.put(&key, &content);
    let tombstone = format!("{TOMBSTONE}.1");
    let revoked = store.content(&tombstone).unwrap();
    store.put_stuck(&tombstone);
    let opens = || fleets[1].keys().keys().iter().any(|key| key.id() == id);
    fleets[1].refresh().await.unwrap_err();
    assert!(!opens());
    store.remove(&tombstone);
    store.put(&tombstone, &revoked);
    fleets[1].refresh().await.unwrap();
    assert!(!opens());
    assert_eq!(store.content(&key), None);
}

#[tokio::test]
async fn a_tombstone_that_the_fleet_did_not_make_revokes_nothing() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    let token = login.seal(&7).unwrap();
    let key = store.content(TODAY).unwrap();
    for (name, content) in [
        ("revoked/20270115T000000Z", &b"forged"[..]),
        // The content of a key is none of a tombstone.
        ("revoked/20270115T000000Z", &key),
    ] {
        store.put(name, content);
        fleet.refresh().await.unwrap();
        assert!(login.open(&token).is_ok());
        assert_eq!(fleet.health().refused[0].object(), Some(name));
        store.remove(name);
    }
}

#[tokio::test]
async fn at_each_call_that_fails_a_revocation_can_be_tried_again() {
    for happens in [false, true] {
        for failing in 0..12 {
            let (store, clock) = (Memory::default(), TestClock::at(NOW));
            let fleets = [open(&store, &clock).await, open(&store, &clock).await];
            let logins = fleets.each_ref().map(|fleet| login(fleet, &clock));
            let token = logins[0].seal(&7).unwrap();
            store.calls();
            store.fail(failing, 1, happens);
            let is_done = fleets[0].revoke(&key_id(&token)).await.is_ok();
            store.calls();
            // Where it had come far enough, there is no such key any more.
            if !is_done && let Err(error) = fleets[0].revoke(&key_id(&token)).await {
                assert!(
                    error.to_string().contains("the fleet has no key"),
                    "{error}"
                );
            }
            fleets[1].refresh().await.unwrap();
            fleets[0].refresh().await.unwrap();
            for login in &logins {
                assert!(login.open(&token).is_err(), "{failing} {happens}");
            }
            assert!(logins[1].open(logins[0].seal(&7).unwrap()).is_ok());
            assert!(
                !store.names().contains(&TODAY.to_owned()),
                "{failing} {happens}"
            );
        }
    }
}

#[tokio::test]
async fn an_id_that_no_key_has_is_an_error() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let other = Key::generate().unwrap().id();
    let error = fleet.revoke(&other).await.unwrap_err().to_string();
    assert!(error.contains("the fleet has no key"), "{error}");
}

#[tokio::test]
async fn the_tombstone_is_there_before_a_successor_is() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let seals = key_id(&login(&fleet, &clock).seal(&7).unwrap());
    store.calls();
    fleet.revoke(&seals).await.unwrap();
    let created: Vec<_> = store.calls();
    let created = created.iter().filter(|call| call.starts_with("create "));
    let expected = [format!("create {TOMBSTONE}"), format!("create {TODAY}.1")];
    assert_eq!(
        created.collect::<Vec<_>>(),
        expected.iter().collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn junk_in_the_place_of_a_tombstone_keeps_no_worker_from_learning_of_it() {
    let further = format!("{TOMBSTONE}-{}", key(1).id());
    for places in [vec![TOMBSTONE], vec![&further], vec![TOMBSTONE, &further]] {
        let (store, clock) = (Memory::default(), TestClock::at(NOW));
        let fleets = [open(&store, &clock).await, open(&store, &clock).await];
        let logins = fleets.each_ref().map(|fleet| login(fleet, &clock));
        let stolen = logins[0].seal(&7).unwrap();
        for place in &places {
            store.put(place, b"junk");
        }
        fleets[0].refresh().await.unwrap();
        fleets[1].refresh().await.unwrap();
        assert!(logins[1].open(&stolen).is_ok());
        fleets[0].revoke(&key_id(&stolen)).await.unwrap();
        fleets[1].refresh().await.unwrap();
        let refused = logins[1].open(&stolen).unwrap_err();
        assert_eq!(refused, Rejected::UnknownKey, "{places:?}");
        let later = open(&store, &clock).await;
        let seals = |fleet: &haversack_fleet::Fleet| fleet.keys().keys()[0].id();
        assert_eq!(seals(&later), seals(&fleets[0]));
        assert_eq!(seals(&fleets[1]), seals(&fleets[0]));
    }
}

#[tokio::test]
async fn a_key_that_is_gone_is_not_revoked_by_junk() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    store.put(TOMBSTONE, b"junk");
    store.remove(TODAY);
    fleet.refresh().await.unwrap();
    let health = fleet.health().to_string();
    assert!(
        health.contains("it is gone and was not revoked"),
        "{health}"
    );
}

#[tokio::test]
async fn junk_in_the_place_of_a_successor_costs_its_name_and_no_more() {
    for is_known in [false, true] {
        let (store, clock) = (Memory::default(), TestClock::at(NOW));
        let fleets = [open(&store, &clock).await, open(&store, &clock).await];
        let seals = fleets[0].keys().keys()[0].id();
        store.put(&format!("{TODAY}.1"), b"junk");
        if is_known {
            fleets[0].refresh().await.unwrap();
        }
        fleets[0].revoke(&seals).await.unwrap();
        assert!(store.names().contains(&format!("{TODAY}.2")));
        fleets[1].refresh().await.unwrap();
        assert_eq!(fleets[1].keys().to_text(), fleets[0].keys().to_text());
        fleets[1].rotate_now().await.unwrap();
        assert!(store.names().contains(&format!("{TODAY}.3")));
    }
}

#[tokio::test]
async fn a_successor_that_was_not_made_is_made_by_whoever_comes_next() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleets = [open(&store, &clock).await, open(&store, &clock).await];
    let seals = fleets[0].keys().keys()[0].id();
    store.calls();
    // The listing, one read and the tombstone are answered, and nothing afterwards.
    let at_tombstone = {
        let (copy, clock) = (store.copy(), TestClock::at(NOW));
        let fleet = open(&copy, &clock).await;
        copy.calls();
        fleet.revoke(&seals).await.unwrap();
        let calls = copy.calls();
        let created = format!("create {TOMBSTONE}");
        calls.iter().position(|call| *call == created).unwrap()
    };
    store.fail(at_tombstone + 1, usize::MAX / 2, false);
    fleets[0].revoke(&seals).await.unwrap_err();
    store.start();
    fleets[1].refresh().await.unwrap();
    let names = [format!("{TODAY}.1")];
    assert_eq!(store.names_in("keys/"), names);
    fleets[0].refresh().await.unwrap();
    assert_eq!(fleets[0].keys().to_text(), fleets[1].keys().to_text());
}

#[tokio::test]
async fn the_successor_of_a_key_that_waits_is_known_to_all_before_it_seals() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleets = [open(&store, &clock).await, open(&store, &clock).await];
    let logins = fleets.each_ref().map(|fleet| login(fleet, &clock));
    clock.advance(16 * HOUR - MINUTE);
    for fleet in &fleets {
        fleet.refresh().await.unwrap();
    }
    let waits = fleets[0].keys().keys()[1].id();
    fleets[0].revoke(&waits).await.unwrap();
    clock.advance(MINUTE + 1);
    // The first one turns by its clock, and the other one has not heard of it.
    let _ = fleets[0].refresh().await;
    assert!(logins[1].open(logins[0].seal(&7).unwrap()).is_ok());
}
