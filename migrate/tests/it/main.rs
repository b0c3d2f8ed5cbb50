//! The readers over cookies that the originals made.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod changed;
mod hostile;
mod made;
mod vectors;
