//! What a builder collects of a carrier, and what becomes of it.

use super::{
    cookie::{Cookie, removal},
    header::Header,
    limits::{HIGHEST_CHUNK_LIMIT, LIMIT},
    names::{check_ending, check_name, check_token, cookie_prefix},
};
use crate::error::ConfigError;

/// Which requests from other sites carry the cookie (RFC 6265bis, section 4.1.2.7).
///
/// Requests from the site itself carry it in any case, and its subdomains are the same site. It
/// stops most cross-site requests (CSRF), not all.
///
/// # Examples
///
/// ```
/// # use haversack::{Codec, Key, KeyRing, SameSite};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys = KeyRing::new(Key::generate()?);
/// // `Lax` by default; `Strict` for what nobody reaches by a link from elsewhere.
/// let login = Codec::<u64>::sealed("login", keys.clone()).build()?;
/// let admin = Codec::<u64>::sealed("admin", keys).same_site(SameSite::Strict).build()?;
/// assert_eq!(SameSite::default(), SameSite::Lax);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "csrf")]
#[doc(alias = "xsrf")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// Never sent cross-site, not even when the user follows a link or is redirected. A sign-in
    /// that comes back from another site fails.
    Strict,
    /// Sent on navigations to the site, such as following a link, and not on other cross-site
    /// requests: a form's `POST`, an image, an `<iframe>`, a `fetch`.
    #[default]
    Lax,
    /// Sent on every cross-site request: for pages inside those of other sites.
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

    /// The cookie, if it can work.
    pub(crate) fn resolve(&self, session: &str) -> Result<Cookie, ConfigError> {
        self.check_attributes()?;
        let name = self.name(session)?;
        Ok(Cookie {
            name,
            tail: self.tail(),
            persistent: !self.until_browser_closes,
            chunk_limit: self.chunked,
            sticky_end: self.sticky_end,
        })
    }

    /// The `Set-Cookie` that removes a cookie of any name which was set with these attributes, and
    /// with those that a prefix of its name promises; none if it is no name of a cookie.
    pub(crate) fn removal_of(&self, name: &str) -> Option<String> {
        check_token(name).ok()?;
        let mut settings = self.clone();
        if let Some(prefix) = cookie_prefix(name) {
            settings.insecure = false;
            if prefix.starts_with("__Host-") {
                (settings.path, settings.domain) = (None, None);
            }
        }
        Some(removal(name, &settings.tail()))
    }

    /// All attributes but those that depend on the token.
    fn tail(&self) -> String {
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
        tail
    }

    pub(crate) fn check_attributes(&self) -> Result<(), ConfigError> {
        let limits = LIMIT + 1..=HIGHEST_CHUNK_LIMIT;
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
        check_ending("exact_name", exact)?;
        check_name("exact_name", exact)?;
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

/// What a builder collects for a header.
#[derive(Clone, Debug)]
pub(crate) struct HeaderSettings {
    /// The response's header, and the request's unless that is `Authorization: Bearer`.
    pub(crate) name: String,
    pub(crate) bearer: bool,
}

impl HeaderSettings {
    /// The header, if it can work.
    pub(crate) fn resolve(&self) -> Result<Header, ConfigError> {
        if self.name.eq_ignore_ascii_case("authorization") {
            let problem = "authorization carries a scheme, and is no response header";
            return Err(ConfigError::new(
                "header",
                problem,
                "use .bearer(\"x-session\")",
            ));
        }
        Ok(Header {
            name: own_header("header", &self.name)?,
            bearer: self.bearer,
        })
    }
}

/// The name of a response header of the application's own, in lower case.
pub(crate) fn own_header(setting: &'static str, name: &str) -> Result<String, ConfigError> {
    let fix = "use a header name of your own, such as x-session";
    let name = name.to_ascii_lowercase();
    check_token(&name).map_err(|problem| ConfigError::new(setting, problem, fix))?;
    let is_taken = TAKEN.split(' ').any(|taken| taken == name)
        || name == "authorization"
        || FAMILIES.iter().any(|family| name.starts_with(family))
        || name.ends_with(FOR_CACHES);
    if is_taken {
        let problem = format!("{name} has a meaning of its own in HTTP");
        return Err(ConfigError::new(setting, problem, fix));
    }
    Ok(name)
}

/// Headers that mean something to clients, servers or proxies (RFC 9110 and the registry of HTTP
/// field names), and those that a script cannot set (Fetch, section 2.2.2, forbidden
/// request-headers).
const TAKEN: &str = "accept accept-charset accept-encoding accept-language accept-ranges age allow alt-svc \
     authentication-info cache-control clear-site-data connection content-disposition \
     content-encoding content-language content-length content-location content-range \
     content-security-policy content-type cookie cookie2 date dnt edge-control etag expect \
     expires forwarded from host http2-settings if-match if-modified-since if-none-match if-range \
     if-unmodified-since keep-alive last-modified link location max-forwards origin pragma range \
     referer referrer-policy refresh retry-after server set-cookie set-cookie2 \
     strict-transport-security surrogate-control te trailer transfer-encoding upgrade user-agent \
     vary via warning www-authenticate x-sendfile";

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

/// RFC 6265bis, section 5.6.
const ATTRIBUTE_LIMIT: usize = 1024;
