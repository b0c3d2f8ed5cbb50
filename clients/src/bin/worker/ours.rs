//! Sessions of this library.

use std::path::PathBuf;

use anyhow::Result;
use axum::{
    Form, Router,
    http::StatusCode,
    routing::{get, post},
};
use haversack::{Active, Codec, KeyRing, KeySource, Session};
use tokio::signal::unix::{SignalKind, signal};

use super::{Login, LoginForm, counted, page};

pub(crate) fn router(keys: PathBuf) -> Result<Router> {
    let keys = KeySource::file(keys);
    let login = Codec::<Login>::sealed("login", keys.read::<KeyRing>()?).build()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let rotated = login.clone();
    tokio::spawn(async move {
        for time in 1.. {
            hangup.recv().await;
            match rotated.reload(&keys) {
                Ok(()) => println!("keys {time}"),
                Err(error) => println!("keys {time}: {error}"),
            }
        }
    });
    Ok(Router::new()
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/count", post(count))
        .layer(login.layer()))
}

async fn sign_in(
    session: Session<Login>,
    Form(LoginForm { user }): Form<LoginForm>,
) -> Result<String, StatusCode> {
    session.start(Login { user, count: 0 });
    page(Some(user))
}

async fn me(login: Option<Active<Login>>) -> Result<String, StatusCode> {
    page(login.map(|login| login.user))
}

async fn count(session: Session<Login>) -> Result<String, StatusCode> {
    counted(session.update(|login| {
        login.count += 1;
        login.clone()
    }))
}
