//! Layers above layers, middleware between them, and services that are not axum's.

use std::convert::Infallible;

use ::http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode,
    header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY},
};
use ::tower::{Layer, ServiceExt, service_fn};
use axum::{
    Router,
    body::Body,
    extract,
    middleware::{Next, from_fn},
    routing::get,
};
use haversack::{Active, Codec, Session};
use serde::{Deserialize, Serialize};

use super::{login_codec, request, send, set, signed_in, text, values};
use crate::support::{Login, NOW, SetCookie, jwt_keys, login};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cart(Vec<u32>);

fn cart_codec() -> Codec<Cart> {
    let builder = Codec::jwt("cart", jwt_keys(1));
    builder.clock(|| NOW).build().unwrap()
}

#[tokio::test]
async fn two_sessions_are_two_layers_in_any_order() {
    let (login_codec, cart) = (login_codec(), cart_codec());
    let routes = || {
        Router::new()
            .route(
                "/both",
                get(async |one: Session<Login>, two: Session<Cart>| {
                    one.start(login());
                    two.start(Cart(vec![1, 2]));
                }),
            )
            .route(
                "/cart",
                get(async |cart: Active<Cart>| format!("{:?}", *cart)),
            )
            .route(
                "/login",
                get(async |login: Active<Login>| login.name.clone()),
            )
            .route("/out", get(async |login: Session<Login>| login.end()))
    };
    for app in [
        routes().layer(login_codec.layer()).layer(cart.layer()),
        routes().layer(cart.layer()).layer(login_codec.layer()),
    ] {
        let response = send(&app, "/both", request([])).await;
        assert_eq!(set(&response).len(), 2);
        assert_eq!(values(response.headers(), VARY), ["cookie"]);
        let cookies = values(response.headers(), SET_COOKIE)
            .into_iter()
            .map(SetCookie::parse);
        let cookies = cookies.map(|cookie| format!("{}={}", cookie.name, cookie.value));
        let cookies = cookies.collect::<Vec<_>>().join("; ");

        let sent = || request([(COOKIE, &*cookies)]);
        assert_eq!(
            text(send(&app, "/cart", sent()).await).await,
            "Cart([1, 2])"
        );
        assert_eq!(text(send(&app, "/login", sent()).await).await, "Ada");
        assert_eq!(
            set(&send(&app, "/out", sent()).await),
            ["__Host-Http-login"]
        );

        let swapped = cookies
            .replace("__Host-Http-login", "__Host-Http-x")
            .replace("__Host-Http-cart", "__Host-Http-login");
        let response = send(&app, "/login", request([(COOKIE, &*swapped)])).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
}

/// Looks at the session before the handler, and shows what it is after it.
async fn look(request: extract::Request, next: Next) -> Response<Body> {
    let session = Session::<Login>::of(&request).unwrap();
    let before = session.get().is_some();
    let mut response = next.run(request).await;
    let text = format!("{before} {}", session.get().is_some());
    response
        .headers_mut()
        .insert("x-live", text.parse().unwrap());
    response
}

fn routes() -> Router {
    Router::new()
        .route(
            "/start",
            get(async |session: Session<Login>| session.start(login())),
        )
        .route("/end", get(async |session: Session<Login>| session.end()))
        .route("/public", get(async || ()))
        .route(
            "/rename",
            get(async |session: Session<Login>| {
                session.update(|login| login.name = "Grace".into());
            }),
        )
}

#[tokio::test]
async fn middleware_shares_the_session_with_the_handler() {
    let codec = login_codec();
    let app = routes().layer(from_fn(look)).layer(codec.layer());
    for (path, live, seen, names) in [
        ("/start", false, "false true", &["__Host-Http-login"][..]),
        ("/start", true, "true true", &["__Host-Http-login"]),
        ("/end", true, "true false", &["__Host-Http-login"]),
        ("/public", true, "true true", &[]),
        ("/public", false, "false false", &[]),
    ] {
        let request = if live { signed_in(&codec) } else { request([]) };
        let response = send(&app, path, request).await;
        assert_eq!(response.headers()["x-live"], seen, "{path}");
        assert_eq!(set(&response), names, "{path}");
        assert_eq!(values(response.headers(), VARY), ["cookie"], "{path}");
    }
}

#[tokio::test]
async fn what_middleware_does_after_the_handler_is_written_too() {
    async fn sign_out(request: extract::Request, next: Next) -> Response<Body> {
        let session = Session::<Login>::of(&request).unwrap();
        let response = next.run(request).await;
        session.end();
        response
    }
    let codec = login_codec();
    let app = routes().layer(from_fn(sign_out)).layer(codec.layer());
    for path in ["/public", "/start", "/rename"] {
        let response = send(&app, path, signed_in(&codec)).await;
        let lines = values(response.headers(), SET_COOKIE);
        assert_eq!(lines.len(), 1, "{path}");
        assert_eq!(SetCookie::parse(lines[0]).value, "", "{path}");
    }
}

#[tokio::test]
async fn a_layer_that_is_there_twice_is_as_good_as_once() {
    let codec = login_codec();
    let once = || routes().layer(from_fn(look)).layer(codec.layer());
    for app in [
        once(),
        once().layer(codec.layer()),
        routes()
            .layer(codec.layer())
            .layer(from_fn(look))
            .layer(codec.layer()),
        routes()
            .layer(codec.clone().layer())
            .layer(from_fn(look))
            .layer(codec.layer().clone()),
    ] {
        let rejected = || request([(COOKIE, "__Host-Http-login=x")]);
        for (path, request, seen, written, user) in [
            ("/start", request([]), "false true", 1, Some("Ada")),
            ("/start", rejected(), "false true", 1, Some("Ada")),
            ("/rename", signed_in(&codec), "true true", 1, Some("Grace")),
            ("/end", signed_in(&codec), "true false", 1, None),
            ("/public", rejected(), "false false", 0, None),
        ] {
            let response = send(&app, path, request).await;
            assert_eq!(response.headers()["x-live"], seen, "{path}");
            assert_eq!(values(response.headers(), VARY), ["cookie"], "{path}");
            let lines = values(response.headers(), SET_COOKIE);
            assert_eq!(lines.len(), written, "{path}");
            let opened = lines
                .first()
                .and_then(|line| codec.open(SetCookie::parse(line).value).ok());
            assert_eq!(opened.as_ref().map(|o| &*o.value().name), user, "{path}");
        }
    }
}

#[tokio::test]
async fn there_is_no_session_of_a_request_that_went_through_no_layer() {
    let codec = login_codec();
    let request = signed_in(&codec);
    assert!(Session::<Login>::of(&request).is_none());
}

/// A service whose bodies are of a type that no framework knows.
async fn greet(request: Request<&'static str>) -> Result<Response<Vec<u8>>, Infallible> {
    let session = Session::<Login>::of(&request).unwrap();
    let mut login = login();
    login.name = request.body().repeat(1000);
    session.start(login);
    let response = Response::builder().header("content-type", "text/plain");
    Ok(response.body(b"hello".to_vec()).unwrap())
}

#[tokio::test]
async fn the_layer_serves_every_service_whose_response_body_has_a_default() {
    let codec = login_codec();
    let service = codec.layer().layer(service_fn(greet));
    let response = service.clone().oneshot(Request::new("")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.body(), b"hello");
    assert_eq!(values(response.headers(), SET_COOKIE).len(), 1);

    let response = service.oneshot(Request::new("too large")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.body().is_empty());
    let no_store = HeaderValue::from_static("no-store");
    assert_eq!(
        *response.headers(),
        HeaderMap::from_iter([(CACHE_CONTROL, no_store)])
    );
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_passed_on() {
    let fails = service_fn(async |request: Request<()>| {
        let session = Session::<Login>::of(&request).unwrap();
        session.start(login());
        Err::<Response<String>, _>("down")
    });
    let response = login_codec()
        .layer()
        .layer(fails)
        .oneshot(Request::new(()))
        .await;
    assert_eq!(response.unwrap_err(), "down");
}
