//! A client that does what responses say has exactly the right session, whatever happens to it.

use std::time::Duration;

use haversack::{Lifetime, Rejected};
use proptest::{collection::vec, prelude::*};

use super::{FORMATS, NAME, builder, value};
use crate::{
    clients::Jar,
    support::{Format, NOW, TestClock},
};

#[derive(Clone, Debug)]
enum Step {
    Start(usize),
    Update(usize),
    /// An update whose response does not arrive.
    Lost(usize),
    Read,
    End,
    /// The browser drops one of its cookies.
    Evict(prop::sample::Index),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    // Around each length at which it takes another cookie, or becomes too large.
    let length = || {
        prop_oneof![
            6 => 0..100_usize,
            4 => 2700..3100_usize,
            2 => 5500..6100_usize,
            1 => 8300..9200_usize,
            1 => 11_500..12_300_usize,
        ]
    };
    prop_oneof![
        3 => length().prop_map(Step::Start),
        5 => length().prop_map(Step::Update),
        1 => length().prop_map(Step::Lost),
        1 => Just(Step::Read),
        1 => Just(Step::End),
        1 => any::<prop::sample::Index>().prop_map(Step::Evict),
        1 => (0..1200_u64).prop_map(Step::Wait),
    ]
}

/// Follows the steps in a browser and in a model, and compares them at each one.
fn follow(format: Format, steps: Vec<Step>) {
    let clock = TestClock::at(NOW);
    let lifetime = Lifetime::sliding(Duration::from_secs(1000), Duration::from_secs(3000));
    let codec = builder(format).clock(clock.clone()).lifetime(lifetime);
    let codec = codec.chunked_up_to(16_384).build().unwrap();
    let mut jar = Jar::default();
    let (mut expected, mut reason, mut deadline) = (None, None, u64::MAX);
    let mut now = NOW;
    for (letter, step) in ('a'..).zip(steps) {
        match step {
            Step::Evict(_) if jar.cookies.is_empty() => continue,
            Step::Evict(index) => {
                let name = index.get(&jar.names()).to_string();
                jar.cookies.remove(&name);
                // Whether all pieces are there is known before whether they are live.
                reason = (!jar.cookies.is_empty()).then_some(Rejected::Incomplete);
                expected = None;
                deadline = u64::MAX;
                continue;
            }
            Step::Wait(seconds) => {
                now += seconds;
                clock.set(now);
                continue;
            }
            _ => {}
        }
        if now >= deadline {
            reason = expected.is_some().then_some(Rejected::Expired);
            (expected, deadline) = (None, u64::MAX);
        }
        let session = codec.session([&jar.header()]);
        assert_eq!(session.get().as_deref(), expected.as_ref());
        match (session.rejected(), reason) {
            // At the cap both deadlines are past.
            (Some(Rejected::PastCap), Some(Rejected::Expired)) => {}
            (rejected, reason) => assert_eq!(rejected, reason),
        }
        match step {
            Step::Start(length) => session.start(value(letter, length)),
            Step::Update(length) | Step::Lost(length) => {
                session.update(|stored| *stored = value(letter, length));
            }
            Step::End => session.end(),
            Step::Read | Step::Evict(_) | Step::Wait(_) => {}
        }
        let Ok(headers) = session.response_headers() else {
            continue;
        };
        let writes = headers.iter().any(|(name, _)| *name == "set-cookie");
        if matches!(step, Step::Lost(_)) || !writes {
            continue;
        }
        jar.follow(&headers);
        expected = session.get().map(|value| (*value).clone());
        deadline = session
            .facts()
            .map(|facts| facts.expires_at)
            .unwrap_or(u64::MAX);
        reason = None;
        assert_nothing_is_left_over(&jar, expected.is_some());
    }
}

/// The cookies are one plain one, or all pieces of one set, or none.
fn assert_nothing_is_left_over(jar: &Jar, live: bool) {
    let first = jar
        .cookies
        .values()
        .next()
        .filter(|_| jar.names() != [NAME]);
    let count = first.map_or(0, |piece| usize::from(piece.as_bytes()[1] - b'0'));
    let pieces: Vec<_> = (1..=count).map(|index| format!("{NAME}.{index}")).collect();
    match (live, count) {
        (true, 0) => assert_eq!(jar.names(), [NAME]),
        _ => assert_eq!(jar.names(), pieces),
    }
    assert_eq!(live, !jar.cookies.is_empty());
}

fn run(format: Format, cases: u32) {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    };
    proptest!(config, |(steps in vec(step(), 1..7))| follow(format, steps));
}

#[test]
fn a_client_that_follows_has_exactly_the_right_sealed_session() {
    run(FORMATS[0], 1500);
}

#[test]
fn a_client_that_follows_has_exactly_the_right_signed_session() {
    run(FORMATS[1], 2500);
}
