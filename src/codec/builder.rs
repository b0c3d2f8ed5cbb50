//! How a codec is configured.

use std::{fmt, sync::Arc, time::Duration};

#[cfg(feature = "jwt")]
use crate::keys::jwt::JwtKeys;
use crate::{
    base::{
        clock::{Clock, SystemClock},
        random::{Random, SystemRandom},
    },
    carrier::{
        CHUNK_LIMIT,
        settings::{CookieSettings, HeaderSettings, SameSite},
    },
    codec::{
        Accept, Codec, Migrate,
        facts::{Facts, Verdict},
    },
    keys::{KeyKind, ring::KeyRing},
    lifetime::Lifetime,
    token::binding::{Binding, Kind},
};

/// The settings of a [`Codec`], made by [`Codec::sealed`] or [`Codec::jwt`].
///
/// Unless said otherwise the session lives for 24 hours ([`Lifetime::fixed`]) in a cookie named
/// `__Host-Http-` and the session's name, with `Path=/; SameSite=Lax; Secure; HttpOnly`.
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
/// assert_eq!(admin.cookie_name(), Some("__Secure-admin"));
/// # Ok(())
/// # }
/// ```
#[must_use = "a codec is made by `build`"]
pub struct CodecBuilder<T> {
    pub(super) keys: KeyKind,
    pub(super) binding: Binding,
    pub(super) cookie: CookieSettings,
    pub(super) header: Option<HeaderSettings>,
    pub(super) lifetime: Lifetime,
    pub(super) remembered: Option<Lifetime>,
    pub(super) skew: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) accepts_from: u64,
    pub(super) accept: Option<Box<Accept<T>>>,
    pub(super) migrate: Option<Box<Migrate<T>>>,
}

impl<T> Codec<T> {
    /// Begins the configuration of a sealed session: AES-256-GCM, a secret of the server.
    ///
    /// The name is 1 to 64 octets of the characters of an HTTP token (RFC 9110, section 5.6.2).
    pub fn sealed(name: &str, keys: KeyRing) -> CodecBuilder<T> {
        CodecBuilder::new(name, KeyKind::Sealed(keys))
    }

    /// Begins the configuration of a signed session: a JWT, whose value the client can read.
    ///
    /// The name is as in [`sealed`](Codec::sealed).
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn jwt(name: &str, keys: JwtKeys) -> CodecBuilder<T> {
        CodecBuilder::new(name, KeyKind::Jwt(keys))
    }
}

impl<T> CodecBuilder<T> {
    fn new(name: &str, keys: KeyKind) -> CodecBuilder<T> {
        let binding = Binding {
            kind: Kind::Session,
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
            remembered: None,
            skew: Duration::from_secs(60),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            accepts_from: 0,
            accept: None,
            migrate: None,
        }
    }

    /// How long the session lives.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// How long a session lives that was [started remembered](crate::Session::start_remembered), where
    /// the user asked to be kept signed in; as long as any other unless set.
    ///
    /// With [`until_browser_closes`](CodecBuilder::until_browser_closes) these sessions outlive the
    /// browser, and only the others do not.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use haversack::{Codec, Key, KeyRing, Lifetime};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// const HOUR: Duration = Duration::from_secs(3600);
    /// let login = Codec::<u64>::sealed("login", keys)
    ///     .lifetime(Lifetime::sliding(HOUR, 12 * HOUR))
    ///     .remembered(Lifetime::sliding(14 * 24 * HOUR, 90 * 24 * HOUR))
    ///     .build()?;
    /// let session = login.session([""]);
    /// session.start_remembered(7);
    /// let facts = session.facts().unwrap();
    /// assert!(facts.remembered);
    /// assert_eq!(facts.expires_at - facts.started_at, 14 * 24 * 3600);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "remember me")]
    #[doc(alias = "keep me signed in")]
    pub fn remembered(mut self, lifetime: Lifetime) -> Self {
        self.remembered = Some(lifetime);
        self
    }

    /// Binds every token to a context of the application's own, such as a tenant or an environment:
    /// 1 to 256 octets. A token of another context, or of none, does not open. It is the `aud` of a
    /// JWT, in which its octets are counted as JSON writes them.
    pub fn context(mut self, context: &str) -> Self {
        self.binding.context = Some(context.into());
        self
    }

    /// The `iss` of a JWT, which a token must have to open: 1 to 256 octets as JSON writes them.
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.binding.issuer = Some(issuer.into());
        self
    }

    /// Carries the token in a header of this name, in requests and in responses, and not in a
    /// cookie. A session that [ends](crate::Session::end) is an empty header.
    ///
    /// The name is 1 to 64 octets, and none that HTTP gives a meaning or that scripts cannot set.
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
    ///
    /// Browsers keep a cookie for each path and domain: those of the old one are still sent after a
    /// change, and no [`end`](crate::Session::end) removes them. Change the session's name with it.
    pub fn path(mut self, path: &str) -> Self {
        self.cookie.path = Some(path.into());
        self
    }

    /// The cookie's `Domain`: its subdomains get the cookie too, and any of them can replace it.
    /// The prefix is then `__Secure-`. A change is as one of the [path](CodecBuilder::path).
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

    /// Spreads a session that is too large for one cookie over several, with at most 7168 octets of
    /// names and values together. One that fits stays one plain cookie.
    ///
    /// The token is sealed once and cut. A request with a piece missing, doubled or of another token
    /// has no session ([`Rejected::Incomplete`](crate::Rejected::Incomplete)), never a wrong one.
    /// Pieces that are no longer needed are removed as the session shrinks, grows or ends.
    ///
    /// Many servers and proxies refuse a request whose `Cookie` header is longer than 8 KB, the
    /// sign-out included, and other cookies count too. A response with more than some 4 KB of headers
    /// asks for larger buffers in nginx (`proxy_buffer_size`).
    pub fn chunked(self) -> Self {
        self.chunked_up_to(CHUNK_LIMIT)
    }

    /// Like [`chunked`](CodecBuilder::chunked), with at most so many octets of names and values
    /// together: 4097 to 16384, which is four cookies as large as browsers keep.
    ///
    /// Raise it only where every server and proxy on the way takes requests with such headers:
    /// elsewhere a user with a large session can reach no page, not even the sign-out.
    pub fn chunked_up_to(mut self, octets: usize) -> Self {
        self.cookie.chunked = Some(octets);
        self
    }

    /// Makes [`end`](crate::Session::end) outlast responses that were under way: a small sealed
    /// cookie, the session's name and `.end`, says when the session was ended, for as long as it
    /// could have lived, and what started by then is [`Rejected::Ended`](crate::Rejected::Ended).
    ///
    /// Without it, a slow response that renews the session brings it back after the user signed out
    /// in another tab. It protects the user's own browser only: a thief who kept the token leaves
    /// the mark out. Of two sign-outs at once the mark that arrives last counts, so what started
    /// between them may stay; the same holds for sign-outs in two contexts under one cookie. A sign-in must be written by a [`Session`](crate::Session), which has
    /// seen the mark; what [`Codec::seal`] makes in the second of an end counts as ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).sticky_end().build()?;
    /// let session = login.session(["theme=dark"]);
    /// session.end();
    /// let cookies = session.response_headers()?;
    /// assert!(cookies.iter().any(|(_, value)| value.starts_with("__Host-Http-login.end=")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn sticky_end(mut self) -> Self {
        self.cookie.sticky_end = true;
        self
    }

    /// Accepts only sessions that started at this time or later, in seconds since 1970: with it
    /// everyone who signed in before is out ([`Rejected::Revoked`](crate::Rejected::Revoked)), also
    /// those whose token was issued again since. A time that no session can ever start at, such as
    /// one in milliseconds, does not build.
    pub fn started_since(mut self, time: u64) -> Self {
        self.accepts_from = time;
        self
    }

    /// Asks the application whether a session is accepted: for a deny-list, or to put one user out, by
    /// what is in its own memory. What it does not accept is
    /// [`Rejected::Revoked`](crate::Rejected::Revoked). An `Err` or a panic does not accept either. The
    /// client keeps its token, so a fault in the application's list signs nobody out for good.
    ///
    /// It is called for every token that is authentic and live and whose value was read, so it should
    /// only look something up.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{collections::HashMap, sync::{Arc, RwLock}};
    /// use haversack::{Codec, Key, KeyRing, Rejected};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Login { user: u64 }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // User -> the time before which that user's sessions no longer count.
    /// let cut_offs = Arc::new(RwLock::new(HashMap::<u64, u64>::new()));
    /// let known = cut_offs.clone();
    /// let login = Codec::<Login>::sealed("login", KeyRing::new(Key::generate()?))
    ///     .accept_if(move |login, facts| {
    ///         let cut_off = known.read().ok()?.get(&login.user).copied();
    ///         Some(cut_off.is_none_or(|time| facts.started_at >= time))
    ///     })
    ///     .build()?;
    /// let (ada, grace) = (login.seal(&Login { user: 7 })?, login.seal(&Login { user: 8 })?);
    /// cut_offs.write().unwrap().insert(7, u64::MAX);
    /// assert_eq!(login.open(&ada).unwrap_err(), Rejected::Revoked);
    /// assert!(login.open(&grace).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn accept_if<V: Verdict>(
        mut self,
        accept: impl Fn(&T, &Facts) -> V + Send + Sync + 'static,
    ) -> Self {
        self.accept = Some(Box::new(move |value, facts| accept(value, facts).accepts()));
        self
    }

    /// Reads a value of an older shape, when the one in a token is not a `T`: from its JSON, `None`
    /// for what is not that shape either. The session is issued again with the new one.
    ///
    /// A field that was added wants no migration: give it `#[serde(default)]`.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Login { user: u64 }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = KeyRing::new(Key::generate()?);
    /// let before = Codec::<u64>::sealed("login", keys.clone()).build()?; // only a number
    /// let login = Codec::<Login>::sealed("login", keys)
    ///     .migrate(|old| Some(Login { user: old.as_u64()? }))
    ///     .build()?;
    /// assert_eq!(login.open(before.seal(&7)?)?.value().user, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn migrate(
        mut self,
        migrate: impl Fn(serde_json::Value) -> Option<T> + Send + Sync + 'static,
    ) -> Self {
        self.migrate = Some(Box::new(migrate));
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
