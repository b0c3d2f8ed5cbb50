//! Dioxus: server functions that take the session as axum's handlers do, their errors, and a page that is rendered
//! with the session. The other routes of the suite are axum's, beside those of Dioxus.

use std::{env, io, os::unix::process::CommandExt, process::Command};

use axum::{Extension, http::StatusCode};
use dioxus::{
    fullstack::{Form, FullstackContext, HttpError, Redirect, Text, TextStream},
    prelude::*,
    server::{FullstackState, ServeConfig},
};
use frameworks::{Error, Login, LoginForm, Sessions, announce, axum::routes, listener, port};
use haversack::{Active, Session};

#[post("/login", session: Session<Login>)]
async fn sign_in(form: Form<LoginForm>) -> Result<Redirect> {
    form.sign_in(&session); // after checking a password
    Ok(Redirect::to("/me"))
}

#[post("/logout", session: Session<Login>)]
async fn sign_out() -> Result<Redirect> {
    session.end();
    Ok(Redirect::to("/"))
}

/// For signed-in users: a 401 without a live session.
#[get("/me", login: Active<Login>)]
async fn me() -> Result<Text<String>> {
    Ok(Text(login.greeting()))
}

/// For everyone.
#[get("/maybe", login: Option<Active<Login>>)]
async fn maybe() -> Result<Text<String>> {
    Ok(Text(
        login.map_or("nobody".into(), |login| login.greeting()),
    ))
}

#[get("/stream", sessions: Extension<Sessions>, _login: Active<Login>)]
async fn stream() -> Result<TextStream> {
    Ok(sessions.lines().into())
}

#[post("/login-then-error", session: Session<Login>)]
async fn sign_in_and_fail(form: Form<LoginForm>) -> Result<()> {
    form.sign_in(&session);
    Err(io::Error::other("the records are out of reach").into())
}

#[get("/error")]
async fn error() -> Result<(), HttpError> {
    HttpError::err(StatusCode::IM_A_TEAPOT, "a teapot")
}

#[get("/error/read", _login: Active<Login>)]
async fn error_after_reading() -> Result<(), HttpError> {
    error().await
}

/// Who is signed in, for a page that shows it.
#[get("/api/whoami", session: Session<Login>)]
async fn whoami() -> Result<Option<u64>> {
    Ok(session.get().map(|login| login.user))
}

/// A page that is rendered on the server, with the session of the request for it.
#[component]
fn Page() -> Element {
    let who = use_server_future(whoami)?;
    let who = match who() {
        Some(Ok(Some(user))) => format!("user {user}"),
        _ => "nobody".to_owned(),
    };
    rsx! {
        p { "{who} is signed in" }
    }
}

#[derive(Clone, PartialEq, Routable)]
enum Pages {
    #[route("/page")]
    Page {},
    #[route("/:.._path")]
    Nothing { _path: Vec<String> },
}

#[component]
fn Nothing(_path: Vec<String>) -> Element {
    FullstackContext::commit_http_status(StatusCode::NOT_FOUND, None);
    rsx! { "no such page" }
}

#[component]
fn App() -> Element {
    rsx! {
        Router::<Pages> {}
    }
}

fn app(sessions: &Sessions) -> axum::Router {
    // An application that `dx` bundles has `dioxus::server::router(App)`, which serves its files too.
    axum::Router::<FullstackState>::new()
        .merge(routes(sessions))
        .serve_api_application(ServeConfig::new(), App)
        .layer(sessions.login.layer())
        .layer(Extension(sessions.clone()))
}

fn main() -> Result<(), Error> {
    on_free_port()?;
    let sessions = Sessions::from_env()?;
    dioxus::serve(move || {
        // It listens already.
        announce(([127, 0, 0, 1], port()).into());
        let app = app(&sessions);
        async { Ok(app) }
    })
}

/// Starts over with a port that is free if it is to choose one: Dioxus tells nobody which one it has.
fn on_free_port() -> io::Result<()> {
    if port() != 0 {
        return Ok(());
    }
    let free = listener()?.local_addr()?.port();
    let mut this = Command::new(env::current_exe()?);
    Err(this.env("PORT", free.to_string()).exec())
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{Request, Response},
    };
    use tower::ServiceExt as _;

    use super::*;

    async fn call(app: &axum::Router, method: &str, path: &str, cookie: &str) -> Response<Body> {
        let request = Request::builder().method(method).uri(path);
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html, application/json")
            .header("cookie", cookie)
            .body(Body::from("user=7"));
        app.clone().oneshot(request.unwrap()).await.unwrap()
    }

    async fn body(response: Response<Body>) -> String {
        let body = to_bytes(response.into_body(), 100_000).await.unwrap();
        String::from_utf8(body.into()).unwrap()
    }

    #[tokio::test]
    async fn the_rendered_page_has_the_session() {
        let app = app(&Sessions::from_env().unwrap());
        assert_eq!(
            body(call(&app, "GET", "/api/whoami", "").await).await,
            "null"
        );
        let page = call(&app, "GET", "/page", "").await;
        assert!(body(page).await.contains("nobody is signed in"));

        let response = call(&app, "POST", "/login", "").await;
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        assert_eq!(
            body(call(&app, "GET", "/api/whoami", &cookie).await).await,
            "7"
        );
        let page = call(&app, "GET", "/page", &cookie).await;
        assert_eq!(page.headers()["cache-control"], "private");
        assert_eq!(page.headers()["vary"], "cookie");
        assert!(body(page).await.contains("user 7 is signed in"));
    }
}
