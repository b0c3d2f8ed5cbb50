//! What clocks can do to a session: other servers', browsers', and its own.

use std::time::Duration;

use haversack::{Rejected, Session, Values};

use super::{build, fixed, open_at, seconds, sliding};
use crate::{
    clients::Jar,
    support::{
        Carrier, Client, Format, HOUR, NOW, OneHeader as _, SetCookie, TestClock, Twin, login,
        twins, written,
    },
};

#[test]
fn a_token_from_the_future_opens_within_the_skew_only() {
    for (skew, limit) in [
        (None, 60),
        (Some(seconds(0)), 0),
        (Some(seconds(5)), 5),
        (Some(Duration::from_millis(5999)), 5),
    ] {
        for twin in twins() {
            let clock = TestClock::at(NOW);
            let builder = twin.builder("login", &[1]).clock(clock.clone());
            let codec = match skew {
                Some(skew) => builder.skew(skew),
                None => builder,
            };
            let codec = codec.lifetime(fixed(HOUR)).build().unwrap();
            let token = codec.seal(&login()).unwrap();
            let at = |now| {
                clock.set(now);
                codec.open(&token).err()
            };
            assert_eq!(at(NOW - limit), None, "{twin:?}");
            assert_eq!(at(NOW - limit - 1), Some(Rejected::NotYetValid), "{twin:?}");
            assert_eq!(at(NOW - HOUR), Some(Rejected::NotYetValid), "{twin:?}");
            assert_eq!(at(NOW + HOUR - 1), None, "{twin:?}");
            let ended = Some(Rejected::PastCap);
            assert_eq!(at(NOW + HOUR), ended, "{twin:?}: deadlines are exact");
        }
    }
}

#[test]
fn max_age_is_the_life_that_is_left() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        for (lifetime, life) in [
            (fixed(1), 1),
            (fixed(HOUR), HOUR),
            (fixed(400 * 24 * HOUR), 34_560_000),
            (sliding(600, HOUR), 600),
        ] {
            for late in [0, 1, life / 2, life - 1, life, life + 1] {
                let clock = TestClock::at(NOW);
                let codec = build(twin, lifetime, &clock);
                let session = codec.session::<str>([]);
                session.start(login());
                clock.advance(late);
                let set_cookie = written(&session, &codec).unwrap();
                assert_eq!(max_age(&set_cookie), Some(life.saturating_sub(late)));
                let cookie = set_cookie.split(';').next().unwrap();
                assert_eq!(codec.read(cookie).is_ok(), late < life, "{set_cookie}");
            }
        }
    }
}

#[test]
fn expires_is_the_same_deadline_for_clients_that_know_no_max_age() {
    for format in [Format::Sealed, Format::Jwt] {
        for (now, life, expected) in [
            (0, 1, "Thu, 01 Jan 1970 00:00:01 GMT"),
            (NOW, HOUR, "Fri, 15 Jan 2027 09:00:00 GMT"),
            (1_835_395_200, 24 * HOUR, "Wed, 01 Mar 2028 00:00:00 GMT"),
            // No date has more than four digits for the year.
            (253_402_300_799, 1, "Fri, 31 Dec 9999 23:59:59 GMT"),
            ((1 << 40) - 1, HOUR, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            let twin = Twin::cookie(format);
            let codec = build(twin, fixed(life), &TestClock::at(now));
            let session = codec.session::<str>([]);
            session.start(login());
            let line = written(&session, &codec).unwrap();
            let attributes = SetCookie::parse(&line).attributes;
            assert_eq!(attributes["Expires"], Some(expected), "{line}");
        }
    }
}

#[test]
fn max_age_shrinks_with_every_renewal_near_the_cap() {
    for format in [Format::Sealed, Format::Jwt] {
        let clock = TestClock::at(NOW);
        let codec = build(Twin::cookie(format), sliding(600, 1000), &clock);
        let mut client = Client::new(Twin::cookie(format), &codec);
        client.request(|session| session.start(login()));
        for (at, life) in [(300, 600), (600, 400), (999, 1)] {
            clock.set(NOW + at);
            let set_cookie = client.request(|session| session.renew()).unwrap();
            assert_eq!(max_age(&set_cookie), Some(life), "{format:?}");
        }
    }
}

#[test]
fn a_cookie_until_the_browser_closes_has_no_max_age_and_ends_all_the_same() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        let clock = TestClock::at(NOW);
        let builder = twin.builder("login", &[1]).clock(clock.clone());
        let builder = builder.lifetime(fixed(HOUR)).until_browser_closes();
        let codec = builder.build().unwrap();
        let mut client = Client::new(twin, &codec);
        let set_cookie = client.request(|session| session.start(login())).unwrap();
        assert!(!set_cookie.contains("Max-Age") && !set_cookie.contains("Expires"));
        let live = open_at(&client, &clock, NOW + HOUR - 1);
        assert_eq!(live, Ok((NOW + HOUR, NOW + HOUR)), "{format:?}");
        let rejected = open_at(&client, &clock, NOW + HOUR);
        assert_eq!(rejected, Err(Rejected::PastCap), "{format:?}");
        let removal = client.request(Session::end).unwrap();
        assert_eq!(max_age(&removal), Some(0), "a removal takes effect at once");
    }
}

#[test]
fn no_time_that_a_clock_can_tell_breaks_a_session() {
    let latest_start = (1 << 40) - 1;
    let times = [
        0,
        1,
        60,
        61,
        HOUR,
        u64::from(u32::MAX),
        latest_start - 1,
        latest_start,
        latest_start + 1,
        latest_start + HOUR,
        u64::MAX - HOUR,
        u64::MAX - 1,
        u64::MAX,
    ];
    for twin in twins() {
        for lifetime in [fixed(HOUR), sliding(600, HOUR).renew_after(seconds(0))] {
            let clock = TestClock::at(0);
            let codec = build(twin, lifetime, &clock);
            for start in times {
                clock.set(start);
                let token = codec.seal(&login()).unwrap();
                let issued = start.min(latest_start);
                for now in times {
                    clock.set(now);
                    let session = codec.session([&twin.carry(&codec, &token)]);
                    let alive = now < issued + if lifetime == fixed(HOUR) { HOUR } else { 600 };
                    let expected = if issued > now.saturating_add(60) {
                        Some(Rejected::NotYetValid)
                    } else if alive {
                        None
                    } else if now < issued + HOUR {
                        Some(Rejected::Expired)
                    } else {
                        Some(Rejected::PastCap)
                    };
                    assert_eq!(session.rejected(), expected, "{twin:?} {start} {now}");
                    session.update(|login| login.user += 1);
                    session.renew();
                    for later in times {
                        clock.set(later);
                        assert!(session.response_headers().is_ok(), "{twin:?} {start} {now}");
                    }
                    clock.set(now);
                    session.start(login());
                    assert!(session.response_headers().is_ok(), "{twin:?} {start} {now}");
                }
            }
        }
    }
}

#[test]
fn no_time_that_a_clock_can_tell_breaks_pieces_marks_or_values_with_deadlines() {
    let latest_start = (1 << 40) - 1;
    let times = [
        0,
        1,
        NOW,
        NOW + HOUR,
        latest_start - 1,
        latest_start + 1,
        u64::MAX - 1,
        u64::MAX,
    ];
    for format in [Format::Sealed, Format::Jwt] {
        for ttl in [1, HOUR, u64::MAX] {
            let clock = TestClock::at(0);
            let builder = Twin::cookie(format).builder::<Values>("login", &[1]);
            let builder = builder.lifetime(fixed(HOUR)).clock(clock.clone());
            let codec = builder.chunked().sticky_end().build().unwrap();
            let mut value = Values::new();
            let large = "v".repeat(5000);
            value.insert_for("large", &large, seconds(ttl)).unwrap();
            for started in times {
                clock.set(started);
                let mut jar = Jar::default();
                jar.visit(&codec, |session| session.start(value.clone()));
                let session = codec.session([&jar.header()]);
                let live = started < latest_start + HOUR;
                assert_eq!(session.get().is_some(), live, "{started}");
                let large = session.get().is_some_and(|values| values.contains("large"));
                assert_eq!(large, live, "{started} {ttl}");
                for now in times {
                    clock.set(now);
                    let mut later = jar.clone();
                    later.visit(&codec, |session| _ = session.update(|_| ()));
                    later.visit(&codec, Session::end);
                    let both = format!("{}; {}", later.header(), jar.header());
                    let late = codec.session([&both]);
                    assert!(late.get().is_none(), "{started} {now}: it was ended");
                }
            }
        }
    }
}

#[test]
fn a_clock_that_goes_back_neither_moves_an_issue_back_nor_prolongs_a_cookie() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = build(twin, sliding(600, HOUR), &clock);
        let mut client = Client::new(twin, &codec);
        let response = client.request(|session| {
            session.start(login());
            clock.set(NOW - HOUR);
        });
        if twin.carrier == Carrier::Cookie {
            assert_eq!(max_age(&response.unwrap()), Some(600), "{twin:?}");
        }
        let deadlines = Ok((NOW + 600, NOW + HOUR));
        let rejected = open_at(&client, &clock, NOW - HOUR);
        assert_eq!(rejected, Err(Rejected::NotYetValid), "{twin:?}");
        assert_eq!(open_at(&client, &clock, NOW - 30), deadlines, "{twin:?}");

        client.request(|session| session.renew());
        let session = client.session();
        assert_eq!(
            session.facts().map(|facts| facts.issued_at),
            Some(NOW),
            "{twin:?}"
        );
        assert_eq!(open_at(&client, &clock, NOW), deadlines, "{twin:?}");
    }
}

fn max_age(set_cookie: &str) -> Option<u64> {
    let (_, age) = set_cookie.split_once("; Max-Age=")?;
    age.split(';').next().unwrap().parse().ok()
}

#[test]
fn a_policy_made_shorter_than_a_token_of_a_faster_clock_still_serves_it_to_its_end() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let (old, new) = (sliding(600, HOUR), sliding(600, 990));
        let (old, new) = (build(twin, old, &clock), build(twin, new, &clock));
        let mut client = Client::new(twin, &old);
        client.request(|session| session.start(login()));
        for at in [500, 1000] {
            clock.set(NOW + at);
            client.request(Session::renew);
        }
        client.codec = &new;
        clock.set(NOW + 975);
        client.request(|session| session.update(|login| login.user += 1));
        assert_eq!(
            client.session().facts().map(|facts| facts.version),
            Some(1),
            "{twin:?}"
        );
        let ends = Ok((NOW + 990, NOW + 990));
        assert_eq!(open_at(&client, &clock, NOW + 989), ends, "{twin:?}");
        let rejected = open_at(&client, &clock, NOW + 990);
        assert_eq!(rejected, Err(Rejected::PastCap), "{twin:?}");
    }
}
