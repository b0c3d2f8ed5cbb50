//! A fleet's objects in memory: what a store takes is not what is measured.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use haversack_fleet::{Listed, Store, StoreError};

/// Objects by their names.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Memory {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let mut objects = self.objects();
        let is_new = !objects.contains_key(name);
        if is_new {
            objects.insert(name.to_owned(), content.to_vec());
        }
        Ok(is_new)
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.objects().get(name).cloned())
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let objects = self.objects();
        let names = objects.range(after.to_owned()..).map(|(name, _)| name);
        let names = names.filter(|name| name.as_str() > after);
        Ok(names.map(Listed::new).collect())
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.objects().remove(name);
        Ok(())
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}
