//! The response of the inner service, with what middleware does to it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    Error,
    body::{BoxBody, EitherBody},
    dev::ServiceResponse,
    error::InternalError,
    http::{StatusCode, header::HeaderMap},
};
use pin_project_lite::pin_project;

use crate::error::SaveError;

/// What middleware does to a response.
pub trait Finish {
    /// Whether it does anything.
    fn is_due(&self) -> bool;

    /// Writes to its headers, or leaves those of an empty 500.
    fn finish(&self, headers: &mut HeaderMap) -> Result<(), SaveError>;
}

/// What a guard does: the session knows that it is guarded, and its layer tells caches.
impl Finish for () {
    fn is_due(&self) -> bool {
        false
    }

    fn finish(&self, _: &mut HeaderMap) -> Result<(), SaveError> {
        Ok(())
    }
}

pin_project! {
    /// The future of a [`SessionService`] and of a [`RequiredService`].
    pub struct ResponseFuture<F, W> {
        #[pin]
        state: State<F, W>,
    }
}

pin_project! {
    #[project = StateOf]
    enum State<F, W> {
        Served {
            #[pin]
            inner: F,
            with: W,
        },
        /// The request did not get to the inner service.
        Refused { response: Option<ServiceResponse> },
    }
}

impl<F, W> ResponseFuture<F, W> {
    pub(super) fn served(inner: F, with: W) -> Self {
        let state = State::Served { inner, with };
        ResponseFuture { state }
    }

    pub(super) fn refused(response: ServiceResponse) -> Self {
        let response = Some(response);
        let state = State::Refused { response };
        ResponseFuture { state }
    }
}

impl<F, W, B> Future for ResponseFuture<F, W>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    W: Finish,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    #[expect(
        clippy::expect_used,
        reason = "a future is not polled after it is ready"
    )]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (inner, with) = match self.project().state.project() {
            StateOf::Served { inner, with } => (inner, with),
            StateOf::Refused { response } => {
                let response = response.take().expect("a future that was not ready");
                return Poll::Ready(Ok(response.map_into_right_body()));
            }
        };
        Poll::Ready(match ready!(inner.poll(context)) {
            Ok(mut response) => match with.finish(response.headers_mut()) {
                Ok(()) => Ok(response.map_into_left_body()),
                Err(error) => {
                    *response.response_mut().status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                    response.response_mut().extensions_mut().insert(error);
                    Ok(response.map_body(|_, _| EitherBody::right(BoxBody::new(()))))
                }
            },
            Err(error) if with.is_due() => Err(with_headers(error, with)),
            Err(error) => Err(error),
        })
    }
}

/// The error of inner middleware, as the response that it makes.
fn with_headers(error: Error, with: &impl Finish) -> Error {
    let mut response = error.error_response();
    if let Err(unsaved) = with.finish(response.headers_mut()) {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.extensions_mut().insert(unsaved);
        response = response.set_body(BoxBody::new(()));
    }
    InternalError::from_response(error, response).into()
}

impl<F, W> fmt::Debug for ResponseFuture<F, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
