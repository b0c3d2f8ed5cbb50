//! Whatever a request brings, with every system's reader on: no panic, and no session.

use std::time::{Duration, Instant};

use haversack::{Codec, Key, KeyRing, foreign::Source};

use crate::vectors::{ALL, Vector};

fn noise(state: &mut u64, limit: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize % limit
}

#[test]
fn hostile_headers_with_all_sources_on_open_nothing_and_panic_nowhere() {
    let wires: Vec<Vec<u8>> = ALL
        .iter()
        .map(|vector| vector.wire.clone().into_bytes())
        .collect();
    // One of each system, with clocks that stand where most of its cookies are good.
    let mut readers: Vec<&Vector> = Vec::new();
    for vector in ALL.iter().filter(|vector| vector.expect == "ok") {
        if readers
            .iter()
            .all(|known| known.reader.system() != vector.reader.system())
        {
            readers.push(vector);
        }
    }
    assert!(readers.len() >= 10, "{}", readers.len());
    let mut state = 0x9e37_79b9_7f4a_7c15;
    let began = Instant::now();
    for _ in 0..4000 {
        let mut header = Vec::new();
        for _ in 0..noise(&mut state, 6) {
            let mut part = wires[noise(&mut state, wires.len())].clone();
            // Each is changed, so that none is genuine.
            for _ in 0..=noise(&mut state, 4) {
                let at = noise(&mut state, part.len());
                part[at] = noise(&mut state, 256) as u8;
            }
            part.truncate(noise(&mut state, part.len() + 1));
            header.extend_from_slice(&part);
            header.extend_from_slice(b"; ");
        }
        for reader in &readers {
            let _ = reader.read(&header);
        }
    }
    assert!(began.elapsed() < Duration::from_secs(120));
}

#[test]
fn one_request_with_cookies_of_every_system_is_read_by_the_first_that_opens() {
    let key = Key::generate().unwrap();
    let mut builder = Codec::<String>::sealed("login", KeyRing::new(key)).clock(|| 1_795_273_230);
    let mut header = Vec::new();
    for vector in ALL.iter() {
        let is_typical = vector.expect == "ok" && vector.id.ends_with("typical");
        if is_typical && vector.wire.len() < 700 {
            header.push(vector.wire.clone());
            let reader = Boxed(&*vector.reader);
            builder = builder.also_reads(Source::new(reader, 1_900_000_000), |foreign| {
                Some(format!("{foreign:?}"))
            });
        }
    }
    let codec = builder.build().unwrap();
    let session = codec.session([&header.join("; ")]);
    assert!(session.get().is_some());
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
