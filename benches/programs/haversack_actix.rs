mod login;

use std::env;

use actix_web::{
    App, HttpServer,
    web::{Json, get, post, to},
};
use haversack::{Active, Codec, KeyRing, Session};

use crate::login::Login;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let keys: KeyRing = env::var("SESSION_KEYS").unwrap().parse().unwrap();
    let login = Codec::<Login>::sealed("login", keys).build().unwrap();
    let app = move || {
        App::new()
            .wrap(login.layer())
            .route("/login", post().to(sign_in))
            .route("/me", get().to(me))
            .route("/logout", post().to(sign_out))
            .default_service(to(sign_out))
    };
    HttpServer::new(app).bind("127.0.0.1:3000")?.run().await
}

async fn sign_in(session: Session<Login>, Json(login): Json<Login>) -> &'static str {
    session.start(login);
    "welcome"
}

async fn me(login: Option<Active<Login>>) -> Json<Option<Login>> {
    Json(login.map(|login| (*login).clone()))
}

async fn sign_out(session: Session<Login>) -> &'static str {
    session.end();
    "bye"
}
