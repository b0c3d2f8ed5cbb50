//! What all handles of a fleet share in one process, and the ring that its codecs get.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use arc_swap::ArcSwap;
use haversack::{AnyKeys, Clock, ConfigError, KeyRing, Keyed, Random};

use crate::{
    cut_off::CutOffs,
    early::Early,
    error::{FleetError, Problem},
    event::{self, Event, Observer},
    known::Known,
    local_copy::LocalCopy,
    name::{KeyName, ObjectName},
    record::{FleetRecord, wrapping::Wrapping},
    settings::Settings,
    store::shared::SharedStore,
};

pub(crate) struct Shared {
    pub(crate) store: SharedStore,
    /// The store as errors name it.
    pub(crate) place: Arc<str>,
    pub(crate) settings: Settings,
    pub(crate) wrapping: ArcSwap<Wrapping>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) observer: Option<Box<Observer>>,
    pub(crate) local_copy: Option<LocalCopy>,
    /// Why no fleet is begun in a store that has none, if none is.
    pub(crate) begins_none: Option<Problem>,
    /// The fleet that the local copy is of, if there was one at the start.
    pub(crate) copied: OnceLock<FleetRecord>,
    pub(crate) early: Arc<Early>,
    /// There once the fleet's own secrets were read.
    pub(crate) cut_offs: OnceLock<CutOffs>,
    pub(crate) known: Mutex<Known>,
    pub(crate) contact: Mutex<Contact>,
    pub(crate) served: Mutex<Served>,
}

/// How the last refreshes went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contact {
    /// When the last one began that succeeded.
    pub(crate) refreshed: Option<u64>,
    /// When the one before it did. What a listing leaves out is in the next one, so that all is known that
    /// was there by then.
    pub(crate) knows_until: Option<u64>,
    /// Since when they fail, and why the last one did.
    pub(crate) failing: Option<(u64, FleetError)>,
}

/// What has the fleet's keys.
#[derive(Default)]
pub(crate) struct Served {
    all: Vec<Box<dyn Keyed>>,
    names: Vec<KeyName>,
    ring: Option<KeyRing>,
}

impl Shared {
    pub(crate) fn now(&self) -> u64 {
        self.clock.now()
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }

    pub(crate) fn contact(&self) -> MutexGuard<'_, Contact> {
        lock(&self.contact)
    }

    pub(crate) fn error(&self, problem: Problem) -> FleetError {
        problem.at(&self.place)
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        event::tell(self.observer.as_deref(), &self.settings.fleet, event);
    }

    /// All that a copy has: what is wrapped, and the names of cut-offs.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let mut objects = self.known().objects();
        for name in self.cut_offs.get().map(CutOffs::names).unwrap_or_default() {
            let name = ObjectName::CutOff(name).original();
            objects.insert(name.to_string(), b"-".to_vec());
        }
        objects
    }

    /// Tells that the local copy is not as the store is.
    pub(crate) fn tell_of_copy(&self, problem: Problem) {
        let error = self.error(problem);
        self.tell(&Event::ObjectRefused { error: &error });
    }

    /// Whether this worker does not know by a listing of a moment ago what there is.
    pub(crate) fn has_been_away(&self) -> bool {
        let refreshed = self.contact().refreshed;
        refreshed.is_none_or(|time| time.saturating_add(self.settings.lead) < self.now())
    }

    /// Notes how a refresh went that began at a time.
    pub(crate) fn note(&self, began: u64, outcome: Result<(), FleetError>) {
        let mut contact = self.contact();
        match outcome {
            Ok(()) => {
                contact.knows_until = contact.refreshed.or(Some(began));
                contact.refreshed = Some(began).max(contact.refreshed);
                let recovered = contact.failing.take();
                drop(contact);
                if let Some((since, _)) = recovered {
                    self.tell(&Event::Recovered { since });
                }
            }
            Err(error) => {
                let since = contact.failing.as_ref().map(|(since, _)| *since);
                contact.failing = Some((since.unwrap_or(began), error.clone()));
                drop(contact);
                if since.is_none() {
                    self.tell(&Event::Failing { error: &error });
                }
            }
        }
    }

    /// Gives everybody the ring that follows from what is known, as time goes by and when more is known.
    pub(crate) fn turn(&self) -> Result<(), Problem> {
        let mut served = lock(&self.served);
        let (names, ring) = {
            let known = self.known();
            let names = known.schedule(self.settings.opens_for).ring(self.now());
            if names == served.names {
                return Ok(());
            }
            let keys = names.iter().filter_map(|name| known.keys.get(name));
            let mut keys = keys.map(|held| held.record.key.clone());
            let Some(seals) = keys.next() else {
                return Err(Problem::new(
                    "there is no key that seals; the last ones stay in use",
                    "see why none can be made",
                ));
            };
            let ring = keys.fold(KeyRing::new(seals), KeyRing::also_opens);
            (names, ring)
        };
        let keys = Kinds::new(&ring)?;
        let has_turned = served.names.first() != names.first();
        served.names = names;
        served.ring = Some(ring.clone());
        // Whoever cannot take them does not keep the others from it.
        let mut outcome = Ok(());
        for keyed in &served.all {
            outcome = outcome.and(keyed.rotate_to(keys.of(&**keyed)));
        }
        drop(served);
        if has_turned {
            let key_id = ring.keys()[0].id();
            self.tell(&Event::KeyTurned { key_id: &key_id });
        }
        outcome?;
        Ok(())
    }

    /// The ring as it was given to everybody last.
    pub(crate) fn ring(&self) -> Option<KeyRing> {
        lock(&self.served).ring.clone()
    }

    /// Keeps the keys of something up to date from now on.
    pub(crate) fn serve(&self, keyed: Box<dyn Keyed>) -> Result<(), ConfigError> {
        let early = Arc::clone(&self.early);
        keyed.on_unknown_key(Arc::new(move || early.want()));
        let mut served = lock(&self.served);
        if let Some(ring) = &served.ring {
            keyed.rotate_to(Kinds::new(ring)?.of(&*keyed))?;
        }
        served.all.push(keyed);
        Ok(())
    }

    /// The names of the keys that were given to everybody last.
    #[cfg(test)]
    pub(crate) fn names(&self) -> Vec<KeyName> {
        lock(&self.served).names.clone()
    }
}

/// A ring for either format.
struct Kinds {
    sealing: KeyRing,
    signing: haversack::JwtKeys,
}

impl Kinds {
    fn new(ring: &KeyRing) -> Result<Kinds, ConfigError> {
        Ok(Kinds {
            sealing: ring.clone(),
            signing: ring.jwt_keys()?,
        })
    }

    fn of(&self, keyed: &dyn Keyed) -> AnyKeys {
        match keyed.is_signed() {
            false => self.sealing.clone().into(),
            true => self.signing.clone().into(),
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half done by whoever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
