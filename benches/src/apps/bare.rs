//! Applications before there is any session.

use actix_web::web;
use axum::{Router, routing::get};

pub fn router() -> Router {
    let cookie = ("set-cookie", "__Host-Http-session=nothing; Path=/");
    Router::new()
        .route("/starts", get(async move || ([cookie], "in")))
        .route("/reads", get(async || "out"))
        .route("/ignores", get(async || "in"))
}

pub fn actix(config: &mut web::ServiceConfig) {
    config
        .route("/reads", web::get().to(async || "out"))
        .route("/ignores", web::get().to(async || "in"));
}
