//! Sessions of a user, or of everybody, that count no more.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use haversack::{Codec, Rejected};
use haversack_fleet::Fleet;

use crate::support::{DAY, HOUR, MINUTE, Memory, NOW, Odd, TestClock, builder_on, login, open};

async fn two_workers(store: &Memory, clocks: [&TestClock; 2]) -> ([Fleet; 2], [Codec<u64>; 2]) {
    let fleets = [open(store, clocks[0]).await, open(store, clocks[1]).await];
    let logins = [login(&fleets[0], clocks[0]), login(&fleets[1], clocks[1])];
    (fleets, logins)
}

#[tokio::test]
async fn a_cut_off_holds_at_once_where_it_was_asked_for_and_a_poll_later_everywhere() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let (fleets, logins) = two_workers(&store, [&clock, &clock]).await;
    let (ada, grace) = (logins[0].seal(&7).unwrap(), logins[0].seal(&8).unwrap());
    clock.advance(MINUTE);
    fleets[0].cut_off(7).await.unwrap();
    assert_eq!(logins[0].open(&ada).unwrap_err(), Rejected::Revoked);
    assert!(logins[1].open(&ada).is_ok());
    fleets[1].refresh().await.unwrap();
    assert_eq!(logins[1].open(&ada).unwrap_err(), Rejected::Revoked);
    for login in &logins {
        assert_eq!(login.open(&grace).unwrap().value(), &8);
    }
    // A worker that starts later knows it too.
    let later = open(&store, &clock).await;
    assert_eq!(
        login(&later, &clock).open(&ada).unwrap_err(),
        Rejected::Revoked
    );
}

#[tokio::test]
async fn a_sign_in_in_the_second_of_the_cut_off_works_and_no_session_of_before_survives() {
    let (store, ahead) = (Memory::default(), TestClock::at(NOW + 5));
    let clock = TestClock::at(NOW);
    let (fleets, logins) = two_workers(&store, [&clock, &ahead]).await;
    // The last moment before it, by a clock that is ahead.
    let before = [logins[0].seal(&7).unwrap(), logins[1].seal(&7).unwrap()];
    fleets[0].cut_off(7).await.unwrap();
    let after = logins[0].seal(&7).unwrap();
    fleets[1].refresh().await.unwrap();
    for login in &logins {
        for before in &before {
            assert_eq!(login.open(before).unwrap_err(), Rejected::Revoked);
        }
        assert_eq!(login.open(&after).unwrap().value(), &7);
    }
    // Once more in the same second.
    fleets[1].cut_off(7).await.unwrap();
    let last = logins[1].seal(&7).unwrap();
    fleets[0].refresh().await.unwrap();
    for login in &logins {
        assert_eq!(login.open(&after).unwrap_err(), Rejected::Revoked);
        assert_eq!(login.open(&last).unwrap().value(), &7);
    }
}

#[tokio::test]
async fn everybody_can_be_cut_off() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let (fleets, logins) = two_workers(&store, [&clock, &clock]).await;
    let before = logins[0].seal(&7).unwrap();
    fleets[1].cut_off_all().await.unwrap();
    fleets[0].refresh().await.unwrap();
    let after = logins[0].seal(&7).unwrap();
    for login in &logins {
        assert_eq!(login.open(&before).unwrap_err(), Rejected::Revoked);
        assert!(login.open(&after).is_ok());
    }
    // A cut-off of one of them is later than that of all.
    fleets[0].cut_off("7").await.unwrap();
    assert_eq!(logins[0].open(&after).unwrap_err(), Rejected::Revoked);
}

#[tokio::test]
async fn neither_names_nor_contents_tell_whose_sessions_are_cut_off() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    fleet.cut_off("ada@example.com").await.unwrap();
    let other = Memory::default();
    let other_fleet = open(&other, &clock).await;
    other_fleet.cut_off("ada@example.com").await.unwrap();
    let [name] = &store.names_in("cutoffs/")[..] else {
        panic!("one cut-off");
    };
    assert!(name.starts_with("cutoffs/20270115T080006Z-"), "{name}");
    assert_eq!(store.content(name).unwrap(), b"-");
    assert!(!other.names_in("cutoffs/").contains(name));
}

#[tokio::test]
async fn a_cut_off_that_the_fleet_did_not_make_is_refused() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    let token = login.seal(&7).unwrap();
    let forged = "cutoffs/20270115T080100Z-all-00000000000000000000000000000000";
    store.put(forged, b"-");
    fleet.refresh().await.unwrap();
    assert!(login.open(&token).is_ok());
    let health = fleet.health();
    assert!(health.is_ready && !health.is_well());
    assert_eq!(health.refused[0].object(), Some(forged));
}

#[tokio::test]
async fn when_the_store_fails_the_caller_knows_and_the_cut_off_holds_here() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let (fleets, logins) = two_workers(&store, [&clock, &clock]).await;
    let token = logins[0].seal(&7).unwrap();
    store.calls();
    // That the fleet is there is seen, and the creation fails.
    store.fail(2, 1, false);
    let error = fleets[0].cut_off(7).await.unwrap_err();
    assert!(error.object().unwrap().starts_with("cutoffs/"));
    assert!(
        error
            .to_string()
            .contains("the store did not create it (connection refused)")
    );
    assert!(logins[0].open(&token).is_err());
    // Tried again it holds everywhere.
    store.calls();
    fleets[0].cut_off(7).await.unwrap();
    fleets[1].refresh().await.unwrap();
    assert!(logins[1].open(&token).is_err());
}

#[tokio::test]
async fn a_cut_off_whose_creation_took_long_is_made_again_so_that_no_listing_misses_it() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let (time, is_first) = (clock.clone(), AtomicBool::new(true));
    let slow = Odd::new(&store, move |call| {
        if call.starts_with("create cutoffs/") && is_first.swap(false, Ordering::SeqCst) {
            time.advance(6 * MINUTE);
        }
        true
    });
    let asked = builder_on(slow, &clock).open().await.unwrap();
    asked.cut_off(7).await.unwrap();
    let names = store.names_in("cutoffs/");
    assert_eq!(names.len(), 2, "{names:?}");
    fleet.refresh().await.unwrap();
    assert_eq!(fleet.status().cut_offs, 1);
}

/// What one listing leaves out is in the next one.
#[tokio::test]
async fn a_cut_off_is_found_that_is_only_in_a_listing_which_comes_to_nothing() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    open(&store, &clock).await.cut_off(7).await.unwrap();
    clock.advance(HOUR / 2);
    let listings = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&listings);
    // The first and the third leave it out; keys are not read after the first, and nothing after the second.
    let lossy = Odd::new(&store, move |call| {
        if call.starts_with("list ") && call != "list probes/" {
            listings.fetch_add(1, Ordering::SeqCst);
        }
        match listings.load(Ordering::SeqCst) {
            1 => !call.starts_with("read keys/"),
            2 => !call.starts_with("read "),
            _ => true,
        }
    });
    let lossy = lossy.lists(move |name| {
        !name.starts_with("cutoffs/") || !matches!(seen.load(Ordering::SeqCst), 1 | 3)
    });
    let fleet = builder_on(lossy, &clock).open().await;
    assert_eq!(fleet.unwrap().status().cut_offs, 1);
}

#[tokio::test]
async fn cut_offs_are_gone_when_no_session_of_before_can_live() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    for user in 0..5 {
        fleet.cut_off(user).await.unwrap();
        clock.advance(HOUR);
        fleet.refresh().await.unwrap();
    }
    assert_eq!(fleet.status().cut_offs, 5);
    for _ in 0..4 * DAY / MINUTE {
        clock.advance(MINUTE);
        fleet.refresh().await.unwrap();
    }
    assert_eq!(fleet.status().cut_offs, 0);
    assert!(store.names_in("cutoffs/").is_empty());
}

#[tokio::test]
async fn too_many_cut_offs_of_one_user_at_once_are_an_error_and_the_last_one_holds() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let login = login(&fleet, &clock);
    let error = loop {
        if let Err(error) = fleet.cut_off(7).await {
            break error;
        }
    };
    assert!(
        error.to_string().contains("wait for some seconds"),
        "{error}"
    );
    assert!(login.open(login.seal(&7).unwrap()).is_ok());
    clock.advance(30);
    fleet.cut_off(7).await.unwrap();
}

#[tokio::test]
async fn a_forged_cut_off_that_somebody_removed_is_forgotten() {
    let (store, clock) = (Memory::default(), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let forged = format!("cutoffs/20270115T080000Z-{0}-{0}", "0".repeat(32));
    store.put(&forged, b"-");
    fleet.refresh().await.unwrap();
    assert!(!fleet.health().is_well());
    store.remove(&forged);
    for _ in 0..61 {
        clock.advance(MINUTE);
        fleet.refresh().await.unwrap();
    }
    assert!(fleet.health().is_well(), "{}", fleet.health());
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_a_while_hides_no_cut_off() {
    let store = Memory::default();
    let (clock, jumps) = (TestClock::at(NOW), TestClock::at(NOW));
    let fleet = open(&store, &clock).await;
    let other = open(&store, &jumps).await;
    let login = login(&other, &clock);
    let token = login.seal(&7).unwrap();
    jumps.advance(HOUR);
    for _ in 0..3 {
        other.refresh().await.unwrap();
    }
    fleet.cut_off(7).await.unwrap();
    other.refresh().await.unwrap();
    clock.advance(20 * MINUTE);
    jumps.back(40 * MINUTE);
    other.refresh().await.unwrap();
    assert!(login.open(&token).is_err());
}
