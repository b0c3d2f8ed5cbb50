//! Middleware for every server built on `tower::Service` and `http`.

pub(crate) mod required;
mod slot;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use ::http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use serde::{Serialize, de::DeserializeOwned};
use tower_layer::Layer;
use tower_service::Service;

pub use self::slot::RequestOrParts;
use self::slot::Slot;
#[cfg(feature = "axum")]
pub(crate) use self::slot::find;
use crate::{
    adapter::{Denied, failure},
    codec::Codec,
    error::ConfigError,
};

impl<T> Codec<T> {
    /// The layer that gives handlers this session and writes it to their responses.
    ///
    /// The session is read once, when a handler first asks for it. It is written to every response
    /// of the inner service, whatever its status: a sign-in followed by an error page is still a
    /// sign-in. If it can't be written, the response is an empty 500 that no cache keeps, as a
    /// sign-in that silently didn't stick is worse. The [`SaveError`](crate::SaveError) is among
    /// its extensions, and an event with the feature `tracing`.
    ///
    /// The type picks the session: two sessions in one request are two types and two layers. If
    /// layers for sessions of two names have one type, each request is a 500 that reaches no
    /// handler, and a [`ConfigError`] says so in the same places. Of two layers for one name, such
    /// as those of two contexts, the inner one counts.
    ///
    /// Order matters in two cases:
    ///
    /// - Middleware that changes the [request header](Codec::request_header), or gives a request
    ///   the extensions of another one, belongs outside of the layer. Inside, such a request has no
    ///   session ([`Session::of`](crate::Session::of)).
    /// - Middleware that adds a `Vary` of its own, such as compression, belongs inside, which on an
    ///   axum router is before it. The layer makes one line of all that is there, and nginx before
    ///   1.23 heeds only the last line.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::{Router, routing::{get, post}};
    /// use haversack::{Active, Codec, Key, KeyRing, Session};
    /// # use axum::{body::Body, http::{Request, StatusCode}};
    /// # use tower::ServiceExt as _;
    ///
    /// async fn sign_in(session: Session<u64>) {
    ///     session.start(7);
    /// }
    ///
    /// async fn me(user: Active<u64>) -> String {
    ///     format!("user {}", *user)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).build()?;
    /// let app = Router::new()
    ///     .route("/login", post(sign_in))
    ///     .route("/me", get(me))
    ///     .layer(login.layer()); // after the routes that it is for
    /// # let response = app.clone().oneshot(Request::post("/login").body(Body::empty())?).await?;
    /// # let cookie = response.headers()["set-cookie"].to_str()?.split(';').next().unwrap();
    /// # let signed_in = Request::get("/me").header("cookie", cookie).body(Body::empty())?;
    /// # assert_eq!(app.clone().oneshot(signed_in).await?.status(), StatusCode::OK);
    /// let stranger = Request::get("/me").body(Body::empty())?;
    /// assert_eq!(app.oneshot(stranger).await?.status(), StatusCode::UNAUTHORIZED);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "middleware")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
    #[must_use]
    pub fn layer(&self) -> SessionLayer<T> {
        SessionLayer {
            codec: self.clone(),
        }
    }
}

/// A [`Layer`] that gives handlers a session, made by [`Codec::layer`]. Name it where a type has to
/// be written out.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, SessionLayer};
///
/// struct Layers {
///     login: SessionLayer<u64>,
/// }
///
/// fn layers(login: &Codec<u64>) -> Layers {
///     Layers { login: login.layer() }
/// }
/// ```
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
        let slot = match there.filter(|slot| slot.is_of(&request)) {
            Some(slot) => match slot.is_for(&self.codec) {
                // The layer is there twice: with a session each, one would undo what the other did.
                Ok(true) => slot.clone(),
                Ok(false) => Slot::new(&self.codec, &request),
                Err(error) => {
                    let state = State::Refused { error };
                    return SessionFuture { state };
                }
            },
            None => Slot::new(&self.codec, &request),
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
                let mut response = ready!(inner.poll(context))?;
                if let Err(error) = slot.finish(response.headers_mut()) {
                    fail(&mut response, error);
                }
                response
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

/// The response to a request that is not let through.
pub(crate) fn answer<Out: From<&'static str>>(denied: &Denied) -> Response<Out> {
    let mut response = Response::new(denied.body().into());
    *response.status_mut() = StatusCode::from_u16(denied.status()).unwrap_or_default();
    denied.write(response.headers_mut());
    response
}
