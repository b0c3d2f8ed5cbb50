//! Sessions of other systems, which go on as ours.

use std::sync::Arc;

use crate::{
    codec::{Codec, others::Arrival},
    foreign::Cookies,
    session::{Change, Live, Origin, Session, receive::Seen},
};

/// Where a session is from that was another system's.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) system: &'static str,
    /// What removes that system's cookies.
    pub(super) removals: Vec<String>,
}

impl<T> Codec<T> {
    /// The session of the first other system that has one in a request which has none of ours.
    pub(super) fn move_in(
        &self,
        cookies: &Cookies<'_>,
        seen: Seen,
        now: u64,
    ) -> Option<Session<T>> {
        let others = self.others()?;
        let Arrival {
            value,
            envelope,
            system,
            removals,
        } = others.arrival(self, cookies, seen.earliest(), now)?;
        let live = Live {
            envelope,
            value: Arc::new(value),
            key: None,
        };
        let change = match self.engine().can_seal() {
            true => Change::MoveIn,
            false => Change::Keep,
        };
        let origin = Origin {
            moved: Some(Moved { system, removals }),
            ..Origin::default()
        };
        let live = Some(live);
        Some(Session::new(self.clone(), now, origin, live, change, seen))
    }
}
