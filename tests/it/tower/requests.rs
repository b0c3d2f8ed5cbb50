//! Requests that a program makes inside of another one, and requests that are changed on their way.

use std::{
    future::ready,
    pin::pin,
    task::{Context, Poll, Waker},
};

use ::http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{AUTHORIZATION, COOKIE, SET_COOKIE},
    request::Parts,
};
use ::tower::{Layer as _, Service as _, ServiceExt, service_fn};
use allocation_counter::measure;
use axum::{
    Router,
    body::{Body, Bytes},
    extract,
    middleware::{Next, from_fn},
    routing::get,
};
use haversack::{Active, Codec, Session};

use super::{login_codec, request, send, signed_in, text, values};
use crate::support::{Format, Login, NOW, SetCookie, Twin, login, ring, twins};

fn codec(twin: Twin) -> Codec<u64> {
    let builder = twin.builder("login", &[1]).clock(|| NOW);
    builder.build().unwrap()
}

/// A request of a user, or of nobody, with these extensions.
fn of_user(twin: Twin, codec: &Codec<u64>, user: Option<u64>, inside: Extensions) -> Request<Body> {
    let name: HeaderName = codec.request_header().parse().unwrap();
    let token = user.map(|user| twin.carry(codec, &codec.seal(&user).unwrap()));
    let mut request = request(token.iter().map(|value| (name.clone(), &**value)));
    *request.extensions_mut() = inside;
    request
}

async fn answer(app: &Router, request: Request<Body>) -> Response<Body> {
    app.clone().oneshot(request).await.unwrap()
}

/// The user whose token a response has.
fn written(twin: Twin, codec: &Codec<u64>, response: &Response<Body>) -> Option<u64> {
    let value = response.headers().get(codec.response_header())?;
    let token = twin.token(value.to_str().unwrap());
    Some(*codec.open(token).unwrap().value())
}

/// In which order the sessions of two requests are asked for.
const ORDERS: [bool; 2] = [true, false];

#[tokio::test]
async fn a_request_made_inside_of_another_user_s_has_not_that_session() {
    for (twin, outer_first) in twins().flat_map(|twin| ORDERS.map(|order| (twin, order))) {
        for inside in [Some(8), None] {
            let codec = codec(twin);
            let inner = Router::new().route(
                "/",
                get(async |session: Option<Active<u64>>| {
                    session.map_or(0, |user| *user).to_string()
                }),
            );
            let (codec_inside, inner_app) = (codec.clone(), inner);
            let handler = async move |parts: Parts| {
                let look = || *Session::<u64>::of(&parts).unwrap().get().unwrap();
                if outer_first {
                    assert_eq!(look(), 7);
                }
                let sub = of_user(twin, &codec_inside, inside, parts.extensions.clone());
                assert!(Session::<u64>::of(&sub).is_none());
                assert!(Session::<u64>::of(&sub.into_parts().0).is_none());
                let sub = of_user(twin, &codec_inside, inside, parts.extensions.clone());
                let status = answer(&inner_app, sub).await.status();
                assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
                assert_eq!(look(), 7, "{twin:?}");
                Session::<u64>::of(&parts).unwrap().renew();
            };
            let app = Router::new().route("/", get(handler)).layer(codec.layer());
            let request = of_user(twin, &codec, Some(7), Extensions::new());
            let response = answer(&app, request).await;
            assert_eq!(response.status(), StatusCode::OK, "{twin:?} {inside:?}");
            assert_eq!(
                written(twin, &codec, &response),
                Some(7),
                "{twin:?} {inside:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_made_inside_that_goes_through_the_layer_has_and_saves_its_own_session() {
    for (twin, outer_first) in twins().flat_map(|twin| ORDERS.map(|order| (twin, order))) {
        for inside in [Some(8), None] {
            let codec = codec(twin);
            let inner = Router::new()
                .route(
                    "/",
                    get(async |session: Session<u64>| {
                        let user = session.get().map(|user| *user);
                        session.start(user.unwrap_or(90) + 10);
                        format!("{user:?}")
                    }),
                )
                .layer(codec.layer());
            let codec_inside = codec.clone();
            let handler = async move |parts: Parts| {
                let session = || Session::<u64>::of(&parts).unwrap();
                if outer_first {
                    assert_eq!(session().get().as_deref(), Some(&7));
                }
                let sub = of_user(twin, &codec_inside, inside, parts.extensions.clone());
                let response = answer(&inner, sub).await;
                let expected = Some(inside.unwrap_or(90) + 10);
                assert_eq!(written(twin, &codec_inside, &response), expected);
                assert_eq!(text(response).await, format!("{inside:?}"));
                assert_eq!(session().get().as_deref(), Some(&7), "{twin:?}");
            };
            let app = Router::new().route("/", get(handler)).layer(codec.layer());
            let request = of_user(twin, &codec, Some(7), Extensions::new());
            let response = answer(&app, request).await;
            assert_eq!(response.status(), StatusCode::OK, "{twin:?} {inside:?}");
            assert_eq!(written(twin, &codec, &response), None, "it was only read");
        }
    }
}

#[tokio::test]
async fn a_request_made_inside_may_go_through_the_layer_of_another_name() {
    let twin = Twin::cookie(Format::Sealed);
    let (outer, inner) = (
        codec(twin),
        twin.builder::<u64>("other", &[1]).build().unwrap(),
    );
    let show = async |session: Session<u64>| session.get().is_some().to_string();
    let inner_app = Router::new().route("/", get(show)).layer(inner.layer());
    let handler = async move |request: extract::Request| {
        let sub = of_user(twin, &inner, Some(8), request.extensions().clone());
        text(answer(&inner_app, sub).await).await
    };
    let app = Router::new().route("/", get(handler)).layer(outer.layer());
    let request = of_user(twin, &outer, Some(7), Extensions::new());
    assert_eq!(text(answer(&app, request).await).await, "true");
}

#[tokio::test]
async fn a_request_that_takes_headers_and_extensions_along_has_the_session() {
    let codec = login_codec();
    let rename = async |session: Session<Login>| {
        session.update(|login| login.name = "Grace".into());
    };
    let inner = Router::new().route("/", get(rename));
    let handler = async move |request: extract::Request| {
        let (parts, body) = request.into_parts();
        assert!(Session::<Login>::of(&parts).is_some());
        answer(&inner, Request::from_parts(parts, body)).await
    };
    let app = Router::new().route("/", get(handler)).layer(codec.layer());
    let response = send(&app, "/", signed_in(&codec)).await;
    let line = values(response.headers(), SET_COOKIE)[0];
    let opened = codec.open(SetCookie::parse(line).value).unwrap();
    assert_eq!(opened.value().name, "Grace");
}

#[tokio::test]
async fn every_value_counts_by_its_octets_and_its_place() {
    let codec = login_codec();
    let token = codec.seal(&login()).unwrap();
    let own = format!("__Host-Http-login={token}");
    let cases: [&[&str]; 6] = [
        &[],
        &["a=1"],
        &[&own],
        &["a=1", &own],
        &[&own, "a=1"],
        &["a=1", "b=2", &own],
    ];
    for (sent, changed) in cases
        .iter()
        .flat_map(|sent| cases.map(|changed| (*sent, changed)))
    {
        let headers = |lines: &[&str]| {
            let lines = lines.iter().map(|line| (COOKIE, line.parse().unwrap()));
            lines.collect::<HeaderMap>()
        };
        let after = headers(changed);
        let service = service_fn(async |request: Request<()>| {
            let (mut parts, ()) = request.into_parts();
            parts
                .headers
                .append("x-other", HeaderValue::from_static("may change"));
            parts.headers.remove(COOKIE);
            parts.headers.extend(after.clone());
            let session = Session::<Login>::of(&parts);
            Ok::<_, ()>(Response::new(
                session.map(|session| session.get().is_some()),
            ))
        });
        let mut request = Request::new(());
        *request.headers_mut() = headers(sent);
        let response = codec.layer().layer(service).oneshot(request).await.unwrap();
        let expected = (sent == changed).then_some(sent.contains(&&*own));
        assert_eq!(*response.body(), expected, "{sent:?} {changed:?}");
    }
}

#[tokio::test]
async fn a_header_that_is_changed_inside_of_the_layer_is_an_error_and_outside_of_it_is_none() {
    async fn bearer_of_query(mut request: extract::Request, next: Next) -> Response<Body> {
        let token = request.uri().query().unwrap_or_default();
        let value = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert(AUTHORIZATION, value);
        next.run(request).await
    }
    let codec = Codec::<u64>::sealed("api", ring(1)).bearer("x-api");
    let codec = codec.clock(|| NOW).build().unwrap();
    let show = async |user: Active<u64>| user.to_string();
    let path = format!("/?{}", codec.seal(&7).unwrap());
    let routes = Router::new().route("/", get(show));
    let inside = routes
        .clone()
        .layer(from_fn(bearer_of_query))
        .layer(codec.layer());
    let outside = routes.layer(codec.layer()).layer(from_fn(bearer_of_query));

    let response = send(&outside, &path, request([])).await;
    assert_eq!(text(response).await, "7");
    let response = send(&inside, &path, request([])).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let expected = match cfg!(debug_assertions) {
        true => "are not those that the layer of its Codec<u64> saw",
        false => "",
    };
    let text = text(response).await;
    assert!(
        text.contains(expected) && text.is_empty() == expected.is_empty(),
        "{text}"
    );
}

#[test]
fn a_session_that_nobody_asks_for_needs_no_memory_for_its_cookie() {
    let service = service_fn(|_: Request<()>| ready(Ok::<_, ()>(Response::new(()))));
    let mut service = login_codec().layer().layer(service);
    let mut cost = |cookie: Option<HeaderValue>| {
        let mut request = Request::new(());
        let headers = request.headers_mut();
        headers.extend(cookie.map(|cookie| (COOKIE, cookie)));
        let measured = measure(|| {
            let answered = pin!(service.call(request));
            let answered = answered.poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(answered, Poll::Ready(Ok(_))));
        });
        (measured.count_total, measured.bytes_total)
    };
    // A server's values are parts of what it has read, and share it.
    let read = Bytes::from("a=b; ".repeat(800)).slice(..);
    let cookie = HeaderValue::from_maybe_shared(read.slice(..3999)).unwrap();
    let without = cost(None);
    assert_eq!(cost(Some(cookie)), without);
}
