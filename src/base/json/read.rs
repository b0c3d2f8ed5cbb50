//! JSON read member by member, where a struct of serde's would say less of what it takes.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::scan;

/// The texts of the members of these names; `None` when one is there twice, or when what is there
/// besides is not JSON.
pub(crate) fn texts<'j, const N: usize>(
    json: &'j [u8],
    names: [&str; N],
) -> Option<[Option<&'j [u8]>; N]> {
    let mut texts = [None; N];
    scan::members(json, |name, text| {
        let name = string(name)?;
        match names.iter().position(|known| *known == name) {
            Some(member) => texts[member].replace(text).is_none().then_some(()),
            None => read::<IgnoredAny>(text).map(drop),
        }
    })?;
    Some(texts)
}

pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(json).ok()?).ok()
}

/// A string; only one with escapes needs memory.
pub(crate) fn string(json: &[u8]) -> Option<Cow<'_, str>> {
    let borrowed = serde_json::from_slice(json).map(Cow::Borrowed);
    borrowed
        .or_else(|_| serde_json::from_slice(json).map(Cow::Owned))
        .ok()
}

/// A string, or none if there is no member or `null`.
#[expect(
    clippy::option_option,
    reason = "whether it is well-formed, and whether it is there"
)]
pub(crate) fn optional_string(json: Option<&[u8]>) -> Option<Option<Cow<'_, str>>> {
    match json {
        None => Some(None),
        Some(json) if read::<()>(json).is_some() => Some(None),
        Some(json) => string(json).map(Some),
    }
}
