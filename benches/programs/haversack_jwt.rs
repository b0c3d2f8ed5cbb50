use std::env;

use axum::{
    Json, Router,
    routing::{get, post},
};
use haversack::{Active, Codec, JwtKeys, Session};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

#[derive(Clone, Serialize, Deserialize)]
struct Login {
    user: u64,
    name: String,
    admin: bool,
}

#[tokio::main]
async fn main() {
    let keys: JwtKeys = env::var("SESSION_KEYS").unwrap().parse().unwrap();
    let login = Codec::<Login>::jwt("login", keys).build().unwrap();
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
