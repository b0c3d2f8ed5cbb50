//! Why a handler does not get what it asks for, and what is answered instead.

use std::{borrow::Cow, fmt};

use super::{
    caching::forbid_storing,
    denied::{Denied, TEXT},
    head::ResponseHead,
    missing::MissingLayer,
};

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

impl ExtractError {
    /// The status of the response: 303, 401 or 403, or 500 for a missing layer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            ExtractError::Denied(denied) => denied.status(),
            ExtractError::MissingLayer(_) => 500,
        }
    }

    /// The body of the response: text in ASCII, or nothing. For a missing layer that is its text in a
    /// debug build, and nothing otherwise; call it once for each response, as it tells operators in any
    /// build.
    #[must_use]
    pub fn body(&self) -> Cow<'static, str> {
        if let ExtractError::MissingLayer(missing) = self {
            missing.tell();
        }
        self.text()
    }

    /// The body, for an error that operators were told of.
    pub(crate) fn text(&self) -> Cow<'static, str> {
        match self {
            ExtractError::Denied(denied) => denied.body().into(),
            ExtractError::MissingLayer(missing) if cfg!(debug_assertions) => {
                missing.to_string().into()
            }
            ExtractError::MissingLayer(_) => "".into(),
        }
    }

    /// Writes the headers of the response.
    pub fn write(&self, headers: &mut impl ResponseHead) {
        match self {
            ExtractError::Denied(denied) => denied.write(headers),
            ExtractError::MissingLayer(_) => {
                forbid_storing(headers);
                if cfg!(debug_assertions) {
                    headers.set("content-type", TEXT);
                }
            }
        }
    }
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
