//! Every test through the public API, in one binary.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod chunks;
mod clients;
mod configuration;
mod contexts;
mod cookies;
mod demo;
mod expiring;
mod flashes;
mod golden;
mod http;
mod imports;
mod json;
mod jwt_interop;
mod jwt_keys;
mod kept;
mod key_source;
mod keys;
mod lifetimes;
mod memory;
mod migration;
mod pages;
mod processes;
mod properties;
mod refusals;
mod revocation;
mod rotation;
mod sticky_end;
mod support;
mod tokens;
mod tower;
mod tracing;
mod twins;
mod values;
