//! Values of an older shape that the application carries over.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use haversack::{Codec, CodecBuilder, JwtKeys, Lifetime, Rejected, Values};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{
    Carrier, Format, HOUR, NOW, OneHeader as _, TestClock, Twin, jwt_key, jwt_keys, twins, written,
};

/// As it was. Not a tuple, as serde reads an array as a struct too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Old {
    uid: String,
    nick: String,
}

fn old() -> Old {
    Old {
        uid: "7".into(),
        nick: "Ada".into(),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct New {
    user: u64,
    name: String,
}

fn new() -> New {
    let name = "Ada".into();
    New { user: 7, name }
}

/// A hook that reads [`Old`], and what it was called with since that was last asked.
#[derive(Clone, Default)]
struct Hook(Arc<Mutex<Vec<Value>>>);

impl Hook {
    fn on(&self, builder: CodecBuilder<New>) -> CodecBuilder<New> {
        let calls = Arc::clone(&self.0);
        builder.migrate(move |value| {
            calls.lock().unwrap().push(value.clone());
            let Old { uid, nick } = serde_json::from_value(value).ok()?;
            let user = uid.parse().ok()?;
            Some(New { user, name: nick })
        })
    }

    fn calls(&self) -> Vec<Value> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn an_old_shape_is_carried_over_and_issued_again_once() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let hook = Hook::default();
        let before = twin.builder::<Old>("login", &[1]).clock(clock.clone());
        let before = before.build().unwrap();
        let after = hook.on(twin.builder("login", &[1]).clock(clock.clone()));
        let after = after.build().unwrap();

        let session = before.session(&None::<String>);
        session.start(old());
        session.update(|old| old.nick = "Ada".into());
        let answer = twin.answer(&written(&session, &before).unwrap());
        clock.advance(HOUR);
        let moved = after.session(&answer);
        assert_eq!(moved.rejected(), None, "{twin:?}");
        assert_eq!(moved.get().as_deref(), Some(&new()), "{twin:?}");
        assert_eq!(
            hook.calls(),
            [json!({"uid": "7", "nick": "Ada"})],
            "{twin:?}"
        );
        let value = written(&moved, &after).unwrap();

        // The new shape needs no hook, and the session is the same one.
        let plain = twin.builder::<New>("login", &[1]).clock(clock.clone());
        let opened = plain.build().unwrap().open(twin.token(&value)).unwrap();
        assert_eq!(opened.value(), &new());
        assert_eq!(Some(opened.id()), session.id(), "{twin:?}");
        assert_eq!(
            opened.facts().version,
            1,
            "{twin:?}: a migration is no update"
        );
        assert_eq!(opened.facts().started_at, NOW);
        assert_eq!(opened.facts().issued_at, NOW + HOUR);
        assert_eq!(
            Some(opened.facts().ends_at),
            session.facts().map(|facts| facts.ends_at)
        );

        let again = after.session(&twin.answer(&value));
        assert_eq!(again.get().as_deref(), Some(&new()));
        assert_eq!(
            written(&again, &after),
            None,
            "{twin:?}: it is issued only once"
        );
        assert_eq!(hook.calls(), [] as [Value; 0], "{twin:?}: the value fits");
    }
}

#[test]
fn a_token_alone_is_carried_over_too() {
    for twin in twins() {
        let hook = Hook::default();
        let before = twin.builder::<Old>("login", &[1]).build().unwrap();
        let after = hook.on(twin.builder("login", &[1])).build().unwrap();
        for (before, after) in [
            (
                before.context("tenant-42").unwrap(),
                after.context("tenant-42").unwrap(),
            ),
            (before, after),
        ] {
            let value = before.write(&old()).unwrap();
            assert_eq!(after.open(twin.token(&value)).unwrap().value(), &new());
            let header = twin.answer(&value).unwrap();
            assert_eq!(after.read(header).unwrap().unwrap().value(), &new());
            assert_eq!(hook.calls().len(), 2, "{twin:?}: once for each token");
        }
    }
}

#[test]
fn a_struct_is_carried_over_into_values() {
    for twin in twins() {
        let before = twin.builder::<Old>("login", &[1]).build().unwrap();
        let after = twin.builder::<Values>("login", &[1]).migrate(|old| {
            let mut values = Values::new();
            values.insert("user", old.get("uid")?).ok()?;
            Some(values)
        });
        let token = before.seal(&old()).unwrap();
        let values = after.build().unwrap().open(token).unwrap().into_value();
        assert_eq!(
            values.get("user").unwrap(),
            Some("7".to_owned()),
            "{twin:?}"
        );
    }
}

#[test]
fn a_change_in_the_same_request_is_written_in_the_new_shape() {
    for twin in twins() {
        let before = twin.builder::<Old>("login", &[1]).build().unwrap();
        let after = Hook::default()
            .on(twin.builder("login", &[1]))
            .build()
            .unwrap();
        let session = after.session(&twin.answer(&before.write(&old()).unwrap()));
        session.update(|login| login.user = 8);
        let value = written(&session, &after).unwrap();
        let opened = after.open(twin.token(&value)).unwrap();
        assert_eq!(
            (opened.value().user, opened.facts().version),
            (8, 1),
            "{twin:?}"
        );

        let session = after.session(&twin.answer(&before.write(&old()).unwrap()));
        session.end();
        let value = written(&session, &after).unwrap();
        assert_eq!(twin.answer(&value), None, "{twin:?}: an end stays an end");
    }
}

#[test]
fn a_migration_neither_revives_a_session_nor_moves_its_end() {
    let lifetime = Lifetime::sliding(Duration::from_secs(HOUR), Duration::from_secs(2 * HOUR));
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let hook = Hook::default();
        let before = twin.builder::<Old>("login", &[1]).clock(clock.clone());
        let before = before.lifetime(lifetime).build().unwrap();
        let after = hook.on(twin.builder("login", &[1]).clock(clock.clone()));
        let after = after.lifetime(lifetime).build().unwrap();
        let value = before.write(&old()).unwrap();

        clock.set(NOW + HOUR - 1);
        let session = after.session(&twin.answer(&value));
        assert_eq!(
            session.facts().map(|facts| facts.expires_at),
            Some(NOW + 2 * HOUR - 1),
            "{twin:?}"
        );
        assert_eq!(
            session.facts().map(|facts| facts.ends_at),
            Some(NOW + 2 * HOUR),
            "{twin:?}"
        );
        assert_eq!(hook.calls().len(), 1);

        clock.set(NOW + HOUR);
        assert_eq!(
            after.open(twin.token(&value)).unwrap_err(),
            Rejected::Expired
        );
        clock.set(NOW + 2 * HOUR);
        assert_eq!(
            after.open(twin.token(&value)).unwrap_err(),
            Rejected::PastCap
        );
        assert_eq!(hook.calls(), [] as [Value; 0], "{twin:?}");
    }
}

#[test]
fn what_the_hook_does_not_know_either_is_rejected_and_stays() {
    for twin in twins() {
        let hook = Hook::default();
        let before = twin.builder::<String>("login", &[1]).build().unwrap();
        let after = hook.on(twin.builder("login", &[1])).build().unwrap();
        let value = before.write(&"a third shape".to_owned()).unwrap();
        let session = after.session(&twin.answer(&value));
        assert_eq!(session.rejected(), Some(Rejected::Value), "{twin:?}");
        assert_eq!(session.get(), None);
        assert_eq!(hook.calls(), [json!("a third shape")], "{twin:?}");
        assert_eq!(written(&session, &after), None, "{twin:?}");
    }
}

#[test]
fn the_hook_never_sees_what_is_not_authentic_and_live() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let hook = Hook::default();
        let builder = |name: &str, key| {
            let builder = twin.builder::<Old>(name, &[key]).clock(clock.clone());
            builder.build().unwrap()
        };
        let after = |twin: Twin| hook.on(twin.builder("login", &[1]).clock(clock.clone()));
        let codec = after(twin).build().unwrap();
        let good = builder("login", 1).seal(&old()).unwrap();
        let octets = good.len();
        for changed in (0..octets).step_by(7).chain(octets - 4..octets) {
            let mut token = good.clone().into_bytes();
            token[changed] = if token[changed] == b'A' { b'B' } else { b'A' };
            assert!(codec.open(&token).is_err(), "{twin:?} {changed}");
            drop(codec.session([&twin.carry(&codec, std::str::from_utf8(&token).unwrap())]));
        }
        for length in (0..octets).step_by(5) {
            assert!(codec.open(&good[..length]).is_err(), "{twin:?} {length}");
        }
        for other in [builder("login", 2), builder("cart", 1)] {
            assert!(codec.open(other.seal(&old()).unwrap()).is_err(), "{twin:?}");
        }
        let tenant = codec.context("tenant-42").unwrap();
        assert_eq!(tenant.open(&good).unwrap_err(), Rejected::NotAuthentic);
        let later = after(twin).started_since(NOW + 1).build().unwrap();
        assert_eq!(later.open(&good).unwrap_err(), Rejected::Revoked);
        clock.advance(24 * HOUR);
        assert_eq!(codec.open(&good).unwrap_err(), Rejected::PastCap);
        assert_eq!(hook.calls(), [] as [Value; 0], "{twin:?}");

        clock.set(NOW);
        assert!(codec.open(&good).is_ok());
        assert_eq!(hook.calls().len(), 1, "{twin:?}");
    }
}

#[test]
fn a_service_that_only_verifies_carries_over_and_writes_nothing() {
    let verifying = |key| JwtKeys::verifying(jwt_key(key));
    let set = |builder: CodecBuilder<New>, carrier| match carrier {
        Carrier::Cookie => builder,
        Carrier::Header => builder.header("x-session"),
        Carrier::Bearer => builder.bearer("x-session"),
    };
    for twin in twins().filter(|twin| twin.format == Format::Jwt) {
        let hook = Hook::default();
        let before = twin.builder::<Old>("login", &[1]).build().unwrap();
        let after = set(hook.on(Codec::jwt("login", verifying(1))), twin.carrier);
        let after = after.build().unwrap();
        let answer = twin.answer(&before.write(&old()).unwrap());
        for _ in 0..2 {
            let session = after.session(&answer);
            assert_eq!(session.get().as_deref(), Some(&new()), "{twin:?}");
            assert_eq!(written(&session, &after), None, "{twin:?}");
            assert_eq!(hook.calls().len(), 1, "{twin:?}: nothing is kept");
        }
        after.rotate(jwt_keys(1)).unwrap();
        let session = after.session(&answer);
        assert!(
            written(&session, &after).is_some(),
            "{twin:?}: now it signs"
        );
    }
}
