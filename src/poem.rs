//! Sessions for poem 3: middleware and extractors.
//!
//! [`codec.layer()`](crate::Codec::layer) and [`codec.required()`](crate::Codec::required) are
//! [`Middleware`], for a route or what has routes in it. Handlers take a [`Session`], an [`Active`], an
//! `Option` of that, or a [`Fresh`].
//!
//! ```no_run
//! use haversack::{Active, Codec, KeySource, Session};
//! use poem::{EndpointExt, Route, Server, get, handler, listener::TcpListener, post, web::Redirect};
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
//! async fn sign_out(session: Session<Login>) -> Redirect {
//!     session.end();
//!     Redirect::see_other("/")
//! }
//!
//! #[handler]
//! async fn me(login: Active<Login>) -> String { // 401 without a live session
//!     format!("user {}", login.user)
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let keys = KeySource::variable("SESSION_KEYS").read()?;
//!     let login = Codec::<Login>::sealed("login", keys).build()?;
//!     let app = Route::new()
//!         .at("/login", post(sign_in))
//!         .at("/logout", post(sign_out))
//!         .at("/me", get(me))
//!         .with(login.layer());
//!     Ok(Server::new(TcpListener::bind("127.0.0.1:3000")).run(app).await?)
//! }
//! ```
//!
//! # Where the middleware goes
//!
//! Of two `with`s the later one is outside. The guard is inside of the layer, around one route or a nest
//! of them:
//!
//! ```
//! use haversack::{Codec, Key, KeyRing};
//! use poem::{EndpointExt, Request, Route, get, handler};
//! # use poem::Endpoint;
//!
//! #[handler]
//! async fn email() -> &'static str {
//!     "your address"
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
//! let account = Route::new().at("/email", get(email)).with(login.required().or_redirect("/login"));
//! let app = Route::new().nest("/account", account).with(login.layer());
//! let request = Request::builder().uri_str("/account/email").header("accept", "text/html");
//! let response = app.get_response(request.finish()).await;
//! assert_eq!(response.status(), 303);
//! # Ok(())
//! # }
//! ```
//!
//! Middleware of your own asks [`Session::of(&request)`](Session::of).
//!
//! # Errors
//!
//! If a handler looked at the session and fails, the layer makes the response of the error, so that the
//! session is in it. What catches errors, such as `catch_error`, belongs inside of the layer. An error
//! of a handler that takes no session is handed on as it is.
//!
//! An `Option` of an extractor is `None` for every error in poem, a missing layer included. The feature
//! `tracing` tells of that one.
//!
//! # Tests of handlers
//!
//! ```
//! use haversack::{Active, Codec, Key, KeyRing};
//! use poem::{Endpoint, EndpointExt, Request, Route, get, handler};
//!
//! #[handler]
//! async fn me(user: Active<u64>) -> String {
//!     format!("user {}", *user)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
//! let app = Route::new().at("/me", get(me)).with(login.layer());
//!
//! let (name, value) = login.request_header_for(&7)?;
//! let signed_in = Request::builder().uri_str("/me").header(name, value).finish();
//! let response = app.get_response(signed_in).await;
//! assert_eq!(response.into_body().into_string().await?, "user 7");
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
    http::{
        path_and_query,
        slot::{Slot, find, sealed::Holder},
        status,
    },
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
        let passed = self.guard.check(request.session().ok(), &request);
        if let Err(ExtractError::MissingLayer(missing)) = &passed {
            missing.tell();
        }
        passed?;
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
        find(self.extensions(), self.headers(), ".with(codec.layer())")
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
        path_and_query(match self.original_uri() {
            none if *none == Uri::default() => self.uri(),
            whole => whole,
        })
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
        status(&self.clone().into())
    }

    fn as_response(&self) -> Response {
        ExtractError::from(self.clone()).as_response()
    }
}

impl ResponseError for MissingLayer {
    fn status(&self) -> StatusCode {
        status(&self.clone().into())
    }

    fn as_response(&self) -> Response {
        ExtractError::from(self.clone()).as_response()
    }
}

impl ResponseError for ExtractError {
    fn status(&self) -> StatusCode {
        status(self)
    }

    fn as_response(&self) -> Response {
        let mut response = Response::from((status(self), self.text().into_owned()));
        self.write(response.headers_mut());
        response
    }
}
