//! Any headers: never a panic, and our own cookie is found between them.

#![no_main]

mod common;

use std::sync::LazyLock;

use haversack::Codec;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static CODECS: LazyLock<Vec<(Codec<Value>, String)>> = LazyLock::new(|| {
    let own = |codec: Codec<Value>| {
        let token = codec.seal(&json!(7)).unwrap();
        (codec, format!("__Host-Http-login={token}"))
    };
    common::all().into_iter().map(own).collect()
});

fuzz_target!(|values: Vec<Vec<u8>>| {
    let mut headers = HeaderMap::new();
    for name in ["cookie", "authorization"] {
        for value in values
            .iter()
            .filter_map(|value| HeaderValue::from_bytes(value).ok())
        {
            headers.append(name, value);
        }
    }
    for (codec, own) in CODECS.iter() {
        let session = codec.load(&headers);
        assert!(session.get().is_none());
        session.save(&mut HeaderMap::new()).unwrap();

        if codec.request_header() == "cookie" {
            // In front, as only so many of one name are looked at.
            let with_own = std::iter::once(own.as_bytes()).chain(values.iter().map(Vec::as_slice));
            assert_eq!(codec.session(with_own).get().as_deref(), Some(&json!(7)));
        }
    }
});
