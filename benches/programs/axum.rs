//! No session at all: what the others are measured against.

mod login;

use axum::{
    Json, Router,
    routing::{get, post},
};
use tokio::net::TcpListener;

use crate::login::Login;

#[tokio::main]
async fn main() {
    let app = Router::new()
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/logout", post(sign_out));
    let listener = TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}

async fn sign_in(Json(login): Json<Login>) -> String {
    format!("welcome, {} {} {}", login.user, login.name, login.admin)
}

async fn me() -> Json<Option<Login>> {
    Json(None)
}

async fn sign_out() -> &'static str {
    "bye"
}
