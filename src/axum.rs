//! Extractors for axum 0.8.

pub(crate) mod fresh;

use std::{any::type_name, fmt, ops::Deref, sync::Arc};

use ::http::{StatusCode, request::Parts};
use axum_core::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;

use crate::{
    base::observe,
    session::Session,
    tower::{Missing, denial::Denial, find},
};

/// A live session's value: the extractor for handlers that need one. It derefs to the value.
///
/// Without a live session the response is a 401; for a codec with
/// [`bearer`](crate::CodecBuilder::bearer) it has the challenge of RFC 6750, section 3. With
/// `Option<Active<T>>` the handler gets `None` instead, and with [`ActiveRejection`] it answers as
/// it likes, such as by a redirect. To start a session, take a [`Session`] rather than this.
///
/// The value is a snapshot from when the handler was called, after whatever middleware did to the
/// session. Later changes don't change it.
///
/// # Examples
///
/// ```
/// use haversack::Active;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Login { user: u64 }
///
/// async fn me(login: Active<Login>) -> String {
///     format!("user {}", login.user)
/// }
///
/// async fn home(login: Option<Active<Login>>) -> &'static str {
///     if login.is_some() { "welcome back" } else { "hello" }
/// }
/// ```
#[doc(alias = "extractor")]
#[doc(alias = "guard")]
pub struct Active<T> {
    value: Arc<T>,
    session: Session<T>,
}

impl<T> Active<T> {
    /// The session that the value is from, to change or end it.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::Active;
    ///
    /// async fn next_page(page: Active<u64>) -> String {
    ///     page.session().update(|page| *page += 1);
    ///     format!("this was page {}", *page) // still the value from before the update
    /// }
    /// ```
    #[must_use]
    pub fn session(&self) -> &Session<T> {
        &self.session
    }
}

impl<T: DeserializeOwned> Active<T> {
    /// An active session with this value, for calling a handler directly in a test. It was started just
    /// now, by a codec that nothing else knows.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::Active;
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Login { user: u64 }
    ///
    /// async fn me(login: Active<Login>) -> String {
    ///     format!("user {}", login.user)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// assert_eq!(me(Active::new(Login { user: 7 })).await, "user 7");
    /// # }
    /// ```
    #[doc(alias = "test")]
    #[must_use]
    pub fn new(value: T) -> Active<T> {
        let value = Arc::new(value);
        let session = Session::apart(Arc::clone(&value));
        Active { value, session }
    }
}

impl<T> Deref for Active<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Clone for Active<T> {
    fn clone(&self) -> Active<T> {
        Active {
            value: Arc::clone(&self.value),
            session: self.session.clone(),
        }
    }
}

impl<T> fmt::Debug for Active<T> {
    /// Shows the facts and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Active").field(&self.session).finish()
    }
}

impl<T, S> FromRequestParts<S> for Session<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Session<T>, MissingLayer> {
        find(parts).map_err(|missing| MissingLayer {
            value: type_name::<T>(),
            missing,
        })
    }
}

impl<T, S> FromRequestParts<S> for Active<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = ActiveRejection;

    async fn from_request_parts(parts: &mut Parts, s: &S) -> Result<Active<T>, ActiveRejection> {
        let session = Session::<T>::from_request_parts(parts, s).await?;
        match session.get() {
            Some(value) => Ok(Active { value, session }),
            None => Err(ActiveRejection::NoSession(NoSession {
                bearer: session.codec().is_bearer(),
                rejected: session.rejected().is_some(),
            })),
        }
    }
}

impl<T, S> OptionalFromRequestParts<S> for Active<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = MissingLayer;

    async fn from_request_parts(
        parts: &mut Parts,
        s: &S,
    ) -> Result<Option<Active<T>>, MissingLayer> {
        let session = <Session<T> as FromRequestParts<S>>::from_request_parts(parts, s).await?;
        Ok(session.get().map(|value| Active { value, session }))
    }
}

/// The handler's route has no layer for its session, or the request's header was changed after the
/// layer saw it: a mistake in the program, and a 500.
///
/// The text says what to do. It names types of the program, so only a debug build puts it into the
/// response. With the feature `tracing`, it is an event in any build.
///
/// # Examples
///
/// ```
/// # use axum::{Router, body::Body, http::{Request, StatusCode}, routing::get};
/// # use haversack::Session;
/// # use tower::ServiceExt as _;
/// async fn home(session: Session<u64>) {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let app = Router::<()>::new().route("/", get(home)); // .layer(codec.layer()) is missing
/// let response = app.oneshot(Request::get("/").body(Body::empty())?).await?;
/// assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingLayer {
    value: &'static str,
    missing: Missing,
}

impl fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        match self.missing {
            Missing::Layer => write!(
                f,
                "no session of type {value} for this route; add the layer of its Codec<{value}> to \
                 the router: .layer(codec.layer())"
            ),
            Missing::Values => write!(
                f,
                "no session of type {value} for this request, whose cookies or token are not those \
                 that the layer of its Codec<{value}> saw; change them outside of the layer, and \
                 give a request of your own no extensions of another one"
            ),
        }
    }
}

impl std::error::Error for MissingLayer {}

impl IntoResponse for MissingLayer {
    fn into_response(self) -> Response {
        observe::failed("no session for a handler", None, &self);
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        if cfg!(debug_assertions) {
            (status, self.to_string()).into_response()
        } else {
            status.into_response()
        }
    }
}

/// Why [`Active`] couldn't be extracted. A handler that takes a `Result` answers for itself.
///
/// # Examples
///
/// A redirect to the sign-in rather than a 401:
///
/// ```
/// use axum::response::{IntoResponse, Redirect, Response};
/// use haversack::{Active, ActiveRejection};
///
/// async fn me(user: Result<Active<u64>, ActiveRejection>) -> Response {
///     match user {
///         Ok(user) => format!("user {}", *user).into_response(),
///         Err(ActiveRejection::NoSession(_)) => Redirect::to("/login").into_response(),
///         Err(mistake) => mistake.into_response(), // the layer is missing
///     }
/// }
/// # axum::Router::<()>::new().route("/me", axum::routing::get(me));
/// ```
#[doc(alias = "redirect")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActiveRejection {
    /// The route has no layer for the session: a 500.
    MissingLayer(MissingLayer),
    /// The request has no live session: a 401.
    NoSession(NoSession),
}

impl From<MissingLayer> for ActiveRejection {
    fn from(missing: MissingLayer) -> ActiveRejection {
        ActiveRejection::MissingLayer(missing)
    }
}

impl fmt::Display for ActiveRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ActiveRejection::MissingLayer(missing) => missing.fmt(f),
            ActiveRejection::NoSession(none) => none.fmt(f),
        }
    }
}

impl std::error::Error for ActiveRejection {}

impl IntoResponse for ActiveRejection {
    fn into_response(self) -> Response {
        match self {
            ActiveRejection::MissingLayer(missing) => missing.into_response(),
            ActiveRejection::NoSession(none) => none.into_response(),
        }
    }
}

/// The request has no live session: a 401. With [`bearer`](crate::CodecBuilder::bearer) it has a
/// `WWW-Authenticate: Bearer`, which says `invalid_token` if a token came and was refused.
///
/// # Examples
///
/// ```
/// # use axum::{Router, body::Body, http::{Request, StatusCode}, routing::get};
/// # use haversack::{Active, Codec, Key, KeyRing};
/// # use tower::ServiceExt as _;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// # async fn me(user: Active<u64>) {}
/// let api = Codec::<u64>::sealed("api", keys).bearer("x-session").build()?;
/// let app = Router::<()>::new().route("/me", get(me)).layer(api.layer());
/// let response = app.oneshot(Request::get("/me").body(Body::empty())?).await?;
/// assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
/// assert_eq!(response.headers()["www-authenticate"], "Bearer");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSession {
    bearer: bool,
    rejected: bool,
}

impl fmt::Display for NoSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rejected = self.rejected;
        f.write_str(Denial::NoSession { rejected }.word())
    }
}

impl std::error::Error for NoSession {}

impl IntoResponse for NoSession {
    fn into_response(self) -> Response {
        let rejected = self.rejected;
        Denial::NoSession { rejected }.response(self.bearer)
    }
}
