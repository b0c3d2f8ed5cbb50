//! The pieces of two sessions, lost, doubled, swapped and changed: one of the two, or none.

#![no_main]

mod common;

use std::sync::LazyLock;

use haversack::Codec;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

struct Cut {
    codec: Codec<Value>,
    pieces: Vec<String>,
}

static CUTS: LazyLock<Vec<Cut>> = LazyLock::new(|| {
    let cut = |codec: Codec<Value>| {
        let pieces = ["a", "b"].map(|letter| {
            let session = codec.session(["theme=dark"]);
            session.start(json!(letter.repeat(7000)));
            let headers = session.response_headers().unwrap();
            let cookies = headers
                .into_iter()
                .filter(|(name, _)| *name == "set-cookie");
            let pair = |(_, value): (_, String)| value.split(';').next().unwrap().to_owned();
            cookies.map(pair).collect::<Vec<_>>()
        });
        Cut {
            pieces: pieces.concat(),
            codec,
        }
    };
    common::all().into_iter().take(2).map(cut).collect()
});

fuzz_target!(|script: (Vec<u8>, Option<(u8, u16, u8)>)| {
    let (order, change) = script;
    for Cut { codec, pieces } in CUTS.iter() {
        let mut cookies: Vec<Vec<u8>> = order
            .iter()
            .take(24)
            .map(|index| {
                pieces[usize::from(*index) % pieces.len()]
                    .clone()
                    .into_bytes()
            })
            .collect();
        if let Some((which, at, byte)) = change
            && !cookies.is_empty()
        {
            let which = usize::from(which) % cookies.len();
            let at = usize::from(at) % cookies[which].len();
            cookies[which][at] = byte;
        }
        if let Some(value) = codec.session(&cookies).get() {
            let text = value.as_str().unwrap();
            assert!(text == "a".repeat(7000) || text == "b".repeat(7000));
        }
    }
});
