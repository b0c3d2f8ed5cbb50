//! What a builder is told of other systems.

use crate::{
    codec::{builder::CodecBuilder, others::Other},
    error::ConfigError,
    foreign::{Foreign, Source},
};

impl<T> CodecBuilder<T> {
    /// Also reads the sessions of another system, so that nobody is signed out by a move from it:
    /// where a request has none of ours, `map` makes a value of what `source` read, or `None` if it
    /// can't. It goes on as ours, with a new id and an absolute deadline that counts from the other
    /// system's issue, at the latest from an hour ago: a move is no proof of identity. The response has
    /// ours, and removes the other system's cookies.
    ///
    /// If it is called more than once, the sources are asked in that order until one opens. Nothing is
    /// removed of one that didn't open, nor where ours could not be written. Each is asked until
    /// [its date](Source::new); take it out then.
    ///
    /// It turns [`sticky_end`](CodecBuilder::sticky_end) on, and the mark lasts as long as a source is
    /// on: whoever signed out is not signed in again by an old cookie that came back. It needs a cookie;
    /// with a [header](CodecBuilder::header) it doesn't build. Readers are in the crate
    /// `haversack-migrate`; [`foreign`](crate::foreign) has one as an example.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing, foreign::{Reader, Source}};
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Login { user: u64 }
    /// # #[derive(serde::Deserialize)]
    /// # struct OldLogin { user_id: u64 }
    ///
    /// # fn codec(old: impl Reader) -> Result<Codec<Login>, Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let login = Codec::<Login>::sealed("login", keys)
    ///     .also_reads(Source::new(old, 1_893_456_000), |old| { // until 2030-01-01
    ///         let OldLogin { user_id } = old.json()?;
    ///         Some(Login { user: user_id })
    ///     })
    ///     .build()?;
    /// # Ok(login)
    /// # }
    /// ```
    #[doc(alias = "migrate")]
    pub fn also_reads(
        mut self,
        source: Source,
        map: impl Fn(Foreign) -> Option<T> + Send + Sync + 'static,
    ) -> Self
    where
        T: 'static,
    {
        let others = self.others.get_or_insert_with(|| Box::new(Vec::new()));
        let map = Box::new(map);
        others.add(Other { source, map });
        self
    }

    /// Checks the other systems, whose sessions must not come back after an end of ours.
    pub(super) fn check_others(&mut self) -> Result<(), ConfigError> {
        let Some(others) = &self.others else {
            return Ok(());
        };
        if self.settings.header.is_some() {
            let problem = "a session in a header is not told of cookies";
            let fix = "carry the session in a cookie, or remove .also_reads(..)";
            return Err(ConfigError::new("also_reads", problem, fix));
        }
        self.settings.cookie.sticky_end = true;
        others.check()
    }
}
