//! The places in a request where its guards and its layers leave things for each other.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ::rocket::Request;
use serde::de::DeserializeOwned;

use super::head::Head;
use crate::{
    adapter::{Denied, LazySession, MissingLayer},
    codec::Codec,
    session::Session,
};

/// The codec whose layer is attached, as managed state.
pub(super) struct Attached<T>(pub(super) Codec<T>);

/// What came of the session of one type in a request, if anyone asked for it. It is taken when the response
/// is there: a local request that is dispatched again, as a clone, has the same place for it.
pub(super) struct Slot<T>(Mutex<Asked<T>>);

pub(super) struct Asked<T> {
    pub(super) session: Option<Arc<LazySession<T>>>,
    /// Whether a guard did not let the request through for it.
    pub(super) is_refused: bool,
}

impl<T: Send + Sync + 'static> Slot<T> {
    fn of<'r>(request: &'r Request<'_>) -> MutexGuard<'r, Asked<T>> {
        let Slot(asked) = request.local_cache(|| Slot(Mutex::default()));
        lock(asked)
    }

    pub(super) fn take(request: &Request<'_>) -> Asked<T> {
        mem::take(&mut *Slot::of(request))
    }

    /// Notes why a guard of this session did not let the request through.
    pub(super) fn refuse(request: &Request<'_>, denied: Denied) {
        Slot::<T>::of(request).is_refused = true;
        *Refusal::of(request) = Some(denied);
    }
}

impl<T> Default for Asked<T> {
    fn default() -> Asked<T> {
        Asked {
            session: None,
            is_refused: false,
        }
    }
}

/// The session of a request, which is opened when it is asked for first.
pub(super) fn find<T>(request: &Request<'_>) -> Result<Session<T>, MissingLayer>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let attached = request.rocket().state::<Attached<T>>();
    let Attached(codec) = attached.ok_or_else(missing_layer::<T>)?;
    let chosen = request.local_cache(|| codec.clone());
    if chosen.name() != codec.name() {
        return Err(missing_layer::<T>());
    }
    let new = || Arc::new(LazySession::new(chosen));
    // Not locked while it is opened, which runs code of the value.
    let session = Arc::clone(Slot::of(request).session.get_or_insert_with(new));
    Ok(session.open(&Head::of(request)))
}

pub(super) fn missing_layer<T>() -> MissingLayer {
    MissingLayer::of::<T>(".attach(codec.layer())")
}

/// Why a guard of ours did not let the request through, the last one of several.
#[derive(Default)]
pub(super) struct Refusal(Mutex<Option<Denied>>);

impl Refusal {
    pub(super) fn of<'r>(request: &'r Request<'_>) -> MutexGuard<'r, Option<Denied>> {
        let Refusal(denied) = request.local_cache(Refusal::default);
        lock(denied)
    }
}

fn lock<V>(value: &Mutex<V>) -> MutexGuard<'_, V> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
