//! What is wrong with the claims of an authentic token, for whoever wrote them.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, IgnoredAny};

use super::{NAMES, RESERVED, optional_string, read, string};
use crate::{base::json::scan, lifetime::Times, token::envelope::SessionId};

/// What keeps claims from being those of a session.
pub(crate) fn flaw(json: &[u8]) -> Option<String> {
    let mut claims = BTreeMap::new();
    let mut flaw = None;
    let whole = scan::members(json, |name, text| {
        flaw = match string(name) {
            None => Some("the name of a claim is no JSON string".into()),
            Some(name) if name == RESERVED => Some("the claim bnd is reserved".into()),
            Some(name) if ALL.contains(&&*name) && claims.contains_key(&*name) => {
                Some(format!("the claim {name} is there twice"))
            }
            Some(name) if !ALL.contains(&&*name) && read::<IgnoredAny>(text).is_none() => {
                Some("a claim without a meaning is no JSON".into())
            }
            Some(name) => {
                claims.insert(name.into_owned(), text);
                None
            }
        };
        flaw.is_none().then_some(())
    });
    match (flaw, whole) {
        (Some(flaw), _) => Some(flaw),
        (None, None) => Some("the claims are no JSON object, or a value does not end".into()),
        (None, Some(())) => Found(claims).flaw(),
    }
}

/// The claims that are there, by name.
struct Found<'c>(BTreeMap<String, &'c [u8]>);

impl Found<'_> {
    fn flaw(&self) -> Option<String> {
        let missing = REQUIRED.iter().find(|name| !self.0.contains_key(**name));
        if let Some(name) = missing {
            return Some(format!("the claim {name} is missing"));
        }
        let is_read = |name| match name {
            "val" => true,
            "sid" | "ses" => self.0.get(name).is_some_and(|text| string(text).is_some()),
            "aud" | "iss" => optional_string(self.0.get(name).copied()).is_some(),
            "ver" => self.is::<u32>(name),
            "rem" => self.is::<bool>(name),
            "pcs" => self.is::<u8>(name),
            name => self.is::<u64>(name),
        };
        if let Some(name) = ALL.into_iter().find(|name| !is_read(name)) {
            let needed = match name {
                "sid" | "ses" => "a string",
                "aud" | "iss" => "a string or null",
                "rem" => "true or false",
                "pcs" => "an integer below 256",
                "ver" => "an integer below 2^32",
                _ => "an integer",
            };
            return Some(format!("the claim {name} is not {needed}"));
        }
        let id = self.0.get("sid").and_then(|text| string(text))?;
        if SessionId::decode(id.as_bytes()).is_none() {
            return Some("the claim sid is not 22 characters of base64url".into());
        }
        let time = |name| read(self.0.get(name)?);
        let times = Times {
            started: time("start")?,
            authenticated: time("auth_time")?,
            issued: time("iat")?,
            expires: time("exp")?,
            ends: time("end")?,
        };
        times.flaw().map(str::to_owned)
    }

    /// Whether a claim is of a type, or not there.
    fn is<T: DeserializeOwned>(&self, name: &str) -> bool {
        self.0
            .get(name)
            .is_none_or(|text| read::<T>(text).is_some())
    }
}

/// The claims that must be there, and those that mean something.
const REQUIRED: &[&str] = NAMES.split_at(9).0;
const ALL: [&str; 15] = NAMES;
