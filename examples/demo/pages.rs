//! What pages are made of.

use axum::{
    Router,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    response::{self, IntoResponse, Response},
    routing::{MethodRouter, get},
};
use serde_json::Value;

pub(crate) type Html = response::Html<String>;

/// In place of axum's own, whose feature `json` turns serde_json's `raw_value` on for the tests too.
pub(crate) struct Json(pub(crate) Value);

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0.to_string()).into_response()
    }
}

/// The tour itself and what belongs to it.
pub(crate) fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(
            "/",
            get(|| async { response::Html(include_str!("page.html")) }),
        )
        .route("/tour.css", asset("text/css", include_str!("tour.css")))
        .route(
            "/tour.js",
            asset("text/javascript", include_str!("tour.js")),
        )
        .route(
            "/wire.js",
            asset("text/javascript", include_str!("wire.js")),
        )
        .route(
            "/icon.svg",
            asset("image/svg+xml", include_str!("icon.svg")),
        )
}

fn asset<S: Clone + Send + Sync + 'static>(
    kind: &'static str,
    text: &'static str,
) -> MethodRouter<S> {
    get(move || async move { ([(CONTENT_TYPE, kind)], text) })
}

/// Nothing but this program's own scripts and styles runs in its pages, and no other site frames them.
pub(crate) async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(POLICY);
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("same-origin"));
    response
}

/// A page beside the tour. The body is HTML.
pub(crate) fn page(title: &str, messages: &[String], body: &str) -> Html {
    let title = escaped(title);
    let messages = messages
        .iter()
        .map(|text| format!(r#"<p class="flash" role="status">{}</p>"#, escaped(text)))
        .collect::<String>();
    response::Html(format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · haversack</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/tour.css">
<body class="small">
<header><a class="home" href="/"><img src="/icon.svg" alt="" width="32" height="32"> haversack</a></header>
<main><section class="card"><h1>{title}</h1>
{messages}{body}
</section>
<p><a href="/">Back to the tour</a></p></main>
</html>
"#
    ))
}

pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            _ => out.push(c),
        }
        out
    })
}

/// A field of a form: one line of text, of so many octets at most.
pub(crate) fn line<'f>(field: &str, text: &'f str, most: usize) -> Result<&'f str, Problem> {
    let text = text.trim();
    let problem = if text.is_empty() {
        format!("{field}: it is empty")
    } else if text.len() > most {
        format!(
            "{field}: it has {} octets, and {most} are the most",
            text.len()
        )
    } else if text.chars().any(char::is_control) {
        format!("{field}: it must be one line of text")
    } else {
        return Ok(text);
    };
    Err(refuse(problem))
}

/// What is wrong with a form, as a line of text.
pub(crate) type Problem = (StatusCode, String);

pub(crate) fn refuse(problem: impl Into<String>) -> Problem {
    (StatusCode::UNPROCESSABLE_ENTITY, problem.into())
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
