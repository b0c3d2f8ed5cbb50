//! The program's three sessions and where their keys come from.

use std::{env, error::Error, time::Duration};

use haversack::{Codec, JwtKeys, Key, KeyRing, Lifetime, Session};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Login {
    pub(crate) user: String,
}

#[derive(Clone, Serialize, Deserialize)]
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
}

impl Sessions {
    pub(crate) fn from_env() -> Result<Sessions, Box<dyn Error>> {
        let keys = keys()?;
        let (idle, cap) = (seconds("IDLE_SECS", 1800)?, seconds("CAP_SECS", 28800)?);
        let mut login = Codec::sealed("login", keys.clone()).lifetime(Lifetime::sliding(idle, cap));
        let mut cart = Codec::sealed("cart", keys);
        if env::var("INSECURE_COOKIES").is_ok_and(|value| value == "1") {
            (login, cart) = (login.insecure(), cart.insecure());
        }
        // This secret lives as long as the program; a real one is kept like the other keys.
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let api = Codec::jwt("api", JwtKeys::hs256(secret)?).bearer("x-session");
        Ok(Sessions {
            login: login.build()?,
            cart: cart.build()?,
            api: api.build()?,
        })
    }
}

/// The facts of a session as the page shows them.
pub(crate) fn facts<T: Serialize>(session: &Session<T>) -> Value {
    json!({
        "value": session.get().as_deref(),
        "id": session.id().map(|id| id.to_string()),
        "version": session.facts().map(|facts| facts.version),
        "started": session.facts().map(|facts| facts.started_at),
        "expires": session.facts().map(|facts| facts.expires_at),
        "ends": session.facts().map(|facts| facts.ends_at),
        "rejected": session.rejected().map(|reason| reason.code()),
    })
}

fn keys() -> Result<KeyRing, Box<dyn Error>> {
    match env::var("SESSION_KEYS") {
        Ok(keys) => Ok(keys.parse()?),
        Err(env::VarError::NotPresent) => {
            eprintln!("warning: SESSION_KEYS is not set; a restart ends every session");
            Ok(KeyRing::new(Key::generate()?))
        }
        Err(error) => Err(error.into()),
    }
}

fn seconds(variable: &str, default: u64) -> Result<Duration, Box<dyn Error>> {
    let seconds = match env::var(variable) {
        Ok(text) => text
            .parse()
            .map_err(|error| format!("{variable}: {error}"))?,
        Err(_) => default,
    };
    Ok(Duration::from_secs(seconds))
}
