//! What it costs to say no.

use haversack::{Clock as _, Codec, CodecBuilder, Rejected, SystemClock};
use haversack_benches::{
    apps::ours::{builder, secret},
    carried::{pair, request_cookies},
    compared::{Kind, Size},
    values::Value,
};

use crate::{
    measure::{Contender, Group, repeat},
    ours::started,
};

pub(crate) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    [Kind::Encrypts, Kind::Jwt]
        .into_iter()
        .flat_map(|kind| of_tokens(size, value, kind))
        .collect()
}

/// A request header of 16 KB.
pub(crate) fn of_garbage<T: Value>() -> Vec<Contender> {
    let own = format!("__Host-Http-session={}", "A".repeat(OCTETS));
    let others = "theme=dark; ".repeat(OCTETS / 12);
    let many = "__Host-Http-session=AbCd; ".repeat(OCTETS / 26);
    let malformed = Some(Rejected::Malformed);
    [
        ("16 KB: one cookie of ours", own, Some(Rejected::TooLarge)),
        ("16 KB: cookies of others", others, None),
        ("16 KB: many cookies of ours", many, malformed),
        ("16 KB: no cookie at all", ";".repeat(OCTETS), None),
        ("16 KB: nothing but spaces", " ".repeat(OCTETS), None),
    ]
    .into_iter()
    .map(|(name, header, expected)| {
        let kind = Kind::Encrypts;
        let codec = builder::<T>(kind, &secret())
            .build()
            .expect("a good configuration");
        refusal(name, kind, Size::L, codec, header, expected)
    })
    .collect()
}

fn of_tokens<T: Value>(size: Size, value: &T, kind: Kind) -> Vec<Contender> {
    let names = match kind {
        Kind::Encrypts => [
            "sealed: altered",
            "sealed: past its end",
            "sealed: unknown key",
        ],
        _ => ["JWT: altered", "JWT: past its end", "JWT: unknown key"],
    };
    let expected = [
        Rejected::NotAuthentic,
        Rejected::PastCap,
        Rejected::UnknownKey,
    ];
    let secret = secret();
    let written = |builder: CodecBuilder<T>| {
        let codec = builder.build().expect("a good configuration");
        pair(&started(&codec, value.clone())).to_owned()
    };
    let mut altered = written(builder(kind, &secret));
    // In the middle of the token, which is in the ciphertext or in the claims.
    let middle = altered.len() / 2;
    let other = if altered.as_bytes()[middle] == b'A' {
        "B"
    } else {
        "A"
    };
    altered.replace_range(middle..=middle, other);
    let two_days_ago = SystemClock.now() - 2 * 24 * 60 * 60;
    let ended = written(builder(kind, &secret).clock(move || two_days_ago));
    let unknown = written(builder(kind, &self::secret()));
    names
        .into_iter()
        .zip([altered, ended, unknown])
        .zip(expected)
        .map(|((name, own), expected)| {
            let codec = builder::<T>(kind, &secret)
                .build()
                .expect("a good configuration");
            refusal(
                name,
                kind,
                size,
                codec,
                request_cookies(&own),
                Some(expected),
            )
        })
        .collect()
}

fn refusal<T: Value>(
    name: &'static str,
    kind: Kind,
    size: Size,
    codec: Codec<T>,
    header: String,
    expected: Option<Rejected>,
) -> Contender {
    assert_eq!(codec.session([&header]).rejected(), expected, "{name}");
    Contender {
        group: Group::Refuse,
        name,
        kind,
        size,
        octets: Some(header.len()),
        work: Ok(repeat(move || codec.session([&header]).rejected())),
    }
}

const OCTETS: usize = 16 * 1024;
