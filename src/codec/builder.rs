//! How a codec is configured.

use std::{fmt, sync::Arc, time::Duration};

#[cfg(feature = "jwt")]
use crate::keys::jwt::JwtKeys;
use crate::{
    base::{clock::Clock, random::Random},
    codec::{
        Accept, Answer, Codec, Migrate,
        event::Event,
        facts::{Facts, Verdict},
        others::Others,
        settings::Settings,
    },
    keys::ring::KeyRing,
    lifetime::Lifetime,
    token::keys::AnyKeys,
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
    pub(super) settings: Settings,
    pub(super) accept: Option<Accept<T>>,
    pub(super) migrate: Option<Box<Migrate<T>>>,
    pub(super) others: Option<Box<dyn Others<T>>>,
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
        CodecBuilder::new(name, keys.into())
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
        CodecBuilder::new(name, keys.into())
    }
}

impl<T> CodecBuilder<T> {
    fn new(name: &str, keys: AnyKeys) -> CodecBuilder<T> {
        CodecBuilder {
            settings: Settings::new(name, keys),
            accept: None,
            migrate: None,
            others: None,
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
        self.settings.lifetime = lifetime;
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
        self.settings.remembered = Some(lifetime);
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
    /// let login = Codec::<u64>::sealed("login", keys)
    ///     .announce("session-ends")
    ///     .clock(|| 1_800_000_000)
    ///     .build()?;
    /// let (_, cookie) = login.request_header_for(&7)?;
    /// let session = login.session([&cookie]);
    /// let headers = session.response_headers()?;
    /// assert!(headers.contains(&("session-ends", "idle=86400, absolute=86400".into())));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "expiration")]
    pub fn announce(mut self, response_header: &str) -> Self {
        self.settings.announce = Some(response_header.into());
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
        self.settings.binding.context = Some(context.into());
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
        self.settings.binding.issuer = Some(issuer.into());
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
        self.settings.accepts_from = time;
        self
    }

    /// Asks the application whether to accept a session: for a deny-list, or to sign one user out,
    /// by what is in its own memory. What it doesn't accept is
    /// [`Rejected::Revoked`](crate::Rejected::Revoked). An `Err`, a `None` or a panic that unwinds
    /// doesn't accept either. The client keeps its token, so a fault in the application's list
    /// signs nobody out for good.
    ///
    /// It is called whenever a session is read, for each token that is authentic and live and whose
    /// value was read, so it should only look something up. Where the answer is a time before which
    /// nothing counts, say so with [`facts.started_since(time)`](Facts::started_since): then it is also
    /// called when a session starts.
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
    ///         Some(facts.started_since(cut_off.unwrap_or(0)))
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
        let ask = move |value: &T, facts: &Facts| {
            let verdict = accept(value, facts);
            Answer {
                accepts: verdict.accepts(),
                earliest_start: verdict.earliest_start(),
            }
        };
        self.accept = Some(Accept {
            ask: Box::new(ask),
            knows_start: V::KNOWS_START,
        });
        self
    }

    /// Tells the application what happens to its sessions, for counters and audit logs: each that opens,
    /// is rejected, starts, is updated, renewed, re-sealed or ended, and each that could not be saved.
    ///
    /// It is called in the middle of a request, so it should only count or send. A panic in it costs
    /// nothing. What is to be written is told when the response is made, each time that it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let counted = Arc::new(Mutex::new(Vec::new()));
    /// let counts = counted.clone();
    /// let login = Codec::<u64>::sealed("login", keys)
    ///     .observe(move |event| counts.lock().unwrap().push(event.code()))
    ///     .build()?;
    /// let session = login.session([""]);
    /// session.start(7);
    /// session.response_headers()?;
    /// assert!(login.open("no token").is_err());
    /// assert_eq!(*counted.lock().unwrap(), ["started", "rejected"]);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "metrics")]
    #[doc(alias = "audit")]
    pub fn observe(mut self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.settings.observer = Some(Box::new(observer));
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
        self.migrate = Some(Box::new(move |json| {
            migrate(serde_json::from_str(json).ok()?)
        }));
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
        self.settings.skew = skew;
        self
    }

    /// The clock, [`SystemClock`](crate::SystemClock) unless set. For tests that need a certain
    /// time.
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
        self.settings.clock = Arc::new(clock);
        self
    }

    /// The source of randomness, [`SystemRandom`](crate::SystemRandom) unless set. Only for tests,
    /// such as of what happens when there is no randomness: see [`Random`], which has an example and
    /// a warning.
    pub fn random(mut self, random: impl Random) -> Self {
        self.settings.random = Arc::new(random);
        self
    }
}

impl<T> fmt::Debug for CodecBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodecBuilder")
            .field("keys", &self.settings.keys)
            .field("binding", &self.settings.binding)
            .field("cookie", &self.settings.cookie)
            .field("header", &self.settings.header)
            .field("lifetime", &self.settings.lifetime)
            .finish_non_exhaustive()
    }
}
