//! No session at all: what the others are measured against.

mod login;

use actix_web::{
    App, HttpServer,
    web::{Json, get, post, to},
};

use crate::login::Login;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let app = || {
        App::new()
            .route("/login", post().to(sign_in))
            .route("/me", get().to(me))
            .route("/logout", post().to(sign_out))
            .default_service(to(sign_out))
    };
    HttpServer::new(app).bind("127.0.0.1:3000")?.run().await
}

async fn sign_in(Json(login): Json<Login>) -> String {
    format!("welcome, {} {} {}", login.user, login.name, login.admin)
}

async fn me() -> Json<Option<Login>> {
    Json(None)
}

async fn sign_out() -> &'static str {
    "bye"
}
