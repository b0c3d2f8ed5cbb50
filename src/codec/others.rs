//! Other systems whose sessions a codec reads for a while.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    codec::{Answer, Codec, event::What},
    error::{ConfigError, Rejected, SaveError},
    foreign::{Cookies, Foreign, Refused, Source},
    lifetime::{Policy, Times},
    token::{
        binding::Kind,
        envelope::{Envelope, SessionId},
    },
    values::moment::Moment,
};

/// A session of another system that goes on as ours.
pub(crate) struct Arrival<T> {
    pub(crate) value: T,
    pub(crate) envelope: Envelope,
    pub(crate) system: &'static str,
    /// What removes that system's cookies.
    pub(crate) removals: Vec<String>,
}

/// Other systems, in the order in which they are asked. Behind a trait, as a program that reads none has no
/// code of it.
pub(crate) trait Others<T>: Send + Sync {
    fn add(&mut self, other: Other<T>);

    /// The time from which on none is read.
    fn until(&self) -> u64;

    fn check(&self) -> Result<(), ConfigError>;

    /// The session of the first that has one in a request which has none of ours, if it is not from before
    /// the earliest start.
    fn arrival(
        &self,
        codec: &Codec<T>,
        cookies: &Cookies<'_>,
        earliest: u64,
        now: u64,
    ) -> Option<Arrival<T>>;
}

impl<T> Others<T> for Vec<Other<T>> {
    fn add(&mut self, other: Other<T>) {
        self.push(other);
    }

    fn until(&self) -> u64 {
        let dates = self.iter().map(|other| other.source.until());
        dates.max().unwrap_or(0)
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.iter().try_for_each(|other| other.source.check())
    }

    #[cold]
    fn arrival(
        &self,
        codec: &Codec<T>,
        cookies: &Cookies<'_>,
        earliest: u64,
        now: u64,
    ) -> Option<Arrival<T>> {
        let engine = codec.engine();
        for other in self.iter().filter(|other| now < other.source.until()) {
            let Some(read) = other.source.read(cookies, now).transpose() else {
                continue;
            };
            let system = other.source.system();
            let found = read.and_then(|foreign| codec.take_over(other, foreign, earliest, now));
            let mut arrival = match found {
                Ok(arrival) => arrival,
                Err(Refused { reason, detail }) => {
                    let what = What::ForeignRefused {
                        system,
                        reason,
                        detail,
                    };
                    engine.tell(what, None);
                    continue;
                }
            };
            match engine.draw_id() {
                Ok(id) => arrival.envelope.id = id,
                Err(error) => {
                    // The old cookies stay, and open another time.
                    let error = SaveError::from(error);
                    engine.tell(What::NotSaved { error: &error }, None);
                    return None;
                }
            }
            return Some(arrival);
        }
        None
    }
}

/// Another system, and what becomes of its sessions.
pub(crate) struct Other<T> {
    pub(crate) source: Source,
    pub(crate) map: Box<Map<T>>,
}

/// Makes a value of another system's session.
pub(crate) type Map<T> = dyn Fn(Foreign) -> Option<T> + Send + Sync;

impl<T> Codec<T> {
    /// What becomes of a session of another system; it has no id yet.
    fn take_over(
        &self,
        other: &Other<T>,
        mut foreign: Foreign,
        earliest: u64,
        now: u64,
    ) -> Result<Arrival<T>, Refused> {
        let issued = foreign.issued_at;
        let envelope = self.envelope_of(other, issued, earliest, now)?;
        let own = |name: &&String| !self.engine().carrier.is_own_cookie(name);
        let removals = foreign.cookies.iter().filter(own);
        let removals = removals
            .filter_map(|name| other.source.removal(name))
            .collect();
        let binding = self.engine().keys.current();
        let binding = binding.binding_for(Kind::Session, self.other_context());
        foreign.context = binding.context;
        let _moment = Moment::at(now);
        // A mapping that panics has made no value.
        let value = catch_unwind(AssertUnwindSafe(|| (other.map)(foreign)))
            .ok()
            .flatten()
            .ok_or(Refused::new(
                Rejected::Value,
                "the application made no value of it",
            ))?;
        // It may be from before the cut-off, if it doesn't say.
        let since = |answer: &Answer| answer.earliest_start <= Some(issued.unwrap_or(0));
        let answer = self.ask(&value, envelope);
        if !answer.is_none_or(|answer| answer.accepts && since(&answer)) {
            let detail = "the application does not accept it";
            return Err(Refused::new(Rejected::Revoked, detail));
        }
        Ok(Arrival {
            value,
            envelope,
            system: other.source.system(),
            removals,
        })
    }

    /// The envelope of a session that another system issued then, or at a time that nobody knows.
    fn envelope_of(
        &self,
        other: &Other<T>,
        issued: Option<u64>,
        earliest: u64,
        now: u64,
    ) -> Result<Envelope, Refused> {
        let engine = self.engine();
        if issued.is_some_and(|issued| issued > now.saturating_add(engine.skew)) {
            let detail = "it was issued in the future";
            return Err(Refused::new(Rejected::NotYetValid, detail));
        }
        // It may be from before the sign-out or the cut-off, if it doesn't say.
        let start = issued.unwrap_or(0);
        if start < earliest {
            let detail = "the user signed out since";
            return Err(Refused::new(Rejected::Ended, detail));
        }
        if start < engine.accepts_from {
            let detail = "it is from before the cut-off";
            return Err(Refused::new(Rejected::Revoked, detail));
        }
        let issued = issued.unwrap_or(now).min(now);
        let remembered = other.source.is_remembered();
        let policy = engine.policies.of(remembered);
        // Other systems issue again what is used, so that nobody has proved who they are just now.
        let start = issued.min(policy.unproven(now));
        let start = start.max(earliest).max(engine.accepts_from);
        let id = SessionId::from_bytes([0; 16]);
        let mut envelope = engine.start(id, start, remembered);
        let times = Times {
            ends: envelope.times.ends.min(other.source.last_end(issued)),
            ..envelope.times
        };
        envelope.times = policy.renew(times, now);
        Policy::check_live(envelope.times, now, engine.skew)
            .map_err(|reason| Refused::new(reason, "it would be past its absolute deadline"))?;
        Ok(envelope)
    }
}
