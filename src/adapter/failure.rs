//! The answer to a request that went wrong through no fault of the client.

use super::{caching, head::ResponseHead};

/// Leaves of a response's headers what an empty 500 may have, which no cache keeps.
pub(crate) fn fail(headers: &mut impl ResponseHead) {
    for name in OF_THE_ANSWER.split(' ') {
        headers.remove(name);
    }
    // What the handler said of its own response, a cache must not do with this one.
    caching::forbid_storing(headers);
}

/// Headers that describe a body, which the empty one of an error is not, or say where to go on after
/// a success that there was none: to clients, or to the proxy before this server.
const OF_THE_ANSWER: &str = "accept-ranges content-digest content-disposition content-encoding content-language \
     content-length content-location content-range content-type etag expires last-modified link \
     location refresh repr-digest trailer transfer-encoding x-accel-redirect x-sendfile";
