//! What operators are told of those who move in.

use std::sync::{Arc, Mutex};

use haversack::{Codec, Event, Rejected, Session, What, foreign::Source};

use super::{Old, UNTIL, browser, builder, user};
use crate::support::{Format, NOW, TestClock};

type Log = Arc<Mutex<Vec<String>>>;

fn observed(
    build: impl FnOnce(haversack::CodecBuilder<u64>) -> haversack::CodecBuilder<u64>,
) -> (Codec<u64>, Log) {
    let log = Log::default();
    let hears = Arc::clone(&log);
    let builder = builder(Format::Sealed, &TestClock::at(NOW)).observe(move |event: &Event<'_>| {
        let more = match &event.what {
            What::MovedIn { system, .. } => {
                assert_eq!(event.facts.unwrap().issued_at, NOW);
                (*system).to_owned()
            }
            What::ForeignRefused { system, detail, .. } => {
                format!("{system} {} {detail}", event.error_type().unwrap())
            }
            _ => String::new(),
        };
        let line = format!("{} {more}", event.code());
        hears.lock().unwrap().push(line.trim().to_owned());
    });
    let source = Source::new(Old::named("old"), UNTIL);
    let codec = build(builder.also_reads(source, |foreign| user(&foreign)))
        .build()
        .unwrap();
    (codec, log)
}

fn told(
    codec: &Codec<u64>,
    log: &Log,
    header: &str,
    handler: impl FnOnce(&Session<u64>),
) -> Vec<String> {
    let session = codec.session([header]);
    handler(&session);
    let _ = session.response_headers();
    std::mem::take(&mut *log.lock().unwrap())
}

#[test]
fn each_move_and_each_refusal_is_told() {
    let (codec, log) = observed(|builder| builder.accept_if(|value, _| *value != 9));
    let told = |header: &str| told(&codec, &log, header, |_| ());
    assert_eq!(told(&browser("7").header()), ["moved_in old"]);
    assert_eq!(told("theme=dark"), [""; 0]);
    assert_eq!(
        told("old=7"),
        ["foreign_refused old not_authentic no signature"]
    );
    let signed = |value: &str| browser(value).header();
    assert_eq!(
        told(&signed("nobody")),
        ["foreign_refused old value the application made no value of it"]
    );
    assert_eq!(
        told(&signed("panic")),
        ["foreign_refused old malformed its reader panicked"]
    );
    assert_eq!(
        told(&signed("9")),
        ["foreign_refused old revoked the application does not accept it"]
    );
    assert_eq!(
        told(&signed("7.1000")),
        ["foreign_refused old past_cap it would be past its absolute deadline"]
    );
    assert_eq!(
        told(&signed("7.1800000061")),
        ["foreign_refused old not_yet_valid it was issued in the future"]
    );
}

#[test]
fn a_move_is_told_beside_what_the_handler_did() {
    let (codec, log) = observed(|builder| builder);
    let told = |handler: fn(&Session<u64>)| told(&codec, &log, &browser("7").header(), handler);
    assert_eq!(
        told(|session| _ = session.update(|value| *value = 8)),
        ["moved_in old", "updated"]
    );
    assert_eq!(told(Session::end), ["ended"]);
    assert_eq!(told(|session| session.start(8)), ["started"]);
}

#[test]
fn what_cannot_be_written_did_not_move_in() {
    struct Broken;
    impl haversack::Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), haversack::RandomError> {
            Err(haversack::RandomError::new())
        }
    }
    let (codec, log) = observed(|builder| builder.random(Broken));
    let told = told(&codec, &log, &browser("7").header(), |session| {
        assert_eq!(
            (session.get(), session.rejected()),
            (None, None::<Rejected>)
        );
    });
    assert_eq!(told, ["not_saved"]);
}
