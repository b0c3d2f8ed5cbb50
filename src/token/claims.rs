//! The claims of a JWT.

use std::borrow::Cow;

use crate::{
    base::{
        base64url,
        buffer::{Buffer, push_number},
        json::{
            read::{optional_string, read, string, texts},
            scan,
        },
    },
    lifetime::Times,
    token::{
        binding::Binding,
        envelope::{Envelope, SessionId},
    },
};

/// The claims that are read; others mean nothing here.
pub(super) struct Claims<'c> {
    /// The text of the value, which is not known to be JSON yet.
    pub(super) val: &'c [u8],
    sid: Cow<'c, str>,
    start: u64,
    auth_time: u64,
    iat: u64,
    exp: u64,
    end: u64,
    ver: u32,
    audience: Audience<'c>,
    pub(super) nbf: u64,
    rem: bool,
    pcs: u8,
}

impl<'c> Claims<'c> {
    /// Reads claims in any order and any spelling.
    pub(super) fn read(json: &'c [u8]) -> Option<Claims<'c>> {
        let [
            val,
            sid,
            start,
            auth_time,
            iat,
            exp,
            end,
            ver,
            ses,
            aud,
            iss,
            nbf,
            rem,
            pcs,
            None,
        ] = texts(json, NAMES)?
        else {
            return None;
        };
        Some(Claims {
            val: val?,
            sid: string(sid?)?,
            start: read(start?)?,
            auth_time: read(auth_time?)?,
            iat: read(iat?)?,
            exp: read(exp?)?,
            end: read(end?)?,
            ver: read(ver?)?,
            audience: Audience::read(ses, aud, iss)?,
            nbf: nbf.map_or(Some(0), read)?,
            rem: rem.map_or(Some(false), read)?,
            pcs: pcs.map_or(Some(1), read)?,
        })
    }

    pub(super) fn are_for(&self, binding: &Binding) -> bool {
        self.audience.is_of(binding)
    }

    pub(super) fn envelope(&self) -> Option<Envelope> {
        let times = Times {
            started: self.start,
            authenticated: self.auth_time,
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
            remembered: self.rem,
        })
    }
}

/// What a token is for.
pub(super) struct Audience<'c> {
    ses: Cow<'c, str>,
    aud: Option<Cow<'c, str>>,
    iss: Option<Cow<'c, str>>,
}

impl<'c> Audience<'c> {
    pub(super) fn read(
        ses: Option<&'c [u8]>,
        aud: Option<&'c [u8]>,
        iss: Option<&'c [u8]>,
    ) -> Option<Audience<'c>> {
        Some(Audience {
            ses: string(ses?)?,
            aud: optional_string(aud)?,
            iss: optional_string(iss)?,
        })
    }

    pub(super) fn is_of(&self, binding: &Binding) -> bool {
        self.ses == binding.name
            && self.aud.as_deref() == binding.context.as_deref()
            && (binding.issuer.is_none() || self.iss.as_deref() == binding.issuer.as_deref())
    }
}

/// The names of the claims that are read, in the order in which [`Claims::read`] takes them.
const NAMES: [&str; 15] = [
    "val",
    "sid",
    "start",
    "auth_time",
    "iat",
    "exp",
    "end",
    "ver",
    "ses",
    "aud",
    "iss",
    "nbf",
    "rem",
    "pcs",
    RESERVED,
];

/// A claim that has no meaning yet, and is not let pass so that it can get one.
pub(super) const RESERVED: &str = "bnd";

/// The envelope and the value of claims as this library writes them with these that do not change;
/// `None` for all others.
///
/// They are read from their end, as the value may be long.
pub(super) fn read_own<'c>(json: &'c [u8], unchanging: &str) -> Option<(Envelope, &'c [u8])> {
    let rest = json.strip_prefix(VALUE)?.strip_suffix(b"}")?;
    let (rest, pieces) = match rest {
        [rest @ .., digit @ b'2'..=b'9'] if rest.ends_with(PIECES) => {
            (&rest[..rest.len() - PIECES.len()], digit - b'0')
        }
        _ => (rest, 1),
    };
    let (rest, remembered) = match rest.strip_suffix(REMEMBERED) {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let rest = rest.strip_suffix(unchanging.as_bytes())?;
    let (rest, version) = own_number(rest, VERSION)?;
    let (rest, ends) = own_number(rest, ENDS)?;
    let (rest, expires) = own_number(rest, EXPIRES)?;
    let (rest, issued) = own_number(rest, ISSUED)?;
    let (rest, authenticated) = own_number(rest, AUTHENTICATED)?;
    let (rest, started) = own_number(rest, STARTED)?;
    let (rest, id) = rest.split_last_chunk::<22>()?;
    let times = Times {
        started,
        authenticated,
        issued,
        expires,
        ends,
    };
    let envelope = Envelope {
        id: SessionId::decode(id)?,
        version: version.try_into().ok()?,
        times,
        pieces,
        remembered,
    };
    let value = rest.strip_suffix(ID)?;
    // Claims of others may begin and end like ours, with more of them between.
    (times.in_order() && scan::is_one_value(value)).then_some((envelope, value))
}

/// What is before the name of the last number, and the number.
pub(super) fn own_number<'c>(json: &'c [u8], name: &[u8]) -> Option<(&'c [u8], u64)> {
    let is_digit = |octet: &&u8| octet.is_ascii_digit();
    let digits = json.iter().rev().take_while(is_digit).count();
    let (rest, digits) = json.split_at(json.len() - digits);
    // As this library writes them, and no longer than any time.
    if !matches!(digits, [_] | [b'1'..=b'9', ..]) || digits.len() > MOST_DIGITS {
        return None;
    }
    let number = digits
        .iter()
        .fold(0, |number, digit| 10 * number + u64::from(digit - b'0'));
    Some((rest.strip_suffix(name)?, number))
}

/// The digits of 2^40 - 1 and of all times before it, and of any version.
const MOST_DIGITS: usize = 13;

/// Writes the claims behind the value, with these that do not change.
pub(super) fn write(envelope: &Envelope, unchanging: &str, text: &mut Buffer) {
    let mut id = [0; ID_LENGTH];
    base64url::encode_exactly(&envelope.id.to_bytes(), &mut id);
    text.push(ID);
    text.push(&id);
    for (name, number) in numbers(envelope) {
        text.push(name);
        push_number(text, number);
    }
    text.push(unchanging.as_bytes());
    if envelope.remembered {
        text.push(REMEMBERED);
    }
    if envelope.pieces > 1 {
        text.push(PIECES);
        push_number(text, envelope.pieces.into());
    }
    text.push(b"}");
}

/// The octets of the claims that differ from token to token, without the number of pieces.
pub(super) fn length(envelope: &Envelope) -> usize {
    let digits = |number: u64| number.checked_ilog10().unwrap_or(0) as usize + 1;
    let length = |(name, number): (&[u8], u64)| name.len() + digits(number);
    let numbers: usize = numbers(envelope).into_iter().map(length).sum();
    let remembered = if envelope.remembered {
        REMEMBERED.len()
    } else {
        0
    };
    ID.len() + ID_LENGTH + numbers + remembered
}

/// The claims that are numbers, in the order in which they are written.
fn numbers(envelope: &Envelope) -> [(&'static [u8], u64); 6] {
    let Envelope { times, version, .. } = envelope;
    [
        (STARTED, times.started),
        (AUTHENTICATED, times.authenticated),
        (ISSUED, times.issued),
        (EXPIRES, times.expires),
        (ENDS, times.ends),
        (VERSION, (*version).into()),
    ]
}

/// The characters of an id.
const ID_LENGTH: usize = 22;

/// What comes before each claim as this library writes them.
pub(super) const VALUE: &[u8] = br#"{"val":"#;
pub(super) const PIECES: &[u8] = br#","pcs":"#;
const REMEMBERED: &[u8] = br#","rem":true"#;
const ID: &[u8] = br#","sid":""#;
const STARTED: &[u8] = br#"","start":"#;
const AUTHENTICATED: &[u8] = br#","auth_time":"#;
pub(super) const ISSUED: &[u8] = br#","iat":"#;
pub(super) const EXPIRES: &[u8] = br#","exp":"#;
const ENDS: &[u8] = br#","end":"#;
const VERSION: &[u8] = br#","ver":"#;
