//! From settings to a codec: what can only be seen of the whole is checked here.

use crate::{
    base::observe,
    carrier::{
        Carrier,
        names::{check_ending, check_name, cookie_prefix},
        settings::own_header,
    },
    codec::{
        Codec, Configured,
        builder::{CodecBuilder, Settings},
        engine::Engine,
        rotation::Rotating,
    },
    error::ConfigError,
    lifetime::{LATEST, Policies},
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

impl Settings {
    fn engine(self, others_until: u64) -> Result<Engine, ConfigError> {
        self.check()?;
        let carrier = match (&self.header, self.cookie.any()) {
            (None, _) => Carrier::Cookie(self.cookie.resolve(&self.binding.name)?.into()),
            (Some(header), None) => Carrier::Header(header.resolve()?),
            (Some(_), Some(setting)) => {
                let fix = "remove it, or remove .header(..) or .bearer(..)";
                return Err(ConfigError::new(
                    setting,
                    "a header has no such attribute",
                    fix,
                ));
            }
        };
        let announce = self.announce.as_deref();
        let announce = announce
            .map(|name| own_header("announce", name))
            .transpose()?;
        if announce.as_deref() == Some(carrier.response_header()) {
            let problem = "the token leaves in the header of this name";
            return Err(ConfigError::new("announce", problem, "use another name"));
        }
        let engine = Engine {
            name: self.binding.name.clone(),
            keys: Rotating::new(self.keys, self.binding)?,
            carrier,
            announce,
            policies: Policies::new(self.lifetime, self.remembered)?,
            skew: self.skew.as_secs(),
            accepts_from: self.accepts_from,
            clock: self.clock,
            random: self.random,
            observer: self.observer,
            others_until,
        };
        if self.cookie.insecure {
            observe::insecure(&engine.name);
        }
        Ok(engine)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let name = &self.binding.name;
        check_name("name", name)?;
        if let Some(prefix) = cookie_prefix(name) {
            let problem = format!("it begins with {prefix}, which is added where it is allowed");
            return Err(ConfigError::new("name", problem, "leave the prefix out"));
        }
        check_ending("name", name)?;
        self.binding.check(self.keys.are_signing())?;
        if self.accepts_from > LATEST {
            let problem = "no session can start as late as that";
            let fix = "use seconds since 1970, and not milliseconds";
            return Err(ConfigError::new("started_since", problem, fix));
        }
        if self.cookie.sticky_end && self.skew.as_secs() == 0 {
            let problem = "a session that starts in the second of an end starts one second later";
            return Err(ConfigError::new(
                "skew",
                problem,
                "allow a second, or remove .sticky_end() and .also_reads(..)",
            ));
        }
        Ok(())
    }
}
