//! A carrier's headers in the types of the `http` crate.

use ::http::{HeaderName, HeaderValue};

/// The names of a carrier's headers, ready for use.
pub(crate) struct HeaderNames {
    pub(crate) request: HeaderName,
    pub(crate) response: HeaderName,
    /// The request header's name as a value.
    pub(crate) vary: HeaderValue,
    /// What tells when the session ends.
    pub(crate) announce: Option<HeaderName>,
}

impl HeaderNames {
    #[expect(
        clippy::expect_used,
        reason = "the names of carriers are checked when they are built"
    )]
    pub(crate) fn new(request: &str, response: &str, announce: Option<&str>) -> HeaderNames {
        let name = |name: &str| HeaderName::from_bytes(name.as_bytes());
        let request = name(request).expect("a checked header name");
        HeaderNames {
            vary: HeaderValue::from(request.clone()),
            request,
            response: name(response).expect("a checked header name"),
            announce: announce.map(|announce| name(announce).expect("a checked header name")),
        }
    }
}
