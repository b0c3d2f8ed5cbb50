//! Any text as keys: an error, or keys that make tokens and open them.

#![no_main]

mod common;

use haversack::{Codec, CodecBuilder, ConfigError, JwtKeys, Key, KeyRing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<Key>() {
        Ok(key) => assert_eq!(key.to_text(), text.trim()),
        Err(error) => check(text, &error),
    }
    match text.parse::<KeyRing>() {
        Ok(keys) => use_codec(Codec::sealed("login", keys)),
        Err(error) => check(text, &error),
    }
    match text.parse::<JwtKeys>() {
        Ok(keys) => use_codec(Codec::jwt("login", keys)),
        Err(error) => check(text, &error),
    }
});

fn use_codec(builder: CodecBuilder<u8>) {
    let builder = builder.clock(|| common::NOW).random(common::Fixed);
    let codec = builder.build().unwrap();
    // Keys that only verify make none.
    if let Ok(token) = codec.seal(&7) {
        assert_eq!(codec.open(token).unwrap().value(), &7);
    }
}

/// No part of a text that may be a key is in an error.
fn check(text: &str, error: &ConfigError) {
    let shown = error.to_string();
    assert!(!shown.is_empty());
    if text.contains("kid") {
        // The name of a key is no secret.
        return;
    }
    for part in text.as_bytes().windows(32) {
        assert!(!shown.as_bytes().windows(32).any(|other| other == part));
    }
}
