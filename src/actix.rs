//! Sessions for actix-web 4: middleware and extractors.
//!
//! [`codec.layer()`](crate::Codec::layer) and [`codec.required()`](crate::Codec::required) are
//! middleware, for an `App`, a scope or a resource. Handlers take a [`Session`](crate::Session), an
//! [`Active`](crate::Active), an `Option` of that, or a [`Fresh`](crate::Fresh).
//!
//! ```no_run
//! use actix_web::{App, HttpServer, Responder, web::{self, Redirect}};
//! use haversack::{Active, Codec, KeySource, Session};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Login { user: u64 }
//!
//! async fn sign_in(session: Session<Login>) -> impl Responder {
//!     session.start(Login { user: 7 }); // after checking a password
//!     Redirect::to("/me").see_other()
//! }
//!
//! async fn sign_out(session: Session<Login>) -> impl Responder {
//!     session.end();
//!     Redirect::to("/").see_other()
//! }
//!
//! async fn me(login: Active<Login>) -> String { // 401 without a live session
//!     format!("user {}", login.user)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # actix_web::rt::System::new().block_on(async {
//! let keys = KeySource::variable("SESSION_KEYS").read()?;
//! let login = Codec::<Login>::sealed("login", keys).build()?; // once, not in each worker
//! let app = move || {
//!     App::new()
//!         .route("/login", web::post().to(sign_in))
//!         .route("/logout", web::post().to(sign_out))
//!         .route("/me", web::get().to(me))
//!         .wrap(login.layer())
//! };
//! HttpServer::new(app).bind(("127.0.0.1", 3000))?.run().await?;
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # Where the middleware goes
//!
//! Of two `wrap`s the later one is outside, so the guard is wrapped first and the layer after it:
//!
//! ```
//! # use actix_web::{App, web};
//! # use haversack::{Codec, Key, KeyRing};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
//! let account = web::scope("/account")
//!     .route("/email", web::get().to(async || "your address"))
//!     .wrap(login.required().or_redirect("/login"));
//! let app = App::new().service(account).wrap(login.layer());
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! Middleware of your own takes the session as handlers do:
//! `request.extract::<Session<Login>>().await?` on the `ServiceRequest`.
//!
//! # Errors
//!
//! Where a handler or an extractor fails, actix-web has made a response of the error when it gets to the
//! layer, and the session is written to it. Where middleware inside of the layer fails, it has not: if the
//! session was looked at, the layer makes the response, with the session in it, and hands on an
//! [`InternalError`](actix_web::error::InternalError) that has it.
//!
//! An `Option` of an extractor is `None` for every error in actix-web, a missing layer included. The
//! feature `tracing` tells of that one.
//!
//! # Tests of handlers
//!
//! ```
//! use actix_web::{App, body::to_bytes, test, web};
//! use haversack::{Active, Codec, Key, KeyRing};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # actix_web::rt::System::new().block_on(async {
//! let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
//! let me = web::get().to(async |user: Active<u64>| format!("user {}", *user));
//! let app = test::init_service(App::new().route("/me", me).wrap(login.layer())).await;
//!
//! let signed_in = test::TestRequest::get().uri("/me").insert_header(login.request_header_for(&7)?);
//! let response = test::call_service(&app, signed_in.to_request()).await;
//! assert_eq!(test::read_body(response).await, "user 7");
//! # Ok(())
//! # })
//! # }
//! ```

mod extract;
mod head;
mod required;
mod response;
mod slot;

use std::{
    future::{Ready, ready},
    rc::Rc,
};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::EitherBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::StatusCode,
};
use serde::{Serialize, de::DeserializeOwned};

use self::slot::Slot;
pub use self::{required::RequiredService, response::ResponseFuture};
use crate::{
    adapter::{LazySession, failure, layer::SessionLayer},
    codec::Codec,
    error::ConfigError,
};

impl<S, T, B> Transform<S, ServiceRequest> for SessionLayer<T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    T: Serialize + DeserializeOwned + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionService<S, T>;
    type InitError = ();
    type Future = Ready<Result<SessionService<S, T>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        let codec = self.codec.clone();
        ready(Ok(SessionService { inner, codec }))
    }
}

/// The service of a [`SessionLayer`].
#[derive(Debug)]
pub struct SessionService<S, T> {
    inner: S,
    codec: Codec<T>,
}

impl<S, T, B> Service<ServiceRequest> for SessionService<S, T>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    T: Serialize + DeserializeOwned + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, Slot<T>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        match self.slot(&request) {
            Ok(slot) => ResponseFuture::served(self.inner.call(request), slot),
            Err(error) => {
                let mut response = HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR);
                failure::fail(response.headers_mut());
                response.extensions_mut().insert(error);
                ResponseFuture::refused(request.into_response(response))
            }
        }
    }
}

impl<S, T: 'static> SessionService<S, T> {
    /// The place of the session, which handlers find in the request.
    fn slot(&self, request: &ServiceRequest) -> Result<Slot<T>, ConfigError> {
        let slot = Slot(Rc::new(LazySession::new(&self.codec)));
        let mut extensions = request.extensions_mut();
        if let Some(there) = extensions.insert(slot.clone())
            && there.0.is_for(&self.codec)?
        {
            // The layer is there twice: with a session each, one would undo what the other did.
            extensions.insert(there.clone());
            return Ok(there);
        }
        Ok(slot)
    }
}
