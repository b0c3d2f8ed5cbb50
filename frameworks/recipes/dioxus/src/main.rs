//! Dioxus: server functions that take the session as axum's handlers do, and a page that is rendered with it.

use axum::Router;
use dioxus::{
    prelude::*,
    server::{FullstackState, ServeConfig},
};
use haversack::{Active, Codec, Key, KeyRing, Session};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Login {
    user: u64,
}

#[post("/api/sign_in", session: Session<Login>)]
async fn sign_in(user: u64) -> Result<()> {
    session.start(Login { user }); // after checking a password
    Ok(())
}

#[post("/api/sign_out", session: Session<Login>)]
async fn sign_out() -> Result<()> {
    session.end();
    Ok(())
}

/// Who is signed in, for a page that shows it.
#[get("/api/whoami", session: Session<Login>)]
async fn whoami() -> Result<Option<u64>> {
    Ok(session.get().map(|login| login.user))
}

/// For signed-in users: a 401 without a live session.
#[get("/api/account", login: Active<Login>)]
async fn account() -> Result<String> {
    Ok(format!("user {}", login.user))
}

/// A page that is rendered on the server, with the session of the request for it.
#[component]
fn Home() -> Element {
    let who = use_server_future(whoami)?;
    let who = match who() {
        Some(Ok(Some(user))) => format!("user {user}"),
        _ => "nobody".to_owned(),
    };
    rsx! {
        p { "{who} is signed in" }
    }
}

fn app(login: &Codec<Login>) -> Router {
    // An application that `dx` bundles has `dioxus::server::router(Home)`, which serves its files too.
    Router::<FullstackState>::new()
        .serve_api_application(ServeConfig::new(), Home)
        .layer(login.layer())
}

fn main() {
    dioxus::serve(|| async {
        let login = Codec::sealed("login", KeyRing::new(Key::generate()?)).build()?;
        Ok(app(&login))
    })
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{Request, Response, StatusCode},
    };
    use tower::ServiceExt as _;

    use super::*;

    async fn call(app: &Router, method: &str, path: &str, cookie: &str) -> Response<Body> {
        let request = Request::builder().method(method).uri(path);
        let request = request
            .header("content-type", "application/json")
            .header("accept", "text/html, application/json")
            .header("cookie", cookie)
            .body(Body::from(r#"{"user":7}"#));
        app.clone().oneshot(request.unwrap()).await.unwrap()
    }

    async fn body(response: Response<Body>) -> String {
        let body = to_bytes(response.into_body(), 100_000).await.unwrap();
        String::from_utf8(body.into()).unwrap()
    }

    #[tokio::test]
    async fn server_functions_and_the_rendered_page_share_the_session() {
        let keys = KeyRing::new(Key::generate().unwrap());
        let app = app(&Codec::sealed("login", keys).build().unwrap());
        assert_eq!(
            body(call(&app, "GET", "/api/whoami", "").await).await,
            "null"
        );
        let denied = call(&app, "GET", "/api/account", "").await;
        assert_eq!(denied.status(), StatusCode::UNAUTHORIZED);
        let page = call(&app, "GET", "/", "").await;
        assert!(body(page).await.contains("nobody is signed in"));

        let response = call(&app, "POST", "/api/sign_in", "").await;
        assert_eq!(response.headers()["cache-control"], "no-store");
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        assert_eq!(
            body(call(&app, "GET", "/api/whoami", &cookie).await).await,
            "7"
        );
        let response = call(&app, "GET", "/api/account", &cookie).await;
        assert_eq!(body(response).await, "\"user 7\"");
        let page = call(&app, "GET", "/", &cookie).await;
        assert_eq!(page.headers()["cache-control"], "private");
        assert_eq!(page.headers()["vary"], "cookie");
        assert!(body(page).await.contains("user 7 is signed in"));

        let response = call(&app, "POST", "/api/sign_out", &cookie).await;
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("Max-Age=0"));
    }
}
