//! One codec for all tenants: a note of one does not open for another.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Redirect, Response},
};
use haversack::{Codec, Session};
use serde::{Deserialize, Serialize};

use crate::{
    pages::{self, Json},
    sessions::{Sessions, facts},
};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Note {
    text: String,
}

#[derive(Deserialize)]
pub(crate) struct Text {
    text: String,
}

pub(crate) async fn read(
    State(sessions): State<Arc<Sessions>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(codec) = codec_of(&sessions, &tenant) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let session = codec.load(&headers);
    let response = Json(facts(&codec, &session)).into_response();
    saved(&session, response)
}

pub(crate) async fn write(
    State(sessions): State<Arc<Sessions>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    Form(Text { text }): Form<Text>,
) -> Response {
    let Some(codec) = codec_of(&sessions, &tenant) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let text = match pages::line("text", &text, 80) {
        Ok(text) => text.to_owned(),
        Err(problem) => return problem.into_response(),
    };
    let session = codec.load(&headers);
    session.start(Note { text });
    saved(&session, Redirect::to("/#tenants").into_response())
}

/// The session of a tenant. Which tenant depends on the request, so there is no layer around the routes:
/// `load` and `save` are what it does.
fn codec_of(sessions: &Sessions, tenant: &str) -> Option<Codec<Note>> {
    let is_known = TENANTS.contains(&tenant);
    is_known.then(|| sessions.note.context(tenant).ok())?
}

fn saved(session: &Session<Note>, mut response: Response) -> Response {
    match session.save(response.headers_mut()) {
        Ok(()) => response,
        // With its reason, as this is a demo: elsewhere it is empty, as the layer's is.
        Err(error) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            (status, [(CACHE_CONTROL, "no-store")], error.to_string()).into_response()
        }
    }
}

const TENANTS: [&str; 2] = ["north", "south"];
