//! poem.

use std::io;

use frameworks::{
    Big, BigForm, Cart, Error, FRESH, InBearer, InHeader, ItemForm, Login, LoginForm, NoteForm,
    Sessions, TextForm, Unlayered, add, announce, contents, count, greeting, leave, listener,
    not_modified, taken,
};
use futures_util::StreamExt;
use haversack::{Active, Fresh, SaveError, Session, Values, adapter::fail};
use poem::{
    Body, Endpoint, EndpointExt, IntoResponse, Response, Result, Route, Server,
    error::InternalServerError,
    get, handler,
    http::{
        HeaderMap, StatusCode,
        header::{ETAG, HOST, IF_NONE_MATCH},
    },
    listener::TcpAcceptor,
    post,
    web::{Data, Form, Redirect},
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let app = app(Sessions::from_env()?);
    let listener = listener()?;
    announce(listener.local_addr()?);
    let acceptor = TcpAcceptor::from_std(listener)?;
    Ok(Server::new_with_acceptor(acceptor).run(app).await?)
}

fn app(sessions: Sessions) -> impl Endpoint {
    let login = &sessions.login;
    let on_guarded = login.required().or_redirect("/login");
    let on_admin = login.required().when(Login::is_admin);
    let on_password = login.required().fresh(FRESH);
    let on_email = login.required().fresh(FRESH).or_redirect("/confirm");
    Route::new()
        .at("/", get(home))
        .at("/login", post(sign_in))
        .at("/me", get(me))
        .at("/maybe", get(maybe))
        .at("/count", post(counts))
        .at("/logout", post(sign_out))
        .at("/flash", get(flashes).post(flash))
        .at("/big", get(length_of_big).post(start_big))
        .at("/cart", get(see_cart).post(add_to_cart))
        .at("/header/login", post(header_login))
        .at("/header/me", get(header_me))
        .at("/bearer/login", post(bearer_login))
        .at("/bearer/me", get(bearer_me))
        .at("/fresh", get(fresh))
        .at("/confirm", post(confirm))
        .at("/guarded", get(guarded).with(on_guarded.clone()))
        .at("/admin", get(admin).with(on_admin))
        .at("/password", get(password).with(on_password))
        .at("/email", get(email).with(on_email).with(on_guarded))
        .at("/tenant", get(note).post(write_note))
        .at("/rotate", post(rotate))
        .at("/too-large", post(too_large))
        .at("/stream", get(lines))
        .at("/stream/next", post(next_line))
        .at("/etag", get(tagged))
        .at("/login-then-error", post(sign_in_and_fail))
        .at("/error", get(error))
        .at("/error/read", get(error_read))
        .at("/unlayered", get(unlayered))
        .at("/panic", get(panics))
        .with(login.layer())
        .with(sessions.notes.layer())
        .with(sessions.big.layer())
        .with(sessions.cart.layer())
        .with(sessions.in_header.layer())
        .with(sessions.in_bearer.layer())
        .data(sessions)
}

#[handler]
fn home() -> &'static str {
    "home"
}

#[handler]
fn sign_in(session: Session<Login>, Form(form): Form<LoginForm>) -> Redirect {
    form.sign_in(&session);
    Redirect::see_other("/me")
}

#[handler]
fn sign_out(session: Session<Login>) -> Redirect {
    session.end();
    Redirect::see_other("/")
}

#[handler]
fn me(login: Active<Login>) -> String {
    login.greeting()
}

#[handler]
fn maybe(login: Option<Active<Login>>) -> String {
    login.map_or("nobody".into(), |login| login.greeting())
}

#[handler]
fn counts(login: Active<Login>) -> String {
    count(&login)
}

#[handler]
fn flash(session: Session<Values>, Form(form): Form<TextForm>) -> Result<Redirect> {
    leave(&session, &form.text)?;
    Ok(Redirect::see_other("/flash"))
}

#[handler]
fn flashes(session: Session<Values>) -> String {
    taken(&session)
}

#[handler]
fn start_big(session: Session<Big>, Form(form): Form<BigForm>) -> Redirect {
    session.start(form.big());
    Redirect::see_other("/big")
}

#[handler]
fn length_of_big(big: Active<Big>) -> String {
    big.0.len().to_string()
}

#[handler]
fn add_to_cart(cart: Session<Cart>, Form(form): Form<ItemForm>) -> Redirect {
    add(&cart, form.item);
    Redirect::see_other("/cart")
}

#[handler]
fn see_cart(cart: Session<Cart>, login: Option<Active<Login>>) -> String {
    contents(&cart, login.as_ref())
}

#[handler]
fn header_login(session: Session<InHeader>, Form(form): Form<LoginForm>) -> &'static str {
    session.start(InHeader(form.login()));
    "signed in"
}

#[handler]
fn header_me(login: Active<InHeader>) -> String {
    login.0.greeting()
}

#[handler]
fn bearer_login(session: Session<InBearer>, Form(form): Form<LoginForm>) -> &'static str {
    session.start(InBearer(form.user));
    "signed in"
}

#[handler]
fn bearer_me(login: Active<InBearer>) -> String {
    greeting(login.0)
}

#[handler]
fn fresh(login: Fresh<Login, FRESH>) -> String {
    login.greeting()
}

#[handler]
fn confirm(login: Active<Login>) -> &'static str {
    login.session().confirm();
    "confirmed"
}

#[handler]
fn guarded() -> &'static str {
    "guarded"
}

#[handler]
fn admin() -> &'static str {
    "admin"
}

#[handler]
fn password() -> &'static str {
    "password"
}

#[handler]
fn email() -> &'static str {
    "email"
}

#[handler]
fn write_note(
    Data(sessions): Data<&Sessions>,
    headers: &HeaderMap,
    Form(form): Form<NoteForm>,
) -> Result<Response> {
    let session = sessions.tenant_of(host(headers)).load(headers);
    session.start(form.note());
    let mut response = Redirect::see_other("/tenant").into_response();
    session.save(response.headers_mut()).map_err(failed)?;
    Ok(response)
}

#[handler]
fn note(Data(sessions): Data<&Sessions>, headers: &HeaderMap) -> Result<Response> {
    let session = sessions.tenant_of(host(headers)).load(headers);
    let note = session.get().map_or(String::new(), |note| note.0.clone());
    let mut response = note.into_response();
    session.save(response.headers_mut()).map_err(failed)?;
    Ok(response)
}

/// An empty 500, as what went wrong is no concern of the client's.
fn failed(_: SaveError) -> poem::Error {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    fail(response.headers_mut());
    poem::Error::from_response(response)
}

fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default()
}

#[handler]
fn rotate(Data(sessions): Data<&Sessions>) -> Result<&'static str> {
    sessions.rotate()?;
    Ok("rotated")
}

#[handler]
fn too_large(session: Session<Login>) -> impl IntoResponse {
    session.start(Login::too_large());
    "signed in".with_header(ETAG, "\"large\"")
}

#[handler]
fn lines(Data(sessions): Data<&Sessions>, _: Active<Login>) -> Body {
    Body::from_bytes_stream(sessions.lines().map(Ok::<_, io::Error>))
}

#[handler]
fn next_line(Data(sessions): Data<&Sessions>) -> &'static str {
    sessions.ask_for_line()
}

#[handler]
fn tagged(login: Active<Login>, headers: &HeaderMap) -> Response {
    let etag = login.etag();
    let known = headers.get(IF_NONE_MATCH).map(|value| value.as_bytes());
    let response = match not_modified(known, &etag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => login.greeting().into_response(),
    };
    response.with_header(ETAG, etag).into_response()
}

#[handler]
fn sign_in_and_fail(session: Session<Login>, Form(form): Form<LoginForm>) -> Result<Redirect> {
    form.sign_in(&session);
    Err(InternalServerError(io::Error::other("out of reach")))
}

#[handler]
fn error() -> Result<&'static str> {
    Err(StatusCode::IM_A_TEAPOT.into())
}

#[handler]
fn error_read(_: Active<Login>) -> Result<&'static str> {
    Err(StatusCode::IM_A_TEAPOT.into())
}

#[handler]
fn unlayered(_: Session<Unlayered>) {}

#[handler]
fn panics(session: Session<Login>) {
    panic!("a handler panics, on purpose: {:?}", session.id());
}
