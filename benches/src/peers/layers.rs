//! Layers for axum: `seshcookie`, `tower-sessions-cookie-store`, and `tower-sessions` with its store
//! in memory.

use axum::{Router, routing::get};
use seshcookie::{SessionConfig, SessionKeys, SessionLayer};
use tower_sessions::{MemoryStore, SessionManagerLayer};
use tower_sessions_cookie_store::{CookieSessionConfig, CookieSessionManagerLayer, Key};

use crate::{
    carried::NAME,
    measure::{Contender, Kind, Size, Use},
    requests::Subject,
    values::Value,
};

pub(super) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let config = CookieSessionConfig::default().with_name(NAME);
    let private = CookieSessionManagerLayer::private(Key::generate()).with_config(config.clone());
    let signed = CookieSessionManagerLayer::signed(Key::generate()).with_config(config);
    let memory = SessionManagerLayer::new(MemoryStore::default()).with_name(NAME);
    let subject = |name, kind, router| Subject {
        name,
        kind,
        size,
        router,
    };
    let subjects = [
        subject("seshcookie", Kind::Encrypts, seshcookie(value)),
        subject(
            "tower-sessions-cookie-store, private",
            Kind::Encrypts,
            stored::<T>(value).layer(private),
        ),
        subject(
            "tower-sessions-cookie-store, signed",
            Kind::Signs,
            stored::<T>(value).layer(signed),
        ),
        subject(
            "tower-sessions, memory store",
            Kind::Neither,
            kept::<T>(value).layer(memory),
        ),
    ];
    let uses = [Use::Empty, Use::Read, Use::Change, Use::Ignore];
    subjects
        .into_iter()
        .flat_map(|subject| subject.contenders(&uses))
        .collect()
}

fn seshcookie<T: Value>(value: &T) -> Router {
    type Session<T> = seshcookie::Session<T>;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).expect("randomness");
    let keys = SessionKeys::new(&secret).expect("a good secret");
    let config = SessionConfig::default().cookie_name(NAME);
    let layer = SessionLayer::<T>::new(keys, config).expect("a good configuration");
    let value = value.clone();
    let starts = move |session: Session<T>| async move { session.insert(value).await };
    let reads = async |session: Session<T>| {
        let read = session.get().await;
        if read.is_some() { "in" } else { "out" }
    };
    let changes = async |session: Session<T>| {
        let change = |value: &mut Option<T>| value.as_mut().map(T::touch);
        let changed = session.modify(change).await;
        if changed.is_some() { "in" } else { "out" }
    };
    Router::new()
        .route("/starts", get(starts))
        .route("/reads", get(reads))
        .route("/changes", get(changes))
        .route("/ignores", get(async || "in"))
        .layer(layer)
}

/// The same router for the two crates, whose sessions are alike and of different types.
macro_rules! router {
    ($name:ident, $session:ty) => {
        fn $name<T: Value>(value: &T) -> Router {
            let value = value.clone();
            let starts = move |session: $session| async move {
                session
                    .insert("val", value)
                    .await
                    .expect("a value that fits");
            };
            let reads = async |session: $session| match session.get::<T>("val").await {
                Ok(Some(_)) => "in",
                _ => "out",
            };
            let changes = async |session: $session| match session.get::<T>("val").await {
                Ok(Some(mut value)) => {
                    value.touch();
                    session
                        .insert("val", value)
                        .await
                        .expect("a value that fits");
                    "in"
                }
                _ => "out",
            };
            Router::new()
                .route("/starts", get(starts))
                .route("/reads", get(reads))
                .route("/changes", get(changes))
                .route("/ignores", get(async || "in"))
        }
    };
}

router!(stored, tower_sessions_cookie_store::Session);
router!(kept, tower_sessions::Session);
