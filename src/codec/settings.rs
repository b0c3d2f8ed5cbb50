//! What a builder collects that doesn't depend on the type of the value, and how it is checked.

use std::{sync::Arc, time::Duration};

use crate::{
    base::{
        clock::{Clock, SystemClock},
        observe,
        random::{Random, SystemRandom},
    },
    carrier::{
        Carrier,
        names::{check_ending, check_name, cookie_prefix},
        settings::{CookieSettings, HeaderSettings, own_header},
    },
    codec::{engine::Engine, event::Observer, rotation::Rotating},
    error::ConfigError,
    lifetime::{LATEST, Lifetime, Policies},
    token::{
        binding::{Binding, Kind},
        keys::AnyKeys,
    },
};

/// The settings that don't depend on the type of the value.
pub(super) struct Settings {
    pub(super) keys: AnyKeys,
    pub(super) binding: Binding,
    pub(super) cookie: CookieSettings,
    pub(super) header: Option<HeaderSettings>,
    pub(super) lifetime: Lifetime,
    pub(super) remembered: Option<Lifetime>,
    /// The response header that tells when the session ends.
    pub(super) announce: Option<String>,
    pub(super) skew: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) observer: Option<Box<Observer>>,
    pub(super) accepts_from: u64,
}

impl Settings {
    /// The settings that are, unless others are chosen.
    pub(super) fn new(name: &str, keys: AnyKeys) -> Settings {
        let binding = Binding {
            kind: Kind::Session,
            name: name.into(),
            context: None,
            #[cfg(feature = "jwt")]
            issuer: None,
        };
        Settings {
            keys,
            binding,
            cookie: CookieSettings::default(),
            header: None,
            lifetime: Lifetime::default(),
            remembered: None,
            announce: None,
            skew: Duration::from_secs(60),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            observer: None,
            accepts_from: 0,
        }
    }

    /// Checks all of them, and makes of them what a codec is but for its value.
    pub(super) fn engine(self, others_until: u64) -> Result<Engine, ConfigError> {
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
