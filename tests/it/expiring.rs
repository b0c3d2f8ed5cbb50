//! Values with deadlines of their own.

use std::time::Duration;

use haversack::{Codec, CodecBuilder, Expiring, Lifetime, Rejected, Session, Values};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clients::Client,
    support::{Format, HOUR, NOW, TestClock, Twin, twins},
};

/// A session with a field that does not last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Login {
    user: u64,
    #[serde(default)]
    checked: Expiring<String>,
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn builder<T>(twin: Twin, clock: &TestClock) -> CodecBuilder<T> {
    twin.builder("visit", &[1]).clock(clock.clone())
}

fn codec<T>(twin: Twin, clock: &TestClock) -> Codec<T> {
    builder(twin, clock).build().unwrap()
}

fn values(ttl: Duration) -> Values {
    let mut values = Values::new();
    values.insert("lasting", &1).unwrap();
    values.insert_for("code", &1234, ttl).unwrap();
    values
}

fn login(ttl: Duration) -> Login {
    let checked = Expiring::new("password".into(), ttl);
    Login { user: 7, checked }
}

/// A client with a session that has an entry of this life.
fn client(twin: Twin, codec: &Codec<Values>, ttl: Duration) -> Client {
    let mut client = Client::new(twin);
    client.visit(codec, |session| session.start(values(ttl)));
    client
}

fn code(session: &Session<Values>) -> Option<u32> {
    let values = session.get().unwrap();
    let code = values.get("code").unwrap();
    let readers = (
        values.contains("code"),
        values.len() == 2,
        values.iter().count() == 2,
    );
    let there = code.is_some();
    assert_eq!(readers, (there, there, there));
    assert_eq!((*values).clone().remove("code"), there);
    code
}

#[test]
fn an_entry_is_there_before_the_second_of_its_deadline_and_gone_for_every_reader_at_it() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = codec(twin, &clock);
        let mut client = client(twin, &codec, seconds(300));
        for (after, expected) in [(0, Some(1234)), (299, Some(1234)), (300, None), (301, None)] {
            clock.set(NOW + after);
            client.visit(&codec, |session| {
                assert_eq!(code(session), expected, "{after}")
            });
        }
        clock.set(NOW + 299);
        client.visit(&codec, |session| assert_eq!(code(session), Some(1234)));
    }
}

#[test]
fn a_field_is_there_before_the_second_of_its_deadline_and_gone_at_it() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = codec(twin, &clock);
        let token = codec.seal(&login(seconds(300))).unwrap();
        for (after, expected) in [(0, true), (299, true), (300, false), (301, false)] {
            clock.set(NOW + after);
            let login = codec.open(&token).unwrap().into_value();
            let password = String::from("password");
            assert_eq!(
                login.checked.get(),
                expected.then_some(&password),
                "{after}"
            );
            assert_eq!(login.checked == Expiring::none(), !expected);
            assert_eq!(login.user, 7);
        }
    }
}

#[test]
fn what_is_past_its_deadline_is_not_in_the_next_token() {
    for twin in twins().filter(|twin| twin.format == Format::Jwt) {
        let clock = TestClock::at(NOW);
        let codec = codec(twin, &clock);
        let mut client = client(twin, &codec, seconds(300));
        let with = json!({"v": {"lasting": 1}, "t": {"code": [1234, NOW + 300]}});
        assert_eq!(client.claims()["val"], with);
        clock.set(NOW + 299);
        client.visit(&codec, Session::renew);
        assert_eq!(client.claims()["val"], with);
        // Read before its deadline and written after it.
        client.visit(&codec, |session| {
            session.renew();
            clock.set(NOW + 300);
        });
        assert_eq!(client.claims()["val"], json!({"v": {"lasting": 1}}));

        let codec = self::codec(twin, &clock);
        let mut client = Client::new(twin);
        client.visit(&codec, |session| session.start(login(seconds(1))));
        assert_eq!(
            client.claims()["val"]["checked"],
            json!(["password", NOW + 301])
        );
        clock.advance(1);
        client.visit(&codec, Session::renew);
        assert_eq!(client.claims()["val"], json!({"user": 7, "checked": null}));
    }
}

#[test]
fn the_deadline_counts_from_when_the_session_is_written() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = codec(twin, &clock);
        let mut client = Client::new(twin);
        client.visit(&codec, |session| {
            session.start(values(seconds(300)));
            clock.advance(20);
        });
        for (after, expected) in [(319, Some(1234)), (320, None)] {
            clock.set(NOW + after);
            client.visit(&codec, |session| assert_eq!(code(session), expected));
        }
    }
}

#[test]
fn neither_renewal_nor_update_moves_the_deadline() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let lifetime = Lifetime::sliding(seconds(HOUR), seconds(24 * HOUR));
        let codec = builder(twin, &clock).lifetime(lifetime).build().unwrap();
        let mut client = client(twin, &codec, seconds(2 * HOUR));
        clock.advance(HOUR - 1);
        assert!(client.visit(&codec, |_| ()), "a renewal was due");
        clock.advance(1800);
        assert!(client.visit(&codec, |session| {
            session
                .update(|values| values.insert("lasting", &2))
                .unwrap()
                .unwrap();
        }));
        clock.set(NOW + 2 * HOUR - 1);
        assert!(client.visit(&codec, |session| {
            session.renew();
            assert_eq!(code(session), Some(1234));
        }));
        clock.advance(1);
        client.visit(&codec, |session| assert_eq!(code(session), None));
    }
}

#[test]
fn an_entry_does_not_outlive_the_session() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let lifetime = Lifetime::fixed(seconds(HOUR));
        let codec = builder(twin, &clock).lifetime(lifetime).build().unwrap();
        for ttl in [
            seconds(HOUR),
            seconds(HOUR + 1),
            seconds(1 << 40),
            Duration::MAX,
        ] {
            clock.set(NOW);
            let mut client = client(twin, &codec, ttl);
            clock.set(NOW + HOUR - 1);
            client.visit(&codec, |session| assert_eq!(code(session), Some(1234)));
            clock.set(NOW + HOUR);
            client.visit(&codec, |session| {
                assert_eq!(
                    (session.get(), session.rejected()),
                    (None, Some(Rejected::PastCap))
                );
            });
        }
    }
}

#[test]
fn the_last_insert_of_a_name_decides_how_long_it_lives() {
    type Insert = fn(&mut Values);
    let lasting: Insert = |values| values.insert("code", &1234).unwrap();
    let short: Insert = |values| values.insert_for("code", &1234, seconds(10)).unwrap();
    let long: Insert = |values| values.insert_for("code", &1234, seconds(100)).unwrap();
    let inserts = [(lasting, u64::MAX), (short, 10), (long, 100)];
    for (twin, (first, _)) in twins().flat_map(|twin| inserts.map(|first| (twin, first))) {
        for (second, life) in inserts {
            let clock = TestClock::at(NOW);
            let codec = codec::<Values>(twin, &clock);
            let mut client = Client::new(twin);
            client.visit(&codec, |session| {
                session.start(Values::new());
                session
                    .update(|values| values.insert("lasting", &1))
                    .unwrap()
                    .unwrap();
                session.update(first);
            });
            clock.advance(5);
            client.visit(&codec, |session| {
                session.update(second);
                assert_eq!(code(session), Some(1234));
            });
            for after in [9, 10, 99, 100] {
                clock.set(NOW + 5 + after);
                let expected = (after < life).then_some(1234);
                client.visit(&codec, |session| assert_eq!(code(session), expected));
            }
        }
    }
}

#[test]
fn a_life_of_less_than_a_second_is_never_written() {
    for twin in twins() {
        for ttl in [Duration::ZERO, Duration::from_millis(999)] {
            let clock = TestClock::at(NOW);
            let codec = codec(twin, &clock);
            let mut client = client(twin, &codec, ttl);
            if twin.format == Format::Jwt {
                assert_eq!(client.claims()["val"], json!({"v": {"lasting": 1}}));
            }
            client.visit(&codec, |session| assert_eq!(code(session), None));
            let codec = self::codec(twin, &clock);
            let opened = codec.open(codec.seal(&login(ttl)).unwrap()).unwrap();
            assert_eq!(opened.value().checked.get(), None);
        }
    }
}

#[test]
fn the_clock_is_that_of_the_codec() {
    let long_ago = 1000;
    let far_away = (1 << 40) - 100_000;
    for (twin, now) in twins().flat_map(|twin| [long_ago, far_away].map(|now| (twin, now))) {
        let clock = TestClock::at(now);
        let codec = codec(twin, &clock);
        let mut client = client(twin, &codec, seconds(300));
        for (after, expected) in [(299, Some(1234)), (300, None)] {
            clock.set(now + after);
            client.visit(&codec, |session| {
                session.renew();
                assert_eq!(code(session), expected, "{now}");
            });
        }
    }
}

#[test]
fn a_codec_that_is_used_while_another_one_reads_keeps_its_own_clock() {
    for twin in twins() {
        let (early, late) = (TestClock::at(1000), TestClock::at(1 << 39));
        let other = codec::<Login>(twin, &late);
        let other_token = other.seal(&login(seconds(300))).unwrap();
        let first = codec::<Value>(twin, &early);
        let old = json!([{"user": 7, "checked": ["password", 1300]}]);
        let token = first.seal(&old).unwrap();
        let migrating = builder::<Login>(twin, &early).migrate(move |old| {
            let opened = other.open(&other_token).unwrap();
            assert_eq!(opened.value().checked.get().unwrap(), "password");
            serde_json::from_value(old[0].clone()).ok()
        });
        let migrating = migrating.build().unwrap();
        for (now, expected) in [(1299, true), (1300, false)] {
            early.set(now);
            let login = migrating.open(&token).unwrap().into_value();
            assert_eq!(login.checked.get().is_some(), expected);
        }
    }
}

#[test]
fn a_field_that_an_older_token_does_not_have_is_none() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let token = codec(twin, &clock).seal(&json!({"user": 7})).unwrap();
        let login = codec::<Login>(twin, &clock)
            .open(token)
            .unwrap()
            .into_value();
        assert_eq!(
            login,
            Login {
                user: 7,
                checked: Expiring::none()
            }
        );
    }
}
