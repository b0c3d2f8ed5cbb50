//! The signed session: a JWT in a header, which the page's script keeps.

use axum::{
    Form,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use haversack::{Active, Session};
use serde::Deserialize;
use serde_json::json;

use crate::{
    pages::{self, Json},
    sessions::Api,
};

#[derive(Deserialize)]
pub(crate) struct User {
    user: String,
}

pub(crate) async fn token(session: Session<Api>, Form(User { user }): Form<User>) -> Response {
    match pages::line("user", &user, 64) {
        Ok(user) => {
            let user = user.to_owned();
            session.start(Api { user });
            StatusCode::NO_CONTENT.into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

pub(crate) async fn me(api: Active<Api>) -> Json {
    Json(json!({ "user": api.user }))
}
