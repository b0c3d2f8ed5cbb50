//! Rotations under load.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use haversack::{Codec, JwtKeys, Rejected};

use crate::support::{Carrier, Format, Twin, jwt_key, ring};

/// One that seals at a time, and one that both rings know.
const RINGS: [&[u8]; 2] = [&[1, 3], &[2, 3]];
const WORKERS: usize = 4;
const ROTATIONS: usize = 2000;
/// By then every worker has long seen both rings, unless it is starved.
const MOST_ROTATIONS: usize = 1_000_000;

fn codec(format: Format, keys: &[u8]) -> Codec<u64> {
    let carrier = Carrier::Cookie;
    let twin = Twin { format, carrier };
    twin.builder("login", keys).build().unwrap()
}

/// A codec, and others with each of the keys alone.
struct Bench {
    format: Format,
    codec: Codec<u64>,
    alone: [Codec<u64>; 2],
    names: [String; 2],
    /// Sealed by the key that is in both rings.
    lasting: String,
}

impl Bench {
    fn new(codec: Codec<u64>, format: Format, context: Option<&str>) -> Bench {
        let bound = |codec: Codec<u64>| match context {
            Some(context) => codec.context(context).unwrap(),
            None => codec,
        };
        let alone = |key: u8| bound(self::codec(format, &[key]));
        Bench {
            format,
            codec: bound(codec),
            alone: [alone(1), alone(2)],
            names: [format.name_of_key(1), format.name_of_key(2)],
            lasting: alone(3).seal(&3).unwrap(),
        }
    }

    /// Seals and opens once, and returns which ring sealed.
    fn work(&self, value: u64) -> usize {
        let token = self.codec.seal(&value).unwrap();
        let id = self.format.key_id(&token);
        let sealed_by = self.names.iter().position(|name| *name == id).unwrap();
        assert_eq!(self.alone[sealed_by].open(&token).unwrap().value(), &value);
        assert_eq!(
            self.alone[1 - sealed_by].open(&token).unwrap_err(),
            Rejected::UnknownKey
        );
        match self.codec.open(&token) {
            Ok(opened) => assert_eq!(opened.value(), &value),
            Err(reason) => assert_eq!(reason, Rejected::UnknownKey),
        }
        assert_eq!(self.codec.open(&self.lasting).unwrap().value(), &3);
        sealed_by
    }
}

#[test]
fn no_request_sees_half_a_ring_while_keys_are_rotated_under_load() {
    for format in [Format::Sealed, Format::Jwt] {
        let codec = codec(format, RINGS[0]);
        let benches = [None, Some("tenant-42")].map(|c| Bench::new(codec.clone(), format, c));
        let done = AtomicBool::new(false);
        let saw_both = AtomicUsize::new(0);
        let rings = RINGS.map(|numbers| format.keys(numbers));
        thread::scope(|scope| {
            for worker in 0..WORKERS {
                let (benches, done, saw_both) = (&benches, &done, &saw_both);
                scope.spawn(move || {
                    let mut saw = [[false; 2]; 2];
                    let mut value = worker as u64;
                    while !done.load(Ordering::SeqCst) {
                        let before = saw;
                        for (bench, saw) in benches.iter().zip(&mut saw) {
                            saw[bench.work(value)] = true;
                        }
                        if saw != before && saw == [[true; 2]; 2] {
                            saw_both.fetch_add(1, Ordering::SeqCst);
                        }
                        value += WORKERS as u64;
                    }
                });
            }
            let rotations = (1..MOST_ROTATIONS).take_while(|rotation| {
                *rotation <= ROTATIONS || saw_both.load(Ordering::SeqCst) < WORKERS
            });
            for rotation in rotations {
                codec.rotate(rings[rotation % 2].clone()).unwrap();
            }
            done.store(true, Ordering::SeqCst);
        });
        assert_eq!(saw_both.load(Ordering::SeqCst), WORKERS, "{format:?}");
    }
}

#[test]
fn nobody_sees_an_older_ring_after_anybody_saw_a_newer_one() {
    const GENERATIONS: usize = 4000;
    // The key's name is when it came, so that a token says which ring made it.
    let generation = |number: usize| JwtKeys::new(jwt_key(1).kid(&number.to_string()));
    let codec = Codec::<u64>::jwt("login", generation(0)).build().unwrap();
    let newest = AtomicUsize::new(0);
    thread::scope(|scope| {
        // More than there are locks around the keys, and than there are processors: the one who
        // rotates is interrupted at every point.
        for _ in 0..12 {
            scope.spawn(|| {
                while newest.load(Ordering::SeqCst) < GENERATIONS {
                    let floor = newest.load(Ordering::SeqCst);
                    let token = codec.seal(&7).unwrap();
                    let seen: usize = Format::Jwt.key_id(&token).parse().unwrap();
                    assert!(seen >= floor, "{seen} after {floor}");
                    newest.fetch_max(seen, Ordering::SeqCst);
                }
            });
        }
        for number in 1..=GENERATIONS {
            codec.rotate(generation(number)).unwrap();
        }
    });
}

#[test]
fn rotations_from_several_threads_leave_one_of_their_rings() {
    let codec = codec(Format::Sealed, &[1]);
    thread::scope(|scope| {
        for number in 2..6 {
            let codec = &codec;
            scope.spawn(move || {
                for _ in 0..500 {
                    codec.rotate(ring(number)).unwrap();
                }
            });
        }
    });
    // More than there are locks around the keys, so that each is looked at.
    let ids = (0..24).map(|_| {
        let codec = codec.clone();
        let seal = move || Format::Sealed.key_id(&codec.seal(&7).unwrap());
        thread::spawn(seal).join().unwrap()
    });
    let ids: Vec<_> = ids.collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert!((2..6).any(|number| Format::Sealed.name_of_key(number) == ids[0]));
}
