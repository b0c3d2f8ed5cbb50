//! What is left in memory, read from `/proc/self/mem`: of a value in a token that was made, opened or
//! refused, of keys that are gone, and of the texts that keys were read from.

use std::{
    env,
    fs::{self, File},
    hint::black_box,
    io::{Read, Seek, SeekFrom},
    process,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{Algorithm, Codec, JwtKey, JwtKeys, Key, KeyRing, KeySource, Rejected};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny, ser::SerializeSeq};

use crate::{
    jwt_keys::{AWS_LC, BACK_ENDS},
    support::{NOW, TestClock, key, passed_alone, twins},
};

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
    copies_of(&inverted())
}

/// How often the octets that these are the inversion of are there.
fn copies_of(inverted: &[u8]) -> usize {
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
                        && window.iter().zip(inverted).all(|(a, b)| *a == !*b)
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
    if passed_alone(TEST) {
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
        assert_eq!(codec.open(&token).err(), Some(Rejected::PastCap));
        assert_eq!(copies(), 0, "{twin:?}: past its end");

        let other = twin.builder::<String>("login", &[1]).build().unwrap();
        assert!(other.open(&token).is_err());
        assert_eq!(copies(), 0, "{twin:?}: of another type");
    }
}

#[test]
fn no_key_is_left_in_memory_when_its_ring_is_gone() {
    const TEST: &str = "memory::no_key_is_left_in_memory_when_its_ring_is_gone";
    if passed_alone(TEST) {
        return;
    }
    let read = || {
        let mut octets = KEY_INVERTED.map(|octet| !octet);
        let key = Key::from_bytes(&octets).unwrap();
        octets.fill(0);
        black_box(&octets);
        key
    };
    // Its second half: an allocator writes over the start of what it gets back.
    let copies = || copies_of(&KEY_INVERTED[16..]);
    let bound = || copies_of(&BOUND_INVERTED[16..]);
    // Several, as the next that asks for memory of this size gets what the last one gave back.
    let rings = [(); 6].map(|()| KeyRing::new(read()));
    drop(rings.map(|ring| ring.also_opens(key(2)).also_opens(key(3))));
    assert_eq!(copies(), 0);
    let text = read().to_text();
    for ring in [
        KeyRing::new(read()).also_opens(key(2)).also_opens(key(3)),
        format!("{},{}", key(2).to_text(), text).parse().unwrap(),
    ] {
        let codec = Codec::<u64>::sealed("login", ring.clone()).build().unwrap();
        codec.open(codec.seal(&7).unwrap()).unwrap();
        assert_ne!(bound(), 0, "a bound key that is there is found");
        let rotated = codec.rotate(KeyRing::new(key(4)).also_opens(read()).also_opens(key(5)));
        rotated.unwrap();
        assert_ne!(copies(), 0, "a key that is there is found");
        drop((ring, codec));
    }
    assert_eq!(copies(), 0);
    assert_eq!(bound(), 0, "bound");
}

#[test]
fn no_secret_number_of_a_jwk_is_left_in_memory_when_it_was_read() {
    const TEST: &str = "memory::no_secret_number_of_a_jwk_is_left_in_memory_when_it_was_read";
    if passed_alone(TEST) {
        return;
    }
    // What is compiled in is not in memory that this process can write to.
    let oct = r#"{"kty": "oct", "k": "4Tq0XvCvl7C0iKkqPZ2zqk3oXn1mSgH6Y0dWbq8cNQs"}"#;
    let rsa = include_str!("../keys/rsa.jwk.json");
    for (algorithm, jwk, secret) in [
        ("HS256", oct, &["k"][..]),
        ("PS256", rsa, &["d", "p", "q", "dp", "dq", "qi"]),
        ("ES256", include_str!("../keys/p256.jwk.json"), &["d"]),
        ("EdDSA", include_str!("../keys/ed25519.jwk.json"), &["d"]),
    ] {
        let text = format!(r#"{{"alg":"{algorithm}",{}"#, &jwk[1..]);
        let keys = [(); 3].map(|()| JwtKey::jwk(&text, Some(AWS_LC)).unwrap());
        let mut text = text.into_bytes();
        text.fill(0);
        black_box(&text);
        for name in secret {
            let (_, number) = jwk.split_once(&format!("\"{name}\": \"")).unwrap();
            let (number, _) = number.split_once('"').unwrap();
            // Without its first part, which an allocator overwrites.
            let inverted: Vec<u8> = number.bytes().skip(16).map(|octet| !octet).collect();
            assert_eq!(copies_of(&inverted), 0, "{name} of {keys:?}");
        }
    }
}

#[test]
fn no_secret_number_of_a_key_in_pem_is_left_in_memory_when_it_is_gone() {
    const TEST: &str = "memory::no_secret_number_of_a_key_in_pem_is_left_in_memory_when_it_is_gone";
    if passed_alone(TEST) {
        return;
    }
    for (algorithm, pem, jwk) in [
        (
            Algorithm::PS256,
            include_str!("../keys/rsa.pem"),
            include_str!("../keys/rsa.jwk.json"),
        ),
        (
            Algorithm::PS256,
            include_str!("../keys/rsa.pkcs1.pem"),
            include_str!("../keys/rsa.jwk.json"),
        ),
        (
            Algorithm::ES256,
            include_str!("../keys/p256.pem"),
            include_str!("../keys/p256.jwk.json"),
        ),
        (
            Algorithm::EdDSA,
            include_str!("../keys/ed25519.pem"),
            include_str!("../keys/ed25519.jwk.json"),
        ),
    ] {
        // A prime of RSA, as back ends keep `d` as it is and in other forms.
        let name = if jwk.contains("\"p\"") { "p" } else { "d" };
        let (_, number) = jwk.split_once(&format!("\"{name}\": \"")).unwrap();
        let (number, _) = number.split_once('"').unwrap();
        let mut octets = URL_SAFE_NO_PAD.decode(number).unwrap();
        // Its second half: an allocator writes over the start of what it gets back.
        let half = octets.len() / 2;
        octets[..half].fill(0);
        octets
            .iter_mut()
            .skip(half)
            .for_each(|octet| *octet = !*octet);
        let inverted = &octets[half..];
        for back_end in BACK_ENDS {
            // Several, as the next that asks for memory of this size gets what the last one gave back.
            let keys = [(); 3].map(|()| JwtKey::pem(algorithm, pem, back_end).unwrap());
            assert_ne!(copies_of(inverted), 0, "{name} that is there is found");
            drop(keys);
            assert_eq!(copies_of(inverted), 0, "{name} of {algorithm:?}");
        }
    }
}

#[test]
fn no_text_of_a_key_is_left_in_memory_when_it_was_read() {
    const TEST: &str = "memory::no_text_of_a_key_is_left_in_memory_when_it_was_read";
    if passed_alone(TEST) {
        return;
    }
    let path = env::temp_dir().join(format!("haversack-memory-{}", process::id()));
    let mut octets = KEY_INVERTED.map(|octet| !octet);
    let text = URL_SAFE_NO_PAD.encode(octets);
    octets.fill(0);
    // A list, a list that is no good, and JSON.
    let inverted: Vec<u8> = text.bytes().skip(16).map(|octet| !octet).collect();
    let other = key(2).to_text();
    let jwk = [r#",{"kty":"oct","alg":"HS256","k":""#, &text, "\"}"];
    for parts in [[",", &text, "\n"], [",", &text, ",\n"], jwk] {
        let mut list = Vec::with_capacity(1000);
        list.extend_from_slice(other.as_bytes());
        for part in parts {
            list.extend_from_slice(part.as_bytes());
        }
        fs::write(&path, &list).unwrap();
        list.fill(0);
        black_box(&list);
        let source = KeySource::file(&path);
        assert_eq!(copies_of(&inverted), 1, "the text that is there is found");
        let _ = (source.read::<KeyRing>(), source.read::<JwtKeys>());
        assert_eq!(copies_of(&inverted), 1);
    }
    fs::remove_file(path).unwrap();
    black_box(&text);
}

/// A key, inverted, so that this is no copy of it.
const KEY_INVERTED: [u8; 32] = [
    0x31, 0x9a, 0x4c, 0x77, 0x02, 0xe5, 0x1f, 0xb8, 0x63, 0xd4, 0x0e, 0x99, 0x57, 0xac, 0x28, 0xf3,
    0x84, 0x6b, 0x15, 0xde, 0x40, 0xc9, 0x72, 0x3d, 0xa6, 0x58, 0xef, 0x0b, 0x91, 0x2c, 0x7a, 0xb5,
];

/// What is derived from it for a session of this name (HKDF-SHA-256, made with Python), inverted too.
const BOUND_INVERTED: [u8; 32] = [
    0xbd, 0xd6, 0x44, 0xb2, 0x81, 0xdc, 0xd4, 0xc8, 0x80, 0x45, 0xce, 0x40, 0xbe, 0xcf, 0xb9, 0xf0,
    0x9e, 0xde, 0xf6, 0xd7, 0xaf, 0xfb, 0x74, 0xc0, 0x38, 0x79, 0x1e, 0x77, 0x23, 0x85, 0xd6, 0xf7,
];
