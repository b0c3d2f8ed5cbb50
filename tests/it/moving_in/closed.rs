//! When no other system is asked: this browser's session was ours already.

use std::time::Duration;

use haversack::{CodecBuilder, Lifetime, Rejected, Session};

use super::{DAY, FORMATS, MARK, NAME, Old, UNTIL, browser, builder, moving, user, value};
use crate::{
    clients::Jar,
    support::{Format, HOUR, NOW, TestClock, Twin, tampered},
};

/// The browser with another cookie.
fn with(jar: &Jar, name: &str, value: &str) -> Jar {
    let mut jar = jar.clone();
    jar.cookies.insert(name.into(), value.into());
    jar
}

fn also_reads(builder: CodecBuilder<u64>, old: &Old) -> CodecBuilder<u64> {
    let source = haversack::foreign::Source::new(old.clone(), UNTIL);
    builder.also_reads(source, |foreign| user(&foreign))
}

#[test]
fn a_live_session_of_ours_wins_and_nobody_is_asked() {
    for format in FORMATS {
        let (codec, old) = moving(format, &TestClock::at(NOW));
        let jar = with(&browser("7"), NAME, &codec.seal(&8).unwrap());
        assert_eq!(value(&codec, &jar), Some(8));
        let session = codec.session([&jar.header()]);
        assert!(
            session
                .response_headers()
                .unwrap()
                .iter()
                .all(|(name, _)| *name != "set-cookie")
        );
        assert_eq!(old.asked(), 0);
    }
}

#[test]
fn a_dead_session_of_ours_is_not_revived_by_an_old_cookie() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let old = Old::named("old");
        let sliding = Lifetime::sliding(Duration::from_secs(HOUR), Duration::from_secs(4 * HOUR));
        let codec = also_reads(builder(format, &clock).lifetime(sliding), &old);
        let codec = codec.accept_if(|value, _| *value < 100).build().unwrap();
        let started = |value| with(&browser("7"), NAME, &codec.seal(&value).unwrap());
        let (live, revoked) = (started(8), started(100));
        let reason = |jar: &Jar| {
            let session = codec.session([&jar.header()]);
            assert_eq!(session.get(), None);
            session.rejected()
        };
        assert_eq!(reason(&revoked), Some(Rejected::Revoked));
        clock.set(NOW + HOUR);
        assert_eq!(reason(&live), Some(Rejected::Expired));
        clock.set(NOW + 4 * HOUR);
        assert_eq!(reason(&live), Some(Rejected::PastCap));
        clock.set(NOW - 2 * HOUR);
        assert_eq!(reason(&live), Some(Rejected::NotYetValid));
        assert_eq!(old.asked(), 0);
        // Also where junk comes before it.
        clock.set(NOW + HOUR);
        let junk = format!("{NAME}=junk; {}", live.header());
        assert_eq!(codec.session([&junk]).get(), None);
        assert_eq!(old.asked(), 0);
    }
}

#[test]
fn a_value_of_ours_that_is_of_another_shape_is_ours_all_the_same() {
    let (codec, old) = moving(Format::Sealed, &TestClock::at(NOW));
    let other = Twin::cookie(Format::Sealed).builder::<String>("login", &[1]);
    let other = other.clock(TestClock::at(NOW)).build().unwrap();
    let jar = with(&browser("7"), NAME, &other.seal(&"eight".into()).unwrap());
    assert_eq!(
        codec.session([&jar.header()]).rejected(),
        Some(Rejected::Value)
    );
    assert_eq!(old.asked(), 0);
}

#[test]
fn what_is_no_token_of_ours_keeps_nobody_out() {
    for format in FORMATS {
        let (codec, _) = moving(format, &TestClock::at(NOW));
        let twin = Twin::cookie(format);
        let other_key = twin.builder::<u64>("login", &[2]).clock(TestClock::at(NOW));
        let other_key = other_key.build().unwrap().seal(&9).unwrap();
        let token = tampered(&codec.seal(&9).unwrap());
        for junk in ["", "junk", &token, &other_key, &"a".repeat(5000)] {
            let jar = with(&browser("7"), NAME, junk);
            assert_eq!(value(&codec, &jar), Some(7), "{junk}");
        }
    }
}

#[test]
fn whoever_signed_out_is_not_signed_in_by_an_old_cookie_that_came_back() {
    for (format, old_value) in FORMATS
        .into_iter()
        .flat_map(|format| ["7".to_owned(), format!("7.{NOW}")].map(|value| (format, value)))
    {
        let clock = TestClock::at(NOW);
        let (codec, _) = moving(format, &clock);
        let mut jar = browser(&old_value);
        jar.visit(&codec, |_| ());
        clock.advance(60);
        jar.visit(&codec, Session::end);
        assert_eq!(jar.names(), [MARK, "theme"]);
        // A slow response of the old system, or a removal that the browser did not follow.
        let came_back = with(&with(&jar, "old", &old_value), "old.sig", "yes");
        // As long as the source is on, however long a session of ours would live.
        for later in [0, DAY, 20 * DAY, UNTIL - NOW - 61] {
            clock.set(NOW + 60 + later);
            assert_eq!(value(&codec, &came_back), None, "{format:?} {later}");
        }
        // The sign-in itself works, with the mark there.
        let mut again = came_back;
        again.visit(&codec, |session| session.start(9));
        assert_eq!(value(&codec, &again), Some(9));
    }
}

#[test]
fn a_sign_out_of_the_same_request_ends_what_moves_in() {
    let (codec, _) = moving(Format::Sealed, &TestClock::at(NOW));
    let mut jar = browser("7");
    jar.visit(&codec, Session::end);
    assert_eq!(jar.names(), [MARK, "theme"]);
}

#[test]
fn a_sign_in_at_the_old_system_after_the_sign_out_counts() {
    let clock = TestClock::at(NOW);
    let (codec, _) = moving(Format::Sealed, &clock);
    let mut jar = browser("7");
    jar.visit(&codec, Session::end);
    clock.advance(60);
    // Its issue is known, and later; so it was during a roll-back, say.
    let issued = |at: u64| with(&with(&jar, "old", &format!("7.{at}")), "old.sig", "yes");
    assert_eq!(value(&codec, &issued(NOW)), None);
    assert_eq!(value(&codec, &issued(NOW + 1)), Some(7));
    assert_eq!(
        value(&codec, &with(&issued(0), "old", "7")),
        None,
        "it may be from before"
    );
}
