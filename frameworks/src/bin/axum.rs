//! axum. Its handlers are in `src/axum.rs`.

use axum::Router;
use frameworks::{
    Error, Sessions, announce,
    axum::{accounts, errors, routes, streams},
    listener,
};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let app = app(&Sessions::from_env()?);
    let listener = TcpListener::from_std(listener()?)?;
    announce(listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

fn app(sessions: &Sessions) -> Router {
    routes(sessions)
        .merge(accounts())
        .merge(streams(sessions))
        .merge(errors())
        .layer(sessions.login.layer())
}
