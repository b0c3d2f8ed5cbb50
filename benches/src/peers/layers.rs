//! Layers for axum: `seshcookie`, `tower-sessions-cookie-store`, and `tower-sessions` with its store
//! in memory.

use haversack_benches::{
    apps::layers::{kept, seshcookie, stored},
    carried::NAME,
    compared::{Kind, Size, Use},
    values::Value,
};
use tower_sessions::{MemoryStore, SessionManagerLayer};
use tower_sessions_cookie_store::{CookieSessionConfig, CookieSessionManagerLayer, Key};

use crate::{measure::Contender, requests::Subject};

pub(super) fn contenders<T: Value>(size: Size, value: &T) -> Vec<Contender> {
    let config = CookieSessionConfig::default().with_name(NAME);
    let private = CookieSessionManagerLayer::private(Key::generate()).with_config(config.clone());
    let signed = CookieSessionManagerLayer::signed(Key::generate()).with_config(config);
    let memory = SessionManagerLayer::new(MemoryStore::default()).with_name(NAME);
    let subject = |name, kind, router| Subject {
        name,
        kind,
        size,
        router,
    };
    let subjects = [
        subject("seshcookie", Kind::Encrypts, seshcookie(value)),
        subject(
            "tower-sessions-cookie-store, private",
            Kind::Encrypts,
            stored::<T>(value).layer(private),
        ),
        subject(
            "tower-sessions-cookie-store, signed",
            Kind::Signs,
            stored::<T>(value).layer(signed),
        ),
        subject(
            "tower-sessions, memory store",
            Kind::Neither,
            kept::<T>(value).layer(memory),
        ),
    ];
    let uses = [Use::Empty, Use::Read, Use::Change, Use::Ignore];
    subjects
        .into_iter()
        .flat_map(|subject| subject.contenders(&uses))
        .collect()
}
