//! Pages that know when their session ends.

use std::time::Duration;

use ::http::HeaderMap;
use haversack::{Codec, Lifetime, Session};

use crate::support::{HOUR, NOW, TestClock, Twin, twins};

fn codec(twin: Twin, clock: &TestClock) -> Codec<u64> {
    let lifetime = Lifetime::sliding(Duration::from_secs(HOUR), Duration::from_secs(8 * HOUR));
    let builder = twin.builder("login", &[1]).clock(clock.clone());
    builder
        .lifetime(lifetime)
        .announce("Session-Ends")
        .build()
        .unwrap()
}

/// What a response announces, and how caches are told to keep it.
fn said(session: &Session<u64>) -> (Option<String>, String) {
    let headers = session.response_headers().unwrap();
    let get = |name: &str| headers.iter().find(|(own, _)| *own == name);
    let announced = get("session-ends").map(|(_, value)| value.clone());
    let caching = get("cache-control").unwrap().1.clone();

    // With the types of `http` it is the same, whatever the handler said.
    let mut saved = HeaderMap::new();
    saved.insert("session-ends", "never".parse().unwrap());
    saved.insert("cache-control", "public, max-age=60".parse().unwrap());
    session.save(&mut saved).unwrap();
    let value = saved
        .get("session-ends")
        .map(|value| value.to_str().unwrap());
    assert_eq!(value, announced.as_deref());
    if announced.is_some() {
        assert_eq!(saved["cache-control"], "no-store");
    }
    (announced, caching)
}

#[test]
fn a_response_tells_the_seconds_to_both_deadlines_and_no_cache_keeps_it() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = codec(twin, &clock);
        let (_, sent) = codec.request_header_for(&7).unwrap();
        for (age, expected) in [
            (0, "idle=3600, absolute=28800"),
            (600, "idle=3000, absolute=28200"),
            // Renewed by this request.
            (1800, "idle=3600, absolute=27000"),
        ] {
            clock.set(NOW + age);
            let (announced, caching) = said(&codec.session([&sent]));
            assert_eq!(announced.as_deref(), Some(expected), "{twin:?}");
            assert_eq!(caching, "no-store", "{twin:?}");
        }
    }
}

#[test]
fn where_nobody_is_signed_in_nothing_is_announced() {
    for twin in twins() {
        let codec = codec(twin, &TestClock::at(NOW));
        let (announced, caching) = said(&codec.session([""]));
        assert_eq!((announced, &*caching), (None, "private"), "{twin:?}");
        let (_, sent) = codec.request_header_for(&7).unwrap();
        let session = codec.session([&sent]);
        session.end();
        assert_eq!(said(&session).0, None, "{twin:?}");
        session.start(8);
        assert!(said(&session).0.is_some(), "{twin:?}");
    }
}

#[test]
fn a_header_that_means_something_else_announces_nothing() {
    for twin in twins() {
        for name in [
            "",
            "a b",
            "set-cookie",
            "cookie",
            "authorization",
            "expires",
            "sec-x",
            "x-cache-control",
        ] {
            let built = twin.builder::<u64>("login", &[1]).announce(name).build();
            assert_eq!(built.unwrap_err().setting(), "announce", "{name}");
        }
        let built = twin
            .builder::<u64>("login", &[1])
            .announce("x-session")
            .build();
        let carries = codec(twin, &TestClock::at(NOW)).response_header() == "x-session";
        assert_eq!(built.is_err(), carries, "{twin:?}");
    }
}
