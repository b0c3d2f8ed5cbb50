//! What kind of story a seed is.

use std::time::Duration;

use super::chance::Chance;
use crate::settings::Asked;

/// Milliseconds.
pub(super) const SECOND: u64 = 1000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;

pub(super) const SKEW: u64 = 5;
pub(super) const POLL: u64 = 60;
pub(super) const PERIOD: u64 = 30 * 60;
pub(super) const LIFETIME: u64 = 20 * 60;
pub(super) const OUTAGE: u64 = 50 * 60;

/// The store, the network and the people of a story.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) workers: usize,
    pub(super) users: u64,
    /// When it ends.
    pub(super) length: u64,
    /// The longest that a call takes.
    pub(super) slowest_call: u64,
    /// After that a listing has what was created.
    pub(super) listing_lag: u64,
    /// In how many of a hundred cases an object is left out of a listing.
    pub(super) listing_loss: u64,
    /// In how many of a hundred cases a call fails.
    pub(super) call_loss: u64,
    /// Times in which nobody reaches the store.
    pub(super) outages: Vec<(u64, u64)>,
    /// Times in which one worker does not.
    pub(super) partitions: Vec<(usize, u64, u64)>,
    /// How long a worker lives at most, if it does not live as long as the story.
    pub(super) longest_life: Option<u64>,
    /// Between what operators do, if they do anything.
    pub(super) operator: Option<u64>,
    /// Workers that start later may have other periods.
    pub(super) redeploys: bool,
    /// The milliseconds that each clock is ahead.
    pub(super) clocks: Vec<i64>,
}

impl Plan {
    pub(super) fn of(seed: u64) -> Plan {
        let mut chance = Chance::new(seed);
        let chance = &mut chance;
        let workers = chance.between(2, 4) as usize;
        let length = chance.between(3, 6) * HOUR;
        let times = |chance: &mut Chance, most: u64, longest: u64| -> Vec<(u64, u64)> {
            let count = chance.below(most + 1);
            let one = |chance: &mut Chance| {
                let begin = chance.below(length);
                (begin, begin + chance.between(MINUTE, longest))
            };
            (0..count).map(|_| one(chance)).collect()
        };
        let outages = times(chance, 2, 70 * MINUTE);
        let partitions = times(chance, 3, 55 * MINUTE);
        let mut of_worker = |(begin, end)| (chance.below(workers as u64) as usize, begin, end);
        let partitions = partitions.into_iter().map(&mut of_worker).collect();
        let half = (SKEW * SECOND / 2) as i64;
        Plan {
            seed,
            workers,
            users: chance.between(1, 4),
            length,
            slowest_call: [50, 500, 5 * SECOND][chance.below(3) as usize],
            listing_lag: [0, 0, 8 * SECOND][chance.below(3) as usize],
            listing_loss: [0, 0, 10, 40][chance.below(4) as usize],
            call_loss: [0, 1, 10][chance.below(3) as usize],
            outages,
            partitions,
            longest_life: [None, Some(2 * HOUR), Some(20 * MINUTE)][chance.below(3) as usize],
            operator: [None, Some(30 * MINUTE), Some(5 * MINUTE)][chance.below(3) as usize],
            redeploys: chance.percent(25),
            clocks: (0..workers)
                .map(|_| chance.below(2 * half as u64 + 1) as i64 - half)
                .collect(),
        }
    }

    pub(super) fn settings(&self, period: u64) -> Asked {
        Asked {
            fleet: "fleet".into(),
            rotate_every: Duration::from_secs(period),
            longest_lifetime: Duration::from_secs(LIFETIME),
            tolerates_outage: Duration::from_secs(OUTAGE),
            poll_every: Duration::from_secs(POLL),
            skew: Duration::from_secs(SKEW),
        }
    }

    /// Whether a worker reaches the store.
    pub(super) fn reaches(&self, worker: usize, time: u64) -> bool {
        let within = |(begin, end): (u64, u64)| (begin..end).contains(&time);
        let is_out = self.outages.iter().any(|times| within(*times));
        let mut partitions = self.partitions.iter();
        let is_parted = partitions.any(|(of, begin, end)| *of == worker && within((*begin, *end)));
        !is_out && !is_parted
    }
}
