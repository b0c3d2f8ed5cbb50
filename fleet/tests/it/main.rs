//! Every test through the public API, in one binary.

#![allow(clippy::expect_used, clippy::unwrap_used)]

#[cfg(feature = "object_store")]
mod bucket;
mod cut_offs;
mod folder;
mod hostile;
mod joining;
mod keys;
mod local_copy;
mod processes;
mod revocation;
mod store_failures;
mod stores;
mod support;
