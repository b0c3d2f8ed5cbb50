//! Sessions of this library.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use axum::{
    Form, Router,
    http::StatusCode,
    routing::{get, post},
};
use haversack::{Active, Codec, KeyRing, KeySource, Session};
use haversack_fleet::{Event, Fleet, Folder};
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
    Ok(routes(&login))
}

/// The shortest period that the fleet's settings allow with such a poll and skew.
pub(crate) async fn router_of_fleet(master: &Path, folder: &str) -> Result<Router> {
    let master = KeySource::file(master).read::<KeyRing>()?;
    let fleet = Fleet::new(Folder::open(folder)?, master)
        .rotate_every(Duration::from_secs(5))
        .poll_every(Duration::from_millis(200))
        .skew(Duration::from_secs(1))
        .longest_lifetime(DAY)
        .tolerates_outage(DAY)
        .observe(observer())
        .open()
        .await?;
    let login = Codec::<Login>::sealed("login", fleet.keys())
        .accept_if(fleet.accepts(|login: &Login| login.user))
        .build()?;
    fleet.serve(&login)?;
    tokio::spawn(fleet.run());
    Ok(routes(&login))
}

/// Prints what whoever started this process waits for.
fn observer() -> impl Fn(&Event<'_>) + Send + Sync {
    let counts = Mutex::new(HashMap::<_, usize>::new());
    move |event| {
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(event.code()).or_default();
        *count += 1;
        println!("event {count} {}", event.code());
        if let Event::Failing { error, .. } | Event::ObjectRefused { error, .. } = event {
            println!("{error}");
        }
    }
}

fn routes(login: &Codec<Login>) -> Router {
    Router::new()
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/count", post(count))
        .layer(login.layer())
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

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
