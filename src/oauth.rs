//! Signing in with providers of OAuth 2 and OpenID Connect: [`CodeFlow`] keeps what must survive while the
//! browser is away.
//!
//! It is built on [`Codec`] and [`Ticket`], and neither knows of it.

mod browser;
mod builder;
mod error;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use self::browser::Browser;
pub use self::{builder::CodeFlowBuilder, error::FinishError};
use crate::{
    adapter::{Headers, RequestHead, ResponseHead},
    base::{clock::Clock, random::Random},
    codec::Codec,
    error::{ConfigError, SaveError},
    keyed::{self, Keyed},
    keys::{ring::KeyRing, source::KeySource},
    redirect::next_path,
    session::Session,
    ticket::Ticket,
    token::keys::AnyKeys,
};

/// Signing in with a provider of OAuth 2 or OpenID Connect, such as a company's directory: the
/// authorization code flow (RFC 6749, section 4.1), in which the browser goes to the provider and comes
/// back with a code. This keeps what belongs to that trip, without a record on the server; a crate such
/// as `openidconnect` or `oauth2` talks to the provider.
///
/// - [`begin`](CodeFlow::begin) gives what the link to the provider needs: `state`, the challenge of
///   PKCE (RFC 7636) and, for OpenID Connect, a `nonce`; and the headers of the response.
/// - [`finish`](CodeFlow::finish) checks the `state` with which the browser comes back, and gives the
///   verifier, the `nonce`, and the path to go on to.
///
/// The `state` is a [`Ticket`] of this provider, bound to a random secret that the browser has in one
/// sealed cookie, however often and in however many tabs it begins. So nobody can finish in someone
/// else's browser what they began in theirs, which would sign that person in to an account of theirs
/// (login CSRF), unless they can set that browser's cookies: see [`domain`](CodeFlowBuilder::domain) and
/// [`insecure`](CodeFlowBuilder::insecure). The secret is drawn anew after a day. Verifier and `nonce` are
/// derived from it and the `state`; the verifier is nowhere but in the request that uses it.
///
/// Give each provider a flow of its own name and a callback of its own: a `state` of one is refused by
/// the other, which is what RFC 9700, section 4.4.2.2, asks for against mix-ups. Begin and come back on
/// one host, as the cookie is that host's, and give all flows of a host the same keys.
///
/// # Examples
///
/// ```
/// use haversack::{Key, KeyRing, oauth::CodeFlow};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let flow = CodeFlow::sealed("example", KeyRing::new(Key::generate()?)).build()?;
///
/// // GET /login: a redirect to the provider, with these headers.
/// # let request = http::HeaderMap::new();
/// let begun = flow.begin(&request, "/orders?page=2")?;
/// let link = format!(
///     "https://provider.example/authorize?response_type=code&client_id=shop&scope=openid\
///      &redirect_uri=https%3A%2F%2Fshop.example%2Fcallback\
///      &state={}&nonce={}&code_challenge={}&code_challenge_method=S256",
///     begun.state, begun.nonce, begun.code_challenge
/// );
/// let headers = begun.response_headers()?;
/// # assert!(link.len() < 600);
/// # let cookie = headers[0].1.split(';').next().unwrap().to_owned();
/// # let request = http::HeaderMap::from_iter([(http::header::COOKIE, cookie.parse()?)]);
/// # let state = begun.state.clone();
///
/// // GET /callback?code=..&state=..: the same browser, with its cookie.
/// let finished = flow.finish(&request, &state)?;
/// assert_eq!(finished.code_verifier, begun.code_verifier); // goes with the code to the provider
/// assert_eq!(finished.nonce, begun.nonce); // must be the one in the ID token
/// assert_eq!(finished.return_to, "/orders?page=2"); // once the session is started
/// let headers = finished.response_headers()?; // after which this `state` is of no use any more
/// # Ok(())
/// # }
/// ```
#[doc(alias = "PKCE")]
#[doc(alias = "OpenID Connect")]
#[doc(alias = "OIDC")]
#[doc(alias = "state")]
#[doc(alias = "login with")]
pub struct CodeFlow {
    /// One for all flows of a browser.
    cookie: Codec<Browser>,
    state: Ticket<Trip>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// Held while keys are read and replaced, so that cookie and `state` have the same.
    replacing: Arc<Mutex<()>>,
}

/// What a `state` says.
#[derive(Serialize, Deserialize)]
struct Trip {
    return_to: String,
    /// When the secret was drawn that it is bound to.
    drawn: u64,
}

impl CodeFlow {
    /// Begins a sign-in, after which the browser is to go on to a path of this site: `return_to` is one
    /// as [`next_path`] gives it back, or else `/`. It stands in the `state`, which is as long, and who
    /// has the `state` can have it told: let nothing in it be secret.
    ///
    /// With the feature `http`, the request is its `http::HeaderMap`, or all of it.
    ///
    /// # Errors
    ///
    /// [`SaveError`], as when there is no randomness.
    pub fn begin(&self, request: &impl RequestHead, return_to: &str) -> Result<Begun, SaveError> {
        let session = self.cookie.load(request);
        // The same for all that this browser has begun, so that none of it is lost.
        let browser = session.get().map(|browser| (*browser).clone());
        let mut browser = browser.unwrap_or_default();
        let secret = browser.secret(self.clock.now(), &*self.random)?;
        let trip = Trip {
            return_to: next_path(return_to).to_owned(),
            drawn: secret.drawn,
        };
        let state = self.state.seal(&trip, secret.octets())?;
        let code_verifier = secret.code_verifier(state.as_bytes());
        let nonce = secret.nonce(state.as_bytes());
        // Anew, so that the cookie lives as long as this `state`.
        session.start(browser);
        Ok(Begun {
            code_challenge: browser::code_challenge(&code_verifier),
            code_verifier,
            nonce,
            state,
            session,
        })
    }

    /// Ends a sign-in, with the `state` with which the browser came back: also when it came back with an
    /// `error` rather than a `code`, before that is believed. Then ask the provider for the tokens, and
    /// [`start`](Session::start) a session.
    ///
    /// The response carries the headers of [`Finished`], after which the `state` is of no use in this
    /// browser (RFC 9700, section 4.2.4), unless another tab begins or comes back at the same moment.
    ///
    /// # Errors
    ///
    /// [`FinishError`] for a `state` that is not this flow's, too old or used, and in a browser that did
    /// not begin it.
    pub fn finish(
        &self,
        request: &impl RequestHead,
        state: impl AsRef<[u8]>,
    ) -> Result<Finished, FinishError> {
        let state = state.as_ref();
        let ticket = self.state.read(state).map_err(FinishError::State)?;
        let Trip { return_to, drawn } = ticket.value();
        let (return_to, drawn) = (next_path(return_to).to_owned(), *drawn);
        let session = self.cookie.load(request);
        let Some(browser) = session.get() else {
            return Err(match session.rejected() {
                None => FinishError::NoCookie { return_to },
                Some(rejected) => FinishError::CookieRejected {
                    return_to,
                    rejected,
                },
            });
        };
        let secret = browser.secret_of(drawn);
        let Some(secret) = secret.filter(|secret| ticket.bound_to(secret.octets()).is_ok()) else {
            return Err(FinishError::OtherBrowser { return_to });
        };
        if browser.has_used(state) {
            return Err(FinishError::Used { return_to });
        }
        session.update(|browser| browser.use_up(state));
        Ok(Finished {
            code_verifier: secret.code_verifier(state),
            nonce: secret.nonce(state),
            return_to,
            session,
        })
    }

    /// This flow in another context, such as that of a tenant: 1 to 256 octets. A `state` of one is
    /// refused in the other. See [`Codec::context`].
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a context that is empty or too long.
    pub fn context(&self, context: &str) -> Result<CodeFlow, ConfigError> {
        let state = self.state.context(context)?;
        Ok(CodeFlow {
            state,
            ..self.clone()
        })
    }

    /// Replaces the keys, as [`Codec::rotate`] does.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for keys that cannot work; the old ones stay.
    pub fn rotate(&self, keys: KeyRing) -> Result<(), ConfigError> {
        self.rotate_any(keys.into())
    }

    /// Reads the keys again, as [`Codec::reload`] does.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the source cannot be read or its text is not that of a [`KeyRing`]; the old
    /// keys stay.
    pub fn reload(&self, source: &KeySource) -> Result<(), ConfigError> {
        let _replacing = self.replacing();
        let keys: KeyRing = source.read()?;
        self.cookie.rotate(keys.clone())?;
        self.state.rotate(keys)
    }

    /// Replaces the keys of all of it, or of nothing.
    fn rotate_any(&self, keys: AnyKeys) -> Result<(), ConfigError> {
        let _replacing = self.replacing();
        // What the first does not take the second does not either.
        self.cookie.rotate(keys.clone())?;
        self.state.rotate(keys)
    }

    fn replacing(&self) -> MutexGuard<'_, ()> {
        // Whoever panicked left nothing half done that matters here.
        self.replacing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl keyed::private::Sealed for CodeFlow {}

impl Keyed for CodeFlow {
    fn name(&self) -> &str {
        self.state.name()
    }

    fn is_signed(&self) -> bool {
        false
    }

    fn longest_lifetime(&self) -> u64 {
        let cookie = Keyed::longest_lifetime(&self.cookie);
        cookie.max(Keyed::longest_lifetime(&self.state))
    }

    fn rotate_to(&self, keys: AnyKeys) -> Result<(), ConfigError> {
        self.rotate_any(keys)
    }

    fn on_unknown_key(&self, tell: Arc<dyn Fn() + Send + Sync>) {
        self.cookie.on_unknown_key(Arc::clone(&tell));
        self.state.on_unknown_key(tell);
    }
}

impl Clone for CodeFlow {
    fn clone(&self) -> CodeFlow {
        CodeFlow {
            cookie: self.cookie.clone(),
            state: self.state.clone(),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            replacing: Arc::clone(&self.replacing),
        }
    }
}

impl fmt::Debug for CodeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeFlow")
            .field("cookie", &self.cookie)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A sign-in that has begun, from [`CodeFlow::begin`].
#[non_exhaustive]
pub struct Begun {
    /// The `state` of the link to the provider: URL-safe, some 120 characters and 4 for each 3 of
    /// the path to go on to.
    pub state: String,
    /// The `nonce` of the link to a provider of OpenID Connect (OpenID Connect Core 1.0, section
    /// 3.1.2.1): 43 characters.
    pub nonce: String,
    /// The `code_challenge` of the link, whose `code_challenge_method` is `S256` (RFC 7636, section 4.2):
    /// 43 characters.
    pub code_challenge: String,
    /// What the challenge was made from, for crates that make it themselves: 43 characters. A secret of
    /// the server, which [`finish`](CodeFlow::finish) gives again.
    pub code_verifier: String,
    session: Session<Browser>,
}

impl Begun {
    /// The headers of the response that leads to the provider: the browser's cookie, and that no cache
    /// stores it. For what to do with such headers that are there already see
    /// [`Session::response_headers`].
    ///
    /// # Errors
    ///
    /// [`SaveError`], as when there is no randomness.
    pub fn response_headers(&self) -> Result<Headers, SaveError> {
        headers(&self.session)
    }

    /// Writes these headers, as [`Session::save`] does.
    ///
    /// # Errors
    ///
    /// [`SaveError`], as when there is no randomness; the headers are then as they were.
    pub fn save(&self, headers: &mut impl ResponseHead) -> Result<(), SaveError> {
        self.session.save(headers)
    }
}

impl fmt::Debug for Begun {
    /// Shows nothing that is a secret of the browser or of the server.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").finish_non_exhaustive()
    }
}

/// A sign-in whose browser came back, from [`CodeFlow::finish`].
#[non_exhaustive]
pub struct Finished {
    /// The `code_verifier` that goes to the provider with the code (RFC 7636, section 4.5).
    pub code_verifier: String,
    /// What the claim `nonce` of the ID token must be (OpenID Connect Core 1.0, section 3.1.3.7).
    pub nonce: String,
    /// Where to go on to: a path of this site.
    pub return_to: String,
    session: Session<Browser>,
}

impl Finished {
    /// The headers of the response, with which the browser's cookie knows that the `state` is used.
    ///
    /// # Errors
    ///
    /// [`SaveError`], as when there is no randomness.
    pub fn response_headers(&self) -> Result<Headers, SaveError> {
        headers(&self.session)
    }

    /// Writes these headers, as [`Session::save`] does.
    ///
    /// # Errors
    ///
    /// [`SaveError`], as when there is no randomness; the headers are then as they were.
    pub fn save(&self, headers: &mut impl ResponseHead) -> Result<(), SaveError> {
        self.session.save(headers)
    }
}

impl fmt::Debug for Finished {
    /// Shows only where to go on to; the rest is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Finished")
            .field("return_to", &self.return_to)
            .finish_non_exhaustive()
    }
}

fn headers(session: &Session<Browser>) -> Result<Headers, SaveError> {
    let headers = session.response_headers()?.into_iter();
    Ok(headers.map(|(name, value)| (name.into(), value)).collect())
}
