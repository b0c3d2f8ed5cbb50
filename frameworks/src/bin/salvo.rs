//! salvo.

use std::convert::Infallible;

use frameworks::{
    Big, BigForm, Cart, Error, FRESH, InBearer, InHeader, ItemForm, Login, LoginForm, NoteForm,
    Sessions, TextForm, Unlayered, add, announce, contents, count, greeting, leave, listener,
    not_modified, taken,
};
use futures_util::StreamExt;
use haversack::{
    Active, Fresh, Session, Values,
    adapter::{ExtractError, MissingLayer, fail},
};
use salvo::{
    Depot, Handler, Request, Response, Router, Server, async_trait,
    conn::tcp::TcpAcceptor,
    extract::FormBody,
    handler,
    http::{
        HeaderMap, HeaderValue, ResBody, StatusCode, StatusError,
        header::{ETAG, HOST, IF_NONE_MATCH},
    },
    prelude::{Redirect, Scribe, Writer},
    routing::{Filter, filters},
};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let router = router(Sessions::from_env()?);
    let listener = TcpListener::from_std(listener()?)?;
    announce(listener.local_addr()?);
    let acceptor = TcpAcceptor::try_from(listener)?;
    Server::new(acceptor).serve(router).await;
    Ok(())
}

fn router(sessions: Sessions) -> Router {
    let login = &sessions.login;
    let on_guarded = login.required().or_redirect("/login");
    let on_admin = login.required().when(Login::is_admin);
    let on_password = login.required().fresh(FRESH);
    let on_email = login.required().fresh(FRESH).or_redirect("/confirm");
    let at = Router::with_path;
    Router::new()
        .hoop(login.layer())
        .hoop(sessions.notes.layer())
        .hoop(sessions.big.layer())
        .hoop(sessions.cart.layer())
        .hoop(sessions.in_header.layer())
        .hoop(sessions.in_bearer.layer())
        .push(read(home))
        .push(at("login").post(sign_in))
        .push(at("me").push(read(me)))
        .push(at("maybe").push(read(maybe)))
        .push(at("count").post(counts))
        .push(at("logout").post(sign_out))
        .push(at("flash").push(read(flashes)).post(flash))
        .push(at("big").push(read(length_of_big)).post(start_big))
        .push(at("cart").push(read(see_cart)).post(add_to_cart))
        .push(at("header/login").post(header_login))
        .push(at("header/me").push(read(header_me)))
        .push(at("bearer/login").post(bearer_login))
        .push(at("bearer/me").push(read(bearer_me)))
        .push(at("fresh").push(read(fresh)))
        .push(at("confirm").post(confirm))
        .push(at("guarded").hoop(on_guarded.clone()).push(read(guarded)))
        .push(at("admin").hoop(on_admin).push(read(admin)))
        .push(at("password").hoop(on_password).push(read(password)))
        .push(
            at("email")
                .hoop(on_guarded)
                .hoop(on_email)
                .push(read(email)),
        )
        .push(
            at("tenant")
                .push(read(ReadNote(sessions.clone())))
                .post(WriteNote(sessions.clone())),
        )
        .push(at("rotate").post(Rotate(sessions.clone())))
        .push(at("too-large").post(too_large))
        .push(at("stream").push(read(Lines(sessions.clone()))))
        .push(at("stream/next").post(NextLine(sessions)))
        .push(at("etag").push(read(tagged)))
        .push(at("login-then-error").post(sign_in_and_fail))
        .push(at("error").push(read(error)))
        .push(at("error/read").push(read(error_read)))
        .push(at("unlayered").push(read(unlayered)))
        .push(at("panic").push(read(panics)))
}

/// salvo has no answer to `HEAD` of its own.
fn read(goal: impl Handler) -> Router {
    Router::with_filter(filters::get().or(filters::head())).goal(goal)
}

#[handler]
async fn home() -> &'static str {
    "home"
}

#[handler]
async fn sign_in(session: Session<Login>, form: FormBody<LoginForm>) -> Redirect {
    form.sign_in(&session);
    Redirect::other("/me")
}

#[handler]
async fn sign_out(session: Session<Login>) -> Redirect {
    session.end();
    Redirect::other("/")
}

#[handler]
async fn me(login: Active<Login>) -> String {
    login.greeting()
}

#[handler]
async fn maybe(session: Session<Login>) -> String {
    let login = session.active().ok();
    login.map_or("nobody".into(), |login| login.greeting())
}

#[handler]
async fn counts(login: Active<Login>) -> String {
    count(&login)
}

#[handler]
async fn flash(session: Session<Values>, form: FormBody<TextForm>) -> Result<Redirect, Failed> {
    leave(&session, &form.text)?;
    Ok(Redirect::other("/flash"))
}

#[handler]
async fn flashes(session: Session<Values>) -> String {
    taken(&session)
}

#[handler]
async fn start_big(session: Session<Big>, form: FormBody<BigForm>) -> Redirect {
    session.start(form.big());
    Redirect::other("/big")
}

#[handler]
async fn length_of_big(big: Active<Big>) -> String {
    big.0.len().to_string()
}

#[handler]
async fn add_to_cart(cart: Session<Cart>, form: FormBody<ItemForm>) -> Redirect {
    add(&cart, form.into_inner().item);
    Redirect::other("/cart")
}

#[handler]
async fn see_cart(cart: Session<Cart>, login: Session<Login>) -> String {
    contents(&cart, login.active().ok().as_ref())
}

#[handler]
async fn header_login(session: Session<InHeader>, form: FormBody<LoginForm>) -> &'static str {
    session.start(InHeader(form.login()));
    "signed in"
}

#[handler]
async fn header_me(login: Active<InHeader>) -> String {
    login.0.greeting()
}

#[handler]
async fn bearer_login(session: Session<InBearer>, form: FormBody<LoginForm>) -> &'static str {
    session.start(InBearer(form.user));
    "signed in"
}

#[handler]
async fn bearer_me(login: Active<InBearer>) -> String {
    greeting(login.0)
}

#[handler]
async fn fresh(login: Fresh<Login, FRESH>) -> String {
    login.greeting()
}

#[handler]
async fn confirm(depot: &mut Depot) -> Result<&'static str, ExtractError> {
    let session = Session::<Login>::of(depot)
        .ok_or_else(|| MissingLayer::of::<Login>(".hoop(codec.layer())"))?;
    session.active()?.session().confirm();
    Ok("confirmed")
}

#[handler]
async fn guarded() -> &'static str {
    "guarded"
}

#[handler]
async fn admin() -> &'static str {
    "admin"
}

#[handler]
async fn password() -> &'static str {
    "password"
}

#[handler]
async fn email() -> &'static str {
    "email"
}

struct WriteNote(Sessions);

#[handler]
impl WriteNote {
    async fn handle(
        &self,
        request: &mut Request,
        response: &mut Response,
        form: FormBody<NoteForm>,
    ) -> Result<(), Failed> {
        let codec = self.0.tenant_of(host(request.headers()));
        let session = codec.load(request.headers());
        session.start(form.into_inner().note());
        response.render(Redirect::other("/tenant"));
        session.save(response.headers_mut())?;
        Ok(())
    }
}

struct ReadNote(Sessions);

#[handler]
impl ReadNote {
    async fn handle(&self, request: &mut Request, response: &mut Response) -> Result<(), Failed> {
        let codec = self.0.tenant_of(host(request.headers()));
        let session = codec.load(request.headers());
        response.render(session.get().map_or(String::new(), |note| note.0.clone()));
        session.save(response.headers_mut())?;
        Ok(())
    }
}

fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default()
}

struct Rotate(Sessions);

#[handler]
impl Rotate {
    async fn handle(&self) -> Result<&'static str, Failed> {
        self.0.rotate()?;
        Ok("rotated")
    }
}

#[handler]
async fn too_large(session: Session<Login>, response: &mut Response) -> &'static str {
    session.start(Login::too_large());
    let etag = HeaderValue::from_static("\"large\"");
    response.headers_mut().insert(ETAG, etag);
    "signed in"
}

struct Lines(Sessions);

#[handler]
impl Lines {
    async fn handle(&self, _login: Active<Login>, response: &mut Response) {
        response.stream(self.0.lines().map(Ok::<_, Infallible>));
    }
}

struct NextLine(Sessions);

#[handler]
impl NextLine {
    async fn handle(&self) -> &'static str {
        self.0.ask_for_line()
    }
}

#[handler]
async fn tagged(
    login: Active<Login>,
    request: &mut Request,
    response: &mut Response,
) -> Result<(), Failed> {
    let etag = login.etag();
    let known = request.headers().get(IF_NONE_MATCH);
    match not_modified(known.map(HeaderValue::as_bytes), &etag) {
        true => response.status_code(StatusCode::NOT_MODIFIED),
        false => response.body(login.greeting()),
    };
    response.headers_mut().insert(ETAG, etag.parse()?);
    Ok(())
}

#[handler]
async fn sign_in_and_fail(
    session: Session<Login>,
    form: FormBody<LoginForm>,
) -> Result<Redirect, StatusError> {
    form.sign_in(&session);
    Err(StatusError::internal_server_error())
}

#[handler]
async fn error() -> Result<&'static str, Teapot> {
    Err(Teapot)
}

#[handler]
async fn error_read(_login: Active<Login>) -> Result<&'static str, StatusError> {
    Err(StatusError::im_a_teapot())
}

#[handler]
async fn unlayered(_session: Session<Unlayered>) {}

#[handler]
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

#[async_trait]
impl Writer for Failed {
    async fn write(self, _: &mut Request, _: &mut Depot, response: &mut Response) {
        response.status_code(StatusCode::INTERNAL_SERVER_ERROR);
        response.body(ResBody::None);
        fail(response.headers_mut());
    }
}

/// An error with a page of its own: a `StatusError` gets one by the catcher, which none has for `HEAD`.
struct Teapot;

impl Scribe for Teapot {
    fn render(self, response: &mut Response) {
        response.status_code(StatusCode::IM_A_TEAPOT);
        response.render("a teapot");
    }
}
