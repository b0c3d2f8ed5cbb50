//! How a fleet is set up, checked once and in seconds.

use std::time::Duration;

use crate::{
    error::Problem,
    mutant::{Mutant, broken},
};

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) fleet: String,
    pub(crate) rotate_every: Duration,
    pub(crate) longest_lifetime: Duration,
    pub(crate) tolerates_outage: Duration,
    pub(crate) poll_every: Duration,
    pub(crate) skew: Duration,
}

/// What follows from it.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The fleet's name.
    pub(crate) fleet: String,
    /// How long a key's period is.
    pub(crate) period: u64,
    /// After that many seconds every worker knows what was made: three polls, and what clocks differ.
    pub(crate) lead: u64,
    /// How long before a period its key may be made: so that most are known to all when it begins.
    pub(crate) ahead: u64,
    /// The longest that a token lives.
    pub(crate) lifetime: u64,
    /// The longest that a worker goes on without the store.
    pub(crate) outage: u64,
    /// How long a key opens after its successor seals.
    pub(crate) opens_for: u64,
    /// How much clocks may differ.
    pub(crate) skew: u64,
    /// How much of the past is listed again for cut-offs.
    pub(crate) look_back: u64,
    pub(crate) poll: Duration,
}

impl Asked {
    pub(crate) fn check(self) -> Result<Settings, Problem> {
        let seconds = |duration: Duration| duration.as_secs();
        let skew = seconds(self.skew);
        // Rounded up: what is too long by a second does no harm.
        let polls = self
            .poll_every
            .saturating_mul(3)
            .as_secs()
            .saturating_add(1);
        let poll = self.poll_every.as_secs().saturating_add(1);
        let lead = polls.saturating_add(skew.saturating_mul(2));
        let settings = Settings {
            period: seconds(self.rotate_every),
            lead,
            ahead: lead.saturating_add(poll),
            lifetime: seconds(self.longest_lifetime),
            outage: seconds(self.tolerates_outage),
            opens_for: seconds(self.longest_lifetime)
                .saturating_add(match broken(Mutant::DropWithoutOutage) {
                    true => 0,
                    false => seconds(self.tolerates_outage),
                })
                // A session may start in the future, as far as codecs allow.
                .saturating_add(lead.saturating_add(CODEC_SKEW)),
            skew,
            look_back: LOOK_BACK.max(poll.saturating_mul(10)),
            poll: self.poll_every,
            fleet: self.fleet,
        };
        settings.check()?;
        Ok(settings)
    }
}

impl Settings {
    fn check(&self) -> Result<(), Problem> {
        let refuse = |problem: String, fix| Err(Problem::new(problem, fix));
        let Settings { period, ahead, .. } = *self;
        if self.poll.is_zero() || self.poll > Duration::from_secs(DAY) {
            return refuse(
                "poll_every is nothing, or more than a day".into(),
                "use some seconds or minutes",
            );
        }
        if !(1..=MOST_SKEW).contains(&self.skew) {
            return refuse(
                format!(
                    "skew is {} s, and clocks differ by 1 to {MOST_SKEW}",
                    self.skew
                ),
                "set the clocks (NTP), and use some seconds",
            );
        }
        if period <= ahead {
            return refuse(
                format!(
                    "rotate_every is {period} s, and a key is made {ahead} s before it seals: three polls, \
                     what clocks differ, and one more poll"
                ),
                "rotate less often, or poll more often",
            );
        }
        if period > 400 * DAY || self.outage > 400 * DAY {
            return refuse(
                "rotate_every or tolerates_outage is more than 400 days".into(),
                "use some days or weeks",
            );
        }
        if self.lifetime == 0 || self.lifetime > 400 * DAY {
            return refuse(
                "longest_lifetime is nothing, or more than 400 days".into(),
                "use the longest lifetime of all sessions and tickets",
            );
        }
        Ok(())
    }
}

pub(crate) const DAY: u64 = 24 * 60 * 60;
/// How far in the future a token may start, for the skew of its codec.
const CODEC_SKEW: u64 = 60;
/// Half of what codecs allow between a server's clock and a token's times.
const MOST_SKEW: u64 = 30;
/// Ten minutes, in which a creation is done and shows in listings.
const LOOK_BACK: u64 = 600;
