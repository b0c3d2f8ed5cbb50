//! Servers with sessions, and the client that asks them.

pub(crate) mod chart;
mod client;
pub(crate) mod contender;
pub(crate) mod figures;
mod jar;
mod measured;
pub(crate) mod process;
pub(crate) mod rounds;
pub(crate) mod serve;
pub(crate) mod table;
pub(crate) mod targets;

use std::time::Duration;

/// How much is asked.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// How long a contender is asked in a round.
    pub(crate) window: Duration,
    pub(crate) sessions: usize,
}

impl Effort {
    pub(crate) const WHOLE: Effort = Effort {
        rounds: 7,
        window: Duration::from_secs(1),
        sessions: 100_000,
    };

    pub(crate) const QUICK: Effort = Effort {
        rounds: 1,
        window: Duration::from_millis(50),
        sessions: 1000,
    };
}
