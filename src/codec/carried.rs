//! The settings of how a token is carried: in a header, or in a cookie with its attributes.

use crate::{
    carrier::{
        CHUNK_LIMIT,
        settings::{HeaderSettings, SameSite},
    },
    codec::builder::CodecBuilder,
};

impl<T> CodecBuilder<T> {
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
        self.settings.header = Some(HeaderSettings {
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
        self.settings.header = Some(HeaderSettings {
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
        self.settings.cookie.path = Some(path.into());
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
        self.settings.cookie.domain = Some(domain.into());
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
        self.settings.cookie.same_site = Some(same_site);
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
        self.settings.cookie.partitioned = true;
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
        self.settings.cookie.script_readable = true;
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
        self.settings.cookie.insecure = true;
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
        self.settings.cookie.until_browser_closes = true;
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
        self.settings.cookie.exact_name = Some(name.into());
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
        self.settings.cookie.chunked = Some(octets);
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
    /// written by a [`Session`](crate::Session), which has seen the mark: what [`Codec::seal`](crate::Codec::seal)
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
        self.settings.cookie.sticky_end = true;
        self
    }
}
