//! A worker's way to the store.

use std::{fmt, future::poll_fn, task::Poll};

use super::world::{Answer, Call, SharedWorld};
use crate::store::{Listed, Store, StoreError};

#[derive(Clone)]
pub(super) struct WorldStore(pub(super) SharedWorld);

impl WorldStore {
    async fn call(&self, call: Call) -> Answer {
        let slot = self.0.lock().send(call);
        poll_fn(|_| {
            let answer = slot
                .lock()
                .unwrap_or_else(|error| error.into_inner())
                .take();
            answer.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

impl Store for WorldStore {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        match self.call(Call::Create(name.into(), content.into())).await {
            Answer::Created(answer) => answer,
            other => unreachable!("{other:?}"),
        }
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self.call(Call::Read(name.into())).await {
            Answer::Read(answer) => answer,
            other => unreachable!("{other:?}"),
        }
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        match self.call(Call::List(after.into())).await {
            Answer::Listed(answer) => answer,
            other => unreachable!("{other:?}"),
        }
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        match self.call(Call::Delete(name.into())).await {
            Answer::Deleted(answer) => answer,
            other => unreachable!("{other:?}"),
        }
    }
}

impl fmt::Display for WorldStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("world")
    }
}
