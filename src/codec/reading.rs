//! From an opening to a value.

use serde::de::DeserializeOwned;

use crate::{
    codec::{Codec, opened::Opened},
    error::Rejected,
    token::{
        Format,
        envelope::Envelope,
        opening::{Opening, Refusal},
    },
    values::moment::Moment,
};

impl<T: DeserializeOwned> Codec<T> {
    /// Opens a token that came in this many pieces.
    pub(crate) fn open_in(
        &self,
        format: &dyn Format,
        token: &[u8],
        pieces: u8,
        now: u64,
    ) -> Result<Opened<T>, Rejected> {
        let engine = self.engine();
        engine
            .open(format, token, pieces, now)
            .and_then(|opening| self.read_opening(format, &opening, now))
            .map_err(|refusal| engine.report(format, refusal))
    }

    /// Reads the value, and asks the application whether it accepts the session.
    pub(crate) fn read_opening(
        &self,
        format: &dyn Format,
        opening: &Opening,
        now: u64,
    ) -> Result<Opened<T>, Refusal> {
        let Opening { envelope, key, .. } = *opening;
        let _moment = Moment::at(now);
        // 10. The value, of today's shape or an older one.
        let (value, migrated) = self
            .read_value(opening.value())
            .ok_or(Rejected::Value.with_key(key))?;
        // 11. The application has the last word, with the value before it.
        if !self.accepts(&value, envelope) {
            return Err(Rejected::Revoked.with_key(key));
        }
        Ok(Opened {
            value,
            envelope,
            key: format.fingerprint(key),
            outdated: key != 0 || migrated,
        })
    }

    /// Whether the application accepts a session with this value.
    #[inline]
    fn accepts(&self, value: &T, envelope: Envelope) -> bool {
        self.ask(value, envelope)
            .is_none_or(|answer| answer.accepts)
    }

    /// The value, and whether it was of an older shape.
    fn read_value(&self, json: &[u8]) -> Option<(T, bool)> {
        // Checking that it is UTF-8 first is faster than doing it string by string.
        let json = std::str::from_utf8(json).ok()?;
        match serde_json::from_str(json) {
            Ok(value) => Some((value, false)),
            Err(_) => {
                let migrate = self.shared.migrate.as_ref()?;
                Some((migrate(json)?, true))
            }
        }
    }
}
