//! What a store does, seen once before a fleet relies on it.

use super::Round;
use crate::{
    error::Problem,
    join::join_all,
    name::{ObjectName, Wrapped},
};

impl Round<'_> {
    /// Creates an object twice, and twice at once: a store that lets both through loses keys.
    pub(crate) async fn probe(&self) -> Result<(), Problem> {
        let mut octets = [0; 8];
        self.shared.random.fill(&mut octets)?;
        let number = u64::from_be_bytes(octets);
        let one = ObjectName::Probe(self.now, number).original();
        let other = ObjectName::Probe(self.now, number.wrapping_add(1)).original();
        let outcome = self.probe_objects(one, other).await;
        // What stays is deleted a day later, by whoever finds it.
        let _ = self.delete(one).await;
        let _ = self.delete(other).await;
        outcome
    }

    async fn probe_objects(&self, one: Wrapped, other: Wrapped) -> Result<(), Problem> {
        let first = self.create(one, b"first").await?;
        let second = self.create(one, b"second").await?;
        let read = self.read(one).await?;
        if !first || second || read.as_deref() != Some(b"first") {
            return Err(lets_both_through(one));
        }
        let at_once = [&b"first"[..], b"second"].map(|content| self.create(other, content));
        let mut created = 0;
        for outcome in join_all(at_once).await {
            created += u32::from(outcome?);
        }
        match created {
            1 => self.probe_clock(one).await,
            _ => Err(lets_both_through(other)),
        }
    }

    /// How far this worker's clock is ahead of the store's.
    async fn probe_clock(&self, object: Wrapped) -> Result<(), Problem> {
        let listed = self.store.list(PROBES).await;
        let listed = listed.map_err(Problem::unlisted)?;
        let name = object.to_string();
        let listed = listed.into_iter().find(|listed| listed.name == name);
        if let Some(created) = listed.and_then(|listed| listed.created) {
            let ahead = i128::from(self.now) - i128::from(created);
            let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
            self.shared.known().clocks.insert(object.name, ahead);
        }
        Ok(())
    }
}

fn lets_both_through(object: Wrapped) -> Problem {
    let problem =
        "the store lets two create one object, so that workers would make two keys of one name";
    let fix = "use a store that creates an object only if it is absent: S3 does since 2024, many that \
               are like it do not";
    Problem::with(object, problem, fix)
}

const PROBES: &str = "probes/";
