//! A token in a cookie: `Cookie` is read as octets, `Set-Cookie` is written from checked parts
//! (RFC 6265bis, draft-ietf-httpbis-rfc6265bis).

use std::{
    io::Write as _,
    iter,
    time::{Duration, UNIX_EPOCH},
};

use httpdate::HttpDate;
use memchr::memmem;

use super::{Life, check_name, pieces, text};
use crate::{buffer::push_number, error::ConfigError};

/// Which requests from other sites carry the cookie (RFC 6265bis, section 4.1.2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// None: not even a link from another site; a sign-in that comes back from another site fails.
    Strict,
    /// Only navigations to the site, such as following a link.
    #[default]
    Lax,
    /// All: the site is used inside others.
    None,
}

/// What a builder collects for a cookie.
#[derive(Clone, Debug, Default)]
pub(crate) struct CookieSettings {
    pub(crate) path: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) exact_name: Option<String>,
    pub(crate) insecure: bool,
    pub(crate) partitioned: bool,
    pub(crate) script_readable: bool,
    pub(crate) until_browser_closes: bool,
    /// The most octets of all pieces.
    pub(crate) chunked: Option<usize>,
    pub(crate) sticky_end: bool,
}

impl CookieSettings {
    /// A setting that was made, if any was.
    pub(crate) fn any(&self) -> Option<&'static str> {
        [
            ("path", self.path.is_some()),
            ("domain", self.domain.is_some()),
            ("same_site", self.same_site.is_some()),
            ("exact_name", self.exact_name.is_some()),
            ("insecure", self.insecure),
            ("partitioned", self.partitioned),
            ("script_readable", self.script_readable),
            ("until_browser_closes", self.until_browser_closes),
            ("chunked", self.chunked.is_some()),
            ("sticky_end", self.sticky_end),
        ]
        .into_iter()
        .find_map(|(setting, made)| made.then_some(setting))
    }

    pub(crate) fn check(&self, session: &str) -> Result<Cookie, ConfigError> {
        self.check_attributes()?;
        let path = self.path.as_deref().unwrap_or("/");
        let mut tail = format!("; Path={path}");
        if let Some(domain) = &self.domain {
            tail = tail + "; Domain=" + domain;
        }
        tail += match self.same_site.unwrap_or_default() {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        };
        for (attribute, set) in [
            ("; Secure", !self.insecure),
            ("; HttpOnly", !self.script_readable),
            ("; Partitioned", self.partitioned),
        ] {
            tail += if set { attribute } else { "" };
        }
        let name = self.name(session)?;
        Ok(Cookie {
            finder: memmem::Finder::new(&name).into_owned(),
            name,
            tail,
            persistent: !self.until_browser_closes,
            chunk_limit: self.chunked,
            sticky_end: self.sticky_end,
        })
    }

    fn check_attributes(&self) -> Result<(), ConfigError> {
        let limits = super::LIMIT + 1..=pieces::HIGHEST_LIMIT;
        if let Some(limit) = self.chunked.filter(|limit| !limits.contains(limit)) {
            let problem = format!("{limit} octets are no limit for several cookies");
            let fix = "use 4097 to 16384 octets, or .chunked() for 7168";
            return Err(ConfigError::new("chunked_up_to", problem, fix));
        }
        let same_site_none = self.same_site == Some(SameSite::None);
        if self.insecure && (same_site_none || self.partitioned) {
            let (setting, problem) = if same_site_none {
                (
                    "same_site",
                    "browsers drop a cookie with SameSite=None that is not Secure",
                )
            } else {
                (
                    "partitioned",
                    "browsers drop a partitioned cookie that is not Secure",
                )
            };
            return Err(ConfigError::new(setting, problem, "remove .insecure()"));
        }
        if let Some(path) = &self.path {
            let error = |problem: &str| {
                let fix = "use a path that begins with /, percent-encoded as in a request";
                Err(ConfigError::new("path", problem, fix))
            };
            if !path.starts_with('/') {
                return error("browsers ignore a path that does not begin with /");
            }
            if !path
                .bytes()
                .all(|byte| matches!(byte, b'!'..=b'~') && !b";?#".contains(&byte))
            {
                return error("it contains ; or ? or #, or a byte that is not visible ASCII");
            }
            if path.len() > ATTRIBUTE_LIMIT {
                return error("browsers ignore an attribute of more than 1024 octets");
            }
        }
        if let Some(domain) = &self.domain {
            let error = |problem: &str| {
                Err(ConfigError::new(
                    "domain",
                    problem,
                    "use a host name such as example.com",
                ))
            };
            if domain.starts_with('.') {
                return error("the leading dot has no effect");
            }
            if !domain.contains('.') {
                return error("it is a single label, for which browsers drop the cookie");
            }
            let is_label = |label: &str| {
                (1..=63).contains(&label.len())
                    && label
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            };
            if domain.len() > 253 || !domain.split('.').all(is_label) {
                return error("it is not a host name");
            }
        }
        Ok(())
    }

    /// The cookie's name with the strongest prefix that the attributes allow (RFC 6265bis, section
    /// 4.1.3), or the exact name if the attributes allow its prefix.
    fn name(&self, session: &str) -> Result<String, ConfigError> {
        let host_only =
            self.domain.is_none() && self.path.as_deref().is_none_or(|path| path == "/");
        let Some(exact) = &self.exact_name else {
            let prefix = match (self.insecure, host_only, self.script_readable) {
                (true, _, _) => "",
                (false, true, false) => "__Host-Http-",
                (false, true, true) => "__Host-",
                (false, false, _) => "__Secure-",
            };
            let name = format!("{prefix}{session}");
            // __Host- and a session named Http-.. make the prefix __Host-Http-.
            if self.script_readable && cookie_prefix(&name) == Some("__Host-Http-") {
                let problem = "browsers drop a cookie __Host-Http-.. that scripts can read";
                let fix = "use a name that does not begin with Http-, or remove .script_readable()";
                return Err(ConfigError::new("name", problem, fix));
            }
            return Ok(name);
        };
        let error = |problem: String, fix| Err(ConfigError::new("exact_name", problem, fix));
        if let Some(ending) = reserved_ending(exact) {
            return error(reserved(ending), "use another name");
        }
        if let Err(problem) = check_name(exact) {
            return error(problem, "use letters, digits, - and _");
        }
        if let Some(prefix) = cookie_prefix(exact) {
            if !exact.starts_with(prefix) {
                let problem = format!("browsers treat it like {prefix}, whatever its case");
                return error(problem, "write the prefix as it is, or use another name");
            }
            let forbidden = self.insecure
                || (prefix.starts_with("__Host-") && !host_only)
                || (prefix.ends_with("Http-") && self.script_readable);
            if forbidden {
                let problem = format!("browsers drop a cookie {prefix}.. with these attributes");
                return error(
                    problem,
                    "remove the prefix, or the attributes that weaken it",
                );
            }
        }
        Ok(exact.clone())
    }
}

/// The prefix with a meaning to browsers that a name begins with, whatever its case.
pub(crate) fn cookie_prefix(name: &str) -> Option<&'static str> {
    ["__Host-Http-", "__Host-", "__Http-", "__Secure-"]
        .into_iter()
        .find(|prefix| {
            name.get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        })
}

/// What one cookie of a session is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `name`: the whole token.
    Whole,
    /// `name.N`: the piece of a token with this index.
    Piece(u8),
    /// `name.end`: when the session ended last.
    Mark,
}

/// The cookie, or the few, that carry a token.
#[derive(Debug)]
pub(crate) struct Cookie {
    name: String,
    /// Looks for the name.
    finder: memmem::Finder<'static>,
    /// All attributes but the one that depends on the token.
    tail: String,
    persistent: bool,
    /// The most octets of all pieces, if the token may be cut.
    chunk_limit: Option<usize>,
    sticky_end: bool,
}

impl Cookie {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn chunk_limit(&self) -> Option<usize> {
        self.chunk_limit
    }

    pub(crate) fn sticky_end(&self) -> bool {
        self.sticky_end
    }

    /// The values of this session's cookies in a `Cookie` header.
    ///
    /// `;` always separates, quotes and `$` mean nothing, only SP and HTAB are trimmed, names match
    /// octet for octet, and nothing is decoded: what forges a `__Host-` name elsewhere does not here.
    pub(crate) fn parts<'c, 'h>(
        &'c self,
        header: &'h [u8],
    ) -> impl Iterator<Item = (Part, &'h [u8])> + use<'c, 'h> {
        let mut from = 0;
        iter::from_fn(move || {
            loop {
                let at = from + self.finder.find(&header[from..])?;
                from = at + self.name.len();
                // The name is where a pair begins.
                let before = trim_end(&header[..at]);
                if !matches!(before, [] | [.., b';']) {
                    continue;
                }
                if let Some((part, value)) = self.part(&header[from..]) {
                    let end = memchr::memchr(b';', value).unwrap_or(value.len());
                    from = header.len() - value.len() + end;
                    return Some((part, trim_end(&value[..end])));
                }
            }
        })
    }

    /// Which part a pair is of that begins with the name, and all that comes behind its `=`.
    fn part<'h>(&self, behind_name: &'h [u8]) -> Option<(Part, &'h [u8])> {
        match behind_name {
            [b'=', rest @ ..] => Some((Part::Whole, rest)),
            [b'.', digit @ b'1'..=LAST_PIECE, b'=', rest @ ..] if self.chunk_limit.is_some() => {
                Some((Part::Piece(digit - b'0'), rest))
            }
            [b'.', b'e', b'n', b'd', b'=', rest @ ..] if self.sticky_end => {
                Some((Part::Mark, rest))
            }
            _ => None,
        }
    }

    /// The name, with room for just a value of that many octets and the attributes.
    pub(super) fn begin(&self, part: Part, value: usize, life: Life) -> Vec<u8> {
        let piece;
        let suffix: &[u8] = match part {
            Part::Whole => b"=",
            Part::Piece(index) => {
                piece = [b'.', b'0' + index, b'='];
                &piece
            }
            Part::Mark => b".end=",
        };
        let deadline = if self.persistent {
            let digits = life.seconds.checked_ilog10().unwrap_or(0) + 1;
            MAX_AGE.len() + digits as usize + EXPIRES.len() + DATE
        } else {
            0
        };
        let around = self.name.len() + suffix.len() + self.tail.len() + deadline;
        let mut out = Vec::with_capacity(around + value);
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(suffix);
        out
    }

    pub(super) fn end(&self, life: Life, out: &mut Vec<u8>) {
        out.extend_from_slice(self.tail.as_bytes());
        if self.persistent {
            push_deadline(out, life);
        }
    }

    /// Built from the same attributes as the cookie, or the browser would keep it.
    pub(crate) fn removal(&self, part: Part) -> String {
        let past = Life::new(0, 0);
        let mut out = self.begin(part, 0, past);
        out.extend_from_slice(self.tail.as_bytes());
        push_deadline(&mut out, past);
        text(out)
    }
}

/// The ending of a name that a session must not have, as the cookie of a part has it, or may have one day.
pub(crate) fn reserved_ending(name: &str) -> Option<&str> {
    let (_, ending) = name.rsplit_once('.')?;
    let is_piece = matches!(ending.as_bytes(), [b'1'..=LAST_PIECE]);
    (is_piece || RESERVED.contains(&ending)).then_some(ending)
}

/// What is wrong with a name that has such an ending.
pub(crate) fn reserved(ending: &str) -> String {
    format!("it ends in .{ending}, which is kept for cookies beside the session's own")
}

fn trim_end(mut octets: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

/// `Max-Age`, which counts, and `Expires` for clients that know only that: Java's `HttpClient` takes a
/// cookie without it for one of RFC 2965 and sends quotes around the token.
fn push_deadline(out: &mut Vec<u8>, life: Life) {
    out.extend_from_slice(MAX_AGE);
    push_number(out, life.seconds);
    out.extend_from_slice(EXPIRES);
    let date = HttpDate::from(UNIX_EPOCH + Duration::from_secs(life.until.min(LAST_SECOND)));
    // Writing to memory cannot fail.
    let _ = write!(out, "{date}");
}

const MAX_AGE: &[u8] = b"; Max-Age=";
const EXPIRES: &[u8] = b"; Expires=";
/// The length of a date.
const DATE: usize = "Thu, 01 Jan 1970 00:00:00 GMT".len();
/// The last second of the year 9999, the last that a date can tell.
const LAST_SECOND: u64 = 253_402_300_799;
/// How names end that are not a session's: `end` is a mark, and the others are for sessions that are bound
/// to a device.
const RESERVED: [&str; 5] = ["end", "key", "proof", "refresh", "register"];
const LAST_PIECE: u8 = b'0' + pieces::MOST;

/// RFC 6265bis, section 5.6.
const ATTRIBUTE_LIMIT: usize = 1024;
