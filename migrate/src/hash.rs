//! The hashes that other systems choose among, and HMAC (RFC 2104) with each.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
#[cfg(any(feature = "django", feature = "flask"))]
use sha2::Digest;
use sha2::{Sha256, Sha384, Sha512};

/// A hash of the other system's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hash {
    /// SHA-1, which is good enough for an HMAC and for nothing else.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

macro_rules! each {
    ($hash:expr, $with:ident!($($arg:expr),*)) => {
        match $hash {
            Hash::Sha1 => $with!(Sha1, $($arg),*),
            Hash::Sha256 => $with!(Sha256, $($arg),*),
            Hash::Sha384 => $with!(Sha384, $($arg),*),
            Hash::Sha512 => $with!(Sha512, $($arg),*),
        }
    };
}

#[cfg(any(
    feature = "django",
    feature = "flask",
    feature = "iron-session",
    feature = "rails"
))]
macro_rules! verify {
    ($hash:ty, $key:expr, $parts:expr, $code:expr) => {
        keyed::<Hmac<$hash>>($key, $parts)
            .verify_slice($code)
            .is_ok()
    };
}

#[cfg(feature = "cookie-session")]
macro_rules! verify_any {
    ($hash:ty, $key:expr, $parts:expr, $codes:expr) => {{
        let mac = keyed::<Hmac<$hash>>($key, $parts);
        let mut codes = $codes.iter();
        codes.any(|code| mac.clone().verify_slice(code).is_ok())
    }};
}

#[cfg(feature = "flask")]
macro_rules! code {
    ($hash:ty, $key:expr, $parts:expr) => {
        keyed::<Hmac<$hash>>($key, $parts)
            .finalize()
            .into_bytes()
            .to_vec()
    };
}

#[cfg(any(feature = "django", feature = "flask"))]
macro_rules! digest {
    ($hash:ty, $parts:expr) => {{
        let mut hash = <$hash>::new();
        $parts
            .iter()
            .for_each(|part| Digest::update(&mut hash, part));
        hash.finalize().to_vec()
    }};
}

impl Hash {
    /// Whether the code is that of these parts one after another, in constant time.
    #[cfg(any(
        feature = "django",
        feature = "flask",
        feature = "iron-session",
        feature = "rails"
    ))]
    pub(crate) fn verifies(self, key: &[u8], parts: &[&[u8]], code: &[u8]) -> bool {
        each!(self, verify!(key, parts, code))
    }

    /// Whether one of the codes is; the parts are only read once.
    #[cfg(feature = "cookie-session")]
    pub(crate) fn verifies_any(self, key: &[u8], parts: &[&[u8]], codes: &[Vec<u8>]) -> bool {
        each!(self, verify_any!(key, parts, codes))
    }

    #[cfg(feature = "flask")]
    pub(crate) fn mac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        each!(self, code!(key, parts))
    }

    #[cfg(any(feature = "django", feature = "flask"))]
    pub(crate) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        each!(self, digest!(parts))
    }
}

/// The code of these parts one after another, not finished yet.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn keyed<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> M {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("any length");
    parts.iter().for_each(|part| mac.update(part));
    mac
}
