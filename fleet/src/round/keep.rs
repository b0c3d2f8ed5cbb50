//! What keeps a store in order: wrapping anew, reading again, deleting.

use super::{
    Found, Round,
    listing::{Listing, Objects},
};
use crate::{
    error::Problem,
    known::Held,
    name::{KeyName, ObjectName, Wrapped},
    record::Record,
    settings::DAY,
};

impl Round<'_> {
    /// Wraps under the newest master key what is only under older ones, in further objects.
    pub(super) async fn wrap_anew(&self) -> Result<(), Problem> {
        let wrapping = self.shared.wrapping.load_full();
        let Some(newest) = wrapping.ids().first().copied() else {
            return Ok(());
        };
        for (name, record) in self.to_wrap(newest) {
            let object = name.under(newest);
            let content = wrapping.wrap(object, &record)?;
            self.create(object, &content).await?;
            self.note_wrapped(name, newest);
        }
        Ok(())
    }

    fn to_wrap(&self, newest: u32) -> Vec<(ObjectName, Record)> {
        fn is_due<R>(held: &Held<R>, newest: u32) -> bool {
            !held.is_under_newest && !held.unders.contains(&newest)
        }
        let known = self.shared.known();
        let mut due = Vec::new();
        if let Some(held) = known.fleet.as_ref().filter(|held| is_due(held, newest)) {
            due.push((ObjectName::Fleet, Record::Fleet(held.record.clone())));
        }
        for (name, held) in known.keys.iter().filter(|(_, held)| is_due(held, newest)) {
            due.push((name.object(), Record::Key(held.record.clone())));
        }
        for (name, held) in known
            .revoked
            .iter()
            .filter(|(_, held)| is_due(held, newest))
        {
            due.push((name.tombstone(), Record::Revoked(held.record.clone())));
        }
        due
    }

    fn note_wrapped(&self, name: ObjectName, newest: u32) {
        let mut known = self.shared.known();
        let unders = match name {
            ObjectName::Fleet => known.fleet.as_mut().map(|held| &mut held.unders),
            ObjectName::Key(name) => known.keys.get_mut(&name).map(|held| &mut held.unders),
            ObjectName::Revoked(name) => known.revoked.get_mut(&name).map(|held| &mut held.unders),
            ObjectName::CutOff(_) | ObjectName::Probe(..) => None,
        };
        unders.map(|unders| unders.insert(newest));
    }

    /// Reads one key's object again, of all in turn: a store that was changed behind the fleet's back is
    /// found, and what could not be used is tried again.
    pub(super) async fn check_one(&self) -> Result<(), Problem> {
        let Some((name, held)) = self.next_to_check() else {
            return Ok(());
        };
        match held {
            Some((object, content)) => self.check_known(name, object, &content).await,
            None => {
                let unders = {
                    let known = self.shared.known();
                    let bad = known.bad.get(&name.object());
                    bad.map(|bad| bad.unders.clone()).unwrap_or_default()
                };
                let objects = Objects {
                    unders,
                    ..Objects::default()
                };
                if let Found::Absent = self.open(name.object(), &objects.unders).await? {
                    self.shared.known().bad.remove(&name.object());
                    return Ok(());
                }
                self.learn_key(name, &objects).await.map(drop)
            }
        }
    }

    /// A name, with the object and the content that it should have, if it is known.
    #[expect(clippy::type_complexity, reason = "it is taken apart at once")]
    fn next_to_check(&self) -> Option<(KeyName, Option<(Wrapped, Vec<u8>)>)> {
        let mut known = self.shared.known();
        let bad = known.bad.keys().filter_map(|name| match name {
            ObjectName::Key(name) => Some(*name),
            _ => None,
        });
        let mut names: Vec<KeyName> = known.keys.keys().copied().chain(bad).collect();
        names.sort_unstable();
        let after = names.iter().find(|name| Some(**name) > known.checked);
        let name = *after.or(names.first())?;
        known.checked = Some(name);
        let held = known.keys.get(&name);
        Some((name, held.map(|held| (held.object, held.content.clone()))))
    }

    async fn check_known(
        &self,
        name: KeyName,
        object: Wrapped,
        content: &[u8],
    ) -> Result<(), Problem> {
        let (problem, fix) = match self.read(object).await? {
            Some(read) if read == content => {
                self.shared.known().bad.remove(&name.object());
                return Ok(());
            }
            Some(_) => (
                "it is not what this worker read before: the store was changed, or an older copy of it was \
                 put back",
                "put back what was there; or revoke the key, and a new one takes its place",
            ),
            // Revoked since the listing.
            None if self.learn_revocation(name, &Default::default()).await? => return Ok(()),
            None => (
                "it is gone and was not revoked; workers that start now refuse the sessions that this key \
                 sealed",
                "put back what was there; or revoke the key, and a new one takes its place",
            ),
        };
        // Deleted as its time was over, by a worker whose clock is a little ahead.
        if self.is_over(name) {
            return Ok(());
        }
        let problem = Problem::with(object, problem, fix);
        self.refuse(name.object(), problem, &Default::default());
        Ok(())
    }

    fn is_over(&self, name: KeyName) -> bool {
        let known = self.shared.known();
        let schedule = known.schedule(self.shared.settings.opens_for);
        let is_past = |until: u64| until <= self.now;
        let span = schedule.span(name);
        span.is_none_or(|span| span.opens_until.is_some_and(is_past))
    }

    /// Deletes what nothing can need any more.
    pub(super) async fn clean(&self, listing: &Listing) -> Result<(), Problem> {
        let settings = &self.shared.settings;
        let opens_for = settings.opens_for;
        let (time, over) = {
            let known = self.shared.known();
            let time = known.evident_time(self.now, settings.period);
            let schedule = known.schedule(opens_for);
            // For as long again as a worker may be cut off, as its clock or its settings may be others.
            let is_over = |until: u64| until.saturating_add(settings.outage + DAY) <= time;
            let over = schedule
                .spans()
                .filter(|(_, span)| span.opens_until.is_some_and(is_over));
            (time, over.map(|(name, _)| name).collect::<Vec<_>>())
        };
        for name in over {
            if let Some(objects) = listing.keys.get(&name) {
                for object in objects.of(name.object()) {
                    self.delete(object).await?;
                }
            }
            let mut known = self.shared.known();
            known.keys.remove(&name);
            known.clocks.remove(&name.object());
        }
        self.clean_revoked(listing, time).await?;
        let longest = opens_for.saturating_add(settings.outage + DAY);
        let ended = time.saturating_sub(longest);
        for name in listing.cut_offs.iter().filter(|name| name.time < ended) {
            self.delete(ObjectName::CutOff(*name).original()).await?;
        }
        self.forget_refused(listing);
        for (_, object) in listing.probes.iter().filter(|(made, _)| made + DAY < time) {
            self.delete(*object).await?;
        }
        if let Some(cut_offs) = self.shared.cut_offs.get() {
            cut_offs.forget(self.now.saturating_sub(longest));
        }
        Ok(())
    }

    /// Of what is refused and no key, that which somebody removed: keys are read again one by one.
    fn forget_refused(&self, listing: &Listing) {
        let mut known = self.shared.known();
        known.bad.retain(|name, _| match name {
            ObjectName::CutOff(name) => listing.cut_offs.contains(name),
            ObjectName::Revoked(name) => listing.revoked.contains_key(name),
            _ => true,
        });
    }

    async fn clean_revoked(&self, listing: &Listing, time: u64) -> Result<(), Problem> {
        let over: Vec<KeyName> = {
            let known = self.shared.known();
            let over = known.revoked.iter();
            let over = over.filter(|(_, held)| held.record.until <= time);
            over.map(|(name, _)| *name).collect()
        };
        for name in over {
            if let Some(objects) = listing.revoked.get(&name) {
                for object in objects.of(name.tombstone()) {
                    self.delete(object).await?;
                }
            }
            self.shared.known().revoked.remove(&name);
        }
        Ok(())
    }
}
