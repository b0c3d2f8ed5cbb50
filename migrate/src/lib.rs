#![doc = include_str!("../README.md")]

mod error;
mod reading;

#[cfg(feature = "authjs")]
pub mod authjs;
#[cfg(any(feature = "authjs", feature = "iron-session", feature = "rails"))]
mod cbc;
#[cfg(feature = "authjs")]
mod chunks;
#[cfg(feature = "cookie-rs")]
pub mod cookie_rs;
#[cfg(feature = "cookie-session")]
pub mod cookie_session;
#[cfg(feature = "django")]
pub mod django;
#[cfg(feature = "fastify-secure-session")]
pub mod fastify_secure_session;
#[cfg(feature = "flask")]
pub mod flask;
#[cfg(any(feature = "authjs", feature = "cookie-rs", feature = "rails"))]
mod gcm;
#[cfg(feature = "gorilla")]
pub mod gorilla;
#[cfg(any(
    feature = "cookie-session",
    feature = "django",
    feature = "flask",
    feature = "iron-session",
    feature = "rails"
))]
mod hash;
#[cfg(feature = "iron-session")]
pub mod iron_session;
#[cfg(any(feature = "django", feature = "flask"))]
mod itsdangerous;
#[cfg(feature = "authjs")]
mod jwe;
#[cfg(feature = "authjs")]
pub mod nextjs_auth0;
#[cfg(feature = "rails")]
pub mod rails;
#[cfg(feature = "fastify-secure-session")]
mod secretbox;
#[cfg(feature = "seshcookie")]
pub mod seshcookie;

pub use self::error::ConfigError;
#[cfg(any(
    feature = "cookie-session",
    feature = "django",
    feature = "flask",
    feature = "iron-session",
    feature = "rails"
))]
pub use self::hash::Hash;

/// The guide's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/moving-in.md")]
mod guide {}
