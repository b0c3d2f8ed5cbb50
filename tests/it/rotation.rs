//! Keys that are replaced while a program runs.

mod load;
#[cfg(unix)]
mod overtaken;
mod reentry;
mod retired;
mod rollout;

use std::{
    sync::{Arc, Barrier},
    thread,
};

use axum::{body::Body, extract::Request};
use haversack::{Algorithm, Codec, JwtKey, JwtKeys, KeyRing, Rejected, SaveError, Session};
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER as AWS_LC;
use tower::{Layer as _, Service as _, service_fn};

use crate::support::{
    Format, HOUR, Login, NOW, TestClock, jwt_key, jwt_keys, key, login, ring, twins, written,
};

#[test]
fn a_rotation_reaches_every_clone_and_context_whichever_of_them_it_is_done_through() {
    for twin in twins() {
        let codec = twin.builder::<u64>("login", &[1]).build().unwrap();
        let clone = codec.clone();
        let tenant = codec.context("tenant-42").unwrap();
        let all = [&codec, &clone, &tenant];
        for (through, number) in all.into_iter().zip(2..) {
            through.rotate(twin.format.keys(&[number])).unwrap();
            for codec in all {
                let token = codec.seal(&7).unwrap();
                assert_eq!(
                    twin.format.key_id(&token),
                    twin.format.name_of_key(number),
                    "{twin:?}"
                );
                assert_eq!(codec.open(&token).unwrap().value(), &7, "{twin:?}");
            }
        }
    }
}

#[test]
fn a_session_that_was_read_before_a_rotation_is_written_with_the_new_key() {
    for twin in twins() {
        let codec = twin.builder("login", &[1]).build().unwrap();
        let session = codec.session(&None::<String>);
        session.start(login());
        codec.rotate(twin.format.keys(&[2])).unwrap();
        let value = written(&session, &codec).unwrap();
        let token = twin.token(&value);
        assert_eq!(twin.format.key_id(token), twin.format.name_of_key(2));
        assert_eq!(codec.open(token).unwrap().into_value(), login());
    }
}

#[tokio::test]
async fn a_layer_that_was_made_before_a_rotation_follows_it() {
    for twin in twins() {
        let codec = twin.builder::<Login>("login", &[1]).build().unwrap();
        let mut service = codec.layer().layer(service_fn(async |request: Request| {
            let session = Session::<Login>::of(&request).unwrap();
            session.start(login());
            Ok::<_, axum::Error>(axum::response::Response::new(Body::empty()))
        }));
        for number in [1, 2] {
            codec.rotate(twin.format.keys(&[number])).unwrap();
            let response = service.call(Request::new(Body::empty())).await.unwrap();
            let value = response.headers()[codec.response_header()]
                .to_str()
                .unwrap();
            let token = twin.token(value);
            assert_eq!(twin.format.key_id(token), twin.format.name_of_key(number));
        }
    }
}

#[test]
fn a_session_that_an_older_key_opened_is_issued_again_once_and_stays_the_same_session() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = twin.builder("login", &[1]).clock(clock.clone());
        let codec = codec.build().unwrap();
        let session = codec.session(&None::<String>);
        session.start(login());
        let before = twin.answer(&written(&session, &codec).unwrap());

        clock.advance(HOUR);
        codec.rotate(twin.format.keys(&[2, 1])).unwrap();
        let moved = codec.session(&before);
        assert_eq!(*moved.get().unwrap(), login());
        let value = written(&moved, &codec).unwrap();
        let opened = codec.open(twin.token(&value)).unwrap();
        assert_eq!(
            twin.format.key_id(twin.token(&value)),
            twin.format.name_of_key(2)
        );
        assert_eq!(Some(opened.id()), session.id(), "{twin:?}");
        assert_eq!(
            Some(opened.facts().version),
            session.facts().map(|facts| facts.version)
        );
        assert_eq!(
            Some(opened.facts().started_at),
            session.facts().map(|facts| facts.started_at)
        );
        assert_eq!(
            Some(opened.facts().ends_at),
            session.facts().map(|facts| facts.ends_at)
        );
        assert_eq!(opened.facts().issued_at, NOW + HOUR);

        let after = codec.session(&twin.answer(&value));
        assert_eq!(*after.get().unwrap(), login());
        assert_eq!(
            written(&after, &codec),
            None,
            "{twin:?}: it is moved only once"
        );
    }
}

#[test]
fn a_retired_key_opens_nothing_on_any_thread_from_that_moment() {
    const THREADS: usize = 24;
    for format in [Format::Sealed, Format::Jwt] {
        let codec = match format {
            Format::Sealed => Codec::<u64>::sealed("login", ring(1)),
            Format::Jwt => Codec::jwt("login", jwt_keys(1)),
        };
        let codec = codec.build().unwrap();
        let tenant = codec.context("tenant-42").unwrap();
        let turn = Arc::new(Barrier::new(THREADS + 1));
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (codec, tenant, turn) = (codec.clone(), tenant.clone(), Arc::clone(&turn));
                thread::spawn(move || {
                    let tokens = (codec.seal(&7).unwrap(), tenant.seal(&7).unwrap());
                    turn.wait();
                    turn.wait();
                    let refused = [codec.open(tokens.0), tenant.open(tokens.1)];
                    refused.map(|opened| opened.unwrap_err())
                })
            })
            .collect();
        turn.wait();
        codec.rotate(format.keys(&[2])).unwrap();
        turn.wait();
        for thread in threads {
            assert_eq!(
                thread.join().unwrap(),
                [Rejected::UnknownKey; 2],
                "{format:?}"
            );
        }
    }
}

#[test]
fn the_key_that_seals_is_the_named_one_wherever_the_others_stand() {
    let orders: [[u8; 3]; 6] = [
        [1, 2, 3],
        [1, 3, 2],
        [2, 1, 3],
        [2, 3, 1],
        [3, 1, 2],
        [3, 2, 1],
    ];
    for twin in twins() {
        let codec = twin.builder::<u64>("login", &[4]).build().unwrap();
        let name = |number| twin.format.name_of_key(number);
        for order in orders {
            codec.rotate(twin.format.keys(&order)).unwrap();
            assert_eq!(twin.format.key_id(&codec.seal(&7).unwrap()), name(order[0]));
            let built = twin.builder::<u64>("login", &order).build().unwrap();
            assert_eq!(twin.format.key_id(&built.seal(&7).unwrap()), name(order[0]));
            for number in order {
                let sealed = twin.builder::<u64>("login", &[number]).build().unwrap();
                assert!(
                    codec.open(sealed.seal(&7).unwrap()).is_ok(),
                    "{order:?} {number}"
                );
            }
        }
    }
}

#[test]
fn a_sealed_ring_that_cannot_work_is_refused_and_the_old_one_stays() {
    let codec = Codec::<u64>::sealed("login", ring(1)).build().unwrap();
    let tenant = codec.context("tenant-42").unwrap();
    let tokens = (codec.seal(&7).unwrap(), tenant.seal(&7).unwrap());
    let twice = ring(2).also_opens(key(3)).also_opens(key(2));
    assert_eq!(codec.rotate(twice).unwrap_err().setting(), "key ring");
    let twice = KeyRing::new(key(2)).also_opens(key(3)).also_opens(key(3));
    assert_eq!(tenant.rotate(twice).unwrap_err().setting(), "key ring");
    assert_eq!(codec.rotate(jwt_keys(1)).unwrap_err().setting(), "keys");

    assert!(codec.open(&tokens.0).is_ok() && tenant.open(&tokens.1).is_ok());
    for codec in [codec, tenant] {
        let token = codec.seal(&7).unwrap();
        assert_eq!(Format::Sealed.key_id(&token), Format::Sealed.name_of_key(1));
    }
}

#[test]
fn jwt_keys_that_cannot_work_are_refused_and_the_old_ones_stay() {
    let public_pem = include_str!("../keys/ed25519.pub.pem");
    let public = JwtKey::pem(Algorithm::EdDSA, public_pem, &AWS_LC).unwrap();
    let codec = Codec::<u64>::jwt("login", jwt_keys(1)).build().unwrap();
    let tenant = codec.context("tenant-42").unwrap();
    let tokens = (codec.seal(&7).unwrap(), tenant.seal(&7).unwrap());
    for (what, keys) in [
        ("a public key that should sign", JwtKeys::new(public)),
        ("one key twice", jwt_keys(2).also_opens(jwt_key(2))),
        (
            "two keys of one name",
            JwtKeys::new(jwt_key(2).kid("a")).also_opens(jwt_key(3).kid("a")),
        ),
        ("no name", jwt_keys(2).also_opens(jwt_key(3).kid(""))),
        (
            "a long name",
            JwtKeys::new(jwt_key(2).kid(&"k".repeat(129))),
        ),
    ] {
        for codec in [&codec, &tenant] {
            let error = codec.rotate(keys.clone()).unwrap_err();
            assert_eq!(error.setting(), "jwt keys", "{what}");
        }
    }
    assert_eq!(codec.rotate(ring(1)).unwrap_err().setting(), "keys");

    assert!(codec.open(&tokens.0).is_ok() && tenant.open(&tokens.1).is_ok());
    for codec in [codec, tenant] {
        let token = codec.seal(&7).unwrap();
        assert_eq!(Format::Jwt.key_id(&token), jwt_key(1).key_id());
    }
}

#[test]
fn a_service_that_only_verifies_can_be_given_the_signing_key_and_lose_it_again() {
    let codec = Codec::<u64>::jwt("login", JwtKeys::verifying(jwt_key(1)))
        .build()
        .unwrap();
    assert!(matches!(codec.seal(&7), Err(SaveError::CannotSeal)));
    codec.rotate(jwt_keys(1)).unwrap();
    let token = codec.seal(&7).unwrap();
    codec
        .rotate(JwtKeys::verifying(jwt_key(2)).also_opens(jwt_key(1)))
        .unwrap();
    assert!(codec.open(&token).is_ok());
    assert!(matches!(codec.seal(&7), Err(SaveError::CannotSeal)));
}
