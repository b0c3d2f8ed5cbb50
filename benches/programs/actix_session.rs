mod login;

use std::env;

use actix_session::{Session, SessionMiddleware, storage::CookieSessionStore};
use actix_web::{
    App, HttpServer,
    cookie::Key,
    web::{Json, get, post, to},
};

use crate::login::Login;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let key = Key::from(env::var("SESSION_KEYS").unwrap().as_bytes());
    let app = move || {
        let sessions = SessionMiddleware::new(CookieSessionStore::default(), key.clone());
        App::new()
            .wrap(sessions)
            .route("/login", post().to(sign_in))
            .route("/me", get().to(me))
            .route("/logout", post().to(sign_out))
            .default_service(to(sign_out))
    };
    HttpServer::new(app).bind("127.0.0.1:3000")?.run().await
}

async fn sign_in(session: Session, Json(login): Json<Login>) -> &'static str {
    session.renew();
    session.insert("login", login).unwrap();
    "welcome"
}

async fn me(session: Session) -> Json<Option<Login>> {
    Json(session.get("login").unwrap())
}

async fn sign_out(session: Session) -> &'static str {
    session.purge();
    "bye"
}
