//! What a request is answered that is not let through.

use ::http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, WWW_AUTHENTICATE},
};

use crate::http::caching;

/// Why a request is not let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Nobody is signed in; a token that came with the request was refused, or there was none.
    NoSession { rejected: bool },
    /// The user proved who they are longer ago than so many seconds.
    TooOld { seconds: u64 },
    /// Who is signed in is not allowed to.
    Forbidden,
}

impl Denial {
    /// The word of the answer's body.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Denial::NoSession { .. } => "no live session",
            Denial::TooOld { .. } => "authentication too old",
            Denial::Forbidden => "not allowed",
        }
    }

    /// An answer that no cache keeps; `bearer` for a session that comes as `Authorization: Bearer`.
    pub(crate) fn response<Out: From<&'static str>>(self, bearer: bool) -> Response<Out> {
        let mut response = Response::new(Out::from(self.word()));
        *response.status_mut() = match self {
            Denial::NoSession { .. } => StatusCode::UNAUTHORIZED,
            // A client that sends tokens by itself is told by the challenge (RFC 9470, section 3).
            Denial::TooOld { .. } if bearer => StatusCode::UNAUTHORIZED,
            Denial::TooOld { .. } | Denial::Forbidden => StatusCode::FORBIDDEN,
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, TEXT);
        caching::forbid_storing(headers);
        if bearer {
            headers.insert(WWW_AUTHENTICATE, self.challenge());
        }
        response
    }

    /// The challenge for `Authorization: Bearer` (RFC 6750, section 3; RFC 9470, section 3).
    #[expect(clippy::expect_used, reason = "text and a number")]
    fn challenge(self) -> HeaderValue {
        match self {
            Denial::NoSession { rejected: false } => HeaderValue::from_static("Bearer"),
            Denial::NoSession { rejected: true } => {
                HeaderValue::from_static(r#"Bearer error="invalid_token""#)
            }
            Denial::TooOld { seconds } => HeaderValue::try_from(format!(
                r#"Bearer error="insufficient_user_authentication", max_age="{seconds}""#
            ))
            .expect("visible ASCII"),
            Denial::Forbidden => HeaderValue::from_static(r#"Bearer error="insufficient_scope""#),
        }
    }
}

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
