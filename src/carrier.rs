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
    pieces::{LIMIT as CHUNK_LIMIT, MOST as MOST_PIECES, Pieces},
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

    /// No token of this codec is longer, whatever limit it was written under.
    pub(crate) fn longest_token(&self) -> usize {
        match self {
            Carrier::Cookie(cookie) if cookie.chunk_limit().is_some() => pieces::HIGHEST_LIMIT,
            _ => LIMIT,
        }
    }

    /// In how many pieces a token of this length travels.
    pub(crate) fn cut(&self, token: usize) -> Result<u8, SaveError> {
        let whole = self.whole(token);
        match self {
            Carrier::Cookie(cookie) => match cookie.chunk_limit() {
                Some(limit) => whole.or_else(|_| pieces::cut(cookie.name().len(), token, limit)),
                None => whole,
            },
            Carrier::Header(_) => whole,
        }
    }

    /// One piece, for a token of this length that cannot be cut.
    pub(crate) fn whole(&self, token: usize) -> Result<u8, SaveError> {
        let (name, fix) = match self {
            Carrier::Cookie(cookie) => {
                let fix = match cookie.chunk_limit() {
                    None => "keep less in the session, or spread it over several with .chunked()",
                    Some(_) => "keep less in the session, or write it through a Session",
                };
                (cookie.name(), fix)
            }
            Carrier::Header(header) => (header.response_name(), "keep less in the session"),
        };
        match name.len() + token {
            ..=LIMIT => Ok(1),
            octets => Err(SaveError::TooLarge {
                octets,
                limit: LIMIT,
                fix,
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
    pub(crate) fn begin(&self, part: Part, token: usize, life: Life) -> Vec<u8> {
        match self {
            Carrier::Cookie(cookie) => cookie.begin(part, token, life),
            Carrier::Header(_) => Vec::with_capacity(token),
        }
    }

    /// The response header's values: `out` is what [`begin`](Carrier::begin) gave and the token
    /// behind it, which travels in `pieces`.
    pub(crate) fn end(&self, mut out: Vec<u8>, pieces: u8, life: Life) -> (String, Vec<String>) {
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

    /// The values that make the client forget every piece that it may have, whether this request
    /// carried it or not: a response under way may bring it, and some clients cut long headers.
    pub(crate) fn removals_of_pieces(&self) -> impl Iterator<Item = String> {
        let most = match self {
            Carrier::Cookie(cookie) if cookie.chunk_limit().is_some() => pieces::MOST,
            _ => 0,
        };
        (1..=most).map(|index| self.removal(Part::Piece(index)))
    }

    /// The response header's value that makes the client forget this part of a token.
    pub(crate) fn removal(&self, part: Part) -> String {
        match self {
            Carrier::Cookie(cookie) => cookie.removal(part),
            Carrier::Header(_) => String::new(),
        }
    }
}

/// How long a client is to keep a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    /// From now.
    seconds: u64,
    /// In seconds since 1970.
    until: u64,
}

impl Life {
    pub(crate) fn new(now: u64, until: u64) -> Life {
        Life {
            seconds: until.saturating_sub(now),
            until,
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
