//! What an application does to a session.

use std::{
    mem,
    sync::{Arc, MutexGuard},
};

use crate::session::{Change, Live, Session, State};

impl<T> Session<T> {
    /// Begins a new session with this value: new id, new deadlines, version 0.
    ///
    /// Call it at every sign-in, after the last check. It replaces whatever session there was, so
    /// nothing that somebody planted before the sign-in is carried over (session fixation).
    ///
    /// If there is no randomness for the id, the session is empty and saving it is a
    /// [`SaveError::Random`](crate::SaveError::Random).
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let cookie = format!("__Host-Http-login={}", login.seal(&0)?);
    /// let session = login.session([&cookie]); // whatever the browser had before
    /// let before = session.id();
    /// session.start(7); // the password was right
    /// assert_ne!(session.id(), before);
    /// assert_eq!(session.get().as_deref(), Some(&7));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "login")]
    #[doc(alias = "sign in")]
    pub fn start(&self, value: T) {
        self.start_anew(value, false, None);
    }

    /// [Starts](Session::start) a session that is remembered, as the user asked to be kept signed in: it
    /// has a [lifetime of its own](crate::CodecBuilder::remembered). It is remembered through updates,
    /// renewals and new ids.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let session = login.session([""]);
    /// # let keep_me_signed_in = true;
    /// if keep_me_signed_in {
    ///     session.start_remembered(7);
    /// } else {
    ///     session.start(7);
    /// }
    /// assert!(session.facts().unwrap().remembered);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "remember me")]
    pub fn start_remembered(&self, value: T) {
        self.start_anew(value, true, None);
    }

    /// Changes the value with `change`, raises the [version](crate::Facts::version) by one and moves the
    /// idle deadline. Returns what `change` returns. If the session is empty, `change` isn't called
    /// and the result is `None`.
    ///
    /// `change` works on a copy, and the session isn't locked meanwhile: of two updates at once the
    /// last one wins. If the session was ended or started anew meanwhile, the copy is dropped and
    /// the result is `None`, so nothing gets from one session into the next.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cart = Codec::<Vec<String>>::sealed("cart", KeyRing::new(Key::generate()?)).build()?;
    /// # let cookie = format!("__Host-Http-cart={}", cart.seal(&vec!["apple".to_owned()])?);
    /// let session = cart.session([&cookie]);
    /// let removed = session.update(|items| items.pop());
    /// assert_eq!(removed, Some(Some("apple".to_owned())));
    ///
    /// let stranger = cart.session(["theme=dark"]);
    /// assert_eq!(stranger.update(|items| items.pop()), None); // nothing to update
    /// # Ok(())
    /// # }
    /// ```
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R>
    where
        T: Clone,
    {
        let (value, replaced) = self.value();
        let value = value?;
        let mut value = T::clone(&value);
        let result = change(&mut value);
        self.put(value, replaced)?;
        Some(result)
    }

    /// [Updates](Session::update) the session, or [starts](Session::start) one with `default`,
    /// changed the same way, if it is empty. Returns what `change` returns.
    ///
    /// For sessions that begin with their first entry, such as a cart or a visitor's settings. At a
    /// sign-in, use [`start`](Session::start), which also replaces a session that is there.
    ///
    /// As with an update, the change is dropped if the session was ended or started meanwhile.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cart = Codec::<Vec<String>>::sealed("cart", KeyRing::new(Key::generate()?)).build()?;
    /// let session = cart.session(["theme=dark"]);
    /// session.update_or_start(Vec::new(), |items| items.push("apple".into()));
    /// let count = session.update_or_start(Vec::new(), |items| {
    ///     items.push("pear".into());
    ///     items.len()
    /// });
    /// assert_eq!(count, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_or_start<R>(&self, default: T, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: Clone,
    {
        let (live, replaced) = self.value();
        let is_live = live.is_some();
        let mut value = live.map_or(default, |value| T::clone(&value));
        let result = change(&mut value);
        if is_live {
            self.put(value, replaced);
        } else {
            self.start_anew(value, false, Some(replaced));
        }
        result
    }

    /// Moves the idle deadline now, due or not, as far as the absolute deadline allows, and issues
    /// the token again. An empty session stays empty.
    ///
    /// Seldom needed: a session that is used is renewed by itself, by default once half of its idle
    /// limit has passed. Call it where the user should have the whole idle limit from now on, such
    /// as before a long form. A [fixed](crate::Lifetime::fixed) lifetime has no idle deadline.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    /// # use std::time::Duration;
    /// # use haversack::{Codec, Key, KeyRing, Lifetime};
    /// # static NOW: AtomicU64 = AtomicU64::new(1_800_000_000);
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let lifetime = Lifetime::sliding(Duration::from_secs(1800), Duration::from_secs(8 * 3600));
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?))
    /// #     .lifetime(lifetime)
    /// #     .clock(|| NOW.load(Relaxed))
    /// #     .build()?;
    /// # let cookie = format!("__Host-Http-login={}", login.seal(&7)?);
    /// # NOW.fetch_add(600, Relaxed);
    /// let session = login.session([&cookie]); // ten minutes after the sign-in
    /// session.renew();
    /// let facts = session.facts().unwrap();
    /// assert_eq!(facts.expires_at, facts.started_at + 600 + 1800);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "refresh")]
    #[doc(alias = "touch")]
    pub fn renew(&self) {
        self.issue(self.state(), Change::Issue, |_| ());
    }

    /// The user has just proved again who they are, with the password or another factor: from now on
    /// the session is [authenticated](crate::Facts::authenticated_at) as of now. The absolute deadline does not
    /// move, and an empty session stays empty.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let session = login.session([""]);
    /// # session.start(7);
    /// # let password_is_right = true;
    /// if password_is_right {
    ///     session.confirm();
    /// }
    /// assert!(session.authenticated_within(300)); // enough to change the email address
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "step-up")]
    #[doc(alias = "sudo mode")]
    pub fn confirm(&self) {
        self.issue(self.state(), Change::Issue, |live| {
            let times = &mut live.envelope.times;
            times.authenticated = times.issued;
        });
    }

    /// Gives the session a new id and keeps the rest, including the absolute deadline. An empty
    /// session stays empty.
    ///
    /// For a change of privileges without a new sign-in, such as a second factor that was checked,
    /// or a switch to an administrator's role.
    ///
    /// The token with the old id stays valid until its deadlines. If you keep a deny-list
    /// ([`accept_if`](crate::CodecBuilder::accept_if)), read the old id first and put it there.
    ///
    /// If there is no randomness for the new id, saving the session is a [`SaveError::Random`](crate::SaveError::Random): no
    /// privileges are raised under the old id.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let role = Codec::<String>::sealed("role", KeyRing::new(Key::generate()?)).build()?;
    /// let session = role.session(["theme=dark"]);
    /// session.start("author".into());
    /// let before = session.facts().unwrap();
    /// session.update(|role| *role = "admin".into());
    /// session.new_id();
    /// let after = session.facts().unwrap();
    /// assert_ne!(after.id, before.id); // before.id can go on a deny-list
    /// assert_eq!(after.ends_at, before.ends_at);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "cycle_id")]
    #[doc(alias = "regenerate")]
    pub fn new_id(&self) {
        let id = self.codec().engine().draw_id();
        let mut state = self.state();
        match id {
            Ok(id) => _ = self.issue(state, Change::Issue, |live| live.envelope.id = id),
            // What the change of rights asked for did not happen, so nothing is written.
            Err(error) if state.live.is_some() => state.change = Change::Fail(error.into()),
            Err(_) => {}
        }
    }

    /// Ends the session: the client is told to forget it, and it is empty unless it is
    /// [started](Session::start) again in the same request. Call it to sign out.
    ///
    /// The client is told to forget every cookie it may have for this session: with
    /// [`chunked`](crate::CodecBuilder::chunked), the whole cookie and every piece. It is told so
    /// even if the session is empty, which removes a cookie that doesn't open.
    ///
    /// A copy of the token that somebody kept stays valid until its deadlines: nothing is stored on
    /// the server that could know of it. See [`accept_if`](crate::CodecBuilder::accept_if) for a
    /// deny-list, and [`sticky_end`](crate::CodecBuilder::sticky_end) for responses that are slower
    /// than the sign-out.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// # let cookie = format!("__Host-Http-login={}", login.seal(&7)?);
    /// let session = login.session([&cookie]);
    /// session.end();
    /// assert_eq!(session.get(), None);
    /// let (_, removal) = &session.response_headers()?[0];
    /// assert!(removal.starts_with("__Host-Http-login=;") && removal.contains("; Max-Age=0;"));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "logout")]
    #[doc(alias = "sign out")]
    #[doc(alias = "destroy")]
    #[doc(alias = "invalidate")]
    pub fn end(&self) {
        self.replace(None, Change::End, None);
    }

    /// Starts a session, unless another one, or none, took the place of the one that was expected.
    fn start_anew(&self, value: T, remembered: bool, expected: Option<u32>) {
        let engine = self.codec().engine();
        let start = self.shared.now.max(self.state().seen.earliest());
        let (live, change) = match engine.draw_id() {
            Ok(id) => (
                Some(Live {
                    envelope: self.codec().begin(&value, id, start, remembered),
                    value: Arc::new(value),
                    key: None,
                }),
                Change::Start,
            ),
            Err(error) => (None, Change::Fail(error.into())),
        };
        self.replace(live, change, expected);
    }

    /// The value, and how often another session took the place of the one before.
    fn value(&self) -> (Option<Arc<T>>, u32) {
        let state = self.state();
        let value = state.live.as_ref().map(|live| Arc::clone(&live.value));
        (value, state.replaced)
    }

    /// Puts an updated value into the session that it is of, if that is still there.
    fn put(&self, value: T, replaced: u32) -> Option<()> {
        let mut value = Arc::new(value);
        let state = self.state();
        if state.replaced != replaced {
            return None;
        }
        self.issue(state, Change::Update, |live| {
            // Swapped, so that the old one ends after the lock.
            mem::swap(&mut live.value, &mut value);
            live.envelope.version = live.envelope.version.saturating_add(1);
        })
    }

    /// Issues the live session again, if there is one, with `edit` applied.
    fn issue(
        &self,
        mut state: MutexGuard<'_, State<T>>,
        change: Change,
        edit: impl FnOnce(&mut Live<T>),
    ) -> Option<()> {
        let live = state.live.as_mut()?;
        let policy = self.codec().engine().policies.of(live.envelope.remembered);
        live.envelope.times = policy.renew(live.envelope.times, self.shared.now);
        edit(live);
        // What failed before stays failed, or rights would be raised under the old id; and a session
        // that starts, or has another value, still does.
        if !matches!(
            state.change,
            Change::Fail(_) | Change::Start | Change::Update
        ) {
            state.change = change;
        }
        Some(())
    }

    /// Puts another session, or none, in the place of the live one, if that is the one expected.
    fn replace(&self, live: Option<Live<T>>, change: Change, expected: Option<u32>) {
        let mut state = self.state();
        if expected.is_some_and(|expected| expected != state.replaced) {
            // Its end may run code of the value.
            drop((state, live));
            return;
        }
        state.change = change;
        state.replaced = state.replaced.wrapping_add(1);
        let old = mem::replace(&mut state.live, live);
        // Its end may run code of the value.
        drop((state, old));
    }
}
