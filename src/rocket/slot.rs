//! The places in a request where its guards and its layers leave things for each other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// What became of the session of one type in a request. It is taken when the response is there: a local
/// request that is dispatched again, as a clone, has the same place for it.
pub(super) struct Slot<T>(Mutex<Used<T>>);

pub(super) struct Used<T> {
    pub(super) session: Option<Arc<LazySession<T>>>,
    /// Whether a guard let the request through.
    pub(super) guarded: bool,
}

impl<T: Send + Sync + 'static> Slot<T> {
    fn of<'r>(request: &'r Request<'_>) -> MutexGuard<'r, Used<T>> {
        let Slot(used) = request.local_cache(|| Slot(Mutex::default()));
        lock(used)
    }

    pub(super) fn take(request: &Request<'_>) -> Used<T> {
        std::mem::take(&mut Slot::of(request))
    }

    pub(super) fn guarded(request: &Request<'_>) {
        Slot::<T>::of(request).guarded = true;
    }
}

impl<T> Default for Used<T> {
    fn default() -> Used<T> {
        Used {
            session: None,
            guarded: false,
        }
    }
}

/// The session of a request, which is opened when it is asked for first.
pub(super) fn find<T>(request: &Request<'_>) -> Result<Session<T>, MissingLayer>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let attached = request.rocket().state::<Attached<T>>();
    let Attached(codec) = attached.ok_or(MissingLayer::of::<T>())?;
    let chosen = request.local_cache(|| codec.clone());
    if chosen.name() != codec.name() {
        return Err(MissingLayer::of::<T>());
    }
    let mut used = Slot::of(request);
    let session = used
        .session
        .get_or_insert_with(|| Arc::new(LazySession::new(chosen)));
    let session = Arc::clone(session);
    drop(used);
    Ok(session.open(&Head::of(request)))
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
