//! What keeps a store in order: wrapping anew, reading again, deleting.

use super::{
    Found, Round,
    listing::{Listing, Objects},
};
use crate::{
    error::Problem,
    known::{Bad, Held},
    name::{KeyName, ObjectName, Wrapped},
    record::{Record, wrapping::Wrapping},
    settings::DAY,
    shared::lock,
};

impl Round<'_> {
    /// Wraps under the newest master key what is only under older ones, in further objects.
    pub(super) async fn wrap_anew(&self) -> Result<(), Problem> {
        let wrapping = self.shared.wrapping.load_full();
        let newest = wrapping.ids().first().copied();
        let Some(newest) = newest else {
            return Ok(());
        };
        for (name, record) in self.to_wrap() {
            let object = name.under(newest);
            let content = wrapping.wrap(object, &record)?;
            if self.create(object, &content).await? {
                self.note_wrapped(name, newest);
                continue;
            }
            match self.take_place(&wrapping, object, &content).await {
                Ok(()) => self.note_wrapped(name, newest),
                // What is there under older keys is good: health says so, and the next refresh tries again.
                Err(mut problem) => {
                    problem.is_unanswered = false;
                    self.refuse(name, problem, &Default::default());
                }
            }
        }
        Ok(())
    }

    /// Sees that an object that is there is what this ring wraps for its name, or puts that into its place.
    async fn take_place(
        &self,
        wrapping: &Wrapping,
        object: Wrapped,
        content: &[u8],
    ) -> Result<(), Problem> {
        if let Some(read) = self.read(object).await? {
            let unwrapped = wrapping.unwrap(object, &read);
            if unwrapped.is_ok_and(|unwrapped| unwrapped.is_under_newest) {
                return Ok(());
            }
            self.delete(object).await?;
        }
        match self.create(object, content).await? {
            true => Ok(()),
            false => {
                let problem = "its place is taken over and over";
                let fix = "find out who writes there, and remove it";
                Err(Problem::with(object, problem, fix))
            }
        }
    }

    pub(super) fn to_wrap(&self) -> Vec<(ObjectName, Record)> {
        // What a listing has of the newest key may be junk.
        fn is_due<R>(held: &Held<R>) -> bool {
            !held.is_under_newest
        }
        let known = self.shared.known();
        let mut due = Vec::new();
        if let Some(held) = known.fleet.as_ref().filter(|held| is_due(held)) {
            due.push((ObjectName::Fleet, Record::Fleet(held.record.clone())));
        }
        for (name, held) in known.keys.iter().filter(|(_, held)| is_due(held)) {
            due.push((name.object(), Record::Key(held.record.clone())));
        }
        for (name, held) in known.revoked.iter().filter(|(_, held)| is_due(held)) {
            due.push((name.tombstone(), Record::Revoked(held.record.clone())));
        }
        due
    }

    fn note_wrapped(&self, name: ObjectName, newest: u32) {
        let mut known = self.shared.known();
        fn note<R>(held: Option<&mut Held<R>>, newest: u32) {
            if let Some(held) = held {
                held.is_under_newest = true;
                held.unders.insert(newest);
            }
        }
        match name {
            ObjectName::Fleet => note(known.fleet.as_mut(), newest),
            ObjectName::Key(name) => note(known.keys.get_mut(&name), newest),
            ObjectName::Revoked(name) => note(known.revoked.get_mut(&name), newest),
            ObjectName::CutOff(_) | ObjectName::Probe(..) => {}
        }
    }

    /// Reads one key's object again, of all in turn: a store that was changed behind the fleet's back is
    /// found, and what could not be used is tried again.
    pub(super) async fn check_one(&self, listing: &Listing) {
        let Some((name, held)) = self.next_to_check() else {
            return;
        };
        match held {
            Some((object, content)) => self.check_known(name, object, &content).await,
            None => {
                let unders = {
                    let known = self.shared.known();
                    let bad = known.bad.get(&name.object());
                    bad.map(|bad| bad.unders.clone()).unwrap_or_default()
                };
                // A listing that has the key has its tombstone, too.
                if !listing.keys.contains_key(&name) {
                    match self.is_revoked_by_now(name).await {
                        Ok(false) => {}
                        Ok(true) => return,
                        // Of the key itself that says nothing.
                        Err(problem) => {
                            lock(&self.unanswered).get_or_insert(problem);
                            return;
                        }
                    }
                }
                let objects = Objects {
                    unders,
                    ..Objects::default()
                };
                if let Found::Absent = self.open(name.object(), &objects.unders).await {
                    self.shared.known().bad.remove(&name.object());
                    return;
                }
                self.learn_key(name, &objects).await;
            }
        }
    }

    /// A name, with the object and the content that it should have, if it is known.
    #[expect(clippy::type_complexity, reason = "it is taken apart at once")]
    fn next_to_check(&self) -> Option<(KeyName, Option<(Wrapped, Vec<u8>)>)> {
        let mut known = self.shared.known();
        let bad = known.bad.keys().filter_map(|name| match name {
            // What was revoked is deleted and not read.
            ObjectName::Key(name) => Some(*name).filter(|name| !known.revoked.contains_key(name)),
            _ => None,
        });
        let mut names: Vec<KeyName> = known.keys.keys().copied().chain(bad).collect();
        names.sort_unstable();
        // First what the store gave no answer for a moment ago.
        let is_to_try = |name: &&KeyName| {
            let bad = known.bad.get(&name.object());
            bad.is_some_and(Bad::is_to_try)
        };
        let again = names.iter().find(is_to_try);
        let after = names.iter().find(|name| Some(**name) > known.checked);
        let name = *again.or(after).or(names.first())?;
        known.checked = Some(name);
        let held = known.keys.get(&name);
        Some((name, held.map(|held| (held.object, held.content.clone()))))
    }

    async fn check_known(&self, name: KeyName, object: Wrapped, content: &[u8]) {
        let (problem, fix) = match self.read(object).await {
            Err(problem) => return self.refuse(name.object(), problem, &Default::default()),
            Ok(Some(read)) if read == content => {
                self.shared.known().bad.remove(&name.object());
                return;
            }
            Ok(Some(_)) => (
                "it is not what this worker read before: the store was changed, or an older copy of it was \
                 put back",
                "put back what was there; or revoke the key, and a new one takes its place",
            ),
            // Revoked since the listing.
            Ok(None) if self.learn_revocation(name, &Default::default()).await => return,
            Ok(None) => (
                "it is gone and was not revoked; workers that start now refuse the sessions that this key \
                 sealed",
                "put back what was there; or revoke the key, and a new one takes its place",
            ),
        };
        // Deleted as its time was over, by a worker whose clock is a little ahead.
        if self.is_over(name) {
            return;
        }
        let problem = Problem::with(object, problem, fix);
        self.refuse(name.object(), problem, &Default::default());
    }

    fn is_over(&self, name: KeyName) -> bool {
        let known = self.shared.known();
        let schedule = known.schedule(self.shared.settings.opens_for);
        let is_past = |until: u64| until <= self.now;
        let span = schedule.span(name);
        span.is_none_or(|span| span.opens_until.is_some_and(is_past))
    }

    /// Deletes keys that were revoked, as whoever did it may have died before.
    pub(super) async fn delete_revoked(&self, listing: &Listing) {
        for (name, objects) in &listing.keys {
            if self.shared.known().revoked.contains_key(name) {
                self.delete_all(objects.of(name.object())).await;
            }
        }
    }

    /// Deletes what nothing can need any more.
    pub(super) async fn clean(&self, listing: &Listing) {
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
            if let Some(objects) = listing.keys.get(&name)
                && !self.delete_all(objects.of(name.object())).await
            {
                continue;
            }
            let mut known = self.shared.known();
            known.keys.remove(&name);
            known.clocks.remove(&name.object());
        }
        self.clean_revoked(listing, time).await;
        let longest = opens_for.saturating_add(settings.outage + DAY);
        let ended = time.saturating_sub(longest);
        for name in listing.cut_offs.iter().filter(|name| name.time < ended) {
            self.delete_spare(ObjectName::CutOff(*name).original())
                .await;
        }
        self.forget_refused(listing);
        for (_, object) in listing.probes.iter().filter(|(made, _)| made + DAY < time) {
            self.delete_spare(*object).await;
        }
        if let Some(cut_offs) = self.shared.cut_offs.get() {
            cut_offs.forget(self.now.saturating_sub(longest));
        }
    }

    /// Whether all of them are gone.
    async fn delete_all(&self, objects: impl Iterator<Item = Wrapped>) -> bool {
        let mut are_gone = true;
        for object in objects {
            are_gone &= self.delete_spare(object).await;
        }
        are_gone
    }

    /// Of what is refused and no key, that which somebody removed: keys are read again one by one.
    fn forget_refused(&self, listing: &Listing) {
        let mut known = self.shared.known();
        known.bad.retain(|of, _| match of {
            ObjectName::CutOff(name) => listing.cut_offs.contains(name),
            ObjectName::Revoked(name) => listing.revoked.contains_key(name),
            ObjectName::Probe(..) => listing.probes.iter().any(|(_, probe)| probe.name == *of),
            _ => true,
        });
    }

    async fn clean_revoked(&self, listing: &Listing, time: u64) {
        let over: Vec<KeyName> = {
            let known = self.shared.known();
            let over = known.revoked.iter();
            let over = over.filter(|(_, held)| held.record.until <= time);
            over.map(|(name, _)| *name).collect()
        };
        for name in over {
            if let Some(objects) = listing.revoked.get(&name)
                && !self.delete_all(objects.of(name.tombstone())).await
            {
                continue;
            }
            self.shared.known().revoked.remove(&name);
        }
    }
}
