//! A page whose status and headers are as the query of the request asks.

use std::fmt::Display;

use axum::{
    extract::{Query, Request, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use haversack::Session;
use serde::de::DeserializeOwned;

use super::{
    routes::{App, greeting},
    sessions::{InBearer, InHeader, Login},
};

/// `/page?status=200&session=read&header=cache-control:public&header=..`
///
/// `session` is what the handler does with the one in the cookie: `ignore`, which is the default,
/// `read`, `update` or `end`; `header-read` and `bearer-read` are for the other carriers. The page
/// tells whose it is, and how many requests had arrived.
pub(super) async fn page(
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
    request: Request,
) -> Result<Response, StatusCode> {
    let asked = |name| {
        let mut values = query.iter().filter(move |(key, _)| key == name);
        values.next().map(|(_, value)| value.as_str())
    };
    let whose = match asked("session").unwrap_or("ignore") {
        "read" => session::<Login>(&request)?.get().map(|login| login.user),
        "update" => session::<Login>(&request)?.update(|login| {
            login.count += 1;
            login.user
        }),
        "end" => {
            session::<Login>(&request)?.end();
            None
        }
        "header-read" => session::<InHeader>(&request)?.get().map(|login| login.0),
        "bearer-read" => session::<InBearer>(&request)?.get().map(|login| login.0),
        "ignore" => None,
        _ => return Err(StatusCode::BAD_REQUEST),
    };
    let whose = whose.map_or("nobody".into(), greeting);
    let mut response = format!("{whose} #{}", app.arrived()).into_response();
    let status = asked("status").unwrap_or("200").parse();
    *response.status_mut() = status.map_err(bad_request)?;
    for (_, header) in query.iter().filter(|(key, _)| key == "header") {
        let (name, value) = header.split_once(':').ok_or(StatusCode::BAD_REQUEST)?;
        let name = HeaderName::try_from(name).map_err(bad_request)?;
        let value = HeaderValue::try_from(value.trim()).map_err(bad_request)?;
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

fn session<T>(request: &Request) -> Result<Session<T>, StatusCode>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    Session::of(request).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn bad_request(_: impl Display) -> StatusCode {
    StatusCode::BAD_REQUEST
}
