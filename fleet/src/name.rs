//! The names of objects, and the periods of keys: arithmetic on text and seconds, no clock.

pub(crate) mod time;

use std::{fmt, str::FromStr};

use self::time::TimeText;

/// What an object is, as its name says. No name but the one that `Display` gives is one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ObjectName {
    CutOff(CutOffName),
    Fleet,
    Key(KeyName),
    /// Made at this time, to see what the store does.
    Probe(u64, u64),
    Revoked(KeyName),
}

/// A wrapped object and under which key of the master ring: the one that it was made under, or one that
/// took its place since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Wrapped {
    pub(crate) name: ObjectName,
    /// The id of the master key, if this is a further object.
    pub(crate) under: Option<u32>,
}

/// A key's name: the second at which its period begins, and how many the period had before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct KeyName {
    pub(crate) begin: u64,
    pub(crate) count: u32,
}

/// A cut-off's name says all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CutOffName {
    /// Sessions count that started at this time or later.
    pub(crate) time: u64,
    pub(crate) whose: Whose,
    /// Whoever made the name had the fleet's secret.
    pub(crate) tag: u128,
}

/// Whose sessions are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Whose {
    All,
    /// Those of the subject with this keyed hash.
    Subject(u128),
}

impl KeyName {
    /// The first key of the period that a time is in.
    pub(crate) fn at(time: u64, period: u64) -> KeyName {
        KeyName {
            begin: time - time % period.max(1),
            count: 0,
        }
    }

    /// The key that takes its place within the period.
    pub(crate) fn next(self) -> KeyName {
        KeyName {
            count: self.count.saturating_add(1),
            ..self
        }
    }

    pub(crate) fn object(self) -> ObjectName {
        ObjectName::Key(self)
    }

    pub(crate) fn tombstone(self) -> ObjectName {
        ObjectName::Revoked(self)
    }
}

impl ObjectName {
    /// The object as it was made.
    pub(crate) fn original(self) -> Wrapped {
        Wrapped {
            name: self,
            under: None,
        }
    }

    /// A further object of the same content under another master key.
    pub(crate) fn under(self, master: u32) -> Wrapped {
        Wrapped {
            name: self,
            under: Some(master),
        }
    }
}

/// The name that cut-offs from this time on come after, and keys.
pub(crate) fn cut_offs_from(time: u64) -> String {
    format!("{CUT_OFFS}{}", TimeText(time))
}

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.under {
            None => self.name.fmt(f),
            Some(master) => write!(f, "{}-{master:08x}", self.name),
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ObjectName::CutOff(name) => {
                write!(f, "{CUT_OFFS}{}-{:032x}", name.claim(), name.tag)
            }
            ObjectName::Fleet => f.write_str(FLEET),
            ObjectName::Key(name) => write!(f, "{KEYS}{name}"),
            ObjectName::Probe(time, number) => {
                write!(f, "{PROBES}{}-{number:016x}", TimeText(*time))
            }
            ObjectName::Revoked(name) => write!(f, "{REVOKED}{name}"),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TimeText(self.begin).fmt(f)?;
        match self.count {
            0 => Ok(()),
            count => write!(f, ".{count}"),
        }
    }
}

impl CutOffName {
    /// What the tag vouches for.
    pub(crate) fn claim(self) -> String {
        match self.whose {
            Whose::All => format!("{}-all", TimeText(self.time)),
            Whose::Subject(hash) => format!("{}-{hash:032x}", TimeText(self.time)),
        }
    }
}

impl Wrapped {
    /// What a listed name is; `None` if it is nothing of a fleet's.
    pub(crate) fn parse(text: &str) -> Option<Wrapped> {
        let parsed = parse(text)?;
        // One way to write each, so that no two names are one object.
        (parsed.to_string() == text).then_some(parsed)
    }
}

fn parse(text: &str) -> Option<Wrapped> {
    if let Some(rest) = text.strip_prefix(CUT_OFFS) {
        return Some(ObjectName::CutOff(parse_cut_off(rest)?).original());
    }
    if let Some(rest) = text.strip_prefix(PROBES) {
        let (time, number) = rest.split_once('-')?;
        let TimeText(time) = time.parse().ok()?;
        let number = u64::from_str_radix(number, 16).ok()?;
        return Some(ObjectName::Probe(time, number).original());
    }
    let (name, under) = match text.split_once('-') {
        Some((name, under)) => (name, Some(u32::from_str_radix(under, 16).ok()?)),
        None => (text, None),
    };
    let name = if name == FLEET {
        ObjectName::Fleet
    } else if let Some(key) = name.strip_prefix(KEYS) {
        ObjectName::Key(key.parse().ok()?)
    } else {
        ObjectName::Revoked(name.strip_prefix(REVOKED)?.parse().ok()?)
    };
    Some(Wrapped { name, under })
}

fn parse_cut_off(text: &str) -> Option<CutOffName> {
    let mut parts = text.split('-');
    let (time, whose, tag) = (parts.next()?, parts.next()?, parts.next()?);
    let TimeText(time) = time.parse().ok()?;
    let whose = match whose {
        "all" => Whose::All,
        hash => Whose::Subject(u128::from_str_radix(hash, 16).ok()?),
    };
    let tag = u128::from_str_radix(tag, 16).ok()?;
    Some(CutOffName { time, whose, tag })
}

/// It is not the name of a key.
#[derive(Debug)]
pub(crate) struct NotAName;

impl fmt::Display for NotAName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a key, such as 20261201T000000Z or 20261201T000000Z.1")
    }
}

impl FromStr for KeyName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<KeyName, NotAName> {
        let (begin, count) = match text.split_once('.') {
            Some((begin, count)) => (begin, count.parse().map_err(|_| NotAName)?),
            None => (text, 0),
        };
        let TimeText(begin) = begin.parse()?;
        let name = KeyName { begin, count };
        match name.to_string() == text {
            true => Ok(name),
            false => Err(NotAName),
        }
    }
}

// In this order, so that one listing from some cut-off on has all that a fleet looks at.
const CUT_OFFS: &str = "cutoffs/";
const FLEET: &str = "fleet";
const KEYS: &str = "keys/";
const PROBES: &str = "probes/";
const REVOKED: &str = "revoked/";

#[cfg(test)]
mod tests;
