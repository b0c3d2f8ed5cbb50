//! Sessions of others, each with keys from the same file as far as it has any.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, anyhow};
use axum::{
    Form, Router,
    http::StatusCode,
    routing::{get, post},
};
use axum_extra::extract::{
    PrivateCookieJar,
    cookie::{Cookie, Key},
};
use fred::prelude::{ClientLike as _, Config, Pool};
use seshcookie::{Session, SessionConfig, SessionKeys, SessionLayer};
use tower_sessions::{MemoryStore, SessionManagerLayer};
use tower_sessions_redis_store::RedisStore;

use super::{Login, LoginForm, counted, page};

/// A jar has one key: what an older one made is not opened.
pub(crate) fn private_jar(keys: &Path) -> Result<Router> {
    let text = fs::read_to_string(keys)?;
    let first = text.split(',').next().context("no key")?;
    let key = Key::derive_from(first.as_bytes());
    let sign_in = async |jar: PrivateCookieJar, Form(LoginForm { user }): Form<LoginForm>| {
        (with(jar, &Login { user, count: 0 }), page(Some(user)))
    };
    let me = async |jar: PrivateCookieJar| page(in_jar(&jar).map(|login| login.user));
    let count = async |jar: PrivateCookieJar| {
        let Some(mut login) = in_jar(&jar) else {
            return (jar, counted(None));
        };
        login.count += 1;
        (with(jar, &login), counted(Some(login)))
    };
    Ok(Router::new()
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/count", post(count))
        .with_state(key))
}

fn in_jar(jar: &PrivateCookieJar) -> Option<Login> {
    serde_json::from_str(jar.get("login")?.value()).ok()
}

fn with(jar: PrivateCookieJar, login: &Login) -> PrivateCookieJar {
    let value = serde_json::to_string(login).unwrap_or_default();
    jar.add(Cookie::build(("login", value)).path("/").http_only(true))
}

pub(crate) fn seshcookie(keys: &Path) -> Result<Router> {
    let text = fs::read_to_string(keys)?;
    let mut texts = text.trim().split(',').map(str::as_bytes);
    let keys = SessionKeys::new(texts.next().context("no key")?)?.with_fallbacks(texts)?;
    let layer = SessionLayer::<Login>::new(keys, SessionConfig::default().cookie_name("login"))?;
    let sign_in = async |session: Session<Login>, Form(LoginForm { user }): Form<LoginForm>| {
        session.insert(Login { user, count: 0 }).await;
        page(Some(user))
    };
    let me = async |session: Session<Login>| page(session.get().await.map(|login| login.user));
    let count = async |session: Session<Login>| {
        let change = |login: &mut Option<Login>| {
            let login = login.as_mut()?;
            login.count += 1;
            Some(login.clone())
        };
        counted(session.modify(change).await)
    };
    Ok(Router::new()
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/count", post(count))
        .layer(layer))
}

pub(crate) fn memory() -> Router {
    kept_here().layer(SessionManagerLayer::new(MemoryStore::default()))
}

pub(crate) async fn redis(url: &str) -> Result<Router> {
    let config = Config::from_url(url).map_err(|error| anyhow!("{error}"))?;
    let pool = Pool::new(config, None, None, None, 6)?;
    pool.init().await?;
    let layer = tower_sessions_of_redis::SessionManagerLayer::new(RedisStore::new(pool));
    Ok(kept_there().layer(layer))
}

/// The same routes for the sessions of either version of `tower-sessions`.
macro_rules! routes {
    ($name:ident, $session:ty) => {
        fn $name() -> Router {
            let sign_in = async |session: $session, Form(LoginForm { user }): Form<LoginForm>| {
                let login = Login { user, count: 0 };
                session.insert("login", login).await.map_err(unkept)?;
                page(Some(user))
            };
            let me = async |session: $session| {
                let login = session.get::<Login>("login").await.map_err(unkept)?;
                page(login.map(|login| login.user))
            };
            let count = async |session: $session| {
                let Some(mut login) = session.get::<Login>("login").await.map_err(unkept)? else {
                    return counted(None);
                };
                login.count += 1;
                session.insert("login", &login).await.map_err(unkept)?;
                counted(Some(login))
            };
            Router::new()
                .route("/login", post(sign_in))
                .route("/me", get(me))
                .route("/count", post(count))
        }
    };
}

routes!(kept_here, tower_sessions::Session);
routes!(kept_there, tower_sessions_of_redis::Session);

fn unkept<E>(_: E) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}
