//! The older program: axum with axum-extra's private jar, as its documentation has it.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::{FromRef, Path},
    http::StatusCode,
    routing::{get, post},
};
use axum_extra::extract::{
    PrivateCookieJar,
    cookie::{Cookie, Key},
};

use crate::{Result, served::Served};

#[derive(Clone)]
struct State(Key);

impl FromRef<State> for Key {
    fn from_ref(state: &State) -> Key {
        state.0.clone()
    }
}

pub(crate) fn start(address: SocketAddr) -> Result<Served> {
    let app = Router::new()
        .route("/login/{user}", post(sign_in))
        .route("/me", get(me))
        .with_state(State(Key::from(&KEY)));
    Served::start(address, app)
}

async fn sign_in(jar: PrivateCookieJar, Path(user): Path<u64>) -> PrivateCookieJar {
    let value = format!(r#"{{"user_id":{user}}}"#);
    jar.add(Cookie::build(("session", value)).path("/").http_only(true))
}

async fn me(jar: PrivateCookieJar) -> std::result::Result<String, StatusCode> {
    let cookie = jar.get("session").ok_or(StatusCode::UNAUTHORIZED)?;
    let value: serde_json::Value =
        serde_json::from_str(cookie.value()).map_err(|_| StatusCode::UNAUTHORIZED)?;
    Ok(format!("user {}", value["user_id"]))
}

/// Only of this example.
pub(crate) const KEY: [u8; 64] = [0x5a; 64];
