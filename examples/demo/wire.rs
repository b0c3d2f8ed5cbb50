//! The headers that went over the wire, for the page to show.

use axum::{
    body::to_bytes,
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, SET_COOKIE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::pages::Json;

/// Answers the page's own script, which asks for it with a header that no form and no other site can send,
/// with the whole exchange as JSON: the request's headers as they came, the response's as the last layer
/// left them. The browser gets the response's cookies all the same.
///
/// A real program must never do this: tokens in `HttpOnly` cookies are none of a script's business.
pub(crate) async fn show(request: Request, next: Next) -> Response {
    if !request.headers().contains_key("x-demo-wire") {
        return next.run(request).await;
    }
    let asked = json!({
        "method": request.method().as_str(),
        "path": request.uri().path_and_query().map(|path| path.as_str()),
        "headers": lines(request.headers()),
    });
    let (head, body) = next.run(request).await.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let answered = json!({
        "status": head.status.as_u16(),
        "headers": lines(&head.headers),
        "body": String::from_utf8_lossy(&body),
    });
    let mut response = Json(json!({ "request": asked, "response": answered })).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in head.headers.get_all(SET_COOKIE) {
        headers.append(SET_COOKIE, cookie.clone());
    }
    response
}

fn lines(headers: &HeaderMap) -> Vec<[Value; 2]> {
    let lines = headers.iter();
    lines
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            [name.as_str().into(), value.into()]
        })
        .collect()
}

/// Octets of a body, all of which are this program's own.
const LONGEST: usize = 256 * 1024;
