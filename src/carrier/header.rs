//! A token in a header: read strictly, written as it is.

use crate::error::ConfigError;

/// What a builder collects for a header.
#[derive(Clone, Debug)]
pub(crate) struct HeaderSettings {
    /// The response's header, and the request's unless that is `Authorization: Bearer`.
    pub(crate) name: String,
    pub(crate) bearer: bool,
}

impl HeaderSettings {
    pub(crate) fn check(&self) -> Result<Header, ConfigError> {
        let error = |problem: String, fix| Err(ConfigError::new("header", problem, fix));
        let name = self.name.to_ascii_lowercase();
        if let Err(problem) = check_name(&name) {
            return error(problem, "use a header name of your own, such as x-session");
        }
        if name == "authorization" {
            return error(
                "authorization carries a scheme, and is no response header".into(),
                "use .bearer(\"x-session\")",
            );
        }
        let is_taken = TAKEN.contains(&name.as_str())
            || FAMILIES.iter().any(|family| name.starts_with(family))
            || name.ends_with(FOR_CACHES);
        if is_taken {
            let problem = format!("{name} has a meaning of its own in HTTP");
            return error(problem, "use a header name of your own, such as x-session");
        }
        Ok(Header {
            name,
            bearer: self.bearer,
        })
    }
}

/// A header that carries a token.
#[derive(Debug)]
pub(crate) struct Header {
    name: String,
    bearer: bool,
}

impl Header {
    pub(crate) fn request_name(&self) -> &str {
        if self.bearer {
            "authorization"
        } else {
            &self.name
        }
    }

    pub(crate) fn response_name(&self) -> &str {
        &self.name
    }

    /// The token in the header's value; none in an empty value, and none under a scheme other than
    /// `Bearer` (RFC 6750, section 2.1; the scheme's case does not matter, RFC 9110, section 11.1).
    pub(crate) fn token<'h>(&self, value: &'h [u8]) -> Option<&'h [u8]> {
        let token = if self.bearer {
            let (scheme, rest) = value.split_at_checked(SCHEME.len())?;
            let mut rest = scheme.eq_ignore_ascii_case(SCHEME).then_some(rest)?;
            while let [b' ', more @ ..] = rest {
                rest = more;
            }
            rest
        } else {
            value
        };
        (!token.is_empty()).then_some(token)
    }
}

/// Checks that a name is a token (RFC 9110, section 5.6.2) of at most 64 octets.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let is_tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    match name.chars().find(|c| !is_tchar(*c)) {
        _ if name.is_empty() => Err("the name is empty".into()),
        _ if name.len() > 64 => Err(format!("the name has {} octets, more than 64", name.len())),
        Some(c) => Err(format!("the name contains {c:?}")),
        None => Ok(()),
    }
}

const SCHEME: &[u8] = b"Bearer ";

/// Headers that mean something to clients, servers or proxies (RFC 9110 and the registry of HTTP
/// field names), and those that a script cannot set (Fetch, section 2.2.2, forbidden request-headers).
const TAKEN: [&str; 64] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "alt-svc",
    "authentication-info",
    "cache-control",
    "clear-site-data",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-security-policy",
    "content-type",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "edge-control",
    "etag",
    "expect",
    "expires",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "origin",
    "pragma",
    "range",
    "referer",
    "referrer-policy",
    "refresh",
    "retry-after",
    "server",
    "set-cookie",
    "set-cookie2",
    "strict-transport-security",
    "surrogate-control",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-sendfile",
];

/// What the names of others of them begin with.
const FAMILIES: [&str; 5] = [
    "access-control-",
    "proxy-",
    "sec-",
    "x-accel-",
    "x-forwarded-",
];

/// What the names of fields for certain caches end with (RFC 9213, section 2).
const FOR_CACHES: &str = "-cache-control";
