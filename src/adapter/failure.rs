//! The answer to a request that went wrong through no fault of the client.

use super::{caching, head::ResponseHead};

/// Makes the headers of a response those of an empty 500 that no cache keeps: what described the body that
/// there is no longer goes, and so does what the handler said to caches. Set the status, and drop the body.
///
/// [`LazySession::finish`](super::LazySession::finish) has done so when it fails. For an error of
/// [`LazySession::is_for`](super::LazySession::is_for), and where a handler calls
/// [`Session::save`](crate::Session::save) itself, this is what to answer with.
///
/// # Examples
///
/// ```
/// use haversack::adapter::{Headers, fail};
///
/// let mut headers: Headers = vec![
///     ("content-type".into(), "text/html".into()),
///     ("cache-control".into(), "public, max-age=60".into()),
///     ("x-request-id".into(), "17".into()),
/// ];
/// fail(&mut headers);
/// let left: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
/// assert_eq!(left, [("x-request-id", "17"), ("cache-control", "no-store")]);
/// ```
pub fn fail(headers: &mut impl ResponseHead) {
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
