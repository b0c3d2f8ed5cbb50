//! The headers of the `http` crate, to be read and written.

#[cfg(any(feature = "poem", feature = "salvo", feature = "tower"))]
pub(crate) mod slot;

#[cfg(any(feature = "poem", feature = "salvo", feature = "tower"))]
use ::http::StatusCode;
use ::http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri,
    header::{self, Entry, GetAll},
    request::Parts,
};

#[cfg(any(feature = "poem", feature = "salvo", feature = "tower"))]
use crate::adapter::ExtractError;
use crate::adapter::{
    caching::{CACHE_CONTROL, VARY},
    head::{GuardedRequest, RequestHead, ResponseHead},
};

impl RequestHead for HeaderMap {
    #[inline]
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        lines(self, name).iter().map(HeaderValue::as_bytes)
    }
}

impl<B> RequestHead for Request<B> {
    #[inline]
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        RequestHead::values(self.headers(), name)
    }
}

impl<B> GuardedRequest for Request<B> {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn path_and_query(&self) -> &str {
        path_and_query(self.uri())
    }
}

pub(crate) fn path_and_query(uri: &Uri) -> &str {
    let path = uri.path_and_query();
    path.map_or("/", |path| path.as_str())
}

impl RequestHead for Parts {
    #[inline]
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        RequestHead::values(&self.headers, name)
    }
}

impl ResponseHead for HeaderMap {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.keys().map(HeaderName::as_str)
    }

    #[inline]
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        lines(self, name).iter().map(HeaderValue::as_bytes)
    }

    fn append(&mut self, name: &str, value: Vec<u8>) {
        put(self, owned(name), printable(value), Namesakes::Kept);
    }

    fn remove_if(&mut self, name: &str, remove: impl Fn(&[u8]) -> bool) {
        let there = lines(self, name);
        if !there.iter().any(|value| remove(value.as_bytes())) {
            return;
        }
        let there: Vec<_> = there.iter().cloned().collect();
        let name = owned(name);
        remove_all(self, &name);
        for value in there {
            if !remove(value.as_bytes()) {
                put(self, name.clone(), value, Namesakes::Kept);
            }
        }
    }

    fn remove(&mut self, name: &str) {
        remove_all(self, &owned(name));
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        // Checked by the compiler, as `from_static` elsewhere looks at each octet.
        let value = match value {
            b"private" => const { HeaderValue::from_static("private") },
            b"no-store" => const { HeaderValue::from_static("no-store") },
            b"cookie" => const { HeaderValue::from_static("cookie") },
            other => printable(other.into()),
        };
        put(self, owned(name), value, Namesakes::Replaced);
    }

    fn append_secret(&mut self, name: &str, value: Vec<u8>) {
        let mut value = printable(value);
        value.set_sensitive(true);
        put(self, owned(name), value, Namesakes::Kept);
    }
}

/// What becomes of other headers of the same name.
enum Namesakes {
    Kept,
    Replaced,
}

// One function for all that add or remove, as the map makes one for each.

#[inline(never)]
fn put(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue, namesakes: Namesakes) {
    match (headers.entry(name), namesakes) {
        (Entry::Vacant(place), _) => {
            place.insert(value);
        }
        (Entry::Occupied(mut there), Namesakes::Kept) => there.append(value),
        (Entry::Occupied(mut there), Namesakes::Replaced) => {
            there.insert(value);
        }
    }
}

#[inline(never)]
fn remove_all(headers: &mut HeaderMap, name: &HeaderName) {
    headers.remove(name);
}

/// All headers of a name. Those that most sessions use are looked up without being read as text.
#[inline]
pub(crate) fn lines<'m>(headers: &'m HeaderMap, name: &str) -> GetAll<'m, HeaderValue> {
    match known(name) {
        Some(name) => headers.get_all(name),
        None => headers.get_all(name),
    }
}

#[expect(
    clippy::expect_used,
    reason = "the names of carriers are checked when they are built"
)]
fn owned(name: &str) -> HeaderName {
    let read = || HeaderName::from_bytes(name.as_bytes()).expect("a checked header name");
    known(name).unwrap_or_else(read)
}

fn known(name: &str) -> Option<HeaderName> {
    match name {
        "cookie" => Some(header::COOKIE),
        "set-cookie" => Some(header::SET_COOKIE),
        CACHE_CONTROL => Some(header::CACHE_CONTROL),
        VARY => Some(header::VARY),
        _ => None,
    }
}

/// The status of the response to a request whose handler gets no session.
#[cfg(any(feature = "poem", feature = "salvo", feature = "tower"))]
pub(crate) fn status(error: &ExtractError) -> StatusCode {
    // It is one of four, so the fallback is never used; it lets nobody in.
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[expect(
    clippy::expect_used,
    reason = "names, attributes and base64url, and members of lists that were headers"
)]
fn printable(value: Vec<u8>) -> HeaderValue {
    HeaderValue::try_from(value).expect("no control characters")
}
