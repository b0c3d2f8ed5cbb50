//! A key that is retired between the reading of a request and the writing of its response.

use std::time::Duration;

use haversack::{Lifetime, Session};

use crate::support::{HOUR, Login, NOW, TestClock, login, twins, written};

#[test]
fn a_session_of_a_key_that_was_retired_meanwhile_is_not_sealed_under_the_new_one() {
    type Use = fn(&Session<Login>);
    let uses: [Use; 3] = [
        |_| (),
        |session| _ = session.update(|login| login.user = 8),
        Session::renew,
    ];
    for (twin, used) in twins().flat_map(|twin| uses.map(|used| (twin, used))) {
        let clock = TestClock::at(NOW);
        let lifetime = Lifetime::sliding(Duration::from_secs(60), Duration::from_secs(HOUR));
        let builder = twin.builder("login", &[1]).clock(clock.clone());
        let codec = builder.lifetime(lifetime).build().unwrap();
        let request = twin.carry(&codec, &codec.seal(&login()).unwrap());
        clock.advance(45);
        let (before, after) = (codec.session([&request]), codec.session([&request]));
        codec.rotate(twin.format.keys(&[2])).unwrap();
        used(&before);
        assert_eq!(written(&before, &codec), None, "{twin:?}");

        // The very same use is written while the ring holds the key.
        codec.rotate(twin.format.keys(&[2, 1])).unwrap();
        used(&after);
        let sent = written(&after, &codec).unwrap();
        assert_eq!(
            twin.format.key_id(twin.token(&sent)),
            twin.format.name_of_key(2)
        );
    }
}

#[test]
fn a_start_and_an_end_are_written_whatever_became_of_the_key() {
    for twin in twins() {
        let codec = twin.builder("login", &[1]).build().unwrap();
        let request = twin.carry(&codec, &codec.seal(&login()).unwrap());
        let (started, ended) = (codec.session([&request]), codec.session([&request]));
        codec.rotate(twin.format.keys(&[2])).unwrap();
        started.start(login());
        started.update(|login| login.user = 8);
        let sent = written(&started, &codec).unwrap();
        assert_eq!(codec.open(twin.token(&sent)).unwrap().value().user, 8);
        ended.end();
        assert_eq!(
            written(&ended, &codec).and_then(|sent| twin.answer(&sent)),
            None
        );
    }
}
