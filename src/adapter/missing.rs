//! Why a handler does not get what it asks for.

use std::{any::type_name, fmt};

use super::denied::Denied;
use crate::base::observe;

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

/// Why a request has no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Layer,
    /// The layer around the guard of this session.
    AroundGuard(String),
    /// The layer saw other values of the request header.
    #[cfg(any(feature = "poem", feature = "tower"))]
    Values,
}

impl MissingLayer {
    /// For an adapter whose handler asks for a session with values of this type, and finds no
    /// [`LazySession`](crate::adapter::LazySession) in its request.
    #[must_use]
    pub fn of<T>() -> MissingLayer {
        MissingLayer::new::<T>(Missing::Layer)
    }

    pub(super) fn around_guard<T>(name: &str) -> MissingLayer {
        MissingLayer::new::<T>(Missing::AroundGuard(name.into()))
    }

    pub(crate) fn new<T>(missing: Missing) -> MissingLayer {
        MissingLayer {
            value: type_name::<T>(),
            missing,
        }
    }

    /// Tells operators, with the feature `tracing`.
    pub(crate) fn tell(&self) {
        match &self.missing {
            Missing::AroundGuard(name) => {
                observe::failed("no session for a guard", Some(name), self);
            }
            _ => observe::failed("no session for a handler", None, self),
        }
    }

    /// The body of the 500: the text in a debug build, and nothing otherwise. Call it once for each
    /// response, as it tells operators in any build.
    #[must_use]
    pub fn body(&self) -> String {
        self.tell();
        self.text()
    }

    /// The body, for one of which operators were told.
    pub(crate) fn text(&self) -> String {
        match cfg!(debug_assertions) {
            true => self.to_string(),
            false => String::new(),
        }
    }
}

impl fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        match &self.missing {
            Missing::AroundGuard(name) => write!(
                f,
                "the guard of {name} finds no session of type {value} in the request; lay \
                 codec.layer() around it, outside of codec.required()"
            ),
            Missing::Layer => write!(
                f,
                "no session of type {value} for this route; lay codec.layer() around it, with its \
                 Codec<{value}>"
            ),
            #[cfg(any(feature = "poem", feature = "tower"))]
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

/// Why [`Active`](crate::Active) or [`Fresh`](crate::Fresh) couldn't be extracted from a request. A
/// handler that takes a `Result` answers for itself.
///
/// # Examples
///
/// A redirect to the sign-in rather than a 401:
///
/// ```
/// use axum::response::{IntoResponse, Redirect, Response};
/// use haversack::{Active, adapter::ExtractError};
///
/// async fn me(user: Result<Active<u64>, ExtractError>) -> Response {
///     match user {
///         Ok(user) => format!("user {}", *user).into_response(),
///         Err(ExtractError::Denied(_)) => Redirect::to("/login").into_response(),
///         Err(mistake) => mistake.into_response(), // the layer is missing
///     }
/// }
/// # axum::Router::<()>::new().route("/me", axum::routing::get(me));
/// ```
#[doc(alias = "redirect")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtractError {
    /// There is no live session, or not such a one: a 401 or 403.
    Denied(Denied),
    /// The route has no layer for the session: a 500.
    MissingLayer(MissingLayer),
}

impl From<Denied> for ExtractError {
    fn from(denied: Denied) -> ExtractError {
        ExtractError::Denied(denied)
    }
}

impl From<MissingLayer> for ExtractError {
    fn from(missing: MissingLayer) -> ExtractError {
        ExtractError::MissingLayer(missing)
    }
}

impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExtractError::Denied(denied) => denied.fmt(f),
            ExtractError::MissingLayer(missing) => missing.fmt(f),
        }
    }
}

impl std::error::Error for ExtractError {}
