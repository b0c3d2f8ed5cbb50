//! What [`conforms`] finds in stores that do not do what is asked.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard},
};

use haversack_fleet::{Listed, Store, StoreError, testing::conforms};

#[tokio::test]
async fn a_store_that_does_what_is_asked_conforms() {
    conforms(&Memory::default(), &Memory::default())
        .await
        .unwrap_err();
    let memory = Memory::default();
    conforms(&memory, &memory).await.unwrap();
}

#[tokio::test]
async fn each_fault_of_a_store_is_named() {
    for (fault, rule) in [
        (Fault::Overwrites, "an object reads as it was created"),
        (
            Fault::KeepsAndSaysTrue,
            "creating an object that is there is false",
        ),
        (Fault::ForgetsToDelete, "an object reads as it was created"),
        (Fault::CutsOctets, "an object reads as it was created"),
        (Fault::ListsAll, "a listing has the names that are greater"),
        (Fault::ListsOnePage, "a listing is not cut off"),
        (
            Fault::ChecksFirst,
            "of several that create an object at once",
        ),
    ] {
        let memory = Memory {
            fault: Some(fault),
            ..Memory::default()
        };
        let found = conforms(&memory, &memory).await.unwrap_err().to_string();
        assert!(found.starts_with(rule), "{fault:?}: {found}");
    }
}

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    ChecksFirst,
    CutsOctets,
    ForgetsToDelete,
    KeepsAndSaysTrue,
    ListsAll,
    ListsOnePage,
    Overwrites,
}

#[derive(Default)]
struct Memory {
    objects: Mutex<BTreeMap<String, Vec<u8>>>,
    fault: Option<Fault>,
}

impl Memory {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.objects.lock().unwrap()
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }
}

impl Store for Memory {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let is_there = self.objects().contains_key(name);
        if self.has(Fault::ChecksFirst) {
            tokio::task::yield_now().await;
        }
        if is_there && !self.has(Fault::Overwrites) {
            return Ok(self.has(Fault::KeepsAndSaysTrue));
        }
        let kept = match self.has(Fault::CutsOctets) {
            true => content.split(|octet| *octet == 0).next().unwrap(),
            false => content,
        };
        self.objects().insert(name.into(), kept.into());
        Ok(!is_there)
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.objects().get(name).cloned())
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let objects = self.objects();
        let all = self.has(Fault::ListsAll);
        let names = objects.keys().filter(|name| all || name.as_str() > after);
        let most = match self.has(Fault::ListsOnePage) {
            true => 1000,
            false => usize::MAX,
        };
        Ok(names.take(most).map(Listed::new).collect())
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        if !self.has(Fault::ForgetsToDelete) {
            self.objects().remove(name);
        }
        Ok(())
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}
