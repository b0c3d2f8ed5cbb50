//! Where a token travels: in a cookie, or in a header.

mod cookie;
mod header;

pub use self::cookie::SameSite;
use self::{cookie::Cookie, header::Header};
pub(crate) use self::{
    cookie::{CookieSettings, cookie_prefix},
    header::{HeaderSettings, check_name},
};

/// A checked carrier: writing a token to it can only fail for the token's length.
pub(crate) enum Carrier {
    Cookie(Cookie),
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

    /// Name and token together may have this many octets (RFC 6265bis, section 5.6).
    pub(crate) fn limit(&self) -> usize {
        4096
    }

    /// The octets of the name that count against the [limit](Carrier::limit).
    pub(crate) fn name_length(&self) -> usize {
        match self {
            Carrier::Cookie(cookie) => cookie.name().len(),
            Carrier::Header(header) => header.response_name().len(),
        }
    }

    /// The tokens in one value of the request header.
    pub(crate) fn tokens<'c, 'h>(
        &'c self,
        value: &'h [u8],
    ) -> impl Iterator<Item = &'h [u8]> + use<'c, 'h> {
        let (cookies, header) = match self {
            Carrier::Cookie(cookie) => (Some(cookie.tokens(value)), None),
            Carrier::Header(header) => (None, header.token(value)),
        };
        cookies.into_iter().flatten().chain(header)
    }

    /// Whether the client keeps tokens by itself: it sends them until it is told to forget them, and
    /// may have got several from different places.
    pub(crate) fn keeps_tokens(&self) -> bool {
        matches!(self, Carrier::Cookie(_))
    }

    /// The response header's value, with the token that `seal` appends and `life` seconds to live.
    pub(crate) fn write<E>(
        &self,
        life: u64,
        seal: impl FnOnce(&mut String) -> Result<(), E>,
    ) -> Result<String, E> {
        let mut out = String::with_capacity(1024);
        match self {
            Carrier::Cookie(cookie) => {
                cookie.begin(&mut out);
                seal(&mut out)?;
                cookie.end(life, &mut out);
            }
            Carrier::Header(_) => seal(&mut out)?,
        }
        Ok(out)
    }

    /// The response header's value that makes the client forget the token.
    pub(crate) fn removal(&self) -> &str {
        match self {
            Carrier::Cookie(cookie) => cookie.removal(),
            Carrier::Header(_) => "",
        }
    }
}
