//! How a codec is configured; `build` checks the whole once.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use crate::{
    carrier::{Carrier, CookieSettings, HeaderSettings, SameSite, check_name, cookie_prefix},
    clock::{Clock, SystemClock},
    codec::{Codec, Core},
    error::ConfigError,
    format::{Binding, Keys},
    lifetime::Lifetime,
    random::{Random, SystemRandom},
};

/// The settings of a [`Codec`], made by [`Codec::sealed`] or [`Codec::jwt`].
///
/// Unless said otherwise the session lives for 24 hours ([`Lifetime::fixed`]) in a cookie named
/// `__Host-` and the session's name, with `Path=/; SameSite=Lax; Secure; HttpOnly`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use haversack::{Codec, Key, KeyRing, Lifetime, SameSite};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = KeyRing::new(Key::generate()?);
/// let admin = Codec::<String>::sealed("admin", keys)
///     .lifetime(Lifetime::sliding(Duration::from_secs(900), Duration::from_secs(8 * 3600)))
///     .path("/admin")
///     .same_site(SameSite::Strict)
///     .build()?;
/// assert!(admin.write(&"root".into())?.starts_with("__Secure-admin="));
/// # Ok(())
/// # }
/// ```
#[must_use = "a codec is made by `build`"]
pub struct CodecBuilder<T> {
    keys: Keys,
    binding: Binding,
    cookie: CookieSettings,
    header: Option<HeaderSettings>,
    lifetime: Lifetime,
    skew: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    value: PhantomData<fn() -> T>,
}

impl<T> CodecBuilder<T> {
    pub(crate) fn new(name: &str, keys: Keys) -> CodecBuilder<T> {
        let binding = Binding {
            name: name.into(),
            context: None,
            #[cfg(feature = "jwt")]
            issuer: None,
        };
        CodecBuilder {
            keys,
            binding,
            cookie: CookieSettings::default(),
            header: None,
            lifetime: Lifetime::default(),
            skew: Duration::from_secs(60),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            value: PhantomData,
        }
    }

    /// How long the session lives.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Binds every token to a context of the application's own, such as a tenant or an environment:
    /// 1 to 256 octets. A token of another context, or of none, does not open. It is the `aud` of a
    /// JWT.
    pub fn context(mut self, context: &str) -> Self {
        self.binding.context = Some(context.into());
        self
    }

    /// The `iss` of a JWT, which a token must have to open: 1 to 256 octets.
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.binding.issuer = Some(issuer.into());
        self
    }

    /// Carries the token in a header of this name, in requests and in responses, and not in a
    /// cookie. A session that [ends](crate::Session::end) is an empty header.
    pub fn header(mut self, name: &str) -> Self {
        self.header = Some(HeaderSettings {
            name: name.into(),
            bearer: false,
        });
        self
    }

    /// Carries the token as `Authorization: Bearer` (RFC 6750) in requests, and in a header of this
    /// name in responses.
    pub fn bearer(mut self, response_header: &str) -> Self {
        self.header = Some(HeaderSettings {
            name: response_header.into(),
            bearer: true,
        });
        self
    }

    /// The cookie's `Path`, `/` unless set. With another one the prefix is `__Secure-`.
    pub fn path(mut self, path: &str) -> Self {
        self.cookie.path = Some(path.into());
        self
    }

    /// The cookie's `Domain`: its subdomains get the cookie too, and any of them can replace it.
    /// The prefix is then `__Secure-`.
    pub fn domain(mut self, domain: &str) -> Self {
        self.cookie.domain = Some(domain.into());
        self
    }

    /// The cookie's `SameSite`, [`Lax`](SameSite::Lax) unless set.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookie.same_site = Some(same_site);
        self
    }

    /// Keeps the cookie apart for every site that embeds this one (`Partitioned`, CHIPS).
    pub fn partitioned(mut self) -> Self {
        self.cookie.partitioned = true;
        self
    }

    /// Lets scripts in the page read the cookie, and with it whatever script gets into the page: no
    /// `HttpOnly`.
    pub fn script_readable(mut self) -> Self {
        self.cookie.script_readable = true;
        self
    }

    /// Lets the cookie travel over plain http, where anyone on the way can copy it: no `Secure` and
    /// no prefix. For development only.
    pub fn insecure(mut self) -> Self {
        self.cookie.insecure = true;
        self
    }

    /// Asks the browser to forget the cookie when it closes: no `Max-Age`. The session's lifetime
    /// holds all the same, and browsers that restore tabs keep the cookie.
    pub fn until_browser_closes(mut self) -> Self {
        self.cookie.until_browser_closes = true;
        self
    }

    /// Names the cookie exactly so: no prefix is added, and one that is there is checked against
    /// the attributes.
    pub fn exact_name(mut self, name: &str) -> Self {
        self.cookie.exact_name = Some(name.into());
        self
    }

    /// How far in the future, by this server's clock, another server may have issued a token, in
    /// whole seconds: 60 unless set. Deadlines are exact.
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

    /// The codec.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a setting that cannot work, alone or with the others; it says what to
    /// change.
    pub fn build(self) -> Result<Codec<T>, ConfigError> {
        self.check_binding()?;
        let carrier = match (&self.header, self.cookie.any()) {
            (None, _) => Carrier::Cookie(self.cookie.check(&self.binding.name)?),
            (Some(header), None) => Carrier::Header(header.check()?),
            (Some(_), Some(setting)) => {
                let fix = "remove it, or remove .header(..) or .bearer(..)";
                return Err(ConfigError::new(
                    setting,
                    "a header has no such attribute",
                    fix,
                ));
            }
        };
        Ok(Codec::new(Core {
            format: self.keys.bind(&self.binding)?,
            name: self.binding.name,
            carrier,
            policy: self.lifetime.check()?,
            skew: self.skew.as_secs(),
            clock: self.clock,
            random: self.random,
        }))
    }

    fn check_binding(&self) -> Result<(), ConfigError> {
        let Binding { name, context, .. } = &self.binding;
        if let Err(problem) = check_name(name) {
            let fix = "use letters, digits, - and _";
            return Err(ConfigError::new("name", problem, fix));
        }
        if let Some(prefix) = cookie_prefix(name) {
            let problem = format!("it begins with {prefix}, which is added where it is allowed");
            return Err(ConfigError::new("name", problem, "leave the prefix out"));
        }
        let check = |setting, text: &Option<String>| match text {
            Some(text) if !(1..=256).contains(&text.len()) => {
                let problem = format!("it has {} octets", text.len());
                Err(ConfigError::new(
                    setting,
                    problem,
                    "use 1 to 256 octets of text",
                ))
            }
            _ => Ok(()),
        };
        check("context", context)?;
        #[cfg(feature = "jwt")]
        if self.binding.issuer.is_some() && matches!(self.keys, Keys::Sealed(_)) {
            let problem = "a sealed token has no issuer";
            return Err(ConfigError::new("issuer", problem, "use .context(..)"));
        }
        #[cfg(feature = "jwt")]
        check("issuer", &self.binding.issuer)?;
        Ok(())
    }
}

impl<T> fmt::Debug for CodecBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodecBuilder")
            .field("keys", &self.keys)
            .field("binding", &self.binding)
            .field("cookie", &self.cookie)
            .field("header", &self.header)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
