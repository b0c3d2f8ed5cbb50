//! warp, with tower's layers around its filters.

use std::{convert::Infallible, sync::Arc};

use frameworks::{
    Big, BigForm, Cart, Error, FRESH, InBearer, InHeader, ItemForm, Login, LoginForm, NoteForm,
    Sessions, TextForm, Unlayered, add, announce, contents, count, greeting, leave, listener,
    not_modified, taken,
};
use futures_util::StreamExt;
use haversack::{
    Required, SaveError, Session, Values,
    adapter::{Denied, ExtractError, MissingLayer, fail},
};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use warp::{
    Filter, Rejection, Reply,
    body::form,
    ext,
    http::{
        HeaderMap, Request, StatusCode, Uri,
        header::{ETAG, HOST, HeaderValue, IF_NONE_MATCH},
    },
    path, post,
    redirect::see_other,
    reply::{self, Response},
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let sessions = Sessions::from_env()?;
    let listener = TcpListener::from_std(listener()?)?;
    announce(listener.local_addr()?);
    let app = ServiceBuilder::new()
        .layer(sessions.login.layer())
        .layer(sessions.notes.layer())
        .layer(sessions.big.layer())
        .layer(sessions.cart.layer())
        .layer(sessions.in_header.layer())
        .layer(sessions.in_bearer.layer())
        .map_request(with_head)
        .service(warp::service(routes(sessions)));
    loop {
        let (connection, _) = listener.accept().await?;
        let app = TowerToHyperService::new(app.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(connection), app));
    }
}

/// The head of a request with what the layers left in it, for filters, which don't get the request.
#[derive(Clone)]
struct Head(Arc<Request<()>>);

fn with_head<B>(request: Request<B>) -> Request<B> {
    let (mut parts, body) = request.into_parts();
    let head = Request::from_parts(parts.clone(), ());
    parts.extensions.insert(Head(Arc::new(head)));
    Request::from_parts(parts, body)
}

/// The session that the layer of its type has for the request.
type Found<T> = Result<Session<T>, MissingLayer>;

fn session<T>() -> impl Filter<Extract = (Found<T>,), Error = Rejection> + Copy
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    ext::get().map(|Head(head)| {
        Session::of(&*head).ok_or_else(|| MissingLayer::of::<T>(".layer(codec.layer())"))
    })
}

/// What is behind guards, the outermost first.
fn behind<T, const N: usize>(guards: [Required<T>; N], word: &'static str) -> Route
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let answer = move |Head(head): Head| {
        for guard in &guards {
            guard.check(Session::of(&*head), &*head)?;
        }
        Ok(word.into_response())
    };
    get().and(ext::get()).map(answer).boxed()
}

fn get() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::get().or(warp::head()).unify()
}

type Route = warp::filters::BoxedFilter<(Answer,)>;
type Answer = Result<Response, Failed>;

fn routes(
    sessions: Sessions,
) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone + Send + Sync {
    let on_guarded = sessions.login.required().or_redirect("/login");
    let on_admin = sessions.login.required().when(Login::is_admin);
    let on_password = sessions.login.required().fresh(FRESH);
    let on_email = on_password.clone().or_redirect("/confirm");
    let sessions = warp::any().map(move || sessions.clone());
    let all: Vec<Route> = vec![
        path::end().and(get()).map(|| text("home")).boxed(),
        path!("login")
            .and(post())
            .and(session())
            .and(form())
            .map(sign_in)
            .boxed(),
        path!("me").and(get()).and(session()).map(me).boxed(),
        path!("maybe").and(get()).and(session()).map(maybe).boxed(),
        path!("count")
            .and(post())
            .and(session())
            .map(counts)
            .boxed(),
        path!("logout")
            .and(post())
            .and(session())
            .map(sign_out)
            .boxed(),
        path!("flash")
            .and(post())
            .and(session())
            .and(form())
            .map(flash)
            .boxed(),
        path!("flash")
            .and(get())
            .and(session())
            .map(flashes)
            .boxed(),
        path!("big")
            .and(post())
            .and(session())
            .and(form())
            .map(start_big)
            .boxed(),
        path!("big").and(get()).and(session()).map(big).boxed(),
        path!("cart")
            .and(post())
            .and(session())
            .and(form())
            .map(add_to_cart)
            .boxed(),
        path!("cart")
            .and(get())
            .and(session())
            .and(session())
            .map(cart)
            .boxed(),
        path!("header" / "login")
            .and(post())
            .and(session())
            .and(form())
            .map(header_login)
            .boxed(),
        path!("header" / "me")
            .and(get())
            .and(session())
            .map(header_me)
            .boxed(),
        path!("bearer" / "login")
            .and(post())
            .and(session())
            .and(form())
            .map(bearer_login)
            .boxed(),
        path!("bearer" / "me")
            .and(get())
            .and(session())
            .map(bearer_me)
            .boxed(),
        path!("fresh").and(get()).and(session()).map(fresh).boxed(),
        path!("confirm")
            .and(post())
            .and(session())
            .map(confirm)
            .boxed(),
        path!("guarded")
            .and(behind([on_guarded.clone()], "guarded"))
            .boxed(),
        path!("admin").and(behind([on_admin], "admin")).boxed(),
        path!("password")
            .and(behind([on_password], "password"))
            .boxed(),
        path!("email")
            .and(behind([on_guarded, on_email], "email"))
            .boxed(),
        path!("tenant")
            .and(post())
            .and(sessions.clone())
            .and(ext::get())
            .and(form())
            .map(write_note)
            .boxed(),
        path!("tenant")
            .and(get())
            .and(sessions.clone())
            .and(ext::get())
            .map(note)
            .boxed(),
        path!("rotate")
            .and(post())
            .and(sessions.clone())
            .map(rotate)
            .boxed(),
        path!("too-large")
            .and(post())
            .and(session())
            .map(too_large)
            .boxed(),
        path!("stream")
            .and(get())
            .and(sessions.clone())
            .and(session())
            .map(lines)
            .boxed(),
        path!("stream" / "next")
            .and(post())
            .and(sessions)
            .map(next_line)
            .boxed(),
        path!("etag")
            .and(get())
            .and(session())
            .and(ext::get())
            .map(etag)
            .boxed(),
        path!("login-then-error")
            .and(post())
            .and(session())
            .and(form())
            .and_then(sign_in_and_fail)
            .boxed(),
        path!("error").and(get()).and_then(error).boxed(),
        path!("error" / "read")
            .and(get())
            .and(session())
            .and_then(error_read)
            .boxed(),
        path!("unlayered")
            .and(get())
            .and(session())
            .map(unlayered)
            .boxed(),
        path!("panic").and(get()).and(session()).map(panics).boxed(),
    ];
    let none = warp::any()
        .and_then(async || Err(warp::reject::not_found()))
        .boxed();
    let all = all
        .into_iter()
        .fold(none, |all, route| all.or(route).unify().boxed());
    all.recover(recover)
}

fn sign_in(session: Found<Login>, form: LoginForm) -> Answer {
    form.sign_in(&session?);
    see("/me")
}

fn sign_out(session: Found<Login>) -> Answer {
    session?.end();
    see("/")
}

fn me(session: Found<Login>) -> Answer {
    text(session?.active()?.greeting())
}

fn maybe(session: Found<Login>) -> Answer {
    let login = session?.active().ok();
    text(login.map_or("nobody".into(), |login| login.greeting()))
}

fn counts(session: Found<Login>) -> Answer {
    text(count(&session?.active()?))
}

fn flash(session: Found<Values>, form: TextForm) -> Answer {
    leave(&session?, &form.text)?;
    see("/flash")
}

fn flashes(session: Found<Values>) -> Answer {
    text(taken(&session?))
}

fn start_big(session: Found<Big>, form: BigForm) -> Answer {
    session?.start(form.big());
    see("/big")
}

fn big(session: Found<Big>) -> Answer {
    text(session?.active()?.0.len().to_string())
}

fn add_to_cart(cart: Found<Cart>, form: ItemForm) -> Answer {
    add(&cart?, form.item);
    see("/cart")
}

fn cart(cart: Found<Cart>, login: Found<Login>) -> Answer {
    text(contents(&cart?, login?.active().ok().as_ref()))
}

fn header_login(session: Found<InHeader>, form: LoginForm) -> Answer {
    session?.start(InHeader(form.login()));
    text("signed in")
}

fn header_me(session: Found<InHeader>) -> Answer {
    text(session?.active()?.0.greeting())
}

fn bearer_login(session: Found<InBearer>, form: LoginForm) -> Answer {
    session?.start(InBearer(form.user));
    text("signed in")
}

fn bearer_me(session: Found<InBearer>) -> Answer {
    text(greeting(session?.active()?.0))
}

fn fresh(session: Found<Login>) -> Answer {
    text(session?.fresh::<FRESH>()?.greeting())
}

fn confirm(session: Found<Login>) -> Answer {
    session?.active()?.session().confirm();
    text("confirmed")
}

fn write_note(sessions: Sessions, Head(head): Head, form: NoteForm) -> Answer {
    let session = sessions.tenant_of(host(head.headers())).load(&*head);
    session.start(form.note());
    let mut response = see("/tenant")?;
    session.save(response.headers_mut())?;
    Ok(response)
}

fn note(sessions: Sessions, Head(head): Head) -> Answer {
    let session = sessions.tenant_of(host(head.headers())).load(&*head);
    let mut response = text(session.get().map_or(String::new(), |note| note.0.clone()))?;
    session.save(response.headers_mut())?;
    Ok(response)
}

fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default()
}

fn rotate(sessions: Sessions) -> Answer {
    sessions.rotate()?;
    text("rotated")
}

fn too_large(session: Found<Login>) -> Answer {
    session?.start(Login::too_large());
    Ok(reply::with_header("signed in", ETAG, "\"large\"").into_response())
}

fn lines(sessions: Sessions, session: Found<Login>) -> Answer {
    session?.active()?;
    let lines = sessions.lines().map(Ok::<_, Infallible>);
    Ok(reply::stream(lines).into_response())
}

fn next_line(sessions: Sessions) -> Answer {
    text(sessions.ask_for_line())
}

fn etag(session: Found<Login>, Head(head): Head) -> Answer {
    let login = session?.active()?;
    let known = head.headers().get(IF_NONE_MATCH);
    let response = match not_modified(known.map(HeaderValue::as_bytes), &login.etag()) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => login.greeting().into_response(),
    };
    Ok(reply::with_header(response, ETAG, login.etag()).into_response())
}

async fn sign_in_and_fail(session: Found<Login>, form: LoginForm) -> Result<Answer, Rejection> {
    match session {
        Ok(session) => form.sign_in(&session),
        Err(missing) => return Ok(Err(missing.into())),
    }
    Err(warp::reject::custom(OutOfReach))
}

async fn error() -> Result<Answer, Rejection> {
    Err(warp::reject::custom(Teapot))
}

async fn error_read(session: Found<Login>) -> Result<Answer, Rejection> {
    match session
        .map_err(ExtractError::from)
        .and_then(|session| Ok(session.active()?))
    {
        Ok(_) => Err(warp::reject::custom(Teapot)),
        Err(error) => Ok(Err(error.into())),
    }
}

fn unlayered(session: Found<Unlayered>) -> Answer {
    session?;
    text("")
}

fn panics(session: Found<Login>) -> Answer {
    panic!("a handler panics, on purpose: {:?}", session?.id());
}

#[derive(Debug)]
struct Teapot;

impl warp::reject::Reject for Teapot {}

#[derive(Debug)]
struct OutOfReach;

impl warp::reject::Reject for OutOfReach {}

/// What warp would name in its body.
async fn recover(rejection: Rejection) -> Result<StatusCode, Rejection> {
    if rejection.find::<Teapot>().is_some() {
        return Ok(StatusCode::IM_A_TEAPOT);
    }
    match rejection.find::<OutOfReach>() {
        Some(_) => Ok(StatusCode::INTERNAL_SERVER_ERROR),
        None => Err(rejection),
    }
}

fn text(body: impl Reply) -> Answer {
    Ok(body.into_response())
}

fn see(location: &'static str) -> Answer {
    Ok(see_other(Uri::from_static(location)).into_response())
}

/// What is answered instead.
struct Failed(Response);

impl Reply for Failed {
    fn into_response(self) -> Response {
        self.0
    }
}

impl From<ExtractError> for Failed {
    fn from(error: ExtractError) -> Failed {
        let mut response = error.body().into_response();
        *response.status_mut() =
            StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        error.write(response.headers_mut());
        Failed(response)
    }
}

impl From<Denied> for Failed {
    fn from(denied: Denied) -> Failed {
        ExtractError::from(denied).into()
    }
}

impl From<MissingLayer> for Failed {
    fn from(missing: MissingLayer) -> Failed {
        ExtractError::from(missing).into()
    }
}

impl From<SaveError> for Failed {
    fn from(error: SaveError) -> Failed {
        Error::from(error).into()
    }
}

impl From<Error> for Failed {
    fn from(_: Error) -> Failed {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        fail(response.headers_mut());
        Failed(response)
    }
}
