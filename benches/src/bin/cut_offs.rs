//! What it takes to see whether a session was cut off, with a hundred thousand that were, in nanoseconds:
//! the least of many rounds, of users one after the other and of those in no order, whom no cache knows.
//!
//! ```text
//! cargo run --release --no-default-features --features rust_crypto,fleet --bin cut_offs
//! ```

use std::{
    error::Error,
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use haversack::{Codec, Facts, Key, KeyRing};
use haversack_benches::memory::Memory;
use haversack_fleet::Fleet;

fn main() -> Result<(), Box<dyn Error>> {
    let now = Arc::new(AtomicU64::new(1_800_000_000));
    let clock = {
        let now = Arc::clone(&now);
        move || now.load(Ordering::Relaxed)
    };
    let master = KeyRing::new(Key::generate()?);
    let fleet = Fleet::new(Memory::default(), master).clock(clock.clone());
    let fleet = pollster::block_on(fleet.open())?;
    let login = Codec::<u64>::sealed("login", fleet.keys())
        .clock(clock)
        .build()?;
    let facts = login.open(login.seal(&7)?)?.facts();
    for user in 0..CUT_OFFS {
        // Some minutes apart, so that no listing is long.
        now.fetch_add(300, Ordering::Relaxed);
        pollster::block_on(fleet.cut_off(user))?;
    }
    assert_eq!(fleet.status().cut_offs as u64, CUT_OFFS);

    let in_order = |count: u64| count % USERS;
    // Each number once, by a multiplier that has no factor in common with their count.
    let in_none = |count: u64| count.wrapping_mul(7_919_777) % USERS;
    let text = |user: u64| format!("user{user:05}@shop.example");
    let texts: Vec<String> = (0..USERS).map(|count| text(in_none(count))).collect();
    println!("{CUT_OFFS} cut-offs, ns a check");
    show("numbers in order", |count| {
        fleet.counts_since(in_order(count), &facts)
    });
    show("numbers in none", |count| {
        fleet.counts_since(in_none(count), &facts)
    });
    show("only cut off", |count| {
        fleet.counts_since(in_none(count) % CUT_OFFS, &facts)
    });
    show("only others", |count| {
        fleet.counts_since(in_none(count) % CUT_OFFS + CUT_OFFS, &facts)
    });
    show("texts", |count| {
        fleet.counts_since(&*texts[in_order(count) as usize], &facts)
    });
    let later = later(&login, &now)?;
    show("sessions of after all of them", |count| {
        fleet.counts_since(in_none(count), &later)
    });
    Ok(())
}

/// Facts of a session that started now.
fn later(login: &Codec<u64>, now: &AtomicU64) -> Result<Facts, Box<dyn Error>> {
    now.fetch_add(60, Ordering::Relaxed);
    Ok(login.open(login.seal(&7)?)?.facts())
}

fn show(what: &str, check: impl Fn(u64) -> u64) {
    let round = || {
        let began = Instant::now();
        let mut sum = 0;
        for count in 0..USERS {
            sum ^= check(black_box(count));
        }
        black_box(sum);
        began.elapsed().as_nanos() as f64 / USERS as f64
    };
    let least = (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min);
    println!("{what:30}{least:6.1}");
}

const CUT_OFFS: u64 = 100_000;
/// As many were cut off as were not.
const USERS: u64 = 2 * CUT_OFFS;
const ROUNDS: u32 = 50;
