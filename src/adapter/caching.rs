//! What caches are told about a response.

use super::head::ResponseHead;

/// Takes away every permission to store the response.
///
/// What was said before is replaced and not added to: with `must-understand` beside it, `no-store`
/// forbids nothing (RFC 9111, section 5.2.2.3).
pub(crate) fn forbid_storing(headers: &mut impl ResponseHead) {
    let targeted: Vec<_> = headers
        .names()
        .filter(|name| is_obeyed_first(name))
        .map(str::to_owned)
        .collect();
    for name in targeted {
        headers.remove(&name);
    }
    headers.set(CACHE_CONTROL, b"no-store");
}

/// Whether some cache obeys a header rather than `Cache-Control`.
fn is_obeyed_first(name: &str) -> bool {
    let ending = name.len().checked_sub(TARGETED.len());
    let ending = ending.and_then(|start| name.get(start..));
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case(TARGETED))
        || OBEYED_FIRST
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
}

/// Takes away every permission to store the response, if nothing was said of caches.
pub(crate) fn forbid_storing_unless_said(headers: &mut impl ResponseHead) {
    if nothing_is_said(headers) {
        forbid_storing(headers);
    }
}

/// Leaves the response to the client's own cache, if nothing was said of caches.
pub(crate) fn keep_private(headers: &mut impl ResponseHead) {
    if nothing_is_said(headers) {
        headers.set(CACHE_CONTROL, b"private");
    }
}

fn nothing_is_said(headers: &impl ResponseHead) -> bool {
    let mut lines = headers.values(CACHE_CONTROL);
    lines.all(|line| members(line).next().is_none())
}

/// Adds the name of a request header to `Vary`, and makes that one line: of several ones, nginx before
/// 1.23 heeds the last, and a `*` only where nothing else is.
pub(crate) fn vary_by(headers: &mut impl ResponseHead, name: &str) {
    let mut names: Vec<_> = headers.values(VARY).flat_map(members).collect();
    if names.is_empty() {
        headers.set(VARY, name.as_bytes());
        return;
    }
    if names.contains(&&b"*"[..]) {
        names = vec![b"*"];
    } else if !names
        .iter()
        .any(|there| there.eq_ignore_ascii_case(name.as_bytes()))
    {
        names.push(name.as_bytes());
    }
    let line = names.join(&b", "[..]);
    headers.set(VARY, &line);
}

/// The members of a list (RFC 9110, section 5.6.1) of tokens.
fn members(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let members = line.split(|octet| *octet == b',');
    members
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}

pub(crate) const CACHE_CONTROL: &str = "cache-control";
pub(crate) const VARY: &str = "vary";

/// How the names of targeted fields end, of which there is no list (RFC 9213).
const TARGETED: &str = "-cache-control";

/// Other headers that some cache obeys: nginx, Akamai, Fastly and others.
const OBEYED_FIRST: [&str; 3] = ["edge-control", "surrogate-control", "x-accel-expires"];
