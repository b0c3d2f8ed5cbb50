//! The envelope of a session that starts.

use crate::{
    codec::Codec,
    token::envelope::{Envelope, SessionId},
    values::moment::Moment,
};

impl<T> Codec<T> {
    /// A session with this value, as if it started at this time; or as soon after as the application
    /// accepts one.
    pub(crate) fn begin(&self, value: &T, id: SessionId, start: u64, remembered: bool) -> Envelope {
        let engine = self.engine();
        let envelope = engine.start(id, start, remembered);
        // Nobody else takes one that is further in the future.
        let latest = start.saturating_add(engine.skew);
        match self.earliest_start(value, envelope, start) {
            Some(earliest) if (start..=latest).contains(&earliest) => {
                engine.start(id, earliest, remembered)
            }
            _ => envelope,
        }
    }

    fn earliest_start(&self, value: &T, envelope: Envelope, now: u64) -> Option<u64> {
        let accept = self.shared.accept.as_ref()?;
        if !accept.knows_start {
            return None;
        }
        let _moment = Moment::at(now);
        self.ask(value, envelope)?.earliest_start
    }
}
