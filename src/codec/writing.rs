//! From a value to its JSON.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    base::{buffer::Buffer, json},
    error::SaveError,
    values::moment::Moment,
};

/// Writes the value, at a time for entries that expire.
#[inline]
pub(crate) fn append<T: Serialize + DeserializeOwned>(
    value: &T,
    now: u64,
    text: &mut Buffer,
) -> Result<(), SaveError> {
    let _moment = Moment::at(now);
    #[cfg(debug_assertions)]
    let start = text.len();
    json::write::append(value, text).map_err(|error| SaveError::Value(error.into()))?;
    #[cfg(debug_assertions)]
    super::readable::check::<T>(&text[start..])?;
    Ok(())
}
