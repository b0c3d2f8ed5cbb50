//! Loco: controllers that take the session through axum's extractors.

use std::path::Path;

use async_trait::async_trait;
use axum::Router;
use haversack::{Active, Codec, Key, KeyRing, Session};
use loco_rs::{
    Result,
    app::{AppContext, Hooks},
    bgworker::Queue,
    boot::{BootResult, ServeParams, StartMode, create_app},
    config::Config,
    controller::{AppRoutes, Routes, format},
    environment::Environment,
    prelude::{Response, get, post},
    task::Tasks,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Login {
    user: u64,
}

async fn sign_in(session: Session<Login>) -> Result<Response> {
    session.start(Login { user: 7 }); // after checking a password
    format::redirect("/account")
}

async fn sign_out(session: Session<Login>) -> Result<Response> {
    session.end();
    format::redirect("/")
}

/// For signed-in users: a 401 without a live session.
async fn account(login: Active<Login>) -> Result<Response> {
    format::text(&format!("user {}", login.user))
}

/// For everyone: says nothing of sessions, to caches neither.
async fn home() -> Result<Response> {
    format::text("home")
}

struct App;

#[async_trait]
impl Hooks for App {
    fn app_name() -> &'static str {
        "loco-recipe"
    }

    async fn boot(
        mode: StartMode,
        environment: &Environment,
        config: Config,
    ) -> Result<BootResult> {
        create_app::<Self>(mode, environment, config).await
    }

    fn routes(_: &AppContext) -> AppRoutes {
        let routes = Routes::new()
            .add("/", get(home))
            .add("/account", get(account))
            .add("/login", post(sign_in))
            .add("/logout", post(sign_out));
        AppRoutes::with_default_routes().add_route(routes)
    }

    /// Where the layer goes: around all routes, and inside of Loco's own middleware.
    async fn after_routes(router: Router, _: &AppContext) -> Result<Router> {
        let key = Key::generate().map_err(loco_rs::Error::msg)?;
        let login = Codec::<Login>::sealed("login", KeyRing::new(key)).build();
        Ok(router.layer(login.map_err(loco_rs::Error::msg)?.layer()))
    }

    async fn connect_workers(_: &AppContext, _: &Queue) -> Result<()> {
        Ok(())
    }

    fn register_tasks(_: &mut Tasks) {}
}

async fn booted() -> Result<BootResult> {
    let environment = Environment::Development;
    let config = Config::from_folder(&environment, Path::new("config"))?;
    App::boot(StartMode::ServerOnly, &environment, config).await
}

#[tokio::main]
async fn main() -> Result<()> {
    let app = booted().await?;
    let router = app.router.unwrap_or_default();
    let parameters = ServeParams {
        port: 3000,
        binding: "127.0.0.1".into(),
    };
    App::serve(router, &app.app_context, &parameters).await
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{Request, StatusCode},
    };
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn controllers_take_the_session() {
        let app = booted().await.unwrap().router.unwrap();
        let call = async |method: &str, path: &str, cookie: &str| {
            let request = Request::builder().method(method).uri(path);
            let request = request.header("cookie", cookie).body(Body::empty());
            app.clone().oneshot(request.unwrap()).await.unwrap()
        };
        let home = call("GET", "/", "").await;
        assert!(!home.headers().contains_key("vary"));
        let denied = call("GET", "/account", "").await;
        assert_eq!(denied.status(), StatusCode::UNAUTHORIZED);

        let response = call("POST", "/login", "").await;
        assert_eq!(response.headers()["location"], "/account");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let response = call("GET", "/account", &cookie).await;
        assert_eq!(response.headers()["cache-control"], "private");
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        assert_eq!(&body[..], b"user 7");

        let response = call("POST", "/logout", &cookie).await;
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("Max-Age=0"));
    }
}
