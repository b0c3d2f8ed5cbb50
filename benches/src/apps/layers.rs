//! Layers for axum: `seshcookie`, and the sessions of `tower-sessions`, whose layer is its store's.

use axum::{Router, routing::get};
use seshcookie::{SessionConfig, SessionKeys, SessionLayer};

use crate::{carried::NAME, values::Value};

pub fn seshcookie<T: Value>(value: &T) -> Router {
    type Session<T> = seshcookie::Session<T>;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).expect("randomness");
    let keys = SessionKeys::new(&secret).expect("a good secret");
    let config = SessionConfig::default().cookie_name(NAME);
    let layer = SessionLayer::<T>::new(keys, config).expect("a good configuration");
    let value = value.clone();
    let starts = move |session: Session<T>| async move {
        session.insert(value).await;
        "in"
    };
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

/// The same router, still without its layer, for sessions that are alike and of different types.
macro_rules! router {
    ($name:ident, $session:ty) => {
        pub fn $name<T: Value>(value: &T) -> Router {
            let value = value.clone();
            let starts = move |session: $session| async move {
                session
                    .insert("val", value)
                    .await
                    .expect("a value that fits");
                "in"
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
