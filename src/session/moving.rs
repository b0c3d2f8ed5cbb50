//! Sessions of other systems, which go on as ours.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use serde::de::DeserializeOwned;

use crate::{
    codec::{Answer, Codec, event::What, others::Other},
    error::{Rejected, SaveError},
    foreign::{Cookies, Foreign, Refused},
    lifetime::{Policy, Times},
    session::{Change, Live, Origin, Session, receive::Seen},
    token::envelope::{Envelope, SessionId},
    values::moment::Moment,
};

/// Where a session is from that was another system's.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) system: &'static str,
    /// What removes that system's cookies.
    pub(super) removals: Vec<String>,
}

impl<T: DeserializeOwned> Codec<T> {
    /// The session of the first other system that has one in a request which has none of ours.
    #[cold]
    pub(super) fn move_in(
        &self,
        cookies: &Cookies<'_>,
        seen: Seen,
        now: u64,
    ) -> Option<Session<T>> {
        let engine = self.engine();
        let on = |other: &&Other<T>| now < other.source.until();
        for other in self.others().iter().filter(on) {
            let read = other.source.read(cookies, now);
            let Some(read) = read.transpose() else {
                continue;
            };
            let system = other.source.system();
            let found = read.and_then(|foreign| self.take_over(other, foreign, seen, now));
            let (value, mut envelope, removals) = match found {
                Ok(found) => found,
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
                Ok(id) => envelope.id = id,
                Err(error) => {
                    // The old cookies stay, and open another time.
                    let error = SaveError::from(error);
                    engine.tell(What::NotSaved { error: &error }, None);
                    return None;
                }
            }
            let live = Live {
                envelope,
                value: Arc::new(value),
                key: None,
            };
            let change = match engine.can_seal() {
                true => Change::MoveIn,
                false => Change::Keep,
            };
            let origin = Origin {
                moved: Some(Moved { system, removals }),
                ..Origin::default()
            };
            let live = Some(live);
            return Some(Session::new(self.clone(), now, origin, live, change, seen));
        }
        None
    }

    /// What becomes of a session of another system: its value, its envelope with no id yet, and what
    /// removes its cookies.
    fn take_over(
        &self,
        other: &Other<T>,
        mut foreign: Foreign,
        seen: Seen,
        now: u64,
    ) -> Result<(T, Envelope, Vec<String>), Refused> {
        let issued = foreign.issued_at;
        let envelope = self.envelope_of(other, issued, seen, now)?;
        let own = |name: &&String| !self.engine().carrier.is_own_cookie(name);
        let removals = foreign.cookies.iter().filter(own);
        let removals = removals
            .filter_map(|name| other.source.removal(name))
            .collect();
        foreign.context = self.context_now();
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
        Ok((value, envelope, removals))
    }

    /// The envelope of a session that another system issued then, or at a time that nobody knows.
    fn envelope_of(
        &self,
        other: &Other<T>,
        issued: Option<u64>,
        seen: Seen,
        now: u64,
    ) -> Result<Envelope, Refused> {
        let engine = self.engine();
        if issued.is_some_and(|issued| issued > now.saturating_add(engine.skew)) {
            let detail = "it was issued in the future";
            return Err(Refused::new(Rejected::NotYetValid, detail));
        }
        // It may be from before the sign-out or the cut-off, if it doesn't say.
        let earliest = issued.unwrap_or(0);
        if earliest < seen.earliest() {
            let detail = "the user signed out since";
            return Err(Refused::new(Rejected::Ended, detail));
        }
        if earliest < engine.accepts_from {
            let detail = "it is from before the cut-off";
            return Err(Refused::new(Rejected::Revoked, detail));
        }
        let issued = issued.unwrap_or(now).min(now);
        let remembered = other.source.is_remembered();
        let policy = engine.policies.of(remembered);
        // Other systems issue again what is used, so that nobody has proved who they are just now.
        let start = issued.min(policy.unproven(now));
        let start = start.max(seen.earliest()).max(engine.accepts_from);
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
