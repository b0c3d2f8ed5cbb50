//! A guard for routes as a tower layer.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use ::http::{Request, Response};
use pin_project_lite::pin_project;
use serde::de::DeserializeOwned;
use tower_layer::Layer;
use tower_service::Service;

use super::answer;
use crate::{
    adapter::{ExtractError, required::Required},
    http::slot::sealed::Holder,
};

impl<S, T> Layer<S> for Required<T> {
    type Service = RequiredService<S, T>;

    fn layer(&self, inner: S) -> RequiredService<S, T> {
        RequiredService {
            inner,
            guard: Arc::new(self.clone()),
        }
    }
}

/// The [`Service`] of a [`Required`].
#[derive(Debug)]
pub struct RequiredService<S, T> {
    inner: S,
    guard: Arc<Required<T>>,
}

impl<S: Clone, T> Clone for RequiredService<S, T> {
    fn clone(&self) -> RequiredService<S, T> {
        RequiredService {
            inner: self.inner.clone(),
            guard: Arc::clone(&self.guard),
        }
    }
}

impl<S, T, In, Out> Service<Request<In>> for RequiredService<S, T>
where
    S: Service<Request<In>, Response = Response<Out>>,
    T: DeserializeOwned + Send + Sync + 'static,
    Out: Default + From<String>,
{
    type Response = Response<Out>;
    type Error = S::Error;
    type Future = RequiredFuture<S::Future, Out>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<In>) -> RequiredFuture<S::Future, Out> {
        if let Err(error) = self.guard.check(request.session().ok(), &request) {
            let response = Some(refusal(error));
            let state = State::Refused { response };
            return RequiredFuture { state };
        }
        let inner = self.inner.call(request);
        let state = State::Passed { inner };
        RequiredFuture { state }
    }
}

fn refusal<Out: From<String>>(error: ExtractError) -> Response<Out> {
    let mut response = answer(&error);
    if let ExtractError::MissingLayer(missing) = error {
        response.extensions_mut().insert(missing);
    }
    response
}

pin_project! {
    /// The future of a [`RequiredService`].
    pub struct RequiredFuture<F, Out> {
        #[pin]
        state: State<F, Out>,
    }
}

pin_project! {
    #[project = StateOf]
    enum State<F, Out> {
        Passed {
            #[pin]
            inner: F,
        },
        Refused { response: Option<Response<Out>> },
    }
}

impl<F, E, Out> Future for RequiredFuture<F, Out>
where
    F: Future<Output = Result<Response<Out>, E>>,
    Out: Default,
{
    type Output = Result<Response<Out>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match self.project().state.project() {
            StateOf::Passed { inner } => ready!(inner.poll(context))?,
            StateOf::Refused { response } => response.take().unwrap_or_default(),
        };
        Poll::Ready(Ok(response))
    }
}

impl<F, Out> fmt::Debug for RequiredFuture<F, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequiredFuture").finish_non_exhaustive()
    }
}
