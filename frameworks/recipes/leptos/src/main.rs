//! Leptos: server functions that take the session through axum's extractors.

use axum::{Router, routing::post};
use haversack::{Active, Codec, Key, KeyRing, Session};
use leptos::prelude::*;
use leptos_axum::{extract, handle_server_fns, redirect};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Login {
    user: u64,
}

#[server(endpoint = "sign_in")]
async fn sign_in(user: u64) -> Result<(), ServerFnError> {
    let session: Session<Login> = extract().await?;
    session.start(Login { user }); // after checking a password
    redirect("/account");
    Ok(())
}

#[server(endpoint = "sign_out")]
async fn sign_out() -> Result<(), ServerFnError> {
    let session: Session<Login> = extract().await?;
    session.end();
    Ok(())
}

/// Who is signed in, for a page that shows it.
#[server(endpoint = "whoami")]
async fn whoami() -> Result<Option<u64>, ServerFnError> {
    let session: Session<Login> = extract().await?;
    Ok(session.get().map(|login| login.user))
}

/// For signed-in users: an error without a live session.
#[server(endpoint = "account")]
async fn account() -> Result<String, ServerFnError> {
    let login: Active<Login> = extract().await?;
    Ok(format!("user {}", login.user))
}

fn app(login: &Codec<Login>) -> Router {
    // A whole application has `.leptos_routes(..)` too, before the layer: its components call the
    // same functions while they are rendered.
    Router::new()
        .route("/api/{*function}", post(handle_server_fns))
        .layer(login.layer())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let login = Codec::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app(&login)).await?)
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{Request, Response, StatusCode},
    };
    use tower::ServiceExt as _;

    use super::*;

    async fn call(app: &Router, function: &str, cookie: &str) -> Response<Body> {
        let request = Request::post(format!("/api/{function}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .header("cookie", cookie);
        let request = request.body(Body::from("user=7")).unwrap();
        app.clone().oneshot(request).await.unwrap()
    }

    async fn body(response: Response<Body>) -> String {
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        String::from_utf8(body.into()).unwrap()
    }

    #[tokio::test]
    async fn server_functions_share_the_session() {
        let keys = KeyRing::new(Key::generate().unwrap());
        let app = app(&Codec::sealed("login", keys).build().unwrap());
        assert_eq!(body(call(&app, "whoami", "").await).await, "null");
        let denied = call(&app, "account", "").await;
        assert_eq!(denied.status(), StatusCode::INTERNAL_SERVER_ERROR);

        let response = call(&app, "sign_in", "").await;
        assert_eq!(response.headers()["cache-control"], "no-store");
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        assert_eq!(body(call(&app, "whoami", &cookie).await).await, "7");
        let response = call(&app, "account", &cookie).await;
        assert_eq!(response.headers()["cache-control"], "private");
        assert_eq!(body(response).await, "\"user 7\"");

        let response = call(&app, "sign_out", &cookie).await;
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("Max-Age=0"));
    }
}
