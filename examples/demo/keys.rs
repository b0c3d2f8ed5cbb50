//! New keys by a button.

use std::sync::{Arc, MutexGuard, PoisonError};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use haversack::{ConfigError, Flashes, Key, KeyRing, Session};

use crate::sessions::{Sessions, leave};

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
    let mut ring = locked(sessions);
    let newest = ring.keys().iter().take(MOST - 1).cloned();
    *ring = newest.fold(KeyRing::new(new), KeyRing::also_opens);
    put(sessions, &ring).map_err(|error| error.to_string())
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
    format!("{:?}", locked(sessions))
}

fn locked(sessions: &Sessions) -> MutexGuard<'_, KeyRing> {
    sessions.keys.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keys in the ring. The oldest goes when there is one more, and what it sealed is an `unknown_key`.
const MOST: usize = 4;
