//! The routes of the program on axum, which the recipes whose servers are axum's mount, too.

use std::{convert::Infallible, io};

use axum::{
    Form, Router,
    body::Body,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{ETAG, HOST, IF_NONE_MATCH},
    },
    response::{AppendHeaders, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use futures_util::StreamExt;
use haversack::{Active, Fresh, Session, Values, adapter::fail};

use crate::{
    Big, BigForm, Cart, Error, FRESH, InBearer, InHeader, ItemForm, Login, LoginForm, NoteForm,
    Sessions, TextForm, Unlayered, add, contents, count, greeting, leave, not_modified, taken,
};

/// All routes but [`accounts`], [`streams`] and [`errors`], with the layers of all sessions but the login, whose layer
/// goes where the framework has its place.
pub fn routes<S>(sessions: &Sessions) -> Router<S> {
    let login = &sessions.login;
    let guarded = get(async || "guarded").layer(login.required().or_redirect("/login"));
    let admin = get(async || "admin").layer(login.required().when(Login::is_admin));
    let password = get(async || "password").layer(login.required().fresh(FRESH));
    let email = get(async || "email").layer((
        login.required().or_redirect("/login"),
        login.required().fresh(FRESH).or_redirect("/confirm"),
    ));
    Router::new()
        .route("/", get(async || "home"))
        .route("/count", post(async |login: Active<Login>| count(&login)))
        .route("/flash", get(flashes).post(flash))
        .route("/big", get(big).post(start_big))
        .route("/cart", get(cart).post(add_to_cart))
        .route("/header/login", post(header_login))
        .route("/header/me", get(header_me))
        .route("/bearer/login", post(bearer_login))
        .route("/bearer/me", get(bearer_me))
        .route("/fresh", get(fresh))
        .route("/confirm", post(confirm))
        .route("/guarded", guarded)
        .route("/admin", admin)
        .route("/password", password)
        .route("/email", email)
        .route("/tenant", get(note).post(write_note))
        .route("/rotate", post(rotate))
        .route("/too-large", post(too_large))
        .route("/stream/next", post(next_line))
        .route("/etag", get(etag))
        .route("/unlayered", get(async |_: Session<Unlayered>| ()))
        .route("/panic", get(panics))
        .layer(sessions.notes.layer())
        .layer(sessions.big.layer())
        .layer(sessions.cart.layer())
        .layer(sessions.in_header.layer())
        .layer(sessions.in_bearer.layer())
        .with_state(sessions.clone())
}

/// Signing in and out, and who is signed in.
pub fn accounts<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/login", post(sign_in))
        .route("/logout", post(sign_out))
        .route("/me", get(me))
        .route("/maybe", get(maybe))
}

/// The route with a body that is streamed.
pub fn streams<S>(sessions: &Sessions) -> Router<S> {
    let stream = Router::new().route("/stream", get(lines));
    stream.with_state(sessions.clone())
}

/// The routes whose handlers return the framework's own error.
pub fn errors() -> Router {
    Router::new()
        .route("/login-then-error", post(sign_in_and_fail))
        .route("/error", get(async || Teapot))
        .route("/error/read", get(async |_: Active<Login>| Teapot))
}

async fn sign_in(session: Session<Login>, Form(form): Form<LoginForm>) -> Redirect {
    form.sign_in(&session);
    Redirect::to("/me")
}

async fn sign_out(session: Session<Login>) -> Redirect {
    session.end();
    Redirect::to("/")
}

async fn me(login: Active<Login>) -> String {
    login.greeting()
}

async fn maybe(login: Option<Active<Login>>) -> String {
    login.map_or("nobody".into(), |login| login.greeting())
}

async fn flash(
    session: Session<Values>,
    Form(form): Form<TextForm>,
) -> Result<Redirect, StatusCode> {
    leave(&session, &form.text).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Redirect::to("/flash"))
}

async fn flashes(session: Session<Values>) -> String {
    taken(&session)
}

async fn start_big(session: Session<Big>, Form(form): Form<BigForm>) -> Redirect {
    session.start(form.big());
    Redirect::to("/big")
}

async fn big(big: Active<Big>) -> String {
    big.0.len().to_string()
}

async fn add_to_cart(cart: Session<Cart>, Form(form): Form<ItemForm>) -> Redirect {
    add(&cart, form.item);
    Redirect::to("/cart")
}

async fn cart(cart: Session<Cart>, login: Option<Active<Login>>) -> String {
    contents(&cart, login.as_ref())
}

async fn header_login(session: Session<InHeader>, Form(form): Form<LoginForm>) -> &'static str {
    session.start(InHeader(form.login()));
    "signed in"
}

async fn header_me(login: Active<InHeader>) -> String {
    login.0.greeting()
}

async fn bearer_login(session: Session<InBearer>, Form(form): Form<LoginForm>) -> &'static str {
    session.start(InBearer(form.user));
    "signed in"
}

async fn bearer_me(login: Active<InBearer>) -> String {
    greeting(login.0)
}

async fn fresh(login: Fresh<Login, FRESH>) -> String {
    login.greeting()
}

async fn confirm(login: Active<Login>) -> &'static str {
    login.session().confirm();
    "confirmed"
}

async fn write_note(
    State(sessions): State<Sessions>,
    headers: HeaderMap,
    Form(form): Form<NoteForm>,
) -> Result<Response, Failed> {
    let session = sessions.tenant_of(host(&headers)).load(&headers);
    session.start(form.note());
    let mut response = Redirect::to("/tenant").into_response();
    session.save(response.headers_mut())?;
    Ok(response)
}

async fn note(State(sessions): State<Sessions>, headers: HeaderMap) -> Result<Response, Failed> {
    let session = sessions.tenant_of(host(&headers)).load(&headers);
    let note = session.get().map_or(String::new(), |note| note.0.clone());
    let mut response = note.into_response();
    session.save(response.headers_mut())?;
    Ok(response)
}

fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default()
}

async fn rotate(State(sessions): State<Sessions>) -> Result<&'static str, Failed> {
    sessions.rotate()?;
    Ok("rotated")
}

async fn too_large(session: Session<Login>) -> impl IntoResponse {
    session.start(Login::too_large());
    ([(ETAG, "\"large\"")], "signed in")
}

async fn lines(State(sessions): State<Sessions>, _: Active<Login>) -> Body {
    Body::from_stream(sessions.lines().map(Ok::<_, Infallible>))
}

async fn next_line(State(sessions): State<Sessions>) -> &'static str {
    sessions.ask_for_line()
}

async fn etag(login: Active<Login>, headers: HeaderMap) -> Response {
    let etag = login.etag();
    let known = headers.get(IF_NONE_MATCH).map(|value| value.as_bytes());
    let known = not_modified(known, &etag);
    let etag = AppendHeaders([(ETAG, etag)]);
    match known {
        true => (StatusCode::NOT_MODIFIED, etag).into_response(),
        false => (etag, login.greeting()).into_response(),
    }
}

async fn sign_in_and_fail(
    session: Session<Login>,
    Form(form): Form<LoginForm>,
) -> Result<Redirect, Failed> {
    form.sign_in(&session);
    Err(io::Error::other("the records are out of reach").into())
}

async fn panics(session: Session<Login>) {
    panic!("a handler panics, on purpose: {:?}", session.id());
}

/// What went wrong, which is no concern of the client's.
struct Failed;

impl<E: Into<Error>> From<E> for Failed {
    fn from(_: E) -> Failed {
        Failed
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        fail(response.headers_mut());
        response
    }
}

/// An error that is no 500.
pub struct Teapot;

impl IntoResponse for Teapot {
    fn into_response(self) -> Response {
        (StatusCode::IM_A_TEAPOT, "a teapot").into_response()
    }
}
