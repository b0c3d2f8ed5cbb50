//! What is left in memory, read from `/proc/self/mem`: of a value in a token that was made, opened or
//! refused.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
};

use haversack::Rejected;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny, ser::SerializeSeq};

use crate::support::{NOW, TestClock, finish, is_alone, start_alone, twins};

/// A value that is together nowhere but in the JSON of it.
struct Canary;

/// Its JSON, inverted, so that this is no copy of it.
fn inverted() -> Vec<u8> {
    let mut json = Vec::new();
    for number in NUMBERS {
        json.extend(format!("{number},").bytes().map(|octet| !octet));
    }
    json
}

const NUMBERS: [u32; 6] = [918_273, 465_564, 736_281, 190_817, 263_544, 536_271];

impl Serialize for Canary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut numbers = serializer.serialize_seq(None)?;
        for number in NUMBERS {
            numbers.serialize_element(&number)?;
        }
        numbers.serialize_element(&0)?;
        numbers.end()
    }
}

impl<'de> Deserialize<'de> for Canary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Canary, D::Error> {
        assert_ne!(copies(), 0, "a copy that is there is found");
        IgnoredAny::deserialize(deserializer).map(|_| Canary)
    }
}

/// How often the canary's JSON is in what this process can write to.
fn copies() -> usize {
    let inverted = inverted();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut copies = 0;
    let mut part = vec![0; 1 << 20];
    let own = part.as_ptr() as u64..part.as_ptr() as u64 + part.len() as u64;
    for map in maps.lines().filter(|map| map.contains(" rw")) {
        let (range, _) = map.split_once(' ').unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let [mut at, end] = [start, end].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        while at < end {
            let length = (end - at).min(part.len() as u64) as usize;
            let part = &mut part[..length];
            memory.seek(SeekFrom::Start(at)).unwrap();
            // A page that cannot be read holds nothing.
            if memory.read_exact(part).is_ok() {
                let is_copy = |(offset, window): &(usize, &[u8])| {
                    !own.contains(&(at + *offset as u64))
                        && window.iter().zip(&inverted).all(|(a, b)| *a == !*b)
                };
                let windows = part.windows(inverted.len()).enumerate();
                copies += windows.filter(is_copy).count();
            }
            // Copies that lie across two parts are found too.
            at += if at + length as u64 == end {
                length
            } else {
                length - inverted.len()
            } as u64;
        }
    }
    copies
}

#[test]
fn no_value_is_left_in_memory_by_sealing_opening_or_refusing_it() {
    const TEST: &str = "memory::no_value_is_left_in_memory_by_sealing_opening_or_refusing_it";
    // Other tests share the memory of their process.
    if !is_alone() {
        finish(start_alone(TEST, &[]));
        return;
    }
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = twin.builder("login", &[1]).clock(clock.clone());
        let codec = codec.build().unwrap();
        let token = codec.seal(&Canary).unwrap();
        assert_eq!(copies(), 0, "{twin:?}: sealed");

        assert!(codec.open(&token).is_ok());
        assert_eq!(copies(), 0, "{twin:?}: opened");

        let other = twin.builder::<Canary>("cart", &[1]).build().unwrap();
        assert_eq!(other.open(&token).err(), Some(Rejected::NotAuthentic));
        assert_eq!(copies(), 0, "{twin:?}: of another session");

        clock.set(NOW + 25 * 3600);
        assert_eq!(codec.open(&token).err(), Some(Rejected::Ended));
        assert_eq!(copies(), 0, "{twin:?}: past its end");

        let other = twin.builder::<String>("login", &[1]).build().unwrap();
        assert!(other.open(&token).is_err());
        assert_eq!(copies(), 0, "{twin:?}: of another type");
    }
}
