//! Sessions that start in the moment in which those of before are cut off.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use haversack::{Codec, Facts, Rejected, StartedSince};

use crate::support::{Client, NOW, TestClock, Twin, twins};

/// Since when sessions of a user count.
#[derive(Clone, Default)]
struct CutOffs(Arc<Mutex<HashMap<u64, u64>>>);

impl CutOffs {
    fn cut_off(&self, user: u64, time: u64) {
        self.0.lock().unwrap().insert(user, time);
    }

    fn codec(&self, twin: Twin, clock: &TestClock) -> Codec<u64> {
        let known = self.clone();
        let builder = twin.builder("login", &[1]).clock(clock.clone());
        let codec = builder.accept_if(move |user: &u64, facts: &Facts| {
            let since = known.0.lock().ok()?.get(user).copied();
            Some(facts.started_since(since.unwrap_or(0))) as Option<StartedSince>
        });
        codec.skew(Duration::from_secs(60)).build().unwrap()
    }
}

#[test]
fn a_sign_in_in_the_second_of_the_cut_off_works_and_no_session_of_before_survives() {
    for twin in twins() {
        let (cut_offs, clock) = (CutOffs::default(), TestClock::at(NOW));
        let codec = cut_offs.codec(twin, &clock);
        let mut thief = Client::new(twin, &codec);
        thief.request(|session| session.start(7));
        let mut other = Client::new(twin, &codec);
        other.request(|session| session.start(8));
        let before = codec.seal(&7).unwrap();

        // Of this second nothing counts, nor of the next.
        let mut user = Client::new(twin, &codec);
        user.request(|session| {
            cut_offs.cut_off(7, NOW + 2);
            session.start(7);
            assert_eq!(session.facts().unwrap().started_at, NOW + 2);
            assert_eq!(session.facts().unwrap().issued_at, NOW + 2);
        });
        for now in [NOW, NOW + 1, NOW + 2, NOW + 3] {
            clock.set(now);
            assert_eq!(
                thief.session().rejected(),
                Some(Rejected::Revoked),
                "{twin:?}"
            );
            assert_eq!(codec.open(&before).unwrap_err(), Rejected::Revoked);
            assert_eq!(user.session().get().as_deref(), Some(&7), "{twin:?}");
            assert_eq!(other.session().get().as_deref(), Some(&8), "{twin:?}");
            let token = codec.seal(&7).unwrap();
            let started = codec.open(token).unwrap().facts().started_at;
            assert_eq!(started, now.max(NOW + 2), "{twin:?}");
            let (_, header) = codec.request_header_for(&7).unwrap();
            assert_eq!(codec.session([&header]).get().as_deref(), Some(&7));
        }
    }
}

#[test]
fn a_start_is_not_moved_further_than_other_workers_let_a_token_be_ahead() {
    for twin in twins() {
        let (cut_offs, clock) = (CutOffs::default(), TestClock::at(NOW));
        let codec = cut_offs.codec(twin, &clock);
        for (since, started) in [
            (NOW + 60, NOW + 60),
            (NOW + 61, NOW),
            (u64::MAX, NOW),
            (NOW, NOW),
            (0, NOW),
        ] {
            cut_offs.cut_off(7, since);
            let session = codec.session(&None::<String>);
            session.start(7);
            assert_eq!(session.facts().unwrap().started_at, started, "{since}");
        }
    }
}

#[test]
fn a_start_is_where_it_is_for_an_answer_that_knows_no_time() {
    for twin in twins() {
        let builder = || twin.builder::<u64>("login", &[1]).clock(|| NOW);
        for codec in [
            builder().accept_if(|_, _| false).build().unwrap(),
            builder().accept_if(|_, _| None::<bool>).build().unwrap(),
            builder()
                .accept_if(|_, _| None::<StartedSince>)
                .build()
                .unwrap(),
            builder()
                .accept_if(|_, facts| Err::<bool, _>(facts.started_since(NOW + 1)))
                .build()
                .unwrap(),
            builder()
                .accept_if(|_, _| -> bool { panic!("the list is broken") })
                .build()
                .unwrap(),
        ] {
            let session = codec.session(&None::<String>);
            session.start(7);
            assert_eq!(session.facts().unwrap().started_at, NOW);
            let token = codec.seal(&7).unwrap();
            assert_eq!(codec.open(token).unwrap_err(), Rejected::Revoked);
        }
    }
}
