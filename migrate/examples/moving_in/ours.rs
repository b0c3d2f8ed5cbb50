//! Our program, which also reads what the older ones wrote.

use std::net::SocketAddr;

use axum::{
    Router,
    routing::{get, post},
};
use haversack::{
    Active, Clock as _, Codec, Key, KeyRing, Session, SystemClock,
    foreign::{Foreign, Source},
};
use haversack_migrate::{
    cookie_rs::{self, CookieRs},
    flask::Flask,
};
use serde::{Deserialize, Serialize};

use crate::{Result, flask, jar, served::Served};

#[derive(Clone, Serialize, Deserialize)]
struct Login {
    user: u64,
}

/// What both older programs kept.
#[derive(Deserialize)]
struct OldLogin {
    user_id: u64,
}

/// Our program while it runs.
pub(crate) struct Ours {
    login: Codec<Login>,
    key: Key,
    _served: Served,
}

pub(crate) fn start(address: SocketAddr) -> Result<Ours> {
    let key = Key::generate()?;
    let until = SystemClock.now() + 31 * 24 * 60 * 60;
    let jar = CookieRs::private("session", [cookie_rs::Key::from_bytes(&jar::KEY)?])?;
    let flask = Flask::new([flask::SECRET_KEY])?;
    let map = |old: Foreign| {
        let OldLogin { user_id } = old.json()?;
        Some(Login { user: user_id })
    };
    let login = Codec::sealed("login", KeyRing::new(key.clone()))
        .insecure() // this example is on plain http
        .also_reads(Source::new(jar, until).insecure(), map)
        .also_reads(Source::new(flask, until).insecure(), map)
        .build()?;
    let app = Router::new()
        .route(
            "/me",
            get(async |login: Active<Login>| format!("user {}", login.user)),
        )
        .route(
            "/logout",
            post(async |session: Session<Login>| session.end()),
        )
        .layer(login.layer());
    Ok(Ours {
        login,
        key,
        _served: Served::start(address, app)?,
    })
}

impl Ours {
    /// Seals with a new key, and opens with the old one too.
    pub(crate) fn rotate(&self) -> Result<()> {
        self.login
            .rotate(KeyRing::new(Key::generate()?).also_opens(self.key.clone()))?;
        Ok(())
    }
}
