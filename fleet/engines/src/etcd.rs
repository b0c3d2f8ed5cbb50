//! etcd as a store, by its JSON gateway.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use haversack_fleet::{Listed, Store, StoreError};
use serde_json::{Value, json};

/// The keys of etcd that begin with a prefix and `/`.
pub struct Etcd {
    pub client: reqwest::Client,
    /// Such as `http://127.0.0.1:2379`.
    pub address: String,
    pub prefix: String,
}

impl Store for Etcd {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let key = self.key(name);
        let answer = self.ask(
            "txn",
            json!({
                "compare": [{ "key": key, "target": "VERSION", "result": "EQUAL", "version": "0" }],
                "success": [{ "requestPut": { "key": key, "value": BASE64.encode(content) } }],
            }),
        );
        Ok(answer.await?["succeeded"] == true)
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let answer = self.ask("range", json!({ "key": self.key(name) })).await?;
        match &answer["kvs"][0] {
            Value::Null => Ok(None),
            // An empty value is left out.
            found => BASE64
                .decode(found["value"].as_str().unwrap_or(""))
                .map(Some)
                .map_err(StoreError::new),
        }
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        // From the next key after that one up to the end of the prefix: `0` comes after `/`.
        let from = self.key(&format!("{after}\0"));
        let until = BASE64.encode(format!("{}0", self.prefix));
        let answer = self
            .ask(
                "range",
                json!({ "key": from, "range_end": until, "keys_only": true }),
            )
            .await?;
        let keys = answer["kvs"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|found| found["key"].as_str());
        keys.map(|key| {
            let key = String::from_utf8(BASE64.decode(key).map_err(StoreError::new)?)
                .map_err(StoreError::new)?;
            Ok(Listed::new(&key[self.prefix.len() + 1..]))
        })
        .collect()
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        self.ask("deleterange", json!({ "key": self.key(name) }))
            .await?;
        Ok(())
    }
}

impl Etcd {
    fn key(&self, name: &str) -> String {
        BASE64.encode(format!("{}/{name}", self.prefix))
    }

    async fn ask(&self, what: &str, body: Value) -> Result<Value, StoreError> {
        let url = format!("{}/v3/kv/{what}", self.address);
        let answer = self
            .client
            .post(url)
            .json(&body)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status);
        answer
            .map_err(StoreError::new)?
            .json()
            .await
            .map_err(StoreError::new)
    }
}

impl fmt::Display for Etcd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "etcd {} {}", self.address, self.prefix)
    }
}
