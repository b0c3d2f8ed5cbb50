//! Rocket.

use std::{io, net::Ipv4Addr};

use frameworks::{
    Big, BigForm, Cart, Error, FRESH, InBearer, InHeader, ItemForm, Login, LoginForm, Note,
    NoteForm, Sessions, TextForm, Unlayered, add, announce, contents, count, form, greeting, leave,
    not_modified, port, taken,
};
use futures_util::Stream;
use haversack::{Active, Fresh, Session, Values, adapter::Denied};
use rocket::{
    Build, Config, Data, Request, Responder, Rocket, State,
    config::LogLevel,
    data::{self, FromData, ToByteUnit},
    fairing::AdHoc,
    get,
    http::{Header, Status},
    outcome::Outcome,
    post,
    request::{self, FromRequest},
    response::{Redirect, stream::TextStream},
    routes,
};
use rocket::{catch, catchers};
use serde::de::DeserializeOwned;

#[rocket::main]
async fn main() -> Result<(), Error> {
    let config = Config {
        address: Ipv4Addr::LOCALHOST.into(),
        port: port(),
        log_level: LogLevel::Critical,
        ..Config::release_default()
    };
    let listening = AdHoc::on_liftoff("listening", |rocket| {
        let config = rocket.config();
        announce((config.address, config.port).into());
        Box::pin(async {})
    });
    let app = app(Sessions::from_env()?, config).attach(listening);
    app.launch().await?;
    Ok(())
}

fn app(sessions: Sessions, config: Config) -> Rocket<Build> {
    let login = &sessions.login;
    let guarded = login.required().or_redirect("/login");
    let admin = login.required().when(Login::is_admin);
    let password = login.required().fresh(FRESH);
    let email = login.required().fresh(FRESH).or_redirect("/confirm");
    let of_all = routes![
        home,
        sign_in,
        me,
        maybe,
        add_one,
        sign_out,
        flash,
        flashes,
        start_big,
        big,
        add_to_cart,
        cart,
        header_login,
        header_me,
        bearer_login,
        bearer_me,
        fresh,
        confirm,
        write_note,
        note,
        rotate,
        too_large,
        lines,
        next_line,
        etag,
        sign_in_and_fail,
        error,
        error_after_reading,
        unlayered,
        panics,
    ];
    rocket::custom(config)
        .mount("/", of_all)
        .mount("/", guarded.around(routes![guarded_page]))
        .mount("/", admin.around(routes![admin_page]))
        .mount("/", password.around(routes![password_page]))
        .mount("/", guarded.around(email.around(routes![email_page])))
        .register("/", catchers![denied_401, denied_403])
        .attach(login.layer())
        .attach(sessions.notes.layer())
        .attach(sessions.big.layer())
        .attach(sessions.cart.layer())
        .attach(sessions.in_header.layer())
        .attach(sessions.in_bearer.layer())
        .attach(sessions.tenant.layer())
        .attach(tenants(sessions.clone()))
        .manage(sessions)
}

/// Leaves the codec of a request's tenant where the layer looks for it.
fn tenants(sessions: Sessions) -> AdHoc {
    AdHoc::on_request("tenants", move |request, _| {
        let host = request.host().map_or("", |host| host.domain().as_str());
        request.local_cache(|| sessions.tenant_of(host));
        Box::pin(async {})
    })
}

#[get("/")]
fn home() -> &'static str {
    "home"
}

#[post("/login", data = "<form>")]
fn sign_in(session: Session<Login>, form: Form<LoginForm>) -> Redirect {
    form.0.sign_in(&session);
    Redirect::to("/me")
}

#[post("/logout")]
fn sign_out(session: Session<Login>) -> Redirect {
    session.end();
    Redirect::to("/")
}

#[get("/me")]
fn me(login: Active<Login>) -> String {
    login.greeting()
}

#[get("/maybe")]
fn maybe(login: Option<Active<Login>>) -> String {
    login.map_or("nobody".into(), |login| login.greeting())
}

#[post("/count")]
fn add_one(login: Active<Login>) -> String {
    count(&login)
}

#[post("/flash", data = "<form>")]
fn flash(session: Session<Values>, form: Form<TextForm>) -> Result<Redirect, Status> {
    leave(&session, &form.0.text).map_err(|_| Status::InternalServerError)?;
    Ok(Redirect::to("/flash"))
}

#[get("/flash")]
fn flashes(session: Session<Values>) -> String {
    taken(&session)
}

#[post("/big", data = "<form>")]
fn start_big(session: Session<Big>, form: Form<BigForm>) -> Redirect {
    session.start(form.0.big());
    Redirect::to("/big")
}

#[get("/big")]
fn big(big: Active<Big>) -> String {
    big.0.len().to_string()
}

#[post("/cart", data = "<form>")]
fn add_to_cart(cart: Session<Cart>, form: Form<ItemForm>) -> Redirect {
    add(&cart, form.0.item);
    Redirect::to("/cart")
}

#[get("/cart")]
fn cart(cart: Session<Cart>, login: Option<Active<Login>>) -> String {
    contents(&cart, login.as_ref())
}

#[post("/header/login", data = "<form>")]
fn header_login(session: Session<InHeader>, form: Form<LoginForm>) -> &'static str {
    session.start(InHeader(form.0.login()));
    "signed in"
}

#[get("/header/me")]
fn header_me(login: Active<InHeader>) -> String {
    login.0.greeting()
}

#[post("/bearer/login", data = "<form>")]
fn bearer_login(session: Session<InBearer>, form: Form<LoginForm>) -> &'static str {
    session.start(InBearer(form.0.user));
    "signed in"
}

#[get("/bearer/me")]
fn bearer_me(login: Active<InBearer>) -> String {
    greeting(login.0)
}

#[get("/fresh")]
fn fresh(login: Fresh<Login, { FRESH }>) -> String {
    login.greeting()
}

#[post("/confirm")]
fn confirm(login: Active<Login>) -> &'static str {
    login.session().confirm();
    "confirmed"
}

#[get("/guarded")]
fn guarded_page() -> &'static str {
    "guarded"
}

#[get("/admin")]
fn admin_page() -> &'static str {
    "admin"
}

#[get("/password")]
fn password_page() -> &'static str {
    "password"
}

#[get("/email")]
fn email_page() -> &'static str {
    "email"
}

#[post("/tenant", data = "<form>")]
fn write_note(session: Session<Note>, form: Form<NoteForm>) -> Redirect {
    session.start(form.0.note());
    Redirect::to("/tenant")
}

#[get("/tenant")]
fn note(session: Session<Note>) -> String {
    session.get().map_or(String::new(), |note| note.0.clone())
}

#[post("/rotate")]
fn rotate(sessions: &State<Sessions>) -> Result<&'static str, Status> {
    sessions.rotate().map_err(|_| Status::InternalServerError)?;
    Ok("rotated")
}

#[post("/too-large")]
fn too_large(session: Session<Login>) -> Tagged {
    session.start(Login::too_large());
    Tagged::new(Status::Ok, "signed in", "\"large\"")
}

#[get("/stream")]
fn lines(
    sessions: &State<Sessions>,
    _login: Active<Login>,
) -> TextStream<impl Stream<Item = &'static str> + use<>> {
    TextStream(sessions.lines())
}

#[post("/stream/next")]
fn next_line(sessions: &State<Sessions>) -> &'static str {
    sessions.ask_for_line()
}

#[get("/etag")]
fn etag(login: Active<Login>, known: IfNoneMatch<'_>) -> Tagged {
    let etag = login.etag();
    match not_modified(known.0.map(str::as_bytes), &etag) {
        true => Tagged::new(Status::NotModified, "", etag),
        false => Tagged::new(Status::Ok, login.greeting(), etag),
    }
}

#[post("/login-then-error", data = "<form>")]
fn sign_in_and_fail(session: Session<Login>, form: Form<LoginForm>) -> io::Result<Redirect> {
    form.0.sign_in(&session);
    Err(io::Error::other("the records are out of reach"))
}

#[get("/error")]
fn error() -> Status {
    Status::ImATeapot
}

#[get("/error/read")]
fn error_after_reading(_login: Active<Login>) -> Status {
    Status::ImATeapot
}

#[get("/unlayered")]
fn unlayered(_session: Unseen) {}

#[get("/panic")]
fn panics(session: Session<Login>) {
    panic!("a handler panics, on purpose: {:?}", session.id());
}

#[catch(401)]
async fn denied_401(request: &Request<'_>) -> Result<Denied, &'static str> {
    request.guard().await.succeeded().ok_or("unauthorized")
}

#[catch(403)]
async fn denied_403(request: &Request<'_>) -> Result<Denied, &'static str> {
    request.guard().await.succeeded().ok_or("forbidden")
}

/// A session that has no layer, hidden from Rocket: a route that takes it itself stops the launch.
struct Unseen;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Unseen {
    type Error = haversack::adapter::MissingLayer;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Unseen, Self::Error> {
        let session = request.guard::<Session<Unlayered>>().await;
        session.map(|_| Unseen)
    }
}

struct IfNoneMatch<'r>(Option<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IfNoneMatch<'r> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Self::Error> {
        Outcome::Success(IfNoneMatch(request.headers().get_one("If-None-Match")))
    }
}

/// A form of those that all programs share, which are serde's and not Rocket's.
struct Form<F>(F);

#[rocket::async_trait]
impl<'r, F: DeserializeOwned> FromData<'r> for Form<F> {
    type Error = ();

    async fn from_data(_: &'r Request<'_>, data: Data<'r>) -> data::Outcome<'r, Form<F>> {
        let body = data.open(64.kibibytes()).into_bytes().await;
        match body.ok().and_then(|body| form(&body)) {
            Some(form) => Outcome::Success(Form(form)),
            None => Outcome::Error((Status::UnprocessableEntity, ())),
        }
    }
}

#[derive(Responder)]
struct Tagged {
    body: (Status, String),
    etag: Header<'static>,
}

impl Tagged {
    fn new(status: Status, body: impl Into<String>, etag: impl Into<String>) -> Tagged {
        Tagged {
            body: (status, body.into()),
            etag: Header::new("ETag", etag.into()),
        }
    }
}
