//! Sessions for salvo 1: middleware and extractors.
//!
//! [`codec.layer()`](crate::Codec::layer) and [`codec.required()`](crate::Codec::required) are hoops: each
//! is a [`Handler`]. Handlers take a [`Session`], an [`Active`] or a [`Fresh`]. salvo itself needs Rust 1.95.
//!
//! ```
//! # use salvo_core as salvo;
//! use haversack::{Active, Codec, Key, KeyRing, Session};
//! use salvo::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Login { user: u64 }
//!
//! #[handler]
//! async fn sign_in(session: Session<Login>) -> Redirect {
//!     session.start(Login { user: 7 }); // after checking a password
//!     Redirect::other("/me")
//! }
//!
//! #[handler]
//! async fn me(login: Active<Login>) -> String { // 401 without a live session
//!     format!("user {}", login.user)
//! }
//!
//! #[handler]
//! async fn home(session: Session<Login>) -> &'static str {
//!     if session.active().is_ok() { "welcome back" } else { "hello" }
//! }
//!
//! #[handler]
//! async fn orders() -> &'static str {
//!     "your orders"
//! }
//!
//! fn router(login: &Codec<Login>) -> Router {
//!     let guarded = Router::new().hoop(login.required().or_redirect("/login"));
//!     Router::new()
//!         .hoop(login.layer()) // for all that is in this router
//!         .get(home)
//!         .push(Router::with_path("login").post(sign_in))
//!         .push(Router::with_path("me").get(me))
//!         .push(guarded.push(Router::with_path("orders").get(orders)))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let login = Codec::<Login>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
//! let router = router(&login); // Server::new(TcpListener::new("127.0.0.1:3000").bind().await).serve(router).await
//! # Ok(())
//! # }
//! ```
//!
//! # Where there is no extractor
//!
//! [`Session::of(depot)`](Session::of) is the same session, for middleware of your own, and for an
//! `#[endpoint]` of salvo-oapi.
//!
//! salvo extracts an `Option` of what serde reads only. A handler that answers also without a live
//! session takes a [`Session`], and asks it for [`active()`](Session::active).
//!
//! # Where the middleware goes
//!
//! A router's hoop is around the routes in it; a hoop of the `Service` also around pages that are not
//! found. A `Catcher` comes after both: it may read the session, but what it changes there is not
//! written. The 500 for a session that can't be saved has an empty body, and so none of a catcher's.
//!
//! # Tests of handlers
//!
//! With salvo's feature `test`, the request of somebody who is signed in is
//! `TestClient::get(url).add_header(name, value, true).send(&service)`, with the name and the value of
//! [`request_header_for`](crate::Codec::request_header_for). What a response says of the session is
//! [`read_response`](crate::Codec::read_response). `frameworks/tests/salvo.rs` in the repository has tests
//! without that feature.

use ::http::StatusCode;
use ::salvo_core::{
    Depot, Extractible, FlowCtrl, Handler, Request, Response, Scribe, async_trait,
    extract::Metadata, http::ResBody,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    adapter::{
        Denied, ExtractError, GuardedRequest, MissingLayer, RequestHead, active::Active, failure,
        fresh::Fresh, layer::SessionLayer, required::Required,
    },
    http::{
        path_and_query,
        slot::{Slot, sealed::Holder},
        status,
    },
    session::Session,
};

#[async_trait]
impl<T> Handler for SessionLayer<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        flow: &mut FlowCtrl,
    ) {
        let there = depot.get_typed::<Slot<T>>().ok().cloned();
        let slot = match Slot::laid(&self.codec, request.headers(), there.as_ref()) {
            Ok(slot) => slot,
            Err(error) => {
                fail(response, error);
                flow.skip_rest();
                return;
            }
        };
        depot.insert_typed(slot.clone());
        flow.call_next(request, depot, response).await;
        if let Err(error) = slot.finish(response.headers_mut()) {
            fail(response, error);
        }
        // What is between two layers has the session of the outer one again.
        if let Some(there) = there {
            depot.insert_typed(there);
        }
    }
}

/// Makes a response an empty 500 that no cache keeps, with the reason among its extensions.
fn fail(response: &mut Response, reason: impl Clone + Send + Sync + 'static) {
    response.status_code(StatusCode::INTERNAL_SERVER_ERROR);
    // Of a length of its own, or a catcher would write a page.
    response.body(ResBody::Once(Default::default()));
    failure::fail(response.headers_mut());
    response.extensions.insert(reason);
}

#[async_trait]
impl<T> Handler for Required<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        flow: &mut FlowCtrl,
    ) {
        match self.check(depot.session().ok(), request) {
            Ok(()) => {
                flow.call_next(request, depot, response).await;
            }
            Err(error) => {
                error.render(response);
                flow.skip_rest();
            }
        }
    }
}

impl Holder for Depot {
    fn session<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
    ) -> Result<Session<T>, MissingLayer> {
        match self.get_typed::<Slot<T>>() {
            Ok(slot) => Ok(slot.open()),
            Err(_) => Err(MissingLayer::of::<T>(".hoop(codec.layer())")),
        }
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
        path_and_query(self.uri())
    }
}

/// There is nothing to say of sessions in a description of an API.
static METADATA: Metadata = Metadata::new("");

impl<'ex, T> Extractible<'ex> for Session<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    #[expect(
        refining_impl_trait,
        reason = "what callers write by hand have the error"
    )]
    async fn extract(_: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, MissingLayer> {
        depot.session()
    }
}

impl<'ex, T> Extractible<'ex> for Active<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    #[expect(
        refining_impl_trait,
        reason = "what callers write by hand have the error"
    )]
    async fn extract(_: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, ExtractError> {
        Ok(depot.session()?.active()?)
    }
}

impl<'ex, T, const SECONDS: u64> Extractible<'ex> for Fresh<T, SECONDS>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    fn metadata() -> &'static Metadata {
        &METADATA
    }

    #[expect(
        refining_impl_trait,
        reason = "what callers write by hand have the error"
    )]
    async fn extract(_: &'ex mut Request, depot: &'ex mut Depot) -> Result<Self, ExtractError> {
        Ok(depot.session()?.fresh()?)
    }
}

impl Scribe for Denied {
    fn render(self, response: &mut Response) {
        ExtractError::from(self).render(response);
    }
}

impl Scribe for MissingLayer {
    fn render(self, response: &mut Response) {
        ExtractError::from(self).render(response);
    }
}

impl Scribe for ExtractError {
    fn render(self, response: &mut Response) {
        response.status_code(status(&self));
        response.body(self.body().into_owned());
        self.write(response.headers_mut());
    }
}
