//! Whole requests through an axum router.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, Response, header},
};
use haversack_benches::{
    carried::{self, LIMIT},
    compared::{Kind, Size, Use},
};
use tower::ServiceExt as _;

use crate::measure::{Contender, Group, Unable, Work, repeat_on};

/// A router with the routes `/starts`, `/reads`, `/changes` and `/ignores`; the second answers `in`
/// or `out`.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) size: Size,
    pub(crate) router: Router,
}

impl Subject {
    /// A contender for each of these uses.
    pub(crate) fn contenders(mut self, uses: &[Use]) -> Vec<Contender> {
        // As `axum::serve` does, so that layers are applied once and not in every request.
        self.router = self.router.with_state(());
        let cookie = self.start();
        uses.iter()
            .map(|used| Contender {
                group: Group::Request(*used),
                name: self.name,
                kind: self.kind,
                size: self.size,
                octets: None,
                work: match &cookie {
                    Some(cookie) => Ok(self.work(*used, cookie)),
                    None => Err(Unable::TooLarge),
                },
            })
            .collect()
    }

    /// The cookies of a request after a session was started, if it fits.
    fn start(&self) -> Option<String> {
        let response = self.response("/starts", None);
        let set_cookie = response.headers().get(header::SET_COOKIE)?.to_str().ok()?;
        let own = carried::pair(set_cookie);
        (own.len() <= LIMIT).then(|| carried::request_cookies(own))
    }

    fn work(&self, used: Use, cookie: &str) -> Work {
        let path = used.path();
        let cookie = (used != Use::Empty).then_some(cookie);
        self.check(used, path, cookie);
        let cookie = cookie.map(value);
        let router = self.router.clone();
        repeat_on(
            move || request(path, cookie.clone()),
            move |request| ready(router.clone().oneshot(request)),
        )
    }

    /// That the contender does what it is measured for.
    fn check(&self, used: Use, path: &'static str, cookie: Option<&str>) {
        let response = self.response(path, cookie.map(value));
        let writes = response.headers().contains_key(header::SET_COOKIE);
        let body = ready(axum::body::to_bytes(response.into_body(), 1024)).unwrap_or_default();
        let expected: &[u8] = if used == Use::Empty { b"out" } else { b"in" };
        assert!(
            body == expected && writes == (used == Use::Change),
            "{} {used:?}: {body:?}, writes: {writes}",
            self.name
        );
    }

    fn response(&self, path: &'static str, cookie: Option<HeaderValue>) -> Response<Body> {
        let Ok(response) = ready(self.router.clone().oneshot(request(path, cookie)));
        response
    }
}

/// The output of a future that waits for nothing.
pub(crate) fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn request(path: &'static str, cookie: Option<HeaderValue>) -> Request<Body> {
    let mut request = Request::get(path);
    if let Some(headers) = request.headers_mut() {
        headers.insert(header::HOST, HeaderValue::from_static("example.com"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
        headers.extend(cookie.map(|cookie| (header::COOKIE, cookie)));
    }
    request.body(Body::empty()).expect("a valid request")
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("visible ASCII")
}
