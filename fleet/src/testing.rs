//! For whoever writes a store: whether it does what a fleet asks of it.

mod rules;

use std::{error::Error, fmt};

use crate::store::{Store, StoreError};

/// Whether a store does what [`Store`] asks, seen through two handles on one place: connections of
/// their own, if it has such. The place must be empty, and is left empty if all is well.
///
/// It makes some 1,100 objects, more than what a page of a listing holds, and creates one from many calls
/// at once. It does not try what happens to an object while a machine dies.
///
/// # Errors
///
/// [`Nonconforming`], which names what is not as it should be and with which object.
///
/// # Examples
///
/// A test of one's own store:
///
/// ```
/// use haversack_fleet::{Folder, testing::conforms};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scratch = tempfile::tempdir()?;
/// # let path = scratch.path();
/// conforms(&Folder::open(path)?, &Folder::open(path)?).await?;
/// # Ok(())
/// # }
/// ```
pub async fn conforms(one: &impl Store, other: &impl Store) -> Result<(), Nonconforming> {
    rules::is_empty(one).await?;
    rules::absent(one).await?;
    rules::created_once(one, other).await?;
    rules::any_octets(one, other).await?;
    rules::at_once(one, other).await?;
    rules::listed(one, other).await?;
    rules::many_listed(one, other).await?;
    rules::created_anew(one, other).await?;
    rules::is_empty(other).await
}

/// What a store does not do that a fleet asks of it.
#[derive(Debug)]
pub struct Nonconforming {
    rule: &'static str,
    object: String,
    source: Option<StoreError>,
}

impl fmt::Display for Nonconforming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule)?;
        if !self.object.is_empty() {
            write!(f, " (object {})", self.object)?;
        }
        match &self.source {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

impl Error for Nonconforming {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}
