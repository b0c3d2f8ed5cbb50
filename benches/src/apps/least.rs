//! The least that a sealed session can cost: a handler that does with a cookie what the primitives do, and
//! nothing else. No time is checked, no cache is told, and nothing is kept that goes wrong.

use std::{marker::PhantomData, sync::Arc};

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
    let reads = async move |request: Request| match reading.opened(&request) {
        Some(_) => "in",
        None => "out",
    };
    let changes = async move |request: Request| match changing.opened(&request) {
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
struct Least<T> {
    xaes: Xaes,
    base64: Simd,
    name: Finder<'static>,
    value: PhantomData<fn(T) -> T>,
}

impl<T: Value> Least<T> {
    fn new() -> Least<T> {
        Least {
            xaes: Xaes::default(),
            base64: Simd::url_safe(NO_PAD),
            name: Finder::new(NAME),
            value: PhantomData,
        }
    }

    fn opened(&self, request: &Request) -> Option<T> {
        let cookies = request.headers().get(COOKIE)?.as_bytes();
        let token = cookies.get(self.name.find(cookies)? + NAME.len() + 1..)?;
        let token = &token[..memchr(b';', token).unwrap_or(token.len())];
        let mut token = self.base64.decode(token).ok()?;
        let (head, sealed) = token.split_at_mut_checked(HEAD)?;
        let (text, tag) = sealed.split_at_mut_checked(sealed.len().checked_sub(TAG)?)?;
        let (gcm, rest) = self.xaes.derive(head.last_chunk::<NONCE>()?);
        let tag = (&*tag).try_into().ok()?;
        let buffer = InOutBuf::from(&mut *text);
        gcm.decrypt_inout_detached(&rest, head, buffer, &tag).ok()?;
        let json = str::from_utf8(text.get(BODY..)?).ok()?;
        serde_json::from_str(json).ok()
    }

    fn sealed(&self, value: &T) -> String {
        let mut token = Vec::with_capacity(4096);
        token.resize(HEAD + BODY, 0);
        serde_json::to_writer(&mut token, value).expect("JSON");
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).expect("randomness");
        token[HEAD - NONCE..HEAD].copy_from_slice(&nonce);
        let (gcm, rest) = self.xaes.derive(&nonce);
        let (head, text) = token.split_at_mut(HEAD);
        let tag = gcm.encrypt_inout_detached(&rest, head, InOutBuf::from(text));
        token.extend_from_slice(&tag.expect("a short text"));
        let mut cookie = String::with_capacity(8192);
        cookie.push_str(NAME);
        cookie.push('=');
        self.base64.encode_string(&token, &mut cookie);
        cookie + "; Path=/; SameSite=Lax; Secure; HttpOnly; Max-Age=86400"
    }
}
