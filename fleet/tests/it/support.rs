//! What the tests share: a store in memory that can fail, a clock that stands still, and a master ring.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use haversack::{Clock, Codec, Key, KeyRing, Lifetime};
use haversack_fleet::{Fleet, FleetBuilder, Listed, Store, StoreError};

/// 2027-01-15T08:00:00Z.
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 3600;
pub(crate) const DAY: u64 = 24 * HOUR;

/// Objects in memory. Clones are the same place.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Objects>>);

#[derive(Default)]
struct Objects {
    objects: BTreeMap<String, Vec<u8>>,
    calls: Vec<String>,
    /// Calls from this one on fail, and how many do.
    failing: Option<(usize, usize)>,
    /// A call that fails has happened all the same.
    happens: bool,
    /// Objects that are listed and neither read nor deleted, such as archived ones.
    stuck: BTreeSet<String>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Objects> {
        self.0.lock().unwrap()
    }

    /// No call is answered from now on.
    pub(crate) fn stop(&self) {
        self.fail(0, usize::MAX, false);
    }

    pub(crate) fn start(&self) {
        self.lock().failing = None;
    }

    /// Of the next calls so many after some fail, though they may happen.
    pub(crate) fn fail(&self, after: usize, count: usize, happens: bool) {
        let mut objects = self.lock();
        let from = objects.calls.len() + after;
        objects.failing = Some((from, count));
        objects.happens = happens;
    }

    /// What was asked since this was called last, such as `read keys/20261201T000000Z`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let mut objects = self.lock();
        objects.failing = None;
        std::mem::take(&mut objects.calls)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.lock().objects.keys().cloned().collect()
    }

    pub(crate) fn names_in(&self, folder: &str) -> Vec<String> {
        let mut names = self.names();
        names.retain(|name| name.starts_with(folder));
        names
    }

    pub(crate) fn content(&self, name: &str) -> Option<Vec<u8>> {
        self.lock().objects.get(name).cloned()
    }

    /// Behind the fleet's back.
    pub(crate) fn put(&self, name: &str, content: &[u8]) {
        self.lock().objects.insert(name.into(), content.into());
    }

    /// Something that is listed, and neither read nor deleted.
    pub(crate) fn put_stuck(&self, name: &str) {
        self.put(name, b"");
        self.lock().stuck.insert(name.into());
    }

    pub(crate) fn remove(&self, name: &str) {
        self.lock().stuck.remove(name);
        self.lock().objects.remove(name);
    }

    /// A place of its own with the same in it.
    pub(crate) fn copy(&self) -> Memory {
        let copy = Memory::default();
        copy.lock().objects = self.lock().objects.clone();
        copy
    }

    fn call<T>(
        &self,
        call: String,
        happen: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T,
    ) -> Result<T, StoreError> {
        let mut objects = self.lock();
        let number = objects.calls.len();
        let verb = call.split_once(' ');
        let is_stuck = verb.is_some_and(|(verb, name)| {
            matches!(verb, "read" | "delete") && objects.stuck.contains(name)
        });
        objects.calls.push(call);
        if is_stuck {
            return Err(StoreError::new("the object is archived"));
        }
        let fails = objects
            .failing
            .is_some_and(|(from, count)| number >= from && number - from < count);
        if !fails || objects.happens {
            let answer = happen(&mut objects.objects);
            if !fails {
                return Ok(answer);
            }
        }
        Err(StoreError::new("connection refused"))
    }
}

impl Store for Memory {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.call(format!("create {name}"), |objects| {
            let is_new = !objects.contains_key(name);
            if is_new {
                objects.insert(name.into(), content.into());
            }
            is_new
        })
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.call(format!("read {name}"), |objects| objects.get(name).cloned())
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        self.call(format!("list {after}"), |objects| {
            let names = objects.keys().filter(|name| name.as_str() > after);
            names.map(Listed::new).collect()
        })
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.call(format!("delete {name}"), |objects| {
            objects.remove(name);
        })
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory of the test")
    }
}

/// A clock that moves only when it is told to. Clones are the same clock.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicU64>);

impl TestClock {
    pub(crate) fn at(now: u64) -> TestClock {
        TestClock(Arc::new(AtomicU64::new(now)))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn back(&self, seconds: u64) {
        self.0.fetch_sub(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) fn key(number: u8) -> Key {
    let mut state = u64::from(number) + 1;
    let octets: [u8; 32] = std::array::from_fn(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    });
    Key::from_bytes(&octets).unwrap()
}

pub(crate) fn ring(number: u8) -> KeyRing {
    KeyRing::new(key(number))
}

/// A day's periods, an hour's sessions, two hours without a store.
pub(crate) fn builder(store: &Memory, clock: &TestClock) -> FleetBuilder {
    builder_on(store.clone(), clock)
}

pub(crate) async fn open(store: &Memory, clock: &TestClock) -> Fleet {
    builder(store, clock).open().await.unwrap()
}

/// Sessions of users whose number is all that is in them.
pub(crate) fn login(fleet: &Fleet, clock: &TestClock) -> Codec<u64> {
    let login = Codec::<u64>::sealed("login", fleet.keys())
        .lifetime(Lifetime::fixed(Duration::from_secs(HOUR)))
        .clock(clock.clone())
        .accept_if(fleet.accepts(|user: &u64| *user))
        .build()
        .unwrap();
    fleet.serve(&login).unwrap();
    login
}

/// The id of the key that made a sealed token.
pub(crate) fn key_id(token: &str) -> String {
    let octets = base64_url(&token[..8]);
    octets[1..5]
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

fn base64_url(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = text.bytes().map(|digit| {
        let value = ALPHABET.iter().position(|other| *other == digit);
        value.unwrap() as u64
    });
    let number = digits.fold(0, |number, digit| number << 6 | digit);
    number.to_be_bytes()[2..].to_vec()
}

/// The same fleet on another store.
pub(crate) fn builder_on(store: impl Store, clock: &TestClock) -> FleetBuilder {
    Fleet::new(store, ring(1))
        .rotate_every(Duration::from_secs(DAY))
        .longest_lifetime(Duration::from_secs(HOUR))
        .tolerates_outage(Duration::from_secs(2 * HOUR))
        .clock(clock.clone())
}

/// A store whose first creation of a cut-off takes some time.
pub(crate) struct SlowCreation {
    store: Memory,
    clock: TestClock,
    seconds: AtomicU64,
}

impl SlowCreation {
    pub(crate) fn new(store: Memory, clock: TestClock, seconds: u64) -> SlowCreation {
        SlowCreation {
            store,
            clock,
            seconds: AtomicU64::new(seconds),
        }
    }
}

impl Store for SlowCreation {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        if name.starts_with("cutoffs/") {
            self.clock.advance(self.seconds.swap(0, Ordering::SeqCst));
        }
        self.store.create(name, content).await
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.read(name).await
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        self.store.list(after).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.store.delete(name).await
    }
}

impl fmt::Display for SlowCreation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("slow memory")
    }
}

/// A store whose first listing and its third leave cut-offs out, and which does not answer for keys after
/// the first, and for nothing after the second.
#[derive(Default)]
pub(crate) struct LeavesOut {
    store: Memory,
    listings: AtomicU64,
}

impl LeavesOut {
    pub(crate) fn new(store: Memory) -> LeavesOut {
        LeavesOut {
            store,
            ..LeavesOut::default()
        }
    }
}

impl Store for LeavesOut {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.store.create(name, content).await
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.listings.load(Ordering::SeqCst) {
            1 if name.starts_with("keys/") => Err(StoreError::new("connection refused")),
            2 => Err(StoreError::new("connection refused")),
            _ => self.store.read(name).await,
        }
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let mut listed = self.store.list(after).await?;
        let is_probe = after.starts_with("probes/");
        if !is_probe && matches!(self.listings.fetch_add(1, Ordering::SeqCst), 0 | 2) {
            listed.retain(|object| !object.name.starts_with("cutoffs/"));
        }
        Ok(listed)
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.store.delete(name).await
    }
}

impl fmt::Display for LeavesOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lossy memory")
    }
}

/// A store whose listings leave out what this says, and which does not answer when a revocation is read
/// first.
#[derive(Clone)]
pub(crate) struct Lagging {
    pub(crate) store: Memory,
    leaves_out: fn(&str) -> bool,
    has_answered: Arc<AtomicBool>,
}

impl Lagging {
    pub(crate) fn new(store: Memory, leaves_out: fn(&str) -> bool) -> Lagging {
        Lagging {
            store,
            leaves_out,
            has_answered: Arc::default(),
        }
    }
}

impl Store for Lagging {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.store.create(name, content).await
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if name.starts_with("revoked/") && !self.has_answered.swap(true, Ordering::SeqCst) {
            return Err(StoreError::new("connection refused"));
        }
        self.store.read(name).await
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let mut listed = self.store.list(after).await?;
        listed.retain(|object| !(self.leaves_out)(&object.name));
        Ok(listed)
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.store.delete(name).await
    }
}

impl fmt::Display for Lagging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lagging memory")
    }
}
