//! Services that only verify: they read the sessions of another one and write none.

use std::time::Duration;

use haversack::{Algorithm, Codec, JwtKey, JwtKeys, Lifetime, Rejected, SaveError, Session};

use super::{AWS_LC, ED25519};
use crate::support::{HOUR, Login, NOW, OneHeader as _, TestClock, jwt_key, login};

/// A service that signs sessions, one that only verifies them, and the time for both.
struct Services {
    clock: TestClock,
    issuer: Codec<Login>,
    reader: Codec<Login>,
}

impl Services {
    fn new(signs: JwtKey, verifies: JwtKey) -> Services {
        let clock = TestClock::at(NOW);
        let codec = |keys| {
            let [idle, cap] = [HOUR, 8 * HOUR].map(Duration::from_secs);
            let codec = Codec::jwt("login", keys).lifetime(Lifetime::sliding(idle, cap));
            codec.clock(clock.clone()).build().unwrap()
        };
        let (issuer, reader) = (
            codec(JwtKeys::new(signs)),
            codec(JwtKeys::verifying(verifies)),
        );
        Services {
            clock,
            issuer,
            reader,
        }
    }

    fn all() -> [Services; 2] {
        let pem = |pem| JwtKey::pem(Algorithm::EdDSA, pem, AWS_LC).unwrap();
        [
            Services::new(pem(ED25519.private_pem), pem(ED25519.public_pem)),
            // This one could sign and may not.
            Services::new(jwt_key(1), jwt_key(1)),
        ]
    }

    /// The cookie of a new session.
    fn cookie(&self) -> String {
        let written = self.issuer.write(&login()).unwrap();
        written.split(';').next().unwrap().to_owned()
    }
}

fn names(session: &Session<Login>) -> Vec<String> {
    let headers = session.response_headers().unwrap();
    headers
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn it_opens_sessions_and_leaves_the_response_alone() {
    for services in Services::all() {
        let session = services.reader.session([&services.cookie()]);
        assert_eq!(*session.get().unwrap(), login());
        assert_eq!(names(&session), ["cache-control", "vary"]);
    }
}

#[test]
fn it_does_not_renew_a_session_whose_renewal_is_due() {
    for services in Services::all() {
        let cookie = services.cookie();
        services.clock.advance(HOUR / 2);
        assert!(names(&services.issuer.session([&cookie])).contains(&"set-cookie".to_owned()));
        let session = services.reader.session([&cookie]);
        assert_eq!(
            session.facts().map(|facts| facts.expires_at),
            Some(NOW + HOUR)
        );
        assert_eq!(names(&session), ["cache-control", "vary"]);
    }
}

#[test]
fn it_does_not_replace_a_token_of_another_of_its_keys() {
    let keys = JwtKeys::verifying(jwt_key(1)).also_opens(jwt_key(2));
    let reader = Codec::<Login>::jwt("login", keys)
        .clock(TestClock::at(NOW))
        .build()
        .unwrap();
    let cookie = Services::new(jwt_key(2), jwt_key(2)).cookie();
    let session = reader.session([&cookie]);
    assert_eq!(*session.get().unwrap(), login());
    assert_eq!(names(&session), ["cache-control", "vary"]);
}

#[test]
fn it_writes_nothing_for_a_cookie_that_it_rejects() {
    for services in Services::all() {
        let cookie = services.cookie();
        let altered = format!("{}.AAAA", cookie.rsplit_once('.').unwrap().0);
        services.clock.advance(HOUR);
        for (cookie, reason) in [
            (altered, Rejected::NotAuthentic),
            (cookie, Rejected::Expired),
        ] {
            let session = services.reader.session([&cookie]);
            assert_eq!(session.rejected(), Some(reason));
            assert_eq!(names(&session), ["cache-control", "vary"]);
        }
    }
}

#[test]
fn it_cannot_start_update_or_renew_a_session() {
    for services in Services::all() {
        let Services { reader, .. } = &services;
        assert!(matches!(reader.seal(&login()), Err(SaveError::CannotSeal)));
        assert!(matches!(reader.write(&login()), Err(SaveError::CannotSeal)));
        let changes: [fn(&Session<Login>); 3] = [
            |session| session.start(login()),
            |session| session.update(|login| login.user += 1).unwrap(),
            Session::renew,
        ];
        for change in changes {
            let session = reader.session([&services.cookie()]);
            change(&session);
            assert!(matches!(
                session.response_headers(),
                Err(SaveError::CannotSeal)
            ));
        }
    }
}
