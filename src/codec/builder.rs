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
/// By default the session lives for 24 hours ([`Lifetime::fixed`]) in a cookie with
/// `Path=/; SameSite=Lax; Secure; HttpOnly`, whose name is `__Host-Http-` and the session's name.
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
#[doc(alias = "cookie")]
#[must_use = "a codec is made by `build`"]
pub struct CodecBuilder<T> {
    pub(super) keys: KeyKind,
    pub(super) binding: Binding,
    pub(super) cookie: CookieSettings,
    pub(super) header: Option<HeaderSettings>,
    pub(super) lifetime: Lifetime,
    pub(super) remembered: Option<Lifetime>,
    /// The response header that tells when the session ends.
    pub(super) announce: Option<String>,
    pub(super) skew: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) accepts_from: u64,
    pub(super) accept: Option<Box<Accept<T>>>,
    pub(super) migrate: Option<Box<Migrate<T>>>,
}

impl<T> Codec<T> {
    /// Begins the configuration of a sealed session, encrypted with AES-256-GCM: only the server
    /// can read or change it. Choose this unless others have to read the value.
    ///
    /// The name is 1 to 64 octets of the characters of an HTTP token (RFC 9110, section 5.6.2),
    /// without a cookie prefix such as `__Host-`. It must not end in `.1` to `.4`, `.end`, `.key`,
    /// `.proof`, `.refresh` or `.register`, so that no session passes for the companion cookie of
    /// another.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).build()?;
    /// assert_eq!(login.cookie_name(), Some("__Host-Http-login"));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "encrypt")]
    pub fn sealed(name: &str, keys: KeyRing) -> CodecBuilder<T> {
        CodecBuilder::new(name, KeyKind::Sealed(keys))
    }

    /// Begins the configuration of a signed session, a JWT: whoever holds it can read the value,
    /// and only whoever has the key that signs can change it. Choose this if scripts or other
    /// services have to read it.
    ///
    /// The name is as in [`sealed`](Codec::sealed).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKeys, Key};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys: JwtKeys = Key::generate()?.to_text().parse()?; // HS256
    /// let api = Codec::<u64>::jwt("api", keys).bearer("x-session").build()?;
    /// let token = api.seal(&7)?;
    /// assert_eq!(token.split('.').count(), 3); // header, claims, signature
    /// # Ok(())
    /// # }
    /// ```
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
            announce: None,
            skew: Duration::from_secs(60),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            accepts_from: 0,
            accept: None,
            migrate: None,
        }
    }

    /// How long the session lives: 24 hours, used or not, unless set.
    ///
    /// A sliding lifetime closes abandoned sessions early and lets active users stay, up to a
    /// limit.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use haversack::{Codec, Key, KeyRing, Lifetime};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let (idle, cap) = (Duration::from_secs(1800), Duration::from_secs(8 * 3600));
    /// let login = Codec::<u64>::sealed("login", keys)
    ///     .lifetime(Lifetime::sliding(idle, cap))
    ///     .build()?;
    /// let facts = login.open(login.seal(&7)?)?.facts();
    /// assert_eq!(facts.expires_at - facts.started_at, 1800);
    /// assert_eq!(facts.ends_at - facts.started_at, 8 * 3600);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "max_age")]
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

    /// Tells the page when its session ends, in a response header of this name: the seconds left to the
    /// idle and to the absolute deadline, such as `session-ends: idle=1800, absolute=28800` (a
    /// dictionary, RFC 9651, section 3.2). For pages that warn "you will be signed out in two minutes".
    ///
    /// It is on every response for which a live session was looked at, and no cache keeps such a
    /// response (`no-store`). Without a session there is no such header.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).announce("session-ends").build()?;
    /// let (_, cookie) = login.request_header_for(&7)?;
    /// let headers = login.session([&cookie]).response_headers()?;
    /// assert!(headers.contains(&("session-ends", "idle=86400, absolute=86400".into())));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "expiration")]
    pub fn announce(mut self, response_header: &str) -> Self {
        self.announce = Some(response_header.into());
        self
    }

    /// Binds every token to a context of the application's own, such as a tenant or an environment:
    /// 1 to 256 octets. A token of another context, or of none, doesn't open. In a JWT it is the
    /// `aud`, and its octets are counted as JSON writes them.
    ///
    /// This one is fixed for the codec. For a context that depends on the request, such as a
    /// tenant, see [`Codec::context`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, Rejected};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let staging = Codec::<u64>::sealed("login", keys.clone()).context("staging").build()?;
    /// let production = Codec::<u64>::sealed("login", keys).context("production").build()?;
    /// let token = staging.seal(&7)?;
    /// assert_eq!(production.open(&token).unwrap_err(), Rejected::NotAuthentic);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "tenant")]
    pub fn context(mut self, context: &str) -> Self {
        self.binding.context = Some(context.into());
        self
    }

    /// The `iss` of a JWT, which a token must have to open: 1 to 256 octets as JSON writes them. A
    /// sealed session with it doesn't build.
    ///
    /// Set it where other services read the token and expect it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKeys, Key};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys: JwtKeys = Key::generate()?.to_text().parse()?;
    /// let shop = Codec::<u64>::jwt("api", keys.clone()).issuer("https://shop.example").build()?;
    /// let blog = Codec::<u64>::jwt("api", keys).issuer("https://blog.example").build()?;
    /// assert!(shop.open(blog.seal(&7)?).is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.binding.issuer = Some(issuer.into());
        self
    }

    /// Carries the token in a header of this name, in requests and responses, instead of a cookie.
    /// When the session [ends](crate::Session::end), the response has that header with an empty
    /// value.
    ///
    /// For clients that aren't browsers, or whose scripts keep the token and send it themselves:
    /// other sites can't, so there is no CSRF. The name is 1 to 64 octets, and none that HTTP gives
    /// a meaning or that scripts can't set.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let api = Codec::<u64>::sealed("api", keys).header("x-session").build()?;
    /// assert_eq!((api.request_header(), api.response_header()), ("x-session", "x-session"));
    /// let token = api.seal(&7)?;
    /// assert_eq!(api.session([&token]).get().as_deref(), Some(&7)); // the header's value
    /// # Ok(())
    /// # }
    /// ```
    pub fn header(mut self, name: &str) -> Self {
        self.header = Some(HeaderSettings {
            name: name.into(),
            bearer: false,
        });
        self
    }

    /// Carries the token as `Authorization: Bearer` (RFC 6750) in requests, and in a header of this
    /// name in responses. Otherwise it is as [`header`](CodecBuilder::header).
    ///
    /// For API clients that know only this scheme.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let api = Codec::<u64>::sealed("api", keys).bearer("x-session").build()?;
    /// assert_eq!((api.request_header(), api.response_header()), ("authorization", "x-session"));
    /// let value = format!("Bearer {}", api.seal(&7)?);
    /// assert_eq!(api.session([&value]).get().as_deref(), Some(&7));
    /// # Ok(())
    /// # }
    /// ```
    pub fn bearer(mut self, response_header: &str) -> Self {
        self.header = Some(HeaderSettings {
            name: response_header.into(),
            bearer: true,
        });
        self
    }

    /// The cookie's `Path`, `/` unless set. With another one the prefix is `__Secure-`.
    ///
    /// It keeps the cookie off requests that don't need it. It doesn't protect the session from
    /// other pages of the same host, and `__Secure-` is weaker than the default, so leave it unset
    /// unless you need it.
    ///
    /// Browsers keep one cookie for each path and domain: after a change, those of the old path are
    /// still sent, and no [`end`](crate::Session::end) removes them. Change the session's name with
    /// the path.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let admin = Codec::<u64>::sealed("admin", keys).path("/admin").build()?;
    /// assert_eq!(admin.cookie_name(), Some("__Secure-admin"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn path(mut self, path: &str) -> Self {
        self.cookie.path = Some(path.into());
        self
    }

    /// The cookie's `Domain`: its subdomains get the cookie too, and any of them can replace it.
    /// The prefix is then `__Secure-`.
    ///
    /// Unless set, only the host that set the cookie gets it. Set it where several hosts of yours
    /// share one sign-in and you trust all of them. After a change, the same applies as for the
    /// [path](CodecBuilder::path).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// // For example.com, www.example.com, shop.example.com ..
    /// let login = Codec::<u64>::sealed("login", keys).domain("example.com").build()?;
    /// assert_eq!(login.cookie_name(), Some("__Secure-login"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn domain(mut self, domain: &str) -> Self {
        self.cookie.domain = Some(domain.into());
        self
    }

    /// The cookie's `SameSite`: which requests from other sites carry it. [`Lax`](SameSite::Lax)
    /// unless set.
    ///
    /// - `Lax` for most sign-ins: a link from another site arrives signed in.
    /// - `Strict` where nobody arrives from elsewhere, such as an administrator's area. A link from
    ///   another site arrives signed out, and a sign-in that comes back from another site is lost.
    /// - `None` for pages that other sites embed; see [`partitioned`](CodecBuilder::partitioned).
    ///   It doesn't stop CSRF, so check where requests come from. It doesn't build with
    ///   [`insecure`](CodecBuilder::insecure).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, SameSite};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let admin = Codec::<u64>::sealed("admin", keys).same_site(SameSite::Strict).build()?;
    /// let session = admin.session(["theme=dark"]);
    /// session.start(7);
    /// let (_, set_cookie) = &session.response_headers()?[0];
    /// assert!(set_cookie.contains("; SameSite=Strict;"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookie.same_site = Some(same_site);
        self
    }

    /// Keeps one cookie for each site that embeds this one (`Partitioned`, CHIPS). It doesn't build
    /// with [`insecure`](CodecBuilder::insecure).
    ///
    /// For a page in an `<iframe>` of other sites: browsers that block third-party cookies may
    /// still send this one. It needs [`SameSite::None`] to be sent there.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, SameSite};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let widget = Codec::<u64>::sealed("widget", keys)
    ///     .same_site(SameSite::None)
    ///     .partitioned()
    ///     .build()?;
    /// assert_eq!(widget.cookie_name(), Some("__Host-Http-widget"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn partitioned(mut self) -> Self {
        self.cookie.partitioned = true;
        self
    }

    /// Lets scripts in the page read the cookie (no `HttpOnly`), and so whatever script an attacker
    /// gets into the page (XSS). The strongest prefix is then `__Host-`, not `__Host-Http-`.
    ///
    /// Only for a JWT (`Codec::jwt`) that your own scripts have to read; they can't read a sealed
    /// token anyway.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, JwtKeys, Key};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys: JwtKeys = Key::generate()?.to_text().parse()?;
    /// let profile = Codec::<u64>::jwt("profile", keys).script_readable().build()?;
    /// assert_eq!(profile.cookie_name(), Some("__Host-profile"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn script_readable(mut self) -> Self {
        self.cookie.script_readable = true;
        self
    }

    /// Lets the cookie travel over plain http, where anyone on the way can copy it: no `Secure` and
    /// no prefix.
    ///
    /// For development only, and there only where the browser needs it: on localhost, Chromium and
    /// Firefox keep `Secure` cookies over plain http, and Safari doesn't. In a release build it is
    /// a `warn!` event (feature `tracing`).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let mut login = Codec::<u64>::sealed("login", keys);
    /// if cfg!(debug_assertions) {
    ///     login = login.insecure();
    /// }
    /// let login = login.build()?;
    /// # if cfg!(debug_assertions) {
    /// assert_eq!(login.cookie_name(), Some("login"));
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn insecure(mut self) -> Self {
        self.cookie.insecure = true;
        self
    }

    /// Asks the browser to forget the cookie when it closes: no `Max-Age` and no `Expires`. The
    /// session's lifetime holds all the same, and browsers that restore tabs keep the cookie.
    ///
    /// For computers that several people use. A short idle limit is the surer way.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).until_browser_closes().build()?;
    /// let session = login.session(["theme=dark"]);
    /// session.start(7);
    /// let (_, set_cookie) = &session.response_headers()?[0];
    /// assert!(!set_cookie.contains("Max-Age"));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "remember me")]
    pub fn until_browser_closes(mut self) -> Self {
        self.cookie.until_browser_closes = true;
        self
    }

    /// Names the cookie exactly so. No prefix is added, and one that is there is checked against
    /// the attributes.
    ///
    /// For a name that something else prescribes, such as a proxy's rules. Without a prefix,
    /// sibling domains can plant a cookie of that name.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).exact_name("sid").build()?;
    /// assert_eq!(login.cookie_name(), Some("sid"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn exact_name(mut self, name: &str) -> Self {
        self.cookie.exact_name = Some(name.into());
        self
    }

    /// Spreads a session that is too large for one cookie over up to four, with at most 7168 octets
    /// of names and values together. One that fits stays one plain cookie.
    ///
    /// Use it for sessions that seldom outgrow the 4096 octets of a cookie. What is always large
    /// belongs on the server, under the [session's id](crate::Session::id).
    ///
    /// The token is sealed once and cut. A request with a piece that is missing, doubled or of
    /// another token has no session ([`Rejected::Incomplete`](crate::Rejected::Incomplete)), never
    /// a wrong one. Pieces that are no longer needed are removed as the session shrinks, grows or
    /// ends.
    ///
    /// Many servers and proxies refuse a request whose `Cookie` header is longer than 8 KB, even
    /// the sign-out, and other cookies count too. With more than some 4 KB of headers in a
    /// response, nginx needs larger buffers (`proxy_buffer_size`).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let report = Codec::<String>::sealed("report", keys).chunked().build()?;
    /// let session = report.session(["theme=dark"]);
    /// session.start("a".repeat(5000));
    /// let headers = session.response_headers()?;
    /// assert!(headers[0].1.starts_with("__Host-Http-report.1="));
    /// assert!(headers[1].1.starts_with("__Host-Http-report.2="));
    /// # Ok(())
    /// # }
    /// ```
    pub fn chunked(self) -> Self {
        self.chunked_up_to(CHUNK_LIMIT)
    }

    /// Like [`chunked`](CodecBuilder::chunked), with at most this many octets of names and values
    /// together: 4097 to 16384, which is four cookies as large as browsers keep.
    ///
    /// Raise it only if every server and proxy on the way takes requests with such headers:
    /// otherwise a user with a large session can't reach any page, not even the sign-out.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let report = Codec::<String>::sealed("report", keys).chunked_up_to(16_384).build()?;
    /// let session = report.session(["theme=dark"]);
    /// session.start("a".repeat(11_000)); // too much for the 7168 octets of .chunked()
    /// assert!(session.response_headers().is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn chunked_up_to(mut self, octets: usize) -> Self {
        self.cookie.chunked = Some(octets);
        self
    }

    /// Makes [`end`](crate::Session::end) outlast slower responses: a small cookie, sealed or
    /// signed like the session and named after it with `.end`, records when the session was ended,
    /// for as long as it could have lived. What started by then is
    /// [`Rejected::Ended`](crate::Rejected::Ended).
    ///
    /// Without it, a slow response that renews the session brings it back after the user signed out
    /// in another tab. It protects the user's own browser only: a thief who kept the token leaves
    /// the mark out.
    ///
    /// Of two sign-outs at once, the mark that arrives last counts, so what started between them
    /// may stay; so it is with sign-outs in two contexts under one cookie. A sign-in must be
    /// written by a [`Session`](crate::Session), which has seen the mark: what [`Codec::seal`]
    /// makes in the second of an end counts as ended. It needs a [skew](CodecBuilder::skew) of a
    /// second or more.
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
    #[doc(alias = "logout")]
    #[doc(alias = "sign out")]
    pub fn sticky_end(mut self) -> Self {
        self.cookie.sticky_end = true;
        self
    }

    /// Accepts only sessions that started at this time or later, in seconds since 1970. Everyone
    /// who signed in before is signed out ([`Rejected::Revoked`](crate::Rejected::Revoked)), even
    /// if their token was issued again since. A time at which no session can ever start, such as
    /// one in milliseconds, doesn't build.
    ///
    /// For signing everyone out without a new key. It doesn't help against a stolen key, with which
    /// a thief can write any start.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing, Rejected};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let before = Codec::<u64>::sealed("login", keys.clone()).clock(|| 1_800_000_000).build()?;
    /// let token = before.seal(&7)?;
    ///
    /// let login = Codec::<u64>::sealed("login", keys)
    ///     .clock(|| 1_800_000_600)
    ///     .started_since(1_800_000_600) // everyone signs in again
    ///     .build()?;
    /// assert_eq!(login.open(&token).unwrap_err(), Rejected::Revoked);
    /// assert!(login.open(login.seal(&7)?).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "revoke")]
    pub fn started_since(mut self, time: u64) -> Self {
        self.accepts_from = time;
        self
    }

    /// Asks the application whether to accept a session: for a deny-list, or to sign one user out,
    /// by what is in its own memory. What it doesn't accept is
    /// [`Rejected::Revoked`](crate::Rejected::Revoked). An `Err`, a `None` or a panic that unwinds
    /// doesn't accept either. The client keeps its token, so a fault in the application's list
    /// signs nobody out for good.
    ///
    /// It is called whenever a session is read, for each token that is authentic and live and whose
    /// value was read, so it should only look something up.
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
    #[doc(alias = "revoke")]
    pub fn accept_if<V: Verdict>(
        mut self,
        accept: impl Fn(&T, &Facts) -> V + Send + Sync + 'static,
    ) -> Self {
        self.accept = Some(Box::new(move |value, facts| accept(value, facts).accepts()));
        self
    }

    /// Reads a value of an older shape, from its JSON, if the one in a token isn't a `T`. Return
    /// `None` for what isn't of the older shape either. The session is then issued again with the
    /// new value.
    ///
    /// A field that was added needs no migration: give it `#[serde(default)]`.
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
    /// whole seconds: 60 unless set. A token from later is
    /// [`Rejected::NotYetValid`](crate::Rejected::NotYetValid). Deadlines are exact: they get no
    /// skew.
    ///
    /// Raise it only if the servers' clocks differ by more.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use haversack::{Codec, Key, KeyRing, Rejected};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let ahead = Codec::<u64>::sealed("login", keys.clone()).clock(|| 1_800_000_030).build()?;
    /// let login = Codec::<u64>::sealed("login", keys)
    ///     .clock(|| 1_800_000_000)
    ///     .skew(Duration::from_secs(20))
    ///     .build()?;
    /// assert_eq!(login.open(ahead.seal(&7)?).unwrap_err(), Rejected::NotYetValid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// The clock, [`SystemClock`] unless set. For tests that need a certain time.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<u64>::sealed("login", keys).clock(|| 1_800_000_000).build()?;
    /// let facts = login.open(login.seal(&7)?)?.facts();
    /// assert_eq!(facts.ends_at, 1_800_000_000 + 24 * 3600);
    /// # Ok(())
    /// # }
    /// ```
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The source of randomness, [`SystemRandom`] unless set. Only for tests, such as of what
    /// happens when there is no randomness: see [`Random`], which has an example and a warning.
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
