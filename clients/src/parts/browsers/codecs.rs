//! Pages for sessions that a check has configured itself.

use std::sync::Arc;

use anyhow::Result;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use haversack::{Codec, CodecBuilder, JwtKeys, Key, KeyRing};
use serde::Deserialize;

/// Begins a sealed session, whose value is a text.
pub(super) fn sealed(name: &str) -> Result<CodecBuilder<String>> {
    Ok(Codec::sealed(name, KeyRing::new(Key::generate()?)))
}

/// Begins a signed one.
pub(super) fn signed(name: &str) -> Result<CodecBuilder<String>> {
    let keys: JwtKeys = Key::generate()?.to_text().parse()?;
    Ok(Codec::jwt(name, keys))
}

/// `POST` to `/codecs/3/start`, `read` and `end` for the codec with this index. The form's `value` is
/// what the session starts with; `read` answers the value or why there is none.
pub(super) fn routes(codecs: Vec<Codec<String>>) -> Router {
    Router::new()
        .route("/codecs/{index}/{action}", post(act))
        .with_state(Arc::new(codecs))
}

#[derive(Debug, Deserialize)]
struct Value {
    #[serde(default)]
    value: String,
}

async fn act(
    State(codecs): State<Arc<Vec<Codec<String>>>>,
    Path((index, action)): Path<(usize, String)>,
    headers: HeaderMap,
    Form(Value { value }): Form<Value>,
) -> Result<(HeaderMap, String), (StatusCode, String)> {
    let codec = codecs
        .get(index)
        .ok_or((StatusCode::NOT_FOUND, String::new()))?;
    let session = codec.load(&headers);
    match &*action {
        "start" => session.start(value),
        "end" => session.end(),
        _ => {}
    }
    let reason = session.rejected().map_or("nothing", |reason| reason.code());
    let says = session
        .get()
        .map_or(reason.into(), |value| value.to_string());
    let mut written = HeaderMap::new();
    match session.save(&mut written) {
        Ok(()) => Ok((written, says)),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    }
}
