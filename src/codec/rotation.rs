//! Keys that are replaced while requests are under way.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use arc_swap::{ArcSwap, Guard};

use crate::{
    error::ConfigError,
    keys::KeyKind,
    token::{
        Format,
        binding::{Binding, Kind},
    },
};

/// The keys of a codec and of all its clones and contexts, bound and ready.
pub(crate) struct Rotating {
    current: ArcSwap<Generation>,
    /// Held while the keys are replaced.
    replacing: Mutex<()>,
}

/// The keys between two replacements.
pub(crate) struct Generation {
    keys: KeyKind,
    binding: Binding,
    format: Format,
    /// Formats of other kinds and contexts than the codec's own, by context; the empty one is the
    /// codec's own.
    others: [RwLock<HashMap<String, Arc<Format>>>; Kind::ALL.len()],
}

/// The format for one kind and context: the codec's own, or one that is kept beside it.
pub(crate) enum BoundFormat<'k> {
    Own(&'k Format),
    Other(Arc<Format>),
}

impl Deref for BoundFormat<'_> {
    type Target = Format;

    fn deref(&self) -> &Format {
        match self {
            BoundFormat::Own(format) => format,
            BoundFormat::Other(format) => format,
        }
    }
}

/// The keys as one request sees them.
pub(crate) type Current = Guard<Arc<Generation>>;

impl Rotating {
    pub(crate) fn new(keys: KeyKind, binding: Binding) -> Result<Rotating, ConfigError> {
        Ok(Rotating {
            current: ArcSwap::from_pointee(Generation::new(keys, binding)?),
            replacing: Mutex::new(()),
        })
    }

    pub(crate) fn current(&self) -> Current {
        self.current.load()
    }

    /// Replaces the keys and returns the new ones.
    pub(crate) fn replace(&self, keys: KeyKind) -> Result<Current, ConfigError> {
        let replacing = self.lock();
        self.put(keys, &replacing)
    }

    /// Replaces the keys by what `read` gives, and returns the new ones.
    ///
    /// Nobody replaced the keys between the beginning of `read` and its end, so of several that
    /// read at once the last to return has read last. No lock is held meanwhile: a source may keep
    /// its reader waiting, and nobody else.
    pub(crate) fn reload(
        &self,
        read: impl Fn(&KeyKind) -> Result<KeyKind, ConfigError>,
    ) -> Result<Current, ConfigError> {
        loop {
            let before = self.current.load_full();
            let keys = read(&before.keys)?;
            let replacing = self.lock();
            if Arc::ptr_eq(&self.current(), &before) {
                return self.put(keys, &replacing);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        let replacing = self.replacing.lock();
        replacing.unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, keys: KeyKind, _replacing: &MutexGuard<'_, ()>) -> Result<Current, ConfigError> {
        let old = self.current();
        keys.check_same_kind(&old.keys)?;
        let new = Arc::new(Generation::new(keys, old.binding.clone())?);
        self.current.store(new);
        Ok(self.current())
    }
}

impl Generation {
    fn new(keys: KeyKind, binding: Binding) -> Result<Generation, ConfigError> {
        keys.check()?;
        Ok(Generation {
            format: Format::new(&keys, &binding),
            keys,
            binding,
            others: Default::default(),
        })
    }

    /// The codec's own context.
    pub(crate) fn context(&self) -> Option<String> {
        self.binding.context.clone()
    }

    /// The format for the codec's own name and context.
    pub(crate) fn format(&self) -> &Format {
        &self.format
    }

    /// The format for tokens of a kind in a context.
    pub(crate) fn format_for(&self, kind: Kind, context: Option<&str>) -> BoundFormat<'_> {
        match (kind, context) {
            (kind, None) if kind == self.binding.kind => BoundFormat::Own(&self.format),
            (kind, context) => BoundFormat::Other(self.other(kind, context)),
        }
    }

    /// The format for another kind or context, derived once.
    fn other(&self, kind: Kind, context: Option<&str>) -> Arc<Format> {
        let others = &self.others[kind as usize];
        let by_context = context.unwrap_or_default();
        let known = others.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(format) = known.get(by_context) {
            return Arc::clone(format);
        }
        drop(known);
        let mut binding = self.binding.clone();
        binding.kind = kind;
        if let Some(context) = context {
            binding.context = Some(context.into());
        }
        let format = Arc::new(Format::new(&self.keys, &binding));
        let mut known = others.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_OTHERS {
            // Contexts may come from requests, so they must not fill the memory; any of them goes.
            let any = known.keys().next().cloned();
            any.and_then(|any| known.remove(&any));
        }
        known.insert(by_context.into(), Arc::clone(&format));
        format
    }
}

const MOST_OTHERS: usize = 1024;
