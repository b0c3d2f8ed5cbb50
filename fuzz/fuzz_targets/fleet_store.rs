//! What somebody writes into a fleet's store: no panic, no other keys, and no session lost.

#![no_main]

mod common;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use haversack::Codec;
use haversack_fleet::{Fleet, Listed, Store, StoreError};
use libfuzzer_sys::fuzz_target;

use common::{NOW, ring};

// Names and contents; one that is empty is that of the fleet's own object of this number, one octet changed.
fuzz_target!(|objects: Vec<(&str, &[u8], u8, u16, u8)>| {
    pollster::block_on(async {
        let store = Memory::default();
        let builder = Fleet::new(store.clone(), ring()).clock(|| NOW);
        let fleet = builder.open().await.unwrap();
        let login = Codec::<u64>::sealed("login", fleet.keys()).clock(|| NOW);
        let login = login
            .accept_if(fleet.accepts(|user: &u64| *user))
            .build()
            .unwrap();
        fleet.serve(&login).unwrap();
        let (token, keys) = (login.seal(&7).unwrap(), fleet.keys().to_text());
        let own = store.0.lock().unwrap().clone();
        for (name, content, number, at, octet) in objects {
            let mut content = content.to_vec();
            if content.is_empty() {
                content = own
                    .values()
                    .nth(usize::from(number) % own.len())
                    .unwrap()
                    .clone();
                let at = usize::from(at) % content.len();
                content[at] ^= octet;
            }
            store
                .0
                .lock()
                .unwrap()
                .entry(name.into())
                .or_insert(content);
        }
        for _ in 0..2 {
            // A refresh may not be able to go on; what is known stays.
            let _ = fleet.refresh().await;
            let _ = (fleet.status().to_string(), fleet.health().to_string());
        }
        assert_eq!(fleet.keys().to_text(), keys);
        assert!(login.open(&token).is_ok());
    });
});

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Store for Memory {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let mut objects = self.0.lock().unwrap();
        let is_new = !objects.contains_key(name);
        objects.entry(name.into()).or_insert_with(|| content.into());
        Ok(is_new)
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let objects = self.0.lock().unwrap();
        let names = objects.keys().filter(|name| name.as_str() > after);
        Ok(names.map(Listed::new).collect())
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}
