//! A handler that does with a cookie what the primitives do, and nothing else: no time is checked or written, no
//! cache is told, no reason for a refusal is kept.

use std::{cell::RefCell, sync::Arc};

use aes_gcm::{AeadInOut as _, aead::inout::InOutBuf};
use axum::{
    Router,
    extract::Request,
    http::header::{COOKIE, SET_COOKIE},
    response::IntoResponse,
    routing::get,
};
use base64::{
    Engine as _,
    engine::{Simd, general_purpose::NO_PAD},
};
use memchr::{memchr, memmem::Finder};

use crate::{
    carried::NAME,
    primitives::{BODY, HEAD, NONCE, TAG, Xaes},
    values::Value,
};

pub fn router<T: Value>(value: &T) -> Router {
    let (least, value) = (Arc::new(Least::new()), value.clone());
    let [reading, changing] = [&least, &least].map(Arc::clone);
    let starts = async move || ([(SET_COOKIE, least.sealed(&value))], "in");
    let reads = async move |request: Request| match reading.opened::<T>(&request) {
        Some(_) => "in",
        None => "out",
    };
    let changes = async move |request: Request| match changing.opened::<T>(&request) {
        Some(mut value) => {
            value.touch();
            ([(SET_COOKIE, changing.sealed(&value))], "in").into_response()
        }
        None => "out".into_response(),
    };
    Router::new()
        .route("/starts", get(starts))
        .route("/reads", get(reads))
        .route("/changes", get(changes))
        .route("/ignores", get(async || "in"))
}

/// What is prepared before the first request.
struct Least {
    xaes: Xaes,
    base64: Simd,
    name: Finder<'static>,
}

impl Least {
    fn new() -> Least {
        Least {
            xaes: Xaes::default(),
            base64: Simd::url_safe(NO_PAD),
            name: Finder::new(NAME),
        }
    }

    fn opened<T: Value>(&self, request: &Request) -> Option<T> {
        let cookies = request.headers().get(COOKIE)?.as_bytes();
        let token = cookies.get(self.name.find(cookies)? + NAME.len() + 1..)?;
        let token = &token[..memchr(b';', token).unwrap_or(token.len())];
        with_buffer(|buffer| {
            self.base64.decode_vec(token, buffer).ok()?;
            let (head, sealed) = buffer.split_at_mut_checked(HEAD)?;
            let (text, tag) = sealed.split_at_mut_checked(sealed.len().checked_sub(TAG)?)?;
            let (gcm, rest) = self.xaes.derive(head.last_chunk::<NONCE>()?);
            let (tag, inout) = ((&*tag).try_into().ok()?, InOutBuf::from(&mut *text));
            gcm.decrypt_inout_detached(&rest, head, inout, &tag).ok()?;
            let json = str::from_utf8(text.get(BODY..)?).ok()?;
            serde_json::from_str(json).ok()
        })
    }

    fn sealed<T: Value>(&self, value: &T) -> String {
        with_buffer(|buffer| {
            let mut nonce = [0; NONCE];
            getrandom::fill(&mut nonce).expect("randomness");
            buffer.resize(HEAD - NONCE, 0);
            buffer.extend_from_slice(&nonce);
            buffer.resize(HEAD + BODY, 0);
            serde_json::to_writer(&mut *buffer, value).expect("JSON");
            let (gcm, rest) = self.xaes.derive(&nonce);
            let (head, text) = buffer.split_at_mut(HEAD);
            let tag = gcm.encrypt_inout_detached(&rest, head, InOutBuf::from(text));
            buffer.extend_from_slice(&tag.expect("a short text"));
            let octets = (buffer.len() * 4).div_ceil(3);
            let mut cookie = String::with_capacity(NAME.len() + 1 + octets + ATTRIBUTES.len());
            cookie.push_str(NAME);
            cookie.push('=');
            self.base64.encode_string(buffer, &mut cookie);
            cookie + ATTRIBUTES
        })
    }
}

/// With an empty buffer, which the thread keeps.
fn with_buffer<R>(with: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        with(buffer)
    })
}

const ATTRIBUTES: &str = "; Path=/; SameSite=Lax; Secure; HttpOnly; Max-Age=86400";
