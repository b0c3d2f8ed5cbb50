//! New keys by a button.

use std::{
    mem,
    str::FromStr,
    sync::{Arc, MutexGuard, PoisonError},
};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use haversack::{ConfigError, Flashes, Key, KeyRing, Session};

use crate::sessions::{Sessions, leave};

/// The keys of a ring one by one, as a `KeyRing` doesn't give them back.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) seals: Key,
    pub(crate) open: Vec<Key>,
}

impl Keys {
    pub(crate) fn ring(&self) -> KeyRing {
        let open = self.open.iter().cloned();
        open.fold(KeyRing::new(self.seals.clone()), KeyRing::also_opens)
    }
}

impl FromStr for Keys {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Keys, ConfigError> {
        let (seals, open) = match text.split_once(',') {
            Some((seals, open)) => (seals, open.split(',').map(str::parse).collect()),
            None => (text, Ok(Vec::new())),
        };
        let seals = seals.parse()?;
        open.map(|open| Keys { seals, open })
    }
}

/// Replaces the key that seals; the last ones still open. A fleet of workers takes the three steps of
/// the README; here is one process for all visitors, which knows every key before it seals.
pub(crate) async fn rotate(
    State(sessions): State<Arc<Sessions>>,
    flashes: Session<Flashes>,
) -> Response {
    match seal_with_a_new_key(&sessions) {
        Ok(()) => {
            leave(
                &flashes,
                "A new key seals. Each session is re-sealed when it is next used.",
            );
            Redirect::to("/").into_response()
        }
        Err(problem) => (StatusCode::INTERNAL_SERVER_ERROR, problem).into_response(),
    }
}

fn seal_with_a_new_key(sessions: &Sessions) -> Result<(), String> {
    let new = Key::generate().map_err(|error| error.to_string())?;
    // Held until all have the new ring, so that two buttons at once leave the same keys everywhere.
    let mut keys = locked(sessions);
    let old = mem::replace(&mut keys.seals, new);
    keys.open.insert(0, old);
    keys.open.truncate(MOST - 1);
    put(sessions, &keys.ring()).map_err(|error| error.to_string())
}

fn put(sessions: &Sessions, ring: &KeyRing) -> Result<(), ConfigError> {
    sessions.login.rotate(ring.clone())?;
    sessions.cart.rotate(ring.clone())?;
    sessions.flashes.rotate(ring.clone())?;
    sessions.note.rotate(ring.clone())?;
    sessions.reset.rotate(ring.clone())
}

/// The ids of the keys, which tokens carry and which are no secret.
pub(crate) fn shown(sessions: &Sessions) -> String {
    format!("{:?}", locked(sessions).ring())
}

fn locked(sessions: &Sessions) -> MutexGuard<'_, Keys> {
    sessions.keys.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keys in the ring. The oldest goes when there is one more, and what it sealed is an `unknown_key`.
const MOST: usize = 4;
