//! The answer to a request that went wrong through no fault of the client.

use ::http::{Response, StatusCode};

use crate::http::caching;

/// Makes a response an empty 500 that no cache keeps, with the reason among its extensions.
pub(super) fn fail<Out: Default>(
    response: &mut Response<Out>,
    reason: impl Clone + Send + Sync + 'static,
) {
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    *response.body_mut() = Out::default();
    for name in OF_THE_ANSWER {
        response.headers_mut().remove(name);
    }
    // What the handler said of its own response, a cache must not do with this one.
    caching::forbid_storing(response.headers_mut());
    response.extensions_mut().insert(reason);
}

/// Headers that describe a body, which the empty one of an error is not, or say where to go on after
/// a success that there was none: to clients, or to the proxy before this server.
const OF_THE_ANSWER: [&str; 20] = [
    "accept-ranges",
    "content-digest",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "etag",
    "expires",
    "last-modified",
    "link",
    "location",
    "refresh",
    "repr-digest",
    "trailer",
    "transfer-encoding",
    "x-accel-redirect",
    "x-sendfile",
];
