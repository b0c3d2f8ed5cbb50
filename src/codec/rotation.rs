//! Keys that are replaced while requests are under way.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock},
};

use crate::{
    base::replaceable::{Reading, Replaceable},
    error::{ConfigError, Rejected},
    token::{
        Format,
        binding::{Binding, Kind},
        keys::AnyKeys,
    },
};

/// The keys of a codec and of all its clones and contexts, bound and ready.
pub(crate) struct Rotating {
    current: Replaceable<Generation>,
    /// Held while the keys are replaced.
    replacing: Mutex<()>,
    /// Told of tokens whose key is not there.
    on_unknown_key: OnceLock<Arc<dyn Fn() + Send + Sync>>,
}

/// The keys between two replacements.
pub(crate) struct Generation {
    keys: AnyKeys,
    binding: Binding,
    format: Arc<dyn Format>,
    /// Formats of other kinds and contexts than the codec's own, in order; the empty context is the
    /// codec's own.
    others: RwLock<Vec<Other>>,
}

struct Other {
    kind: Kind,
    context: Box<str>,
    format: Arc<dyn Format>,
}

/// The format for one kind and context: the codec's own, or one that is kept beside it.
pub(crate) enum BoundFormat<'k> {
    Own(&'k Arc<dyn Format>),
    Other(Arc<dyn Format>),
}

impl Deref for BoundFormat<'_> {
    type Target = dyn Format;

    fn deref(&self) -> &Self::Target {
        match self {
            BoundFormat::Own(format) => &***format,
            BoundFormat::Other(format) => &**format,
        }
    }
}

/// The keys as one request sees them.
pub(crate) type Current = Reading<Generation>;

impl Rotating {
    pub(crate) fn new(keys: AnyKeys, binding: Binding) -> Result<Rotating, ConfigError> {
        Ok(Rotating {
            current: Replaceable::new(Generation::new(keys, binding)?),
            replacing: Mutex::new(()),
            on_unknown_key: OnceLock::new(),
        })
    }

    pub(crate) fn on_unknown_key(&self, tell: Arc<dyn Fn() + Send + Sync>) {
        let _ = self.on_unknown_key.set(tell);
    }

    /// Tells whoever keeps the keys up to date, if a token was refused as its key is not there.
    pub(crate) fn tell_of(&self, reason: Rejected) {
        if let (Rejected::UnknownKey, Some(tell)) = (reason, self.on_unknown_key.get()) {
            tell();
        }
    }

    pub(crate) fn current(&self) -> Current {
        self.current.read()
    }

    /// Replaces the keys and returns the new ones.
    pub(crate) fn replace(&self, keys: AnyKeys) -> Result<Current, ConfigError> {
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
        read: impl Fn(&AnyKeys) -> Result<AnyKeys, ConfigError>,
    ) -> Result<Current, ConfigError> {
        loop {
            let before = self.current();
            let keys = read(&before.keys)?;
            let replacing = self.lock();
            if self.current().is_same(&before) {
                return self.put(keys, &replacing);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        let replacing = self.replacing.lock();
        replacing.unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, keys: AnyKeys, _replacing: &MutexGuard<'_, ()>) -> Result<Current, ConfigError> {
        let old = self.current();
        keys.check_same_kind(&old.keys)?;
        let new = Generation::new(keys, old.binding.clone())?;
        self.current.replace(new);
        Ok(self.current())
    }
}

impl Generation {
    fn new(keys: AnyKeys, binding: Binding) -> Result<Generation, ConfigError> {
        keys.check()?;
        Ok(Generation {
            format: keys.bind(&binding),
            keys,
            binding,
            others: Default::default(),
        })
    }

    /// The format for the codec's own name and context.
    pub(crate) fn format(&self) -> &dyn Format {
        &*self.format
    }

    /// The format for tokens of a kind in a context.
    pub(crate) fn format_for(&self, kind: Kind, context: Option<&str>) -> BoundFormat<'_> {
        match (kind, context) {
            (kind, None) if kind == self.binding.kind => BoundFormat::Own(&self.format),
            (kind, context) => BoundFormat::Other(self.other(kind, context)),
        }
    }

    /// The keys themselves.
    pub(crate) fn keys(&self) -> &AnyKeys {
        &self.keys
    }

    /// What tokens of a kind in a context are bound to.
    pub(crate) fn binding_for(&self, kind: Kind, context: Option<&str>) -> Binding {
        let mut binding = self.binding.clone();
        binding.kind = kind;
        if let Some(context) = context {
            binding.context = Some(context.into());
        }
        binding
    }

    /// The format for another kind or context, derived once.
    fn other(&self, kind: Kind, context: Option<&str>) -> Arc<dyn Format> {
        let by_context = context.unwrap_or_default();
        let place = |known: &[Other]| {
            known.binary_search_by(|other| (other.kind, &*other.context).cmp(&(kind, by_context)))
        };
        let known = self.others.read().unwrap_or_else(PoisonError::into_inner);
        if let Ok(index) = place(&known) {
            return Arc::clone(&known[index].format);
        }
        drop(known);
        let format = self.keys.bind(&self.binding_for(kind, context));
        let new = Other {
            kind,
            context: by_context.into(),
            format: Arc::clone(&format),
        };
        let mut known = self.others.write().unwrap_or_else(PoisonError::into_inner);
        match place(&known) {
            Ok(index) => known[index] = new,
            Err(index) if known.len() < MOST_OTHERS => known.insert(index, new),
            // Contexts may come from requests, so they must not fill the memory; a neighbour goes.
            Err(index) => known[index.min(MOST_OTHERS - 1)] = new,
        }
        format
    }
}

const MOST_OTHERS: usize = 2048;
