//! hyper 1, with tower's layers around one function.

use std::convert::Infallible;

use frameworks::{
    Big, BigForm, Cart, Error, FRESH, InBearer, InHeader, ItemForm, Login, LoginForm, NoteForm,
    Sessions, TextForm, Unlayered, add, announce, contents, count, form, greeting, leave, listener,
    not_modified, taken,
};
use futures_util::StreamExt;
use haversack::{
    Active, Required, Session, Values,
    adapter::{ExtractError, MissingLayer, fail},
};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Bytes, Frame, Incoming},
    header::{CONTENT_TYPE, ETAG, HOST, HeaderValue, IF_NONE_MATCH, LOCATION},
    server::conn::http1,
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, service_fn};

type Body = BoxBody<Bytes, Infallible>;

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
        .service(service_fn(move |request| {
            let sessions = sessions.clone();
            async move {
                let response = respond(&sessions, request).await;
                Ok::<_, Infallible>(response.unwrap_or_else(|Failed(response)| response))
            }
        }));
    loop {
        let (connection, _) = listener.accept().await?;
        let app = TowerToHyperService::new(app.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(connection), app));
    }
}

async fn respond(
    sessions: &Sessions,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failed> {
    let path = request.uri().path().to_owned();
    // hyper leaves the body out for `HEAD`.
    let method = match request.method() {
        &Method::HEAD => "GET",
        method => method.as_str(),
    };
    let login = || session::<Login>(&request);
    match (method, &*path) {
        ("GET", "/") => Ok(text("home")),
        ("POST", "/login") => {
            let session = login()?;
            read::<LoginForm>(request).await?.sign_in(&session);
            Ok(see("/me"))
        }
        ("GET", "/me") => Ok(text(login()?.active()?.greeting())),
        ("GET", "/maybe") => {
            let login = login()?.active().ok();
            Ok(text(
                login.map_or("nobody".into(), |login| login.greeting()),
            ))
        }
        ("POST", "/count") => Ok(text(count(&login()?.active()?))),
        ("POST", "/logout") => {
            login()?.end();
            Ok(see("/"))
        }
        ("POST", "/flash") => {
            let session = session::<Values>(&request)?;
            leave(&session, &read::<TextForm>(request).await?.text)?;
            Ok(see("/flash"))
        }
        ("GET", "/flash") => Ok(text(taken(&session(&request)?))),
        ("POST", "/big") => {
            let session = session::<Big>(&request)?;
            session.start(read::<BigForm>(request).await?.big());
            Ok(see("/big"))
        }
        ("GET", "/big") => Ok(text(active::<Big>(&request)?.0.len().to_string())),
        ("POST", "/cart") => {
            let session = session::<Cart>(&request)?;
            add(&session, read::<ItemForm>(request).await?.item);
            Ok(see("/cart"))
        }
        ("GET", "/cart") => {
            let login = login()?.active().ok();
            Ok(text(contents(&session(&request)?, login.as_ref())))
        }
        ("POST", "/header/login") => {
            let session = session::<InHeader>(&request)?;
            session.start(InHeader(read::<LoginForm>(request).await?.login()));
            Ok(text("signed in"))
        }
        ("GET", "/header/me") => Ok(text(active::<InHeader>(&request)?.0.greeting())),
        ("POST", "/bearer/login") => {
            let session = session::<InBearer>(&request)?;
            session.start(InBearer(read::<LoginForm>(request).await?.user));
            Ok(text("signed in"))
        }
        ("GET", "/bearer/me") => Ok(text(greeting(active::<InBearer>(&request)?.0))),
        ("GET", "/fresh") => Ok(text(login()?.fresh::<FRESH>()?.greeting())),
        ("POST", "/confirm") => {
            login()?.active()?.session().confirm();
            Ok(text("confirmed"))
        }
        ("GET", "/guarded") => {
            let guard = sessions.login.required().or_redirect("/login");
            behind(&[guard], &request, text("guarded"))
        }
        ("GET", "/admin") => {
            let guard = sessions.login.required().when(Login::is_admin);
            behind(&[guard], &request, text("admin"))
        }
        ("GET", "/password") => {
            let guard = sessions.login.required().fresh(FRESH);
            behind(&[guard], &request, text("password"))
        }
        ("GET", "/email") => {
            let outer = sessions.login.required().or_redirect("/login");
            let inner = sessions.login.required().fresh(FRESH);
            let inner = inner.or_redirect("/confirm");
            behind(&[outer, inner], &request, text("email"))
        }
        ("POST", "/tenant") => {
            let codec = sessions.tenant_of(host(request.headers()));
            let session = codec.load(&request);
            session.start(read::<NoteForm>(request).await?.note());
            saved(&session, see("/tenant"))
        }
        ("GET", "/tenant") => {
            let codec = sessions.tenant_of(host(request.headers()));
            let session = codec.load(&request);
            let note = session.get().map_or(String::new(), |note| note.0.clone());
            saved(&session, text(note))
        }
        ("POST", "/rotate") => {
            sessions.rotate()?;
            Ok(text("rotated"))
        }
        ("POST", "/too-large") => {
            login()?.start(Login::too_large());
            Ok(with_etag(text("signed in"), "\"large\"".into())?)
        }
        ("GET", "/stream") => {
            login()?.active()?;
            let frames = sessions.lines().map(Bytes::from).map(Frame::data);
            let body = StreamBody::new(frames.map(Ok));
            Ok(Response::new(BodyExt::boxed(body)))
        }
        ("POST", "/stream/next") => Ok(text(sessions.ask_for_line())),
        ("GET", "/etag") => {
            let login = login()?.active()?;
            let known = request.headers().get(IF_NONE_MATCH);
            let response = match not_modified(known.map(HeaderValue::as_bytes), &login.etag()) {
                true => status(StatusCode::NOT_MODIFIED),
                false => text(login.greeting()),
            };
            Ok(with_etag(response, login.etag())?)
        }
        ("POST", "/login-then-error") => {
            let session = login()?;
            read::<LoginForm>(request).await?.sign_in(&session);
            Err(Error::from("the records are out of reach").into())
        }
        ("GET", "/error") => Err(Failed(status(StatusCode::IM_A_TEAPOT))),
        ("GET", "/error/read") => {
            login()?.active()?;
            Err(Failed(status(StatusCode::IM_A_TEAPOT)))
        }
        ("GET", "/unlayered") => {
            session::<Unlayered>(&request)?;
            Ok(text(""))
        }
        ("GET", "/panic") => panic!("a handler panics, on purpose: {:?}", login()?.id()),
        _ => Ok(status(StatusCode::NOT_FOUND)),
    }
}

/// The session of a request, by the layer of its type.
fn session<T>(request: &Request<Incoming>) -> Result<Session<T>, ExtractError>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let session = Session::of(request);
    Ok(session.ok_or_else(|| MissingLayer::of::<T>(".layer(codec.layer())"))?)
}

fn active<T>(request: &Request<Incoming>) -> Result<Active<T>, ExtractError>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    Ok(session(request)?.active()?)
}

/// What is behind guards, the outermost first.
fn behind<T>(
    guards: &[Required<T>],
    request: &Request<Incoming>,
    response: Response<Body>,
) -> Result<Response<Body>, Failed>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    for guard in guards {
        guard.check(Session::of(request), request)?;
    }
    Ok(response)
}

/// A response with a session that no layer saves.
fn saved<T>(session: &Session<T>, mut response: Response<Body>) -> Result<Response<Body>, Failed>
where
    T: serde::Serialize + DeserializeOwned,
{
    session.save(response.headers_mut()).map_err(Error::from)?;
    Ok(response)
}

async fn read<F: DeserializeOwned>(request: Request<Incoming>) -> Result<F, Failed> {
    let body = request.into_body().collect().await.map_err(Error::from)?;
    form(&body.to_bytes()).ok_or_else(|| Failed(status(StatusCode::UNPROCESSABLE_ENTITY)))
}

fn host(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default()
}

fn text(body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::from(body.into()).boxed());
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = status;
    response
}

fn see(location: &'static str) -> Response<Body> {
    let mut response = status(StatusCode::SEE_OTHER);
    let location = HeaderValue::from_static(location);
    response.headers_mut().insert(LOCATION, location);
    response
}

fn with_etag(mut response: Response<Body>, etag: String) -> Result<Response<Body>, Error> {
    response.headers_mut().insert(ETAG, etag.try_into()?);
    Ok(response)
}

/// What is answered instead.
struct Failed(Response<Body>);

impl From<ExtractError> for Failed {
    fn from(error: ExtractError) -> Failed {
        let mut response = Response::new(Full::from(error.body().into_owned()).boxed());
        *response.status_mut() =
            StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        error.write(response.headers_mut());
        Failed(response)
    }
}

impl From<haversack::adapter::Denied> for Failed {
    fn from(denied: haversack::adapter::Denied) -> Failed {
        ExtractError::from(denied).into()
    }
}

impl From<Error> for Failed {
    fn from(_: Error) -> Failed {
        let mut response = status(StatusCode::INTERNAL_SERVER_ERROR);
        fail(response.headers_mut());
        Failed(response)
    }
}
