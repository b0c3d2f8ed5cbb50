//! Signing in with a provider of OpenID Connect.
//!
//! ```text
//! npm install --prefix provider && PROVIDER_PORT=4000 node provider/provider.mjs
//! ISSUER=http://127.0.0.1:4000 cargo run
//! ```
//!
//! | variable | is | unless set |
//! |---|---|---|
//! | `ISSUER` | the URL of the provider | |
//! | `PROVIDER` | a name for it | `provider` |
//! | `PORT` | the port on 127.0.0.1, 0 for a free one | 3000 |
//! | `SESSION_KEYS` | the keys of sessions | generated |
//! | `AWAY_SECS` | how long the browser may be away, in seconds | 3600 |
//! | `FORM_POST` | `1` for a provider that comes back with a `POST` | `0` |

mod provider;

use std::{env, error::Error, fmt::Display, net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{AppendHeaders, Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use haversack::{
    Active, Codec, Key, KeyRing, SaveError, Session,
    oauth::{CodeFlow, FinishError},
};
use openidconnect::url::form_urlencoded;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tower_http::csrf::CsrfLayer;

use crate::provider::Provider;

#[derive(Serialize, Deserialize)]
struct Login {
    /// Who the provider says they are.
    subject: String,
}

struct Shop {
    flow: CodeFlow,
    provider: Provider,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let keys = match env::var("SESSION_KEYS") {
        Ok(text) => text.parse()?,
        Err(_) => KeyRing::new(Key::generate()?),
    };
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let away = env::var("AWAY_SECS").map_or(Ok(3600), |seconds| seconds.parse())?;
    let form_post = env::var("FORM_POST").is_ok_and(|value| value == "1");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let here = format!("http://{}", listener.local_addr()?);

    let name = env::var("PROVIDER").unwrap_or("provider".into());
    let mut flow = CodeFlow::sealed(&name, keys.clone()).lifetime(Duration::from_secs(away));
    if form_post {
        flow = flow.form_post();
    }
    let issuer = env::var("ISSUER").map_err(|error| format!("ISSUER: {error}"))?;
    let shop = Arc::new(Shop {
        flow: flow.build()?,
        provider: Provider::discover(issuer, format!("{here}/callback"), form_post).await?,
    });
    let kept_up = Arc::clone(&shop);
    tokio::spawn(async move { kept_up.provider.keep_up().await });
    let login = Codec::<Login>::sealed("login", keys).build()?;
    let app = Router::new()
        .route("/orders/{number}", get(orders))
        .route_layer(login.required().or_redirect("/login"))
        .route("/", get(home))
        .route("/login", get(sign_in))
        .route("/logout", post(sign_out))
        .route("/callback", get(came_back))
        .layer(CsrfLayer::new())
        // The provider's page is another site, so this is outside of the layer; the `state` is checked.
        .route("/callback", post(came_back_with_a_form))
        .layer(login.layer())
        .with_state(shop);
    println!("listening on {here}");
    Ok(axum::serve(listener, app).await?)
}

async fn home(login: Option<Active<Login>>) -> Html<&'static str> {
    Html(match login {
        Some(_) => {
            r#"<p>You are signed in.</p><form method="post" action="/logout"><button>Sign out</button></form>"#
        }
        None => r#"<p><a href="/login">Sign in</a></p>"#,
    })
}

async fn orders(login: Active<Login>) -> String {
    format!("orders of {}", login.subject)
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn sign_in(State(shop): State<Arc<Shop>>, headers: HeaderMap, next: Query<Next>) -> Response {
    let begun = shop.flow.begin(&headers, &next.next);
    match begun.and_then(|begun| Ok((begun.response_headers()?, begun))) {
        Ok((headers, begun)) => {
            let link = shop.provider.link(&begun).await;
            (AppendHeaders(headers), Redirect::to(link.as_str())).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn sign_out(session: Session<Login>) -> Redirect {
    session.end();
    Redirect::to("/")
}

/// What the provider says when the browser comes back.
#[derive(Deserialize)]
struct CameBack {
    state: String,
    code: Option<String>,
    error: Option<String>,
}

async fn came_back(
    State(shop): State<Arc<Shop>>,
    session: Session<Login>,
    headers: HeaderMap,
    Query(came_back): Query<CameBack>,
) -> Response {
    let finished = match shop.flow.finish(&headers, &came_back.state) {
        Ok(finished) => finished,
        // One of many tabs that began at once, or a cookie that does not open: beginning sets a new one.
        Err(
            FinishError::OtherBrowser { return_to, .. }
            | FinishError::CookieRejected { return_to, .. },
        ) => return Redirect::to(&sign_in_page(&return_to)).into_response(),
        Err(error) => return sorry(StatusCode::BAD_REQUEST, &error, error.return_to()),
    };
    // From here on this `state` is of no use any more, whatever comes of it.
    let used = match finished.response_headers() {
        Ok(headers) => AppendHeaders(headers),
        Err(error) => return failed(&error),
    };
    let Some(code) = came_back.code else {
        let error = came_back.error.unwrap_or_default();
        let page = sorry(StatusCode::FORBIDDEN, &error, &finished.return_to);
        return (used, page).into_response();
    };
    match shop.provider.subject(code, &finished).await {
        Ok(subject) => {
            session.start(Login { subject });
            (used, Redirect::to(&finished.return_to)).into_response()
        }
        Err(error) => {
            eprintln!("the provider's answer is refused: {error}");
            let problem = "the provider's answer is refused";
            let page = sorry(StatusCode::BAD_GATEWAY, &problem, &finished.return_to);
            (used, page).into_response()
        }
    }
}

async fn came_back_with_a_form(
    shop: State<Arc<Shop>>,
    session: Session<Login>,
    headers: HeaderMap,
    Form(form): Form<CameBack>,
) -> Response {
    came_back(shop, session, headers, Query(form)).await
}

fn sign_in_page(return_to: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("/login?{}", query.append_pair("next", return_to).finish())
}

/// A page with a way on. What the provider says comes with the request, so it is escaped.
fn sorry(status: StatusCode, problem: &dyn Display, return_to: &str) -> Response {
    let problem = problem
        .to_string()
        .replace('&', "&amp;")
        .replace('<', "&lt;");
    let again = sign_in_page(return_to);
    let page = format!(
        r#"<p>You are not signed in: {problem}.</p><p><a href="{again}">Begin again</a></p>"#
    );
    (status, Html(page)).into_response()
}

fn failed(error: &SaveError) -> Response {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
