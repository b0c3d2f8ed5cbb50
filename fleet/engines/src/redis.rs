//! Redis or Valkey as a store. What it has must be on disk before it answers (`appendonly yes`, `appendfsync always`),
//! and nothing may be evicted.

use std::fmt;

use haversack_fleet::{Listed, Store, StoreError};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};

/// The keys that begin with a prefix and `/`.
pub struct Redis {
    pub connection: MultiplexedConnection,
    pub prefix: String,
}

impl Store for Redis {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let created = self
            .connection
            .clone()
            .set_nx(self.key(name), content)
            .await;
        created.map_err(StoreError::new)
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let read = self.connection.clone().get(self.key(name)).await;
        read.map_err(StoreError::new)
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let mut connection = self.connection.clone();
        let mut names = std::collections::BTreeSet::new();
        let mut keys = connection
            .scan_match::<_, String>(self.key("*"))
            .await
            .map_err(StoreError::new)?;
        while let Some(key) = keys.next_item().await {
            let key = key.map_err(StoreError::new)?;
            // A scan may give a key twice.
            names.extend(
                key.strip_prefix(&self.key(""))
                    .filter(|name| *name > after)
                    .map(str::to_owned),
            );
        }
        Ok(names.into_iter().map(Listed::new).collect())
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        let deleted = self.connection.clone().del(self.key(name)).await;
        deleted.map_err(StoreError::new)
    }
}

impl Redis {
    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }
}

impl fmt::Display for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redis {}", self.prefix)
    }
}
