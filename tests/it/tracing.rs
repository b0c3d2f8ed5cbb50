//! What operators see of tokens that do not open and of keys that are replaced.

mod failures;
mod recorder;

use std::{collections::HashMap, time::Duration};

use axum::{Router, body::Body, http::Request, routing::get};
use haversack::{Active, Codec, JwtKeys, KeySource, Lifetime, Rejected, Session};
use tower::ServiceExt as _;
use tracing::Level;

use self::recorder::{Event, record};
use crate::support::{
    Carrier, Format, HOUR, NOW, OneHeader as _, TestClock, Twin, bytes, jwt_key, key, twins,
    written,
};

/// A codec whose tokens can be refused for every reason that one token alone can have, and such
/// tokens; each with whether its key is known.
pub(crate) fn refusals(
    twin: Twin,
    clock: &TestClock,
) -> (Codec<u64>, Vec<(Rejected, bool, String)>) {
    let lifetime = Lifetime::sliding(Duration::from_secs(HOUR), Duration::from_secs(2 * HOUR));
    let builder = |name, number| {
        let builder = twin.builder::<u64>(name, &[number]).clock(clock.clone());
        builder.lifetime(lifetime)
    };
    let codec = builder("login", 1).started_since(NOW - 3 * HOUR);
    let codec = codec
        .accept_if(|_, facts| facts.version == 0)
        .build()
        .unwrap();
    let at = |time| {
        clock.set(time);
        codec.seal(&7).unwrap()
    };
    let (past_cap, expired) = (at(NOW - 2 * HOUR), at(NOW - HOUR));
    let (from_the_future, good) = (at(NOW + 61), at(NOW));
    let updated = codec.session([&twin.carry(&codec, &good)]);
    updated.update(|value| *value = 8);
    let updated = written(&updated, &codec).unwrap();
    let texts = twin
        .builder::<String>("login", &[1])
        .clock(clock.clone())
        .build()
        .unwrap();
    let unknown = builder("login", 2).build().unwrap().seal(&7).unwrap();
    let other = builder("cart", 1).build().unwrap().seal(&7).unwrap();
    let refusals = vec![
        (Rejected::PastCap, true, past_cap),
        (Rejected::Expired, true, expired),
        (Rejected::Malformed, false, "no token".to_owned()),
        (Rejected::NotAuthentic, true, other),
        (Rejected::NotYetValid, true, from_the_future),
        (Rejected::Revoked, true, twin.token(&updated).to_owned()),
        (Rejected::TooLarge, false, "A".repeat(4097)),
        (Rejected::UnknownKey, false, unknown),
        (
            Rejected::Value,
            true,
            texts.seal(&"text".to_owned()).unwrap(),
        ),
    ];
    (codec, refusals)
}

#[test]
fn each_token_that_does_not_open_is_one_event_with_session_reason_and_key() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let (codec, refusals) = refusals(twin, &clock);
        for (reason, key_is_known, token) in refusals {
            let key = key_is_known.then(|| twin.format.name_of_key(1));
            let expected = Event::rejected("login", reason.code(), key);
            let header = twin.carry(&codec, &token);
            let events = record(|| {
                assert_eq!(codec.open(&token).unwrap_err(), reason, "{twin:?}");
            });
            assert_eq!(events, std::slice::from_ref(&expected), "{twin:?}");
            let events = record(|| {
                assert_eq!(codec.read(&header).unwrap_err(), reason, "{twin:?}");
            });
            assert_eq!(events, std::slice::from_ref(&expected), "{twin:?}");
            let events = record(|| {
                let session = codec.session([&header]);
                assert_eq!(session.rejected(), Some(reason), "{twin:?}");
                written(&session, &codec);
            });
            assert_eq!(events, [expected], "{twin:?}");
        }
    }
}

#[test]
fn a_piece_of_a_token_that_comes_alone_is_one_event() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        let codec = twin
            .builder::<String>("login", &[1])
            .chunked()
            .build()
            .unwrap();
        let session = codec.session(&None::<String>);
        session.start("x".repeat(5000));
        let headers = session.response_headers().unwrap();
        let slices = headers.iter().filter(|(name, _)| *name == "set-cookie");
        let token: String = slices.map(|(_, value)| &twin.token(value)[10..]).collect();
        let events = record(|| {
            assert_eq!(codec.open(&token).unwrap_err(), Rejected::Incomplete);
        });
        let key = Some(format.name_of_key(1));
        assert_eq!(
            events,
            [Event::rejected("login", "incomplete", key)],
            "{format:?}"
        );
    }
}

#[test]
fn nothing_is_said_of_a_request_without_a_token_or_with_a_good_one() {
    for twin in twins() {
        let codec = twin.builder("login", &[1]).build().unwrap();
        let older = twin.builder("login", &[2]).build().unwrap();
        codec.rotate(twin.format.keys(&[1, 2])).unwrap();
        let events = record(|| {
            let session = codec.session(&None::<String>);
            session.start(7);
            let answer = twin.answer(&written(&session, &codec).unwrap());
            let session = codec.session(&answer);
            session.update(|value| *value = 8_u64);
            written(&session, &codec);
            session.end();
            written(&session, &codec);
            let older = twin.answer(&older.write(&7).unwrap());
            assert!(written(&codec.session(&older), &codec).is_some());
            let tenant = codec.context("tenant-42").unwrap();
            tenant.open(tenant.seal(&7).unwrap()).unwrap();
            let none = match twin.carrier {
                Carrier::Cookie => "theme=dark",
                Carrier::Header => "",
                Carrier::Bearer => "Basic dXNlcjpwYXNzd29yZA",
            };
            assert_eq!(codec.session([none]).rejected(), None);
        });
        assert_eq!(events, [], "{twin:?}");
    }
}

#[test]
fn each_refused_one_of_several_tokens_is_an_event_though_another_one_opens() {
    let twin = Twin::cookie(Format::Sealed);
    let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
    let good = twin.carry(&codec, &codec.seal(&7).unwrap());
    let unknown = twin
        .builder("login", &[2])
        .build()
        .unwrap()
        .seal(&7)
        .unwrap();
    let cookies = format!(
        "__Host-Http-login=x; {good}; {}",
        twin.carry(&codec, &unknown)
    );
    let events = record(|| {
        assert_eq!(codec.session([&cookies]).rejected(), None);
    });
    let expected = ["malformed", "unknown_key"].map(|code| Event::rejected("login", code, None));
    assert_eq!(events, expected);
}

#[test]
fn a_request_through_the_layer_is_one_event_however_often_its_session_is_asked_for() {
    async fn handler(_: Session<u64>, _: Option<Active<u64>>, session: Session<u64>) -> String {
        session.rejected().map_or("none", Rejected::code).into()
    }

    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for twin in twins() {
        let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
        let app = Router::new().route("/", get(handler)).layer(codec.layer());
        let token = twin.carry(&codec, "no-token");
        let request = Request::builder().header(codec.request_header(), token);
        let request = request.body(Body::empty()).unwrap();
        let events = record(|| {
            let response = runtime.block_on(app.oneshot(request)).unwrap();
            assert!(response.status().is_success());
        });
        assert_eq!(
            events,
            [Event::rejected("login", "malformed", None)],
            "{twin:?}"
        );
    }
}

#[test]
fn each_rotation_is_one_event_with_the_key_that_seals_now() {
    for twin in twins() {
        let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
        let tenant = codec.context("tenant-42").unwrap();
        for (through, numbers) in [(&codec, &[2, 1][..]), (&tenant, &[3]), (&codec, &[3])] {
            let events = record(|| through.rotate(twin.format.keys(numbers)).unwrap());
            let key = Some(twin.format.name_of_key(numbers[0]));
            assert_eq!(
                events,
                [Event::rotated("login", key)],
                "{twin:?} {numbers:?}"
            );
        }
        let events = record(|| {
            codec.rotate(twin.format.keys(&[1, 1])).unwrap_err();
            let other = match twin.format {
                Format::Sealed => Format::Jwt,
                Format::Jwt => Format::Sealed,
            };
            codec.rotate(other.keys(&[1])).unwrap_err();
            codec
                .reload(&KeySource::file("there is no such file"))
                .unwrap_err();
        });
        assert_eq!(events, [], "{twin:?}: nothing was replaced");
    }
}

#[test]
fn a_rotation_to_keys_that_only_verify_names_no_key_that_seals() {
    let codec = Codec::<u64>::jwt("login", JwtKeys::new(jwt_key(1)))
        .build()
        .unwrap();
    let events = record(|| codec.rotate(JwtKeys::verifying(jwt_key(2))).unwrap());
    assert_eq!(events, [Event::rotated("login", None)]);
}

#[test]
fn rotations_at_once_each_name_their_own_key() {
    let twin = Twin::cookie(Format::Sealed);
    let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
    std::thread::scope(|scope| {
        for number in 2..6 {
            let codec = &codec;
            scope.spawn(move || {
                let expected = Event::rotated("login", Some(twin.format.name_of_key(number)));
                let keys = twin.format.keys(&[number]);
                for _ in 0..300 {
                    let events = record(|| codec.rotate(keys.clone()).unwrap());
                    assert_eq!(events, std::slice::from_ref(&expected));
                }
            });
        }
    });
}

#[test]
fn no_event_shows_a_token_a_key_or_a_value() {
    const VALUE: &str = "canary-in-the-value";
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let (codec, refusals) = refusals(twin, &clock);
        let texts = twin.builder("login", &[1]).build().unwrap();
        let misfit = texts.seal(&VALUE.to_owned()).unwrap();
        let tokens = refusals
            .into_iter()
            .map(|(_, _, token)| token)
            .chain([misfit]);
        let tokens: Vec<_> = tokens.filter(|token| token.len() > 20).collect();
        let events = record(|| {
            for token in &tokens {
                codec.open(token).unwrap_err();
                drop(codec.session([&twin.carry(&codec, token)]));
            }
            codec.rotate(twin.format.keys(&[2, 1])).unwrap();
        });
        assert_eq!(events.len(), 2 * tokens.len() + 1, "{twin:?}");
        let shown = format!("{events:?}");
        assert!(!shown.contains(VALUE), "{shown}");
        for token in &tokens {
            // A token's start is the same for every token of a key and names it.
            let secret = &token[token.len() - 20..];
            assert!(
                !shown.contains(secret) && !shown.contains(&token[..20]),
                "{shown}"
            );
        }
        for number in [1, 2] {
            let text = key(number).to_text();
            let hex: String = bytes(number).iter().map(|b| format!("{b:02x}")).collect();
            assert!(!shown.contains(&text[..12]), "{shown}");
            assert!(!shown.contains(&hex[..12]), "{shown}");
        }
    }
}

#[test]
fn a_refused_token_is_for_debugging_and_a_rotation_is_for_the_record() {
    let twin = Twin::cookie(Format::Sealed);
    let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
    let events = record(|| {
        codec.open("no token").unwrap_err();
        codec.rotate(twin.format.keys(&[2])).unwrap();
    });
    let levels: Vec<_> = events.iter().map(|event| event.level).collect();
    assert_eq!(levels, [Level::DEBUG, Level::INFO]);
    assert!(events.iter().all(|event| event.target == "haversack"));
}

#[test]
fn the_codes_of_all_reasons_are_stable_words() {
    let codes = [
        (Rejected::Ended, "ended"),
        (Rejected::Expired, "expired"),
        (Rejected::Incomplete, "incomplete"),
        (Rejected::Malformed, "malformed"),
        (Rejected::NotAuthentic, "not_authentic"),
        (Rejected::NotYetValid, "not_yet_valid"),
        (Rejected::OtherBinding, "other_binding"),
        (Rejected::PastCap, "past_cap"),
        (Rejected::Revoked, "revoked"),
        (Rejected::TooLarge, "too_large"),
        (Rejected::UnknownKey, "unknown_key"),
        (Rejected::Value, "value"),
    ];
    for (reason, code) in codes {
        assert_eq!(reason.code(), code);
        assert_ne!(reason.to_string(), code, "the sentence is for people");
    }
}

#[test]
fn counters_for_each_reason_are_built_from_events_and_from_rejections_alike() {
    for twin in twins().filter(|twin| twin.carrier == Carrier::Cookie) {
        let clock = TestClock::at(NOW);
        let (codec, refusals) = refusals(twin, &clock);
        let mut by_reason = HashMap::<Rejected, u32>::new();
        let events = record(|| {
            for (times, (_, _, token)) in (1..).zip(&refusals) {
                for _ in 0..times {
                    let session = codec.session([&twin.carry(&codec, token)]);
                    *by_reason.entry(session.rejected().unwrap()).or_default() += 1;
                }
            }
        });
        let mut by_event = HashMap::<String, u32>::new();
        for event in events {
            *by_event.entry(event.reason.unwrap()).or_default() += 1;
        }
        let expected = (1..)
            .zip(refusals)
            .map(|(times, (reason, _, _))| (reason, times));
        for (reason, times) in expected {
            assert_eq!(by_reason[&reason], times, "{reason:?}");
            assert_eq!(by_event[reason.code()], times, "{reason:?}");
        }
        assert_eq!(by_event.len(), by_reason.len());
    }
}

#[test]
fn a_token_that_is_refused_for_what_else_the_request_has_is_one_event_too() {
    let refused = |code| [Event::rejected("login", code, None)];
    for format in [Format::Sealed, Format::Jwt] {
        let carrier = Carrier::Header;
        let codec = Twin { format, carrier }.builder::<u64>("login", &[1]);
        let codec = codec.build().unwrap();
        let token = codec.seal(&7).unwrap();
        let events = record(|| drop(codec.session([&token, &token])));
        assert_eq!(
            events,
            refused("malformed"),
            "{format:?}: a header that came twice"
        );

        let twin = Twin::cookie(format);
        let codec = twin
            .builder::<String>("login", &[1])
            .chunked()
            .build()
            .unwrap();
        let session = codec.session(&None::<String>);
        session.start("x".repeat(5000));
        let headers = session.response_headers().unwrap();
        let (piece, _) = headers[0].1.split_once(';').unwrap();
        let events = record(|| drop(codec.session([piece])));
        assert_eq!(
            events,
            refused("incomplete"),
            "{format:?}: a piece is missing"
        );

        let codec = twin.builder::<u64>("login", &[1]).sticky_end();
        let codec = codec.clock(TestClock::at(NOW)).build().unwrap();
        let session = codec.session(&None::<String>);
        session.end();
        let headers = session.response_headers().unwrap();
        let mut values = headers.iter().map(|(_, value)| value);
        let mark = values.find(|value| value.starts_with("__Host-Http-login.end="));
        let (mark, _) = mark.unwrap().split_once(';').unwrap();
        let token = codec.seal(&7).unwrap();
        let cookies = format!("{}; {mark}", twin.carry(&codec, &token));
        let events = record(|| drop(codec.session([&cookies])));
        assert_eq!(
            events,
            refused("ended"),
            "{format:?}: it was ended in this browser"
        );
    }
}

#[test]
fn a_response_with_more_cookies_than_common_proxies_take_is_one_event() {
    for format in [Format::Sealed, Format::Jwt] {
        let builder = Twin::cookie(format).builder::<String>("cart", &[1]);
        let codec = builder.chunked().build().unwrap();
        let written = |length| {
            let session = codec.session([""; 0]);
            session.start("v".repeat(length));
            let mut octets = 0;
            let events = record(|| {
                let headers = session.response_headers().unwrap();
                let cookies = headers.iter().filter(|(name, _)| *name == "set-cookie");
                octets = cookies.map(|(_, value)| value.len()).sum();
            });
            (octets, events)
        };
        let (octets, events) = written(2450);
        assert!(
            (3400..=3800).contains(&octets) && events.is_empty(),
            "{octets} {events:?}"
        );
        let (octets, events) = written(2800);
        assert!((3801..4300).contains(&octets), "{octets}");
        assert_eq!(events, [Event::large("cart", octets)]);
    }
}
