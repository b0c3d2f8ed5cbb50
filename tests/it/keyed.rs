//! Codecs and tickets of whatever value, for whatever keeps their keys up to date.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use haversack::{
    Codec, JwtKey, JwtKeys, Keyed, Lifetime, Rejected, Ticket,
    foreign::{Cookies, Foreign, Reader, Refused, Source},
    oauth::CodeFlow,
};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::support::{Format, HOUR, bytes, key, ring, tampered, twins};

#[test]
fn the_keys_of_codecs_and_tickets_are_replaced_without_a_word_of_their_values() {
    for twin in twins() {
        let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
        let tenant = codec.context("tenant-42").unwrap();
        let (sealed, signed) = (Ticket::<String>::sealed, Ticket::<String>::jwt);
        let ticket = match twin.format {
            Format::Sealed => sealed("reset", ring(1)).build().unwrap(),
            Format::Jwt => signed("reset", crate::support::jwt_keys(1))
                .build()
                .unwrap(),
        };
        let all: [&dyn Keyed; 2] = [&codec, &ticket];
        for keyed in all {
            assert_eq!(keyed.is_signed(), twin.format == Format::Jwt);
            keyed.rotate_to(twin.format.keys(&[2])).unwrap();
        }
        let other = match twin.format {
            Format::Sealed => Format::Jwt,
            Format::Jwt => Format::Sealed,
        };
        let tokens = [
            codec.seal(&7).unwrap(),
            tenant.seal(&7).unwrap(),
            ticket.seal_unbound(&"value".into()).unwrap(),
        ];
        for token in tokens {
            assert_eq!(twin.format.key_id(&token), twin.format.name_of_key(2));
        }
        for keyed in all {
            assert!(keyed.rotate_to(other.keys(&[3])).is_err());
        }
        assert_eq!(all.map(Keyed::name), ["login", "reset"]);
    }
}

#[test]
fn the_mark_of_a_sign_out_lives_as_long_as_other_sessions_are_read() {
    struct Nothing;
    impl Reader for Nothing {
        fn system(&self) -> &'static str {
            "nothing"
        }

        fn read(&self, _: &Cookies<'_>, _: u64) -> Result<Option<Foreign>, Refused> {
            Ok(None)
        }
    }
    let longest = |until| {
        let codec = Codec::<u64>::sealed("login", ring(1))
            .clock(|| 1_800_000_000)
            .lifetime(Lifetime::fixed(Duration::from_secs(HOUR)))
            .also_reads(Source::new(Nothing, until), |_| None)
            .build()
            .unwrap();
        codec.longest_lifetime()
    };
    assert_eq!(longest(1_800_000_000 + 60 * 24 * HOUR), 60 * 24 * HOUR);
    assert_eq!(longest(1_800_000_001), HOUR);
}

#[test]
fn a_flow_of_oauth_is_kept_up_to_date_as_a_whole() {
    let flow = CodeFlow::sealed("google", ring(1)).build().unwrap();
    let before = flow.begin(&http::HeaderMap::new(), "/").unwrap();
    let keyed: &dyn Keyed = &flow;
    keyed.rotate_to(ring(2).into()).unwrap();
    assert!(keyed.rotate_to(crate::support::jwt_keys(2).into()).is_err());
    let after = flow.begin(&http::HeaderMap::new(), "/").unwrap();
    let key_id = |state: &str| Format::Sealed.key_id(state);
    assert_eq!(key_id(&before.state), Format::Sealed.name_of_key(1));
    assert_eq!(key_id(&after.state), Format::Sealed.name_of_key(2));
}

#[test]
fn the_longest_lifetime_is_that_of_the_last_token_to_end() {
    let hours = |hours: u64| Duration::from_secs(hours * HOUR);
    let builder = || Codec::<u64>::sealed("login", ring(1)).lifetime(Lifetime::fixed(hours(8)));
    let usual = builder().build().unwrap();
    let remembered = Lifetime::sliding(hours(24), hours(240));
    let remembers = builder().remembered(remembered).build().unwrap();
    let ticket = Ticket::<u64>::sealed("reset", ring(1)).build().unwrap();
    let all: [&dyn Keyed; 3] = [&usual, &remembers, &ticket];
    assert_eq!(
        all.map(Keyed::longest_lifetime),
        [8 * HOUR, 240 * HOUR, 15 * 60]
    );
}

#[test]
fn who_keeps_the_keys_is_told_of_tokens_whose_key_is_not_there_and_of_no_others() {
    for twin in twins() {
        let told = Arc::new(AtomicU32::new(0));
        let tell = || {
            let told = Arc::clone(&told);
            Arc::new(move || _ = told.fetch_add(1, Ordering::SeqCst))
        };
        let build = |keys: &[u8]| twin.builder::<u64>("login", keys).build().unwrap();
        let (codec, ahead) = (build(&[1]), build(&[2]));
        assert_eq!(
            codec.open(ahead.seal(&7).unwrap()).unwrap_err(),
            Rejected::UnknownKey
        );
        codec.on_unknown_key(tell());
        assert_eq!(told.load(Ordering::SeqCst), 0);

        let token = ahead.seal(&7).unwrap();
        assert!(codec.open(&token).is_err());
        assert!(
            codec
                .clone()
                .session([&twin.carry(&codec, &token)])
                .get()
                .is_none()
        );
        assert!(codec.context("tenant-42").unwrap().open(&token).is_err());
        assert_eq!(told.load(Ordering::SeqCst), 3);

        let own = codec.seal(&7).unwrap();
        assert!(codec.open(&own).is_ok());
        assert!(codec.open(tampered(&own)).is_err());
        assert!(codec.open("no token").is_err());
        assert_eq!(told.load(Ordering::SeqCst), 3);

        let ticket = |number| {
            Ticket::<u64>::sealed("reset", ring(number))
                .build()
                .unwrap()
        };
        let (ticket, ahead) = (ticket(1), ticket(2));
        ticket.on_unknown_key(tell());
        assert!(
            ticket
                .open_unbound(ahead.seal_unbound(&7).unwrap())
                .is_err()
        );
        assert!(ticket.open_unbound("no ticket").is_err());
        assert_eq!(told.load(Ordering::SeqCst), 4);
    }
}

#[test]
fn the_keys_of_jwts_are_derived_from_those_of_a_ring_under_a_label_of_their_own() {
    let ring = ring(1).also_opens(key(2));
    let derived = |number| {
        let mut secret = [0; 32];
        // The label behind its length, as in all that is derived.
        let info = b"\x00\x13haversack HS256 key";
        let hkdf = Hkdf::<Sha256>::new(None, &bytes(number));
        hkdf.expand(info, &mut secret).unwrap();
        JwtKey::hs256(secret).unwrap()
    };
    let api = |keys| Codec::<u64>::jwt("api", keys).build().unwrap();
    let api_of_ring = api(ring.jwt_keys().unwrap());
    let [first, second] = [1, 2].map(|number| api(JwtKeys::new(derived(number))));
    assert!(first.open(api_of_ring.seal(&7).unwrap()).is_ok());
    assert!(api_of_ring.open(second.seal(&7).unwrap()).is_ok());
    let other = api(JwtKeys::hs256(bytes(1)).unwrap());
    let opened = api_of_ring.open(other.seal(&7).unwrap());
    assert_eq!(opened.unwrap_err(), Rejected::UnknownKey);
}
