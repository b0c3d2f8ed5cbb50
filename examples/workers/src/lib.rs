//! The front page's program on Cloudflare Workers: sign in, read, sign out.
//!
//! ```text
//! .ci/workers     # builds it, and drives it in the real runtime
//! ```

use std::sync::OnceLock;

use axum::{
    Router,
    body::Body,
    http::Response,
    response::Redirect,
    routing::{get, post},
};
use haversack::{Active, Codec, ConfigError, KeyRing, Session};
use serde::{Deserialize, Serialize};
use tower_service::Service as _;
use worker::{Context, Env, HttpRequest, event};

#[derive(Serialize, Deserialize)]
struct Login {
    user: u64,
}

#[event(fetch)]
async fn fetch(request: HttpRequest, env: Env, _: Context) -> worker::Result<Response<Body>> {
    static APP: OnceLock<Router> = OnceLock::new();
    let app = match APP.get() {
        Some(app) => app,
        None => {
            // Only a request brings the secrets, and only in a request is there randomness.
            let keys = env.secret("SESSION_KEYS")?.to_string();
            let made = app(&keys).map_err(|error| error.to_string())?;
            APP.get_or_init(|| made)
        }
    };
    Ok(app.clone().call(request).await?)
}

fn app(keys: &str) -> Result<Router, ConfigError> {
    let login = Codec::<Login>::sealed("login", keys.parse::<KeyRing>()?).build()?;
    Ok(Router::new()
        .route("/login", post(sign_in))
        .route("/logout", post(sign_out))
        .route("/me", get(me))
        .layer(login.layer())
        .route("/", get("no session here")))
}

async fn sign_in(session: Session<Login>) -> Redirect {
    session.start(Login { user: 7 }); // after checking a password
    Redirect::to("/me")
}

async fn sign_out(session: Session<Login>) -> Redirect {
    session.end();
    Redirect::to("/")
}

async fn me(login: Active<Login>) -> String {
    format!("user {}", login.user)
}
