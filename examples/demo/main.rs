//! Two sealed sessions in cookies and a signed one in a header, in one axum program.
//!
//! ```text
//! cargo run --example demo
//! ```
//!
//! | variable | is | unless set |
//! |---|---|---|
//! | `PORT` | the port on 127.0.0.1, 0 for a free one | 3000 |
//! | `SESSION_KEYS` | `seals` or `seals,opens,opens` (see `cargo run --example keygen`) | generated |
//! | `IDLE_SECS` | how long a login may be idle, in seconds | 1800 |
//! | `CAP_SECS` | how long a login lives at most, in seconds | 28800 |
//! | `INSECURE_COOKIES` | `1` for cookies over plain http other than to localhost | `0` |

mod sessions;

use std::{env, error::Error, net::Ipv4Addr};

use axum::{
    Form, Router,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use haversack::{Active, Session};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_http::csrf::CsrfLayer;

use crate::sessions::{Api, Cart, Login, Sessions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sessions = Sessions::from_env()?;
    let app = Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/login", post(sign_in))
        .route("/logout", post(sign_out))
        .route("/me", get(me))
        .route("/cart", get(cart).post(add_to_cart))
        .route("/sessions", get(facts))
        .route("/api/token", post(api_token))
        .route("/api/me", get(api_me))
        .layer(sessions.login.layer())
        .layer(sessions.cart.layer())
        .layer(sessions.api.layer())
        // Outermost, so that nothing of a request that another site forged reaches a session.
        .layer(CsrfLayer::new());

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(stop())
        .await?;
    println!("stopped");
    Ok(())
}

#[derive(Deserialize)]
struct User {
    user: String,
}

#[derive(Deserialize)]
struct Item {
    item: String,
}

/// In place of axum's own, whose feature `json` turns serde_json's `raw_value` on for the tests too.
struct Json(Value);

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0.to_string()).into_response()
    }
}

async fn sign_in(session: Session<Login>, form: Form<User>) -> impl IntoResponse {
    let Form(User { user }) = form;
    if user.is_empty() {
        return (StatusCode::UNPROCESSABLE_ENTITY, "user: say who you are").into_response();
    }
    session.start(Login { user });
    Redirect::to("/").into_response()
}

async fn sign_out(session: Session<Login>) -> Redirect {
    session.end();
    Redirect::to("/")
}

async fn me(login: Active<Login>) -> Json {
    Json(json!({ "user": login.user }))
}

async fn cart(cart: Option<Active<Cart>>) -> Json {
    Json(json!({ "items": cart.map_or(Vec::new(), |cart| cart.items.clone()) }))
}

async fn add_to_cart(session: Session<Cart>, Form(Item { item }): Form<Item>) -> Redirect {
    if session
        .update(|cart| cart.items.push(item.clone()))
        .is_none()
    {
        session.start(Cart { items: vec![item] });
    }
    Redirect::to("/")
}

async fn api_token(session: Session<Api>, Form(User { user }): Form<User>) -> StatusCode {
    session.start(Api { user });
    StatusCode::NO_CONTENT
}

async fn api_me(api: Active<Api>) -> Json {
    Json(json!({ "user": api.user }))
}

/// What the page shows of both cookies' sessions.
async fn facts(login: Session<Login>, cart: Session<Cart>) -> Json {
    Json(json!({ "login": sessions::facts(&login), "cart": sessions::facts(&cart) }))
}

/// Resolves when the program is asked to stop.
async fn stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminated) = signal(SignalKind::terminate()) else {
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}
