//! An end that outlasts responses that were under way.

mod marks;
mod orders;

use std::time::Duration;

use haversack::{Codec, CodecBuilder, Random, RandomError, Rejected, Session};

use crate::{
    clients::Jar,
    support::{Carrier, Format, NOW, OneHeader as _, TestClock, Twin, twins},
};

const FORMATS: [Format; 2] = [Format::Sealed, Format::Jwt];
const NAME: &str = "__Host-Http-login";
const MARK: &str = "__Host-Http-login.end";

fn builder(format: Format) -> CodecBuilder<u64> {
    let carrier = Carrier::Cookie;
    Twin { format, carrier }.builder("login", &[1])
}

fn sticky(format: Format, clock: &TestClock) -> Codec<u64> {
    let builder = builder(format).clock(clock.clone());
    builder.sticky_end().build().unwrap()
}

fn signed_in(codec: &Codec<u64>) -> Jar {
    let mut jar = Jar::default();
    jar.visit(codec, |session| session.start(7));
    jar
}

/// The cookies of somebody who signed out, with the mark and nothing else.
fn signed_out(codec: &Codec<u64>) -> Jar {
    let mut jar = signed_in(codec);
    jar.visit(codec, Session::end);
    assert_eq!(jar.names(), [MARK]);
    jar
}

fn response(
    codec: &Codec<u64>,
    jar: &Jar,
    handler: impl FnOnce(&Session<u64>),
) -> Vec<(String, String)> {
    let session = codec.session([&jar.header()]);
    handler(&session);
    let headers = session.response_headers().unwrap().into_iter();
    headers
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The `Set-Cookie` of this name.
fn set_cookie<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let mut values = headers.iter().map(|(_, value)| value.as_str());
    values.find(|value| value.starts_with(&format!("{name}=")))
}

fn outcome(codec: &Codec<u64>, jar: &Jar) -> (Option<u64>, Option<Rejected>) {
    let session = codec.session([&jar.header()]);
    (session.get().map(|value| *value), session.rejected())
}

const LIVE: (Option<u64>, Option<Rejected>) = (Some(7), None);
const ENDED: (Option<u64>, Option<Rejected>) = (None, Some(Rejected::Ended));

/// The jar with other cookies as well.
fn with<const N: usize>(jar: &Jar, cookies: [(&str, &str); N]) -> Jar {
    let mut jar = jar.clone();
    let cookies = cookies.map(|(name, value)| (name.to_owned(), value.to_owned()));
    jar.cookies.extend(cookies);
    jar
}

#[test]
fn a_slow_response_does_not_bring_the_session_back() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let codec = sticky(format, &clock);
        let mut jar = signed_in(&codec);
        clock.advance(10);
        let slow = response(&codec, &jar, Session::renew);
        jar.visit(&codec, Session::end);
        jar.follow(&slow);
        assert_eq!(jar.names(), [NAME, MARK]);
        assert_eq!(outcome(&codec, &jar), ENDED);
        assert_eq!(codec.read(jar.header()).unwrap_err(), Rejected::Ended);
        jar.visit(&codec, |_| ());
        assert_eq!(outcome(&codec, &jar), ENDED, "nothing is written for it");
    }
}

#[test]
fn a_slow_response_in_pieces_does_not_bring_the_session_back() {
    for format in FORMATS {
        let twin = Twin {
            format,
            carrier: Carrier::Cookie,
        };
        let codec = twin.builder::<String>("login", &[1]).chunked_up_to(16_384);
        let codec = codec.sticky_end();
        let codec = codec.clock(TestClock::at(NOW)).build().unwrap();
        let mut jar = Jar::default();
        jar.visit(&codec, |session| session.start("small".into()));
        let session = codec.session([&jar.header()]);
        session.update(|value| *value = "v".repeat(7000));
        let slow = session.response_headers().unwrap();
        jar.visit(&codec, Session::end);
        jar.follow(&slow);
        assert_eq!(jar.names().len(), 4);
        jar.visit(&codec, |session| {
            assert_eq!(
                (session.get(), session.rejected()),
                (None, Some(Rejected::Ended))
            );
        });
        jar.visit(&codec, Session::end);
        assert_eq!(jar.names(), [MARK]);
    }
}

#[test]
fn an_end_wins_over_all_before_it_and_over_what_only_goes_on() {
    let handlers: [fn(&Session<u64>); 4] = [
        Session::end,
        |session| _ = session.update(|value| *value = 8),
        Session::renew,
        |session| session.start(8),
    ];
    for (format, first) in FORMATS.into_iter().flat_map(|f| handlers.map(|h| (f, h))) {
        for last in &handlers[..3] {
            let codec = sticky(format, &TestClock::at(NOW));
            let mut jar = signed_in(&codec);
            let old = jar.clone();
            jar.visit(&codec, |session| {
                first(session);
                session.end();
                last(session);
                assert_eq!(session.get(), None);
            });
            assert_eq!(jar.names(), [MARK]);
            assert_eq!(
                outcome(&codec, &with(&jar, [(NAME, &old.cookies[NAME])])),
                ENDED
            );
        }
    }
}

#[test]
fn a_start_after_an_end_in_one_request_is_a_new_session() {
    for format in FORMATS {
        let codec = sticky(format, &TestClock::at(NOW));
        let mut jar = signed_in(&codec);
        jar.visit(&codec, |session| {
            session.end();
            session.start(8);
        });
        assert_eq!(outcome(&codec, &jar), (Some(8), None), "{format:?}");
    }
}

#[test]
fn a_start_after_an_end_that_was_saved_in_the_same_request_is_a_new_session() {
    for format in FORMATS {
        let codec = sticky(format, &TestClock::at(NOW));
        let mut jar = signed_in(&codec);
        let session = codec.session([&jar.header()]);
        session.end();
        jar.follow(&session.response_headers().unwrap());
        session.start(7);
        jar.follow(&session.response_headers().unwrap());
        assert_eq!(outcome(&codec, &jar), LIVE, "{format:?}");
    }
}

#[test]
fn without_randomness_for_a_mark_the_session_is_removed_all_the_same() {
    struct Gone;
    impl Random for Gone {
        fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError::new())
        }
    }
    let twin = Twin::cookie(Format::Sealed);
    let builder = || twin.builder::<u64>("login", &[1]).sticky_end();
    let mut jar = signed_in(&builder().build().unwrap());
    let codec = builder().random(Gone).build().unwrap();
    jar.visit(&codec, Session::end);
    assert_eq!(jar, Jar::default());
}

#[test]
fn what_started_by_the_second_of_the_end_is_ended_and_nothing_later_is() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let codec = sticky(format, &clock);
        let ended = signed_out(&codec);
        for (started, expected) in [(NOW - 1, ENDED), (NOW, ENDED), (NOW + 1, LIVE)] {
            clock.set(started);
            // Under way at the sign-out, so it does not know of it.
            let token = codec.seal(&7).unwrap();
            clock.set(NOW + 1);
            assert_eq!(outcome(&codec, &with(&ended, [(NAME, &token)])), expected);
        }
    }
}

#[test]
fn a_session_that_a_clock_ahead_of_this_one_started_is_ended_too() {
    let handlers: [fn(&Session<u64>); 3] = [
        Session::end,
        |session| {
            session.end();
            session.end();
        },
        |session| {
            session.start(8);
            session.end();
        },
    ];
    for (format, handler) in FORMATS.into_iter().flat_map(|f| handlers.map(|h| (f, h))) {
        let clock = TestClock::at(NOW + 30);
        let codec = sticky(format, &clock);
        let mut jar = signed_in(&codec);
        let old = jar.cookies[NAME].clone();
        clock.set(NOW);
        jar.visit(&codec, handler);
        assert_eq!(outcome(&codec, &with(&jar, [(NAME, &old)])), ENDED);
        jar.visit(&codec, |session| session.start(7));
        assert_eq!(outcome(&codec, &jar), LIVE);
    }
}

#[test]
fn signing_in_after_signing_out_sticks_within_the_same_second() {
    for (format, skew, rounds) in FORMATS.into_iter().flat_map(|f| [(f, 1, 1), (f, 60, 20)]) {
        let codec = builder(format).clock(TestClock::at(NOW)).sticky_end();
        let codec = codec.skew(Duration::from_secs(skew)).build().unwrap();
        let mut jar = signed_in(&codec);
        for _ in 0..rounds {
            let old = jar.cookies[NAME].clone();
            jar.visit(&codec, Session::end);
            jar.visit(&codec, |session| session.start(7));
            assert_eq!(outcome(&codec, &jar), LIVE);
            assert_eq!(outcome(&codec, &with(&jar, [(NAME, &old)])), ENDED);
        }
    }
}

#[test]
fn a_thief_who_leaves_the_mark_out_gets_in() {
    for format in FORMATS {
        let codec = sticky(format, &TestClock::at(NOW));
        let mut jar = signed_in(&codec);
        let stolen = jar.clone();
        jar.visit(&codec, Session::end);
        assert_eq!(outcome(&codec, &stolen), LIVE);
    }
}

#[test]
fn without_sticky_end_nothing_is_longer_and_a_mark_means_nothing() {
    struct Same;
    impl Random for Same {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
            bytes.fill(7);
            Ok(())
        }
    }
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let plain = builder(format).clock(clock.clone()).random(Same);
        let plain = plain.build().unwrap();
        let sticky = builder(format)
            .clock(clock.clone())
            .random(Same)
            .sticky_end();
        let sticky = sticky.build().unwrap();
        let start = |session: &Session<u64>| session.start(7);
        let started = response(&plain, &Jar::default(), start);
        assert_eq!(started, response(&sticky, &Jar::default(), start));

        let jar = signed_in(&plain);
        let end = |codec| response(codec, &jar, Session::end);
        let cookies = |codec| end(codec).iter().filter(|(n, _)| n == "set-cookie").count();
        assert_eq!((cookies(&plain), cookies(&sticky)), (1, 2));
        assert_eq!(
            set_cookie(&end(&plain), NAME),
            set_cookie(&end(&sticky), NAME)
        );

        let mark = signed_out(&sticky);
        assert_eq!(
            outcome(&plain, &with(&mark, [(NAME, &jar.cookies[NAME])])),
            LIVE
        );
        assert_eq!(outcome(&plain, &mark), (None, None));
        let session = plain.session([&mark.header()]);
        session.start(7);
        assert_eq!(session.facts().map(|facts| facts.started_at), Some(NOW));
    }
}

#[test]
fn of_two_ends_at_once_the_one_that_arrives_last_counts() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let codec = sticky(format, &clock);
        let empty = Jar::default();
        let first_end = response(&codec, &empty, Session::end);
        clock.advance(1);
        let between = response(&codec, &empty, |session| session.start(7));
        clock.advance(1);
        let last_end = response(&codec, &empty, Session::end);
        for (ends, expected) in [
            ([&first_end, &last_end], ENDED),
            ([&last_end, &first_end], LIVE),
        ] {
            let mut jar = empty.clone();
            for headers in ends.into_iter().chain([&between]) {
                jar.follow(headers);
            }
            assert_eq!(outcome(&codec, &jar), expected);
        }
    }
}

#[test]
fn an_end_sent_before_the_last_one_arrived_spares_a_sign_in_of_the_same_second() {
    for (format, (seconds, expected)) in FORMATS
        .into_iter()
        .flat_map(|format| [(0, LIVE), (1, ENDED)].map(|case| (format, case)))
    {
        let clock = TestClock::at(NOW);
        let codec = sticky(format, &clock);
        let mut jar = Jar::default();
        let late = jar.clone();
        jar.visit(&codec, Session::end);
        let signed_in = response(&codec, &jar, |session| session.start(7));
        clock.advance(seconds);
        jar.follow(&response(&codec, &late, Session::end));
        jar.follow(&signed_in);
        assert_eq!(outcome(&codec, &jar), expected);
    }
}

#[test]
fn sticky_end_needs_a_cookie_and_a_second_of_skew() {
    for twin in twins() {
        let builder = || twin.builder::<u64>("login", &[1]).sticky_end();
        if twin.carrier == Carrier::Cookie {
            for skew in [0, 999] {
                let error = builder()
                    .skew(Duration::from_millis(skew))
                    .build()
                    .unwrap_err();
                assert_eq!(error.setting(), "skew");
            }
            builder().skew(Duration::from_secs(1)).build().unwrap();
        } else {
            assert_eq!(builder().build().unwrap_err().setting(), "sticky_end");
        }
    }
}
