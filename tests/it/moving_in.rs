//! Sessions of another system, which are read once and go on as ours.

mod closed;
mod cookies;
mod told;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use haversack::{
    Codec, CodecBuilder, JwtKeys, Lifetime, Rejected, SameSite, Session,
    foreign::{Body, Cookies, Foreign, Reader, Refused, Source},
};

use crate::{
    clients::Jar,
    support::{
        Carrier, Format, HOUR, NOW, SetCookie, TestClock, Twin, jwt_key, jwt_keys, ring, twins,
    },
};

const DAY: u64 = 24 * HOUR;
/// When the sources are switched off.
const UNTIL: u64 = NOW + 30 * DAY;
const NAME: &str = "__Host-Http-login";
const MARK: &str = "__Host-Http-login.end";

/// Another system: its cookie is `old=USER` or `old=USER.ISSUED`, and `old.sig=yes` beside it.
#[derive(Clone, Debug)]
struct Old {
    name: &'static str,
    /// How often it was asked.
    asked: Arc<AtomicUsize>,
}

impl Old {
    fn named(name: &'static str) -> Old {
        let asked = Arc::default();
        Old { name, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Reader for Old {
    fn system(&self) -> &'static str {
        "old"
    }

    fn read(&self, cookies: &Cookies<'_>, _: u64) -> Result<Option<Foreign>, Refused> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let Some(value) = cookies.named(self.name).next() else {
            return Ok(None);
        };
        let signature = format!("{}.sig", self.name);
        if cookies.named(&signature).next() != Some(b"yes") {
            return Err(Refused::new(Rejected::NotAuthentic, "no signature"));
        }
        let text = std::str::from_utf8(value).unwrap();
        assert_ne!(text, "panic");
        let (user, issued) = text.split_once('.').unwrap_or((text, ""));
        let mut foreign = Foreign::new(self.name, Body::Text(user.into()));
        foreign.issued_at = issued.parse().ok();
        foreign.cookies.push(signature);
        Ok(Some(foreign))
    }
}

fn user(foreign: &Foreign) -> Option<u64> {
    foreign.text()?.parse().ok()
}

fn builder(format: Format, clock: &TestClock) -> CodecBuilder<u64> {
    let builder = Twin::cookie(format).builder("login", &[1]);
    builder.clock(clock.clone())
}

/// A codec that also reads the old system, and that system.
fn moving(format: Format, clock: &TestClock) -> (Codec<u64>, Old) {
    let old = Old::named("old");
    let codec = builder(format, clock)
        .also_reads(Source::new(old.clone(), UNTIL), |foreign| user(&foreign))
        .build()
        .unwrap();
    (codec, old)
}

/// The browser of a user of the old system.
fn browser(value: &str) -> Jar {
    let mut jar = Jar::default();
    jar.cookies.insert("old".into(), value.into());
    jar.cookies.insert("old.sig".into(), "yes".into());
    jar.cookies.insert("theme".into(), "dark".into());
    jar
}

fn value(codec: &Codec<u64>, jar: &Jar) -> Option<u64> {
    codec.session([&jar.header()]).get().map(|value| *value)
}

/// The `Set-Cookie` lines of a response to this browser.
fn lines(codec: &Codec<u64>, jar: &Jar, handler: impl FnOnce(&Session<u64>)) -> Vec<String> {
    let session = codec.session([&jar.header()]);
    handler(&session);
    let headers = session.response_headers().unwrap();
    let lines = headers
        .into_iter()
        .filter(|(name, _)| *name == "set-cookie");
    lines.map(|(_, value)| value).collect()
}

const FORMATS: [Format; 2] = [Format::Sealed, Format::Jwt];

#[test]
fn a_session_of_another_system_goes_on_as_ours_and_its_cookies_go() {
    for format in FORMATS {
        let (codec, old) = moving(format, &TestClock::at(NOW));
        let mut jar = browser("7");
        let id = jar.visit(&codec, |session| {
            assert_eq!(session.get().as_deref(), Some(&7));
            assert_eq!(session.rejected(), None);
            session.id().unwrap()
        });
        assert_eq!(jar.names(), [NAME, "theme"]);
        jar.visit(&codec, |session| {
            assert_eq!(session.get().as_deref(), Some(&7));
            assert_eq!(session.id(), Some(id));
        });
        assert_eq!(old.asked(), 1, "read once");
    }
}

#[test]
fn two_browsers_with_one_cookie_get_ids_of_their_own() {
    let (codec, _) = moving(Format::Sealed, &TestClock::at(NOW));
    let id = || codec.session([&browser("7").header()]).id().unwrap();
    assert_ne!(id(), id());
}

#[test]
fn the_deadline_counts_from_the_issue_by_the_other_system() {
    for (format, issued) in FORMATS
        .into_iter()
        .flat_map(|f| [(f, HOUR), (f, 2 * HOUR), (f, 23 * HOUR)])
    {
        let clock = TestClock::at(NOW);
        let (codec, _) = moving(format, &clock);
        let mut jar = browser(&format!("7.{}", NOW - issued));
        let facts = jar.visit(&codec, |session| session.facts().unwrap());
        assert_eq!(facts.started_at, NOW - issued);
        assert_eq!(facts.authenticated_at, NOW - issued);
        assert_eq!(facts.issued_at, NOW);
        assert_eq!(facts.ends_at, NOW - issued + DAY);
        clock.set(NOW - issued + DAY - 1);
        assert_eq!(value(&codec, &jar), Some(7));
        clock.advance(1);
        assert_eq!(value(&codec, &jar), None);
    }
}

#[test]
fn without_an_issue_the_deadline_counts_from_an_hour_ago() {
    let (codec, _) = moving(Format::Sealed, &TestClock::at(NOW));
    let facts = codec.session([&browser("7").header()]).facts().unwrap();
    let started = NOW - HOUR;
    assert_eq!((facts.started_at, facts.ends_at), (started, started + DAY));
}

#[test]
fn a_move_is_no_proof_of_identity() {
    for format in FORMATS {
        // The other system issues again what is used.
        for value in ["7".to_owned(), format!("7.{NOW}"), format!("7.{}", NOW + 1)] {
            let (codec, _) = moving(format, &TestClock::at(NOW));
            let mut jar = browser(&value);
            for _ in 0..2 {
                jar.visit(&codec, |session| {
                    assert_eq!(session.get().as_deref(), Some(&7));
                    assert!(!session.authenticated_within(HOUR - 1));
                });
            }
            jar.visit(&codec, Session::confirm);
            jar.visit(&codec, |session| assert!(session.authenticated_within(0)));
        }
    }
}

#[test]
fn a_short_session_counts_from_half_of_its_life_ago() {
    let clock = TestClock::at(NOW);
    let codec = builder(Format::Sealed, &clock)
        .lifetime(Lifetime::fixed(Duration::from_secs(600)))
        .also_reads(Source::new(Old::named("old"), UNTIL), |foreign| {
            user(&foreign)
        })
        .build()
        .unwrap();
    let facts = codec.session([&browser("7").header()]).facts().unwrap();
    assert_eq!((facts.started_at, facts.ends_at), (NOW - 300, NOW + 300));
}

#[test]
fn a_sliding_session_is_idle_from_the_move_on() {
    let clock = TestClock::at(NOW);
    let hours = |hours| Duration::from_secs(hours * HOUR);
    let codec = builder(Format::Sealed, &clock)
        .lifetime(Lifetime::sliding(hours(1), hours(12)))
        .also_reads(Source::new(Old::named("old"), UNTIL), |foreign| {
            user(&foreign)
        })
        .build()
        .unwrap();
    let session = codec.session([&browser(&format!("7.{}", NOW - 5 * HOUR)).header()]);
    let facts = session.facts().unwrap();
    assert_eq!(facts.expires_at, NOW + HOUR);
    assert_eq!(facts.ends_at, NOW + 7 * HOUR);
}

#[test]
fn what_the_source_says_is_remembered_lives_as_long() {
    let clock = TestClock::at(NOW);
    let codec = builder(Format::Sealed, &clock)
        .remembered(Lifetime::fixed(Duration::from_secs(10 * DAY)))
        .also_reads(
            Source::new(Old::named("old"), UNTIL).remembered(),
            |foreign| user(&foreign),
        )
        .build()
        .unwrap();
    let session = codec.session([&browser(&format!("7.{}", NOW - 3 * DAY)).header()]);
    let facts = session.facts().unwrap();
    assert!(facts.remembered);
    assert_eq!(facts.ends_at, NOW + 7 * DAY);
}

#[test]
fn max_age_bounds_what_may_be_read_and_what_becomes_of_it() {
    let clock = TestClock::at(NOW);
    let codec = builder(Format::Sealed, &clock)
        .also_reads(
            Source::new(Old::named("old"), UNTIL).max_age(Duration::from_secs(HOUR)),
            |foreign| user(&foreign),
        )
        .build()
        .unwrap();
    let ends = |value: &str| {
        let session = codec.session([&browser(value).header()]);
        session.facts().map(|facts| facts.ends_at - NOW)
    };
    assert_eq!(ends("7"), Some(HOUR));
    assert_eq!(ends(&format!("7.{}", NOW - 600)), Some(HOUR - 600));
    assert_eq!(ends(&format!("7.{}", NOW - HOUR + 1)), Some(1));
    assert_eq!(ends(&format!("7.{}", NOW - HOUR)), None);
}

#[test]
fn a_source_is_off_from_its_date_on() {
    let clock = TestClock::at(UNTIL - 1);
    let (codec, old) = moving(Format::Sealed, &clock);
    let jar = browser("7");
    assert_eq!(value(&codec, &jar), Some(7));
    clock.advance(1);
    assert_eq!(value(&codec, &jar), None);
    assert!(lines(&codec, &jar, |_| ()).is_empty());
    assert_eq!(old.asked(), 1);
}

#[test]
fn sources_are_asked_in_order_until_one_opens() {
    let clock = TestClock::at(NOW);
    let (first, second, third) = (Old::named("a"), Old::named("b"), Old::named("c"));
    let source = |old: &Old| Source::new(old.clone(), UNTIL);
    let codec = builder(Format::Sealed, &clock)
        .also_reads(source(&first), |foreign| Some(user(&foreign)? + 100))
        .also_reads(source(&second), |foreign| Some(user(&foreign)? + 200))
        .also_reads(source(&third), |foreign| Some(user(&foreign)? + 300))
        .build()
        .unwrap();
    let open = |header: &str| codec.session([header]).get().map(|value| *value);
    assert_eq!(open("b=7; b.sig=yes; a=7; a.sig=yes"), Some(107));
    assert_eq!(open("b=7; b.sig=yes; a=7; a.sig=no"), Some(207));
    assert_eq!(open("c=7; c.sig=yes; a=no number; a.sig=yes"), Some(307));
    assert_eq!(open("a=7"), None);
    assert_eq!(third.asked(), 2);
}

#[test]
fn only_the_cookies_of_the_system_that_opened_go() {
    let clock = TestClock::at(NOW);
    let source = |name| Source::new(Old::named(name), UNTIL);
    let codec = builder(Format::Sealed, &clock)
        .also_reads(source("a"), |foreign| user(&foreign))
        .also_reads(source("b"), |foreign| user(&foreign))
        .build()
        .unwrap();
    let mut jar = Jar::default();
    for (name, value) in [("a", "7"), ("a.sig", "no"), ("b", "7"), ("b.sig", "yes")] {
        jar.cookies.insert(name.into(), value.into());
    }
    jar.visit(&codec, |_| ());
    assert_eq!(jar.names(), [NAME, "a", "a.sig"]);
}

#[test]
fn nothing_is_removed_when_nothing_opened() {
    let (codec, old) = moving(Format::Sealed, &TestClock::at(NOW));
    let mut refused = browser("7");
    refused.cookies.insert("old.sig".into(), "no".into());
    let not_mapped = browser("nobody");
    let panics = browser("panic");
    let too_old = browser(&format!("7.{}", NOW - DAY));
    let of_tomorrow = browser(&format!("7.{}", NOW + 61));
    for jar in [refused, not_mapped, panics, too_old, of_tomorrow] {
        let session = codec.session([&jar.header()]);
        assert_eq!((session.get(), session.rejected()), (None, None));
        assert!(lines(&codec, &jar, |_| ()).is_empty(), "{jar:?}");
    }
    assert_eq!(old.asked(), 10);
}

#[test]
fn a_clock_ahead_of_this_one_may_have_issued_it() {
    let (codec, _) = moving(Format::Sealed, &TestClock::at(NOW));
    let session = codec.session([&browser(&format!("7.{}", NOW + 60)).header()]);
    assert_eq!(session.facts().unwrap().issued_at, NOW);
}

#[test]
fn a_mapping_that_panics_maps_nothing() {
    let codec = builder(Format::Sealed, &TestClock::at(NOW))
        .also_reads(Source::new(Old::named("old"), UNTIL), |_| {
            panic!("a mistake")
        })
        .build()
        .unwrap();
    assert_eq!(value(&codec, &browser("7")), None);
}

#[test]
fn whatever_the_handler_does_the_old_cookies_go() {
    type Handler = fn(&Session<u64>);
    let handlers: [(Handler, Option<u64>); 6] = [
        (|_| (), Some(7)),
        (|session| _ = session.update(|value| *value = 8), Some(8)),
        (Session::renew, Some(7)),
        (Session::new_id, Some(7)),
        (|session| session.start(9), Some(9)),
        (Session::end, None),
    ];
    for (format, (handler, expected)) in FORMATS.into_iter().flat_map(|f| handlers.map(|h| (f, h)))
    {
        let (codec, _) = moving(format, &TestClock::at(NOW));
        let mut jar = browser("7");
        jar.visit(&codec, handler);
        assert_eq!(value(&codec, &jar), expected);
        assert!(!jar.header().contains("old"), "{}", jar.header());
    }
}

#[test]
fn a_session_that_cannot_be_written_costs_no_sign_in() {
    let codec = Codec::<String>::sealed("login", ring(1))
        .clock(TestClock::at(NOW))
        .also_reads(Source::new(Old::named("old"), UNTIL), |_| {
            Some("v".repeat(5000))
        })
        .build()
        .unwrap();
    let mut jar = browser("7");
    let before = jar.clone();
    jar.visit(&codec, |session| assert!(session.get().is_some()));
    assert_eq!(jar, before, "the next request moves in again");

    // Here somebody asked for it.
    let session = codec.session([&jar.header()]);
    session.update(|value| value.push('w'));
    assert!(session.response_headers().is_err());
    let session = codec.session([&jar.header()]);
    session.update(|value| value.truncate(3));
    jar.follow(&session.response_headers().unwrap());
    assert_eq!(jar.names(), [NAME, "theme"]);
}

#[test]
fn with_keys_that_only_open_the_session_is_live_and_stays_where_it_is() {
    let keys = JwtKeys::verifying(jwt_key(1));
    let codec = Codec::<u64>::jwt("login", keys)
        .clock(TestClock::at(NOW))
        .also_reads(Source::new(Old::named("old"), UNTIL), |foreign| {
            user(&foreign)
        })
        .build()
        .unwrap();
    assert_eq!(value(&codec, &browser("7")), Some(7));
    assert!(lines(&codec, &browser("7"), |_| ()).is_empty());
}

#[test]
fn old_cookies_are_removed_with_the_attributes_they_were_set_with() {
    let clock = TestClock::at(NOW);
    let source = |name| {
        Source::new(Old::named(name), UNTIL)
            .path("/app")
            .domain("example.com")
            .same_site(SameSite::None)
            .partitioned()
    };
    let removals = |source: Source, name: &str| {
        let codec = builder(Format::Sealed, &clock)
            .also_reads(source, |foreign| user(&foreign))
            .build()
            .unwrap();
        let session = codec.session([&format!("{name}=7; {name}.sig=yes")]);
        let headers = session.response_headers().unwrap();
        let lines = headers.iter().filter(|(header, _)| *header == "set-cookie");
        let old: Vec<_> = lines.map(|(_, line)| line.clone()).skip(1).collect();
        assert_eq!(old.len(), 2);
        old
    };
    let lines = removals(source("old"), "old");
    for (line, name) in lines.iter().zip(["old", "old.sig"]) {
        let line = SetCookie::parse(line);
        assert_eq!((line.name, line.value), (name, ""));
        assert_eq!(line.attributes["Path"], Some("/app"));
        assert_eq!(line.attributes["Domain"], Some("example.com"));
        assert_eq!(line.attributes["SameSite"], Some("None"));
        assert_eq!(line.attributes["Max-Age"], Some("0"));
        assert!(line.attributes.contains_key("Secure"));
        assert!(line.attributes.contains_key("Partitioned"));
    }
    // What a prefix promises: browsers ignore a line that breaks it.
    let lines = removals(source("__Host-old"), "__Host-old");
    let line = SetCookie::parse(&lines[0]);
    assert_eq!(line.attributes["Path"], Some("/"));
    assert!(!line.attributes.contains_key("Domain"));
    let plain = |name| Source::new(Old::named(name), UNTIL).insecure();
    let lines = removals(plain("__Secure-old"), "__Secure-old");
    assert!(
        SetCookie::parse(&lines[0])
            .attributes
            .contains_key("Secure")
    );
    let lines = removals(plain("old"), "old");
    assert!(
        !SetCookie::parse(&lines[0])
            .attributes
            .contains_key("Secure")
    );
}

#[test]
fn an_old_cookie_of_our_own_name_is_overwritten_and_not_removed() {
    let codec = builder(Format::Sealed, &TestClock::at(NOW))
        .exact_name("sid")
        .also_reads(Source::new(Old::named("sid"), UNTIL), |foreign| {
            user(&foreign)
        })
        .build()
        .unwrap();
    let mut jar = Jar::default();
    jar.cookies.insert("sid".into(), "7".into());
    jar.cookies.insert("sid.sig".into(), "yes".into());
    jar.visit(&codec, |session| assert_eq!(session.rejected(), None));
    assert_eq!(jar.names(), ["sid"]);
    assert_eq!(value(&codec, &jar), Some(7));
}

#[test]
fn the_application_and_cut_offs_have_their_say() {
    let clock = TestClock::at(NOW);
    let source = || Source::new(Old::named("old"), UNTIL);
    let asks = builder(Format::Sealed, &clock)
        .accept_if(|value, facts| *value == 7 && facts.started_at > NOW - 2 * HOUR)
        .also_reads(source(), |foreign| user(&foreign))
        .build()
        .unwrap();
    let issued = |user: u64, ago: u64| browser(&format!("{user}.{}", NOW - ago));
    assert_eq!(value(&asks, &issued(7, 60)), Some(7));
    assert_eq!(value(&asks, &issued(8, 60)), None);
    assert_eq!(value(&asks, &issued(7, 2 * HOUR)), None);

    let cut_off = builder(Format::Sealed, &clock)
        .started_since(NOW - HOUR)
        .also_reads(source(), |foreign| user(&foreign))
        .build()
        .unwrap();
    assert_eq!(value(&cut_off, &issued(7, HOUR)), Some(7));
    assert_eq!(value(&cut_off, &issued(7, HOUR + 1)), None);
    assert_eq!(
        value(&cut_off, &browser("7")),
        None,
        "it may be from before"
    );
}

#[test]
fn what_does_not_say_when_it_was_issued_is_from_before_any_cut_off_of_its_user() {
    let clock = TestClock::at(NOW);
    let cut_off_at = |time| {
        builder(Format::Sealed, &clock)
            .accept_if(move |_, facts| facts.started_since(time))
            .also_reads(Source::new(Old::named("old"), UNTIL), |foreign| {
                user(&foreign)
            })
            .build()
            .unwrap()
    };
    let longest_ago = cut_off_at(NOW - 30 * HOUR);
    assert_eq!(value(&longest_ago, &browser("7")), None);
    let issued = |ago: u64| browser(&format!("7.{}", NOW - ago));
    assert_eq!(value(&longest_ago, &issued(2 * HOUR)), Some(7));
    assert_eq!(value(&cut_off_at(NOW - HOUR), &issued(2 * HOUR)), None);
    assert_eq!(value(&cut_off_at(0), &browser("7")), Some(7));
}

#[test]
fn the_mapping_is_told_the_context() {
    let codec = builder(Format::Sealed, &TestClock::at(NOW))
        .also_reads(Source::new(Old::named("old"), UNTIL), |foreign| {
            let tenant = foreign.context.as_deref()?.strip_prefix("tenant-")?;
            (tenant == foreign.text()?).then(|| tenant.parse().ok())?
        })
        .build()
        .unwrap();
    let open = |context: &str| value(&codec.context(context).unwrap(), &browser("7"));
    assert_eq!(open("tenant-7"), Some(7));
    assert_eq!(open("tenant-8"), None);
    assert_eq!(value(&codec, &browser("7")), None);
}

#[test]
fn a_codec_of_one_context_tells_it_too() {
    let codec = builder(Format::Sealed, &TestClock::at(NOW))
        .context("staging")
        .also_reads(Source::new(Old::named("old"), UNTIL), |foreign| {
            assert_eq!(foreign.context.as_deref(), Some("staging"));
            user(&foreign)
        })
        .build()
        .unwrap();
    assert_eq!(value(&codec, &browser("7")), Some(7));
}

#[test]
fn what_cannot_work_does_not_build() {
    let source = || Source::new(Old::named("old"), UNTIL);
    let sources = [
        Source::new(Old::named("old"), UNTIL * 1000),
        source().path("app"),
        source().domain("localhost"),
        source().same_site(SameSite::None).insecure(),
        source().max_age(Duration::from_millis(999)),
    ];
    for source in sources {
        let builder = Codec::<u64>::jwt("login", jwt_keys(1));
        let error = builder.also_reads(source, |_| None).build().unwrap_err();
        assert_eq!(error.setting(), "also_reads", "{error}");
    }
    for twin in twins().filter(|twin| twin.carrier != Carrier::Cookie) {
        let builder = twin.builder::<u64>("login", &[1]);
        let error = builder.also_reads(source(), |_| None).build().unwrap_err();
        assert_eq!(error.setting(), "also_reads");
    }
    let builder = Twin::cookie(Format::Sealed).builder::<u64>("login", &[1]);
    let builder = builder.also_reads(source(), |_| None).skew(Duration::ZERO);
    assert_eq!(builder.build().unwrap_err().setting(), "skew");
}
