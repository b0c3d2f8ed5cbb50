//! How long a session lives: pure arithmetic on seconds, no clock.

use std::time::Duration;

use crate::error::{ConfigError, Rejected};

/// How long a session lives, in whole seconds, up to 400 days.
///
/// [`fixed`](Lifetime::fixed) ends it some time after its start; [`sliding`](Lifetime::sliding)
/// also ends it when it isn't used. The deadlines are inside the token and are checked by the
/// server on every request; a cookie's `Max-Age` only follows them.
///
/// The lifetime also applies to tokens that are already out. A shorter one applies to them at once.
/// A longer one revives none and moves no absolute deadline; a session in use gets the longer idle
/// limit at its next renewal, at the latest when half of its old limit has passed.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use haversack::Lifetime;
///
/// let hour = Duration::from_secs(3600);
/// let day_from_login = Lifetime::fixed(24 * hour);
/// let half_an_hour_idle_and_a_working_day_in_all = Lifetime::sliding(hour / 2, 8 * hour);
/// assert_eq!(Lifetime::default(), day_from_login);
/// ```
#[doc(alias = "expiration")]
#[doc(alias = "max_age")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// The idle limit; `None` for a fixed lifetime.
    idle: Option<Duration>,
    /// The absolute limit, counted from the start.
    cap: Duration,
    /// How long after issue a token is renewed; half of `idle` if `None`.
    renew_after: Option<Duration>,
}

impl Lifetime {
    /// A session that ends `total` after its start, used or not.
    ///
    /// For short sessions, such as the time between a password and the second factor. It has no
    /// idle deadline, so there is nothing to renew.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use haversack::{Codec, Key, KeyRing, Lifetime};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let half_way = Codec::<u64>::sealed("half-way", keys)
    ///     .lifetime(Lifetime::fixed(Duration::from_secs(300)))
    ///     .build()?;
    /// let facts = half_way.open(half_way.seal(&7)?)?.facts();
    /// assert_eq!(facts.ends_at - facts.started_at, 300);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub const fn fixed(total: Duration) -> Lifetime {
        Lifetime {
            idle: None,
            cap: total,
            renew_after: None,
        }
    }

    /// A session that expires when unused for `idle` (the idle deadline), and ends `cap` after its
    /// start in any case (the absolute deadline). Use extends it, at most every half `idle`, never
    /// beyond `cap`.
    ///
    /// Half an hour and a working day for what is worth stealing; a week and a few months for what
    /// is merely handy. There is no sliding lifetime without a cap: a stolen token could be kept
    /// alive for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use haversack::{Codec, Key, KeyRing, Lifetime};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let (idle, cap) = (Duration::from_secs(7 * 86_400), Duration::from_secs(90 * 86_400));
    /// let login = Codec::<u64>::sealed("login", keys)
    ///     .lifetime(Lifetime::sliding(idle, cap))
    ///     .build()?;
    /// let facts = login.open(login.seal(&7)?)?.facts();
    /// assert_eq!(facts.expires_at - facts.started_at, 7 * 86_400);
    /// assert_eq!(facts.ends_at - facts.started_at, 90 * 86_400);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "rolling")]
    #[must_use]
    pub const fn sliding(idle: Duration, cap: Duration) -> Lifetime {
        Lifetime {
            idle: Some(idle),
            cap,
            renew_after: None,
        }
    }

    /// Renews a sliding session on the first use at least `age` after its last issue, rather than
    /// after half of the idle limit. It must be shorter than the idle limit, and isn't for a fixed
    /// lifetime.
    ///
    /// A smaller age measures idleness more exactly and writes more often; zero writes on every
    /// request that uses the session.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use haversack::Lifetime;
    ///
    /// let minute = Duration::from_secs(60);
    /// // Signed out after 29 to 30 minutes without use, rather than after 15 to 30.
    /// let lifetime = Lifetime::sliding(30 * minute, 8 * 60 * minute).renew_after(minute);
    /// ```
    #[must_use]
    pub const fn renew_after(mut self, age: Duration) -> Lifetime {
        self.renew_after = Some(age);
        self
    }

    /// The same in seconds, if it can work.
    pub(crate) fn policy(self) -> Result<Policy, ConfigError> {
        let error = |problem, fix| Err(ConfigError::new("lifetime", problem, fix));
        let cap = self.cap.as_secs();
        if cap == 0 || self.idle.is_some_and(|idle| idle.as_secs() == 0) {
            return error(
                "a limit is less than a second",
                "give every limit a second or more",
            );
        }
        if cap > LONGEST {
            return error(
                "the session may live for more than 400 days, longer than browsers keep a cookie",
                "use 400 days or less (RFC 6265bis, section 5.5)",
            );
        }
        if self.idle.is_some_and(|idle| idle > self.cap) {
            return error(
                "the idle limit is longer than the absolute one, so it never takes effect",
                "shorten the idle limit, or use Lifetime::fixed",
            );
        }
        let renew_after = match (self.idle, self.renew_after) {
            (None, Some(_)) => {
                return error(
                    "renew_after is set, but a fixed lifetime is never renewed",
                    "use Lifetime::sliding, or remove renew_after",
                );
            }
            (Some(idle), Some(age)) if age.as_secs() >= idle.as_secs() => {
                return error(
                    "renew_after is not shorter than the idle limit, so no session is renewed",
                    "use a part of the idle limit, such as a half",
                );
            }
            (idle, age) => age.or(idle.map(|idle| idle / 2)).unwrap_or_default(),
        };
        Ok(Policy {
            idle: self.idle.map(|idle| idle.as_secs()),
            cap,
            renew_after: renew_after.as_secs(),
        })
    }
}

impl Default for Lifetime {
    /// Fixed, 24 hours.
    fn default() -> Lifetime {
        Lifetime::fixed(Duration::from_secs(24 * 60 * 60))
    }
}

/// How long the sessions of a codec live: the remembered ones, and all others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policies {
    usual: Policy,
    /// If it is another one.
    remembered: Option<Policy>,
}

impl Policies {
    pub(crate) fn new(
        usual: Lifetime,
        remembered: Option<Lifetime>,
    ) -> Result<Policies, ConfigError> {
        let remembered = remembered.map(Lifetime::policy).transpose();
        Ok(Policies {
            usual: usual.policy()?,
            remembered: remembered.map_err(|error| error.within("remembered", ""))?,
        })
    }

    /// The policy of sessions that are remembered, or are not.
    pub(crate) fn of(self, remembered: bool) -> Policy {
        match self.remembered {
            Some(policy) if remembered => policy,
            _ => self.usual,
        }
    }

    /// When the last of all sessions that started by then ends.
    pub(crate) fn last_end(self, started: u64) -> u64 {
        let end = |remembered| self.of(remembered).start(started).ends;
        end(false).max(end(true))
    }
}

/// A checked [`Lifetime`], in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    idle: Option<u64>,
    cap: u64,
    renew_after: u64,
}

impl Policy {
    /// The times of a session that starts now.
    pub(crate) fn start(self, now: u64) -> Times {
        let started = now.min(LATEST);
        self.limit(Times {
            started,
            authenticated: started,
            issued: started,
            expires: u64::MAX,
            ends: u64::MAX,
        })
    }

    /// The times of a live session that is issued again now.
    pub(crate) fn renew(self, times: Times, now: u64) -> Times {
        // The policy may end a session before a faster clock issued it.
        let issued = now.max(times.issued).min(times.ends);
        self.limit(Times {
            authenticated: times.authenticated.min(issued),
            issued,
            expires: times.ends,
            ..times
        })
    }

    /// A start that proves nothing now: an hour ago, or half of the longest life.
    pub(crate) fn unproven(self, now: u64) -> u64 {
        now.saturating_sub(UNPROVEN.min(self.cap / 2))
    }

    /// The deadlines that hold for a token: its own, or the policy's where those are earlier.
    pub(crate) fn limit(self, times: Times) -> Times {
        let ends = times.ends.min(times.started.saturating_add(self.cap));
        let idle = self
            .idle
            .map_or(ends, |idle| times.issued.saturating_add(idle));
        Times {
            expires: times.expires.min(idle).min(ends),
            ends,
            ..times
        }
    }

    /// Whether a session with these times is live; dead at the second of a deadline.
    pub(crate) fn check_live(times: Times, now: u64, skew: u64) -> Result<(), Rejected> {
        if times.issued > now.saturating_add(skew) {
            Err(Rejected::NotYetValid)
        } else if now >= times.ends {
            Err(Rejected::PastCap)
        } else if now >= times.expires {
            Err(Rejected::Expired)
        } else {
            Ok(())
        }
    }

    /// Whether a use of the session now should move its idle deadline.
    pub(crate) fn is_renewal_due(self, times: Times, now: u64) -> bool {
        let life = times.expires.saturating_sub(times.issued);
        let age = match self.idle {
            Some(idle) if life >= idle => self.renew_after,
            // It was issued for less than today's policy gives, and must not die of that in use.
            Some(_) => self.renew_after.min(life / 2),
            None => life / 2,
        };
        // At the cap there is nothing left to move.
        times.expires < times.ends && now >= times.issued.saturating_add(age)
    }
}

/// As old as a proof of identity may be where one is asked for again.
const UNPROVEN: u64 = 60 * 60;

/// 400 days, the longest that a browser keeps a cookie (RFC 6265bis, section 5.5).
const LONGEST: u64 = 400 * 24 * 60 * 60;

/// A session's times, in seconds since 1970;
/// `started <= authenticated <= issued <= expires <= ends`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) started: u64,
    /// When the user last proved who they are.
    pub(crate) authenticated: u64,
    pub(crate) issued: u64,
    pub(crate) expires: u64,
    pub(crate) ends: u64,
}

impl Times {
    /// The times of the mark of a session that ended, good until a second.
    pub(crate) fn of_mark(ended: u64, until: u64) -> Times {
        let ended = ended.min(LATEST);
        let until = until.clamp(ended, ended + MOST_SECONDS);
        Times {
            started: ended,
            authenticated: ended,
            issued: ended,
            expires: until,
            ends: until,
        }
    }

    /// Whether the times are in order and no later than any that this library writes.
    pub(crate) fn in_order(self) -> bool {
        self.flaw().is_none()
    }

    /// What is wrong with the order of the times, if anything is.
    #[inline]
    pub(crate) fn flaw(self) -> Option<&'static str> {
        if self.started > self.authenticated {
            Some("it was authenticated before it started")
        } else if self.authenticated > self.issued {
            Some("it was authenticated after it was issued")
        } else if self.issued > self.expires {
            Some("its idle deadline is before it was issued")
        } else if self.expires > self.ends {
            Some("its idle deadline is after its absolute one")
        } else if self.started > LATEST {
            Some("it starts 2^40 seconds after 1970 or later")
        } else if self.ends - self.started > MOST_SECONDS {
            Some("it lives for 2^32 seconds or longer")
        } else {
            None
        }
    }
}

/// The latest start of a session: 2^40 - 1 seconds after 1970, some 34,000 years from now.
pub(crate) const LATEST: u64 = (1 << 40) - 1;
/// The most seconds between a start and an end: as many as four octets can tell.
pub(crate) const MOST_SECONDS: u64 = u32::MAX as u64;
