//! What the tests share: a store in memory that can fail, a clock that stands still, and a master ring.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
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

/// A store around another one, in which things happen.
pub(crate) struct Odd {
    store: Memory,
    answers: Box<dyn Fn(&str) -> bool + Send + Sync>,
    lists: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

impl Odd {
    /// `answers` sees each call before it happens, such as `read fleet`, and says whether it does.
    pub(crate) fn new(
        store: &Memory,
        answers: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Odd {
        Odd {
            store: store.clone(),
            answers: Box::new(answers),
            lists: Box::new(|_| true),
        }
    }

    /// Whether a listing has a name.
    pub(crate) fn lists(self, lists: impl Fn(&str) -> bool + Send + Sync + 'static) -> Odd {
        Odd {
            lists: Box::new(lists),
            ..self
        }
    }

    fn ask(&self, verb: &str, name: &str) -> Result<(), StoreError> {
        match (self.answers)(&format!("{verb} {name}")) {
            true => Ok(()),
            false => Err(StoreError::new("connection refused")),
        }
    }
}

impl Store for Odd {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.ask("create", name)?;
        self.store.create(name, content).await
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask("read", name)?;
        self.store.read(name).await
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        self.ask("list", after)?;
        let mut listed = self.store.list(after).await?;
        listed.retain(|object| (self.lists)(&object.name));
        Ok(listed)
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.ask("delete", name)?;
        self.store.delete(name).await
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("odd memory")
    }
}
