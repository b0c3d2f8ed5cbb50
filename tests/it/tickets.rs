//! Tickets: tokens of one purpose, outside of sessions.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{
    Algorithm, Codec, JwtKey, JwtKeys, Key, KeyRing, KeySource, Rejected, SaveError, Ticket,
    TicketBuilder,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    jwt_interop::mint,
    jwt_keys::{AWS_LC, ED25519},
    support::{Format, NOW, TestClock, bytes, jwt_key, jwt_keys, key, ring, tampered},
};

const FORMATS: [Format; 2] = [Format::Sealed, Format::Jwt];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reset {
    user: u64,
}

const RESET: Reset = Reset { user: 7 };
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";

fn builder<T>(format: Format, name: &str, clock: &TestClock) -> TicketBuilder<T> {
    let builder = match format {
        Format::Sealed => Ticket::sealed(name, ring(1)),
        Format::Jwt => Ticket::jwt(name, jwt_keys(1)),
    };
    builder.clock(clock.clone())
}

fn ticket<T: Serialize + DeserializeOwned>(format: Format, name: &str) -> Ticket<T> {
    builder(format, name, &TestClock::at(NOW)).build().unwrap()
}

fn refused<T>(ticket: &Ticket<T>, token: &str, binding: &str) -> Rejected
where
    T: std::fmt::Debug + DeserializeOwned,
{
    let opened = match binding {
        "" => ticket.open_unbound(token),
        _ => ticket.open(token, |_| binding.to_owned()),
    };
    opened.unwrap_err()
}

#[test]
fn a_ticket_gives_back_its_value_to_who_knows_its_binding() {
    for format in FORMATS {
        let reset = ticket::<Reset>(format, "reset");
        for binding in ["b", HASH, &"b".repeat(100_000)] {
            let token = reset.seal(&RESET, binding).unwrap();
            let opened = reset.open(&token, |value| {
                assert_eq!(*value, RESET);
                binding
            });
            assert_eq!(opened, Ok(RESET), "{format:?}");
        }
    }
}

#[test]
fn a_ticket_is_of_no_use_with_another_binding() {
    for format in FORMATS {
        let reset = ticket::<Reset>(format, "reset");
        let bound = reset.seal(&RESET, HASH).unwrap();
        let free = reset.seal_unbound(&RESET).unwrap();
        for (token, binding) in [
            (&bound, ""),
            (&bound, "other"),
            (&bound, &HASH[1..]),
            (&bound, &format!("{HASH}\0")),
            (&free, HASH),
            (&free, "\0"),
        ] {
            let reason = refused(&reset, token, binding);
            assert_eq!(reason, Rejected::OtherBinding, "{format:?} {binding:?}");
        }
    }
}

#[test]
fn the_binding_is_not_in_the_ticket() {
    for format in FORMATS {
        let reset = ticket::<Reset>(format, "reset");
        let bound = |binding: &str| reset.seal(&RESET, binding).unwrap();
        assert_eq!(
            bound("a").len(),
            bound(&"a".repeat(1000)).len(),
            "{format:?}"
        );
        if format == Format::Jwt {
            let claims = bound(HASH).split('.').nth(1).unwrap().to_owned();
            let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
            assert!(!claims.contains("argon2"), "{claims}");
        }
    }
}

#[test]
fn no_ticket_is_a_session_and_no_session_a_ticket_and_no_two_purposes_mix() {
    // Longer than what one of them has and the other has not.
    let value = "v".repeat(60);
    for format in FORMATS {
        let reset = ticket::<String>(format, "login");
        let token = reset.seal_unbound(&value).unwrap();
        let login = match format {
            Format::Sealed => Codec::<String>::sealed("login", ring(1)),
            Format::Jwt => Codec::jwt("login", jwt_keys(1)),
        };
        let login = login.clock(|| NOW).build().unwrap();
        let reason = match format {
            Format::Sealed => Rejected::NotAuthentic,
            Format::Jwt => Rejected::UnknownKey,
        };
        assert_eq!(login.open(&token).unwrap_err(), reason, "{format:?}");
        let session = login.seal(&value).unwrap();
        assert_eq!(refused(&reset, &session, ""), reason, "{format:?}");
        let other = ticket::<String>(format, "confirm");
        assert_eq!(refused(&other, &token, ""), Rejected::NotAuthentic);
        let tenant = reset.context("tenant-42").unwrap();
        assert_eq!(refused(&tenant, &token, ""), Rejected::NotAuthentic);
        let token = tenant.seal_unbound(&value).unwrap();
        assert_eq!(tenant.open_unbound(&token), Ok(value.clone()));
        assert_eq!(refused(&reset, &token, ""), Rejected::NotAuthentic);
    }
}

#[test]
fn a_ticket_lives_to_its_second_and_to_that_of_a_shorter_policy() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let build = |seconds: u64| {
            let builder = builder::<Reset>(format, "reset", &clock);
            let builder = builder.lifetime(Duration::from_secs(seconds));
            builder.build().unwrap()
        };
        let (hour, minute) = (build(3600), build(60));
        let token = hour.seal_unbound(&RESET).unwrap();
        for (now, ticket, reason) in [
            (NOW + 3599, &hour, None),
            (NOW + 3600, &hour, Some(Rejected::Expired)),
            (NOW + 59, &minute, None),
            (NOW + 60, &minute, Some(Rejected::Expired)),
            (NOW - 60, &hour, None),
            (NOW - 61, &hour, Some(Rejected::NotYetValid)),
        ] {
            clock.set(now);
            assert_eq!(
                ticket.open_unbound(&token).err(),
                reason,
                "{format:?} {now}"
            );
        }
        clock.set(NOW + 3600);
        assert_eq!(
            refused(&build(9999), &token, ""),
            Rejected::Expired,
            "nor is it revived"
        );
        clock.set(u64::MAX);
        assert_eq!(refused(&hour, &token, ""), Rejected::Expired);
        let late = hour.seal_unbound(&RESET).unwrap();
        assert_eq!(refused(&hour, &late, ""), Rejected::Expired);
        clock.set(0);
        assert!(
            hour.open_unbound(hour.seal_unbound(&RESET).unwrap())
                .is_ok()
        );
    }
}

#[test]
fn a_ticket_is_short_and_fits_into_a_link() {
    for (format, most) in [(Format::Sealed, 190), (Format::Jwt, 300)] {
        let reset = ticket::<String>(format, "reset");
        let token = reset.seal(&"a".repeat(48), HASH).unwrap();
        let is_safe = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
        assert!(token.bytes().all(is_safe));
        assert!(token.len() <= most, "{format:?}: {}", token.len());
        let session = match format {
            Format::Sealed => Codec::<String>::sealed("reset", ring(1)),
            Format::Jwt => Codec::jwt("reset", jwt_keys(1)),
        };
        let session = session.build().unwrap().seal(&"a".repeat(48)).unwrap();
        assert!(token.len() < session.len(), "{format:?}");
    }
}

#[test]
fn a_ticket_that_is_too_long_is_refused_before_anybody_sends_it() {
    for format in FORMATS {
        let reset = ticket::<String>(format, "reset");
        let mut longest = 0;
        for length in 2800..3100 {
            match reset.seal(&"a".repeat(length), HASH) {
                Ok(token) => {
                    assert!(token.len() <= 4096);
                    longest = longest.max(token.len());
                    assert!(reset.open(&token, |_| HASH).is_ok());
                }
                Err(SaveError::TooLarge { octets, limit, .. }) => {
                    assert!(octets > 4096 && limit == 4096);
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert!((4093..=4096).contains(&longest), "{format:?}: {longest}");
        assert_eq!(refused(&reset, &"A".repeat(4097), ""), Rejected::TooLarge);
    }
}

#[test]
fn an_altered_ticket_is_refused_wherever_it_was_altered() {
    for format in FORMATS {
        let reset = ticket::<Reset>(format, "reset");
        let token = reset.seal(&RESET, HASH).unwrap();
        assert_eq!(
            refused(&reset, &tampered(&token), HASH),
            Rejected::NotAuthentic
        );
        for at in 0..token.len() {
            for other in ["A", "B", "-", "_", ".", "=", "%"] {
                let mut altered = token.clone();
                altered.replace_range(at..=at, other);
                if altered != token {
                    let opened = reset.open(&altered, |_| HASH);
                    assert!(opened.is_err(), "{format:?} {at} {other}");
                }
            }
            assert!(
                reset.open(&token[..at], |_| HASH).is_err(),
                "{format:?} {at}"
            );
        }
        for text in ["", ".", "...", "AQ", "\u{e9}", "A\0", " "] {
            assert_eq!(refused(&reset, text, HASH), Rejected::Malformed, "{text:?}");
        }
    }
}

#[test]
fn the_application_is_not_asked_for_the_binding_of_what_is_not_good() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let reset = builder::<Reset>(format, "reset", &clock).build().unwrap();
        let text = builder::<String>(format, "reset", &clock).build().unwrap();
        let good = reset.seal(&RESET, HASH).unwrap();
        let other = text.seal(&"text".into(), HASH).unwrap();
        let never = |_: &Reset| -> &str { panic!("it was asked") };
        assert_eq!(
            reset.open(tampered(&good), never),
            Err(Rejected::NotAuthentic)
        );
        assert_eq!(reset.open(other, never), Err(Rejected::Value));
        clock.advance(900);
        assert_eq!(reset.open(good, never), Err(Rejected::Expired));
    }
}

#[test]
fn the_keys_of_tickets_are_replaced_as_those_of_sessions_are() {
    for format in FORMATS {
        let reset = ticket::<Reset>(format, "reset");
        let token = reset.seal(&RESET, HASH).unwrap();
        match format {
            Format::Sealed => reset.rotate(KeyRing::new(key(2)).also_opens(key(1))),
            Format::Jwt => reset.rotate(JwtKeys::new(jwt_key(2)).also_opens(jwt_key(1))),
        }
        .unwrap();
        assert_eq!(reset.open(&token, |_| HASH), Ok(RESET));
        let newer = reset.seal(&RESET, HASH).unwrap();
        assert_ne!(format.key_id(&token), format.key_id(&newer));
        match format {
            Format::Sealed => reset.rotate(ring(2)),
            Format::Jwt => reset.rotate(jwt_keys(2)),
        }
        .unwrap();
        assert_eq!(refused(&reset, &token, HASH), Rejected::UnknownKey);
        assert_eq!(reset.open(&newer, |_| HASH), Ok(RESET));
        let wrong = match format {
            Format::Sealed => reset.rotate(jwt_keys(1)),
            Format::Jwt => reset.rotate(ring(1)),
        };
        assert_eq!(wrong.unwrap_err().setting(), "keys");
        let missing = KeySource::variable("HAVERSACK_NO_SUCH_VARIABLE");
        assert_eq!(reset.reload(&missing).unwrap_err().setting(), "key source");
    }
}

#[test]
fn a_service_with_public_keys_opens_tickets_and_makes_none() {
    let private = JwtKey::pem(Algorithm::EdDSA, ED25519.private_pem, AWS_LC).unwrap();
    let public = JwtKey::pem(Algorithm::EdDSA, ED25519.public_pem, AWS_LC).unwrap();
    let build = |keys| {
        let ticket = Ticket::<Reset>::jwt("reset", keys).clock(|| NOW);
        ticket.issuer("https://id.example").build().unwrap()
    };
    let (makes, reads) = (
        build(JwtKeys::new(private)),
        build(JwtKeys::verifying(public)),
    );
    let token = makes.seal(&RESET, HASH).unwrap();
    assert_eq!(reads.open(&token, |_| HASH), Ok(RESET));
    assert_eq!(refused(&reads, &token, "other"), Rejected::OtherBinding);
    let token = makes.seal_unbound(&RESET).unwrap();
    assert_eq!(reads.open_unbound(&token), Ok(RESET));
    assert!(matches!(
        reads.seal_unbound(&RESET),
        Err(SaveError::CannotSeal)
    ));
}

/// Opens a signed ticket with these claims that is authentic in every other way.
fn opened(claims: &str) -> Result<Reset, Rejected> {
    let header = format!(
        r#"{{"typ":"ticket+jwt","alg":"HS256","kid":"{}"}}"#,
        jwt_key(1).key_id()
    );
    let token = mint(&bytes(1), &header, claims);
    ticket::<Reset>(Format::Jwt, "reset").open_unbound(token)
}

#[test]
fn claims_that_only_end_like_ours_are_read_as_what_they_are() {
    let (issued, expires) = (NOW, NOW + 900);
    let own =
        |value: &str| format!(r#"{{"val":{value},"iat":{issued},"exp":{expires},"ses":"reset"}}"#);
    assert_eq!(opened(&own(r#"{"user":7}"#)), Ok(RESET));
    assert_eq!(
        opened(&own(r#"{"user":7},"x":{"iat":",\"exp\":"}"#)),
        Ok(RESET)
    );
    assert_eq!(opened(&own(r#"{"user":7,"more":",\"iat\":1"}"#)), Ok(RESET));
    for more in [
        format!(r#""exp":{}"#, NOW + 1),
        r#""val":{"user":8}"#.into(),
        r#""ses":"reset""#.into(),
        r#""bnd":1"#.into(),
        "7".into(),
    ] {
        let claims = own(&format!(r#"{{"user":7}},{more}"#));
        assert_eq!(opened(&claims), Err(Rejected::Malformed), "{claims}");
    }
    let bound = |text: &str| {
        own(r#"{"user":7}"#).replace("\"reset\"}", &format!(r#""reset","bound":"{text}"}}"#))
    };
    assert_eq!(opened(&bound(&"A".repeat(22))), Err(Rejected::OtherBinding));
    for text in [
        "",
        "A",
        &"A".repeat(21),
        &"A".repeat(23),
        &format!("{}B", "A".repeat(21)),
    ] {
        assert_eq!(opened(&bound(text)), Err(Rejected::Malformed), "{text}");
    }
    for (iat, exp, reason) in [
        ("01", "1", Rejected::Malformed),
        ("1800000001", "1800000000", Rejected::Malformed),
        ("99999999999999", "99999999999999", Rejected::Malformed),
        ("1800000061", "1800000900", Rejected::NotYetValid),
        ("1799999000", "1800000000", Rejected::Expired),
    ] {
        let claims = format!(r#"{{"val":{{"user":7}},"iat":{iat},"exp":{exp},"ses":"reset"}}"#);
        assert_eq!(opened(&claims), Err(reason), "{claims}");
    }
    let other = own(r#"{"user":7}"#).replace("reset", "other");
    assert_eq!(opened(&other), Err(Rejected::NotAuthentic));
}

#[test]
fn a_setting_that_cannot_work_is_refused() {
    for format in FORMATS {
        let build = |name: &str| builder::<Reset>(format, name, &TestClock::at(NOW));
        for name in ["", "a b", "é", &"a".repeat(65)] {
            assert_eq!(build(name).build().unwrap_err().setting(), "name");
        }
        for context in ["", &"c".repeat(257)] {
            let built = build("reset").context(context).build();
            assert_eq!(built.unwrap_err().setting(), "context");
            let reset = build("reset").build().unwrap();
            assert_eq!(reset.context(context).unwrap_err().setting(), "context");
        }
        for seconds in [0, 400 * 24 * 3600 + 1] {
            let built = build("reset")
                .lifetime(Duration::from_secs(seconds))
                .build();
            assert_eq!(built.unwrap_err().setting(), "lifetime");
        }
        let with_issuer = build("reset").issuer("https://id.example").build();
        assert_eq!(with_issuer.is_err(), format == Format::Sealed);
    }
    let twice = KeyRing::new(Key::generate().unwrap());
    let twice = twice.clone().also_opens(key(1)).also_opens(key(1));
    let built = Ticket::<Reset>::sealed("reset", twice).build();
    assert_eq!(built.unwrap_err().setting(), "key ring");
}

#[test]
fn nothing_that_is_shown_of_a_ticket_is_a_key() {
    for format in FORMATS {
        let shown = format!(
            "{:?} {:?}",
            builder::<Reset>(format, "reset", &TestClock::at(NOW)),
            ticket::<Reset>(format, "reset")
        );
        assert!(shown.contains("reset"), "{shown}");
        assert!(!shown.contains(&key(1).to_text()), "{shown}");
        let octets = format!("{:?}", &crate::support::bytes(1)[..4]);
        assert!(!shown.contains(octets.trim_matches(['[', ']'])), "{shown}");
    }
}

/// The commitment of a signed ticket.
fn bound(token: &str) -> String {
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["bound"].as_str().unwrap().to_owned()
}

#[test]
fn equal_bindings_do_not_show_in_different_tickets() {
    let clock = TestClock::at(NOW);
    let build = |name: &str, number| {
        let ticket = Ticket::<Reset>::jwt(name, jwt_keys(number)).clock(clock.clone());
        ticket.build().unwrap()
    };
    let (reset, other) = (build("reset", 1), Reset { user: 8 });
    let own = bound(&reset.seal(&RESET, "123456").unwrap());
    let mut others = vec![
        reset.seal(&other, "123456"),
        reset.context("tenant-42").unwrap().seal(&RESET, "123456"),
        build("code", 1).seal(&RESET, "123456"),
        build("reset", 2).seal(&RESET, "123456"),
        reset.seal(&RESET, "123457"),
    ];
    clock.advance(1);
    others.push(reset.seal(&RESET, "123456"));
    for ticket in others {
        assert_ne!(bound(&ticket.unwrap()), own);
    }
}

#[test]
fn a_binding_that_is_empty_is_a_mistake_and_opens_nothing() {
    for format in FORMATS {
        let reset = ticket::<Reset>(format, "reset");
        for error in [reset.seal(&RESET, ""), reset.seal(&RESET, [])] {
            assert!(matches!(error, Err(SaveError::NoBinding)), "{format:?}");
        }
        let (bound, free) = (
            reset.seal(&RESET, HASH).unwrap(),
            reset.seal_unbound(&RESET).unwrap(),
        );
        for token in [&bound, &free] {
            let other = Err(Rejected::OtherBinding);
            assert_eq!(reset.open(token, |_| ""), other, "{format:?}");
            assert_eq!(reset.open(token, |_| None::<String>), other, "{format:?}");
            assert_eq!(reset.open(token, |_| Some("")), other, "{format:?}");
        }
        assert_eq!(reset.open(&bound, |_| Some(HASH.to_owned())), Ok(RESET));
    }
}

#[test]
fn what_a_ticket_is_bound_to_may_be_fetched_meanwhile() {
    for format in FORMATS {
        let clock = TestClock::at(NOW);
        let reset = builder::<Reset>(format, "reset", &clock).build().unwrap();
        let token = reset.seal(&RESET, HASH).unwrap();
        let unchecked = reset.read(&token).unwrap();
        assert_eq!(*unchecked.value(), RESET);
        assert!(!format!("{unchecked:?}").contains('7'));
        assert_eq!(unchecked.bound_to(HASH), Ok(RESET));
        let other = reset.read(&token).unwrap().bound_to("other");
        assert_eq!(other, Err(Rejected::OtherBinding));
        clock.advance(900);
        assert_eq!(reset.read(&token).unwrap_err(), Rejected::Expired);
    }
}
