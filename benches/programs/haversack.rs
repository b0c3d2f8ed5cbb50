mod login;

use std::env;

use axum::{
    Json, Router,
    routing::{get, post},
};
use haversack::{Active, Codec, KeyRing, Session};
use tokio::net::TcpListener;

use crate::login::Login;

#[tokio::main]
async fn main() {
    let keys: KeyRing = env::var("SESSION_KEYS").unwrap().parse().unwrap();
    let login = Codec::<Login>::sealed("login", keys).build().unwrap();
    let app = Router::new()
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/logout", post(sign_out))
        .layer(login.layer());
    let listener = TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}

async fn sign_in(session: Session<Login>, Json(login): Json<Login>) -> &'static str {
    session.start(login);
    "welcome"
}

async fn me(login: Option<Active<Login>>) -> Json<Option<Login>> {
    Json(login.map(|login| (*login).clone()))
}

async fn sign_out(session: Session<Login>) -> &'static str {
    session.end();
    "bye"
}
