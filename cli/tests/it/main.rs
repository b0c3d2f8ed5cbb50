//! The program, run as people run it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod fleet;
mod golden;
mod hostile;
mod inspect;
mod jwks;
mod key;
mod pages;
mod ring;
mod secrets;
mod support;
mod terminal;
