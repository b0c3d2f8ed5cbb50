//! Who asks for what, and how.

use std::time::SystemTime;

use anyhow::Result;
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCEPT_ENCODING, AUTHORIZATION, CACHE_CONTROL, COOKIE, IF_MODIFIED_SINCE, IF_NONE_MATCH,
        RANGE,
    },
};
use haversack::Key;

use crate::app::{InBearer, InHeader, Login, Sessions, greeting};

/// Whose page it is, and its number.
pub(super) const WHOSE: HeaderName = HeaderName::from_static("x-whose");

/// What a page does with a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Act {
    /// It is not looked at: the page is the same for all.
    Ignored,
    Read,
    Guarded,
    Updated,
    Ended,
    InHeaderRead,
    InHeaderUpdated,
    InBearerRead,
    InBearerUpdated,
    BothRead,
    /// Without this library, and with nothing for caches: who asks is read from `Cookie`, ..
    PlainRead,
    /// .. or set again in each response, ..
    PlainUpdated,
    /// .. or read from a header.
    PlainInHeader,
}

impl Act {
    pub(super) const OURS: [Act; 10] = [
        Act::Ignored,
        Act::Read,
        Act::Guarded,
        Act::Updated,
        Act::Ended,
        Act::InHeaderRead,
        Act::InHeaderUpdated,
        Act::InBearerRead,
        Act::InBearerUpdated,
        Act::BothRead,
    ];
    pub(super) const PLAIN: [Act; 3] = [Act::PlainRead, Act::PlainUpdated, Act::PlainInHeader];

    pub(super) fn all() -> impl Iterator<Item = Act> {
        Act::OURS.into_iter().chain(Act::PLAIN)
    }

    pub(super) fn is_plain(self) -> bool {
        Act::PLAIN.contains(&self)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Act::Ignored => "ignored",
            Act::Read => "read",
            Act::Guarded => "guarded",
            Act::Updated => "updated",
            Act::Ended => "ended",
            Act::InHeaderRead => "in-header-read",
            Act::InHeaderUpdated => "in-header-updated",
            Act::InBearerRead => "in-bearer-read",
            Act::InBearerUpdated => "in-bearer-updated",
            Act::BothRead => "both-read",
            Act::PlainRead => "plain-read",
            Act::PlainUpdated => "plain-updated",
            Act::PlainInHeader => "plain-in-header",
        }
    }

    pub(super) fn of(name: &str) -> Option<Act> {
        Act::all().find(|act| act.name() == name)
    }
}

/// How a page is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Get,
    Head,
    /// The first octets.
    Range,
    /// With the tag of the page that the user has.
    IfNoneMatch,
    /// With the time, as if the user had just got the page.
    IfModifiedSince,
    Compressed,
    /// As by the button of a browser.
    Reload,
}

impl How {
    /// Beside `Get`, for pages that may be fresh.
    pub(super) const FRESH: [How; 6] = [
        How::Head,
        How::Range,
        How::IfNoneMatch,
        How::IfModifiedSince,
        How::Compressed,
        How::Reload,
    ];
    /// Those that make of a page what is not a page.
    pub(super) const OTHERS: [How; 4] = [
        How::Head,
        How::Range,
        How::IfNoneMatch,
        How::IfModifiedSince,
    ];

    pub(super) fn method(self) -> Method {
        match self {
            How::Head => Method::HEAD,
            _ => Method::GET,
        }
    }
}

/// Someone who asks for pages, with a session or without.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) user: Option<u64>,
    cookie: Option<HeaderValue>,
    in_header: Option<HeaderValue>,
    in_bearer: Option<HeaderValue>,
}

impl Visitor {
    pub(super) fn signed_in(user: u64, sessions: &Sessions) -> Result<Visitor> {
        let token = |(_, value): (_, String)| HeaderValue::try_from(value);
        let count = 0;
        Ok(Visitor {
            user: Some(user),
            cookie: Some(token(
                sessions.login.request_header_for(&Login { user, count })?,
            )?),
            in_header: Some(token(
                sessions.in_header.request_header_for(&InHeader(user))?,
            )?),
            in_bearer: Some(token(
                sessions.in_bearer.request_header_for(&InBearer(user))?,
            )?),
        })
    }

    pub(super) fn without_cookies() -> Visitor {
        Visitor {
            user: None,
            cookie: None,
            in_header: None,
            in_bearer: None,
        }
    }

    /// With a cookie that opens as nothing, and tokens of no key that is known.
    pub(super) fn refused() -> Result<Visitor> {
        let token = HeaderValue::try_from(Key::generate()?.to_text())?;
        Ok(Visitor {
            user: None,
            cookie: Some(HeaderValue::from_static(
                "theme=dark; __Host-Http-login=old",
            )),
            in_header: Some(token),
            in_bearer: Some(HeaderValue::from_static("Bearer old")),
        })
    }

    pub(super) fn whose(&self) -> String {
        self.user.map_or("nobody".into(), greeting)
    }

    pub(super) fn headers(&self, act: Act, how: How) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        let x_session = HeaderName::from_static("x-session");
        let carried = match act {
            Act::Ignored | Act::Read | Act::Guarded | Act::Updated | Act::Ended => {
                vec![(COOKIE, &self.cookie)]
            }
            Act::InHeaderRead | Act::InHeaderUpdated => vec![(x_session, &self.in_header)],
            Act::InBearerRead | Act::InBearerUpdated => vec![(AUTHORIZATION, &self.in_bearer)],
            Act::BothRead => vec![(COOKIE, &self.cookie), (x_session, &self.in_header)],
            Act::PlainRead | Act::PlainUpdated | Act::PlainInHeader => vec![],
        };
        for (name, value) in carried {
            headers.extend(value.clone().map(|value| (name, value)));
        }
        if let Some(user) = self.user {
            match act {
                Act::PlainRead | Act::PlainUpdated => {
                    headers.insert(COOKIE, format!("user={user}").try_into()?);
                }
                Act::PlainInHeader => {
                    headers.insert("x-user", user.into());
                }
                _ => {}
            }
        }
        match how {
            How::Get | How::Head => {}
            How::Range => drop(headers.insert(RANGE, HeaderValue::from_static("bytes=0-9"))),
            How::IfNoneMatch => {
                let tag = format!("\"{}\"", self.whose());
                headers.insert(IF_NONE_MATCH, tag.try_into()?);
            }
            How::IfModifiedSince => {
                let now = httpdate::fmt_http_date(SystemTime::now());
                headers.insert(IF_MODIFIED_SINCE, now.try_into()?);
            }
            How::Compressed => {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            }
            How::Reload => {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            }
        }
        Ok(headers)
    }
}
