//! What holds for whatever values, schedules and settings.

use std::time::Duration;

use haversack::{Codec, Lifetime};
use proptest::{collection::vec, prelude::*};

use crate::support::{Format, NOW, OneHeader as _, SetCookie, TestClock, Twin, twins};

fn any_twin() -> impl Strategy<Value = Twin> {
    prop::sample::select(twins().collect::<Vec<_>>())
}

/// A sliding lifetime that can work, or a fixed one.
fn any_lifetime() -> impl Strategy<Value = Lifetime> {
    (1..10_000_u64, 0..10_000_u64, any::<bool>()).prop_map(|(idle, more, sliding)| {
        let cap = Duration::from_secs(idle + more);
        match sliding {
            true => Lifetime::sliding(Duration::from_secs(idle), cap),
            false => Lifetime::fixed(cap),
        }
    })
}

/// Something of everything that JSON has.
type Mixed = (String, Vec<i64>, Option<bool>, f64, Vec<(u8, String)>);

#[derive(Clone, Debug)]
enum Step {
    /// The clock moves forwards, or back.
    Wait(i64),
    Read,
    Update,
    Renew,
    /// The policy changes.
    Policy(Lifetime),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (-3_700_i64..8_000).prop_map(Step::Wait),
        3 => Just(Step::Read),
        1 => Just(Step::Update),
        1 => Just(Step::Renew),
        1 => any_lifetime().prop_map(Step::Policy),
    ]
}

/// One session through requests, clock jumps and changes of policy.
fn run(twin: Twin, lifetime: Lifetime, steps: &[Step]) -> Result<(), TestCaseError> {
    let clock = TestClock::at(NOW);
    let codec = |lifetime: Lifetime| {
        let builder = twin.builder::<u64>("login", &[1]).lifetime(lifetime);
        builder.clock(clock.clone()).build().unwrap()
    };
    let (mut now, mut current) = (NOW, codec(lifetime));
    let first = current.seal(&0).unwrap();
    let opened = current.open(&first).unwrap();
    let (id, started, ends) = (
        opened.id(),
        opened.facts().started_at,
        opened.facts().ends_at,
    );
    // What the last token says.
    let (mut token, mut value, mut expires) = (first, 0, opened.facts().expires_at);
    let mut over = false;
    for step in steps {
        match step {
            Step::Wait(seconds) => now = now.saturating_add_signed(*seconds),
            Step::Policy(lifetime) => current = codec(*lifetime),
            Step::Read | Step::Update | Step::Renew => {
                clock.set(now);
                let header = twin.carry(&current, &token);
                let session = current.session([&header]);
                let live = session.get().is_some();
                over |= now >= ends;
                // Nothing revives a session that is past its end, whatever policy says so.
                prop_assert!(!(live && now >= ends));
                prop_assert!(!(live && now >= expires));
                prop_assert!(!live || session.get().as_deref() == Some(&value));
                match step {
                    Step::Update => drop(session.update(|value| *value += 1)),
                    Step::Renew => session.renew(),
                    _ => {}
                }
                if live {
                    prop_assert_eq!(session.id(), Some(id));
                    prop_assert_eq!(session.facts().map(|facts| facts.started_at), Some(started));
                    prop_assert!(session.facts().map(|facts| facts.ends_at).unwrap() <= ends);
                    prop_assert!(
                        session.facts().map(|facts| facts.expires_at)
                            <= session.facts().map(|facts| facts.ends_at)
                    );
                    prop_assert!(session.facts().map(|facts| facts.expires_at).unwrap() > now);
                    value += u64::from(matches!(step, Step::Update));
                    prop_assert_eq!(
                        session.facts().map(|facts| facts.version),
                        Some(value as u32)
                    );
                }
                let headers = session.response_headers().unwrap();
                let written = headers
                    .iter()
                    .find(|(name, _)| *name == current.response_header());
                if let (true, Some((_, header))) = (live, written) {
                    if header.starts_with("__Host-Http-") {
                        let cookie = SetCookie::parse(header);
                        let age: u64 = cookie.attributes["Max-Age"].unwrap().parse().unwrap();
                        prop_assert!(
                            age <= session.facts().map(|facts| facts.expires_at).unwrap() - now
                        );
                    }
                    token = twin.token(header).to_owned();
                    expires = session.facts().map(|facts| facts.expires_at).unwrap();
                }
            }
        }
    }
    // What died stays dead for a clock that has not gone back.
    if over && now >= ends {
        clock.set(now);
        prop_assert!(current.open(&token).is_err());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn no_schedule_prolongs_revives_or_changes_a_session(
        twin in any_twin(),
        lifetime in any_lifetime(),
        steps in vec(any_step(), 0..20),
    ) {
        run(twin, lifetime, &steps)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_value_comes_back_as_it_was(
        twin in any_twin(),
        value: Mixed,
    ) {
        prop_assume!(value.3.is_finite());
        let codec: Codec<Mixed> = twin.builder("login", &[1]).build().unwrap();
        if let Ok(token) = codec.seal(&value) {
            let mut back = codec.open(&token).unwrap().into_value();
            // The last digits of a long fraction may be others.
            prop_assert!(back.3.to_bits().abs_diff(value.3.to_bits()) <= 2);
            back.3 = value.3;
            prop_assert_eq!(back, value);
        }
    }

    #[test]
    fn any_change_of_any_octet_is_rejected(
        twin in any_twin(),
        value: String,
        at: prop::sample::Index,
        octet: u8,
    ) {
        let codec: Codec<String> = twin.builder("login", &[1, 2]).build().unwrap();
        if let Ok(token) = codec.seal(&value) {
            let mut octets = token.clone().into_bytes();
            let at = at.index(octets.len());
            prop_assume!(octets[at] != octet);
            octets[at] = octet;
            prop_assert!(codec.open(&octets).is_err());
        }
    }

    #[test]
    fn what_is_written_is_in_the_grammar_and_no_longer_than_browsers_keep(
        name in "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}",
        path in "/[!-:<->@-~]{0,40}",
        domain in prop::option::of("[a-z0-9-]{1,20}(\\.[a-z0-9-]{1,20}){0,3}"),
        value in "[ -~]{0,4000}",
        jwt: bool,
    ) {
        let format = if jwt { Format::Jwt } else { Format::Sealed };
        let carrier = crate::support::Carrier::Cookie;
        let mut builder = Twin { format, carrier }.builder::<String>(&name, &[1]).path(&path);
        if let Some(domain) = &domain {
            builder = builder.domain(domain);
        }
        if let Ok(codec) = builder.build()
            && let Ok(line) = codec.write(&value)
        {
            let cookie = SetCookie::parse(&line);
            prop_assert!(cookie.name.ends_with(&name));
            prop_assert!(cookie.name.len() + cookie.value.len() <= 4096);
            prop_assert_eq!(cookie.attributes["Path"], Some(path.as_str()));
            prop_assert_eq!(cookie.attributes.get("Domain").copied().flatten(), domain.as_deref());
        }
    }
}
