//! What applications test themselves with: the requests of signed-in users, and what responses say.

use haversack::{Answer, Codec, Rejected, SaveError};

use crate::support::{Carrier, NOW, TestClock, Twin, twins};

fn codec(twin: Twin) -> Codec<String> {
    let builder = twin.builder("login", &[1]).clock(TestClock::at(NOW));
    let builder = match twin.carrier {
        Carrier::Cookie => builder.chunked_up_to(16_384).sticky_end(),
        Carrier::Header | Carrier::Bearer => builder,
    };
    builder.build().unwrap()
}

/// The values of the response header after this happened to a session.
fn response(
    codec: &Codec<String>,
    request: &str,
    handler: fn(&haversack::Session<String>),
) -> Vec<String> {
    let session = codec.session([request]);
    handler(&session);
    let headers = session.response_headers().unwrap();
    let own = headers
        .into_iter()
        .filter(|(name, _)| *name == codec.response_header());
    own.map(|(_, value)| value).collect()
}

#[test]
fn the_header_of_a_signed_in_user_is_one_request_whatever_its_size() {
    for twin in twins() {
        let codec = codec(twin);
        let sizes = if twin.carrier == Carrier::Cookie {
            &[0, 10, 3000, 6000, 9000][..]
        } else {
            &[0, 10, 2500]
        };
        for size in sizes {
            let value = "v".repeat(*size);
            let (name, header) = codec.request_header_for(&value).unwrap();
            assert_eq!(name, codec.request_header());
            let session = codec.session([&header]);
            assert_eq!(session.get().as_deref(), Some(&value), "{twin:?} {size}");
            assert_eq!(session.facts().unwrap().started_at, NOW);
        }
        let too_large = codec.request_header_for(&"v".repeat(20_000));
        assert!(matches!(
            too_large,
            Err(SaveError::TooLarge { .. } | SaveError::TooManyPieces { .. })
        ));
    }
}

#[test]
fn a_response_says_that_it_writes_ends_or_leaves_the_session() {
    for twin in twins() {
        let codec = codec(twin);
        let (_, request) = codec.request_header_for(&"Ada".to_owned()).unwrap();
        let started = response(&codec, "", |session| session.start("Grace".into()));
        let Ok(Answer::Written(opened)) = codec.read_response(&started) else {
            panic!("{twin:?}");
        };
        assert_eq!(opened.value(), "Grace");
        let large = "v".repeat(if twin.carrier == Carrier::Cookie {
            6000
        } else {
            100
        });
        let (_, sends) = codec.request_header_for(&large).unwrap();
        let updated = response(&codec, &sends, |session| {
            session.update(|value| value.push('!'));
        });
        let Ok(Answer::Written(opened)) = codec.read_response(&updated) else {
            panic!("{twin:?}");
        };
        assert_eq!(opened.value().len(), large.len() + 1);

        let left = response(&codec, &request, |session| drop(session.get()));
        assert!(
            matches!(codec.read_response(&left), Ok(Answer::Kept)),
            "{twin:?}"
        );
        let ended = response(&codec, &request, |session| session.end());
        assert!(
            matches!(codec.read_response(&ended), Ok(Answer::Ended)),
            "{twin:?}"
        );
        let again = response(&codec, &request, |session| {
            session.end();
            session.start("Grace".into());
        });
        assert!(
            matches!(codec.read_response(&again), Ok(Answer::Written(_))),
            "{twin:?}"
        );
    }
}

#[test]
fn what_a_response_says_of_others_is_nothing() {
    for twin in twins().filter(|twin| twin.carrier == Carrier::Cookie) {
        let codec = codec(twin);
        for line in [
            "theme=dark; Path=/",
            "theme=; Max-Age=0",
            "__Host-Http-cart=x; Path=/",
            "__Host-Http-cart=; Max-Age=0",
            "__Host-Http-login",
            "",
        ] {
            let answer = codec.read_response([line]);
            assert!(matches!(answer, Ok(Answer::Kept)), "{twin:?} {line}");
        }
        let none: [&str; 0] = [];
        assert!(matches!(codec.read_response(none), Ok(Answer::Kept)));
    }
    for twin in twins() {
        let codec = codec(twin);
        let value = match twin.carrier {
            Carrier::Cookie => "__Host-Http-login=x; Path=/",
            Carrier::Header | Carrier::Bearer => "x",
        };
        assert_eq!(
            codec.read_response([value]).err(),
            Some(Rejected::Malformed)
        );
    }
}
