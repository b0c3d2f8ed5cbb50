//! The headers of actix-web, to be read and written.

use actix_web::{
    HttpRequest,
    dev::ServiceRequest,
    http::header::{
        AUTHORIZATION, CACHE_CONTROL, COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE, VARY,
    },
};

use crate::adapter::head::{GuardedRequest, RequestHead, ResponseHead};

impl RequestHead for HeaderMap {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        lines(self, name)
    }
}

impl RequestHead for HttpRequest {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        lines(self.headers(), name)
    }
}

impl RequestHead for ServiceRequest {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        lines(self.headers(), name)
    }
}

impl GuardedRequest for ServiceRequest {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn path_and_query(&self) -> &str {
        let uri = self.uri().path_and_query();
        uri.map_or("/", |path| path.as_str())
    }
}

impl ResponseHead for HeaderMap {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.keys().map(HeaderName::as_str)
    }

    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        lines(self, name)
    }

    fn append(&mut self, name: &str, value: Vec<u8>) {
        self.append(owned(name), printable(&value));
    }

    fn remove_if(&mut self, name: &str, remove: impl Fn(&[u8]) -> bool) {
        if lines(self, name).any(&remove) {
            self.retain(|there, value| there.as_str() != name || !remove(value.as_bytes()));
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(name) = named(name) {
            self.remove(name);
        }
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        // Checked by the compiler, as `from_static` elsewhere looks at each octet.
        let value = match value {
            b"private" => const { HeaderValue::from_static("private") },
            b"no-store" => const { HeaderValue::from_static("no-store") },
            b"cookie" => const { HeaderValue::from_static("cookie") },
            other => printable(other),
        };
        self.insert(owned(name), value);
    }

    fn append_secret(&mut self, name: &str, value: Vec<u8>) {
        let mut value = printable(&value);
        value.set_sensitive(true);
        self.append(owned(name), value);
    }
}

fn lines<'m>(headers: &'m HeaderMap, name: &str) -> impl Iterator<Item = &'m [u8]> + use<'m> {
    let lines = named(name).map(|name| headers.get_all(name));
    lines.into_iter().flatten().map(HeaderValue::as_bytes)
}

/// The header's name; those that most sessions use are not read as text.
fn named(name: &str) -> Option<HeaderName> {
    match name {
        "authorization" => Some(AUTHORIZATION),
        "cache-control" => Some(CACHE_CONTROL),
        "cookie" => Some(COOKIE),
        "set-cookie" => Some(SET_COOKIE),
        "vary" => Some(VARY),
        other => HeaderName::from_bytes(other.as_bytes()).ok(),
    }
}

#[expect(
    clippy::expect_used,
    reason = "the names of carriers are checked when they are built"
)]
fn owned(name: &str) -> HeaderName {
    named(name).expect("a checked header name")
}

#[expect(
    clippy::expect_used,
    reason = "names, attributes and base64url, and members of lists that were headers"
)]
fn printable(value: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(value).expect("no control characters")
}
