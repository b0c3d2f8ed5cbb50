//! JSON (RFC 8259) as tokens have it.

#[cfg(debug_assertions)]
pub(crate) mod readable;
#[cfg(feature = "jwt")]
pub(crate) mod scan;
pub(crate) mod write;
