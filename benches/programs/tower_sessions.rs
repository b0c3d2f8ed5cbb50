mod login;

use axum::{
    Json, Router,
    routing::{get, post},
};
use tokio::net::TcpListener;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::login::Login;

#[tokio::main]
async fn main() {
    let app = Router::new()
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/logout", post(sign_out))
        .layer(SessionManagerLayer::new(MemoryStore::default()));
    let listener = TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}

async fn sign_in(session: Session, Json(login): Json<Login>) -> &'static str {
    session.cycle_id().await.unwrap();
    session.insert("login", login).await.unwrap();
    "welcome"
}

async fn me(session: Session) -> Json<Option<Login>> {
    Json(session.get("login").await.unwrap())
}

async fn sign_out(session: Session) -> &'static str {
    session.flush().await.unwrap();
    "bye"
}
