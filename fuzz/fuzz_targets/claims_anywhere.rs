//! Claims in any order and spelling under a good signature, against what serde_json makes of them: the
//! same reason, or the same session.

#![no_main]

mod common;

use std::{borrow::Cow, sync::LazyLock};

use arbitrary::Arbitrary;
use haversack::{Codec, Opened, Rejected, SessionId};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use common::NOW;

static CODEC: LazyLock<Codec<Value>> = LazyLock::new(|| common::jwt().build().unwrap());

/// The claims as serde reads them.
#[derive(Deserialize)]
struct Claims<'c> {
    #[serde(rename = "val")]
    _val: IgnoredAny,
    #[serde(borrow)]
    sid: Cow<'c, str>,
    start: u64,
    auth_time: u64,
    iat: u64,
    exp: u64,
    end: u64,
    #[serde(rename = "ver")]
    _ver: u32,
    #[serde(borrow)]
    ses: Cow<'c, str>,
    #[serde(borrow, default)]
    aud: Option<Cow<'c, str>>,
    #[serde(borrow, default, rename = "iss")]
    _iss: Option<Cow<'c, str>>,
    #[serde(default)]
    nbf: u64,
    #[serde(default, rename = "rem")]
    _rem: bool,
    #[serde(default = "whole")]
    pcs: u8,
}

fn whole() -> u8 {
    1
}

/// Why claims are rejected, whatever their value is.
fn rejected(claims: &Claims<'_>) -> Option<Rejected> {
    let &Claims {
        start,
        auth_time,
        iat,
        exp,
        end,
        ..
    } = claims;
    let in_order = start <= auth_time && auth_time <= iat && iat <= exp && exp <= end;
    let in_range = in_order && start < 1 << 40 && end - start <= u64::from(u32::MAX);
    let expires = exp.min(start.saturating_add(DAY));
    let reasons = [
        (
            claims.ses != "login" || claims.aud.is_some(),
            Rejected::NotAuthentic,
        ),
        (
            claims.sid.parse::<SessionId>().is_err() || !in_range,
            Rejected::Malformed,
        ),
        (claims.pcs != 1, Rejected::Incomplete),
        (iat.max(claims.nbf) > NOW + 60, Rejected::NotYetValid),
        (NOW >= end.min(start.saturating_add(DAY)), Rejected::PastCap),
        (NOW >= expires, Rejected::Expired),
    ];
    reasons
        .into_iter()
        .find_map(|(is, reason)| is.then_some(reason))
}

/// The text of a value: JSON, or something whose end can be seen all the same.
#[derive(Arbitrary, Debug)]
enum Text<'t> {
    Number(u64),
    String(&'t str),
    Nested { lists: bool, depth: u16 },
    Crossed(u8),
    Any(&'t str),
}

impl Text<'_> {
    fn write(&self) -> String {
        match self {
            Text::Number(number) => number.to_string(),
            Text::String(text) => Value::from(*text).to_string(),
            Text::Nested { lists, depth } => {
                let depth = usize::from(*depth % 400);
                let (open, close) = if *lists { ("[", "]") } else { ("{\"a\":", "}") };
                open.repeat(depth) + "1" + &close.repeat(depth)
            }
            Text::Crossed(times) => "[{}}".repeat(usize::from(*times % 8)),
            // JSON whatever it is; else what has no brackets, strings or commas.
            Text::Any(text) => match serde_json::from_str::<IgnoredAny>(text) {
                Ok(_) => (*text).to_owned(),
                Err(_) => text.replace(['"', '[', ']', '{', '}', ','], " "),
            },
        }
    }
}

/// What is done to good claims.
#[derive(Arbitrary, Debug)]
enum Edit<'t> {
    Swap(u8, u8),
    Remove(u8),
    Repeat(u8),
    Add(&'t str, Text<'t>),
    Replace(u8, Text<'t>),
    Escape(u8, u8),
    Space(u8, u8),
}

#[derive(Clone)]
struct Member {
    /// What it is called; the name may be written in another way.
    is_value: bool,
    name: String,
    text: String,
}

fn good() -> Vec<Member> {
    let day = (NOW + DAY).to_string();
    let now = NOW.to_string();
    [
        ("val", "7"),
        ("sid", "\"AAECAwQFBgcICQoLDA0ODw\""),
        ("start", &now),
        ("auth_time", &now),
        ("iat", &now),
        ("exp", &day),
        ("end", &day),
        ("ver", "0"),
        ("ses", "\"login\""),
    ]
    .map(|(name, text)| Member {
        is_value: name == "val",
        name: format!("\"{name}\""),
        text: text.to_owned(),
    })
    .to_vec()
}

fn edit(members: &mut Vec<Member>, edit: &Edit<'_>) {
    let count = members.len().max(1);
    let at = |index: u8| usize::from(index) % count;
    match edit {
        Edit::Add(name, text) => members.push(Member {
            is_value: *name == "val",
            name: Value::from(*name).to_string(),
            text: text.write(),
        }),
        _ if members.is_empty() => {}
        Edit::Swap(one, other) => members.swap(at(*one), at(*other)),
        Edit::Remove(index) => drop(members.remove(at(*index))),
        Edit::Repeat(index) => members.push(members[at(*index)].clone()),
        Edit::Replace(index, text) => members[at(*index)].text = text.write(),
        Edit::Escape(index, letter) => {
            let Member { name, .. } = &mut members[at(*index)];
            let letters: Vec<_> = name.char_indices().collect();
            let (start, letter) = letters[usize::from(*letter) % letters.len()];
            if letter.is_ascii_alphabetic() && !name.contains('\\') {
                let escaped = format!("\\u{:04X}", u32::from(letter));
                name.replace_range(start..=start, &escaped);
            }
        }
        Edit::Space(index, space) => {
            let Member { text, .. } = &mut members[at(*index)];
            let space = [" ", "\t", "\n", "\r", "\u{a0}"][usize::from(space % 5)];
            *text = format!("{space}{text}{space}");
        }
    }
}

fn object(members: &[Member], text: impl Fn(&Member) -> String) -> String {
    let members = members
        .iter()
        .map(|member| member.name.clone() + ":" + &text(member));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn expected(members: &[Member]) -> Result<Value, Rejected> {
    let without = object(members, |member| match member.is_value {
        true => "null".to_owned(),
        false => member.text.clone(),
    });
    let claims: Claims<'_> = serde_json::from_str(&without).map_err(|_| Rejected::Malformed)?;
    let is_reserved = |member: &Member| {
        serde_json::from_str::<String>(&member.name).is_ok_and(|name| name == "bnd")
    };
    if members.iter().any(is_reserved) {
        return Err(Rejected::Malformed);
    }
    if let Some(reason) = rejected(&claims) {
        return Err(reason);
    }
    let value = members.iter().find(|member| member.is_value).unwrap();
    serde_json::from_str(&value.text).map_err(|_| Rejected::Value)
}

fuzz_target!(|edits: Vec<Edit<'_>>| {
    let mut members = good();
    edits
        .iter()
        .take(32)
        .for_each(|each| edit(&mut members, each));
    let text = object(&members, |member| member.text.clone());
    if text.len() > 2500 {
        return;
    }
    let opened = common::open_claims(&CODEC, &text).map(Opened::into_value);
    assert_eq!(opened, expected(&members), "{text}");
});

const DAY: u64 = 24 * 60 * 60;
