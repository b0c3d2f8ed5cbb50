//! Hashes of subjects and times, close together.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hash, Hasher},
};

use crate::name::{CutOffName, Whose};

/// Since when sessions count.
#[derive(Clone, Default)]
pub(crate) struct Table {
    all: u64,
    subjects: HashMap<Halves, u64, BuildHasherDefault<AsItIs>>,
}

impl Table {
    pub(super) fn add(&mut self, name: CutOffName) {
        let since = match name.whose {
            Whose::All => &mut self.all,
            Whose::Subject(hash) => self.subjects.entry(halves(hash)).or_default(),
        };
        *since = name.time.max(*since);
    }

    pub(super) fn since(&self, whose: Whose) -> u64 {
        match whose {
            Whose::All => self.all,
            Whose::Subject(hash) => {
                let since = self.subjects.get(&halves(hash)).copied();
                since.map_or(self.all, |since| since.max(self.all))
            }
        }
    }

    /// The earliest time of any.
    pub(super) fn oldest(&self) -> u64 {
        let all = Some(self.all).filter(|all| *all > 0);
        let oldest = self.subjects.values().copied().chain(all).min();
        oldest.unwrap_or(u64::MAX)
    }

    /// What is left without those of before a time.
    pub(super) fn since_time(&self, time: u64) -> Table {
        let is_left = |since: u64| since >= time;
        let subjects = self.subjects.iter();
        let subjects = subjects.filter(|(_, since)| is_left(**since));
        Table {
            all: Some(self.all).filter(|all| is_left(*all)).unwrap_or(0),
            subjects: subjects.map(|(hash, since)| (*hash, *since)).collect(),
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (Whose, u64)> {
        let all = (self.all > 0).then_some((Whose::All, self.all));
        let subjects = self.subjects.iter();
        let subjects = subjects.map(|(Halves([high, low]), since)| {
            let hash = u128::from(*high) << 64 | u128::from(*low);
            (Whose::Subject(hash), *since)
        });
        all.into_iter().chain(subjects)
    }

    pub(super) fn len(&self) -> usize {
        self.subjects.len() + usize::from(self.all > 0)
    }
}

/// The hash of a subject, in two halves so that an entry takes no more than it needs.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Halves([u64; 2]);

fn halves(hash: u128) -> Halves {
    Halves([(hash >> 64) as u64, hash as u64])
}

impl Hash for Halves {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[1]);
    }
}

/// The hash of a hash: nobody chooses those without the fleet's secret.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_u64(self.0.rotate_left(8) ^ u64::from(*octet));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
