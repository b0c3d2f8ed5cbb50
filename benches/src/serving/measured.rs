//! What was measured of a contender.

use std::time::Duration;

use haversack_benches::{
    compared::{Size, Use},
    quartiles::Quartiles,
};

use super::contender::Contender;

/// One turn.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    pub(crate) requests: usize,
    pub(crate) time: Duration,
    /// CPU time of the server.
    pub(crate) cpu: Duration,
}

/// A contender with one use of sessions of one size.
pub(crate) struct Measured {
    pub(crate) contender: Contender,
    pub(crate) used: Use,
    pub(crate) size: Size,
    /// Octets of memory with all sessions.
    pub(crate) resident: u64,
    /// Octets of a cookie's name and value.
    pub(crate) octets: Option<usize>,
    /// `None` if the value does not fit into a cookie.
    pub(crate) cost: Option<Cost>,
}

pub(crate) struct Cost {
    /// Requests a second.
    pub(crate) rate: Quartiles,
    /// The same as a part of what the server does without sessions, in the same round.
    pub(crate) of_bare: Quartiles,
    /// Nanoseconds of CPU time for a request.
    pub(crate) cpu: Quartiles,
    /// CPU time for each second: 1 where the server was busy all the time.
    pub(crate) busy: Quartiles,
    /// The rate in each round.
    pub(crate) rates: Vec<f64>,
}

impl Measured {
    pub(crate) fn new(
        (contender, used, size): (Contender, Use, Size),
        rounds: &[Round],
        bare: &[Round],
        resident: u64,
        octets: Option<usize>,
    ) -> Measured {
        let cost = octets.map(|_| Cost::new(rounds, bare));
        Measured {
            contender,
            used,
            size,
            resident,
            octets,
            cost,
        }
    }
}

impl Cost {
    fn new(rounds: &[Round], bare: &[Round]) -> Cost {
        let rates: Vec<f64> = rounds.iter().map(Round::rate).collect();
        let each = |of: fn(&Round) -> f64| Quartiles::of(rounds.iter().map(of).collect());
        Cost {
            rate: Quartiles::of(rates.clone()),
            of_bare: Cost::ratio(&rates, bare.iter().map(Round::rate)),
            cpu: each(|round| round.cpu.as_nanos() as f64 / round.requests as f64),
            busy: each(|round| round.cpu.div_duration_f64(round.time)),
            rates,
        }
    }

    /// How many times as many requests a second as the other one, round by round.
    pub(crate) fn over(&self, other: &Cost) -> Quartiles {
        Cost::ratio(&self.rates, other.rates.iter().copied())
    }

    fn ratio(rates: &[f64], others: impl Iterator<Item = f64>) -> Quartiles {
        Quartiles::of(
            rates
                .iter()
                .zip(others)
                .map(|(own, other)| own / other)
                .collect(),
        )
    }
}

impl Round {
    fn rate(&self) -> f64 {
        self.requests as f64 / self.time.as_secs_f64()
    }
}
