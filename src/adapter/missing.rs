//! A layer that is missing.

use std::{any::type_name, fmt};

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
    /// The layer, which is laid by this call.
    Layer(&'static str),
    /// The layer around the guard of this session.
    AroundGuard(String),
    /// The layer saw other values of the request header.
    #[cfg(any(feature = "poem", feature = "tower"))]
    Values,
}

impl MissingLayer {
    /// For an adapter whose handler asks for a session with values of this type, and finds no
    /// [`LazySession`](crate::adapter::LazySession) in its request. The text says by which call the layer
    /// is laid there, such as `.layer(codec.layer())`.
    #[must_use]
    pub fn of<T>(call: &'static str) -> MissingLayer {
        MissingLayer::new::<T>(Missing::Layer(call))
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
            Missing::Layer(call) => write!(
                f,
                "no session of type {value} for this route; add the layer of its Codec<{value}>: {call}"
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
