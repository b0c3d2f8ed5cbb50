//! An object store as a store: S3, Google Cloud Storage, Azure and their like.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::{
    Error, GetOptions, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, path::Path,
};

use super::{LONGEST_OBJECT, Listed, Store, StoreError, is_name, list_one};

/// A bucket, or a part of one, as a store: S3, Google Cloud Storage, Azure Blob Storage and what is like
/// them, by the crate [`object_store`], which this one re-exports. Turn its feature on for yours: `aws`,
/// `gcp` or `azure`.
///
/// An object is created with the engine's own condition that there is none: `If-None-Match: *` for S3 and
/// Azure, a generation of 0 for Google. Some that are like S3 take the header and ignore it, which a
/// fleet finds out when it opens.
///
/// A call is given up after 20 seconds, tries of `object_store` included.
///
/// # Examples
///
/// ```
/// use haversack_fleet::{Bucket, Store, object_store::memory::InMemory};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // With the feature `aws`: `AmazonS3Builder::from_env().with_bucket_name("shop").build()?`
/// let engine = InMemory::new();
/// let store = Bucket::new(engine, "shop/keys");
/// assert!(store.create("keys/one", b"first").await?);
/// assert!(!store.create("keys/one", b"second").await?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Bucket {
    engine: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Bucket {
    /// The objects of this engine whose names begin with a prefix and `/`, such as `shop/keys`. Several
    /// fleets may be in one bucket, each with a prefix of its own.
    pub fn new(engine: impl ObjectStore, prefix: &str) -> Bucket {
        Bucket {
            engine: Arc::new(engine),
            prefix: Path::from(prefix),
        }
    }

    fn path(&self, name: &str) -> Path {
        Path::from_iter(self.prefix.parts().chain(Path::from(name).parts()))
    }
}

impl Store for Bucket {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let payload = PutPayload::from(content.to_vec());
        let path = self.path(name);
        let put = self.engine.put_opts(&path, payload, PutMode::Create.into());
        match in_time(put).await? {
            Ok(_) => Ok(true),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
            Err(error) => Err(StoreError::new(error)),
        }
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path(name);
        let reading = async {
            let found = self.engine.get_opts(&path, GetOptions::default()).await?;
            // Nobody is to fill the memory.
            let mut content = Vec::new();
            let mut stream = found.into_stream();
            while let Some(octets) = stream.try_next().await? {
                content.extend_from_slice(&octets);
                if content.len() > LONGEST_OBJECT {
                    break;
                }
            }
            Ok(content)
        };
        match in_time(reading).await? {
            Ok(content) => Ok(Some(content)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(StoreError::new(error)),
        }
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let within = Some(&self.prefix).filter(|prefix| !prefix.as_ref().is_empty());
        let mut stream = match after {
            "" => self.engine.list(within),
            // An offset loses its last `/`: what it lets through too much is left out below.
            _ => self.engine.list_with_offset(within, &self.path(after)),
        };
        let listing = async {
            let mut listed = Vec::new();
            while let Some(object) = stream.next().await.transpose().map_err(StoreError::new)? {
                let Some(parts) = object.location.prefix_match(&self.prefix) else {
                    continue;
                };
                let parts: Vec<_> = parts.map(|part| part.as_ref().to_owned()).collect();
                let name = parts.join("/");
                if name.as_str() > after && is_name(&name) {
                    let created = u64::try_from(object.last_modified.timestamp()).ok();
                    list_one(&mut listed, Listed { name, created })?;
                }
            }
            Ok(listed)
        };
        in_time(listing).await?
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        match in_time(self.engine.delete(&self.path(name))).await? {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(StoreError::new(error)),
        }
    }
}

/// What a call gives, if it does not take too long.
async fn in_time<T>(call: impl Future<Output = T>) -> Result<T, StoreError> {
    let gone = |_| StoreError::new(format!("no answer in {} s", LONGEST.as_secs()));
    tokio::time::timeout(LONGEST, call).await.map_err(gone)
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bucket {}/{}", self.engine, self.prefix)
    }
}

impl fmt::Debug for Bucket {
    /// What it is, and none of the engine's settings, which may have secrets in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.to_string()).finish()
    }
}

const LONGEST: Duration = Duration::from_secs(20);
