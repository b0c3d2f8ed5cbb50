//! A listing, sorted by what its objects are.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    known::LastListings,
    name::{CutOffName, KeyName, ObjectName, Wrapped},
    store::Listed,
};

/// What a listing has of a fleet's.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Whether it has all, and not only what comes after a cut-off.
    pub(crate) is_whole: bool,
    /// Those before it.
    pub(crate) since: LastListings,
    pub(crate) cut_offs: Vec<CutOffName>,
    pub(crate) fleet: Objects,
    pub(crate) keys: BTreeMap<KeyName, Objects>,
    pub(crate) revoked: BTreeMap<KeyName, Objects>,
    /// When they were made, by their names.
    pub(crate) probes: Vec<(u64, Wrapped)>,
}

/// The objects of one content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Objects {
    pub(crate) has_original: bool,
    /// The master keys that further ones are wrapped under.
    pub(crate) unders: BTreeSet<u32>,
    /// When the original was created, by the store's clock.
    pub(crate) created: Option<u64>,
}

impl Listing {
    pub(crate) fn new(listed: Vec<Listed>, is_whole: bool, since: LastListings) -> Listing {
        let mut listing = Listing {
            is_whole,
            since,
            ..Listing::default()
        };
        for Listed { name, created } in listed {
            if let Some(wrapped) = Wrapped::parse(&name) {
                listing.add(wrapped, created);
            }
        }
        listing
    }

    fn add(&mut self, wrapped: Wrapped, created: Option<u64>) {
        let objects = match wrapped.name {
            ObjectName::CutOff(name) => return self.cut_offs.push(name),
            ObjectName::Probe(time, _) => return self.probes.push((time, wrapped)),
            ObjectName::Fleet => &mut self.fleet,
            ObjectName::Key(name) => self.keys.entry(name).or_default(),
            ObjectName::Revoked(name) => self.revoked.entry(name).or_default(),
        };
        match wrapped.under {
            Some(master) => _ = objects.unders.insert(master),
            None => {
                objects.has_original = true;
                objects.created = created;
            }
        }
    }
}

impl Objects {
    pub(super) fn is_empty(&self) -> bool {
        !self.has_original && self.unders.is_empty()
    }

    /// All of them.
    pub(crate) fn of(&self, name: ObjectName) -> impl Iterator<Item = Wrapped> {
        let original = self.has_original.then(|| name.original());
        let further = self.unders.iter().map(move |master| name.under(*master));
        original.into_iter().chain(further)
    }
}
