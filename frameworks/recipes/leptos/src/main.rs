//! Leptos: server functions that take the session through axum's extractors, and a page that is rendered with it.

use axum::Router;
use haversack::{Active, Codec, Key, KeyRing, Session};
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes as _, extract, generate_route_list, redirect};
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

/// A page that is rendered on the server, with the session of the request for it.
#[component]
fn Home() -> impl IntoView {
    // Blocking, as the headers that tell caches of the session go out before the page.
    let who = Resource::new_blocking(|| (), |()| whoami());
    let who = move || match who.get() {
        Some(Ok(Some(user))) => format!("user {user} is signed in"),
        _ => "nobody is signed in".to_owned(),
    };
    view! { <Suspense><p>{who}</p></Suspense> }
}

fn app(login: &Codec<Login>) -> Router {
    let options = LeptosOptions::builder().output_name("recipe").build();
    // The page, and all server functions.
    let routes = generate_route_list(Home);
    Router::new()
        .leptos_routes(&options, routes, Home)
        .layer(login.layer())
        .with_state(options)
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

    async fn page(app: &Router, cookie: &str) -> Response<Body> {
        let request = Request::get("/").header("cookie", cookie);
        let request = request.body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap()
    }

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
    async fn server_functions_and_the_rendered_page_share_the_session() {
        let keys = KeyRing::new(Key::generate().unwrap());
        let app = app(&Codec::sealed("login", keys).build().unwrap());
        assert_eq!(body(call(&app, "whoami", "").await).await, "null");
        let denied = call(&app, "account", "").await;
        assert_eq!(denied.status(), StatusCode::INTERNAL_SERVER_ERROR);

        let stranger = page(&app, "").await;
        assert!(body(stranger).await.contains("nobody is signed in"));

        let response = call(&app, "sign_in", "").await;
        assert_eq!(response.headers()["cache-control"], "no-store");
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        assert_eq!(body(call(&app, "whoami", &cookie).await).await, "7");
        let response = call(&app, "account", &cookie).await;
        assert_eq!(response.headers()["cache-control"], "private");
        assert_eq!(body(response).await, "\"user 7\"");

        let page = page(&app, &cookie).await;
        assert_eq!(page.headers()["cache-control"], "private");
        assert_eq!(page.headers()["vary"], "cookie");
        assert!(body(page).await.contains("user 7 is signed in"));

        let response = call(&app, "sign_out", &cookie).await;
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("Max-Age=0"));
    }
}
