//! The keys of sessions, as the application hands them over: a ring for sealed ones, or those of
//! JWTs.
//!
//! What is made of them for a session is the token's affair: nothing here knows of names, contexts
//! or requests.

mod derivation;
#[cfg(feature = "jwt")]
pub(crate) mod jwt;
pub(crate) mod ring;
pub(crate) mod source;
mod text;
mod weakness;

pub(crate) use self::derivation::{COMMITMENT, COMMITMENT_LABEL, Commitment, Fingerprint};
