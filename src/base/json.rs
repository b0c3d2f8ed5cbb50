//! JSON (RFC 8259) as tokens have it.

#[cfg(feature = "jwt")]
pub(crate) mod read;
#[cfg(feature = "jwt")]
pub(crate) mod scan;
pub(crate) mod write;
