//! The extractor for what asks for a proof of identity that is not old.

use std::{fmt, ops::Deref};

use ::http::request::Parts;
use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;

use super::{Active, ActiveRejection};
use crate::{session::Session, tower::denial::Denial};

/// An [`Active`] session whose user [proved](Session::authenticated_within) who they are at most so
/// many seconds ago: for a change of the password, a payment, or what else a cookie that somebody found
/// must not be enough for.
///
/// Otherwise the response is a 403 whose body is `authentication too old`, told apart from the 401 of
/// who is not signed in at all: ask for the password only, and call [`confirm`](Session::confirm). For
/// a codec with [`bearer`](crate::CodecBuilder::bearer) it is a 401 with the challenge of RFC 9470,
/// section 3.
///
/// # Examples
///
/// ```
/// use haversack::Fresh;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Login { user: u64 }
///
/// async fn change_password(login: Fresh<Login, 300>) -> String {
///     format!("a new password for user {}", login.user)
/// }
/// ```
#[doc(alias = "step-up")]
pub struct Fresh<T, const SECONDS: u64>(Active<T>);

impl<T: DeserializeOwned, const SECONDS: u64> Fresh<T, SECONDS> {
    /// A fresh session with this value, for calling a handler directly in a test; see [`Active::new`].
    #[doc(alias = "test")]
    #[must_use]
    pub fn new(value: T) -> Fresh<T, SECONDS> {
        Fresh(Active::new(value))
    }
}

impl<T, const SECONDS: u64> Fresh<T, SECONDS> {
    /// The session around the value.
    #[must_use]
    pub fn session(&self) -> &Session<T> {
        self.0.session()
    }
}

impl<T, const SECONDS: u64> Deref for Fresh<T, SECONDS> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T, const SECONDS: u64> Clone for Fresh<T, SECONDS> {
    fn clone(&self) -> Fresh<T, SECONDS> {
        Fresh(self.0.clone())
    }
}

impl<T, const SECONDS: u64> fmt::Debug for Fresh<T, SECONDS> {
    /// Shows the facts and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fresh").field(self.session()).finish()
    }
}

impl<T, S, const SECONDS: u64> FromRequestParts<S> for Fresh<T, SECONDS>
where
    T: DeserializeOwned + Send + Sync + 'static,
    S: Send + Sync,
{
    type Rejection = FreshRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        s: &S,
    ) -> Result<Fresh<T, SECONDS>, FreshRejection> {
        let active = <Active<T> as FromRequestParts<S>>::from_request_parts(parts, s).await?;
        let session = active.session();
        if session.authenticated_within(SECONDS) {
            return Ok(Fresh(active));
        }
        Err(FreshRejection::TooOld(TooOld {
            bearer: session.codec().is_bearer(),
            seconds: SECONDS,
        }))
    }
}

/// Why [`Fresh`] could not be extracted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FreshRejection {
    /// Nobody is signed in, or the route has no layer.
    Active(ActiveRejection),
    /// The user proved who they are too long ago: a 403, or a 401 with a challenge.
    TooOld(TooOld),
}

impl From<ActiveRejection> for FreshRejection {
    fn from(rejection: ActiveRejection) -> FreshRejection {
        FreshRejection::Active(rejection)
    }
}

impl fmt::Display for FreshRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FreshRejection::Active(rejection) => rejection.fmt(f),
            FreshRejection::TooOld(too_old) => too_old.fmt(f),
        }
    }
}

impl std::error::Error for FreshRejection {}

impl IntoResponse for FreshRejection {
    fn into_response(self) -> Response {
        match self {
            FreshRejection::Active(rejection) => rejection.into_response(),
            FreshRejection::TooOld(too_old) => too_old.into_response(),
        }
    }
}

/// The user proved who they are too long ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooOld {
    bearer: bool,
    seconds: u64,
}

impl TooOld {
    fn denial(&self) -> Denial {
        Denial::TooOld {
            seconds: self.seconds,
        }
    }
}

impl fmt::Display for TooOld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.denial().word())
    }
}

impl std::error::Error for TooOld {}

impl IntoResponse for TooOld {
    fn into_response(self) -> Response {
        self.denial().response(self.bearer)
    }
}
