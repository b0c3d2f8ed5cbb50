//! Where a token travels: in a cookie, or in a header.
//!
//! It knows octets, names and lengths, and nothing of what is in a token.

mod cookie;
mod found;
mod header;
mod limits;
pub(crate) mod names;
mod part;
mod pieces;
pub(crate) mod settings;
mod written;

use self::{
    cookie::Cookie,
    header::Header,
    limits::{LIMIT, MOST_PIECES},
};
pub(crate) use self::{
    cookie::values_of,
    found::{Answered, Found},
    limits::{CHUNK_LIMIT, HIGHEST_CHUNK_LIMIT},
    part::Part,
    pieces::PieceSet,
    written::{Life, Written, text},
};
pub use self::{
    pieces::{Joined, join},
    settings::SameSite,
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

    /// The name of the cookie that carries a whole token.
    pub(crate) fn cookie_name(&self) -> Option<&str> {
        match self {
            Carrier::Cookie(cookie) => Some(cookie.name()),
            Carrier::Header(_) => None,
        }
    }

    /// No token of this codec is longer, whatever limit it was written under.
    pub(crate) fn longest_token(&self) -> usize {
        match self {
            Carrier::Cookie(cookie) if cookie.chunk_limit().is_some() => HIGHEST_CHUNK_LIMIT,
            _ => LIMIT,
        }
    }

    /// In how many pieces a token travels that has so many octets as a whole, and so many when it
    /// says that it was cut.
    pub(crate) fn pieces(&self, whole: usize, cut: usize) -> Result<u8, SaveError> {
        let chunks = match self {
            Carrier::Cookie(cookie) => cookie.chunk_limit().zip(Some(cookie.name().len())),
            Carrier::Header(_) => None,
        };
        match (self.check_whole(whole), chunks) {
            (Err(_), Some((limit, name))) => pieces::cut(name, cut, limit),
            (whole, _) => whole.map(|()| 1),
        }
    }

    /// Whether a token of this length fits without being cut.
    pub(crate) fn check_whole(&self, token: usize) -> Result<(), SaveError> {
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
            ..=LIMIT => Ok(()),
            octets => Err(SaveError::TooLarge {
                octets,
                limit: LIMIT,
                fix,
            }),
        }
    }

    /// All that the values of the request header have for this carrier.
    pub(crate) fn find<'h>(&self, values: impl Iterator<Item = &'h [u8]>) -> Found<'h> {
        let mut found = Found::default();
        for value in values {
            match self {
                Carrier::Cookie(cookie) => {
                    for (part, octets) in cookie.parts(value) {
                        found.add(part, octets);
                    }
                }
                Carrier::Header(header) => {
                    if let Some(token) = header.token(value) {
                        found.add(Part::Whole, token);
                    }
                }
            }
        }
        found
    }

    /// The value of the request header with which a client answers these values of the response's.
    pub(crate) fn answer(&self, values: &[String]) -> String {
        match self {
            Carrier::Cookie(_) => {
                let pairs = values.iter().filter_map(|value| value.split(';').next());
                pairs.collect::<Vec<_>>().join("; ")
            }
            Carrier::Header(header) => header.answer(&values.concat()),
        }
    }

    /// What a client that had nothing has after these values of the response header.
    pub(crate) fn answers(&self, values: &[&[u8]]) -> Answered {
        let mut answered = Answered::default();
        for value in values {
            match self {
                Carrier::Cookie(_) => {
                    let pair = value
                        .split(|octet| *octet == b';')
                        .next()
                        .unwrap_or_default();
                    if !pair.ends_with(b"=") {
                        answered.kept.push(pair.to_vec());
                    } else if self.find([pair].into_iter()).is_any() {
                        answered.removes = true;
                    }
                }
                Carrier::Header(_) if value.is_empty() => answered.removes = true,
                Carrier::Header(header) => {
                    let text = String::from_utf8_lossy(value);
                    answered.kept.push(header.answer(&text).into_bytes());
                }
            }
        }
        answered
    }

    /// Whether a cookie of this name is one of this carrier's.
    pub(crate) fn is_own_cookie(&self, name: &str) -> bool {
        let pair = format!("{name}=");
        self.find([pair.as_bytes()].into_iter()).is_any()
    }

    /// Whether the client keeps tokens by itself: it sends them until it is told to forget them,
    /// and may have got several from different places.
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
    pub(crate) fn end(&self, mut out: Vec<u8>, pieces: u8, life: Life) -> Written {
        match self {
            Carrier::Cookie(cookie) if pieces > 1 => {
                let token = &out[cookie.name().len() + 1..];
                return cookie.write_pieces(token, pieces, life);
            }
            Carrier::Cookie(cookie) => cookie.end(life, &mut out),
            Carrier::Header(_) => {}
        }
        Written {
            first: Some(text(out)),
            ..Written::default()
        }
    }

    /// What makes the client forget all that it may have, whether this request carried it or not: a
    /// response under way may bring it, and some clients cut long headers.
    pub(crate) fn removals(&self) -> Written {
        match self {
            Carrier::Cookie(cookie) => {
                let most = cookie.chunk_limit().map_or(0, |_| MOST_PIECES);
                let pieces = (1..=most).map(|index| cookie.removal(Part::Piece(index)));
                Written {
                    first: Some(cookie.removal(Part::Whole)),
                    more: pieces.collect(),
                    pieces: PieceSet::default(),
                }
            }
            Carrier::Header(_) => Written {
                first: Some(String::new()),
                ..Written::default()
            },
        }
    }

    /// Has the client forget what it has beside what is written: the whole cookie beside pieces,
    /// and pieces beside others or beside the whole one.
    pub(crate) fn remove_rest(&self, whole: bool, pieces: PieceSet, written: &mut Written) {
        if let Carrier::Cookie(cookie) = self {
            let stale = pieces.without(written.pieces).indices();
            let stale = stale.map(|index| cookie.removal(Part::Piece(index)));
            written.more.extend(stale);
            if whole && written.is_cut() {
                written.more.push(cookie.removal(Part::Whole));
            }
        }
    }
}
