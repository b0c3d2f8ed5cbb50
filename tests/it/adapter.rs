//! A server that this crate does not know, on what all adapters share.

use haversack::{
    Codec, Rejected, Session,
    adapter::{
        Denial, ExtractError, GuardedRequest, Headers, LazySession, MissingLayer, RequestHead,
    },
};

use crate::support::{NOW, Twin, ring, tampered, twins};

/// The head of a request as text, whose names are written as clients write them.
struct Request {
    line: (&'static str, &'static str),
    headers: Vec<(&'static str, String)>,
}

impl Request {
    fn get(path: &'static str) -> Request {
        Request {
            line: ("GET", path),
            headers: Vec::new(),
        }
    }

    fn with(mut self, name: &'static str, value: &str) -> Request {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl RequestHead for Request {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        let headers = self.headers.iter();
        let of_that_name = headers.filter(move |(there, _)| there.eq_ignore_ascii_case(name));
        of_that_name.map(|(_, value)| value.as_bytes())
    }
}

impl GuardedRequest for Request {
    fn method(&self) -> &str {
        self.line.0
    }

    fn path_and_query(&self) -> &str {
        self.line.1
    }
}

fn headers(pairs: &[(&str, &str)]) -> Headers {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn values<'h>(headers: &'h Headers, name: &str) -> Vec<&'h str> {
    let headers = headers.iter();
    let of_that_name = headers.filter(|(there, _)| there.eq_ignore_ascii_case(name));
    of_that_name.map(|(_, value)| value.as_str()).collect()
}

fn codec(twin: Twin) -> Codec<u64> {
    twin.builder("login", &[1]).clock(|| NOW).build().unwrap()
}

fn login() -> Codec<u64> {
    Codec::sealed("login", ring(1))
        .clock(|| NOW)
        .build()
        .unwrap()
}

/// The request of somebody who is signed in.
fn signed_in(codec: &Codec<u64>, path: &'static str) -> Request {
    let (_, value) = codec.request_header_for(&7).unwrap();
    let name = match codec.request_header() {
        "cookie" => "Cookie",
        "authorization" => "AUTHORIZATION",
        _ => "X-Session",
    };
    Request::get(path).with(name, &value)
}

#[test]
fn a_session_that_nobody_asks_for_is_not_read_and_leaves_no_trace() {
    for twin in twins() {
        let codec = twin.builder("login", &[1]).clock(|| NOW);
        let codec = codec.observe(|event| panic!("{event:?}")).build().unwrap();
        let lazy = LazySession::<u64>::new(&codec);
        let before = headers(&[("Cache-Control", "public"), ("Vary", "Accept")]);
        let mut after = before.clone();
        lazy.finish(&mut after).unwrap();
        assert_eq!(after, before);
        assert!(lazy.opened().is_none());
    }
}

#[test]
fn a_session_is_opened_once_and_written_with_all_that_it_is() {
    for twin in twins() {
        let codec = codec(twin);
        let request = signed_in(&codec, "/");
        let lazy = LazySession::new(&codec);
        let session = lazy.open(&request);
        assert_eq!(session.get().as_deref(), Some(&7), "{twin:?}");
        // Another handler, which finds what the first one did.
        session.update(|user| *user += 1).unwrap();
        assert_eq!(*lazy.open(&request).active().unwrap(), 8);

        let mut response = headers(&[
            ("Cache-Control", "public, max-age=60"),
            ("CDN-Cache-Control", "max-age=60"),
            ("X-Accel-Expires", "60"),
            ("Vary", "Accept"),
            ("Vary", "Accept-Encoding"),
            ("Set-Cookie", "theme=dark"),
            ("Content-Type", "text/plain"),
        ]);
        lazy.finish(&mut response).unwrap();
        lazy.finish(&mut response).unwrap();
        assert_eq!(values(&response, "cache-control"), ["no-store"]);
        assert!(values(&response, "cdn-cache-control").is_empty());
        assert!(values(&response, "x-accel-expires").is_empty());
        let vary = format!("Accept, Accept-Encoding, {}", codec.request_header());
        assert_eq!(values(&response, "vary"), [vary]);
        assert_eq!(values(&response, "content-type"), ["text/plain"]);
        assert!(values(&response, "set-cookie").contains(&"theme=dark"));
        let written = values(&response, codec.response_header());
        let own: Vec<_> = written.into_iter().filter(|v| *v != "theme=dark").collect();
        assert_eq!(own.len(), 1, "{twin:?}");
    }
}

#[test]
fn a_session_that_was_only_read_is_for_this_client_alone() {
    let codec = login();
    let lazy = LazySession::new(&codec);
    lazy.open(&signed_in(&codec, "/"));
    let mut response = Headers::new();
    lazy.finish(&mut response).unwrap();
    let expected = headers(&[("cache-control", "private"), ("vary", "cookie")]);
    assert_eq!(response, expected);
}

#[test]
fn a_session_that_cannot_be_written_leaves_the_headers_of_an_empty_500() {
    let codec = Codec::<String>::sealed("login", ring(1)).build().unwrap();
    let lazy = LazySession::new(&codec);
    lazy.open(&Request::get("/")).start("a".repeat(5000));
    let mut response = headers(&[
        ("Content-Type", "text/html"),
        ("Content-Length", "512"),
        ("ETag", "\"1\""),
        ("Location", "/"),
        ("Cache-Control", "public"),
        ("Surrogate-Control", "max-age=60"),
        ("X-Request-Id", "1"),
    ]);
    let error = lazy.finish(&mut response).unwrap_err();
    assert_eq!(error.code(), "too_large");
    let expected = headers(&[("X-Request-Id", "1"), ("cache-control", "no-store")]);
    assert_eq!(response, expected);
}

#[test]
fn what_is_denied_says_status_body_and_challenge() {
    for twin in twins() {
        let codec = codec(twin);
        let (_, value) = codec.request_header_for(&7).unwrap();
        let stranger = codec.load(&Request::get("/")).active().unwrap_err();
        let refused: Session<u64> = codec.session([&tampered(&value)]);
        let refused = refused.active().unwrap_err();
        let older = twin
            .builder("login", &[1])
            .clock(|| NOW - 301)
            .build()
            .unwrap();
        let stale = codec.load(&signed_in(&older, "/"));
        let stale = stale.fresh::<300>().unwrap_err();
        let bearer = codec.request_header() == "authorization";
        for (denied, status, body, challenge) in [
            (&stranger, 401, "no live session", "Bearer"),
            (
                &refused,
                401,
                "no live session",
                r#"Bearer error="invalid_token""#,
            ),
            (
                &stale,
                if bearer { 401 } else { 403 },
                "authentication too old",
                r#"Bearer error="insufficient_user_authentication", max_age="300""#,
            ),
        ] {
            assert_eq!((denied.status(), denied.body()), (status, body), "{twin:?}");
            assert_eq!(denied.to_string(), body);
            let mut response = Headers::new();
            denied.write(&mut response);
            assert_eq!(values(&response, "cache-control"), ["no-store"]);
            assert_eq!(
                values(&response, "content-type"),
                ["text/plain; charset=utf-8"]
            );
            let challenges = values(&response, "www-authenticate");
            assert_eq!(challenges, if bearer { vec![challenge] } else { vec![] });
        }
    }
}

#[test]
fn a_guard_needs_no_framework() {
    let codec = login();
    let guard = codec
        .required()
        .when(|user| *user < 100)
        .or_redirect("/login");
    let navigation = |request: Request| request.with("Sec-Fetch-Mode", "navigate");
    let check = |request: &Request| guard.check(Some(codec.load(request)), request);
    assert_eq!(check(&signed_in(&codec, "/orders?page=2")), Ok(()));

    let denied = |request: &Request| match check(request) {
        Err(ExtractError::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    };
    let denial = denied(&navigation(Request::get("/orders?page=2")));
    assert_eq!((denial.status(), denial.body()), (303, ""));
    let mut response = Headers::new();
    denial.write(&mut response);
    let expected = headers(&[
        ("cache-control", "no-store"),
        ("location", "/login?next=/orders%3Fpage%3D2"),
    ]);
    assert_eq!(response, expected);
    assert_eq!(denied(&Request::get("/orders")).status(), 401);
    assert_eq!(denied(&navigation(Request::get("/login"))).status(), 401);

    let (_, value) = codec.request_header_for(&100).unwrap();
    let denial = denied(&navigation(Request::get("/")).with("Cookie", &value));
    assert_eq!((denial.status(), denial.why()), (403, Denial::Forbidden));

    let other = Codec::<u64>::sealed("other", ring(1)).build().unwrap();
    for session in [None, Some(other.empty())] {
        let error = guard.check(session, &Request::get("/")).unwrap_err();
        assert!(matches!(error, ExtractError::MissingLayer(_)), "{error:?}");
        assert!(error.to_string().contains("codec.layer()"), "{error}");
        assert_eq!(error.status(), 500);
    }

    let session = codec.load(&signed_in(&codec, "/"));
    guard
        .check(Some(session.clone()), &Request::get("/"))
        .unwrap();
    let mut response = Headers::new();
    session.save(&mut response).unwrap();
    let expected = headers(&[("cache-control", "no-store"), ("vary", "cookie")]);
    assert_eq!(response, expected);
    let expected = expected
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()));
    assert_eq!(
        session.response_headers().unwrap(),
        expected.collect::<Vec<_>>()
    );
    let mut response = headers(&[("Cache-Control", "private")]);
    session.save(&mut response).unwrap();
    assert_eq!(values(&response, "cache-control"), ["private"]);
}

#[test]
fn two_sessions_of_one_type_in_a_request_are_a_mistake_of_the_program() {
    let (codec, other) = (
        login(),
        Codec::<u64>::sealed("other", ring(1)).build().unwrap(),
    );
    let lazy = LazySession::new(&codec);
    assert_eq!(lazy.is_for(&codec.clone()), Ok(true));
    assert_eq!(lazy.is_for(&codec.context("tenant-1").unwrap()), Ok(false));
    let error = lazy.is_for(&other).unwrap_err();
    assert_eq!(error.setting(), "layer");
    assert!(error.to_string().contains("newtype"), "{error}");
}

/// What a server answers an error with.
fn answer(error: &ExtractError) -> (u16, Headers, String) {
    let mut response = headers(&[("Cache-Control", "public"), ("X-Request-Id", "1")]);
    error.write(&mut response);
    (error.status(), response, error.body().into_owned())
}

#[test]
fn a_handler_that_gets_no_session_is_answered_in_one_way_for_either_reason() {
    let denied = ExtractError::from(login().empty().active().unwrap_err());
    let (status, written, body) = answer(&denied);
    assert_eq!((status, &*body), (401, "no live session"));
    let expected = [
        ("X-Request-Id", "1"),
        ("cache-control", "no-store"),
        ("content-type", "text/plain; charset=utf-8"),
    ];
    assert_eq!(written, headers(&expected));

    let missing = MissingLayer::of::<u64>("serve(&codec, ..)");
    let (status, written, body) = answer(&missing.into());
    let text = "no session of type u64 for this route; add the layer of its Codec<u64>: \
                serve(&codec, ..)";
    // It names types of the program.
    let expected = match cfg!(debug_assertions) {
        true => (500, headers(&expected), text),
        false => (500, headers(&expected[..2]), ""),
    };
    assert_eq!((status, written, &*body), expected);
}

#[test]
fn a_refusal_writes_nothing_in_a_server_of_one_s_own_too() {
    let codec = login();
    let (_, value) = codec.request_header_for(&7).unwrap();
    let lazy = LazySession::new(&codec);
    let session = lazy.open(&Request::get("/").with("cookie", &tampered(&value)));
    assert_eq!(session.rejected(), Some(Rejected::NotAuthentic));
    let mut response = Headers::new();
    lazy.finish(&mut response).unwrap();
    assert!(values(&response, "set-cookie").is_empty());
}
