//! The tour of the library: one page with every kind of session, and beside it the headers that went
//! over the wire.
//!
//! ```text
//! cargo run --example demo
//! ```
//!
//! | variable | is | unless set |
//! |---|---|---|
//! | `PORT` | the port on 127.0.0.1, 0 for a free one | 3000 |
//! | `SESSION_KEYS` | `seals` or `seals,opens,opens` (see `haversack key`) | generated |
//! | `IDLE_SECS` | how long a login may be idle, in seconds | 1800 |
//! | `CAP_SECS` | how long a login lives at most, in seconds | 28800 |
//! | `FRESH_SECS` | how long a proof of identity opens the page that asks for a fresh one, in seconds | 60 |
//! | `INSECURE_COOKIES` | `1` for cookies over plain http other than to localhost | `0` |
//!
//! For scripts there are `POST /login` (`user`, `password`, `remember`, `next`), `POST /logout`, `GET /me`,
//! `GET` and `POST /cart` (`item`), `POST /cart/empty`, `POST /api/token` (`user`), `GET /api/me`, and
//! `GET /sessions`, which shows the facts of both cookies' sessions.

mod account;
mod accounts;
mod api;
mod cart;
mod keys;
mod pages;
mod reset;
mod sessions;
mod settings;
mod sign_in;
mod tamper;
mod tenants;
mod wire;

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, map_response},
    routing::{get, post},
};
use tokio::net::TcpListener;
use tower_http::csrf::CsrfLayer;

use crate::{sessions::Sessions, settings::Settings};

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("demo: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), String> {
    let settings = Settings::from_env()?;
    let app = app(Sessions::new(&settings)?);
    let listener = listen(settings.port).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    if settings.keys_are_generated {
        eprintln!("warning: SESSION_KEYS is not set; a restart ends every session");
    }
    println!("listening on http://{address}");
    axum::serve(listener, app)
        .with_graceful_shutdown(stop())
        .await
        .map_err(|error| error.to_string())?;
    println!("stopped");
    Ok(())
}

fn app(sessions: Sessions) -> Router {
    let login = &sessions.login;
    let fresh = Router::new()
        .route(
            "/account/email",
            get(account::email_page).post(account::change_email),
        )
        // Signed in, but not lately: to the page that asks for the password.
        .route_layer(
            login
                .required()
                .fresh(sessions.fresh)
                .or_redirect("/confirm"),
        );
    let account = Router::new()
        .route("/account", get(account::page))
        .route(
            "/confirm",
            get(sign_in::confirm_page).post(sign_in::confirm),
        )
        .merge(fresh)
        .route_layer(login.required().or_redirect("/login"));
    Router::new()
        .route("/login", get(sign_in::page).post(sign_in::sign_in))
        .route("/logout", post(sign_in::sign_out))
        .route("/me", get(sign_in::me))
        .merge(account)
        .route("/cart", get(cart::cart).post(cart::add))
        .route("/cart/slow", post(cart::add_slowly))
        .route("/cart/empty", post(cart::empty))
        .route("/sessions", get(sessions::all))
        .route("/api/token", post(api::token))
        .route("/api/me", get(api::me))
        .route("/reset", get(reset::page).post(reset::ask))
        .route("/reset/password", post(reset::set_password))
        .route(
            "/tenants/{tenant}/note",
            get(tenants::read).post(tenants::write),
        )
        .route("/tamper", post(tamper::tamper))
        .route("/rotate", post(keys::rotate))
        // Innermost, so that its cookie is written first: of several in a response, curl 7 heeds the
        // removal of a cookie only if it is the last.
        .layer(sessions.flashes.layer())
        .layer(login.layer())
        .layer(sessions.cart.layer())
        .layer(sessions.api.layer())
        .merge(pages::assets())
        .layer(DefaultBodyLimit::max(16 * 1024))
        // Outermost of all that answers, so that nothing of a request that another site forged reaches
        // a session.
        .layer(CsrfLayer::new())
        .layer(map_response(pages::protect))
        // Around it only what reads, last, the headers that all others wrote.
        .layer(from_fn(wire::show))
        .with_state(Arc::new(sessions))
}

async fn listen(port: u16) -> Result<TcpListener, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.map_err(|error| {
        let problem = match error.kind() {
            ErrorKind::AddrInUse => format!("{address} is in use"),
            ErrorKind::PermissionDenied => format!("{address} is not for this user"),
            _ => format!("cannot listen on {address} ({error})"),
        };
        format!("PORT: {problem}; set another port, or 0 for a free one")
    })
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
