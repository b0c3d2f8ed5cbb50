#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod base64url;
mod buffer;
mod builder;
mod carrier;
mod clock;
mod codec;
mod core;
mod envelope;
mod error;
mod expiring;
mod facts;
mod flash;
mod format;
mod json;
mod key_source;
mod keys;
mod lifetime;
mod moment;
mod observe;
mod random;
mod receive;
mod rotation;
mod sealed;
mod session;
mod values;
#[cfg(test)]
mod vectors;
mod xaes;

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use crate::axum::{Active, ActiveRejection, MissingLayer, NoSession};
#[cfg(feature = "jwt")]
#[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
pub use crate::jwt::{Algorithm, CryptoProvider, JwtKey, JwtKeys};
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use crate::tower::{RequestHead, SessionFuture, SessionLayer, SessionService};
pub use crate::{
    builder::CodecBuilder,
    carrier::SameSite,
    clock::{Clock, SystemClock},
    codec::{Codec, Opened},
    envelope::SessionId,
    error::{ConfigError, Rejected, SaveError},
    expiring::Expiring,
    facts::{Facts, Verdict},
    flash::{Flash, Flashes, WithFlashes},
    format::AnyKeys,
    key_source::{KeySource, KeysFromText},
    keys::{Key, KeyRing},
    lifetime::Lifetime,
    random::{Random, RandomError, SystemRandom},
    session::Session,
    values::{ValueError, Values},
};

/// The pages beside the front page, so that their examples are tested.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../docs/changing-values.md")]
    mod changing_values {}
    #[doc = include_str!("../docs/coming-from.md")]
    mod coming_from {}
    #[doc = include_str!("../docs/not-sticking.md")]
    mod not_sticking {}
}
