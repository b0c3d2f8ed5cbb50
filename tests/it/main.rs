//! Every test through the public API, in one binary.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod configuration;
mod cookies;
mod demo;
mod http;
mod jwt_interop;
mod jwt_keys;
mod keys;
mod lifetimes;
mod support;
mod tokens;
mod tower;
mod twins;
