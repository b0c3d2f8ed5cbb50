//! How a sign-in with others is configured.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{CodeFlow, Trip, browser::Browser};
use crate::{
    base::{
        clock::{Clock, SystemClock},
        random::{Random, RandomError, SystemRandom},
    },
    carrier::{SameSite, names::check_name},
    codec::Codec,
    error::ConfigError,
    keys::ring::KeyRing,
    lifetime::Lifetime,
    ticket::Ticket,
};

/// The settings of a [`CodeFlow`], made by [`CodeFlow::sealed`].
#[must_use = "a flow is made by `build`"]
pub struct CodeFlowBuilder {
    provider: String,
    keys: KeyRing,
    lifetime: Duration,
    skew: Duration,
    context: Option<String>,
    domain: Option<String>,
    form_post: bool,
    insecure: bool,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl CodeFlow {
    /// Begins the configuration of sign-ins with a provider, by a name of your own for it: 1 to 58
    /// octets of the characters of an HTTP token (RFC 9110, section 5.6.2). The keys may be those of
    /// sessions.
    ///
    /// The `state` is the [`Ticket`] `oauth-` and this name, and the browser's cookie that of the session
    /// `oauth` (`oauth-form-post`), which all flows share if they have the same keys: have no ticket and
    /// no session of your own under these names.
    pub fn sealed(provider: &str, keys: KeyRing) -> CodeFlowBuilder {
        CodeFlowBuilder {
            provider: provider.into(),
            keys,
            lifetime: Duration::from_secs(60 * 60),
            skew: Duration::from_secs(60),
            context: None,
            domain: None,
            form_post: false,
            insecure: false,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

impl CodeFlowBuilder {
    /// How long the browser may be away, in whole seconds: an hour unless set, as some people make an
    /// account with the provider first; 24 hours at most. So long the cookie lives in any case, from the
    /// last time that it began anything.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// For providers that come back with a `POST` from their page (OAuth 2.0 Form Post Response Mode,
    /// `response_mode=form_post`): browsers send no other cookie with that than one with
    /// `SameSite=None`, which then has the name `oauth-form-post`. It tells other sites nothing.
    ///
    /// A check of [where requests come from](crate::guide::security#requests-from-other-sites) must let
    /// that `POST` pass. Prefer the provider's `response_mode=query` where there is a choice.
    pub fn form_post(mut self) -> Self {
        self.form_post = true;
        self
    }

    /// Binds every `state` to a context of the application's own, as
    /// [`CodecBuilder::context`](crate::CodecBuilder::context) does. What comes back must say which one, such
    /// as by its host, as the `state` is read in that context only.
    pub fn context(mut self, context: &str) -> Self {
        self.context = Some(context.into());
        self
    }

    /// The domain of the cookie, for a callback on another host than the one that began, as
    /// [`CodecBuilder::domain`](crate::CodecBuilder::domain) has it. All hosts of the domain can then plant
    /// a cookie of their own, and so finish in that browser what was begun elsewhere, or with it what was
    /// begun in that browser: trust them all.
    pub fn domain(mut self, domain: &str) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// A cookie over plain http, for development, as
    /// [`CodecBuilder::insecure`](crate::CodecBuilder::insecure) has it: whoever is on the way can plant
    /// one, as with [`domain`](CodeFlowBuilder::domain).
    pub fn insecure(mut self) -> Self {
        self.insecure = true;
        self
    }

    /// How far in the future, by this server's clock, another server may have begun, in whole seconds:
    /// 60 unless set.
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// The clock, [`SystemClock`] unless set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The source of randomness, [`SystemRandom`] unless set. For tests: read [`Random`] first.
    pub fn random(mut self, random: impl Random) -> Self {
        self.random = Arc::new(random);
        self
    }

    /// The flow.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a setting that cannot work; it says what to change.
    pub fn build(self) -> Result<CodeFlow, ConfigError> {
        if self.lifetime > COOKIE {
            let problem = format!(
                "{} seconds are longer than the cookie lives",
                self.lifetime.as_secs()
            );
            return Err(ConfigError::new(
                "lifetime",
                problem,
                "use 24 hours or less",
            ));
        }
        self.check_provider()?;
        let (one, other) = (Arc::clone(&self.clock), Arc::clone(&self.clock));
        let mut state =
            Ticket::<Trip>::sealed(&format!("oauth-{}", self.provider), self.keys.clone())
                .lifetime(self.lifetime)
                .skew(self.skew)
                .clock(move || one.now())
                .random(Shared(Arc::clone(&self.random)));
        if let Some(context) = &self.context {
            state = state.context(context);
        }
        let (name, same_site) = match self.form_post {
            true => ("oauth-form-post", SameSite::None),
            false => ("oauth", SameSite::Lax),
        };
        let mut cookie = Codec::<Browser>::sealed(name, self.keys)
            .lifetime(Lifetime::fixed(COOKIE))
            .same_site(same_site)
            .skew(self.skew)
            .clock(move || other.now())
            .random(Shared(Arc::clone(&self.random)));
        if let Some(domain) = &self.domain {
            cookie = cookie.domain(domain);
        }
        if self.insecure {
            cookie = cookie.insecure();
        }
        Ok(CodeFlow {
            state: state.build()?,
            cookie: cookie.build()?,
            clock: self.clock,
            random: self.random,
            replacing: Arc::new(Mutex::new(())),
        })
    }
}

impl CodeFlowBuilder {
    fn check_provider(&self) -> Result<(), ConfigError> {
        check_name("provider", &self.provider)?;
        match self.provider.len() {
            ..=58 => Ok(()),
            octets => {
                let problem = format!("the name has {octets} octets, more than 58");
                Err(ConfigError::new("provider", problem, "use a shorter one"))
            }
        }
    }
}

impl fmt::Debug for CodeFlowBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeFlowBuilder")
            .field("provider", &self.provider)
            .field("keys", &self.keys)
            .field("lifetime", &self.lifetime)
            .field("form_post", &self.form_post)
            .finish_non_exhaustive()
    }
}

/// How long the cookie lives: the same for all flows, as they share it.
const COOKIE: Duration = Duration::from_secs(24 * 60 * 60);

/// One source of randomness for all parts.
struct Shared(Arc<dyn Random>);

impl Random for Shared {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes)
    }
}
