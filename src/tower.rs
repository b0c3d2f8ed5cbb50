//! Middleware for every server built on `tower::Service` and `http`.

pub(crate) mod required;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use ::http::{Request, Response, StatusCode, request::Parts};
use pin_project_lite::pin_project;
use serde::{Serialize, de::DeserializeOwned};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    adapter::{ExtractError, MissingLayer, failure, layer::SessionLayer},
    codec::Codec,
    error::ConfigError,
    http::{
        slot::{Slot, find, sealed::Holder},
        status,
    },
    session::Session,
};

impl<B> Holder for Request<B> {
    fn session<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
    ) -> Result<Session<T>, MissingLayer> {
        find(self.extensions(), self.headers(), CALL)
    }
}

impl Holder for Parts {
    fn session<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
    ) -> Result<Session<T>, MissingLayer> {
        find(&self.extensions, &self.headers, CALL)
    }
}

impl<S, T> Layer<S> for SessionLayer<T> {
    type Service = SessionService<S, T>;

    fn layer(&self, inner: S) -> SessionService<S, T> {
        SessionService {
            inner,
            codec: self.codec.clone(),
        }
    }
}

/// The [`Service`] of a [`SessionLayer`].
#[derive(Debug)]
pub struct SessionService<S, T> {
    inner: S,
    codec: Codec<T>,
}

impl<S: Clone, T> Clone for SessionService<S, T> {
    fn clone(&self) -> SessionService<S, T> {
        SessionService {
            inner: self.inner.clone(),
            codec: self.codec.clone(),
        }
    }
}

impl<S, T, In, Out> Service<Request<In>> for SessionService<S, T>
where
    S: Service<Request<In>, Response = Response<Out>>,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    Out: Default,
{
    type Response = Response<Out>;
    type Error = S::Error;
    type Future = SessionFuture<S::Future, T>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<In>) -> SessionFuture<S::Future, T> {
        let there = request.extensions().get::<Slot<T>>();
        let slot = match Slot::laid(&self.codec, request.headers(), there) {
            Ok(slot) => slot,
            Err(error) => {
                let state = State::Refused { error };
                return SessionFuture { state };
            }
        };
        request.extensions_mut().insert(slot.clone());
        let inner = self.inner.call(request);
        let state = State::Served { inner, slot };
        SessionFuture { state }
    }
}

pin_project! {
    /// The future of a [`SessionService`].
    pub struct SessionFuture<F, T> {
        #[pin]
        state: State<F, T>,
    }
}

pin_project! {
    #[project = StateOf]
    enum State<F, T> {
        Served {
            #[pin]
            inner: F,
            slot: Slot<T>,
        },
        /// The request did not get to the inner service.
        Refused { error: ConfigError },
    }
}

impl<F, T, E, Out> Future for SessionFuture<F, T>
where
    F: Future<Output = Result<Response<Out>, E>>,
    T: Serialize + DeserializeOwned,
    Out: Default,
{
    type Output = Result<Response<Out>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match self.project().state.project() {
            StateOf::Served { inner, slot } => {
                let mut served = inner.poll(context);
                // Where it is, as a response is large to move.
                if let Poll::Ready(Ok(response)) = &mut served
                    && let Err(error) = slot.finish(response.headers_mut())
                {
                    fail(response, error);
                }
                return served;
            }
            StateOf::Refused { error } => {
                let mut response = Response::new(Out::default());
                fail(&mut response, error.clone());
                response
            }
        };
        Poll::Ready(Ok(response))
    }
}

impl<F, T> fmt::Debug for SessionFuture<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFuture").finish_non_exhaustive()
    }
}

/// Makes a response an empty 500 that no cache keeps, with the reason among its extensions.
fn fail<Out: Default>(response: &mut Response<Out>, reason: impl Clone + Send + Sync + 'static) {
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    *response.body_mut() = Out::default();
    failure::fail(response.headers_mut());
    response.extensions_mut().insert(reason);
}

/// The response to a request whose handler gets no session.
pub(crate) fn answer<Out: From<String>>(error: &ExtractError) -> Response<Out> {
    let mut response = Response::new(error.body().into_owned().into());
    *response.status_mut() = status(error);
    error.write(response.headers_mut());
    response
}

/// How the layer is laid.
const CALL: &str = ".layer(codec.layer())";
