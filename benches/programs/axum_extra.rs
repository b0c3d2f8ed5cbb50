mod login;

use std::env;

use axum::{
    Json, Router,
    extract::FromRef,
    routing::{get, post},
};
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar};
use tokio::net::TcpListener;

use crate::login::Login;

#[derive(Clone)]
struct Keys(Key);

impl FromRef<Keys> for Key {
    fn from_ref(keys: &Keys) -> Key {
        keys.0.clone()
    }
}

#[tokio::main]
async fn main() {
    let secret = env::var("SESSION_KEYS").unwrap();
    let app = Router::new()
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/logout", post(sign_out))
        .with_state(Keys(Key::from(secret.as_bytes())));
    let listener = TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}

async fn sign_in(
    jar: PrivateCookieJar,
    Json(login): Json<Login>,
) -> (PrivateCookieJar, &'static str) {
    let json = serde_json::to_string(&login).unwrap();
    let cookie = Cookie::build(("login", json))
        .path("/")
        .secure(true)
        .http_only(true);
    (jar.add(cookie), "welcome")
}

async fn me(jar: PrivateCookieJar) -> Json<Option<Login>> {
    let login = jar.get("login");
    Json(login.and_then(|cookie| serde_json::from_str(cookie.value()).ok()))
}

async fn sign_out(jar: PrivateCookieJar) -> (PrivateCookieJar, &'static str) {
    (jar.remove(Cookie::build("login").path("/")), "bye")
}
