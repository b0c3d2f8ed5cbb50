//! actix-web.

use std::{convert::Infallible, fmt};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Responder, ResponseError, Route,
    error::{ErrorImATeapot, ErrorInternalServerError},
    guard,
    http::{
        StatusCode,
        header::{ETAG, HOST, IF_NONE_MATCH},
    },
    web::{Bytes, Data, Form, Redirect, ServiceConfig, post, resource, route},
};
use frameworks::{
    Big, BigForm, Cart, Error, FRESH, InBearer, InHeader, ItemForm, Login, LoginForm, NoteForm,
    Sessions, TextForm, Unlayered, add, announce, contents, count, greeting, leave, listener,
    not_modified, taken,
};
use futures_util::StreamExt;
use haversack::{Active, Fresh, Session, Values, adapter::fail};

#[actix_web::main]
async fn main() -> Result<(), Error> {
    let sessions = Sessions::from_env()?;
    let listener = listener()?;
    let address = listener.local_addr()?;
    let app = move || {
        App::new()
            .app_data(Data::new(sessions.clone()))
            .configure(|config| routes(config, &sessions))
            .wrap(sessions.login.layer())
            .wrap(sessions.notes.layer())
            .wrap(sessions.big.layer())
            .wrap(sessions.cart.layer())
            .wrap(sessions.in_header.layer())
            .wrap(sessions.in_bearer.layer())
    };
    let server = HttpServer::new(app).workers(2).listen(listener)?.run();
    announce(address);
    Ok(server.await?)
}

fn routes(config: &mut ServiceConfig, sessions: &Sessions) {
    let login = &sessions.login;
    let guarded = resource("/guarded")
        .route(get().to(async || "guarded"))
        .wrap(login.required().or_redirect("/login"));
    let admin = resource("/admin")
        .route(get().to(async || "admin"))
        .wrap(login.required().when(Login::is_admin));
    let password = resource("/password")
        .route(get().to(async || "password"))
        .wrap(login.required().fresh(FRESH));
    let email = resource("/email")
        .route(get().to(async || "email"))
        .wrap(login.required().fresh(FRESH).or_redirect("/confirm"))
        .wrap(login.required().or_redirect("/login"));
    config
        .route("/", get().to(async || "home"))
        .route("/login", post().to(sign_in))
        .route("/me", get().to(me))
        .route("/maybe", get().to(maybe))
        .route(
            "/count",
            post().to(async |login: Active<Login>| count(&login)),
        )
        .route("/logout", post().to(sign_out))
        .service(
            resource("/flash")
                .route(get().to(flashes))
                .route(post().to(flash)),
        )
        .service(
            resource("/big")
                .route(get().to(big))
                .route(post().to(start_big)),
        )
        .service(
            resource("/cart")
                .route(get().to(cart))
                .route(post().to(add_to_cart)),
        )
        .route("/header/login", post().to(header_login))
        .route("/header/me", get().to(header_me))
        .route("/bearer/login", post().to(bearer_login))
        .route("/bearer/me", get().to(bearer_me))
        .route("/fresh", get().to(fresh))
        .route("/confirm", post().to(confirm))
        .service(guarded)
        .service(admin)
        .service(password)
        .service(email)
        .service(
            resource("/tenant")
                .route(get().to(note))
                .route(post().to(write_note)),
        )
        .route("/rotate", post().to(rotate))
        .route("/too-large", post().to(too_large))
        .route("/stream", get().to(lines))
        .route("/stream/next", post().to(next_line))
        .route("/etag", get().to(etag))
        .route("/login-then-error", post().to(sign_in_and_fail))
        .route("/error", get().to(teapot))
        .route(
            "/error/read",
            get().to(async |_: Active<Login>| teapot().await),
        )
        .route("/unlayered", get().to(async |_: Session<Unlayered>| ""))
        .route("/panic", get().to(panics));
}

/// `web::get` answers no `HEAD`.
fn get() -> Route {
    route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn sign_in(session: Session<Login>, form: Form<LoginForm>) -> impl Responder {
    form.sign_in(&session);
    Redirect::to("/me").see_other()
}

async fn sign_out(session: Session<Login>) -> impl Responder {
    session.end();
    Redirect::to("/").see_other()
}

async fn me(login: Active<Login>) -> String {
    login.greeting()
}

async fn maybe(login: Option<Active<Login>>) -> String {
    login.map_or("nobody".into(), |login| login.greeting())
}

async fn flash(session: Session<Values>, form: Form<TextForm>) -> Result<impl Responder, Failed> {
    leave(&session, &form.text)?;
    Ok(Redirect::to("/flash").see_other())
}

async fn flashes(session: Session<Values>) -> String {
    taken(&session)
}

async fn start_big(session: Session<Big>, form: Form<BigForm>) -> impl Responder {
    session.start(form.big());
    Redirect::to("/big").see_other()
}

async fn big(big: Active<Big>) -> String {
    big.0.len().to_string()
}

async fn add_to_cart(cart: Session<Cart>, form: Form<ItemForm>) -> impl Responder {
    add(&cart, form.into_inner().item);
    Redirect::to("/cart").see_other()
}

async fn cart(cart: Session<Cart>, login: Option<Active<Login>>) -> String {
    contents(&cart, login.as_ref())
}

async fn header_login(session: Session<InHeader>, form: Form<LoginForm>) -> &'static str {
    session.start(InHeader(form.login()));
    "signed in"
}

async fn header_me(login: Active<InHeader>) -> String {
    login.0.greeting()
}

async fn bearer_login(session: Session<InBearer>, form: Form<LoginForm>) -> &'static str {
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
    sessions: Data<Sessions>,
    request: HttpRequest,
    form: Form<NoteForm>,
) -> Result<HttpResponse, Failed> {
    let session = sessions.tenant_of(host(&request)).load(&request);
    session.start(form.into_inner().note());
    let mut response = HttpResponse::SeeOther()
        .insert_header(("Location", "/tenant"))
        .finish();
    session.save(response.headers_mut())?;
    Ok(response)
}

async fn note(sessions: Data<Sessions>, request: HttpRequest) -> Result<HttpResponse, Failed> {
    let session = sessions.tenant_of(host(&request)).load(&request);
    let note = session.get().map_or(String::new(), |note| note.0.clone());
    let mut response = HttpResponse::Ok().body(note);
    session.save(response.headers_mut())?;
    Ok(response)
}

fn host(request: &HttpRequest) -> &str {
    let host = request.headers().get(HOST);
    host.and_then(|host| host.to_str().ok()).unwrap_or_default()
}

async fn rotate(sessions: Data<Sessions>) -> Result<&'static str, Failed> {
    sessions.rotate()?;
    Ok("rotated")
}

async fn too_large(session: Session<Login>) -> HttpResponse {
    session.start(Login::too_large());
    HttpResponse::Ok()
        .insert_header((ETAG, "\"large\""))
        .body("signed in")
}

async fn lines(sessions: Data<Sessions>, _: Active<Login>) -> HttpResponse {
    let lines = sessions.lines().map(str::as_bytes).map(Bytes::from_static);
    HttpResponse::Ok().streaming(lines.map(Ok::<_, Infallible>))
}

async fn next_line(sessions: Data<Sessions>) -> &'static str {
    sessions.ask_for_line()
}

async fn etag(login: Active<Login>, request: HttpRequest) -> HttpResponse {
    let etag = login.etag();
    let known = request.headers().get(IF_NONE_MATCH);
    let known = known.map(|value| value.as_bytes());
    match not_modified(known, &etag) {
        true => HttpResponse::NotModified()
            .insert_header((ETAG, etag))
            .finish(),
        false => HttpResponse::Ok()
            .insert_header((ETAG, etag))
            .body(login.greeting()),
    }
}

async fn sign_in_and_fail(
    session: Session<Login>,
    form: Form<LoginForm>,
) -> actix_web::Result<&'static str> {
    form.sign_in(&session);
    Err(ErrorInternalServerError("the records are out of reach"))
}

async fn teapot() -> actix_web::Result<&'static str> {
    Err(ErrorImATeapot("a teapot"))
}

async fn panics(session: Session<Login>) -> &'static str {
    panic!("a handler panics, on purpose: {:?}", session.id());
}

/// What went wrong, which is no concern of the client's.
#[derive(Debug)]
struct Failed;

impl<E: Into<Error>> From<E> for Failed {
    fn from(_: E) -> Failed {
        Failed
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something went wrong")
    }
}

impl ResponseError for Failed {
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR);
        fail(response.headers_mut());
        response
    }
}
