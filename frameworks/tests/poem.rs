//! What of poem does not show over the wire of one program.

use haversack::{
    Active, Codec, ConfigError, Key, KeyRing, SaveError, Session,
    adapter::{Denied, ExtractError},
};
use poem::{
    Body, Endpoint, EndpointExt, IntoResponse, Request, Response, Result, Route,
    error::NotFoundError,
    get, handler,
    http::{self, HeaderMap, StatusCode, uri::Scheme},
    middleware::CatchPanic,
    web::{LocalAddr, RemoteAddr},
};

#[handler]
fn me(user: Active<u64>) -> String {
    format!("user {}", *user)
}

#[handler]
fn maybe(user: Option<Active<u64>>) -> String {
    format!("{:?}", user.map(|user| *user))
}

#[handler]
fn result(user: Result<Active<u64>>) -> String {
    let error = user.unwrap_err();
    let denied = matches!(error.downcast_ref(), Some(ExtractError::Denied(_)));
    format!("denied: {denied}")
}

#[handler]
fn sign_in(session: Session<u64>) {
    session.start(7);
}

#[handler]
fn sign_in_and_fail(session: Session<u64>) -> Result<()> {
    session.start(7);
    Err(NotFoundError.into())
}

#[handler]
fn fail() -> Result<()> {
    Err(NotFoundError.into())
}

#[handler]
fn by_hand(session: Session<u64>) -> Result<String, Denied> {
    Ok(session.active()?.to_string())
}

#[handler]
fn too_large(session: Session<String>) -> &'static str {
    session.start("x".repeat(5000));
    "signed in"
}

#[handler]
fn sign_in_and_panic(session: Session<u64>) {
    session.start(7);
    panic!("on purpose");
}

#[tokio::test]
async fn errors_become_responses_only_where_the_session_was_looked_at() {
    let login = codec::<u64>("login");
    let app = Route::new()
        .at("/read", get(sign_in_and_fail))
        .at("/", get(fail))
        .with(login.layer())
        .catch_error(async |_: NotFoundError| "caught");
    let read = ask(&app, at("/read")).await;
    assert_eq!(read.status, StatusCode::NOT_FOUND);
    assert_eq!(read.cookies(), ["__Host-Http-login"]);
    let unread = ask(&app, at("/")).await;
    assert_eq!((unread.status, &*unread.body), (StatusCode::OK, "caught"));
    assert!(unread.cookies().is_empty());
}

#[tokio::test]
async fn what_catches_errors_inside_of_the_layer_gets_them() {
    let login = codec::<u64>("login");
    let app = Route::new()
        .at("/", get(sign_in_and_fail))
        .at("/me", get(me).with(login.required()))
        .catch_error(async |_: NotFoundError| "caught")
        .catch_error(async |_: ExtractError| "sign in, please")
        .with(login.layer());
    let caught = ask(&app, at("/")).await;
    assert_eq!((caught.status, &*caught.body), (StatusCode::OK, "caught"));
    assert_eq!(caught.cookies(), ["__Host-Http-login"]);
    assert_eq!(ask(&app, at("/me")).await.body, "sign in, please");
}

#[tokio::test]
async fn what_fails_behind_a_guard_is_kept_by_no_cache() {
    let login = codec::<u64>("login");
    let app = Route::new()
        .at("/", get(fail).with(login.required()))
        .with(login.layer());
    let failed = ask(&app, signed_in(&login, "/")).await;
    assert_eq!(failed.status, StatusCode::NOT_FOUND);
    assert_eq!(failed.value("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_guard_around_a_nest_knows_the_whole_path() {
    let login = codec::<u64>("login");
    let inner = Route::new()
        .at("/page", get(me))
        .with(login.required().or_redirect("/login"));
    let app = Route::new().nest("/inner", inner).with(login.layer());
    let page = http::Request::get("/inner/page?tab=1").header("accept", "text/html");
    let (head, ()) = page.body(()).unwrap().into_parts();
    let head = (
        head,
        LocalAddr::default(),
        RemoteAddr::default(),
        Scheme::HTTP,
    );
    let sent = ask(&app, Request::from_parts(head.into(), Body::empty())).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let next = Some("/login?next=/inner/page%3Ftab%3D1");
    assert_eq!(sent.value("location"), next);
}

#[tokio::test]
async fn a_missing_layer_is_a_500_but_under_an_option() {
    let login = codec::<u64>("login");
    let app = Route::new()
        .at("/me", get(me))
        .at("/maybe", get(maybe))
        .at("/guarded", get(maybe).with(login.required()));
    for (path, call) in [
        ("/me", ".with(codec.layer())"),
        ("/guarded", "codec.layer()"),
    ] {
        let response = ask(&app, at(path)).await;
        assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.body.contains(call), cfg!(debug_assertions));
    }
    assert_eq!(ask(&app, at("/maybe")).await.body, "None");
}

#[tokio::test]
async fn denials_are_results_too() {
    let login = codec::<u64>("login");
    let app = Route::new()
        .at("/by-hand", get(by_hand))
        .at("/result", get(result))
        .with(login.layer());
    let denied = ask(&app, at("/by-hand")).await;
    assert_eq!(denied.status, StatusCode::UNAUTHORIZED);
    assert_eq!(denied.value("cache-control"), Some("no-store"));
    assert_eq!(denied.body, "no live session");
    assert_eq!(ask(&app, signed_in(&login, "/by-hand")).await.body, "7");
    assert_eq!(ask(&app, at("/result")).await.body, "denied: true");
}

#[tokio::test]
async fn the_same_layer_twice_is_one_session() {
    let login = codec::<u64>("login");
    let app = Route::new().at("/", get(sign_in));
    let app = app.with(login.layer()).with(login.layer());
    let response = ask(&app, at("/")).await;
    assert_eq!(response.cookies(), ["__Host-Http-login"]);
    assert_eq!(response.value("vary"), Some("cookie"));
}

#[tokio::test]
async fn two_names_of_one_type_are_a_500_that_reaches_no_handler() {
    let (login, other) = (codec::<u64>("login"), codec::<u64>("other"));
    let app = Route::new().at("/", get(sign_in));
    let app = app.with(login.layer()).with(other.layer());
    let response = app.get_response(at("/")).await;
    assert!(response.data::<ConfigError>().is_some());
    let response = answer(response).await;
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.value("cache-control"), Some("no-store"));
    assert_eq!(response.body, "");
    assert!(response.cookies().is_empty());
}

#[tokio::test]
async fn of_two_contexts_the_inner_one_counts() {
    let login = codec::<u64>("login");
    let inner = login.context("inner").unwrap();
    let app = Route::new().at("/me", get(me));
    let app = app.with(inner.layer()).with(login.layer());
    assert_eq!(ask(&app, signed_in(&inner, "/me")).await.body, "user 7");
    let outer = ask(&app, signed_in(&login, "/me")).await;
    assert_eq!(outer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_cannot_be_saved_says_why_to_the_program_alone() {
    let notes = codec::<String>("notes");
    let app = Route::new().at("/", get(too_large)).with(notes.layer());
    let response = app.get_response(at("/")).await;
    assert!(response.data::<SaveError>().is_some());
    let response = answer(response).await;
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        (&*response.body, response.value("content-type")),
        ("", None)
    );
}

#[tokio::test]
async fn middleware_sees_the_session_of_this_request_alone() {
    let login = codec::<u64>("login");
    let app = Route::new()
        .at("/me", get(me))
        .around(async |next, mut request| {
            let seen = Session::<u64>::of(&request).and_then(|session| session.get());
            // A request with the extensions of another one.
            request.headers_mut().remove("cookie");
            assert!(Session::<u64>::of(&request).is_none());
            let refused = next.call(request).await.unwrap_err();
            assert_eq!(refused.status(), StatusCode::INTERNAL_SERVER_ERROR);
            Ok(format!("{:?}", seen.as_deref()).into_response())
        })
        .with(login.layer());
    assert_eq!(ask(&app, signed_in(&login, "/me")).await.body, "Some(7)");
}

#[tokio::test]
async fn a_panic_that_is_caught_inside_keeps_the_session() {
    let login = codec::<u64>("login");
    let app = Route::new()
        .at("/", get(sign_in_and_panic))
        .with(CatchPanic::new())
        .with(login.layer());
    let response = ask(&app, at("/")).await;
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.cookies(), ["__Host-Http-login"]);
}

fn codec<T>(name: &str) -> Codec<T> {
    let keys = KeyRing::new(Key::generate().unwrap());
    Codec::sealed(name, keys).build().unwrap()
}

fn at(path: &str) -> Request {
    Request::builder().uri_str(path).finish()
}

fn signed_in(codec: &Codec<u64>, path: &str) -> Request {
    let (name, value) = codec.request_header_for(&7).unwrap();
    Request::builder()
        .uri_str(path)
        .header(name, value)
        .finish()
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn value(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The names of the cookies that are set.
    fn cookies(&self) -> Vec<&str> {
        let values = self.headers.get_all("set-cookie").iter();
        let names = values.map(|value| value.to_str().unwrap().split('=').next().unwrap());
        names.collect()
    }
}

async fn ask(app: &impl Endpoint, request: Request) -> Answer {
    answer(app.get_response(request).await).await
}

async fn answer(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.into_string().await.unwrap(),
    }
}
