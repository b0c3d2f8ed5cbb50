//! What stands for a subject, and what vouches for a name, to whoever reads the store.

use siphasher::sip128::SipHasher24;

use crate::{
    name::{CutOffName, Whose},
    record::FleetRecord,
};

/// The fleet's keyed hashes, SipHash-2-4 with 128 bits.
pub(crate) struct Hashing {
    subjects: SipHasher24,
    tags: SipHasher24,
}

impl Hashing {
    pub(crate) fn new(record: &FleetRecord) -> Hashing {
        Hashing {
            subjects: SipHasher24::new_with_key(&record.subjects.0),
            tags: SipHasher24::new_with_key(&record.tags.0),
        }
    }

    /// The hash of a subject.
    pub(crate) fn subject(&self, octets: &[u8]) -> u128 {
        hash(&self.subjects, octets)
    }

    /// The name of a cut-off, with its tag.
    pub(crate) fn name(&self, time: u64, whose: Whose) -> CutOffName {
        let mut name = CutOffName {
            time,
            whose,
            tag: 0,
        };
        name.tag = hash(&self.tags, name.claim().as_bytes());
        name
    }
}

fn hash(hasher: &SipHasher24, octets: &[u8]) -> u128 {
    let hash = hasher.hash(octets);
    // As the reference has it in octets, so that other languages write the same.
    u128::from_be_bytes(hash.as_bytes())
}
