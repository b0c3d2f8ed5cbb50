//! Keys that are replaced while requests are under way.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    error::ConfigError,
    format::{Binding, Format, KeyKind},
};

/// The keys of a codec and of all its clones and contexts, bound and ready.
///
/// They are read for every token and hardly ever replaced, so there are several locks around the same
/// keys and each thread reads under its own: threads do not wait for each other's caches. Whoever
/// replaces the keys holds all of them, so nobody sees an old ring after somebody saw the new one.
pub(crate) struct Rotating {
    locks: [Lock; LOCKS],
    /// Held while the keys are replaced.
    replacing: Mutex<()>,
}

/// On a cache line of its own.
#[repr(align(128))]
struct Lock(RwLock<Arc<Handle>>);

/// One for each lock, so that the counts of their references are apart too.
#[repr(align(128))]
struct Handle(Arc<Generation>);

/// The keys between two replacements.
pub(crate) struct Generation {
    keys: KeyKind,
    binding: Binding,
    format: Format,
    /// Formats bound to other names and contexts than the codec's own.
    others: RwLock<HashMap<Binding, Arc<Format>>>,
}

/// The keys as one request sees them.
pub(crate) struct Current(Arc<Handle>);

impl Rotating {
    pub(crate) fn new(keys: KeyKind, binding: Binding) -> Result<Rotating, ConfigError> {
        let generation = Arc::new(Generation::new(keys, binding)?);
        let lock = |_| Lock(RwLock::new(Arc::new(Handle(Arc::clone(&generation)))));
        Ok(Rotating {
            locks: std::array::from_fn(lock),
            replacing: Mutex::new(()),
        })
    }

    pub(crate) fn current(&self) -> Current {
        let lock = &self.locks[OWN_LOCK.with(Cell::get) % LOCKS];
        Current(Arc::clone(
            &lock.0.read().unwrap_or_else(PoisonError::into_inner),
        ))
    }

    /// Replaces the keys and returns the new ones.
    pub(crate) fn replace(&self, keys: KeyKind) -> Result<Current, ConfigError> {
        let replacing = self.lock();
        self.put(keys, &replacing)
    }

    /// Replaces the keys by what `read` gives, and returns the new ones.
    ///
    /// Nobody replaced the keys between the beginning of `read` and its end, so of several that read
    /// at once the last to return has read last. No lock is held meanwhile: a source may keep its
    /// reader waiting, and nobody else.
    pub(crate) fn reload(
        &self,
        read: impl Fn(&KeyKind) -> Result<KeyKind, ConfigError>,
    ) -> Result<Current, ConfigError> {
        loop {
            let before = self.current().0;
            let keys = read(&before.0.keys)?;
            let replacing = self.lock();
            if Arc::ptr_eq(&self.current().0.0, &before.0) {
                return self.put(keys, &replacing);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        let replacing = self.replacing.lock();
        replacing.unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, keys: KeyKind, _replacing: &MutexGuard<'_, ()>) -> Result<Current, ConfigError> {
        let old = self.current().0;
        keys.check_same_kind(&old.0.keys)?;
        let new = Arc::new(Generation::new(keys, old.0.binding.clone())?);
        let locks = self.locks.iter();
        let mut held: Vec<_> = locks
            .map(|lock| lock.0.write().unwrap_or_else(PoisonError::into_inner))
            .collect();
        for handle in &mut held {
            **handle = Arc::new(Handle(Arc::clone(&new)));
        }
        Ok(Current(Arc::new(Handle(new))))
    }
}

impl Current {
    /// The format for the codec's own name and context.
    pub(crate) fn format(&self) -> &Format {
        &self.0.0.format
    }

    /// The format for another name or context, derived once.
    pub(crate) fn other(&self, change: impl FnOnce(&mut Binding)) -> Arc<Format> {
        let Handle(generation) = &*self.0;
        let mut binding = generation.binding.clone();
        change(&mut binding);
        let others = generation
            .others
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(format) = others.get(&binding) {
            return Arc::clone(format);
        }
        drop(others);
        let format = Arc::new(generation.keys.bind(&binding));
        let mut others = generation
            .others
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if others.len() >= MOST_OTHERS {
            // Contexts may come from requests, so they must not fill the memory.
            others.clear();
        }
        others.insert(binding, Arc::clone(&format));
        format
    }
}

impl Generation {
    fn new(keys: KeyKind, binding: Binding) -> Result<Generation, ConfigError> {
        keys.check()?;
        Ok(Generation {
            format: keys.bind(&binding),
            keys,
            binding,
            others: RwLock::default(),
        })
    }
}

thread_local! {
    /// Threads take turns with the locks.
    static OWN_LOCK: Cell<usize> = Cell::new(NEXT_LOCK.fetch_add(1, Ordering::Relaxed));
}

static NEXT_LOCK: AtomicUsize = AtomicUsize::new(0);

const LOCKS: usize = 8;
const MOST_OTHERS: usize = 1024;
