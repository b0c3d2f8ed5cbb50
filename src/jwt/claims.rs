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
        let Some(end) = end_of_value(json) else {
            return Claims::read_in_any_order(json);
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

    /// The same; it needs memory for a value with others inside.
    pub(super) fn read_in_any_order(json: &'c [u8]) -> Option<(Claims<'c>, &'c [u8])> {
        let claims: Claims<'_> = serde_json::from_str(std::str::from_utf8(json).ok()?).ok()?;
        let value = claims.val?.get().as_bytes();
        Some((claims, value))
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

/// The envelope, and where the value ends, of claims as this library writes them with these that do
/// not change; `None` for all others.
///
/// They are read from their end, as the value may be long. If the value does not
/// [end there](end_of_value) after all, they are other claims.
pub(super) fn read_own(json: &[u8], unchanging: &str) -> Option<(Envelope, usize)> {
    let rest = json.strip_prefix(VALUE)?.strip_suffix(b"}")?;
    let (rest, pieces) = match rest {
        [rest @ .., digit @ b'2'..=b'9'] if rest.ends_with(PIECES) => {
            (&rest[..rest.len() - PIECES.len()], digit - b'0')
        }
        _ => (rest, 1),
    };
    let rest = rest.strip_suffix(unchanging.as_bytes())?;
    let (rest, version) = own_number(rest, VERSION)?;
    let (rest, ends) = own_number(rest, ENDS)?;
    let (rest, started) = own_number(rest, STARTED)?;
    let (rest, expires) = own_number(rest, EXPIRES)?;
    let (rest, issued) = own_number(rest, ISSUED)?;
    let (rest, id) = rest.split_last_chunk::<22>()?;
    let times = Times {
        started,
        issued,
        expires,
        ends,
    };
    let envelope = Envelope {
        id: SessionId::decode(id)?,
        version: version.try_into().ok()?,
        times,
        pieces,
    };
    let value = rest.strip_suffix(ID)?;
    times
        .in_order()
        .then_some((envelope, VALUE.len() + value.len()))
}

/// What is before the name of the last number, and the number.
fn own_number<'c>(json: &'c [u8], name: &[u8]) -> Option<(&'c [u8], u64)> {
    let is_digit = |octet: &&u8| octet.is_ascii_digit();
    let digits = json.iter().rev().take_while(is_digit).count();
    let (rest, digits) = json.split_at(json.len() - digits);
    if digits.len() > 1 && digits.starts_with(b"0") {
        return None;
    }
    let number = digits.iter().try_fold(0_u64, |number, digit| {
        number.checked_mul(10)?.checked_add((digit - b'0').into())
    });
    Some((
        rest.strip_suffix(name)?,
        number.filter(|_| !digits.is_empty())?,
    ))
}

/// Where the value ends that is before all other claims, if there are others.
pub(super) fn end_of_value(json: &[u8]) -> Option<usize> {
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

/// What comes before each claim as this library writes them.
pub(super) const VALUE: &[u8] = br#"{"val":"#;
pub(super) const ID: &[u8] = br#","sid":""#;
pub(super) const ISSUED: &[u8] = br#"","iat":"#;
pub(super) const EXPIRES: &[u8] = br#","exp":"#;
pub(super) const STARTED: &[u8] = br#","auth_time":"#;
pub(super) const ENDS: &[u8] = br#","end":"#;
pub(super) const VERSION: &[u8] = br#","ver":"#;
pub(super) const PIECES: &[u8] = br#","pcs":"#;
