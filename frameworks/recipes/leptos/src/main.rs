//! Leptos: server functions that take the session through axum's extractors, and a page that is rendered with it.
//! The other routes of the suite are axum's, beside those of Leptos.

use axum::{Router, http::StatusCode, routing::get};
use frameworks::{
    Error, Login, LoginForm, Sessions, announce,
    axum::{Teapot, accounts, routes, streams},
    listener,
};
use haversack::{Active, Session};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_axum::{
    LeptosRoutes as _, ResponseOptions, extract, file_and_error_handler, generate_route_list,
    redirect,
};
use leptos_router::{
    components::{Route, Router as Pages, Routes},
    path,
};

#[server(endpoint = "sign_in")]
async fn sign_in(user: u64) -> Result<(), ServerFnError> {
    let session: Session<Login> = extract().await?;
    let form = LoginForm {
        user,
        remember: None,
    };
    form.sign_in(&session); // after checking a password
    redirect("/page");
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
    Ok(login.greeting())
}

#[server(prefix = "", endpoint = "login-then-error")]
async fn sign_in_and_fail(user: u64) -> Result<(), ServerFnError> {
    sign_in(user).await?;
    Err(ServerFnError::new("the records are out of reach"))
}

#[server(prefix = "", endpoint = "error/read", input = GetUrl)]
async fn fail_after_reading() -> Result<(), ServerFnError> {
    let response = expect_context::<ResponseOptions>();
    let login: Result<Active<Login>, _> = extract().await;
    response.set_status(match login {
        Ok(_) => StatusCode::IM_A_TEAPOT,
        Err(_) => StatusCode::UNAUTHORIZED,
    });
    Err(ServerFnError::new("a teapot"))
}

/// A page that is rendered on the server, with the session of the request for it.
#[component]
fn Page() -> impl IntoView {
    // Blocking, as the headers that tell caches of the session go out before the page.
    let who = Resource::new_blocking(|| (), |()| whoami());
    let who = move || match who.get() {
        Some(Ok(Some(user))) => format!("user {user} is signed in"),
        _ => "nobody is signed in".to_owned(),
    };
    view! { <Suspense><p>{who}</p></Suspense> }
}

#[component]
fn App() -> impl IntoView {
    view! {
        <Pages>
            <Routes fallback=|| "no such page">
                <Route path=path!("/page") view=Page/>
            </Routes>
        </Pages>
    }
}

fn app(sessions: &Sessions) -> Router {
    let options = LeptosOptions::builder().output_name("recipe").build();
    // The page, and all server functions.
    let pages = generate_route_list(App);
    Router::new()
        .leptos_routes(&options, pages, App)
        .fallback(file_and_error_handler(|_: LeptosOptions| App()))
        .merge(routes(sessions))
        .merge(accounts())
        .merge(streams(sessions))
        // No server function, as those answer no `HEAD`.
        .route("/error", get(async || Teapot))
        .layer(sessions.login.layer())
        .with_state(options)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let app = app(&Sessions::from_env()?);
    let listener = tokio::net::TcpListener::from_std(listener()?)?;
    announce(listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{Request, Response},
    };
    use tower::ServiceExt as _;

    use super::*;

    async fn page(app: &Router, cookie: &str) -> Response<Body> {
        let request = Request::get("/page").header("cookie", cookie);
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
        let app = app(&Sessions::from_env().unwrap());
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
