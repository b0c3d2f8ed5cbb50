//! Any claims under a good signature: a key that another service holds too must not hurt.

#![no_main]

mod common;

use std::sync::LazyLock;

use haversack::{Codec, Rejected};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static CODEC: LazyLock<Codec<Value>> = LazyLock::new(|| common::jwt().build().unwrap());

// Claims that go in as a value come out as the same value, whatever they look like.
fuzz_target!(|text: &str| {
    let value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    if let Ok(token) = CODEC.seal(&value) {
        assert_eq!(*CODEC.open(&token).unwrap().value(), value);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = signed.split_once('.').unwrap();
        for forged in [
            format!("{header}.{text}.{signature}"),
            format!("{text}.{signature}"),
        ] {
            assert!(forged == token || CODEC.open(&forged).is_err());
        }
        assert_eq!(CODEC.open(signed).unwrap_err(), Rejected::Malformed);
    }
});
