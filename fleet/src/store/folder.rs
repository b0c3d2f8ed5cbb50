//! A folder as a store: one machine, or a volume that several share.

mod disk;

use std::{fmt, path::PathBuf, sync::Arc};

use self::disk::Disk;
use super::{Listed, Store, StoreError};

/// A folder as a store, on one machine or on a volume that several machines share, such as NFS or a
/// volume of Kubernetes that many pods may write.
///
/// An object is a file of its name. It is written beside its place, flushed to the disk, and then put
/// there by a hard link, which fails where a file is: so it is whole or absent, whenever a process or
/// the machine dies, and of several that create it at once one succeeds. The file system must have hard
/// links. All on Unix have, and NTFS; FAT and shares of Windows (SMB, Azure Files) have none, and are
/// an error.
///
/// Only the user that the program runs as gets to the folder (`0700`) and to its files (`0600`).
///
/// The calls of the operating system block for as long as the disk takes. With the feature `tokio`, in a
/// runtime of tokio, they are on its threads for blocking calls, and on the thread that asks otherwise.
///
/// # Examples
///
/// ```
/// use haversack_fleet::{Folder, Store};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scratch = tempfile::tempdir()?;
/// # let path = scratch.path().join("keys");
/// let store = Folder::open(&path)?;
/// assert!(store.create("keys/one", b"first").await?);
/// assert!(!store.create("keys/one", b"second").await?);
/// assert_eq!(store.read("keys/one").await?.as_deref(), Some(&b"first"[..]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Folder {
    disk: Arc<Disk>,
}

impl Folder {
    /// The folder at this path, which is made if it is missing, with the folders above it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there is something else, or it cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Folder, StoreError> {
        let disk = Disk::open(path.into())?;
        Ok(Folder {
            disk: Arc::new(disk),
        })
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Disk) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        #[cfg(feature = "tokio")]
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let disk = Arc::clone(&self.disk);
            let called = runtime.spawn_blocking(move || call(&disk)).await;
            // An error: the runtime shuts down.
            return called.map_err(StoreError::new)?;
        }
        call(&self.disk)
    }
}

impl Store for Folder {
    async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let (name, content) = (name.to_owned(), content.to_owned());
        self.off_thread(move |disk| disk.create(&name, &content))
            .await
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.off_thread(move |disk| disk.read(&name)).await
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let after = after.to_owned();
        self.off_thread(move |disk| disk.list(&after)).await
    }

    async fn delete(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.off_thread(move |disk| disk.delete(&name)).await
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "folder {}", self.disk.path().display())
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Folder").field(&self.disk.path()).finish()
    }
}
