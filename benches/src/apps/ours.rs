//! The library itself, on axum and on actix-web.

use actix_web::web;
use axum::{Router, routing::get};
use haversack::{Codec, CodecBuilder, JwtKeys, Key, KeyRing, Session};

use crate::{compared::Kind, values::Value};

/// The codec of either format, not yet built.
pub fn builder<T: Value>(kind: Kind, secret: &[u8; 32]) -> CodecBuilder<T> {
    match kind {
        Kind::Jwt => Codec::jwt("session", JwtKeys::hs256(secret).expect("a good secret")),
        _ => {
            let key = Key::from_bytes(secret).expect("a good key");
            Codec::sealed("session", KeyRing::new(key))
        }
    }
}

/// A codec with a key of its own.
pub fn codec<T: Value>(kind: Kind) -> Codec<T> {
    let codec = builder(kind, &secret()).build();
    codec.expect("a good configuration")
}

pub fn secret() -> [u8; 32] {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).expect("randomness");
    secret
}

pub fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Jwt => "haversack JWT",
        _ => "haversack sealed",
    }
}

pub fn router<T: Value>(codec: &Codec<T>, value: &T) -> Router {
    let value = value.clone();
    let starts = async move |session: Session<T>| start(&session, value);
    Router::new()
        .route("/starts", get(starts))
        .route("/reads", get(async |session: Session<T>| read(&session)))
        .route(
            "/changes",
            get(async |session: Session<T>| change(&session)),
        )
        .route("/ignores", get(async || "in"))
        .layer(codec.layer())
}

/// The same routes for an app of actix-web, which has the layer around them.
pub fn actix<T: Value>(value: &T) -> impl Fn(&mut web::ServiceConfig) + Clone + use<T> {
    let value = value.clone();
    move |config| {
        let value = value.clone();
        let starts = move |session: Session<T>| {
            let value = value.clone();
            async move { start(&session, value) }
        };
        let reads = async |session: Session<T>| read(&session);
        let changes = async |session: Session<T>| change(&session);
        config
            .route("/starts", web::get().to(starts))
            .route("/reads", web::get().to(reads))
            .route("/changes", web::get().to(changes))
            .route("/ignores", web::get().to(async || "in"));
    }
}

fn start<T: Value>(session: &Session<T>, value: T) -> &'static str {
    session.start(value);
    "in"
}

fn read<T: Value>(session: &Session<T>) -> &'static str {
    let read = session.get();
    if read.is_some() { "in" } else { "out" }
}

fn change<T: Value>(session: &Session<T>) -> &'static str {
    let changed = session.update(T::touch);
    if changed.is_some() { "in" } else { "out" }
}
