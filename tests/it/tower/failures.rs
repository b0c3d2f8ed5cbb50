//! Responses to mistakes of the program: a layer that is missing, a session that cannot be written.

use std::{
    any::type_name,
    collections::{BTreeMap, BTreeSet},
};

use ::http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, SET_COOKIE, VARY},
};
use axum::{Router, body::Body, response::IntoResponse, routing::get};
use haversack::{Active, Codec, SaveError, Session, adapter::ExtractError};

use super::{login_codec, request, send, set, signed_in, text, values};
use crate::{
    support::{Login, NOW, TestClock, login, ring, twins},
    tracing::refusals,
};

/// What a route without the layer of its session tells whoever wrote it.
pub(crate) fn missing_layer(value: &str) -> String {
    format!(
        "no session of type {value} for this route; add the layer of its Codec<{value}>: \
         .layer(codec.layer())"
    )
}

#[tokio::test]
async fn without_its_layer_every_extractor_is_a_500_that_says_what_to_add() {
    let routes = || {
        Router::new()
            .route("/session", get(async |_: Session<Login>| ()))
            .route("/active", get(async |_: Active<Login>| ()))
            .route("/option", get(async |_: Option<Active<Login>>| ()))
    };
    let of_another_type = Codec::<u64>::sealed("login", ring(1)).build().unwrap();
    for app in [routes(), routes().layer(of_another_type.layer())] {
        for path in ["/session", "/active", "/option"] {
            let response = send(&app, path, signed_in(&login_codec())).await;
            assert_eq!(
                response.status(),
                StatusCode::INTERNAL_SERVER_ERROR,
                "{path}"
            );
            assert!(!response.headers().contains_key(SET_COOKIE));
            let text = text(response).await;
            if cfg!(debug_assertions) {
                assert_eq!(text, missing_layer(type_name::<Login>()));
            } else {
                assert_eq!(text, "", "the types of a program are not for clients");
            }
        }
    }
}

#[tokio::test]
async fn a_client_cannot_tell_for_which_reason_its_token_was_refused() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let (codec, refusals) = refusals(twin, &clock);
        let app = Router::new()
            .route("/active", get(async |_: Active<u64>| ()))
            .route("/option", get(async |_: Option<Active<u64>>| ()))
            .route("/session", get(async |_: Session<u64>| ()))
            .layer(codec.layer());
        let name: HeaderName = codec.request_header().parse().unwrap();
        assert_eq!(refusals.len(), 9);
        for path in ["/active", "/option", "/session"] {
            let mut answers = BTreeSet::new();
            for (_, _, token) in &refusals {
                let value = twin.carry(&codec, token);
                let response = send(&app, path, request([(name.clone(), &*value)])).await;
                let (status, headers) = (response.status(), format!("{:?}", response.headers()));
                let own = values(response.headers(), codec.response_header()).concat();
                answers.insert((status, headers, own, text(response).await));
            }
            assert_eq!(answers.len(), 1, "{twin:?} {path}: {answers:?}");
        }
    }
}

#[tokio::test]
async fn a_handler_may_answer_in_its_own_way_without_a_session_or_a_layer() {
    let tell = async |login: Result<Active<Login>, ExtractError>| match login {
        Ok(login) => login.name.clone(),
        Err(ExtractError::Denied(none)) => format!("please sign in: {none}"),
        Err(other) => format!("broken: {other}"),
    };
    let codec = login_codec();
    let bare = Router::new().route("/", get(tell));
    let app = bare.clone().layer(codec.layer());
    let response = send(&app, "/", signed_in(&codec)).await;
    assert_eq!(text(response).await, "Ada");
    let response = send(&app, "/", request([])).await;
    assert_eq!(text(response).await, "please sign in: no live session");
    let answer = text(send(&bare, "/", signed_in(&codec)).await).await;
    assert!(
        answer.starts_with("broken: no session of type "),
        "{answer}"
    );
}

/// JSON has no such keys, so it can be written only while it is empty.
type Unwritable = BTreeMap<(u8, u8), u8>;

fn fragile_codec() -> Codec<Unwritable> {
    let builder = Codec::sealed("fragile", ring(1));
    builder.clock(|| NOW).build().unwrap()
}

fn large_codec() -> Codec<String> {
    let builder = Codec::sealed("large", ring(1));
    builder.clock(|| NOW).build().unwrap()
}

/// A response with a body, all that may be said of one, and where to go on.
fn full_response() -> Response<Body> {
    let headers = [
        ("accept-ranges", "bytes"),
        ("cache-control", "public, max-age=3600"),
        ("cdn-cache-control", "max-age=3600"),
        ("content-digest", "sha-256=:AA==:"),
        ("content-disposition", "attachment"),
        ("content-encoding", "gzip"),
        ("content-language", "en"),
        ("content-length", "6"),
        ("content-location", "/welcome.html"),
        ("content-range", "bytes 0-5/6"),
        ("content-type", "text/html"),
        ("etag", "\"1\""),
        ("expires", "Fri, 01 Jan 2100 00:00:00 GMT"),
        ("last-modified", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("link", "</account>; rel=next"),
        ("location", "/account"),
        ("refresh", "0; url=/account"),
        ("repr-digest", "sha-256=:AA==:"),
        ("surrogate-control", "max-age=3600"),
        ("trailer", "server-timing"),
        ("transfer-encoding", "chunked"),
        ("set-cookie", "theme=dark; Path=/"),
        ("x-accel-expires", "3600"),
        ("x-accel-redirect", "/files/of-whoever-is-signed-in"),
        ("x-request-id", "1"),
        ("x-sendfile", "/files/of-whoever-is-signed-in"),
    ];
    (headers, "secret").into_response()
}

#[tokio::test]
async fn a_session_that_cannot_be_written_is_an_empty_500_that_no_cache_keeps() {
    let app = Router::new()
        .route(
            "/large",
            get(async |session: Session<String>| {
                session.start("x".repeat(4096));
                full_response()
            }),
        )
        .route(
            "/fragile",
            get(async |session: Session<Unwritable>| {
                session.start(Unwritable::from([((1, 2), 3)]));
                full_response()
            }),
        )
        .layer(large_codec().layer())
        .layer(fragile_codec().layer());
    for path in ["/large", "/fragile"] {
        let response = send(&app, path, request([])).await;
        assert_eq!(
            response.status(),
            StatusCode::INTERNAL_SERVER_ERROR,
            "{path}"
        );
        let mut headers = response.headers().clone();
        let length = headers.remove("content-length");
        assert!(length.is_none_or(|length| length == "0"), "{path}");
        let expected = HeaderMap::from_iter([
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (SET_COOKIE, HeaderValue::from_static("theme=dark; Path=/")),
            (
                "x-request-id".parse().unwrap(),
                HeaderValue::from_static("1"),
            ),
        ]);
        assert_eq!(headers, expected, "{path}");
        let error = response.extensions().get::<SaveError>().unwrap();
        let expected = match path {
            "/large" => matches!(
                error,
                SaveError::TooLarge {
                    octets: 4097..,
                    limit: 4096,
                    ..
                }
            ),
            _ => matches!(error, SaveError::Value(_)),
        };
        assert!(expected, "{path}: {error:?}");
        assert_eq!(text(response).await, "");
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_written_keeps_none_of_the_others_from_it() {
    let (login_codec, fragile, large) = (login_codec(), fragile_codec(), large_codec());
    let routes = || {
        Router::new().route(
            "/",
            get(
                async |one: Session<Login>, two: Session<Unwritable>, three: Session<String>| {
                    one.start(login());
                    two.start(Unwritable::from([((1, 2), 3)]));
                    three.start("fits".into());
                },
            ),
        )
    };
    let (one, two, three) = (login_codec.layer(), fragile.layer(), large.layer());
    for app in [
        routes()
            .layer(one.clone())
            .layer(two.clone())
            .layer(three.clone()),
        routes()
            .layer(two.clone())
            .layer(three.clone())
            .layer(one.clone()),
        routes()
            .layer(three.clone())
            .layer(one.clone())
            .layer(two.clone()),
    ] {
        let response = send(&app, "/", request([])).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let mut names = set(&response);
        names.sort_unstable();
        assert_eq!(names, ["__Host-Http-large", "__Host-Http-login"]);
        assert_eq!(values(response.headers(), CACHE_CONTROL), ["no-store"]);
        assert!(values(response.headers(), VARY).contains(&"cookie"));
        assert!(response.extensions().get::<SaveError>().is_some());
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_written_and_ends_is_removed() {
    let fragile = fragile_codec();
    let app = Router::new()
        .route(
            "/",
            get(async |session: Session<Unwritable>| {
                session.start(Unwritable::from([((1, 2), 3)]));
                session.end();
            }),
        )
        .layer(fragile.layer());
    let response = send(&app, "/", request([])).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(set(&response), ["__Host-Http-fragile"]);
}
