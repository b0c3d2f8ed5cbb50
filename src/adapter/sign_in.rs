//! Where people sign in who were not let through.

use std::sync::Arc;

use super::head::GuardedRequest;
use crate::redirect::next_path;

/// The page on which people sign in.
#[derive(Clone, Debug)]
pub(super) struct SignIn(Arc<str>);

impl SignIn {
    /// The page with this URL of the application's own; what is no URL is a path from the root.
    pub(super) fn on(url: &str) -> SignIn {
        let is_absolute = url.starts_with('/') || url.contains("://");
        let root = if is_absolute { "" } else { "/" };
        let url = percent_encoded(url, |octet| matches!(octet, b'!'..=b'~'));
        SignIn((root.to_owned() + &url).into())
    }

    /// Where a navigation is sent; `None` for what is none, and for one to this page itself.
    pub(super) fn location(&self, request: &impl GuardedRequest) -> Option<String> {
        let wanted = request.path_and_query();
        let path = wanted.split('?').next().unwrap_or_default();
        let is_read = ["GET", "HEAD"].contains(&request.method());
        if self.is_at(path) || !is_navigation(request, is_read) {
            return None;
        }
        if !is_read || next_path(wanted) != wanted {
            return Some(self.0.to_string());
        }
        let (page, fragment) = self.0.split_at(self.0.find('#').unwrap_or(self.0.len()));
        let separator = if page.contains('?') { '&' } else { '?' };
        let next = encoded(wanted);
        Some(format!("{page}{separator}next={next}{fragment}"))
    }

    /// Whether this is the page's path, or what a `nest` leaves of it.
    fn is_at(&self, path: &str) -> bool {
        let page = self.0.split(['?', '#']).next().unwrap_or_default();
        page == path || (path != "/" && page.ends_with(path))
    }
}

/// Whether a person is to see the answer (Fetch Metadata, section 2.3).
fn is_navigation(request: &impl GuardedRequest, is_read: bool) -> bool {
    match request.values("sec-fetch-mode").next() {
        Some(mode) => mode == b"navigate",
        // Older clients, and plain http.
        None => is_read && request.values("accept").any(takes_html),
    }
}

fn takes_html(accept: &[u8]) -> bool {
    let mut ranges = accept.split(|octet| *octet == b',');
    ranges.any(|range| {
        let range = range
            .split(|octet| *octet == b';')
            .next()
            .unwrap_or_default();
        range.trim_ascii().eq_ignore_ascii_case(b"text/html")
    })
}

/// A value of a query (RFC 3986, section 3.4).
fn encoded(path: &str) -> String {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet);
    percent_encoded(path, is_plain)
}

fn percent_encoded(text: &str, is_plain: impl Fn(u8) -> bool) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut out, octet| {
            if is_plain(octet) {
                out.push(octet.into());
            } else {
                out += &format!("%{octet:02X}");
            }
            out
        })
}
