//! A value that many threads read at once and that is seldom replaced.

use std::{
    ops::Deref,
    sync::{
        Arc, PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A value that is read without waiting for other readers. Who replaces it waits until nobody is in the
/// middle of taking it, and no longer: a [`Reading`] holds no lock.
pub(crate) struct Replaceable<T> {
    /// The same value in each. Threads that read in different places write to no memory in common, which
    /// would cost more than all else here.
    places: Box<[Place<T>]>,
}

/// In cache lines of its own.
#[repr(align(128))]
struct Place<T>(RwLock<Reading<T>>);

/// The value as it was when it was read. The outer of its two counts is that of one place.
#[expect(
    clippy::redundant_allocation,
    reason = "two counts, of which only one is written to where the value is read"
)]
pub(crate) struct Reading<T>(Arc<Arc<T>>);

impl<T> Replaceable<T> {
    pub(crate) fn new(value: T) -> Replaceable<T> {
        let value = Arc::new(value);
        Replaceable {
            places: (0..PLACES)
                .map(|_| Place(RwLock::new(Reading::new(&value))))
                .collect(),
        }
    }

    #[inline]
    pub(crate) fn read(&self) -> Reading<T> {
        thread_local! {
            static PLACE: usize = {
                static THREADS: AtomicUsize = AtomicUsize::new(0);
                THREADS.fetch_add(1, Ordering::Relaxed) % PLACES
            };
        }
        let place = &self.places[PLACE.with(|place| *place)];
        let reading = place.0.read().unwrap_or_else(PoisonError::into_inner);
        Reading(Arc::clone(&reading.0))
    }

    /// Replaces the value for everyone at once.
    pub(crate) fn replace(&self, value: T) {
        let value = Arc::new(value);
        let mut places: Vec<_> = self.places.iter().map(Place::write).collect();
        let put = |place: &mut RwLockWriteGuard<'_, Reading<T>>| {
            std::mem::replace(&mut **place, Reading::new(&value))
        };
        let old: Vec<_> = places.iter_mut().map(put).collect();
        drop(places);
        drop(old);
    }
}

impl<T> Place<T> {
    fn write(&self) -> RwLockWriteGuard<'_, Reading<T>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Reading<T> {
    fn new(value: &Arc<T>) -> Reading<T> {
        Reading(Arc::new(Arc::clone(value)))
    }

    /// Whether nobody replaced the value between the two.
    pub(crate) fn is_same(&self, other: &Reading<T>) -> bool {
        Arc::ptr_eq(&*self.0, &*other.0)
    }
}

impl<T> Deref for Reading<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

const PLACES: usize = 16;
