//! What Flask and Django have in common: a text, a time and a code, and zlib inside.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use haversack::{Rejected, foreign::Refused};
use serde_json::Value;

use crate::reading::{NOT_AUTHENTIC, base64url, json, malformed, rsplit_once};

/// What a key signed.
pub(crate) struct Signed<'v> {
    pub(crate) payload: &'v [u8],
    pub(crate) time: &'v [u8],
    /// Which key.
    pub(crate) key: usize,
}

/// The payload and the time of a value, and the key that `signer` finds for what was signed and its code.
pub(crate) fn signed(
    value: &[u8],
    separator: u8,
    signer: impl FnOnce(&[u8], &[u8]) -> Option<usize>,
) -> Result<Signed<'_>, Refused> {
    let short = malformed("it does not have three parts");
    let (signed, code) = rsplit_once(value, separator).ok_or(short)?;
    let code = base64url(code)?;
    let (payload, time) = rsplit_once(signed, separator).ok_or(short)?;
    let key = signer(signed, &code).ok_or(NOT_AUTHENTIC)?;
    Ok(Signed { payload, time, key })
}

/// The JSON of an authentic payload, which is compressed if it begins with a dot.
pub(crate) fn payload(text: &[u8]) -> Result<Value, Refused> {
    match text {
        [b'.', compressed @ ..] => json(&inflated(&base64url(compressed)?)?),
        plain => json(&base64url(plain)?),
    }
}

/// At most 64 KiB, however little there is to begin with.
fn inflated(compressed: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut inflated = Vec::new();
    let limit = LIMIT as u64 + 1;
    ZlibDecoder::new(compressed)
        .take(limit)
        .read_to_end(&mut inflated)
        .map_err(|_| malformed("it is not zlib"))?;
    match inflated.len() {
        ..=LIMIT => Ok(inflated),
        _ => Err(Refused::new(
            Rejected::TooLarge,
            "it inflates to more than 64 KB",
        )),
    }
}

const LIMIT: usize = 64 * 1024;
