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
    let said = || headers.values(CACHE_CONTROL).flat_map(members);
    let is_kept_from_others = said().any(|member| is_one_of(member, &FOR_NOBODY_ELSE));
    if is_kept_from_others && said().all(is_for_clients) {
        return;
    }
    let own = (!is_kept_from_others).then_some(&b"private"[..]);
    let rest = said().filter(|member| is_for_clients(member));
    let line = own
        .into_iter()
        .chain(rest)
        .collect::<Vec<_>>()
        .join(&b", "[..]);
    headers.set(CACHE_CONTROL, &line);
}

/// Leaves the response to the client's own cache, if nothing was said of caches.
pub(crate) fn keep_private_unless_said(headers: &mut impl ResponseHead) {
    if nothing_is_said(headers) {
        headers.set(CACHE_CONTROL, b"private");
    }
}

pub(crate) fn nothing_is_said(headers: &impl ResponseHead) -> bool {
    let mut lines = headers.values(CACHE_CONTROL);
    lines.all(|line| members(line).next().is_none())
}

/// Whether no cache can tell for whom the response is (RFC 9110, section 12.5.5).
pub(crate) fn varies_by_everything(headers: &impl ResponseHead) -> bool {
    let mut names = headers.values(VARY).flat_map(members);
    names.any(|name| name == b"*")
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
fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    let mut names = names.iter();
    names.any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
}

/// Adds the name of a request header to `Vary`, and makes that one line: of several ones, nginx before
/// 1.23 heeds the last, and a `*` only where nothing else is.
pub(crate) fn vary_by(headers: &mut impl ResponseHead, name: &str) {
    let mut names: Vec<_> = headers.values(VARY).flat_map(members).collect();
    if names.is_empty() {
        headers.set(VARY, name.as_bytes());
        return;
    }
    let is_own = |there: &&[u8]| there.eq_ignore_ascii_case(name.as_bytes());
    if names.contains(&&b"*"[..]) {
        names = vec![b"*"];
    } else if !names.iter().any(is_own) {
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
const TARGETED: &[u8] = b"-cache-control";

/// Other headers that some cache obeys: nginx, Akamai, Fastly and others.
const OBEYED_FIRST: [&str; 3] = ["edge-control", "surrogate-control", "x-accel-expires"];

/// Directives that keep a response from shared caches,
const FOR_NOBODY_ELSE: [&str; 2] = ["no-store", "private"];
/// that may stand beside them,
const FOR_CLIENTS: [&str; 4] = ["immutable", "must-revalidate", "no-cache", "no-transform"];
/// and that do so with seconds.
const FOR_CLIENTS_A_WHILE: [&str; 3] = ["max-age", "stale-if-error", "stale-while-revalidate"];
