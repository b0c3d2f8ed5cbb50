#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod base;
mod carrier;
mod codec;
mod error;
mod keys;
mod lifetime;
mod session;
mod token;
mod values;

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "tower")]
mod tower;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use crate::axum::{Active, ActiveRejection, MissingLayer, NoSession};
#[cfg(feature = "jwt")]
#[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
pub use crate::keys::jwt::{Algorithm, CryptoProvider, JwtKey, JwtKeys};
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use crate::tower::{RequestHead, SessionFuture, SessionLayer, SessionService};
pub use crate::{
    base::{
        clock::{Clock, SystemClock},
        random::{Random, RandomError, SystemRandom},
    },
    carrier::SameSite,
    codec::{
        Codec,
        builder::CodecBuilder,
        facts::{Facts, Verdict},
        opened::Opened,
    },
    error::{ConfigError, Rejected, SaveError},
    keys::{
        AnyKeys,
        ring::{Key, KeyRing},
        source::{KeySource, KeysFromText},
    },
    lifetime::Lifetime,
    session::Session,
    token::envelope::SessionId,
    values::{
        Values,
        error::ValueError,
        expiring::Expiring,
        flash::{Flash, Flashes, WithFlashes},
    },
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
