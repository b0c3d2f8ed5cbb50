//! What a client sends and gets, for tests of an application.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    carrier::Part,
    codec::{Codec, opened::Opened},
    error::{Rejected, SaveError},
    session::receive::Received,
    token::binding::Kind,
};

impl<T: Serialize + DeserializeOwned> Codec<T> {
    /// The header of a request by a user with this session, for tests of an application: its name in
    /// lower case, and its value. A [`chunked`](crate::CodecBuilder::chunked) session may take several
    /// cookies, which are all in it.
    ///
    /// With [`clock`](crate::CodecBuilder::clock) the session starts when the test says.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// let (name, value) = login.request_header_for(&7)?;
    /// assert_eq!(name, "cookie");
    /// assert_eq!(login.session([&value]).get().as_deref(), Some(&7));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`SaveError`] as for [`response_headers`](crate::Session::response_headers).
    #[doc(alias = "test")]
    pub fn request_header_for(&self, value: &T) -> Result<(&str, String), SaveError> {
        let engine = self.engine();
        let keys = engine.keys.current();
        let format = self.format(&keys, Kind::Session);
        let now = engine.clock.now();
        let envelope = engine.start(engine.draw_id()?, now, false);
        let written = engine.write(&*format, Part::Whole, envelope, value, now)?;
        let values: Vec<_> = written.into_iter().collect();
        Ok((self.request_header(), engine.carrier.answer(&values)))
    }
}

impl<T: DeserializeOwned> Codec<T> {
    /// What a response says of the session, for tests of an application: from the values of its
    /// [response header](Codec::response_header), of which there may be several.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Answer, Codec, Key, KeyRing};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// // A response of the application under test.
    /// let session = login.session([""]);
    /// session.start(7);
    /// let headers = session.response_headers()?;
    ///
    /// let set_cookies = headers.iter().filter(|(name, _)| *name == "set-cookie");
    /// let answer = login.read_response(set_cookies.map(|(_, value)| value))?;
    /// assert!(matches!(answer, Answer::Written(opened) if *opened.value() == 7));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason when there is a token and it does not open.
    #[doc(alias = "test")]
    pub fn read_response<'h, V: AsRef<[u8]> + ?Sized + 'h>(
        &self,
        header_values: impl IntoIterator<Item = &'h V>,
    ) -> Result<Answer<T>, Rejected> {
        let engine = self.engine();
        let values: Vec<_> = header_values.into_iter().map(AsRef::as_ref).collect();
        let answered = engine.carrier.answers(&values);
        let kept = answered.kept.iter().map(Vec::as_slice);
        let Received { opened, .. } = self.receive(kept, engine.clock.now());
        match opened? {
            Some(opened) => Ok(Answer::Written(opened)),
            None if answered.removes => Ok(Answer::Ended),
            None => Ok(Answer::Kept),
        }
    }
}

/// What a response says of a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer<T> {
    /// Nothing: the client keeps what it has.
    Kept,
    /// The client has this session from now on.
    Written(Opened<T>),
    /// The client is to forget its session.
    Ended,
}
