//! One process of a fleet: an application that knows its users by their sessions.
//!
//! ```text
//! worker KEPT ADDRESS KEYS [STORE]
//! ```
//!
//! It prints `serves` when it accepts connections, reads its keys again when it gets a SIGHUP, and ends
//! by a SIGTERM, after the requests that it has. One with the keys of a fleet
//! counts the events of each kind: `event 1 key_turned`.

mod ours;
mod peers;

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result};
use axum::{Router, http::StatusCode};
use clap::{Parser, ValueEnum};
use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

#[derive(Debug, Parser)]
struct Arguments {
    kept: Kept,
    address: SocketAddr,
    /// A file with the text of a ring: of sessions, or the master ring of a fleet.
    keys: PathBuf,
    /// The URL of a Redis, or the folder of a fleet.
    store: Option<String>,
}

/// What keeps the sessions.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kept {
    Haversack,
    HaversackFleet,
    PrivateJar,
    Seshcookie,
    Memory,
    Redis,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Login {
    user: u64,
    count: u64,
}

#[derive(Debug, Deserialize)]
struct LoginForm {
    user: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let Arguments {
        kept,
        address,
        keys,
        store,
    } = Arguments::parse();
    let mut terminate = signal(SignalKind::terminate())?;
    let router: Router = match kept {
        Kept::Haversack => ours::router(keys)?,
        Kept::HaversackFleet => ours::router_of_fleet(&keys, &store.context("no folder")?).await?,
        Kept::PrivateJar => peers::private_jar(&keys)?,
        Kept::Seshcookie => peers::seshcookie(&keys)?,
        Kept::Memory => peers::memory(),
        Kept::Redis => peers::redis(&store.context("no Redis")?).await?,
    };
    let listener = TcpListener::bind(address).await?;
    println!("serves");
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            terminate.recv().await;
        })
        .await?;
    Ok(())
}

/// What a page says to its user, or to nobody.
fn page(user: Option<u64>) -> Result<String, StatusCode> {
    let user = user.ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(format!("user {user}"))
}

/// The same with how often the user asked.
fn counted(login: Option<Login>) -> Result<String, StatusCode> {
    let login = login.ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(login.count.to_string())
}
