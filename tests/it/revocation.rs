//! Sessions that are authentic and live, and that the application does not accept.

mod hook;
mod started_since;

use std::{
    collections::HashSet,
    panic::resume_unwind,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header::SET_COOKIE},
    routing::get,
};
use haversack::{Active, Codec, Lifetime, Rejected};
use tower::ServiceExt as _;

use crate::support::{
    Carrier, Client, HOUR, Login, NOW, OneHeader as _, TestClock, Twin, login, twins, written,
};

#[test]
fn a_session_is_accepted_that_started_at_the_cut_off_and_none_from_before_it() {
    for twin in twins() {
        let builder = || twin.builder::<u64>("login", &[1]).clock(TestClock::at(NOW));
        let codec = builder().build().unwrap();
        let token = codec.seal(&7).unwrap();
        for (cut_off, reason) in [
            (0, None),
            (NOW - 1, None),
            (NOW, None),
            (NOW + 1, Some(Rejected::Revoked)),
            ((1 << 40) - 1, Some(Rejected::Revoked)),
        ] {
            let codec = builder().started_since(cut_off).build().unwrap();
            let session = codec.session([&twin.carry(&codec, &token)]);
            assert_eq!(session.rejected(), reason, "{twin:?} {cut_off}");
            assert_eq!(
                session.get().is_some(),
                reason.is_none(),
                "{twin:?} {cut_off}"
            );
            assert_eq!(codec.open(&token).err(), reason, "{twin:?} {cut_off}");
            let tenant = codec.context("tenant-42").unwrap();
            assert_eq!(tenant.open(tenant.seal(&7).unwrap()).err(), reason);
        }
    }
}

#[test]
fn neither_a_renewal_nor_an_update_carries_a_session_over_the_cut_off() {
    let hours = |hours: u64| Duration::from_secs(hours * HOUR);
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let builder = || {
            let builder = twin.builder("login", &[1]).clock(clock.clone());
            builder.lifetime(Lifetime::sliding(hours(2), hours(24)))
        };
        clock.set(NOW);
        let codec = builder().build().unwrap();
        let mut answer = twin.answer(&codec.write(&login()).unwrap());
        let strict = builder().started_since(NOW + 1).build().unwrap();
        for update in [false, true] {
            clock.advance(HOUR);
            let session = codec.session(&answer);
            if update {
                session.update(|login| login.user += 1);
            }
            assert!(
                session.facts().map(|facts| facts.issued_at) > Some(NOW),
                "{twin:?}"
            );
            answer = twin.answer(&written(&session, &codec).unwrap());
            let rejected = strict.session(&answer).rejected();
            assert_eq!(rejected, Some(Rejected::Revoked), "{twin:?} {update}");
        }
        let session = strict.session(&answer);
        session.start(login());
        answer = twin.answer(&written(&session, &strict).unwrap());
        assert!(
            strict.session(&answer).get().is_some(),
            "{twin:?}: a new sign-in"
        );
    }
}

#[test]
fn a_deny_list_takes_effect_at_once_on_every_clone_and_context() {
    for twin in twins() {
        let revoked = Arc::new(Mutex::new(HashSet::new()));
        let list = Arc::clone(&revoked);
        let codec = twin.builder::<u64>("login", &[1]);
        let codec = codec.accept_if(move |_, facts| !list.lock().unwrap().contains(&facts.id));
        let codec = codec.build().unwrap();
        let tenant = codec.context("tenant-42").unwrap();
        for codec in [codec.clone(), codec, tenant] {
            let (token, other) = (codec.seal(&7).unwrap(), codec.seal(&7).unwrap());
            let id = codec.open(&token).unwrap().id();
            revoked.lock().unwrap().insert(id);
            assert_eq!(
                codec.open(&token).unwrap_err(),
                Rejected::Revoked,
                "{twin:?}"
            );
            assert!(codec.open(&other).is_ok(), "{twin:?}");
            revoked.lock().unwrap().clear();
            assert!(codec.open(&token).is_ok(), "{twin:?}");
        }
    }
}

#[test]
fn one_user_is_put_out_and_the_others_stay() {
    for twin in twins() {
        let out = Arc::new(Mutex::new(HashSet::new()));
        let list = Arc::clone(&out);
        let builder = twin.builder::<Login>("login", &[1]);
        let codec = builder.accept_if(move |login, _| !list.lock().unwrap().contains(&login.user));
        let codec = codec.build().unwrap();
        let signed_in = |user| {
            let mut client = Client::new(twin, &codec);
            client.request(|session| session.start(Login { user, ..login() }));
            client
        };
        let [mut ada, mut grace] = [7, 8].map(signed_in);
        out.lock().unwrap().insert(7);
        ada.request(|session| {
            assert_eq!(session.rejected(), Some(Rejected::Revoked), "{twin:?}");
            assert!(session.get().is_none(), "{twin:?}");
        });
        grace.request(|session| assert_eq!(session.get().unwrap().user, 8, "{twin:?}"));
        out.lock().unwrap().clear();
        ada.request(|session| assert_eq!(session.get().unwrap().user, 7, "{twin:?}"));
    }
}

#[tokio::test]
async fn a_revoked_session_is_a_401_that_leaves_the_cookie() {
    async fn name(login: Active<Login>) -> String {
        login.name.clone()
    }

    for twin in twins().filter(|twin: &Twin| twin.carrier == Carrier::Cookie) {
        let codec: Codec<Login> = twin
            .builder("login", &[1])
            .accept_if(|_, _| resume_unwind(Box::new("the list is not loaded")) as bool)
            .build()
            .unwrap();
        let app = Router::new().route("/", get(name)).layer(codec.layer());
        let cookie = twin.answer(&codec.write(&login()).unwrap()).unwrap();
        let request = Request::builder().header("cookie", cookie);
        let response = app
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{twin:?}");
        assert!(!response.headers().contains_key(SET_COOKIE), "{twin:?}");
    }
}
