//! Loco: controllers that take the session through axum's extractors, and Loco's own errors. The other routes of
//! the suite are axum's, behind Loco's middleware.

use std::{net::SocketAddr, path::Path};

use async_trait::async_trait;
use axum::{Form, Router, http::StatusCode};
use frameworks::{
    Login, LoginForm, Sessions, announce,
    axum::{routes, streams},
    listener,
};
use haversack::{Active, Session};
use loco_rs::{
    Error, Result,
    app::{AppContext, Hooks},
    bgworker::Queue,
    boot::{BootResult, ServeParams, StartMode, create_app},
    config::Config,
    controller::{AppRoutes, ErrorDetail, Routes, format},
    environment::Environment,
    prelude::{Response, get, post},
    task::Tasks,
};

async fn sign_in(session: Session<Login>, Form(form): Form<LoginForm>) -> Result<Response> {
    form.sign_in(&session); // after checking a password
    format::redirect("/me")
}

async fn sign_out(session: Session<Login>) -> Result<Response> {
    session.end();
    format::redirect("/")
}

/// For signed-in users: a 401 without a live session.
async fn me(login: Active<Login>) -> Result<Response> {
    format::text(&login.greeting())
}

/// For everyone.
async fn maybe(login: Option<Active<Login>>) -> Result<Response> {
    match login {
        Some(login) => format::text(&login.greeting()),
        None => format::text("nobody"),
    }
}

async fn sign_in_and_fail(
    session: Session<Login>,
    Form(form): Form<LoginForm>,
) -> Result<Response> {
    form.sign_in(&session);
    Err(Error::string("the records are out of reach"))
}

async fn error() -> Result<Response> {
    let detail = ErrorDetail::with_reason("a teapot");
    Err(Error::CustomError(StatusCode::IM_A_TEAPOT, detail))
}

async fn error_after_reading(_: Active<Login>) -> Result<Response> {
    error().await
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

    async fn after_context(context: AppContext) -> Result<AppContext> {
        let sessions = Sessions::from_env()?;
        context.shared_store.insert(sessions);
        Ok(context)
    }

    async fn before_routes(context: &AppContext) -> Result<Router<AppContext>> {
        let sessions = sessions(context)?;
        Ok(routes(&sessions).merge(streams(&sessions)))
    }

    fn routes(_: &AppContext) -> AppRoutes {
        let routes = Routes::new()
            .add("/login", post(sign_in))
            .add("/logout", post(sign_out))
            .add("/me", get(me))
            .add("/maybe", get(maybe))
            .add("/login-then-error", post(sign_in_and_fail))
            .add("/error", get(error))
            .add("/error/read", get(error_after_reading));
        AppRoutes::with_default_routes().add_route(routes)
    }

    /// Where the layer goes: around all routes and Loco's own middleware.
    async fn after_routes(router: Router, context: &AppContext) -> Result<Router> {
        Ok(router.layer(sessions(context)?.login.layer()))
    }

    /// As Loco does it, on a port of which the suite is told.
    async fn serve(app: Router, _: &AppContext, _: &ServeParams) -> Result<()> {
        let listener = tokio::net::TcpListener::from_std(listener()?)?;
        announce(listener.local_addr()?);
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        Ok(axum::serve(listener, app).await?)
    }

    async fn connect_workers(_: &AppContext, _: &Queue) -> Result<()> {
        Ok(())
    }

    fn register_tasks(_: &mut Tasks) {}
}

fn sessions(context: &AppContext) -> Result<Sessions> {
    let sessions = context.shared_store.get();
    sessions.ok_or_else(|| Error::string("no sessions"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let environment = Environment::Development;
    let config = Config::from_folder(
        &environment,
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("config"),
    )?;
    let app = App::boot(StartMode::ServerOnly, &environment, config).await?;
    let router = app.router.unwrap_or_default();
    let parameters = ServeParams {
        port: 0,
        binding: String::new(),
    };
    App::serve(router, &app.app_context, &parameters).await
}
