//! What the library is to achieve.

use std::fmt;

/// A number that is to be at most, or at least, another one.
pub struct Target {
    pub what: String,
    pub measured: f64,
    pub limit: f64,
    pub at_least: bool,
}

impl Target {
    pub fn at_most(what: impl Into<String>, measured: f64, limit: f64) -> Target {
        Target {
            what: what.into(),
            measured,
            limit,
            at_least: false,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target {
            what,
            measured,
            limit,
            at_least,
        } = self;
        let met = if *at_least {
            measured >= limit
        } else {
            measured <= limit
        };
        let (sign, verdict) = (
            if *at_least { ">=" } else { "<=" },
            if met { "met" } else { "missed" },
        );
        write!(
            f,
            "  {verdict:<7} {measured:>7.2} {sign} {limit:<6.2} {what}"
        )
    }
}
