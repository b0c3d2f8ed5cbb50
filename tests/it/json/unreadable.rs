//! Values that are written and do not read back: they are found where they are written, in builds with
//! debug assertions.

#![cfg(debug_assertions)]

use std::time::Duration;

use haversack::{Codec, Expiring, SaveError, Values, WithFlashes};
use serde::{Deserialize, Serialize, de};

use super::codec;
use crate::support::{HOUR, NOW, TestClock, twins};

/// A field that is not written and must be there.
#[derive(Debug, Default, Serialize, Deserialize)]
#[allow(dead_code, reason = "it is only written and read")]
struct Forgets {
    user: u64,
    #[serde(skip_serializing)]
    password: String,
}

/// What is written as text and read as a number.
#[derive(Serialize, Deserialize)]
struct Changes {
    #[serde(serialize_with = "as_text")]
    user: u64,
}

fn as_text<S: serde::Serializer>(_: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("open sesame")
}

#[test]
fn a_value_that_does_not_read_back_is_an_error_when_it_is_written() {
    for twin in twins() {
        let codec = codec::<Forgets>(twin);
        let session = codec.session([""]);
        session.start(Forgets::default());
        for error in [
            codec.seal(&Forgets::default()).unwrap_err(),
            session.response_headers().unwrap_err(),
        ] {
            assert!(
                matches!(error, SaveError::Unreadable { column: 10, .. }),
                "{error:?}"
            );
            assert_eq!(
                error.to_string(),
                "the value was written and cannot be read back: its JSON is not what its type \
                 reads at column 10; a field with `skip_serializing` needs a `default`, and what \
                 a type writes it must read"
            );
        }
    }
}

#[test]
fn the_error_for_a_value_that_does_not_read_back_shows_nothing_of_it() {
    for twin in twins() {
        let error = codec::<Changes>(twin)
            .seal(&Changes { user: 7 })
            .unwrap_err();
        let mut shown = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            shown += &format!("{inner} {inner:?}");
            source = inner.source();
        }
        assert!(shown.contains("cannot be read back"), "{shown}");
        assert!(!shown.contains("sesame"), "{shown}");
    }
}

#[test]
fn a_migration_does_not_make_a_value_readable_that_is_written_now() {
    for twin in twins() {
        let builder = twin.builder::<Forgets>("login", &[1]);
        let builder = builder.migrate(|_| panic!("it is for values of an older shape"));
        let error = builder.build().unwrap().seal(&Forgets::default());
        assert!(matches!(error, Err(SaveError::Unreadable { .. })));
    }
}

/// A code that must be there, and live.
#[derive(Serialize, Deserialize)]
struct Coded {
    #[serde(deserialize_with = "live")]
    code: Expiring<u32>,
    #[serde(default)]
    other: Expiring<u32>,
}

fn live<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Expiring<u32>, D::Error> {
    let code = Expiring::deserialize(deserializer)?;
    let is_live = Expiring::<u32>::get(&code).is_some();
    is_live
        .then_some(code)
        .ok_or_else(|| de::Error::custom("it is past its deadline"))
}

#[test]
fn a_value_is_read_back_at_the_time_at_which_it_is_written() {
    for twin in twins() {
        // Long ago by the system's clock, and far from now.
        for now in [1000, NOW, NOW + 1_000_000 * HOUR] {
            let clock = TestClock::at(now);
            let builder = twin.builder::<Coded>("login", &[1]).clock(clock.clone());
            let codec = builder.build().unwrap();
            let token = codec.seal(&Coded {
                code: Expiring::new(7, Duration::from_secs(60)),
                other: Expiring::new(8, Duration::from_secs(9)),
            });
            clock.advance(10);
            let value = codec.open(token.unwrap()).unwrap().into_value();
            assert_eq!((value.code.get(), value.other.get()), (Some(&7), None));
            clock.advance(49);
            assert!(codec.seal(&value).is_ok());
            clock.advance(1);
            assert!(matches!(
                codec.seal(&value),
                Err(SaveError::Unreadable { .. })
            ));
        }
    }
}

#[test]
fn what_is_past_its_deadline_and_what_is_for_the_next_page_is_no_obstacle() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let builder = twin.builder("login", &[1]).clock(clock.clone());
        let codec: Codec<WithFlashes<Values>> = builder.build().unwrap();
        let mut values = Values::new();
        values
            .insert_for("code", &7, Duration::from_secs(1))
            .unwrap();
        values.insert_for("none", &7, Duration::ZERO).unwrap();
        let session = codec.session([""]);
        session.start(WithFlashes::new(values));
        assert!(session.flash("success", "saved").unwrap());
        clock.advance(1);
        assert!(session.response_headers().is_ok());
        clock.advance(1);
        assert!(session.response_headers().is_ok());
    }
}
