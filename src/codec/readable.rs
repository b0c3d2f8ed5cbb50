//! Whether a value that was written can be read, which is asked in builds with debug assertions
//! only.

use serde::de::DeserializeOwned;

use crate::error::SaveError;

/// Reads the JSON of a value as the next request will, but for values of an older shape.
pub(crate) fn check<T: DeserializeOwned>(json: &[u8]) -> Result<(), SaveError> {
    // What serde_json says of it may show the value.
    let unreadable = |error: serde_json::Error| SaveError::Unreadable {
        category: error.classify(),
        column: error.column(),
    };
    serde_json::from_slice(json)
        .map(|_: T| ())
        .map_err(unreadable)
}
