//! Mechanism without policy, which knows nothing of sessions, tokens or keys.

pub(crate) mod base64url;
pub(crate) mod buffer;
pub(crate) mod clock;
pub(crate) mod crypto;
pub(crate) mod json;
pub(crate) mod observe;
pub(crate) mod random;
pub(crate) mod replaceable;
#[cfg(test)]
pub(crate) mod vectors;
