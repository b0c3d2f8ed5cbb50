//! The heads of Rocket's requests and responses, to be read and written.

use std::borrow::Cow;

use ::rocket::{Request, Response, http::HeaderMap};

use crate::adapter::{GuardedRequest, RequestHead, ResponseHead};

impl RequestHead for HeaderMap<'_> {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.get(name).map(str::as_bytes)
    }
}

/// The head of a request, with what Rocket has in pieces put together.
pub(super) struct Head<'r> {
    headers: &'r HeaderMap<'r>,
    method: &'static str,
    /// The cookies of a local request, which Rocket has in the jar alone.
    local_cookies: String,
    uri: String,
}

impl<'r> Head<'r> {
    /// What a session is read from.
    pub(super) fn of(request: &'r Request<'_>) -> Head<'r> {
        let is_local = !request.headers().contains("cookie");
        let jar = is_local.then(|| request.cookies().iter());
        let pairs = jar.into_iter().flatten().map(|cookie| {
            let (name, value) = cookie.name_value();
            format!("{name}={value}")
        });
        Head {
            headers: request.headers(),
            method: request.method().as_str(),
            local_cookies: pairs.collect::<Vec<_>>().join("; "),
            uri: String::new(),
        }
    }

    /// What a guard looks at.
    pub(super) fn guarded(request: &'r Request<'_>) -> Head<'r> {
        Head {
            uri: request.uri().to_string(),
            ..Head::of(request)
        }
    }
}

impl RequestHead for Head<'_> {
    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        let local = (name == "cookie" && !self.local_cookies.is_empty())
            .then_some(self.local_cookies.as_bytes());
        RequestHead::values(self.headers, name).chain(local)
    }
}

impl GuardedRequest for Head<'_> {
    fn method(&self) -> &str {
        self.method
    }

    fn path_and_query(&self) -> &str {
        &self.uri
    }
}

impl ResponseHead for Response<'_> {
    fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.headers().iter().map(|header| header.name.into_cow());
        names.filter_map(|name| match name {
            Cow::Borrowed(name) => Some(name),
            // Rocket lends them all.
            Cow::Owned(_) => None,
        })
    }

    fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        self.headers().get(name).map(str::as_bytes)
    }

    fn append(&mut self, name: &str, value: Vec<u8>) {
        self.adjoin_raw_header(name.to_owned(), text(&value));
    }

    fn remove_if(&mut self, name: &str, remove: impl Fn(&[u8]) -> bool) {
        let stays = |value: &&str| !remove(value.as_bytes());
        if self.headers().get(name).all(|value| stays(&value)) {
            return;
        }
        let kept = self.headers().get(name).filter(stays);
        let kept: Vec<_> = kept.map(str::to_owned).collect();
        self.remove_header(name);
        for value in kept {
            self.adjoin_raw_header(name.to_owned(), value);
        }
    }

    fn remove(&mut self, name: &str) {
        self.remove_header(name);
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        self.set_raw_header(name.to_owned(), text(value));
    }
}

fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}
