//! The program's sessions and tickets, and what the page shows of them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::extract::State;
use haversack::{
    Clock, Codec, ConfigError, Flashes, JwtKeys, KeyRing, Lifetime, Session, SystemClock, Ticket,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{accounts::Accounts, keys, pages::Json, settings::Settings, tenants::Note};

/// Who is signed in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) user: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// How many passwords the user had set at the sign-in; see `accept_if` below.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) passwords: u32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Cart {
    pub(crate) items: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Api {
    pub(crate) user: String,
}

pub(crate) struct Sessions {
    pub(crate) login: Codec<Login>,
    pub(crate) cart: Codec<Cart>,
    pub(crate) api: Codec<Api>,
    /// Messages in a session of their own: "you are signed out" is for people without a login.
    pub(crate) flashes: Codec<Flashes>,
    /// A note for each tenant; its context depends on the request.
    pub(crate) note: Codec<Note>,
    /// Links that reset a password, with the user's name.
    pub(crate) reset: Ticket<String>,
    pub(crate) accounts: Arc<Accounts>,
    /// Of all but `api`.
    pub(crate) keys: Mutex<KeyRing>,
    /// How many seconds a proof of identity is fresh.
    pub(crate) fresh: u64,
}

impl Sessions {
    pub(crate) fn new(settings: &Settings) -> Result<Sessions, String> {
        let keys = settings.keys.clone();
        let accounts = Arc::new(Accounts::default());
        let known = Arc::clone(&accounts);
        let mut login = Codec::sealed("login", keys.clone())
            .lifetime(Lifetime::sliding(settings.idle, settings.cap))
            .remembered(Lifetime::sliding(14 * DAY, 90 * DAY))
            .announce("session-ends")
            // A new password signs out wherever the old one signed in.
            .accept_if(move |login: &Login, _| known.passwords(&login.user) == login.passwords);
        // With the mark of its end, an answer that was slow brings no emptied cart back.
        let mut cart = Codec::sealed("cart", keys.clone()).sticky_end();
        let mut flashes = Codec::sealed("flash", keys.clone()).lifetime(Lifetime::fixed(MINUTE));
        let mut note = Codec::sealed("note", keys.clone());
        if settings.insecure {
            (login, cart) = (login.insecure(), cart.insecure());
            (flashes, note) = (flashes.insecure(), note.insecure());
        }
        // This secret lives as long as the program; a real one is kept like the other keys.
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| error.to_string())?;
        let api = JwtKeys::hs256(secret).map_err(|error| error.to_string())?;
        Ok(Sessions {
            login: login.build().map_err(blame)?,
            cart: cart.build().map_err(blame)?,
            flashes: flashes.build().map_err(blame)?,
            note: note.build().map_err(blame)?,
            api: Codec::jwt("api", api)
                .bearer("x-session")
                .build()
                .map_err(blame)?,
            reset: Ticket::sealed("reset", keys).build().map_err(blame)?,
            accounts,
            keys: Mutex::new(settings.keys.clone()),
            fresh: settings.fresh,
        })
    }
}

/// What is left to be wrong once the codecs are built are lifetimes and keys, which variables set.
fn blame(error: ConfigError) -> String {
    match error.setting() {
        "lifetime" => format!("IDLE_SECS, CAP_SECS: {error}"),
        "key ring" => format!("SESSION_KEYS: {error}"),
        _ => error.to_string(),
    }
}

/// All that the page shows of this browser's sessions. The messages are taken by it.
pub(crate) async fn all(
    State(sessions): State<Arc<Sessions>>,
    login: Session<Login>,
    cart: Session<Cart>,
    flashes: Session<Flashes>,
) -> Json {
    Json(json!({
        "now": SystemClock.now(),
        "fresh_seconds": sessions.fresh,
        "keys": keys::shown(&sessions),
        "login": facts(&sessions.login, &login),
        "cart": facts(&sessions.cart, &cart),
        "flashes": take_flashes(&flashes),
    }))
}

/// The facts of a session as the page shows them.
pub(crate) fn facts<T: Serialize>(codec: &Codec<T>, session: &Session<T>) -> Value {
    let facts = session.facts();
    json!({
        "cookie": codec.cookie_name(),
        "value": session.get().as_deref(),
        "id": facts.map(|facts| facts.id.to_string()),
        "version": facts.map(|facts| facts.version),
        "remembered": facts.map(|facts| facts.remembered),
        "started": facts.map(|facts| facts.started_at),
        "authenticated": facts.map(|facts| facts.authenticated_at),
        "issued": facts.map(|facts| facts.issued_at),
        "expires": facts.map(|facts| facts.expires_at),
        "ends": facts.map(|facts| facts.ends_at),
        "rejected": session.rejected().map(|reason| reason.code()),
        "reason": session.rejected().map(|reason| reason.to_string()),
    })
}

/// Leaves a message for the next page.
pub(crate) fn leave(flashes: &Session<Flashes>, message: &str) {
    // A client that never asks for its messages must not fill a cookie with them.
    if flashes.get().is_none_or(|left| left.peek().len() >= 3) {
        flashes.start(Flashes::new());
    }
    // Text can always be written, and the session is live.
    let _ = flashes.flash("success", message);
}

pub(crate) fn take_flashes(flashes: &Session<Flashes>) -> Vec<String> {
    let texts = flashes
        .take_flashes()
        .iter()
        .filter_map(|flash| flash.text().map(str::to_owned))
        .collect::<Vec<_>>();
    // No cookie stays behind for nothing.
    if !texts.is_empty() {
        flashes.end();
    }
    texts
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
