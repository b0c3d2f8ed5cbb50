//! Wrapping records under the master ring, with the object's name bound in.

use std::sync::Arc;

use haversack::{ConfigError, KeyRing, Random, RandomError, Rejected, SaveError, Ticket};

use super::Record;
use crate::{error::Problem, name::Wrapped};

/// The master ring, ready for the objects of one fleet.
pub(crate) struct Wrapping {
    /// All of the ring.
    all: Ticket<Record>,
    /// The key of it that seals.
    newest: Ticket<Record>,
    /// The ids of the ring's keys, that of the one that seals first.
    ids: Vec<u32>,
}

/// What was in an object.
pub(crate) struct Unwrapped {
    pub(crate) record: Record,
    /// Whether the master key that seals wrapped it.
    pub(crate) is_under_newest: bool,
}

impl Wrapping {
    pub(crate) fn new(
        master: &KeyRing,
        fleet: &str,
        random: &Arc<dyn Random>,
    ) -> Result<Wrapping, ConfigError> {
        let ticket = |ring: KeyRing| {
            let random = SharedRandom(Arc::clone(random));
            // A record has no deadline of its own: the clock of its ticket stands still.
            let ticket = Ticket::sealed(TICKET, ring).clock(|| 0).random(random);
            ticket.context(fleet).build()
        };
        let mut ids = Vec::new();
        for key in master.keys() {
            let id = u32::from_str_radix(&key.id(), 16);
            ids.push(id.unwrap_or_default());
        }
        Ok(Wrapping {
            all: ticket(master.clone())?,
            newest: ticket(KeyRing::new(master.keys()[0].clone()))?,
            ids,
        })
    }

    /// The ids of the master keys, that of the one that seals first.
    pub(crate) fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The content of the object of this name.
    pub(crate) fn wrap(&self, name: Wrapped, record: &Record) -> Result<Vec<u8>, SaveError> {
        let token = self.newest.seal(record, name.to_string())?;
        Ok(token.into_bytes())
    }

    /// What is in the object of this name.
    pub(crate) fn unwrap(&self, name: Wrapped, content: &[u8]) -> Result<Unwrapped, Problem> {
        let binding = name.to_string();
        let newest = self.newest.open(content, |_| &*binding);
        let (record, is_under_newest) = match newest {
            Ok(record) => (record, true),
            Err(Rejected::UnknownKey) => {
                let older = self.all.open(content, |_| &*binding);
                (older.map_err(|reason| refused(name, reason))?, false)
            }
            Err(reason) => return Err(refused(name, reason)),
        };
        Ok(Unwrapped {
            record,
            is_under_newest,
        })
    }
}

fn refused(name: Wrapped, reason: Rejected) -> Problem {
    let (problem, fix) = match reason {
        Rejected::UnknownKey => (
            "it is wrapped under a key that the master ring does not have",
            "add that key to the master ring; or, if the object is not this fleet's, remove it",
        ),
        Rejected::OtherBinding => (
            "its content is that of an object of another name",
            "find out who wrote it: nobody who has the master ring does this",
        ),
        Rejected::Value => (
            "it was written in a shape that this version does not read",
            "update this program first, then those that write",
        ),
        _ => (
            "its content is not what this fleet wrote",
            "find out who wrote it, and remove it or restore it from a copy",
        ),
    };
    Problem::with(name, problem, fix)
}

/// What tickets are given that own their randomness.
struct SharedRandom(Arc<dyn Random>);

impl Random for SharedRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill(bytes)
    }
}

/// The name of the tickets that records are.
const TICKET: &str = "haversack-fleet";
