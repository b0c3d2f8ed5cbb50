//! Any value, at any time, under any lifetime: what goes in comes out while it lives.

#![no_main]

mod common;

use std::time::Duration;

use haversack::{Codec, JwtKeys, Lifetime, SaveError};
use libfuzzer_sys::fuzz_target;

type Value = (String, Vec<i64>, Option<bool>, Vec<(u8, String)>);

fuzz_target!(|input: (Value, u64, u32, u32, bool)| {
    let (value, now, cap, later, signed) = input;
    let lifetime = Lifetime::fixed(Duration::from_secs(u64::from(cap)));
    let codec = |now: u64| {
        let keys: JwtKeys = common::jwt_keys();
        let builder = match signed {
            true => Codec::<Value>::jwt("login", keys),
            false => Codec::<Value>::sealed("login", common::ring()),
        };
        builder
            .lifetime(lifetime)
            .clock(move || now)
            .random(common::Fixed)
            .chunked()
            .build()
    };
    let Ok(first) = codec(now) else { return };
    match first.seal(&value) {
        Ok(token) if token.len() < 4000 => {
            let then = now.saturating_add(u64::from(later));
            let opened = codec(then).unwrap().open(&token);
            // No session starts later than a token can say.
            let started = now.min((1 << 40) - 1);
            let lives = then < started + u64::from(cap);
            assert_eq!(opened.is_ok(), lives);
            if let Ok(opened) = opened {
                assert_eq!(*opened.value(), value);
            }
        }
        Ok(_) | Err(SaveError::TooLarge { .. }) => {}
        Err(error) => panic!("{error}"),
    }
});
