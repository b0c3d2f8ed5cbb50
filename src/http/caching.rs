//! What caches are told about a response.

use ::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, VARY},
};

/// Takes away every permission to store the response.
///
/// What was said before is replaced and not added to: with `must-understand` beside it, `no-store`
/// forbids nothing (RFC 9111, section 5.2.2.3).
pub(crate) fn forbid_storing(headers: &mut HeaderMap) {
    let targeted = |name: &&HeaderName| {
        let name = name.as_str();
        name.ends_with(TARGETED) || OBEYED_FIRST.contains(&name)
    };
    let targeted: Vec<_> = headers.keys().filter(targeted).cloned().collect();
    for name in targeted {
        headers.remove(name);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Takes away every permission to store the response, if nothing was said of caches.
#[cfg(feature = "tower")]
pub(crate) fn forbid_storing_unless_said(headers: &mut HeaderMap) {
    if nothing_is_said(headers) {
        forbid_storing(headers);
    }
}

/// Leaves the response to the client's own cache, if nothing was said of caches.
pub(super) fn keep_private(headers: &mut HeaderMap) {
    if nothing_is_said(headers) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
    }
}

fn nothing_is_said(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(CACHE_CONTROL).iter();
    lines.all(|line| members(line).next().is_none())
}

/// Adds the name of a request header to `Vary`, and makes that one line: of several ones, nginx before
/// 1.23 heeds the last, and a `*` only where nothing else is.
pub(super) fn vary_by(headers: &mut HeaderMap, name: &HeaderValue) {
    let lines = headers.get_all(VARY);
    let there = || lines.iter().flat_map(members);
    let line = if there().next().is_none() {
        name.clone()
    } else if there().any(|member| member == b"*") {
        HeaderValue::from_static("*")
    } else {
        let is_own = |member: &[u8]| member.eq_ignore_ascii_case(name.as_bytes());
        let own = (!there().any(is_own)).then_some(name.as_bytes());
        list(&there().chain(own).collect::<Vec<_>>())
    };
    headers.insert(VARY, line);
}

/// The members of a list (RFC 9110, section 5.6.1) of tokens.
fn members(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let members = line.as_bytes().split(|octet| *octet == b',');
    members
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}

#[expect(clippy::expect_used, reason = "parts of header values, and commas")]
fn list(members: &[&[u8]]) -> HeaderValue {
    HeaderValue::try_from(members.join(&b", "[..])).expect("no control characters")
}

/// How the names of targeted fields end, of which there is no list (RFC 9213).
const TARGETED: &str = "-cache-control";

/// Other headers that some cache obeys rather than `Cache-Control`: nginx, Akamai, Fastly and
/// others.
const OBEYED_FIRST: [&str; 3] = ["edge-control", "surrogate-control", "x-accel-expires"];
