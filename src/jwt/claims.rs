//! The claims of a JWT.

use std::borrow::Cow;

use memchr::memchr2;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::{
    envelope::{Envelope, SessionId, Times},
    format::Binding,
};

/// The claims that are read; others mean nothing here.
#[derive(Deserialize)]
pub(super) struct Claims<'c> {
    #[serde(borrow)]
    sid: Cow<'c, str>,
    iat: u64,
    exp: u64,
    auth_time: u64,
    end: u64,
    ver: u32,
    #[serde(borrow)]
    ses: Cow<'c, str>,
    #[serde(borrow, default)]
    aud: Option<Cow<'c, str>>,
    #[serde(borrow, default)]
    iss: Option<Cow<'c, str>>,
    #[serde(default)]
    pub(super) nbf: u64,
    #[serde(default = "whole")]
    pcs: u8,
    #[serde(borrow, default, deserialize_with = "present")]
    val: Option<&'c RawValue>,
}

impl<'c> Claims<'c> {
    /// The claims and, apart from them, the JSON of the value.
    pub(super) fn read(json: &'c mut [u8]) -> Option<(Claims<'c>, &'c [u8])> {
        let Some(end) = own_value(json) else {
            let claims: Claims<'_> = serde_json::from_str(std::str::from_utf8(json).ok()?).ok()?;
            let value = claims.val?.get().as_bytes();
            return Some((claims, value));
        };
        // What follows the value is an object of its own once its comma is a bracket.
        let (start, rest) = json.split_at_mut(end);
        *rest.first_mut()? = b'{';
        let claims: Claims<'_> = serde_json::from_str(std::str::from_utf8(rest).ok()?).ok()?;
        claims
            .val
            .is_none()
            .then_some((claims, start.get(VALUE.len()..)?))
    }

    pub(super) fn are_for(&self, binding: &Binding) -> bool {
        self.ses == binding.name
            && self.aud.as_deref() == binding.context.as_deref()
            && (binding.issuer.is_none() || self.iss.as_deref() == binding.issuer.as_deref())
    }

    pub(super) fn envelope(&self) -> Option<Envelope> {
        let times = Times {
            started: self.auth_time,
            issued: self.iat,
            expires: self.exp,
            ends: self.end,
        };
        let id = SessionId::decode(self.sid.as_bytes())?;
        times.in_order().then_some(Envelope {
            id,
            version: self.ver,
            times,
            pieces: self.pcs,
        })
    }
}

/// The number of pieces of a token without `pcs`.
fn whole() -> u8 {
    1
}

/// A value that is there, even if it is `null`.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

/// Where the value ends in claims as this library writes them: the value first, and more behind it.
fn own_value(json: &[u8]) -> Option<usize> {
    json.starts_with(VALUE).then_some(())?;
    let (mut at, mut depth) = (VALUE.len(), 0_u32);
    loop {
        match json.get(at)? {
            b'"' => {
                at += 1;
                loop {
                    at += memchr2(b'"', b'\\', json.get(at..)?)?;
                    if json[at] == b'"' {
                        break;
                    }
                    // What a backslash escapes is not looked at.
                    at += 2;
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

/// What comes before the value.
pub(super) const VALUE: &[u8] = br#"{"val":"#;
