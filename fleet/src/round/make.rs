//! Keys that this worker makes.

use std::collections::BTreeSet;

use haversack::{Key, Random};
use zeroize::Zeroizing;

use super::{Round, listing::Objects};
use crate::{
    error::Problem,
    event::Event,
    known::{Due, Held},
    name::{KeyName, ObjectName},
    record::{KeyRecord, Record},
};

impl Round<'_> {
    /// Makes the keys whose time has come, or reads those that others made meanwhile.
    pub(super) async fn make_due(&self) -> Result<(), Problem> {
        // Each turn of the loop makes a key known, or a name one that is revoked or taken.
        let mut before = None;
        for _ in 0..MOST_AT_ONCE {
            let due = self.due();
            let Some(Due::Make { name, lead }) = due.filter(|_| due != before) else {
                return Ok(());
            };
            self.make(name, lead).await?;
            before = due;
        }
        Ok(())
    }

    /// The key that is to be made now, if one is.
    pub(super) fn due(&self) -> Option<Due> {
        let settings = &self.shared.settings;
        let known = self.shared.known();
        known.due(self.now, settings.period, settings.lead, settings.ahead)
    }

    /// Makes a key, or reads the one that is there; whether anything came of it.
    pub(super) async fn make(&self, name: KeyName, lead: u64) -> Result<bool, Problem> {
        if self.shared.known().bad.contains_key(&name.object()) {
            // Its place is taken.
            return Ok(false);
        }
        let object = name.object().original();
        let record = self.draw(name, lead)?;
        let wrapping = self.shared.wrapping.load_full();
        let content = wrapping.wrap(object, &Record::Key(record.clone()))?;
        let is_made = self.create(object, &content).await?;
        // A key that was revoked is deleted, and its name is free. The revocation was there before. If it
        // can't be seen, the key is there, and the next refresh comes back to it.
        match (is_made, self.is_revoked_by_now(name).await?) {
            (true, true) => {
                self.delete(object).await?;
                return Ok(true);
            }
            (false, true) => return Ok(true),
            (false, false) => return Ok(self.learn_key(name, &Objects::default()).await),
            (true, false) => {}
        }
        let key_id = &record.key.id();
        let held = Held {
            record,
            object,
            content,
            is_under_newest: true,
            unders: BTreeSet::new(),
        };
        self.shared.known().keys.insert(name, held);
        let name = &name.to_string();
        self.shared.tell(&Event::KeyMade { key_id, name });
        Ok(true)
    }

    /// What no worker does: a key of its own, as the store is down.
    pub(super) fn mint(&self) -> Result<(), Problem> {
        if let Some(Due::Make { name, lead }) = self.due() {
            let record = self.draw(name, lead)?;
            let held = Held {
                record,
                object: name.object().original(),
                content: Vec::new(),
                is_under_newest: true,
                unders: BTreeSet::new(),
            };
            self.shared.known().keys.insert(name, held);
        }
        Ok(())
    }

    /// Reads a key that no listing had, where there must be keys and none is known.
    pub(super) async fn find_lost(&self) -> Result<(), Problem> {
        if self.due() != Some(Due::Lost) {
            return Ok(());
        }
        let period = self.shared.settings.period;
        let current = KeyName::at(self.now, period);
        let previous = KeyName::at(current.begin.saturating_sub(1), period);
        let first = self
            .shared
            .known()
            .fleet
            .as_ref()
            .map(|held| held.record.first);
        for name in [Some(current), Some(previous), first].into_iter().flatten() {
            if self.learn_unlisted(name).await {
                self.learn_before(name).await;
                return Ok(());
            }
        }
        let problem = "the fleet is there, and none of its keys is";
        let fix = "restore the store from a copy; if nothing is left to be saved, delete this object as \
                   well, and a new fleet begins";
        Err(Problem::with(ObjectName::Fleet.original(), problem, fix))
    }

    fn draw(&self, name: KeyName, lead: u64) -> Result<KeyRecord, Problem> {
        let known = self.shared.known();
        let has_id = |id: &str| {
            let mut keys = known.keys.values();
            keys.any(|held| held.record.key.id() == id)
        };
        let key = loop {
            let key = draw_key(&*self.shared.random)?;
            // As good as never; but two keys of one id make no ring.
            if !has_id(&key.id()) {
                break key;
            }
        };
        let settings = &self.shared.settings;
        Ok(KeyRecord {
            key,
            made: self.shared.now(),
            period: settings.period,
            lead,
            opens_for: settings.opens_for,
            previous: known.keys.range(..name).next_back().map(|(name, _)| *name),
        })
    }
}

/// A key that is random and looks so.
fn draw_key(random: &dyn Random) -> Result<Key, Problem> {
    for _ in 0..TRIES {
        let mut octets = Zeroizing::new([0; 32]);
        random.fill(&mut *octets)?;
        // As good as never it looks like none, or one that is derived from it does.
        let key = Key::from_bytes(&*octets);
        let key = key.ok().filter(|key| {
            let text = Zeroizing::new(key.to_text());
            text.parse::<Key>().is_ok() && haversack::KeyRing::new(key.clone()).jwt_keys().is_ok()
        });
        if let Some(key) = key {
            return Ok(key);
        }
    }
    let problem = "what the source of randomness gives is not random";
    Err(Problem::new(problem, "use the operating system's"))
}

/// Keys that are made in one round: a period's, the next one's, and some that others revoke meanwhile.
const MOST_AT_ONCE: u32 = 8;
/// How often a key is drawn that does not look random.
const TRIES: u32 = 16;
