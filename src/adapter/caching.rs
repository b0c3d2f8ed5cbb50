//! What caches are told about a response.

use super::head::ResponseHead;

/// Takes away every permission to store the response.
///
/// What was said before is replaced and not added to: with `must-understand` beside it, `no-store`
/// forbids nothing (RFC 9111, section 5.2.2.3).
pub(crate) fn forbid_storing(headers: &mut impl ResponseHead) {
    remove_targeted(headers);
    headers.set(CACHE_CONTROL, b"no-store");
}

/// Leaves the response to the client's own cache, whatever was said: of that, only what concerns this
/// cache stays, such as `max-age`.
pub(crate) fn keep_private(headers: &mut impl ResponseHead) {
    remove_targeted(headers);
    let said = list(headers, CACHE_CONTROL);
    // As for most responses, and without a copy.
    if said.is_empty() {
        headers.set(CACHE_CONTROL, b"private");
    } else if let Some(line) = for_clients(said) {
        headers.set(CACHE_CONTROL, &line);
    }
}

/// What is to be said instead of these directives, unless they are for the client's own cache alone.
fn for_clients(mut said: Vec<&[u8]>) -> Option<Vec<u8>> {
    let directives = said.len();
    said.retain(|member| is_for_clients(member));
    if !said
        .iter()
        .any(|member| is_one_of(member, &FOR_NOBODY_ELSE))
    {
        said.insert(0, b"private");
    } else if said.len() == directives {
        return None;
    }
    Some(said.join(&b", "[..]))
}

/// Leaves the response to the client's own cache, if nothing was said of caches.
pub(crate) fn keep_private_unless_said(headers: &mut impl ResponseHead) {
    if nothing_is_said(headers) {
        headers.set(CACHE_CONTROL, b"private");
    }
}

pub(crate) fn nothing_is_said(headers: &impl ResponseHead) -> bool {
    list(headers, CACHE_CONTROL).is_empty()
}

/// Whether no cache can tell for whom the response is (RFC 9110, section 12.5.5).
pub(crate) fn varies_by_everything(headers: &impl ResponseHead) -> bool {
    list(headers, VARY).contains(&&b"*"[..])
}

/// Removes what some caches obey rather than `Cache-Control`.
fn remove_targeted(headers: &mut impl ResponseHead) {
    let targeted = headers.names().filter(|name| is_targeted(name.as_bytes()));
    let targeted: Vec<_> = targeted.map(str::to_owned).collect();
    for name in targeted {
        headers.remove(&name);
    }
}

fn is_targeted(name: &[u8]) -> bool {
    let start = name.len().saturating_sub(TARGETED.len());
    name[start..].eq_ignore_ascii_case(TARGETED) || is_one_of(name, &OBEYED_FIRST)
}

/// Whether a directive says nothing to shared caches but that they may not: with a list of fields
/// after them, `private` and `no-cache` leave the rest to them.
fn is_for_clients(member: &[u8]) -> bool {
    let mut parts = member.splitn(2, |octet| *octet == b'=');
    let name = parts.next().unwrap_or_default().trim_ascii();
    match parts.next() {
        None => is_one_of(name, &FOR_NOBODY_ELSE) || is_one_of(name, &FOR_CLIENTS),
        Some(_) => is_one_of(name, &FOR_CLIENTS_A_WHILE),
    }
}

// For each list the compiler would make a function that compares word by word.
#[inline(never)]
fn is_one_of(name: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|one| name.eq_ignore_ascii_case(one))
}

/// Adds the name of a request header to `Vary`, and makes that one line: of several ones, nginx before
/// 1.23 heeds the last, and a `*` only where nothing else is.
pub(crate) fn vary_by(headers: &mut impl ResponseHead, name: &str) {
    let mut names = list(headers, VARY);
    if names.is_empty() {
        headers.set(VARY, name.as_bytes());
        return;
    }
    if names.contains(&&b"*"[..]) {
        names = vec![b"*"];
    } else if !is_one_of(name.as_bytes(), &names) {
        names.push(name.as_bytes());
    }
    let line = names.join(&b", "[..]);
    headers.set(VARY, &line);
}

/// All members of a header that is a list of tokens (RFC 9110, section 5.6.1).
fn list<'h>(headers: &'h impl ResponseHead, name: &'h str) -> Vec<&'h [u8]> {
    let mut members = Vec::new();
    for line in headers.values(name) {
        let there = line.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
        members.extend(there.filter(|member| !member.is_empty()));
    }
    members
}

pub(crate) const CACHE_CONTROL: &str = "cache-control";
pub(crate) const VARY: &str = "vary";

/// How the names of targeted fields end, of which there is no list (RFC 9213).
const TARGETED: &[u8] = b"-cache-control";

/// Other headers that some cache obeys: nginx, Akamai, Fastly and others.
const OBEYED_FIRST: [&[u8]; 3] = [b"edge-control", b"surrogate-control", b"x-accel-expires"];

/// Directives that keep a response from shared caches,
const FOR_NOBODY_ELSE: [&[u8]; 2] = [b"no-store", b"private"];
/// that may stand beside them,
const FOR_CLIENTS: [&[u8]; 4] = [
    b"immutable",
    b"must-revalidate",
    b"no-cache",
    b"no-transform",
];
/// and that do so with seconds.
const FOR_CLIENTS_A_WHILE: [&[u8]; 3] = [b"max-age", b"stale-if-error", b"stale-while-revalidate"];
