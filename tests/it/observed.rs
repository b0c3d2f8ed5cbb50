//! What an application is told of its sessions.

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex},
    time::Duration,
};

use haversack::{
    Codec, CodecBuilder, Event, Facts, Lifetime, Random, RandomError, Rejected, Session, What,
};

use crate::support::{
    Carrier, Format, HOUR, NOW, OneHeader as _, TestClock, Twin, ring, tampered, twins,
};

/// Has no randomness to give.
struct Broken;

impl Random for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError::new())
    }
}

type Log = Arc<Mutex<Vec<(String, Option<Facts>)>>>;

fn observed(builder: CodecBuilder<u64>) -> (Codec<u64>, Log) {
    let log = Log::default();
    let hears = Arc::clone(&log);
    let builder = builder.observe(move |event: &Event<'_>| {
        assert_eq!(event.session, "login");
        let mut heard = hears.lock().unwrap();
        heard.push((event.code().to_owned(), event.facts));
    });
    (builder.build().unwrap(), log)
}

fn builder(twin: Twin, keys: &[u8], clock: &TestClock) -> CodecBuilder<u64> {
    let lifetime = Lifetime::sliding(Duration::from_secs(HOUR), Duration::from_secs(8 * HOUR));
    let builder = twin.builder("login", keys).clock(clock.clone());
    builder.lifetime(lifetime)
}

/// What was told since this was asked last.
fn codes(log: &Log) -> Vec<String> {
    let told = std::mem::take(&mut *log.lock().unwrap());
    told.into_iter().map(|(code, _)| code).collect()
}

#[test]
fn each_thing_that_happens_is_told_once_under_its_word() {
    type Handler = fn(&Session<u64>);
    let handlers: [(Handler, &[&str]); 10] = [
        (|_| (), &["opened"]),
        (
            |session| session.update(|user| *user = 8).unwrap(),
            &["opened", "updated"],
        ),
        (|session| session.renew(), &["opened", "renewed"]),
        (|session| session.confirm(), &["opened", "renewed"]),
        (|session| session.new_id(), &["opened", "renewed"]),
        (|session| session.start(8), &["opened", "started"]),
        (|session| session.end(), &["opened", "ended"]),
        (
            |session| {
                session.update(|user| *user = 8);
                session.renew();
            },
            &["opened", "updated"],
        ),
        (
            |session| {
                session.start(8);
                session.update(|user| *user = 9);
            },
            &["opened", "started"],
        ),
        (
            |session| {
                session.start(8);
                session.end();
            },
            &["opened", "ended"],
        ),
    ];
    for twin in twins() {
        for (handler, expected) in handlers {
            let (codec, log) = observed(builder(twin, &[1], &TestClock::at(NOW)));
            let (_, sent) = codec.request_header_for(&7).unwrap();
            let session = codec.session([&sent]);
            handler(&session);
            session.response_headers().unwrap();
            assert_eq!(codes(&log), expected, "{twin:?}");
        }
    }
}

#[test]
fn what_nobody_did_is_told_too() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let older = builder(twin, &[2], &clock).build().unwrap();
        let (codec, log) = observed(builder(twin, &[1, 2], &clock));
        let (_, sent) = codec.request_header_for(&7).unwrap();
        let (_, of_older) = older.request_header_for(&7).unwrap();
        clock.advance(1800);
        for (sent, code) in [(&sent, "renewed"), (&of_older, "resealed")] {
            codec.session([sent]).response_headers().unwrap();
            assert_eq!(codes(&log), ["opened", code], "{twin:?}");
        }
        codec.session(["theme=dark"]).response_headers().unwrap();
        let expected = if twin.carrier == Carrier::Header {
            &["rejected"][..]
        } else {
            &[]
        };
        assert_eq!(codes(&log), expected, "{twin:?}");
        assert!(codec.open(older.seal(&7).unwrap()).is_ok());
        assert_eq!(codes(&log), ["opened"], "{twin:?}");
    }
}

#[test]
fn what_went_wrong_is_told_in_the_word_of_its_error() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&told);
    let codec = Codec::<String>::sealed("login", ring(1)).observe(move |event| {
        hears
            .lock()
            .unwrap()
            .push((event.code(), event.error_type()));
    });
    let codec = codec.build().unwrap();
    let session = codec.session([&codec.request_header_for(&"ada".into()).unwrap().1]);
    session.update(|name| *name = "a".repeat(5000));
    let error = session.response_headers().unwrap_err();
    assert_eq!(error.code(), "too_large");
    assert!(codec.open("no token").is_err());
    let expected = [
        ("opened", None),
        ("not_saved", Some("too_large")),
        ("rejected", Some("malformed")),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[test]
fn a_rejection_is_told_with_its_reason_and_key() {
    for twin in twins() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&told);
        let codec = twin.builder::<u64>("login", &[1]).observe(move |event| {
            if let What::Rejected { reason, key_id, .. } = event.what {
                let mut told = hears.lock().unwrap();
                told.push((reason, key_id.map(str::to_owned), event.facts));
            }
        });
        let codec = codec.build().unwrap();
        let token = codec.seal(&7).unwrap();
        codec
            .read(twin.carry(&codec, &tampered(&token)))
            .unwrap_err();
        codec.open("no token").unwrap_err();
        let key = Some(twin.format.key_id(&token));
        let expected = [
            (Rejected::NotAuthentic, key, None),
            (Rejected::Malformed, None, None),
        ];
        assert_eq!(*told.lock().unwrap(), expected, "{twin:?}");
    }
}

#[test]
fn the_facts_are_those_of_the_session_as_it_is_then() {
    for twin in twins() {
        let (codec, log) = observed(builder(twin, &[1], &TestClock::at(NOW)));
        let session = codec.session(&None::<String>);
        session.start_remembered(7);
        session.response_headers().unwrap();
        assert_eq!(
            *log.lock().unwrap(),
            [("started".to_owned(), session.facts())]
        );
    }
}

#[test]
fn the_facts_of_a_session_that_ended_are_those_with_which_it_came() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let (codec, log) = observed(builder(twin, &[1], &clock));
        let (_, sent) = codec.request_header_for(&7).unwrap();
        let came = codec.session([&sent]).facts();
        // A renewal is due, of which nothing comes.
        clock.advance(1800);
        let session = codec.session([&sent]);
        session.start(8);
        session.end();
        session.end();
        session.response_headers().unwrap();
        let told = log.lock().unwrap().pop().unwrap();
        assert_eq!(told, ("ended".to_owned(), came), "{twin:?}");
        assert_eq!(came.unwrap().started_at, NOW);

        let stranger = codec.empty();
        stranger.end();
        stranger.response_headers().unwrap();
        let told = log.lock().unwrap().pop().unwrap();
        assert_eq!(told, ("ended".to_owned(), None), "{twin:?}");
    }
}

#[test]
fn what_could_not_be_saved_is_told_and_what_nobody_asked_for_is_no_error() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let broken = builder(twin, &[1], &clock).random(Broken);
        let (codec, log) = observed(broken);
        let session = codec.session(&None::<String>);
        session.start(7);
        session.response_headers().unwrap_err();
        assert_eq!(codes(&log), ["not_saved"], "{twin:?}");
        let good = builder(twin, &[1], &clock).build().unwrap();
        let (_, sent) = good.request_header_for(&7).unwrap();
        clock.advance(1800);
        codec.session([&sent]).response_headers().unwrap();
        let told = codes(&log);
        let draws = twin.format == Format::Sealed;
        let code = if draws { "not_saved" } else { "renewed" };
        assert_eq!(told, ["opened", code], "{twin:?}");
    }
}

#[test]
fn an_observer_that_panics_costs_nothing() {
    for twin in twins() {
        let codec = builder(twin, &[1], &TestClock::at(NOW))
            .observe(|_| resume_unwind(Box::new("the counter is gone")));
        let codec = codec.build().unwrap();
        let (_, sent) = codec.request_header_for(&7).unwrap();
        let session = codec.session([&sent]);
        session.update(|user| *user = 8);
        assert!(session.response_headers().unwrap().len() == 3, "{twin:?}");
        assert!(codec.open("no token").is_err());
    }
}
