//! Sessions for poem 3: [`Codec::layer`](crate::Codec::layer) is a [`Middleware`], and handlers take
//! [`Session`], [`Active`], `Option<Active<T>>` and [`Fresh`].
//!
//! An error that a handler returns becomes its response in the layer if the session was looked at, as
//! the session is written to it. `catch_error` belongs inside of the layer, which is before it.
//!
//! `Option<Active<T>>` is poem's own, which is `None` also where the layer is missing. With the feature
//! `tracing` that is an event.
//!
//! # Examples
//!
//! ```
//! use haversack::{Active, Codec, Key, KeyRing, Session};
//! use poem::{Endpoint, EndpointExt, Route, get, handler, post, web::Redirect};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Login { user: u64 }
//!
//! #[handler]
//! async fn sign_in(session: Session<Login>) -> Redirect {
//!     session.start(Login { user: 7 }); // after checking a password
//!     Redirect::see_other("/me")
//! }
//!
//! #[handler]
//! async fn me(login: Active<Login>) -> String { // 401 without a live session
//!     format!("user {}", login.user)
//! }
//!
//! #[handler]
//! async fn home(login: Option<Active<Login>>) -> &'static str {
//!     if login.is_some() { "welcome back" } else { "hello" }
//! }
//!
//! #[handler]
//! async fn orders() -> &'static str {
//!     "your orders"
//! }
//!
//! fn app(login: &Codec<Login>) -> impl Endpoint + use<> {
//!     Route::new()
//!         .at("/", get(home))
//!         .at("/login", post(sign_in))
//!         .at("/me", get(me))
//!         .at("/orders", get(orders).with(login.required().or_redirect("/login")))
//!         .with(login.layer()) // after the routes that it is for
//! }
//!
//! # use poem::{Request, http::{Method, StatusCode, header}};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let login = Codec::<Login>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
//! let app = app(&login); // Server::new(TcpListener::bind("127.0.0.1:3000")).run(app).await
//! # let response = app.get_response(Request::builder().method(Method::POST).uri_str("/login").finish()).await;
//! # let cookie = response.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
//! # let get = |path: &str| Request::builder().uri_str(path);
//! # let response = app.get_response(get("/me").header(header::COOKIE, cookie).finish()).await;
//! # assert_eq!(response.into_body().into_string().await?, "user 7");
//! # assert_eq!(app.get_response(get("/me").finish()).await.status(), StatusCode::UNAUTHORIZED);
//! # let response = app.get_response(get("/").finish()).await;
//! # assert_eq!(response.into_body().into_string().await?, "hello");
//! # let wanted = get("/orders").header("sec-fetch-mode", "navigate").finish();
//! # assert_eq!(app.get_response(wanted).await.header("location"), Some("/login?next=/orders"));
//! # Ok(())
//! # }
//! ```

use ::http::{StatusCode, Uri};
use ::poem::{
    Endpoint, Error, FromRequest, IntoResponse, Middleware, Request, RequestBody, Response,
    error::ResponseError,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    adapter::{
        Denied, ExtractError, GuardedRequest, MissingLayer, RequestHead, active::Active, failure,
        fresh::Fresh, layer::SessionLayer, required::Required,
    },
    codec::Codec,
    http::slot::{Slot, find, sealed::Holder},
    session::Session,
};

impl<E: Endpoint, T> Middleware<E> for SessionLayer<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Output = SessionEndpoint<E, T>;

    fn transform(&self, inner: E) -> SessionEndpoint<E, T> {
        SessionEndpoint {
            inner,
            codec: self.codec.clone(),
        }
    }
}

/// The [`Endpoint`] of a [`SessionLayer`].
#[derive(Debug)]
pub struct SessionEndpoint<E, T> {
    inner: E,
    codec: Codec<T>,
}

impl<E: Endpoint, T> Endpoint for SessionEndpoint<E, T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response, Error> {
        let there = request.extensions().get::<Slot<T>>();
        let slot = match Slot::laid(&self.codec, request.headers(), there) {
            Ok(slot) => slot,
            Err(error) => {
                let mut response = Response::default();
                fail(&mut response, error);
                return Ok(response);
            }
        };
        request.extensions_mut().insert(slot.clone());
        let mut response = match self.inner.call(request).await {
            Ok(response) => response.into_response(),
            // Whoever catches errors further out gets it as it is.
            Err(error) if slot.opened().is_none() => return Err(error),
            Err(error) => error.into_response(),
        };
        if let Err(error) = slot.finish(response.headers_mut()) {
            fail(&mut response, error);
        }
        Ok(response)
    }
}

/// Makes a response an empty 500 that no cache keeps, with the reason among its extensions.
fn fail(response: &mut Response, reason: impl Clone + Send + Sync + 'static) {
    response.set_status(StatusCode::INTERNAL_SERVER_ERROR);
    response.set_body(());
    failure::fail(response.headers_mut());
    response.set_data(reason);
}

impl<E: Endpoint, T> Middleware<E> for Required<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    type Output = RequiredEndpoint<E, T>;

    fn transform(&self, inner: E) -> RequiredEndpoint<E, T> {
        RequiredEndpoint {
            inner,
            guard: self.clone(),
        }
    }
}

/// The [`Endpoint`] of a [`Required`].
#[derive(Debug)]
pub struct RequiredEndpoint<E, T> {
    inner: E,
    guard: Required<T>,
}

impl<E: Endpoint, T> Endpoint for RequiredEndpoint<E, T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response, Error> {
        self.guard.check(request.session().ok(), &request)?;
        self.inner
            .call(request)
            .await
            .map(IntoResponse::into_response)
    }
}

impl Holder for Request {
    fn session<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
    ) -> Result<Session<T>, MissingLayer> {
        find(self.extensions(), self.headers())
    }
}

impl RequestHead for Request {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        RequestHead::values(self.headers(), name)
    }
}

impl GuardedRequest for Request {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn path_and_query(&self) -> &str {
        // With what `Route::nest` takes away from it; requests that tests build have none.
        let uri = match self.original_uri() {
            none if *none == Uri::default() => self.uri(),
            whole => whole,
        };
        let path = uri.path_and_query();
        path.map_or("/", |path| path.as_str())
    }
}

impl<'a, T> FromRequest<'a> for Session<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self, Error> {
        // An `Option` or `Result` may drop it.
        let session = request.session().inspect_err(MissingLayer::tell)?;
        Ok(session)
    }
}

impl<'a, T> FromRequest<'a> for Active<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self, Error> {
        let session = Session::from_request(request, body).await?;
        Ok(session.active().map_err(ExtractError::from)?)
    }
}

impl<'a, T, const SECONDS: u64> FromRequest<'a> for Fresh<T, SECONDS>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> Result<Self, Error> {
        let session = Session::from_request(request, body).await?;
        Ok(session.fresh().map_err(ExtractError::from)?)
    }
}

impl ResponseError for Denied {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or_default()
    }

    fn as_response(&self) -> Response {
        let mut response = Response::from((ResponseError::status(self), self.body()));
        self.write(response.headers_mut());
        response
    }
}

impl ResponseError for MissingLayer {
    fn status(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }

    fn as_response(&self) -> Response {
        Response::from((self.status(), self.text()))
    }
}

impl ResponseError for ExtractError {
    fn status(&self) -> StatusCode {
        match self {
            ExtractError::Denied(denied) => ResponseError::status(denied),
            ExtractError::MissingLayer(missing) => missing.status(),
        }
    }

    fn as_response(&self) -> Response {
        match self {
            ExtractError::Denied(denied) => denied.as_response(),
            ExtractError::MissingLayer(missing) => missing.as_response(),
        }
    }
}
