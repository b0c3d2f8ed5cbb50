//! What a handler asks of a codec in one request, with no server around it, for JavaScript to time.

use std::hint::black_box;

use haversack::{Codec, Key, KeyRing};
use wasm_bindgen::prelude::wasm_bindgen;

/// A session that holds a text.
#[wasm_bindgen]
pub struct Text {
    codec: Codec<String>,
    text: String,
    cookies: String,
}

#[wasm_bindgen]
impl Text {
    #[wasm_bindgen(constructor)]
    pub fn new(octets: usize) -> Self {
        let keys = KeyRing::new(Key::generate().expect("randomness"));
        let codec = Codec::sealed("session", keys).build();
        let codec = codec.expect("a good configuration");
        let text = "x".repeat(octets);
        let set_cookie = started(&codec, &text);
        let (cookies, _) = set_cookie.split_once(';').expect("attributes");
        let cookies = cookies.to_owned();
        Self {
            codec,
            text,
            cookies,
        }
    }

    /// Reads it from a request's cookies.
    pub fn opened(&self, times: u32) {
        for _ in 0..times {
            let session = self.codec.session([black_box(&self.cookies)]);
            let text = session.get().expect("a session");
            assert_eq!(text.len(), self.text.len());
        }
    }

    /// Starts it, up to the response's cookie.
    pub fn sealed(&self, times: u32) {
        for _ in 0..times {
            black_box(started(&self.codec, black_box(&self.text)));
        }
    }
}

fn started(codec: &Codec<String>, text: &str) -> String {
    let session = codec.session(&None::<String>);
    session.start(text.to_owned());
    let headers = session.response_headers().expect("a value that fits");
    let (_, value) = headers.into_iter().next().expect("a cookie");
    value
}
