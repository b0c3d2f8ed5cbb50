//! Several sessions, or several tokens of one, in a request.

use haversack::{Lifetime, Rejected};
use serde::{Deserialize, Serialize};

use super::{IDLE, ONE_HOUR, permutations, sliding};
use crate::support::{
    Carrier, Format, HOUR, Login, NOW, TestClock, Twin, login, tampered, twins, written,
};

#[test]
fn two_sessions_in_one_request_do_not_touch_each_other() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Cart {
        items: Vec<u32>,
    }
    let cart = || Cart { items: vec![3, 5] };
    for (twin, format) in twins().flat_map(|twin| [Format::Sealed, Format::Jwt].map(|f| (twin, f)))
    {
        let clock = TestClock::at(NOW);
        let other_twin = Twin::cookie(format);
        let codec = twin.builder::<Login>("login", &[1]).clock(clock.clone());
        let codec = codec
            .lifetime(Lifetime::fixed(24 * ONE_HOUR))
            .build()
            .unwrap();
        let other = other_twin
            .builder::<Cart>("cart", &[1])
            .clock(clock.clone());
        let other = other.lifetime(Lifetime::fixed(ONE_HOUR)).build().unwrap();
        let own = twin.carry(&codec, &codec.seal(&login()).unwrap());
        let cart_token = other.seal(&cart()).unwrap();
        let id = codec.session([&own]).id();

        for (token, at, expected) in [
            (cart_token.clone(), NOW, Ok(cart())),
            (tampered(&cart_token), NOW, Err(Rejected::NotAuthentic)),
            (cart_token, NOW + HOUR, Err(Rejected::PastCap)),
            ("garbage".into(), NOW, Err(Rejected::Malformed)),
        ] {
            clock.set(at);
            let cookie = other_twin.carry(&other, &token);
            let both = [format!("{own}; {cookie}"), format!("{cookie}; {own}")];
            let apart = [own.clone(), cookie.clone()];
            let requests = if twin.carrier == Carrier::Cookie {
                [[&both[0]; 2], [&both[1]; 2], [&apart[0], &apart[1]]]
            } else {
                [[&own, &cookie]; 3]
            };
            for [own, cookie] in requests {
                let session = codec.session([own]);
                let carts = other.session([cookie]);
                assert_eq!(
                    carts.rejected(),
                    expected.as_ref().err().copied(),
                    "{twin:?}"
                );
                assert_eq!(carts.get().as_deref(), expected.as_ref().ok(), "{twin:?}");
                carts.end();
                assert!(
                    written(&carts, &other)
                        .unwrap()
                        .starts_with("__Host-Http-cart=;")
                );

                assert_eq!(session.rejected(), None, "{twin:?}");
                assert_eq!(*session.get().unwrap(), login(), "{twin:?}");
                assert_eq!(
                    (session.id(), session.facts().map(|facts| facts.version)),
                    (id, Some(0)),
                    "{twin:?}"
                );
                assert_eq!(written(&session, &codec), None, "{twin:?}");
            }
        }
    }
}

#[test]
fn of_several_cookies_with_the_name_the_valid_one_issued_last_wins_in_any_order() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        let clock = TestClock::at(NOW);
        let codec = sliding(twin, &clock);
        let token = |at, user| {
            clock.set(at);
            let value = Login { user, ..login() };
            twin.carry(&codec, &codec.seal(&value).unwrap())
        };
        let expired = token(NOW - IDLE, 1);
        let (old, new) = (token(NOW - 2, 2), token(NOW - 1, 3));
        let garbage = twin.carry(&codec, "garbage");
        clock.set(NOW);
        for order in permutations(&[garbage.clone(), expired.clone(), old.clone(), new.clone()]) {
            for session in [codec.session(&order), codec.session([&order.join("; ")])] {
                assert_eq!(session.get().unwrap().user, 3, "{order:?}");
                assert_eq!(session.rejected(), None, "{order:?}");
                assert_eq!(written(&session, &codec), None, "{order:?}");
            }
        }
        for order in permutations(&[garbage.clone(), expired.clone(), old]) {
            let session = codec.session([&order.join("; ")]);
            assert_eq!(session.get().unwrap().user, 2, "{order:?}");
        }
        for order in permutations(&[garbage, expired]) {
            let session = codec.session([&order.join("; ")]);
            assert!(
                session.get().is_none() && session.rejected().is_some(),
                "{order:?}"
            );
            assert_eq!(written(&session, &codec), None, "{order:?}");
        }
    }
}

#[test]
fn no_more_than_eight_cookies_with_the_name_are_looked_at() {
    for format in [Format::Sealed, Format::Jwt] {
        let twin = Twin::cookie(format);
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let live = twin.carry(&codec, &codec.seal(&login()).unwrap());
        let garbage = twin.carry(&codec, "garbage");
        let others = vec!["other=1".to_owned(); 100];
        for before in 0..20 {
            let mut cookies = [&*others, &vec![garbage.clone(); before]].concat();
            cookies.push(live.clone());
            for session in [
                codec.session(&cookies),
                codec.session([&cookies.join("; ")]),
            ] {
                let expected = (before < 8).then(login);
                assert_eq!(
                    session.get().as_deref(),
                    expected.as_ref(),
                    "{format:?} {before}"
                );
            }
        }
    }
}

#[test]
fn two_headers_with_a_token_are_rejected() {
    for twin in twins().filter(|twin| twin.carrier != Carrier::Cookie) {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let live = twin.carry(&codec, &codec.seal(&login()).unwrap());
        assert!(codec.session([&live]).get().is_some(), "{twin:?}");
        for other in [&live, &twin.carry(&codec, "garbage")] {
            for pair in [[&live, other], [other, &live]] {
                let rejected = codec.session(pair).rejected();
                assert_eq!(rejected, Some(Rejected::Malformed), "{twin:?}");
            }
        }
    }
}
