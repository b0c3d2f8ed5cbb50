//! `actix-session` with its cookie store, for an app of actix-web.

use actix_session::{
    Session, SessionMiddleware, config::CookieContentSecurity, storage::CookieSessionStore,
};
use actix_web::{
    Error,
    cookie::Key,
    web::{self, get},
};

use crate::{carried::NAME, values::Value};

/// The middleware that goes around the [routes].
pub fn middleware(
    key: Key,
    security: CookieContentSecurity,
) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::builder(CookieSessionStore::default(), key)
        .cookie_name(NAME.into())
        .cookie_content_security(security)
        .build()
}

pub fn routes<T: Value>(value: &T) -> impl Fn(&mut web::ServiceConfig) + Clone + use<T> {
    let value = value.clone();
    move |config| {
        let value = value.clone();
        let starts = move |session: Session| {
            let value = value.clone();
            async move { session.insert("val", value).map(|()| "in") }
        };
        config
            .route("/starts", get().to(starts))
            .route("/reads", get().to(reads::<T>))
            .route("/changes", get().to(changes::<T>))
            .route("/ignores", get().to(async || "in"));
    }
}

async fn reads<T: Value>(session: Session) -> Result<&'static str, Error> {
    let value = session.get::<T>("val")?;
    Ok(if value.is_some() { "in" } else { "out" })
}

async fn changes<T: Value>(session: Session) -> Result<&'static str, Error> {
    let Some(mut value) = session.get::<T>("val")? else {
        return Ok("out");
    };
    value.touch();
    session.insert("val", value)?;
    Ok("in")
}
