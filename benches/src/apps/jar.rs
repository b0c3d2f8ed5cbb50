//! The private jar of `axum-extra`.

use axum::{Router, extract::State, routing::get};
use axum_extra::extract::{PrivateCookieJar, cookie::Key};

use crate::{
    carried::{NAME, cookie},
    values::Value,
};

pub fn router<T: Value>(value: &T) -> Router {
    let value = value.clone();
    let starts = async move |jar: PrivateCookieJar, State(_): State<Key>| (set(jar, &value), "in");
    Router::new()
        .route("/starts", get(starts))
        .route("/reads", get(reads::<T>))
        .route("/changes", get(changes::<T>))
        .route("/ignores", get(async || "in"))
        .with_state(Key::generate())
}

async fn reads<T: Value>(jar: PrivateCookieJar) -> &'static str {
    let read = value::<T>(&jar);
    if read.is_some() { "in" } else { "out" }
}

async fn changes<T: Value>(jar: PrivateCookieJar) -> (PrivateCookieJar, &'static str) {
    match value::<T>(&jar) {
        Some(mut value) => {
            value.touch();
            (set(jar, &value), "in")
        }
        None => (jar, "out"),
    }
}

fn value<T: Value>(jar: &PrivateCookieJar) -> Option<T> {
    serde_json::from_str(jar.get(NAME)?.value()).ok()
}

fn set<T: Value>(jar: PrivateCookieJar, value: &T) -> PrivateCookieJar {
    jar.add(cookie(serde_json::to_string(value).expect("JSON")))
}
