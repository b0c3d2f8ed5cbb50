//! What the application answers.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{
    Form, Router,
    extract::{Path, Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use haversack::{Active, Session, Values};
use serde::Deserialize;
use tokio::sync::watch;

use super::sessions::{Big, InBearer, InHeader, Login, Sessions};

/// What the routes share, and what a part asks of its server from inside this process.
#[derive(Clone, Debug, Default)]
pub(crate) struct App {
    /// Requests that arrived.
    arrived: Arc<AtomicU64>,
    gates: Arc<Mutex<HashMap<String, watch::Sender<Gate>>>>,
}

/// What a slow response waits for.
#[derive(Clone, Copy, Debug, Default)]
struct Gate {
    waiting: usize,
    open: bool,
}

impl App {
    /// How many requests arrived so far.
    pub(crate) fn arrived(&self) -> u64 {
        self.arrived.load(Relaxed)
    }

    /// Waits until so many requests wait at a gate.
    pub(crate) async fn waiting(&self, gate: &str, requests: usize) {
        let mut gate = self.gate(gate).subscribe();
        // The sender is kept for as long as the application.
        let _ = gate.wait_for(|gate| gate.waiting >= requests).await;
    }

    /// Lets all go on who wait at a gate, and all who come later.
    pub(crate) fn open(&self, gate: &str) {
        self.gate(gate).send_modify(|gate| gate.open = true);
    }

    async fn pass(&self, name: &str) {
        let gate = self.gate(name);
        gate.send_modify(|gate| gate.waiting += 1);
        let _ = gate.subscribe().wait_for(|gate| gate.open).await;
    }

    fn gate(&self, name: &str) -> watch::Sender<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(name.into()).or_default().clone()
    }
}

/// The routes, with a layer for each session. A part adds its own by `.merge(..)`.
pub(crate) fn router(sessions: &Sessions, app: &App) -> Router {
    let guarded = get(async || "guarded").layer(sessions.login.required().or_redirect("/"));
    Router::new()
        .route("/", get(async || "home"))
        .route("/login", post(sign_in))
        .route("/me", get(me))
        .route("/maybe", get(maybe))
        .route("/count", post(count))
        .route("/logout", post(sign_out))
        .route("/guarded", guarded)
        .route("/big", get(big).post(start_big))
        .route("/big/logout", post(end_big))
        .route("/flash", get(flashes).post(flash))
        .route("/slow/{gate}", get(slow))
        .route("/header/login", post(header_login))
        .route("/header/me", get(header_me))
        .route("/header/logout", post(header_logout))
        .route("/bearer/login", post(bearer_login))
        .route("/bearer/me", get(bearer_me))
        .layer(sessions.login.layer())
        .layer(sessions.big.layer())
        .layer(sessions.notes.layer())
        .layer(sessions.in_header.layer())
        .layer(sessions.in_bearer.layer())
        .layer(from_fn_with_state(app.clone(), counted))
        .with_state(app.clone())
}

#[derive(Debug, Deserialize)]
struct LoginForm {
    user: u64,
    remember: Option<String>,
    /// Where to redirect to; unset, the response is a page.
    next: Option<String>,
}

async fn sign_in(session: Session<Login>, Form(form): Form<LoginForm>) -> Response {
    let (user, count) = (form.user, 0);
    match form.remember {
        Some(_) => session.start_remembered(Login { user, count }),
        None => session.start(Login { user, count }),
    }
    match form.next {
        Some(next) => Redirect::to(haversack::next_path(&next)).into_response(),
        None => greeting(user).into_response(),
    }
}

async fn me(login: Active<Login>) -> String {
    greeting(login.user)
}

async fn maybe(login: Option<Active<Login>>) -> String {
    login.map_or("nobody".into(), |login| greeting(login.user))
}

async fn count(login: Active<Login>) -> String {
    let count = login.session().update(|login| {
        login.count += 1;
        login.count
    });
    count.unwrap_or_default().to_string()
}

async fn sign_out(session: Session<Login>) -> &'static str {
    session.end();
    "signed out"
}

#[derive(Debug, Deserialize)]
struct BigForm {
    octets: usize,
}

async fn start_big(session: Session<Big>, Form(form): Form<BigForm>) -> String {
    session.start(Big("x".repeat(form.octets)));
    form.octets.to_string()
}

async fn big(big: Active<Big>) -> String {
    big.0.len().to_string()
}

async fn end_big(session: Session<Big>) -> &'static str {
    session.end();
    "ended"
}

#[derive(Debug, Deserialize)]
struct TextForm {
    text: String,
}

async fn flash(session: Session<Values>, Form(form): Form<TextForm>) -> Response {
    session.update_or_start(Values::new(), |_| ());
    match session.flash("note", &form.text) {
        Ok(_) => "left".into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn flashes(session: Session<Values>) -> String {
    let flashes = session.take_flashes();
    let texts = flashes.iter().filter_map(|flash| flash.text());
    texts.collect::<Vec<_>>().join("\n")
}

/// Reads and updates the session, and answers once the gate is open.
async fn slow(
    State(app): State<App>,
    Path(gate): Path<String>,
    login: Active<Login>,
) -> Result<String, StatusCode> {
    let count = count(login).await;
    app.pass(&gate).await;
    Ok(count)
}

async fn header_login(session: Session<InHeader>, Form(form): Form<LoginForm>) -> String {
    session.start(InHeader(form.user));
    greeting(form.user)
}

async fn header_me(login: Active<InHeader>) -> String {
    greeting(login.0)
}

async fn header_logout(session: Session<InHeader>) -> &'static str {
    session.end();
    "signed out"
}

async fn bearer_login(session: Session<InBearer>, Form(form): Form<LoginForm>) -> String {
    session.start(InBearer(form.user));
    greeting(form.user)
}

async fn bearer_me(login: Active<InBearer>) -> String {
    greeting(login.0)
}

async fn counted(State(app): State<App>, request: Request, next: Next) -> Response {
    app.arrived.fetch_add(1, Relaxed);
    next.run(request).await
}

/// What a page says that greets its user.
pub(crate) fn greeting(user: u64) -> String {
    format!("user {user}")
}
