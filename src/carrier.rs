//! Where a token travels: in a cookie, or in a header.

mod cookie;
mod header;
#[cfg(feature = "http")]
mod names;
mod pieces;

pub use self::cookie::SameSite;
#[cfg(feature = "http")]
pub(crate) use self::names::HeaderNames;
use self::{cookie::Cookie, header::Header};
pub(crate) use self::{
    cookie::{CookieSettings, Part, cookie_prefix, is_part_name},
    header::{HeaderSettings, check_name},
    pieces::Pieces,
};
use crate::error::SaveError;

/// A checked carrier: writing a token to it can only fail for the token's length.
pub(crate) enum Carrier {
    Cookie(Box<Cookie>),
    Header(Header),
}

impl Carrier {
    /// The request header to look at, in lower case.
    pub(crate) fn request_header(&self) -> &str {
        match self {
            Carrier::Cookie(_) => "cookie",
            Carrier::Header(header) => header.request_name(),
        }
    }

    /// The response header to write, in lower case.
    pub(crate) fn response_header(&self) -> &str {
        match self {
            Carrier::Cookie(_) => "set-cookie",
            Carrier::Header(header) => header.response_name(),
        }
    }

    /// No token of this codec is longer.
    pub(crate) fn longest_token(&self) -> usize {
        match self {
            Carrier::Cookie(cookie) if cookie.is_chunked() => pieces::LIMIT,
            _ => LIMIT,
        }
    }

    /// In how many pieces a token of this length travels.
    pub(crate) fn cut(&self, token: usize) -> Result<u8, SaveError> {
        match self {
            Carrier::Cookie(cookie) if cookie.is_chunked() => self
                .whole(token)
                .or_else(|_| pieces::cut(cookie.name().len(), token)),
            _ => self.whole(token),
        }
    }

    /// One piece, for a token of this length that cannot be cut.
    pub(crate) fn whole(&self, token: usize) -> Result<u8, SaveError> {
        let name = match self {
            Carrier::Cookie(cookie) => cookie.name(),
            Carrier::Header(header) => header.response_name(),
        };
        match name.len() + token {
            ..=LIMIT => Ok(1),
            octets => Err(SaveError::TooLarge {
                octets,
                limit: LIMIT,
            }),
        }
    }

    /// Calls `take` with all that one value of the request header has for this carrier.
    #[inline]
    pub(crate) fn parts<'h>(&self, value: &'h [u8], mut take: impl FnMut(Part, &'h [u8])) {
        match self {
            Carrier::Cookie(cookie) => {
                cookie
                    .parts(value)
                    .for_each(|(part, octets)| take(part, octets));
            }
            Carrier::Header(header) => {
                if let Some(token) = header.token(value) {
                    take(Part::Whole, token);
                }
            }
        }
    }

    /// Whether the client keeps tokens by itself: it sends them until it is told to forget them, and
    /// may have got several from different places.
    pub(crate) fn keeps_tokens(&self) -> bool {
        matches!(self, Carrier::Cookie(_))
    }

    /// Whether a session that ended leaves a mark.
    pub(crate) fn sticky_end(&self) -> bool {
        matches!(self, Carrier::Cookie(cookie) if cookie.sticky_end())
    }

    /// What comes before a token in the response header, with room for just the token and what
    /// follows.
    pub(crate) fn begin(&self, part: Part, token: usize, life: u64) -> Vec<u8> {
        match self {
            Carrier::Cookie(cookie) => cookie.begin(part, token, life),
            Carrier::Header(_) => Vec::with_capacity(token),
        }
    }

    /// The response header's values: `out` is what [`begin`](Carrier::begin) gave and the token
    /// behind it, which travels in `pieces` and lives for `life` seconds.
    pub(crate) fn end(&self, mut out: Vec<u8>, pieces: u8, life: u64) -> (String, Vec<String>) {
        match self {
            Carrier::Cookie(cookie) if pieces > 1 => {
                let token = &out[cookie.name().len() + 1..];
                return pieces::write(cookie, token, pieces, life);
            }
            Carrier::Cookie(cookie) => cookie.end(life, &mut out),
            Carrier::Header(_) => {}
        }
        (text(out), Vec::new())
    }

    /// The response header's value that makes the client forget this part of a token.
    pub(crate) fn removal(&self, part: Part) -> String {
        match self {
            Carrier::Cookie(cookie) => cookie.removal(part),
            Carrier::Header(_) => String::new(),
        }
    }
}

/// The text of octets that are ASCII.
#[expect(
    clippy::expect_used,
    reason = "names, attributes, base64url and the dots between are ASCII"
)]
pub(crate) fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).expect("ASCII")
}

/// Name and token together may have this many octets (RFC 6265bis, section 5.6).
const LIMIT: usize = 4096;
