//! Whatever a request brings, with every system's reader on: no panic, and no session.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use haversack::{Codec, Key, KeyRing, Rejected, What, foreign::Source};

use crate::vectors::ALL;

fn noise(state: &mut u64, limit: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize % limit
}

/// A codec that also reads what every system wrote, one reader of each, with a clock at which most of its
/// cookies are good.
fn with_all_sources(told: &Arc<AtomicUsize>) -> Codec<String> {
    let key = Key::generate().unwrap();
    let told = Arc::clone(told);
    let mut builder = Codec::<String>::sealed("login", KeyRing::new(key))
        .clock(|| 1_795_273_230)
        .observe(move |event| {
            if let What::ForeignRefused { detail, .. } = event.what {
                assert!(!detail.is_empty() && detail != "its reader panicked");
                told.fetch_add(1, Ordering::Relaxed);
            }
        });
    let mut systems = BTreeSet::new();
    for vector in ALL.iter().filter(|vector| vector.expect == "ok") {
        if systems.insert(vector.reader.system()) {
            let reader = Boxed(&*vector.reader);
            builder = builder.also_reads(Source::new(reader, 1_900_000_000), |foreign| {
                Some(format!("{foreign:?}"))
            });
        }
    }
    assert_eq!(systems.len(), 14, "{systems:?}");
    builder.build().unwrap()
}

#[test]
fn hostile_headers_with_all_sources_on_open_nothing_and_panic_nowhere() {
    let wires: Vec<Vec<u8>> = ALL
        .iter()
        .map(|vector| vector.wire.clone().into_bytes())
        .collect();
    let told = Arc::new(AtomicUsize::new(0));
    let codec = with_all_sources(&told);
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..8000 {
        let mut header = Vec::new();
        for _ in 0..noise(&mut state, 6) {
            let mut part = wires[noise(&mut state, wires.len())].clone();
            // Each is changed, so that none is genuine.
            for _ in 0..=noise(&mut state, 4) {
                let at = noise(&mut state, part.len());
                part[at] ^= 1 + noise(&mut state, 255) as u8;
            }
            part.truncate(noise(&mut state, part.len() + 1));
            header.extend_from_slice(&part);
            header.extend_from_slice(b"; ");
        }
        let session = codec.session([&header]);
        assert_eq!(session.get(), None, "{}", header.escape_ascii());
        let headers = session.response_headers().unwrap();
        assert!(headers.iter().all(|(name, _)| *name != "set-cookie"));
    }
    let told = told.load(Ordering::Relaxed);
    assert!(told > 8000, "{told}");
}

#[test]
fn one_request_with_cookies_of_every_system_is_read_by_the_first_that_opens() {
    let mut header = Vec::new();
    for vector in ALL.iter() {
        let is_typical = vector.expect == "ok" && vector.id.ends_with("typical");
        if is_typical && vector.wire.len() < 700 {
            header.push(vector.wire.clone());
        }
    }
    let codec = with_all_sources(&Arc::default());
    assert!(codec.session([&header.join("; ")]).get().is_some());
}

#[test]
fn what_no_browser_keeps_is_not_looked_at() {
    let mut systems = BTreeSet::new();
    for vector in ALL.iter().filter(|vector| vector.expect == "ok") {
        let (name, _) = vector.wire.split_once('=').unwrap();
        let is_chunk = name.ends_with('0');
        if is_chunk || !systems.insert(vector.reader.system()) {
            continue;
        }
        let reason = |length: usize| {
            let wire = format!("{name}={}", "A".repeat(length));
            vector.read(wire.as_bytes()).unwrap_err().reason
        };
        assert_eq!(reason(4097), Rejected::TooLarge, "{}", vector.id);
        assert_ne!(reason(4096), Rejected::TooLarge, "{}", vector.id);
    }
    assert_eq!(systems.len(), 14);
}

#[test]
fn chunks_are_joined_up_to_what_a_request_may_have() {
    let chunked = ALL
        .iter()
        .find(|vector| vector.wire.starts_with("authjs.session-token.0="));
    let reason = |length: usize| {
        let chunk = |index| format!("authjs.session-token.{index}={}", "A".repeat(length));
        let wire: Vec<_> = (0..4).map(chunk).collect();
        chunked
            .unwrap()
            .read(wire.join("; ").as_bytes())
            .unwrap_err()
            .reason
    };
    assert_eq!(reason(4097), Rejected::TooLarge);
    assert_eq!(reason(4096), Rejected::Malformed);
    let twice = format!("{0}; {0}", chunked.unwrap().wire);
    let refused = chunked.unwrap().read(twice.as_bytes()).unwrap_err();
    assert_eq!(refused.reason, Rejected::Incomplete);
}

struct Boxed(&'static dyn haversack::foreign::Reader);

impl haversack::foreign::Reader for Boxed {
    fn system(&self) -> &'static str {
        self.0.system()
    }

    fn read(
        &self,
        cookies: &haversack::foreign::Cookies<'_>,
        now: u64,
    ) -> Result<Option<haversack::foreign::Foreign>, haversack::foreign::Refused> {
        self.0.read(cookies, now)
    }
}
