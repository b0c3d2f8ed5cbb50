//! A fleet in one process: what an application holds.

pub(crate) mod builder;
mod open;
mod run;

use std::{fmt, sync::Arc};

use haversack::{ConfigError, Facts, JwtKeys, KeyRing, Keyed, StartedSince};

use crate::{
    cut_off::subject::Subject,
    error::{FleetError, Problem},
    health::Health,
    name::Whose,
    record::wrapping::Wrapping,
    round::Round,
    shared::Shared,
    status::Status,
};

/// The workers that share keys through a store, as one of them: it makes keys before they are needed, knows
/// those that others make, and gives them to the codecs and tickets that it [serves](Fleet::serve).
///
/// Clones are the same fleet. Nothing happens by itself: somebody has to [`run`](Fleet::run) it, or to
/// [`refresh`](Fleet::refresh) it every minute.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use haversack::{Codec, Key, KeyRing};
/// use haversack_fleet::{Fleet, Folder};
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Login { user: u64 }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scratch = tempfile::tempdir()?;
/// # let path = scratch.path().join("keys");
/// # let master = KeyRing::new(Key::generate()?);
/// const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// let store = Folder::open(&path)?; // on every machine the same: a shared volume, or a bucket
/// let fleet = Fleet::new(store, master).rotate_every(30 * DAY).open().await?;
/// let login = Codec::<Login>::sealed("login", fleet.keys())
///     .accept_if(fleet.accepts(|login: &Login| login.user))
///     .build()?;
/// fleet.serve(&login)?; // its keys follow, also those of its clones and contexts
/// tokio::spawn(fleet.clone().run());
///
/// let token = login.seal(&Login { user: 7 })?;
/// fleet.cut_off(7).await?; // every session of this user that started before now
/// assert!(login.open(token).is_err());
/// assert!(login.open(login.seal(&Login { user: 7 })?).is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Fleet {
    pub(crate) shared: Arc<Shared>,
}

impl Fleet {
    /// The keys as they are now, for sealed sessions and tickets. To have them kept up to date, give what
    /// they are for to [`serve`](Fleet::serve).
    #[must_use]
    pub fn keys(&self) -> KeyRing {
        #[expect(clippy::expect_used, reason = "a fleet that has none does not open")]
        self.shared.ring().expect("an open fleet has keys")
    }

    /// The keys as they are now, for signed sessions and tickets: [derived](KeyRing::jwt_keys) from those
    /// of sealed ones, with `HS256`.
    ///
    /// # Errors
    ///
    /// As good as never: [`ConfigError`] for a derived key that does not look random.
    pub fn jwt_keys(&self) -> Result<JwtKeys, ConfigError> {
        self.keys().jwt_keys()
    }

    /// Keeps the keys of a codec, a ticket or a flow of `oauth` up to date from now on, with all its clones
    /// and contexts; and refreshes early when one of its tokens names a key that is not known.
    ///
    /// For what lives as long as the program: a clone of it is kept.
    ///
    /// # Errors
    ///
    /// [`FleetError`] if its tokens live longer than the fleet's
    /// [`longest_lifetime`](crate::FleetBuilder::longest_lifetime): they would lose their keys before
    /// their time.
    pub fn serve(&self, keyed: &(impl Keyed + Clone + 'static)) -> Result<(), FleetError> {
        let lifetime = self.shared.settings.lifetime;
        let served = if keyed.longest_lifetime() > lifetime {
            let problem = format!(
                "{} has tokens that live for {} s, and the fleet's longest_lifetime is {lifetime} s",
                keyed.name(),
                keyed.longest_lifetime()
            );
            let fix = "give the fleet the longest lifetime of all its sessions and tickets";
            Err(Problem::new(problem, fix))
        } else {
            let served = self.shared.serve(Box::new(keyed.clone()));
            served.map_err(Problem::from)
        };
        served.map_err(|problem| self.shared.error(problem))
    }

    /// What [`accept_if`](haversack::CodecBuilder::accept_if) takes, so that sessions that were
    /// [cut off](Fleet::cut_off) do not count. `subject` tells whose a session is, by its value.
    pub fn accepts<T, S: Subject>(
        &self,
        subject: impl Fn(&T) -> S + Send + Sync + 'static,
    ) -> impl Fn(&T, &Facts) -> StartedSince + Send + Sync + 'static {
        let fleet = self.clone();
        move |value, facts| facts.started_since(fleet.counts_since(subject(value), facts))
    }

    /// Since when sessions of this subject count: for an
    /// [`accept_if`](haversack::CodecBuilder::accept_if) that asks for more, or whose subject is a part
    /// of the value. It may be less where that makes no difference for a session with these facts.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # use haversack_fleet::{Fleet, Folder};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Login { email: String, is_test: bool }
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let scratch = tempfile::tempdir()?;
    /// # let store = Folder::open(scratch.path())?;
    /// # let fleet = Fleet::new(store, KeyRing::new(Key::generate()?)).open().await?;
    /// let known = fleet.clone();
    /// let login = Codec::<Login>::sealed("login", fleet.keys())
    ///     .accept_if(move |login, facts| {
    ///         let since = known.counts_since(&login.email, facts);
    ///         (!login.is_test).then(|| facts.started_since(since))
    ///     })
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn counts_since(&self, subject: impl Subject, facts: &Facts) -> u64 {
        let cut_offs = self.shared.cut_offs.get();
        cut_offs.map_or(0, |cut_offs| cut_offs.since(subject, facts.started_at))
    }

    /// Cuts off every session of this subject that started before now: here at once, and on every other
    /// worker within a poll. The subject is what [`accepts`](Fleet::accepts) tells of a value.
    ///
    /// Clocks differ, so it holds for what started up to [`skew`](crate::FleetBuilder::skew) from now by
    /// this worker's clock. A sign-in on this worker meanwhile works all the same: its session starts that
    /// much later. One on another worker that has not heard of the cut-off yet may have to be repeated.
    ///
    /// The list is the operator's and no session's state: with nobody cut off it is empty.
    ///
    /// # Errors
    ///
    /// [`FleetError`] if the store does not take it. Then it may hold on this worker alone: try again.
    pub async fn cut_off(&self, subject: impl Subject) -> Result<(), FleetError> {
        // Whose it is takes the fleet's secret, which is there by then.
        let subject = subject.with_octets(<[u8]>::to_vec);
        let round = Round::new(&self.shared);
        let cut_off = round.cut_off(|cut_offs| cut_offs.whose(&subject)).await;
        cut_off.map_err(|problem| self.shared.error(problem))
    }

    /// Cuts off every session of everybody that started before now, as [`cut_off`](Fleet::cut_off) does.
    /// It does not help against a stolen key: for that see [`revoke`](Fleet::revoke).
    ///
    /// # Errors
    ///
    /// [`FleetError`] if the store does not take it. Then it may hold on this worker alone: try again.
    pub async fn cut_off_all(&self) -> Result<(), FleetError> {
        let round = Round::new(&self.shared);
        let cut_off = round.cut_off(|_| Whose::All).await;
        cut_off.map_err(|problem| self.shared.error(problem))
    }

    /// Revokes a stolen key, by its id: what is under it opens nowhere any more, here at once and on every
    /// other worker within a poll. If it was the key that seals, a new one does at once: until they know
    /// it, other workers refuse what it sealed, which costs a request and no session.
    ///
    /// That alone is not enough. A session under an older key is sealed anew under the current one when it
    /// is used, also one that the thief made, and then it is no longer under the stolen key. So either revoke
    /// each newer key as well, the one that seals last; or wait for one poll and 60 seconds, after which all
    /// workers know and no forged session starts later than that, and then
    /// [`cut_off_all`](Fleet::cut_off_all). If it is the one that seals, there is no newer one.
    ///
    /// The revocation is written first, and then the new key, which any worker makes that finds the first
    /// without the second.
    ///
    /// # Errors
    ///
    /// [`FleetError`] if there is no such key, the store does not do it, or somebody keeps the place of the
    /// revocation occupied. Then try again. If only the new key could not be made, the revocation is written;
    /// where there is no other key it takes effect with the one that the next refresh makes.
    pub async fn revoke(&self, key_id: &str) -> Result<(), FleetError> {
        let round = Round::new(&self.shared);
        let revoked = round.revoke(key_id).await;
        self.turned(revoked)
    }

    /// Makes a new key, which seals as soon as every worker knows it: three polls from now.
    ///
    /// # Errors
    ///
    /// [`FleetError`] if the store does not take it.
    pub async fn rotate_now(&self) -> Result<(), FleetError> {
        let round = Round::new(&self.shared);
        let rotated = round.rotate_now().await;
        self.turned(rotated)
    }

    /// Replaces the master ring. As with any ring there are three steps, each after the one before has
    /// reached every worker: `old,new`, then `new,old`, then `new`. In the second step everything is
    /// wrapped anew, in further objects, which takes one refresh.
    ///
    /// # Errors
    ///
    /// [`FleetError`] for a ring that cannot work.
    pub fn rotate_master(&self, master: KeyRing) -> Result<(), FleetError> {
        let Shared {
            settings, random, ..
        } = &*self.shared;
        let wrapping = Wrapping::new(&master, &settings.fleet, random);
        let wrapping = wrapping.map_err(|error| self.shared.error(error.into()))?;
        self.shared.wrapping.store(wrapping.into());
        self.shared.known().wrapped_before();
        Ok(())
    }

    /// Asks the store for what is new, makes what is due, and gives the codecs their keys: one listing and
    /// at most one read where nothing changes. Where it fails, the last keys stay in use.
    ///
    /// An object that the store does not answer for ends no refresh: the rest is done, and then it is an
    /// error. The fifth time in a row it is none any more, and [`health`](Fleet::health) names the object.
    ///
    /// For a timer of one's own: call it as often as
    /// [`poll_every`](crate::FleetBuilder::poll_every) says, and earlier when
    /// [`early`](Fleet::early) returns. It may be dropped at any time.
    ///
    /// # Errors
    ///
    /// [`FleetError`] if the store could not be asked, or did not answer for some object.
    pub async fn refresh(&self) -> Result<(), FleetError> {
        if self.shared.has_been_away() {
            // What a listing leaves out is in the next one, and the one before was too long ago.
            self.refresh_once().await?;
        }
        self.refresh_once().await
    }

    async fn refresh_once(&self) -> Result<(), FleetError> {
        let round = Round::new(&self.shared);
        let outcome = self.turned(round.run().await);
        self.shared.note(round.began(), outcome.clone());
        if outcome.is_ok() {
            self.copy(round.began());
        }
        outcome
    }

    /// Returns when a token has named a key that is not known, since this returned last. Strangers can make
    /// that happen at any time: refresh once in some seconds for it and no more.
    pub async fn early(&self) {
        self.shared.early.wait().await;
        self.shared.early.take();
    }

    /// How the fleet is, as this worker sees it.
    #[must_use]
    pub fn health(&self) -> Health {
        let Shared { settings, .. } = &*self.shared;
        let contact = self.shared.contact().clone();
        Health::new(self.shared.now(), settings, &self.shared.known(), &contact)
    }

    /// The keys, as a table and without a secret.
    #[must_use]
    pub fn status(&self) -> Status {
        let Shared { settings, .. } = &*self.shared;
        let cut_offs = self.shared.cut_offs.get();
        let cut_offs = cut_offs.map_or(0, |cut_offs| cut_offs.len());
        Status::new(self.shared.now(), settings, &self.shared.known(), cut_offs)
    }

    /// Gives everybody the keys that follow from what is known by now, whether or not all went well.
    fn turned(&self, outcome: Result<(), Problem>) -> Result<(), FleetError> {
        let turned = self.shared.turn();
        let outcome = outcome.and(turned);
        outcome.map_err(|problem| self.shared.error(problem))
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet")
            .field("name", &self.shared.settings.fleet)
            .field("store", &self.shared.place)
            .finish_non_exhaustive()
    }
}
