//! The place in a request where its layer leaves the session.

use std::rc::Rc;

use actix_web::{HttpMessage, http::header::HeaderMap};
use serde::{Serialize, de::DeserializeOwned};

use super::response::Finish;
use crate::{
    adapter::{LazySession, head::RequestHead},
    error::SaveError,
    session::Session,
};

/// The session of a request that went through its layer, opened when it is asked for first.
pub(super) fn find<T: DeserializeOwned + 'static>(
    request: &(impl HttpMessage + RequestHead),
) -> Option<Session<T>> {
    let slot = request.extensions().get::<Slot<T>>().cloned();
    slot.map(|slot| slot.0.open(request))
}

/// What the layer and the handlers of a request share.
#[derive(Debug)]
pub struct Slot<T>(pub(super) Rc<LazySession<T>>);

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Slot<T> {
        Slot(Rc::clone(&self.0))
    }
}

impl<T: Serialize + DeserializeOwned> Finish for Slot<T> {
    fn is_due(&self) -> bool {
        self.0.opened().is_some()
    }

    fn finish(&self, headers: &mut HeaderMap) -> Result<(), SaveError> {
        self.0.finish(headers)
    }
}
