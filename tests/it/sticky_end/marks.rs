//! The cookie that says when a session was ended.

use std::time::Duration;

use haversack::{Codec, JwtKey, JwtKeys, Lifetime, Rejected, Session};

use super::{
    ENDED, FORMATS, LIVE, MARK, NAME, builder, outcome, response, set_cookie, signed_in,
    signed_out, sticky, with,
};
use crate::{
    clients::{Jar, claims},
    support::{Carrier, Format, HOUR, NOW, TestClock, Twin, bytes, jwt_key, ring},
};

#[test]
fn the_mark_has_the_attributes_of_the_session_and_lives_as_long_as_it_could_have() {
    let sliding = Lifetime::sliding(Duration::from_secs(60), Duration::from_secs(500));
    let fixed = Lifetime::fixed(Duration::from_secs(500));
    for (format, lifetime) in FORMATS.into_iter().flat_map(|f| [(f, sliding), (f, fixed)]) {
        let clock = TestClock::at(NOW);
        let codec = |lifetime| {
            let builder = builder(format).domain("example.com").clock(clock.clone());
            builder.lifetime(lifetime).sticky_end().build().unwrap()
        };
        let (long, short) = (
            codec(lifetime),
            codec(Lifetime::fixed(Duration::from_secs(9))),
        );
        let mut jar = signed_in(&long);
        clock.advance(30);
        let headers = response(&long, &jar, Session::end);
        let mark = set_cookie(&headers, "__Secure-login.end").unwrap();
        let (_, attributes) = mark.split_once(';').unwrap();
        let (attributes, deadline) = attributes.split_once("; Max-Age=").unwrap();
        assert_eq!(deadline, "500; Expires=Fri, 15 Jan 2027 08:08:50 GMT");
        let removal = set_cookie(&headers, "__Secure-login").unwrap();
        assert!(removal.contains(attributes), "{removal} {mark}");

        // A shorter lifetime, and a session ended once more, leave an older mark as long as it was.
        jar.follow(&headers);
        clock.advance(100);
        let headers = response(&short, &jar, Session::end);
        let mark = set_cookie(&headers, "__Secure-login.end").unwrap();
        assert!(mark.contains("; Max-Age=400; "), "{mark}");
    }
}

#[test]
fn the_mark_counts_until_the_last_session_that_it_ended_is_past_its_deadline() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let codec = sticky(format, &clock);
        let jar = signed_in(&codec);
        clock.advance(10);
        let ended = with(&signed_out(&codec), [(NAME, &jar.cookies[NAME])]);
        clock.set(NOW + 24 * HOUR - 1);
        assert_eq!(outcome(&codec, &jar), LIVE, "without the mark");
        assert_eq!(outcome(&codec, &ended), ENDED);
        // Started by then, under way at the sign-out.
        clock.set(NOW + 10);
        let unaware = codec.seal(&7).unwrap();
        clock.set(NOW + 10 + 24 * HOUR - 1);
        let unaware = [(NAME, unaware.as_str())];
        assert_eq!(outcome(&codec, &with(&Jar::default(), unaware)), LIVE);
        assert_eq!(outcome(&codec, &with(&ended, unaware)), ENDED);
    }
}

#[test]
fn an_end_under_a_shorter_policy_counts_as_long_as_the_one_before_it() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let long = sticky(format, &clock);
        let short = builder(format).clock(clock.clone()).sticky_end();
        let short = short.lifetime(Lifetime::fixed(Duration::from_secs(HOUR)));
        let jar = signed_in(&long);
        let mut ended = signed_out(&long);
        clock.advance(10);
        ended.visit(&short.build().unwrap(), Session::end);
        clock.set(NOW + 2 * HOUR);
        let unaware = with(&ended, [(NAME, &jar.cookies[NAME])]);
        assert_eq!(outcome(&long, &jar), LIVE, "without the mark");
        assert_eq!(outcome(&long, &unaware), ENDED);
    }
}

#[test]
fn a_mark_that_is_not_of_this_session_is_ignored() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let codec = sticky(format, &clock);
        let jar = signed_in(&codec);
        let mark = signed_out(&codec).cookies[MARK].clone();
        assert_eq!(outcome(&codec, &with(&jar, [(MARK, &mark)])), ENDED);
        for at in 0..mark.len() {
            let new = if mark.as_bytes()[at] == b'A' {
                "B"
            } else {
                "A"
            };
            let mut tampered = mark.clone();
            tampered.replace_range(at..=at, new);
            assert_eq!(
                outcome(&codec, &with(&jar, [(MARK, &tampered)])),
                LIVE,
                "{at}"
            );
        }

        let other = |name, key| {
            let codec = Twin {
                format,
                carrier: Carrier::Cookie,
            }
            .builder(name, &[key]);
            codec.clock(clock.clone()).sticky_end()
        };
        let cart = other("cart", 1).exact_name("login").build().unwrap();
        let tenant = other("login", 1)
            .exact_name("login")
            .context("tenant")
            .build()
            .unwrap();
        let rekeyed = other("login", 2).exact_name("login").build().unwrap();
        let late = codec.context("tenant").unwrap();
        let mut marks = [cart, tenant, rekeyed].map(|codec| {
            let headers = response(&codec, &Jar::default(), Session::end);
            let (pair, _) = set_cookie(&headers, "login.end")
                .unwrap()
                .split_once(';')
                .unwrap();
            pair["login.end=".len()..].to_owned()
        });
        for foreign in &marks {
            assert_eq!(outcome(&codec, &with(&jar, [(MARK, foreign)])), LIVE);
        }
        assert_eq!(
            outcome(&late, &with(&signed_in(&late), [(MARK, &marks[1])])),
            ENDED
        );
        assert_eq!(
            outcome(&late, &with(&signed_in(&late), [(MARK, &mark)])),
            LIVE
        );
        marks[0] = jar.cookies[NAME].clone();
        assert_eq!(
            outcome(&codec, &with(&jar, [(MARK, &marks[0])])),
            LIVE,
            "a session's token"
        );
        for junk in ["", "=", "A", &"A".repeat(4000), &"A".repeat(40_000)] {
            assert_eq!(outcome(&codec, &with(&jar, [(MARK, junk)])), LIVE);
        }
    }
}

#[test]
fn a_mark_is_no_session() {
    for format in FORMATS {
        let codec = sticky(format, &TestClock::at(NOW));
        let mark = signed_out(&codec).cookies[MARK].clone();
        let as_session = with(&Jar::default(), [(NAME, &mark)]);
        let reason = match format {
            Format::Sealed => Rejected::NotAuthentic,
            // Its header is that of another kind.
            Format::Jwt => Rejected::UnknownKey,
        };
        assert_eq!(outcome(&codec, &as_session), (None, Some(reason)));
        assert_eq!(codec.open(&mark).unwrap_err(), reason);
        if format == Format::Jwt {
            assert_eq!(claims(&mark)["ses"], "login");
        }
    }
}

#[test]
fn of_several_marks_the_last_end_counts() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let codec = sticky(format, &clock);
        let older = signed_out(&codec).header();
        clock.advance(5);
        let jar = signed_in(&codec).header();
        let newer = signed_out(&codec).header();
        for header in [[&older, &newer], [&newer, &older]] {
            let session = codec.session(header.into_iter().chain([&jar]));
            assert_eq!(session.rejected(), Some(Rejected::Ended));
        }
        let session = codec.session([&older, &jar]);
        assert_eq!(*session.get().unwrap(), 7);
    }
}

#[test]
fn eight_marks_are_opened_and_no_more() {
    for format in FORMATS {
        let codec = sticky(format, &TestClock::at(NOW));
        let (live, mark) = (signed_in(&codec).header(), signed_out(&codec).header());
        for (junk, expected) in [(0, ENDED), (7, ENDED), (8, LIVE), (1000, LIVE)] {
            let junk = format!("{MARK}=x; ").repeat(junk);
            let session = codec.session([&format!("{junk}{mark}; {live}")]);
            let outcome = (session.get().map(|value| *value), session.rejected());
            assert_eq!(outcome, expected, "{format:?}");
        }
    }
}

#[test]
fn a_mark_from_a_clock_that_was_wrong_does_not_lock_the_browser_out() {
    for format in FORMATS {
        let clock = TestClock::at(NOW + 1000 * HOUR);
        let codec = sticky(format, &clock);
        let mut jar = signed_out(&codec);
        clock.set(NOW);
        jar.visit(&codec, |session| session.start(7));
        assert_eq!(outcome(&codec, &jar), LIVE);
        let old = jar.cookies[NAME].clone();
        jar.visit(&codec, Session::end);
        assert_eq!(outcome(&codec, &with(&jar, [(NAME, &old)])), ENDED);
    }
}

#[test]
fn a_mark_outlives_a_rotation_of_keys() {
    for format in FORMATS {
        let codec = sticky(format, &TestClock::at(NOW));
        let jar = signed_in(&codec);
        let ended = with(&signed_out(&codec), [(NAME, &jar.cookies[NAME])]);
        codec.rotate(format.keys(&[2, 1])).unwrap();
        assert_eq!(outcome(&codec, &jar), LIVE);
        assert_eq!(outcome(&codec, &ended), ENDED);
    }
}

#[test]
fn keys_that_only_open_heed_a_mark_and_write_none() {
    let signs = sticky(Format::Jwt, &TestClock::at(NOW));
    let jar = signed_in(&signs);
    let ended = with(&signed_out(&signs), [(NAME, &jar.cookies[NAME])]);
    let verifies = Codec::jwt("login", JwtKeys::verifying(jwt_key(1))).sticky_end();
    let verifies = verifies.clock(TestClock::at(NOW)).build().unwrap();
    assert_eq!(outcome(&verifies, &jar), LIVE);
    assert_eq!(outcome(&verifies, &ended), ENDED);
    let headers = response(&verifies, &jar, Session::end);
    assert!(set_cookie(&headers, NAME).unwrap().contains("Max-Age=0"));
    assert_eq!(set_cookie(&headers, MARK), None);
}

#[test]
fn a_hundred_sign_outs_within_a_second_neither_bar_the_next_sign_in_nor_bring_a_session_back() {
    for (format, skew) in FORMATS
        .into_iter()
        .flat_map(|format| [1, 2, 60].map(|s| (format, s)))
    {
        let builder = builder(format).clock(TestClock::at(NOW)).sticky_end();
        let codec = builder.skew(Duration::from_secs(skew)).build().unwrap();
        let old = signed_in(&codec);
        let mut jar = old.clone();
        for count in 1..=100 {
            jar.visit(&codec, Session::end);
            let slow = with(&jar, [(NAME, &old.cookies[NAME])]);
            assert_eq!(outcome(&codec, &slow), ENDED, "{count} sign-outs");
            let mut again = jar.clone();
            again.visit(&codec, |session| session.start(7));
            assert_eq!(outcome(&codec, &again), LIVE, "{count} sign-outs");
        }
    }
}

#[test]
fn a_mark_of_a_worker_whose_clock_is_ahead_by_all_of_the_skew_bars_no_sign_in() {
    for (format, ahead) in FORMATS
        .into_iter()
        .flat_map(|f| [58, 59, 60].map(|s| (f, s)))
    {
        let clock = TestClock::at(NOW + ahead);
        let codec = sticky(format, &clock);
        let mut jar = signed_out(&codec);
        clock.set(NOW);
        jar.visit(&codec, |session| session.start(7));
        assert_eq!(outcome(&codec, &jar), LIVE, "{ahead} seconds ahead");
    }
}

#[test]
fn the_longest_mark_fits_into_its_cookie_and_a_context_that_is_longer_as_json_is_refused() {
    let secret: Vec<u8> = bytes(1).into_iter().chain(bytes(2)).collect();
    let codec = |context: &str, issuer: &str| {
        let key = JwtKey::hs512(&secret).unwrap().kid(&"\"".repeat(128));
        Codec::<u64>::jwt(&"n".repeat(64), JwtKeys::new(key))
            .context(context)
            .issuer(issuer)
            .sticky_end()
            .build()
    };
    for text in ["x".repeat(256), "\"".repeat(128), "\0".repeat(42)] {
        let codec = codec(&text, &text).unwrap();
        let session = codec.context(&text).unwrap().session([""; 0]);
        session.end();
        let headers = session.response_headers().unwrap();
        let mark = headers
            .iter()
            .map(|(_, line)| line.split(';').next().unwrap());
        // Nothing is longer but a signature, by at most a thousand octets.
        assert!(mark.map(str::len).max().unwrap() < 3000, "{text:?}");
    }
    for text in ["\"".repeat(129), "\0".repeat(43), "\"".repeat(256)] {
        assert_eq!(codec(&text, "x").unwrap_err().setting(), "context");
        assert_eq!(codec("x", &text).unwrap_err().setting(), "issuer");
        let codec = codec("x", "x").unwrap();
        assert_eq!(codec.context(&text).unwrap_err().setting(), "context");
        // What is sealed has no escapes.
        let sealed = Codec::<u64>::sealed("login", ring(1)).context(&text);
        sealed.build().unwrap().context(&text).unwrap();
    }
}
