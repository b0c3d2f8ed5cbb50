//! Middleware for every server built on `tower::Service` and `http`.

mod slot;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use ::http::{Request, Response, StatusCode, header};
use pin_project_lite::pin_project;
use serde::{Serialize, de::DeserializeOwned};
use tower_layer::Layer;
use tower_service::Service;

pub use self::slot::RequestHead;
use self::slot::Slot;
#[cfg(feature = "axum")]
pub(crate) use self::slot::{Missing, find};
use crate::{codec::Codec, http::caching};

impl<T> Codec<T> {
    /// The layer that gives handlers this session and writes it to their responses.
    ///
    /// The session is read when a handler asks for it, and once. It is written to every response
    /// that the inner service yields, whatever its status: a sign-in followed by an error page is
    /// still a sign-in. If it cannot be written the response is an empty 500 that no cache keeps, as a
    /// sign-in that silently did not stick is worse; the [`SaveError`](crate::SaveError) is among its
    /// extensions.
    ///
    /// The type picks the session: two sessions in one request are two types and two layers. Of two
    /// layers for one type, such as those of two contexts, the inner one counts.
    ///
    /// What changes the [request header](Codec::request_header), or gives a request the extensions of
    /// another one, belongs outside of the layer: inside, such a request has no session
    /// ([`Session::of`](crate::Session::of)). What adds a `Vary` of its own, such as compression,
    /// belongs inside, which on an axum router is before it: the layer makes one line of all that is
    /// there, and nginx before 1.23 heeds the last line only.
    #[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
    #[must_use]
    pub fn layer(&self) -> SessionLayer<T> {
        SessionLayer {
            codec: self.clone(),
        }
    }
}

/// A [`Layer`] that gives handlers a session, made by [`Codec::layer`].
#[derive(Debug)]
pub struct SessionLayer<T> {
    codec: Codec<T>,
}

impl<T> Clone for SessionLayer<T> {
    fn clone(&self) -> SessionLayer<T> {
        SessionLayer {
            codec: self.codec.clone(),
        }
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
        let slot = match there.filter(|slot| slot.is_of(request.headers())) {
            // The layer is there twice: with a session each, one would undo what the other did.
            Some(slot) if slot.codec().is(&self.codec) => slot.clone(),
            _ => Slot::new(&self.codec, request.headers()),
        };
        request.extensions_mut().insert(slot.clone());
        SessionFuture {
            inner: self.inner.call(request),
            slot,
        }
    }
}

pin_project! {
    /// The future of a [`SessionService`].
    pub struct SessionFuture<F, T> {
        #[pin]
        inner: F,
        slot: Slot<T>,
    }
}

impl<F, T, E, Out> Future for SessionFuture<F, T>
where
    F: Future<Output = Result<Response<Out>, E>>,
    T: Serialize,
    Out: Default,
{
    type Output = Result<Response<Out>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(context))?;
        if let Some(session) = this.slot.opened()
            && let Err(error) = session.save(response.headers_mut())
        {
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            *response.body_mut() = Out::default();
            for name in OF_THE_BODY {
                response.headers_mut().remove(name);
            }
            // What the handler said of its own response, a cache must not do with this one.
            caching::forbid_storing(response.headers_mut());
            response.extensions_mut().insert(error);
        }
        Poll::Ready(Ok(response))
    }
}

impl<F, T> fmt::Debug for SessionFuture<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFuture").finish_non_exhaustive()
    }
}

/// Headers that describe a body, and not the empty one of an error.
const OF_THE_BODY: [header::HeaderName; 11] = [
    header::ACCEPT_RANGES,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::TRANSFER_ENCODING,
];
