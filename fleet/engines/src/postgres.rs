//! A table of PostgreSQL as a store.

use std::fmt;

use haversack_fleet::{Listed, Store, StoreError};
use tokio_postgres::Client;

/// The table `haversack_fleet` of a database.
pub struct Postgres(Client);

impl Postgres {
    pub async fn open(client: Client) -> Result<Postgres, StoreError> {
        // Names are compared octet for octet: in no language's order.
        let table = r#"CREATE TABLE IF NOT EXISTS haversack_fleet (name text COLLATE "C" PRIMARY KEY, content bytea NOT NULL)"#;
        client.batch_execute(table).await.map_err(StoreError::new)?;
        Ok(Postgres(client))
    }
}

impl Store for Postgres {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let insert = "INSERT INTO haversack_fleet VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let inserted = self.0.execute(insert, &[&name, &content]).await;
        Ok(inserted.map_err(StoreError::new)? == 1)
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let select = "SELECT content FROM haversack_fleet WHERE name = $1";
        let row = self.0.query_opt(select, &[&name]).await;
        Ok(row.map_err(StoreError::new)?.map(|row| row.get(0)))
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let select = "SELECT name FROM haversack_fleet WHERE name > $1";
        let rows = self.0.query(select, &[&after]).await;
        let rows = rows.map_err(StoreError::new)?;
        Ok(rows
            .iter()
            .map(|row| Listed::new(row.get::<_, &str>(0)))
            .collect())
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        let delete = "DELETE FROM haversack_fleet WHERE name = $1";
        self.0
            .execute(delete, &[&name])
            .await
            .map_err(StoreError::new)?;
        Ok(())
    }
}

impl fmt::Display for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("table haversack_fleet")
    }
}
