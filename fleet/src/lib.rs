#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::expect_used, clippy::unwrap_used))]

mod cut_off;
mod early;
mod error;
mod event;
mod fleet;
mod health;
mod join;
mod known;
mod local_copy;
mod mutant;
mod name;
mod record;
mod round;
mod schedule;
mod settings;
mod shared;
#[cfg(test)]
mod simulation;
mod status;
mod store;
pub mod testing;

#[cfg(feature = "object_store")]
#[cfg_attr(docsrs, doc(cfg(feature = "object_store")))]
pub use crate::store::bucket::Bucket;
pub use crate::{
    cut_off::subject::Subject,
    error::FleetError,
    event::Event,
    fleet::{Fleet, builder::FleetBuilder},
    health::Health,
    status::{KeyState, KeyStatus, Status},
    store::{Listed, Store, StoreError, folder::Folder},
};
#[cfg(feature = "object_store")]
#[cfg_attr(docsrs, doc(cfg(feature = "object_store")))]
pub use object_store;
