//! What a fleet asks of the place where it keeps its objects, and nothing of what they mean.

#[cfg(feature = "object_store")]
pub(crate) mod bucket;
pub(crate) mod file;
pub(crate) mod folder;
pub(crate) mod shared;

use std::{error::Error, fmt, future::Future};

/// Where a fleet keeps its keys and cut-offs: a folder, a bucket, a table. Four things are asked of it,
/// which every engine has, and no lock, no lease and no clock.
///
/// An object is a name and some octets, at most 4 KB of them, and never changes. A name is 1 to 128
/// octets of `a-z`, `A-Z`, `0-9`, `-`, `.` and `/`. Names are compared octet for octet, also as to
/// which comes first.
///
/// `Display` says which place it is, for errors: `folder /var/lib/shop/keys`. Show no password there.
///
/// An implementation may be written with `async fn`. [`testing::conforms`](crate::testing::conforms)
/// tells whether it does what is asked.
///
/// # Examples
///
/// ```
/// use std::{collections::BTreeMap, fmt, sync::Mutex};
/// use haversack_fleet::{Listed, Store, StoreError};
///
/// #[derive(Default)]
/// struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);
///
/// impl Store for Memory {
///     async fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
///         let mut objects = self.0.lock().unwrap();
///         if objects.contains_key(name) {
///             return Ok(false);
///         }
///         objects.insert(name.into(), content.into());
///         Ok(true)
///     }
///
///     async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
///         Ok(self.0.lock().unwrap().get(name).cloned())
///     }
///
///     async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
///         let objects = self.0.lock().unwrap();
///         let names = objects.keys().filter(|name| name.as_str() > after);
///         Ok(names.map(Listed::new).collect())
///     }
///
///     async fn delete(&self, name: &str) -> Result<(), StoreError> {
///         self.0.lock().unwrap().remove(name);
///         Ok(())
///     }
/// }
///
/// impl fmt::Display for Memory {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str("memory")
///     }
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let memory = Memory::default();
/// haversack_fleet::testing::conforms(&memory, &memory).await?;
/// # Ok(())
/// # }
/// ```
pub trait Store: fmt::Display + Send + Sync + 'static {
    /// Creates an object, whole and for good, if there is none of that name: `true` if this call did,
    /// `false` if there was one, which stays as it is.
    ///
    /// Of several calls at once, from whatever machines, one gets `true`. Whoever reads the object
    /// afterwards gets all of it, also if this process or the machine dies right now. After an error it
    /// may be there or not.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be reached, or does not do it.
    fn create(
        &self,
        name: &str,
        content: &[u8],
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// The content of an object, or `None` if there is none of that name. What was created or deleted
    /// before, by whomever, is seen.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be reached, or does not do it.
    fn read(&self, name: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// All objects whose names are greater than `after`, in any order; those of `""` are all.
    ///
    /// It may be late by some seconds, and now and then leave one out. Objects that somebody else put
    /// there do no harm.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be reached, or does not do it.
    fn list(&self, after: &str) -> impl Future<Output = Result<Vec<Listed>, StoreError>> + Send;

    /// Deletes an object; that there is none of that name is as good.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be reached, or does not do it.
    fn delete(&self, name: &str) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// An object as [`Store::list`] tells of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// When the store made it, by the store's clock, in seconds since 1970, if it knows. Only for
    /// finding workers whose clocks are wrong.
    pub created: Option<u64>,
}

impl Listed {
    /// An object of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Listed {
        Listed {
            name: name.into(),
            created: None,
        }
    }

    /// When the store made it, in seconds since 1970.
    #[must_use]
    pub fn created(mut self, time: u64) -> Listed {
        self.created = Some(time);
        self
    }
}

/// What a store says when it does not do what it was asked: that of its engine, which is the
/// [source](Error::source).
#[derive(Debug)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// For an error of the engine, or a text.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        StoreError(error.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, also where the engine's own text is "service error" and the cause is further down.
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> StoreError {
        StoreError::new(error)
    }
}

/// The octets of the longest object that is read.
pub(crate) const LONGEST_OBJECT: usize = 4096;

/// The names that a listing has at most: several times what a fleet with a hundred thousand cut-offs has. Who
/// writes there more is not to fill the memory.
const MOST_LISTED: usize = 500_000;

/// Adds an object to a listing.
pub(crate) fn list_one(listed: &mut Vec<Listed>, one: Listed) -> Result<(), StoreError> {
    if listed.len() >= MOST_LISTED {
        return Err(StoreError::new(format!(
            "there are more than {MOST_LISTED} objects, far more than a fleet's; remove those that are not its own"
        )));
    }
    listed.push(one);
    Ok(())
}

/// Whether a name is one that a store may be asked for.
pub(crate) fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.'))
    };
    name.len() <= 128 && name.split('/').all(is_part)
}

#[cfg(test)]
#[test]
fn a_listing_that_would_fill_the_memory_is_an_error() {
    let mut listed = Vec::new();
    for _ in 0..MOST_LISTED {
        list_one(&mut listed, Listed::new("")).unwrap();
    }
    let error = list_one(&mut listed, Listed::new("")).unwrap_err();
    assert!(
        error.to_string().contains("more than 500000 objects"),
        "{error}"
    );
}
