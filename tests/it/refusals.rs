//! What hostile input costs: no memory, whatever its size.

mod asymmetric;

use std::time::Duration;

use allocation_counter::measure;
use haversack::{Codec, Lifetime, Rejected};

use crate::support::{Carrier, Login, NOW, TestClock, Twin, key, login, twins};

/// How many times the heap was asked for memory.
fn allocations(of: impl FnOnce()) -> u64 {
    measure(of).count_total
}

fn codec(twin: Twin) -> (Codec<Login>, TestClock) {
    let clock = TestClock::at(NOW);
    let builder = twin.builder("login", &[1, 2]).clock(clock.clone());
    (builder.build().unwrap(), clock)
}

fn changed(token: &str, at: usize) -> String {
    let mut octets = token.as_bytes().to_vec();
    octets[at] = if octets[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(octets).unwrap()
}

/// Tokens that are refused, and why, with the clock that refuses them.
fn refused(twin: Twin, codec: &Codec<Login>) -> Vec<(String, Rejected, u64)> {
    let good = codec.seal(&login()).unwrap();
    let other_key = twin.builder("login", &[3]).clock(TestClock::at(NOW));
    let other_name = twin.builder("cart", &[1]).clock(TestClock::at(NOW));
    let seal = |codec: Codec<Login>| codec.seal(&login()).unwrap();
    let other_key = seal(other_key.build().unwrap());
    let other_name = seal(other_name.build().unwrap());
    vec![
        (changed(&good, good.len() - 2), Rejected::NotAuthentic, NOW),
        (other_name, Rejected::NotAuthentic, NOW),
        (other_key, Rejected::UnknownKey, NOW),
        (good.clone(), Rejected::PastCap, NOW + 24 * 3600),
        (good.clone(), Rejected::NotYetValid, NOW - 61),
        (good.replace('A', "="), Rejected::Malformed, NOW),
        ("A".repeat(4000), Rejected::Malformed, NOW),
        ("A".repeat(16 * 1024), Rejected::TooLarge, NOW),
        (".".repeat(4096), Rejected::Malformed, NOW),
        (good[..20].to_owned(), Rejected::Malformed, NOW),
    ]
}

#[test]
fn a_refused_token_asks_for_no_memory_beyond_that_of_the_session() {
    for twin in twins() {
        let (codec, clock) = codec(twin);
        // What is prepared at the first use is not the refused token's.
        assert!(codec.open(codec.seal(&login()).unwrap()).is_ok());
        for (token, reason, now) in refused(twin, &codec) {
            clock.set(now);
            let header = twin.carry(&codec, &token);
            let asked = allocations(|| {
                assert_eq!(codec.open(&token).unwrap_err(), reason, "{twin:?} {token}");
            });
            assert_eq!(asked, 0, "{twin:?}: {reason:?}");
            let asked = allocations(|| {
                assert_eq!(
                    codec.session([&header]).rejected(),
                    Some(reason),
                    "{twin:?} {token}"
                );
            });
            assert_eq!(asked, SESSION, "{twin:?}: {reason:?}");
            clock.set(NOW);
        }
    }
}

#[test]
fn a_header_full_of_hostile_cookies_asks_for_no_memory_beyond_that_of_the_session() {
    let keys = haversack::KeyRing::new(key(1));
    let build = |chunked: bool| {
        let builder = Codec::<Login>::sealed("login", keys.clone());
        let builder = if chunked { builder.chunked() } else { builder };
        builder.build().unwrap()
    };
    for codec in [build(false), build(true)] {
        let token = codec.seal(&login()).unwrap();
        let bad = changed(&token, token.len() - 2);
        let many = format!("__Host-Http-login={bad}; ").repeat(16 * 1024 / (bad.len() + 15));
        let pieces: String = (1..9)
            .map(|index| {
                format!(
                    "__Host-Http-login.{index}={index}8AbCdEfGh{}; ",
                    "A".repeat(2000)
                )
            })
            .collect();
        let junk = "a=b;".repeat(4 * 1024);
        for header in [many, pieces, junk] {
            let asked = allocations(|| assert!(codec.session([&header]).get().is_none()));
            assert_eq!(asked, SESSION);
        }
    }
}

#[test]
fn opening_and_sealing_ask_for_little_beyond_the_value() {
    for twin in twins() {
        let (codec, _) = codec(twin);
        let value = login();
        let token = codec.seal(&value).unwrap();
        let header = twin.carry(&codec, &token);
        let json = serde_json::to_string(&value).unwrap();
        let own = allocations(|| drop(serde_json::from_str::<Login>(&json).unwrap()));
        assert!(codec.session([&header]).get().is_some());

        let asked = allocations(|| drop(codec.open(&token).unwrap()));
        assert_eq!(asked, own, "{twin:?}: opening needs none of its own");
        let asked = allocations(|| drop(codec.session([&header])));
        assert_eq!(asked, own + SESSION + 1, "{twin:?}: a value is shared");
        let asked = allocations(|| drop(codec.seal(&value).unwrap()));
        // With debug assertions what is written is read back.
        let read_back = if cfg!(debug_assertions) { own } else { 0 };
        assert_eq!(
            asked,
            1 + read_back,
            "{twin:?}: sealing asks for what it gives"
        );
    }
}

#[test]
fn a_token_that_is_written_has_room_for_itself_and_for_no_more() {
    for twin in twins() {
        let builder = || twin.builder("login", &[1]).clock(TestClock::at(NOW));
        let lives = [1, 9, 10, 99, 100, 86_400].map(Duration::from_secs);
        let mut builders: Vec<_> = lives
            .into_iter()
            .map(|life| builder().lifetime(Lifetime::fixed(life)))
            .collect();
        if twin.carrier == Carrier::Cookie {
            builders.push(builder().until_browser_closes());
            builders.push(builder().chunked().sticky_end());
        }
        for builder in builders {
            let codec = builder.build().unwrap();
            let session = codec.session(["none"]);
            session.start(login());
            let started = session.response_headers().unwrap();
            session.start(Login {
                name: "Ada".repeat(3000),
                ..login()
            });
            let pieces = session.response_headers().unwrap_or_default();
            session.end();
            let ended = session.response_headers().unwrap();
            for (name, value) in started.iter().chain(&pieces).chain(&ended) {
                let removal = value.contains("Max-Age=0");
                if *name == codec.response_header() && !removal {
                    assert_eq!(value.capacity(), value.len(), "{twin:?}: {value}");
                }
            }
        }
    }
}

/// What a session asks for that is empty.
const SESSION: u64 = 1;
