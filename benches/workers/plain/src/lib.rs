//! The routes of `examples/workers` without sessions.

use std::sync::OnceLock;

use axum::{
    Router,
    body::Body,
    http::Response,
    response::Redirect,
    routing::{get, post},
};
use tower_service::Service as _;
use worker::{Context, Env, HttpRequest, event};

#[event(fetch)]
async fn fetch(request: HttpRequest, _: Env, _: Context) -> worker::Result<Response<Body>> {
    static APP: OnceLock<Router> = OnceLock::new();
    Ok(APP.get_or_init(app).clone().call(request).await?)
}

fn app() -> Router {
    Router::new()
        .route("/login", post(async || Redirect::to("/me")))
        .route("/logout", post(async || Redirect::to("/")))
        .route("/me", get(async || format!("user {}", 7)))
        .route("/", get("no session here"))
}
