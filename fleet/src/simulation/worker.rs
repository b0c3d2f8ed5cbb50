//! A worker of a story, as the judge sees it too.

use haversack::Codec;

use crate::Fleet;

/// A process that has started.
pub(super) struct Worker {
    pub(super) number: usize,
    pub(super) life: u64,
    pub(super) fleet: Fleet,
    pub(super) login: Codec<u64>,
    /// When its last two refreshes listed, and whether they had all, the last one first.
    pub(super) listings: [Option<(u64, bool)>; 2],
}

impl Worker {
    /// It knows all that was made before this time.
    pub(super) fn knows_until(&self, lag: u64) -> Option<u64> {
        let time = match self.listings {
            [Some((time, true)), _] => time,
            // Nothing is left out twice in a row.
            [Some(_), Some((time, _))] => time,
            _ => return None,
        };
        Some(time.saturating_sub(lag))
    }
}
