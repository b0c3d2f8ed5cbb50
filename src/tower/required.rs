//! A guard for routes that need a session.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use ::http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{ACCEPT, LOCATION},
};
use pin_project_lite::pin_project;
use serde::de::DeserializeOwned;
use tower_layer::Layer;
use tower_service::Service;

use super::{denial::Denial, failure::fail, slot::find};
use crate::{
    base::observe, codec::Codec, error::ConfigError, http::caching, redirect::next_path,
    session::Session,
};

impl<T> Codec<T> {
    /// A guard that lets only requests with a live session of this codec through. It goes inside its
    /// [`layer`](Codec::layer): on axum with `route_layer`, so that unknown pages stay a 404. Under the
    /// layer of another codec every request is a 500.
    ///
    /// Everyone else gets a 401, with the challenge of RFC 6750, section 3, if the codec is a
    /// [`bearer`](crate::CodecBuilder::bearer). No cache stores what is behind the guard, not even the
    /// browser that would show the last page after a sign-out, unless the handler says otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use haversack::{Codec, Key, KeyRing};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Login { user: u64, admin: bool }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let login = Codec::<Login>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// let email = Router::new()
    ///     .route("/account/email", get(|| async { "a new address" }))
    ///     // Signed in, but not lately: to the page that asks for the password.
    ///     .route_layer(login.required().fresh(300).or_redirect("/confirm"));
    /// let account = Router::new()
    ///     .route("/account", get(|| async { "your account" }))
    ///     .route("/confirm", get(|| async { "your password, please" }))
    ///     .merge(email)
    ///     // Not signed in: 303 to `/login?next=/account`.
    ///     .route_layer(login.required().or_redirect("/login"));
    /// let users = Router::new()
    ///     .route("/users", get(|| async { "all users" }))
    ///     .route_layer(login.required().when(|login| login.admin));
    /// let app: Router = Router::new()
    ///     .route("/login", get(|| async { "sign in" }))
    ///     .merge(account)
    ///     .merge(users)
    ///     .layer(login.layer());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
    #[doc(alias = "guard")]
    #[doc(alias = "login_required")]
    pub fn required(&self) -> RequiredLayer<T> {
        RequiredLayer {
            codec: self.clone(),
            sign_in: None,
            fresh: None,
            allows: Vec::new(),
        }
    }
}

/// Says who is let through.
type Allows<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// A [`Layer`] that lets only requests with a live session through, made by [`Codec::required`].
#[must_use = "a guard is laid around routes with `route_layer`"]
pub struct RequiredLayer<T> {
    codec: Codec<T>,
    /// The page to sign in on.
    sign_in: Option<Arc<str>>,
    /// How old a proof of identity may be, in seconds.
    fresh: Option<u64>,
    allows: Vec<Allows<T>>,
}

impl<T> RequiredLayer<T> {
    /// Sends people who are not signed in, or for [`fresh`](RequiredLayer::fresh) not lately enough, to
    /// a page: a 303 with the page that they wanted in the query, such as
    /// `/login?next=/account%3Ftab%3D1`. The sign-in goes on to [`next_path`] of it. Inside a `nest`,
    /// axum hides the prefix, and `next` would lack it: put the guard around the `nest`.
    ///
    /// Only navigations are redirected: what says `Sec-Fetch-Mode: navigate`, or where a client sends no
    /// such header, a `GET` or `HEAD` with `Accept: text/html`. A form that is sent too late goes to the
    /// page without `next`. Everything else gets a 401 as without it, and so does a request for the
    /// sign-in page itself if that is behind the guard, so nothing loops. The page must not send people
    /// on who are signed in but not lately enough.
    pub fn or_redirect(mut self, sign_in: &str) -> Self {
        self.sign_in = Some(own_url(sign_in).into());
        self
    }

    /// Lets only sessions through for which this holds; others get a 403. If it is called more than once,
    /// all must hold.
    ///
    /// It sees what was true when the token was made: an administrator who was dismissed stays one until
    /// the session ends, unless [`accept_if`](crate::CodecBuilder::accept_if) asks today's records.
    pub fn when(mut self, allows: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        self.allows.push(Arc::new(allows));
        self
    }

    /// Lets only users through who [proved](crate::Session::authenticated_within) who they are within
    /// the last `seconds` seconds, that second included. Others get a 403 whose body is
    /// `authentication too old`, or with [`bearer`](crate::CodecBuilder::bearer) a 401 with the challenge
    /// of RFC 9470, section 3: ask for the password, and call [`confirm`](crate::Session::confirm).
    #[doc(alias = "step-up")]
    pub fn fresh(mut self, seconds: u64) -> Self {
        self.fresh = Some(seconds);
        self
    }

    /// Whether this is the guard of such sessions: of its codec, or of a context of it where the guard is
    /// of none.
    fn is_for(&self, codec: &Codec<T>) -> bool {
        codec.is_same_as(&self.codec) || codec.is_context_of(&self.codec)
    }

    /// Why a request is not let through, if it is not.
    fn denial(&self, session: &Session<T>) -> Option<Denial> {
        let Some(value) = session.get() else {
            let rejected = session.rejected().is_some();
            return Some(Denial::NoSession { rejected });
        };
        // Who may not do it at all is not asked for a password first.
        if !self.allows.iter().all(|allows| allows(&value)) {
            return Some(Denial::Forbidden);
        }
        let seconds = self.fresh?;
        let too_old = !session.authenticated_within(seconds);
        too_old.then_some(Denial::TooOld { seconds })
    }

    /// What the request is answered instead of being let through.
    fn answer<In, Out: From<&'static str>>(
        &self,
        request: &Request<In>,
        denial: Denial,
    ) -> Response<Out> {
        let goes_on = denial != Denial::Forbidden && !self.is_sign_in(request.uri().path());
        let sign_in = self.sign_in.as_deref().filter(|_| goes_on);
        match sign_in.and_then(|sign_in| sign_in_location(sign_in, request)) {
            Some(location) => see_other(location),
            None => denial.response(self.codec.is_bearer()),
        }
    }

    /// Whether this is the page on which people sign in, or what a `nest` leaves of its path.
    fn is_sign_in(&self, path: &str) -> bool {
        let sign_in = self.sign_in.as_deref().unwrap_or_default();
        let page = sign_in.split(['?', '#']).next().unwrap_or_default();
        page == path || (path != "/" && page.ends_with(path))
    }
}

/// Where a navigation is sent instead; `None` for what is none.
fn sign_in_location<In>(sign_in: &str, request: &Request<In>) -> Option<String> {
    let is_read = [Method::GET, Method::HEAD].contains(request.method());
    if !is_navigation(request.headers(), is_read) {
        return None;
    }
    let wanted = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    if !is_read || next_path(wanted) != wanted {
        return Some(sign_in.into());
    }
    let (page, fragment) = sign_in.split_at(sign_in.find('#').unwrap_or(sign_in.len()));
    let separator = if page.contains('?') { '&' } else { '?' };
    Some(format!(
        "{page}{separator}next={}{fragment}",
        encoded(wanted)
    ))
}

/// Whether a person is to see the answer (Fetch Metadata, section 2.3).
fn is_navigation(headers: &HeaderMap, is_read: bool) -> bool {
    match headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        // Older clients, and plain http.
        None => is_read && headers.get_all(ACCEPT).iter().any(takes_html),
    }
}

fn takes_html(accept: &HeaderValue) -> bool {
    let mut ranges = accept.as_bytes().split(|octet| *octet == b',');
    ranges.any(|range| {
        let range = range
            .split(|octet| *octet == b';')
            .next()
            .unwrap_or_default();
        range.trim_ascii().eq_ignore_ascii_case(b"text/html")
    })
}

#[expect(clippy::expect_used, reason = "its parts are printable ASCII")]
fn see_other<Out: From<&'static str>>(location: String) -> Response<Out> {
    let mut response = Response::new(Out::from(""));
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::try_from(location).expect("printable ASCII");
    response.headers_mut().insert(LOCATION, location);
    caching::forbid_storing(response.headers_mut());
    response
}

/// A value of a query (RFC 3986, section 3.4).
fn encoded(path: &str) -> String {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet);
    percent_encoded(path, is_plain)
}

/// A URL of the application's own, as a header can have it; what is no URL is a path from the root.
fn own_url(url: &str) -> String {
    let is_absolute = url.starts_with('/') || url.contains("://");
    let root = if is_absolute { "" } else { "/" };
    root.to_owned() + &percent_encoded(url, |octet| matches!(octet, b'!'..=b'~'))
}

fn percent_encoded(text: &str, is_plain: impl Fn(u8) -> bool) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut out, octet| {
            if is_plain(octet) {
                out.push(octet.into());
            } else {
                out += &format!("%{octet:02X}");
            }
            out
        })
}

impl<T> Clone for RequiredLayer<T> {
    fn clone(&self) -> RequiredLayer<T> {
        RequiredLayer {
            codec: self.codec.clone(),
            sign_in: self.sign_in.clone(),
            allows: self.allows.clone(),
            ..*self
        }
    }
}

impl<T> fmt::Debug for RequiredLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequiredLayer")
            .field("codec", &self.codec)
            .field("or_redirect", &self.sign_in)
            .field("fresh", &self.fresh)
            .finish_non_exhaustive()
    }
}

impl<S, T> Layer<S> for RequiredLayer<T> {
    type Service = RequiredService<S, T>;

    fn layer(&self, inner: S) -> RequiredService<S, T> {
        RequiredService {
            inner,
            guard: Arc::new(self.clone()),
        }
    }
}

/// The [`Service`] of a [`RequiredLayer`].
#[derive(Debug)]
pub struct RequiredService<S, T> {
    inner: S,
    guard: Arc<RequiredLayer<T>>,
}

impl<S: Clone, T> Clone for RequiredService<S, T> {
    fn clone(&self) -> RequiredService<S, T> {
        RequiredService {
            inner: self.inner.clone(),
            guard: Arc::clone(&self.guard),
        }
    }
}

impl<S, T, In, Out> Service<Request<In>> for RequiredService<S, T>
where
    S: Service<Request<In>, Response = Response<Out>>,
    T: DeserializeOwned + Send + Sync + 'static,
    Out: Default + From<&'static str>,
{
    type Response = Response<Out>;
    type Error = S::Error;
    type Future = RequiredFuture<S::Future, Out>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<In>) -> RequiredFuture<S::Future, Out> {
        let guard = &self.guard;
        let denied = |response| RequiredFuture {
            state: State::Denied {
                response: Some(response),
            },
        };
        let session = find::<T>(&request).ok();
        let Some(session) = session.filter(|session| guard.is_for(session.codec())) else {
            return denied(no_layer(guard.codec.name()));
        };
        if let Some(denial) = guard.denial(&session) {
            return denied(guard.answer(&request, denial));
        }
        let inner = self.inner.call(request);
        let state = State::Passed { inner };
        RequiredFuture { state }
    }
}

/// A guard cannot know who is signed in where the session's layer is missing: a mistake of the program.
fn no_layer<Out: Default>(name: &str) -> Response<Out> {
    let problem = format!("the guard of {name} finds no session in the request");
    let fix = "lay codec.layer() around it, outside of codec.required()";
    let error = ConfigError::new("layer", problem, fix);
    observe::failed("no session for a guard", Some(name), &error);
    let mut response = Response::new(Out::default());
    fail(&mut response, error);
    response
}

pin_project! {
    /// The future of a [`RequiredService`].
    pub struct RequiredFuture<F, Out> {
        #[pin]
        state: State<F, Out>,
    }
}

pin_project! {
    #[project = StateOf]
    enum State<F, Out> {
        Passed {
            #[pin]
            inner: F,
        },
        Denied { response: Option<Response<Out>> },
    }
}

impl<F, E, Out> Future for RequiredFuture<F, Out>
where
    F: Future<Output = Result<Response<Out>, E>>,
    Out: Default,
{
    type Output = Result<Response<Out>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match self.project().state.project() {
            StateOf::Passed { inner } => {
                let mut response = ready!(inner.poll(context))?;
                caching::forbid_storing_unless_said(response.headers_mut());
                response
            }
            StateOf::Denied { response } => response.take().unwrap_or_default(),
        };
        Poll::Ready(Ok(response))
    }
}

impl<F, Out> fmt::Debug for RequiredFuture<F, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequiredFuture").finish_non_exhaustive()
    }
}
