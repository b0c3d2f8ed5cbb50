//! A refusal writes nothing: what refuses a token may pass, and the sign-in is still there.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use haversack::{Codec, CodecBuilder, Lifetime, Rejected, SaveError};

use crate::{
    clients::{Client, Jar},
    support::{Format, HOUR, NOW, TestClock, Twin, tampered, twins, written},
};

/// Has the codec refuse the token for this reason, and looks at what it writes.
fn refuse(twin: Twin, codec: &Codec<u64>, token: &str, reason: Rejected) {
    let session = codec.session([&twin.carry(codec, token)]);
    assert_eq!(session.rejected(), Some(reason), "{twin:?}");
    assert_eq!(session.get(), None, "{twin:?}");
    assert_eq!(session.update(|value| *value += 1), None, "{twin:?}");
    session.renew();
    assert_eq!(written(&session, codec), None, "{twin:?} {reason:?}");
    session.start(9);
    assert!(written(&session, codec).is_some(), "{twin:?} {reason:?}");
}

#[test]
fn a_refusal_writes_nothing_whatever_its_reason() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let builder = |keys: &[u8]| twin.builder::<u64>("login", keys).clock(clock.clone());
        let build = |builder: CodecBuilder<u64>| builder.build().unwrap();
        let lifetime = Lifetime::sliding(Duration::from_secs(60), Duration::from_secs(HOUR));
        let codec = build(builder(&[1]).lifetime(lifetime));
        let token = codec.seal(&7).unwrap();

        refuse(twin, &codec, "garbage", Rejected::Malformed);
        refuse(twin, &codec, &"A".repeat(5000), Rejected::TooLarge);
        refuse(twin, &codec, &tampered(&token), Rejected::NotAuthentic);
        refuse(twin, &build(builder(&[2])), &token, Rejected::UnknownKey);
        let context = codec.context("tenant-42").unwrap();
        refuse(twin, &context, &token, Rejected::NotAuthentic);
        let revoked = build(builder(&[1]).started_since(NOW + 1));
        refuse(twin, &revoked, &token, Rejected::Revoked);
        let text = twin.builder::<String>("login", &[1]).clock(clock.clone());
        let text = text.build().unwrap().seal(&"text".to_owned()).unwrap();
        refuse(twin, &codec, &text, Rejected::Value);

        clock.set(NOW - 61);
        refuse(twin, &codec, &token, Rejected::NotYetValid);
        clock.set(NOW + 60);
        refuse(twin, &codec, &token, Rejected::Expired);
        clock.set(NOW + HOUR);
        refuse(twin, &codec, &token, Rejected::PastCap);
        clock.set(NOW);
        assert!(codec.open(&token).is_ok(), "{twin:?}");
    }
}

#[test]
fn a_hook_that_says_no_errs_or_panics_costs_nobody_the_sign_in() {
    for twin in twins() {
        let mood = Arc::new(AtomicU8::new(0));
        let asked = Arc::clone(&mood);
        let codec = twin.builder::<u64>("login", &[1]).accept_if(move |_, _| {
            match asked.load(Ordering::SeqCst) {
                0 => Ok(true),
                1 => Ok(false),
                2 => Err("the list is not loaded"),
                _ => resume_unwind(Box::new("the list is gone")),
            }
        });
        let codec = codec.build().unwrap();
        let mut client = Client::new(twin);
        client.visit(&codec, |session| session.start(7));
        for bad in 1..4 {
            mood.store(bad, Ordering::SeqCst);
            client.visit(&codec, |session| {
                assert_eq!(session.rejected(), Some(Rejected::Revoked), "{twin:?}");
            });
            mood.store(0, Ordering::SeqCst);
            client.visit(&codec, |session| {
                assert_eq!(session.get().as_deref(), Some(&7), "{twin:?}: it is over");
            });
        }
    }
}

#[test]
fn applications_and_contexts_under_one_cookie_do_not_sign_each_other_out() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        let codec = |key, context| {
            let builder = twin.builder::<u64>("login", &[key]).context(context);
            builder.build().unwrap()
        };
        let (ours, tenant, other_port) = (codec(1, "a"), codec(1, "b"), codec(2, "a"));
        let mut jar = Jar::default();
        jar.visit(&ours, |session| session.start(7));
        for foreign in [&tenant, &other_port] {
            jar.visit(foreign, |session| assert!(session.rejected().is_some()));
            let value = jar.visit(&ours, |session| session.get());
            assert_eq!(value.as_deref(), Some(&7));
        }
    }
}

#[test]
fn junk_planted_before_the_real_cookie_does_not_have_it_removed() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
        let live = twin.carry(&codec, &codec.seal(&7).unwrap());
        let junk = twin.carry(&codec, "junk");
        let header = format!("{}{live}", format!("{junk}; ").repeat(8));
        let session = codec.session([&header]);
        assert_eq!(session.rejected(), Some(Rejected::Malformed));
        assert_eq!(written(&session, &codec), None);
    }
}

#[test]
fn a_worker_whose_clock_lags_removes_no_fresh_sign_in() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        let at = |now| {
            let builder = twin.builder::<u64>("login", &[1]);
            builder.clock(TestClock::at(now)).build().unwrap()
        };
        let (right, lagging) = (at(NOW), at(NOW - 100));
        let mut jar = Jar::default();
        jar.visit(&right, |session| session.start(7));
        jar.visit(&lagging, |session| {
            assert_eq!(session.rejected(), Some(Rejected::NotYetValid));
        });
        let value = jar.visit(&right, |session| session.get());
        assert_eq!(value.as_deref(), Some(&7));
    }
}

#[test]
fn an_end_removes_the_whole_and_every_piece_seen_or_not() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        let plain = twin.builder::<u64>("cart", &[1]).build().unwrap();
        let chunked = twin.builder::<u64>("cart", &[1]).chunked().build().unwrap();
        for (codec, pieces) in [(&plain, 0), (&chunked, 4)] {
            let live = twin.carry(codec, &codec.seal(&7).unwrap());
            for request in ["", &live, "__Host-Http-cart.2=cut-short"] {
                let session = codec.session([request]);
                session.end();
                let headers = session.response_headers().unwrap();
                let removed: Vec<_> = headers
                    .iter()
                    .filter(|(_, value)| value.contains("; Max-Age=0"))
                    .map(|(_, value)| value.split_once('=').unwrap().0.to_owned())
                    .collect();
                let pieces = (1..=pieces).map(|index| format!("__Host-Http-cart.{index}"));
                let expected: Vec<_> = ["__Host-Http-cart".to_owned()]
                    .into_iter()
                    .chain(pieces)
                    .collect();
                assert_eq!(removed, expected, "{format:?} {request}");
            }
        }
    }
}

#[test]
fn a_renewal_that_is_due_and_cannot_be_written_fails_no_reader() {
    let lifetime = Lifetime::sliding(Duration::from_secs(60), Duration::from_secs(HOUR));
    for format in [Format::Sealed, Format::Jwt] {
        let clock = TestClock::at(NOW);
        let builder = || {
            let builder = Twin::cookie(format).builder::<String>("cart", &[1]);
            builder.clock(clock.clone()).lifetime(lifetime)
        };
        let large = builder().chunked_up_to(16_384).build().unwrap();
        let mut jar = Jar::default();
        jar.visit(&large, |session| session.start("v".repeat(8000)));
        clock.advance(45);
        let (before, lower) = (jar.clone(), builder().chunked().build().unwrap());
        jar.visit(&lower, |session| {
            assert_eq!(session.get().unwrap().len(), 8000)
        });
        assert_eq!(jar, before, "{format:?}: nothing is written");
        let session = lower.session([&jar.header()]);
        session.update(|value| value.push('v'));
        let error = session.response_headers().unwrap_err();
        assert!(matches!(error, SaveError::TooManyPieces { .. }), "{error}");
    }
}
