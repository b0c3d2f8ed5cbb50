//! An application whose pages say all there is to say of caches, and do all that can be done with a
//! session; and one like it whose sessions are not of this library.

use std::{
    fmt::Display,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{COOKIE, ETAG, IF_NONE_MATCH, SET_COOKIE},
        request::Parts,
    },
    response::{IntoResponse, Response},
    routing::get,
};
use haversack::Session;
use serde::de::DeserializeOwned;
use tokio::time::sleep;

use super::{
    headers::{self, Said},
    request::{Act, WHOSE},
};
use crate::app::{InBearer, InHeader, Login, Sessions, greeting};

/// What all pages share.
#[derive(Clone, Debug, Default)]
pub(super) struct Pages {
    answered: Arc<AtomicU64>,
    failing: Arc<AtomicBool>,
}

impl Pages {
    /// Whether every page is a 500 from now on.
    pub(super) fn fail(&self, failing: bool) {
        self.failing.store(failing, Relaxed);
    }

    /// `/{act}/{said}`, an index of [`headers::ALL`].
    pub(super) fn router(&self, sessions: &Sessions) -> Router {
        let guard = sessions.login.required();
        Router::new()
            .route("/guarded/{said}", get(guarded).layer(guard))
            .route("/{act}/{said}", get(page))
            .layer(sessions.login.layer())
            .layer(sessions.in_header.layer())
            .layer(sessions.in_bearer.layer())
            .with_state(self.clone())
    }
}

async fn guarded(
    State(pages): State<Pages>,
    Path(said): Path<usize>,
    request: Parts,
) -> Result<Response, StatusCode> {
    answer(&pages, Act::Guarded, said, &request).await
}

async fn page(
    State(pages): State<Pages>,
    Path((act, said)): Path<(String, usize)>,
    request: Parts,
) -> Result<Response, StatusCode> {
    let act = Act::of(&act).ok_or(StatusCode::NOT_FOUND)?;
    answer(&pages, act, said, &request).await
}

async fn answer(
    pages: &Pages,
    act: Act,
    said: usize,
    request: &Parts,
) -> Result<Response, StatusCode> {
    let said = headers::ALL.get(said).ok_or(StatusCode::NOT_FOUND)?;
    // So that others ask for the same page meanwhile.
    sleep(SLOW).await;
    let mut set = HeaderMap::new();
    let user = act_on(act, request, &mut set)?;
    let whose = user.map_or("nobody".into(), greeting);
    let mut response = said_by(pages, said, &whose, request)?;
    response.headers_mut().extend(set);
    Ok(response)
}

/// Does with the session what is to be done, and tells whose it is.
fn act_on(act: Act, request: &Parts, set: &mut HeaderMap) -> Result<Option<u64>, StatusCode> {
    let plain = |name| {
        let value = request.headers.get(name)?.to_str().ok()?;
        value.trim_start_matches("user=").parse().ok()
    };
    Ok(match act {
        Act::Ignored => None,
        Act::Read | Act::Guarded => session::<Login>(request)?.get().map(|login| login.user),
        Act::Updated => session::<Login>(request)?.update(|login| {
            login.count += 1;
            login.user
        }),
        Act::Ended => {
            let session = session::<Login>(request)?;
            let user = session.get().map(|login| login.user);
            session.end();
            user
        }
        Act::InHeaderRead => session::<InHeader>(request)?.get().map(|login| login.0),
        Act::InHeaderUpdated => session::<InHeader>(request)?.update(|login| login.0),
        Act::InBearerRead => session::<InBearer>(request)?.get().map(|login| login.0),
        Act::InBearerUpdated => session::<InBearer>(request)?.update(|login| login.0),
        Act::BothRead => {
            let in_header = session::<InHeader>(request)?.get().map(|login| login.0);
            let login = session::<Login>(request)?.get().map(|login| login.user);
            in_header.filter(|user| Some(*user) == login)
        }
        Act::PlainRead => plain(COOKIE),
        Act::PlainUpdated => {
            let user = plain(COOKIE);
            let cookie = format!("user={}; Path=/", user.unwrap_or_default());
            set.insert(SET_COOKIE, cookie.try_into().map_err(bad)?);
            user
        }
        Act::PlainInHeader => plain(HeaderName::from_static("x-user")),
    })
}

fn session<T>(request: &Parts) -> Result<Session<T>, StatusCode>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    Session::of(request).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The page of this user, as no other request gets it.
fn said_by(
    pages: &Pages,
    said: &Said,
    whose: &str,
    request: &Parts,
) -> Result<Response, StatusCode> {
    let number = pages.answered.fetch_add(1, Relaxed);
    let mut headers = HeaderMap::new();
    for (name, value) in said.headers() {
        let name = HeaderName::from_static(name);
        headers.append(name, HeaderValue::try_from(value).map_err(bad)?);
    }
    headers.insert(
        WHOSE,
        HeaderValue::try_from(format!("{whose} #{number}")).map_err(bad)?,
    );
    if pages.failing.load(Relaxed) {
        return Ok((StatusCode::INTERNAL_SERVER_ERROR, headers, whose.to_owned()).into_response());
    }
    if said.tagged {
        let tag = HeaderValue::try_from(format!("\"{whose}\"")).map_err(bad)?;
        let known = request.headers.get(IF_NONE_MATCH) == Some(&tag);
        headers.insert(ETAG, tag);
        if known {
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
    }
    // Long enough to be compressed.
    let body = format!("{whose} #{number} {}", "and so on ".repeat(50));
    Ok((said.status(), headers, body).into_response())
}

fn bad(_: impl Display) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

/// How long each answer takes.
const SLOW: Duration = Duration::from_millis(2);
