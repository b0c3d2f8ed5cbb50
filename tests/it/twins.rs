//! One suite over both formats and every carrier.

use haversack::{Codec, Session};

use crate::support::{Login, NOW, TestClock, Twin, login, twins};

/// A client that follows what responses say.
struct Client<'c> {
    twin: Twin,
    codec: &'c Codec<Login>,
    sends: Option<String>,
}

impl<'c> Client<'c> {
    fn new(twin: Twin, codec: &'c Codec<Login>) -> Client<'c> {
        Client {
            twin,
            codec,
            sends: None,
        }
    }

    /// One request; returns the value of the response header, if there is one.
    fn request(&mut self, handler: impl FnOnce(&Session<Login>)) -> Option<String> {
        let session = self.codec.session(&self.sends);
        handler(&session);
        let headers = session.response_headers().unwrap();
        let (_, value) = headers
            .into_iter()
            .find(|(name, _)| *name == self.codec.response_header())?;
        self.sends = self.twin.answer(&value);
        Some(value)
    }
}

#[test]
fn a_session_is_empty_then_started_then_read_then_ended() {
    for twin in twins() {
        let clock = TestClock::at(NOW);
        let codec = twin.builder("login", &[1]).clock(clock).build().unwrap();
        let mut client = Client::new(twin, &codec);

        assert!(
            client
                .request(|session| {
                    assert!(session.get().is_none());
                    assert_eq!(session.id(), None);
                    assert_eq!(session.rejected(), None);
                })
                .is_none(),
            "{twin:?}: nothing was done, so nothing is written"
        );
        assert!(client.request(|session| session.start(login())).is_some());
        assert!(
            client
                .request(|session| assert_eq!(*session.get().unwrap(), login()))
                .is_none(),
            "{twin:?}: a read writes nothing"
        );
        assert!(client.request(Session::end).is_some());
        assert_eq!(client.sends, None, "{twin:?}");
    }
}
