//! What the application is asked about a token, and when.

use std::{
    cell::RefCell,
    panic::resume_unwind,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use haversack::{Facts, Lifetime, Rejected};
use serde::{Deserialize, Deserializer, Serialize};

use crate::support::{Carrier, HOUR, NOW, OneHeader as _, TestClock, login, twins, written};

/// Counts calls.
#[derive(Clone, Default)]
struct Calls(Arc<AtomicU32>);

impl Calls {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How many there were since this was asked last.
    fn since(&self) -> u32 {
        self.0.swap(0, Ordering::SeqCst)
    }
}

#[test]
fn the_hook_is_told_the_facts_of_the_token_whichever_key_made_it() {
    let (idle, cap) = (Duration::from_secs(HOUR), Duration::from_secs(8 * HOUR));
    for twin in twins() {
        for sealed_by in 1..=3 {
            let clock = TestClock::at(NOW);
            let builder = |keys: &[u8]| {
                let builder = twin.builder("login", keys).clock(clock.clone());
                builder.lifetime(Lifetime::sliding(idle, cap))
            };
            let heard = Arc::new(Mutex::new(Vec::new()));
            let hears = Arc::clone(&heard);
            let reader = builder(&[1, 2, 3]).accept_if(move |_, facts| {
                hears.lock().unwrap().push(*facts);
                true
            });
            let reader = reader.build().unwrap();

            let maker = builder(&[sealed_by]).build().unwrap();
            let session = maker.session(&None::<String>);
            session.start(login());
            let answer = twin.answer(&written(&session, &maker).unwrap());
            clock.advance(600);
            let session = maker.session(&answer);
            session.update(|login| login.user = 8);
            let answer = twin.answer(&written(&session, &maker).unwrap());
            assert!(reader.session(&answer).get().is_some());

            let heard: Vec<Facts> = heard.lock().unwrap().clone();
            let [facts] = &heard[..] else {
                panic!("{twin:?}: asked {} times", heard.len());
            };
            assert_eq!(Some(*facts), session.facts(), "{twin:?}");
            let times = [
                facts.started_at,
                facts.authenticated_at,
                facts.issued_at,
                facts.expires_at,
                facts.ends_at,
            ];
            let expected = [NOW, NOW, NOW + 600, NOW + 600 + HOUR, NOW + 8 * HOUR];
            assert_eq!(times, expected, "{twin:?}");
            assert_eq!((facts.version, facts.remembered), (1, false), "{twin:?}");
        }
    }
}

#[test]
fn the_hook_is_told_the_deadlines_that_hold_now() {
    for twin in twins() {
        let long = twin.builder::<u64>("login", &[1]).clock(TestClock::at(NOW));
        let token = long.build().unwrap().seal(&7).unwrap();
        let heard = Arc::new(Mutex::new(None));
        let hears = Arc::clone(&heard);
        let short = twin.builder::<u64>("login", &[1]).clock(TestClock::at(NOW));
        let short = short.lifetime(Lifetime::fixed(Duration::from_secs(HOUR)));
        let short = short.accept_if(move |_, facts| {
            *hears.lock().unwrap() = Some((facts.expires_at, facts.ends_at));
            true
        });
        assert!(short.build().unwrap().open(&token).is_ok());
        assert_eq!(
            *heard.lock().unwrap(),
            Some((NOW + HOUR, NOW + HOUR)),
            "{twin:?}"
        );
    }
}

#[test]
fn no_an_error_and_a_panic_all_reject() {
    for twin in twins() {
        let builder = || twin.builder::<u64>("login", &[1]);
        // This unwinds like any panic and prints nothing.
        let panics = || -> bool { resume_unwind(Box::new("the list is not loaded")) };
        for (answer, codec, accepted) in [
            ("true", builder().accept_if(|_, _| true), true),
            (
                "Ok(true)",
                builder().accept_if(|_, _| Ok::<_, String>(true)),
                true,
            ),
            ("false", builder().accept_if(|_, _| false), false),
            (
                "Ok(false)",
                builder().accept_if(|_, _| Ok::<_, String>(false)),
                false,
            ),
            (
                "Err",
                builder().accept_if(|_, _| Err::<bool, _>("no list")),
                false,
            ),
            ("panic", builder().accept_if(move |_, _| panics()), false),
        ] {
            let codec = codec.build().unwrap();
            let reason = (!accepted).then_some(Rejected::Revoked);
            let value = codec.write(&7).unwrap();
            let token = twin.token(&value);
            // Twice, as a panic must not change what the next request sees.
            for _ in 0..2 {
                let session = codec.session(&twin.answer(&value));
                assert_eq!(session.rejected(), reason, "{twin:?} {answer}");
                assert_eq!(session.get().is_some(), accepted, "{twin:?} {answer}");
                assert_eq!(codec.open(token).err(), reason, "{twin:?} {answer}");
            }
        }
    }
}

#[test]
fn a_hook_that_panicked_once_is_asked_again() {
    let ready = Arc::new(AtomicBool::new(false));
    let is_ready = Arc::clone(&ready);
    for twin in twins() {
        ready.store(false, Ordering::SeqCst);
        let is_ready = Arc::clone(&is_ready);
        let codec = twin.builder::<u64>("login", &[1]).accept_if(move |_, _| {
            let ready = is_ready.load(Ordering::SeqCst);
            ready || resume_unwind(Box::new("the list is not loaded"))
        });
        let codec = codec.build().unwrap();
        let token = codec.seal(&7).unwrap();
        assert_eq!(codec.open(&token).unwrap_err(), Rejected::Revoked);
        ready.store(true, Ordering::SeqCst);
        assert!(codec.open(&token).is_ok(), "{twin:?}");
    }
}

#[test]
fn the_hook_is_asked_once_for_every_live_token_and_for_nothing_else() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let calls = Calls::default();
        let builder = || twin.builder::<u64>("login", &[1]).clock(clock.clone());
        let counted = calls.clone();
        let lifetime = Lifetime::sliding(Duration::from_secs(60), Duration::from_secs(100));
        let codec = builder().lifetime(lifetime).started_since(NOW - 90);
        let codec = codec.accept_if(move |_, _| {
            counted.count();
            true
        });
        let codec = codec.build().unwrap();

        clock.set(NOW - 95);
        let too_old = codec.seal(&7).unwrap();
        clock.set(NOW - 60);
        let idle = codec.seal(&7).unwrap();
        clock.set(NOW + 61);
        let from_the_future = codec.seal(&7).unwrap();
        clock.set(NOW);
        let good = codec.seal(&7).unwrap();
        let altered = good[..good.len() - 8].to_owned() + "AAAAAAAA";
        let unknown = twin
            .builder("login", &[2])
            .build()
            .unwrap()
            .seal(&7)
            .unwrap();
        let elsewhere = codec.context("tenant-42").unwrap().seal(&7).unwrap();
        let other = twin
            .builder("cart", &[1])
            .build()
            .unwrap()
            .seal(&7)
            .unwrap();
        assert_eq!(calls.since(), 0, "{twin:?}: no token is opened by sealing");
        for (token, reason) in [
            ("no token", Rejected::Malformed),
            (&"A".repeat(5000), Rejected::TooLarge),
            (&altered, Rejected::NotAuthentic),
            (&unknown, Rejected::UnknownKey),
            (&elsewhere, Rejected::NotAuthentic),
            (&other, Rejected::NotAuthentic),
            (&from_the_future, Rejected::NotYetValid),
            (&idle, Rejected::Expired),
            (&too_old, Rejected::Expired),
        ] {
            assert_eq!(codec.open(token).unwrap_err(), reason, "{twin:?}");
            drop(codec.session([&twin.carry(&codec, token)]));
            assert_eq!(calls.since(), 0, "{twin:?} {reason:?}");
        }
        clock.set(NOW - 50);
        assert_eq!(codec.open(&too_old).unwrap_err(), Rejected::Revoked);
        clock.set(NOW + 100);
        assert_eq!(codec.open(&good).unwrap_err(), Rejected::PastCap);
        assert_eq!(calls.since(), 0, "{twin:?}");

        clock.set(NOW);
        assert!(codec.open(&good).is_ok());
        assert_eq!(calls.since(), 1, "{twin:?}");
        let session = codec.session([&twin.carry(&codec, &good)]);
        session.update(|value| *value = 8);
        assert!(session.get().is_some() && written(&session, &codec).is_some());
        assert_eq!(calls.since(), 1, "{twin:?}");
        if twin.carrier == Carrier::Cookie {
            let two = twin.carry(&codec, &good) + "; " + &twin.carry(&codec, &good);
            drop(codec.session([&two]));
            assert_eq!(calls.since(), 2, "{twin:?}: once for each token");
        }
    }
}

#[test]
fn the_hook_is_asked_about_a_value_that_was_read_and_about_no_other() {
    thread_local! {
        static STEPS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    }
    fn step(step: &'static str) {
        STEPS.with_borrow_mut(|steps| steps.push(step));
    }

    #[derive(Debug, Serialize)]
    struct Told(u64);

    impl<'de> Deserialize<'de> for Told {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Told, D::Error> {
            step("value");
            u64::deserialize(deserializer).map(Told)
        }
    }

    for twin in twins() {
        for (accepts, fits, steps, reason) in [
            (true, true, &["value", "hook"][..], None),
            (false, true, &["value", "hook"], Some(Rejected::Revoked)),
            (true, false, &["value", "migrate"], Some(Rejected::Value)),
            (false, false, &["value", "migrate"], Some(Rejected::Value)),
        ] {
            let codec = twin.builder::<Told>("login", &[1]).accept_if(move |_, _| {
                step("hook");
                accepts
            });
            let codec = codec.migrate(|_| {
                step("migrate");
                None
            });
            let codec = codec.build().unwrap();
            let token = if fits {
                codec.seal(&Told(7))
            } else {
                twin.builder("login", &[1])
                    .build()
                    .unwrap()
                    .seal(&"text".to_owned())
            };
            STEPS.take();
            assert_eq!(codec.open(token.unwrap()).err(), reason, "{twin:?}");
            assert_eq!(STEPS.take(), steps, "{twin:?} {accepts} {fits}");
        }
    }
}
