//! The layer that gives handlers a session, for every framework.

use crate::codec::Codec;

impl<T> Codec<T> {
    /// The layer that gives handlers this session and writes it to their responses.
    ///
    /// The session is read once, when a handler first asks for it. It is written to every response
    /// of the inner service, whatever its status: a sign-in followed by an error page is still a
    /// sign-in. If it can't be written, the response is an empty 500 that no cache keeps, as a
    /// sign-in that silently didn't stick is worse. The [`SaveError`](crate::SaveError) is among
    /// its extensions, and an event with the feature `tracing`.
    ///
    /// The type picks the session: two sessions in one request are two types and two layers. If
    /// layers for sessions of two names have one type, each request is a 500 that reaches no
    /// handler, and a [`ConfigError`](crate::ConfigError) says so in the same places. Of two layers for one name, such
    /// as those of two contexts, the inner one counts.
    ///
    /// Order matters in two cases:
    ///
    /// - Middleware that changes the [request header](Codec::request_header), or gives a request
    ///   the extensions of another one, belongs outside of the layer. Inside, such a request has no
    ///   session ([`Session::of`](crate::Session::of)).
    /// - Middleware that adds a `Vary` of its own, such as compression, belongs inside, which on an
    ///   axum router is before it. The layer makes one line of all that is there, and nginx before
    ///   1.23 heeds only the last line.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::{Router, routing::{get, post}};
    /// use haversack::{Active, Codec, Key, KeyRing, Session};
    /// # use axum::{body::Body, http::{Request, StatusCode}};
    /// # use tower::ServiceExt as _;
    ///
    /// async fn sign_in(session: Session<u64>) {
    ///     session.start(7);
    /// }
    ///
    /// async fn me(user: Active<u64>) -> String {
    ///     format!("user {}", *user)
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).build()?;
    /// let app = Router::new()
    ///     .route("/login", post(sign_in))
    ///     .route("/me", get(me))
    ///     .layer(login.layer()); // after the routes that it is for
    /// # let response = app.clone().oneshot(Request::post("/login").body(Body::empty())?).await?;
    /// # let cookie = response.headers()["set-cookie"].to_str()?.split(';').next().unwrap();
    /// # let signed_in = Request::get("/me").header("cookie", cookie).body(Body::empty())?;
    /// # assert_eq!(app.clone().oneshot(signed_in).await?.status(), StatusCode::OK);
    /// let stranger = Request::get("/me").body(Body::empty())?;
    /// assert_eq!(app.oneshot(stranger).await?.status(), StatusCode::UNAUTHORIZED);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "middleware")]
    #[must_use]
    pub fn layer(&self) -> SessionLayer<T> {
        SessionLayer {
            codec: self.clone(),
        }
    }
}

/// A layer that gives handlers a session, made by [`Codec::layer`]: with the feature `tower` a
/// `tower_layer::Layer`. Name it where a type has to
/// be written out.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, SessionLayer};
///
/// struct Layers {
///     login: SessionLayer<u64>,
/// }
///
/// fn layers(login: &Codec<u64>) -> Layers {
///     Layers { login: login.layer() }
/// }
/// ```
#[derive(Debug)]
pub struct SessionLayer<T> {
    pub(crate) codec: Codec<T>,
}

impl<T> Clone for SessionLayer<T> {
    fn clone(&self) -> SessionLayer<T> {
        SessionLayer {
            codec: self.codec.clone(),
        }
    }
}
