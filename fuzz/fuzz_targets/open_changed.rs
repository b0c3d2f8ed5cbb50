//! A good token with some bytes changed: rejected, unless nothing changed.

#![no_main]

mod common;

use std::sync::LazyLock;

use haversack::Codec;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static TOKENS: LazyLock<Vec<(Codec<Value>, String)>> = LazyLock::new(|| {
    let value = json!({ "user": 7, "name": "Ada", "roles": ["admin", "author"] });
    let sealed = |codec: Codec<Value>| {
        let token = codec.seal(&value).unwrap();
        (codec, token)
    };
    common::all().into_iter().map(sealed).collect()
});

fuzz_target!(|changes: (Vec<(u16, u8)>, u16, Vec<u8>)| {
    let (bytes, keep, tail) = changes;
    for (codec, good) in TOKENS.iter() {
        let mut token = good.clone().into_bytes();
        for (at, byte) in &bytes {
            let at = usize::from(*at) % token.len();
            token[at] = *byte;
        }
        token.truncate(if keep == u16::MAX {
            token.len()
        } else {
            usize::from(keep)
        });
        token.extend_from_slice(&tail);
        assert_eq!(codec.open(&token).is_ok(), token == good.as_bytes());
    }
});
