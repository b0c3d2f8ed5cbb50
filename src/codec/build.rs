//! From a builder to a codec.

use crate::{
    codec::{Codec, Configured, builder::CodecBuilder},
    error::ConfigError,
};

impl<T> CodecBuilder<T> {
    /// Checks all settings and makes the codec. Build it once, when the program starts.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a setting that can't work, alone or with the others; it says what to
    /// change.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let error = Codec::<u64>::sealed("admin", keys).path("admin").build().unwrap_err();
    /// assert_eq!(error.setting(), "path");
    /// println!("{error}"); // what is wrong with it, and what to do
    /// # Ok(())
    /// # }
    /// ```
    pub fn build(mut self) -> Result<Codec<T>, ConfigError> {
        self.check_others()?;
        let others_until = self.others.as_ref().map_or(0, |others| others.until());
        Ok(Codec::new(Configured {
            engine: self.settings.engine(others_until)?,
            accept: self.accept,
            migrate: self.migrate,
            others: self.others,
        }))
    }
}
