//! A guard for routes that need a session.

use std::{fmt, sync::Arc};

use super::{
    denied::{Denial, Denied},
    extract::ExtractError,
    head::GuardedRequest,
    missing::MissingLayer,
    sign_in::SignIn,
};
use crate::{codec::Codec, session::Session};

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
    #[doc(alias = "guard")]
    #[doc(alias = "login_required")]
    pub fn required(&self) -> Required<T> {
        Required {
            codec: self.clone(),
            sign_in: None,
            fresh: None,
            allows: Vec::new(),
        }
    }
}

/// Says who is let through.
type Allows<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// A guard that lets only requests with a live session through, made by [`Codec::required`]: a
/// `tower_layer::Layer` with the feature `tower`.
#[must_use = "a guard is laid around routes with `route_layer`"]
pub struct Required<T> {
    codec: Codec<T>,
    sign_in: Option<SignIn>,
    /// How old a proof of identity may be, in seconds.
    fresh: Option<u64>,
    allows: Vec<Allows<T>>,
}

impl<T> Required<T> {
    /// Sends people who are not signed in, or for [`fresh`](Required::fresh) not lately enough, to
    /// a page: a 303 with the page that they wanted in the query, such as
    /// `/login?next=/account%3Ftab%3D1`. The sign-in goes on to [`next_path`](crate::next_path) of it. Inside a `nest`,
    /// axum hides the prefix, and `next` would lack it: put the guard around the `nest`.
    ///
    /// Only navigations are redirected: what says `Sec-Fetch-Mode: navigate`, or where a client sends no
    /// such header, a `GET` or `HEAD` with `Accept: text/html`. A form that is sent too late goes to the
    /// page without `next`. Everything else gets a 401 as without it, and so does a request for the
    /// sign-in page itself if that is behind the guard, so nothing loops. The page must not send people
    /// on who are signed in but not lately enough.
    pub fn or_redirect(mut self, sign_in: &str) -> Self {
        self.sign_in = Some(SignIn::on(sign_in));
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

    /// Whether a request is let through, by the session that its layer has for it. For adapters.
    ///
    /// # Errors
    ///
    /// [`ExtractError`] if not, which says what to answer: [`Denied`], or
    /// [`MissingLayer`] under no layer, or that of another codec.
    pub fn check(
        &self,
        session: Option<Session<T>>,
        request: &impl GuardedRequest,
    ) -> Result<(), ExtractError> {
        let session = session
            .filter(|session| self.is_for(session.codec()))
            .ok_or_else(|| MissingLayer::around_guard::<T>(self.codec.name()))?;
        let Some(why) = self.denial(&session) else {
            session.guard();
            return Ok(());
        };
        let sign_in = self.sign_in.as_ref().filter(|_| why != Denial::Forbidden);
        let denied = Denied {
            location: sign_in.and_then(|sign_in| sign_in.location(request)),
            ..session.denied(why)
        };
        Err(denied.into())
    }

    /// Whether this is the guard of such sessions: of its codec, or of a context of it where the guard is
    /// of none.
    fn is_for(&self, codec: &Codec<T>) -> bool {
        codec.is_same_as(&self.codec) || codec.is_context_of(&self.codec)
    }

    /// Why a request is not let through, if it is not.
    fn denial(&self, session: &Session<T>) -> Option<Denial> {
        let value = match session.active() {
            Ok(value) => value,
            Err(denied) => return Some(denied.why()),
        };
        // Who may not do it at all is not asked for a password first.
        if !self.allows.iter().all(|allows| allows(&value)) {
            return Some(Denial::Forbidden);
        }
        let seconds = self.fresh?;
        let too_old = !session.authenticated_within(seconds);
        too_old.then_some(Denial::TooOld { seconds })
    }
}

impl<T> Clone for Required<T> {
    fn clone(&self) -> Required<T> {
        Required {
            codec: self.codec.clone(),
            sign_in: self.sign_in.clone(),
            allows: self.allows.clone(),
            ..*self
        }
    }
}

impl<T> fmt::Debug for Required<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Required")
            .field("codec", &self.codec)
            .field("or_redirect", &self.sign_in)
            .field("fresh", &self.fresh)
            .finish_non_exhaustive()
    }
}
