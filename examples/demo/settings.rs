//! What the environment says. A mistake in it is one line that names the variable and what to do.

use std::{env, time::Duration};

use haversack::{Key, KeyRing};

pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) keys: KeyRing,
    pub(crate) keys_are_generated: bool,
    pub(crate) idle: Duration,
    pub(crate) cap: Duration,
    /// In seconds.
    pub(crate) fresh: u64,
    pub(crate) insecure: bool,
}

impl Settings {
    pub(crate) fn from_env() -> Result<Settings, String> {
        let port = variable("PORT")?.map_or(Ok(3000), |text| {
            text.parse().map_err(|_| {
                format!(
                    "PORT: {text:?} is not a port; set a number up to 65535, or 0 for a free one"
                )
            })
        })?;
        let keys = variable("SESSION_KEYS")?;
        let keys_are_generated = keys.is_none();
        Ok(Settings {
            port,
            keys: self::keys(keys)?,
            keys_are_generated,
            idle: Duration::from_secs(seconds("IDLE_SECS", 1800)?),
            cap: Duration::from_secs(seconds("CAP_SECS", 28800)?),
            fresh: seconds("FRESH_SECS", 60)?,
            insecure: is_insecure()?,
        })
    }
}

/// A program that has to have keys writes `KeySource::variable("SESSION_KEYS").read()?`.
fn keys(text: Option<String>) -> Result<KeyRing, String> {
    match text {
        Some(text) => text
            .parse()
            .map_err(|error| format!("SESSION_KEYS: {error}")),
        None => Key::generate()
            .map(KeyRing::new)
            .map_err(|error| error.to_string()),
    }
}

fn seconds(name: &str, default: u64) -> Result<u64, String> {
    variable(name)?.map_or(Ok(default), |text| {
        text.parse().map_err(|_| {
            format!("{name}: {text:?} is not a number of seconds; set one such as {default}")
        })
    })
}

fn is_insecure() -> Result<bool, String> {
    const NAME: &str = "INSECURE_COOKIES";
    match variable(NAME)?.as_deref() {
        Some("1") => Ok(true),
        None | Some("0" | "") => Ok(false),
        Some(text) => Err(format!(
            "{NAME}: {text:?} is neither; set 1 for cookies over plain http, or 0"
        )),
    }
}

fn variable(name: &str) -> Result<Option<String>, String> {
    match env::var(name) {
        Ok(text) => Ok(Some(text)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            Err(format!("{name}: its value is not text; set it again"))
        }
    }
}
