//! Sessions in a `tower` stack and in axum's handlers.

mod caching;
pub(crate) mod failures;
mod guards;
mod names;
mod requests;
mod stacks;

use std::time::Duration;

use ::http::{
    HeaderMap, HeaderName, Method, Request, Response, StatusCode,
    header::{
        AUTHORIZATION, AsHeaderName, CACHE_CONTROL, COOKIE, SET_COOKIE, VARY, WWW_AUTHENTICATE,
    },
};
use ::tower::ServiceExt;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Path,
    routing::{any, get},
};
use haversack::{Active, Codec, Lifetime, Rejected, Session};

use crate::support::{Carrier, Login, NOW, Noise, SetCookie, TestClock, login, ring, twins};

/// A codec for cookies named `__Host-Http-login`.
fn login_codec() -> Codec<Login> {
    let builder = Codec::sealed("login", ring(1));
    builder.clock(|| NOW).build().unwrap()
}

fn request<'v>(headers: impl IntoIterator<Item = (HeaderName, &'v str)>) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    for (name, value) in headers {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    request
}

/// A request with a live session.
fn signed_in(codec: &Codec<Login>) -> Request<Body> {
    let cookie = format!("__Host-Http-login={}", codec.seal(&login()).unwrap());
    request([(COOKIE, &*cookie)])
}

async fn send(app: &Router, path: &str, mut request: Request<Body>) -> Response<Body> {
    *request.uri_mut() = path.parse().unwrap();
    app.clone().oneshot(request).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    let octets = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(octets.into()).unwrap()
}

fn values(headers: &HeaderMap, name: impl AsHeaderName) -> Vec<&str> {
    let values = headers.get_all(name).into_iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

/// The names of the cookies that a response sets.
fn set(response: &Response<Body>) -> Vec<&str> {
    let lines = values(response.headers(), SET_COOKIE).into_iter();
    lines.map(|line| SetCookie::parse(line).name).collect()
}

fn router(codec: &Codec<Login>) -> Router {
    Router::new()
        .route(
            "/start",
            get(async |session: Session<Login>| session.start(login())),
        )
        .route("/me", get(async |login: Active<Login>| login.name.clone()))
        .route(
            "/home",
            get(async |login: Option<Active<Login>>| match login {
                Some(login) => format!("welcome back {}", login.name),
                None => "hello".into(),
            }),
        )
        .route(
            "/rename",
            get(async |login: Active<Login>| {
                login.session().update(|login| login.name = "Grace".into());
                login.name.clone()
            }),
        )
        .route("/end", get(async |session: Session<Login>| session.end()))
        .route("/public", get(async || "nothing to see"))
        .route(
            "/status/{status}",
            get(async |Path(status): Path<u16>, session: Session<Login>| {
                session.start(login());
                StatusCode::from_u16(status).unwrap()
            }),
        )
        .layer(codec.layer())
}

#[tokio::test]
async fn a_user_signs_in_is_known_changes_and_signs_out_over_every_carrier() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let builder = twin.builder::<Login>("login", &[1]);
        let codec = builder.clock(clock.clone()).build().unwrap();
        let app = router(&codec);
        let mut sends: Option<String> = None;
        for (path, status, body) in [
            ("/me", 401, "no live session"),
            ("/home", 200, "hello"),
            ("/start", 200, ""),
            ("/me", 200, "Ada"),
            ("/home", 200, "welcome back Ada"),
            ("/rename", 200, "Ada"),
            ("/me", 200, "Grace"),
            ("/end", 200, ""),
            ("/home", 200, "hello"),
            ("/me", 401, "no live session"),
        ] {
            clock.advance(1);
            let name: HeaderName = codec.request_header().parse().unwrap();
            let headers = sends.iter().map(|value| (name.clone(), &**value));
            let response = send(&app, path, request(headers)).await;
            assert_eq!(response.status(), status, "{twin:?} {path}");
            let written = values(response.headers(), codec.response_header());
            let writes = matches!(path, "/start" | "/rename" | "/end");
            assert_eq!(written.len(), usize::from(writes), "{twin:?} {path}");
            let is_stored = !writes && status == 200;
            let storing = if is_stored { "private" } else { "no-store" };
            assert_eq!(values(response.headers(), CACHE_CONTROL), [storing]);
            assert_eq!(values(response.headers(), VARY), [codec.request_header()]);
            if writes {
                sends = twin.answer(written[0]);
            }
            assert_eq!(text(response).await, body, "{twin:?} {path}");
        }
        assert_eq!(sends, None, "{twin:?}");
    }
}

#[tokio::test]
async fn without_a_session_the_answer_is_a_401_with_the_challenge_of_its_scheme() {
    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let app = router(&codec);
        let name: HeaderName = codec.request_header().parse().unwrap();
        let bad = twin.carry(&codec, "x");
        let cases = [
            (None, "Bearer"),
            (Some("Basic dTpw"), "Bearer"),
            (Some(&*bad), r#"Bearer error="invalid_token""#),
        ];
        for (value, challenge) in cases {
            let response = send(&app, "/me", request(value.map(|v| (name.clone(), v)))).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{twin:?}");
            let mut expected = vec![challenge];
            if twin.carrier != Carrier::Bearer {
                expected.clear();
            }
            assert_eq!(values(response.headers(), WWW_AUTHENTICATE), expected);
            assert_eq!(text(response).await, "no live session");
        }
    }
}

#[tokio::test]
async fn a_rejected_cookie_stays_whatever_looked_at_it() {
    let app = router(&login_codec());
    for path in ["/me", "/home"] {
        let response = send(&app, path, request([(COOKIE, "__Host-Http-login=x")])).await;
        assert!(!response.headers().contains_key(SET_COOKIE), "{path}");
    }
}

#[tokio::test]
async fn a_session_is_written_whatever_the_status() {
    let codec = login_codec();
    let app = router(&codec);
    for status in [
        200, 204, 206, 301, 302, 303, 304, 400, 401, 403, 404, 418, 500, 503,
    ] {
        let path = format!("/status/{status}");
        let response = send(&app, &path, request([])).await;
        assert_eq!(response.status(), status);
        let lines = values(response.headers(), SET_COOKIE);
        assert_eq!(lines.len(), 1, "{status}");
        let token = SetCookie::parse(lines[0]).value;
        assert_eq!(codec.open(token).unwrap().value(), &login());
    }
}

#[tokio::test]
async fn a_renewal_that_is_due_is_written_whatever_the_status_and_the_method() {
    let clock = TestClock::at(NOW);
    let [idle, cap] = [600, 6000].map(Duration::from_secs);
    let builder = Codec::<Login>::sealed("login", ring(1)).clock(clock.clone());
    let codec = builder
        .lifetime(Lifetime::sliding(idle, cap))
        .build()
        .unwrap();
    let answer =
        async |Path(status): Path<u16>, _: Active<Login>| StatusCode::from_u16(status).unwrap();
    let app = Router::new()
        .route("/{status}", any(answer))
        .layer(codec.layer());
    let sent = signed_in(&codec).headers()[COOKIE].clone();
    for (age, renewed) in [(299, false), (300, true), (599, true)] {
        clock.set(NOW + age);
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"] {
            for status in [200, 204, 206, 302, 304, 400, 404, 500, 503] {
                let mut request = request([(COOKIE, sent.to_str().unwrap())]);
                *request.method_mut() = method.parse().unwrap();
                let response = send(&app, &format!("/{status}"), request).await;
                assert_eq!(response.status(), status, "{method}");
                let lines = values(response.headers(), SET_COOKIE);
                assert_eq!(lines.len(), usize::from(renewed), "{method} {status} {age}");
                let storing = if renewed { "no-store" } else { "private" };
                assert_eq!(values(response.headers(), CACHE_CONTROL), [storing]);
                if let [line] = lines[..] {
                    let opened = codec.open(SetCookie::parse(line).value).unwrap();
                    let times = (
                        opened.facts().started_at,
                        opened.facts().issued_at,
                        opened.facts().expires_at,
                    );
                    assert_eq!(times, (NOW, NOW + age, NOW + age + 600));
                }
            }
        }
    }
}

#[tokio::test]
async fn a_session_that_was_planted_before_the_sign_in_is_not_the_one_after_it() {
    for twin in twins() {
        let builder = twin.builder::<Login>("login", &[1]);
        let codec = builder.clock(TestClock::at(NOW)).build().unwrap();
        let app = router(&codec);
        let name: HeaderName = codec.request_header().parse().unwrap();
        let mallory = Login {
            name: "Mallory".into(),
            ..login()
        };
        let planted = twin.carry(&codec, &codec.seal(&mallory).unwrap());
        let before = codec.session([&planted]);

        let response = send(&app, "/start", request([(name.clone(), &*planted)])).await;
        let written = values(response.headers(), codec.response_header());
        assert_eq!(written.len(), 1, "{twin:?}");
        let after = codec.session(&twin.answer(written[0]));
        assert_eq!(
            *after.get().unwrap(),
            login(),
            "{twin:?}: nothing is carried over"
        );
        assert_ne!(after.id(), before.id(), "{twin:?}");

        // Whoever planted it has what he had.
        let response = send(&app, "/me", request([(name, &*planted)])).await;
        assert_eq!(text(response).await, "Mallory", "{twin:?}");
    }
}

#[tokio::test]
async fn a_request_whose_handler_takes_no_session_is_left_alone() {
    let codec = login_codec();
    let app = router(&codec);
    for path in ["/public", "/no-such-route"] {
        for request in [
            request([]),
            request([(COOKIE, "__Host-Http-login=x")]),
            signed_in(&codec),
        ] {
            let headers = send(&app, path, request).await.headers().clone();
            for name in [SET_COOKIE, VARY, CACHE_CONTROL] {
                assert!(!headers.contains_key(&name), "{path}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn why_a_session_is_empty_is_known_to_its_handler() {
    let codec = login_codec();
    let app = Router::new()
        .route(
            "/",
            get(async |session: Session<Login>| session.rejected().map_or("", Rejected::code)),
        )
        .layer(codec.layer());
    for (cookie, code) in [
        ("a=b", ""),
        ("__Host-Http-login=x", "malformed"),
        (
            &*format!("__Host-Http-login={}", "A".repeat(5000)),
            "too_large",
        ),
    ] {
        let response = send(&app, "/", request([(COOKIE, cookie)])).await;
        assert_eq!(text(response).await, code);
    }
}

#[tokio::test]
async fn an_active_session_shows_its_facts_and_not_its_value() {
    let codec = login_codec();
    let show = async |login: Active<Login>| format!("{login:?} {:?}", login.session());
    let app = Router::new().route("/", get(show)).layer(codec.layer());
    let shown = text(send(&app, "/", signed_in(&codec)).await).await;
    assert!(
        shown.starts_with("Active(") && shown.contains(&NOW.to_string()),
        "{shown}"
    );
    assert!(
        !shown.contains("Ada") && !shown.contains("admin"),
        "{shown}"
    );
}

#[tokio::test]
async fn no_request_header_makes_a_panic_or_a_server_error() {
    let parts: [&[u8]; 12] = [
        b"__Host-Http-login=",
        b"__Host-Http-login",
        b"Bearer ",
        b"Ad4Y-9syDNJMLuDBsZXIxcrF8PB4jnbdSJOodGK2IGXWX52D",
        b"eyJ0eXAiOiJzZXNzaW9uK2p3dCIsImFsZyI6IkhTMjU2In0.e30.AAAA",
        b"; ",
        b"=",
        b"\"",
        b"$Version=1",
        b"\xff\xfe",
        b"\t",
        b".",
    ];
    let mut noise = Noise::new();
    for twin in twins() {
        let codec = twin.builder("login", &[1]).build().unwrap();
        let app = router(&codec);
        for _ in 0..600 {
            let mut headers = HeaderMap::new();
            for _ in 0..=noise.below(3) {
                let mut value = noise.header(12, &parts);
                value.retain(|octet| *octet == b'\t' || (*octet >= b' ' && *octet != 0x7f));
                let value = value.as_slice().try_into().unwrap();
                let name: HeaderName = codec.request_header().parse().unwrap();
                headers.append(name, value);
            }
            for (path, status) in [("/me", 401), ("/home", 200), ("/start", 200), ("/end", 200)] {
                let mut request = request([]);
                request.headers_mut().clone_from(&headers);
                let response = send(&app, path, request).await;
                assert_eq!(response.status(), status, "{headers:?}");
            }
        }
    }
}
