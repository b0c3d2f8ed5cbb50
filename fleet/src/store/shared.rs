//! A store whose type is not known: what a fleet holds.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::{Listed, Store, StoreError};

/// Any store, with futures that are boxed.
#[derive(Clone)]
pub(crate) struct SharedStore(Arc<dyn Boxed>);

type Answer<'s, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 's>>;

/// [`Store`] as an object.
trait Boxed: fmt::Display + Send + Sync {
    fn create<'s>(&'s self, name: &'s str, content: &'s [u8]) -> Answer<'s, bool>;
    fn read<'s>(&'s self, name: &'s str) -> Answer<'s, Option<Vec<u8>>>;
    fn list<'s>(&'s self, after: &'s str) -> Answer<'s, Vec<Listed>>;
    fn delete<'s>(&'s self, name: &'s str) -> Answer<'s, ()>;
}

impl<S: Store> Boxed for S {
    fn create<'s>(&'s self, name: &'s str, content: &'s [u8]) -> Answer<'s, bool> {
        Box::pin(Store::create(self, name, content))
    }

    fn read<'s>(&'s self, name: &'s str) -> Answer<'s, Option<Vec<u8>>> {
        Box::pin(Store::read(self, name))
    }

    fn list<'s>(&'s self, after: &'s str) -> Answer<'s, Vec<Listed>> {
        Box::pin(Store::list(self, after))
    }

    fn delete<'s>(&'s self, name: &'s str) -> Answer<'s, ()> {
        Box::pin(Store::delete(self, name))
    }
}

impl SharedStore {
    pub(crate) fn new(store: impl Store) -> SharedStore {
        SharedStore(Arc::new(store))
    }

    pub(crate) async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        self.0.create(name, content).await
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.read(name).await
    }

    pub(crate) async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        self.0.list(after).await
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.0.delete(name).await
    }
}

impl fmt::Display for SharedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
