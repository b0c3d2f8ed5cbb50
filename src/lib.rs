#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod base64url;
mod buffer;
mod builder;
mod carrier;
mod clock;
mod codec;
mod envelope;
mod error;
mod format;
mod keys;
mod lifetime;
mod random;
mod sealed;
mod session;
mod xaes;

#[cfg(feature = "axum")]
pub mod axum;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "tower")]
pub mod tower;

#[cfg(feature = "axum")]
pub use crate::axum::Active;
#[cfg(feature = "jwt")]
pub use crate::jwt::{JwtKey, JwtKeys};
pub use crate::{
    builder::CodecBuilder,
    carrier::SameSite,
    clock::{Clock, SystemClock},
    codec::{Codec, Opened},
    envelope::SessionId,
    error::{ConfigError, Rejected, SaveError},
    keys::{Key, KeyRing},
    lifetime::Lifetime,
    random::{Random, RandomError, SystemRandom},
    session::Session,
};
