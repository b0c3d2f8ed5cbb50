//! Why a sign-in does not end.

use std::{error::Error, fmt};

use crate::error::Rejected;

/// Why a sign-in with a provider did not end, from [`CodeFlow::finish`](super::CodeFlow::finish). A
/// client caused it; it is never a server error.
///
/// # Examples
///
/// ```
/// use haversack::oauth::FinishError;
///
/// /// Where to begin once more, without asking; for anything else show a page that has a link there.
/// fn begin_at(error: &FinishError) -> Option<&str> {
///     match error {
///         FinishError::OtherBrowser { return_to, .. }
///         | FinishError::CookieRejected { return_to, .. } => Some(return_to),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishError {
    /// The browser's cookie did not open, as when it is of another application on this host, or of a
    /// flow with other keys. To begin once more is safe, and sets a new one.
    #[non_exhaustive]
    CookieRejected {
        /// Where it was to go on to.
        return_to: String,
        /// Why the cookie did not open.
        rejected: Rejected,
    },
    /// The browser sent no cookie of a sign-in: it keeps none, or was told to forget it, or is not the
    /// one that began. Sending it to the provider once more is of no use until it keeps cookies.
    #[non_exhaustive]
    NoCookie {
        /// Where it was to go on to.
        return_to: String,
    },
    /// The browser has begun sign-ins, and this is none of them: somebody else's, or its own from
    /// before it had the cookie, as when many tabs are opened at once. To begin once more is safe, and
    /// now that it has a cookie, it comes to its end.
    #[non_exhaustive]
    OtherBrowser {
        /// Where it was to go on to.
        return_to: String,
    },
    /// The `state` did not open: it is [too old](Rejected::Expired), or
    /// [not one of this flow](Rejected::NotAuthentic).
    State(Rejected),
    /// The browser has come back with this `state` before, as with its Back button: it may be signed in
    /// already.
    #[non_exhaustive]
    Used {
        /// Where it was to go on to.
        return_to: String,
    },
}

impl FinishError {
    /// The reason as a stable word in `snake_case`, for logs and counters: `cookie_rejected`,
    /// `no_cookie`, `other_browser`, `used`, or for a `state` that of the [`Rejected`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            FinishError::CookieRejected { .. } => "cookie_rejected",
            FinishError::NoCookie { .. } => "no_cookie",
            FinishError::OtherBrowser { .. } => "other_browser",
            FinishError::State(rejected) => rejected.code(),
            FinishError::Used { .. } => "used",
        }
    }

    /// Where the browser was to go on to, for beginning once more: a path of this site, `/` if it is not
    /// known.
    #[must_use]
    pub fn return_to(&self) -> &str {
        match self {
            FinishError::CookieRejected { return_to, .. }
            | FinishError::NoCookie { return_to }
            | FinishError::OtherBrowser { return_to }
            | FinishError::Used { return_to } => return_to,
            FinishError::State(_) => "/",
        }
    }
}

impl fmt::Display for FinishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FinishError::CookieRejected { rejected, .. } => write!(
                f,
                "the cookie of this sign-in did not open ({}); begin once more",
                rejected.code()
            ),
            FinishError::NoCookie { .. } => {
                f.write_str("the browser sent no cookie of a sign-in; it must keep cookies")
            }
            FinishError::OtherBrowser { .. } => {
                f.write_str("this browser did not begin this sign-in; begin once more")
            }
            FinishError::State(rejected) => write!(
                f,
                "the state did not open ({}); begin once more",
                rejected.code()
            ),
            FinishError::Used { .. } => {
                f.write_str("this sign-in was finished before; begin once more")
            }
        }
    }
}

impl Error for FinishError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            FinishError::CookieRejected { rejected, .. } | FinishError::State(rejected) => {
                Some(rejected)
            }
            FinishError::NoCookie { .. }
            | FinishError::OtherBrowser { .. }
            | FinishError::Used { .. } => None,
        }
    }
}
