//! How a fleet is set up.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use haversack::{Clock, KeyRing, Random, SystemClock, SystemRandom};

use super::Fleet;
use crate::{
    event::{Event, Observer},
    settings::{Asked, DAY},
    store::{Store, shared::SharedStore},
};

/// The settings of a [`Fleet`], made by [`Fleet::new`].
///
/// They should be the same for all workers; while they are changed in a rolling deploy, old and new ones
/// work together.
#[must_use = "a fleet is entered by `open` or `join`"]
pub struct FleetBuilder {
    pub(crate) store: SharedStore,
    pub(crate) master: KeyRing,
    pub(crate) asked: Asked,
    pub(crate) local_copy: Option<PathBuf>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) observer: Option<Box<Observer>>,
}

impl Fleet {
    /// Begins the set-up of a fleet whose keys are in this store, wrapped under this ring. The master ring
    /// is the one secret that is left to a person: keep it where the store's content is not.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a fleet is opened, and that takes the store"
    )]
    pub fn new(store: impl Store, master: KeyRing) -> FleetBuilder {
        const fn days(days: u64) -> Duration {
            Duration::from_secs(days * DAY)
        }

        FleetBuilder {
            store: SharedStore::new(store),
            master,
            asked: Asked {
                fleet: "fleet".into(),
                rotate_every: days(30),
                longest_lifetime: days(400),
                tolerates_outage: days(7),
                poll_every: Duration::from_secs(60),
                skew: Duration::from_secs(5),
            },
            local_copy: None,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            observer: None,
        }
    }
}

impl FleetBuilder {
    /// The fleet's name, `fleet` unless set: 1 to 256 octets. It is bound into all that is wrapped, so that
    /// several fleets under one master ring cannot be taken for each other. Each has a folder, a prefix or
    /// a table of its own all the same.
    pub fn name(mut self, name: &str) -> Self {
        self.asked.fleet = name.into();
        self
    }

    /// How often the key that seals is replaced, in whole seconds: 30 days unless set, 400 at most. Keys
    /// are named by periods counted from 1970, so that all workers make the same.
    pub fn rotate_every(mut self, period: Duration) -> Self {
        self.asked.rotate_every = period;
        self
    }

    /// The longest that any session or ticket of this fleet lives, in any program: 400 days unless set,
    /// which is the most that there is. A key opens for that long after its successor seals, and for
    /// the [outage](FleetBuilder::tolerates_outage) on top. Shorter is safer, as an old key that is stolen
    /// is worth nothing sooner.
    pub fn longest_lifetime(mut self, lifetime: Duration) -> Self {
        self.asked.longest_lifetime = lifetime;
        self
    }

    /// How long a worker may be cut off from the store, in whole seconds: 7 days unless set. It goes on
    /// sealing with what it has, and everybody opens its tokens. After that it is not
    /// [ready](crate::Health::is_ready) any more.
    pub fn tolerates_outage(mut self, outage: Duration) -> Self {
        self.asked.tolerates_outage = outage;
        self
    }

    /// How often the store is asked for what is new: once a minute unless set. A new key waits for three
    /// polls until it seals, and a cut-off takes up to one to be known everywhere.
    pub fn poll_every(mut self, interval: Duration) -> Self {
        self.asked.poll_every = interval;
        self
    }

    /// How much the clocks of two workers may differ, in whole seconds: 5 unless set, 1 to 30. If some
    /// differ by more, [`health`](Fleet::health) says so, as far as that shows.
    pub fn skew(mut self, skew: Duration) -> Self {
        self.asked.skew = skew;
        self
    }

    /// Keeps a copy of what is in the store in a file, wrapped as it is there, and starts from it while the
    /// store is down. Without one a worker does not start then.
    ///
    /// Whoever has the file and the master ring has the keys, as with the store.
    pub fn local_copy(mut self, path: impl Into<PathBuf>) -> Self {
        self.local_copy = Some(path.into());
        self
    }

    /// Tells the application what happens to the fleet, for logs and alarms. With the feature `tracing` all
    /// of it is an event there as well.
    pub fn observe(mut self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// The clock, [`SystemClock`] unless set. For tests.
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

impl fmt::Debug for FleetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetBuilder")
            .field("store", &format_args!("{}", self.store))
            .field("master", &self.master)
            .field("settings", &self.asked)
            .finish_non_exhaustive()
    }
}
