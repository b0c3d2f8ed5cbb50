//! Any bytes as a token: rejected, and never a panic.

#![no_main]

mod common;

use std::sync::LazyLock;

use haversack::Codec;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static CODECS: LazyLock<Vec<Codec<Value>>> = LazyLock::new(common::all);

fuzz_target!(|token: &[u8]| {
    for codec in CODECS.iter() {
        let _ = codec.open(token);
    }
});
