//! The ring as a table, without a secret.

use std::fmt;

use crate::{known::Known, name::time::readable, schedule::Span, settings::Settings};

/// The keys of a fleet, the newest first, from [`Fleet::status`](crate::Fleet::status). `Display` prints
/// them as a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// The keys.
    pub keys: Vec<KeyStatus>,
    /// How many cut-offs are in force.
    pub cut_offs: usize,
}

/// A key, without its secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeyStatus {
    /// Eight hexadecimal digits, as tokens carry them; empty for a key that was revoked.
    pub key_id: String,
    /// Its name in the store: the second at which its period begins, such as `20261201T000000Z`.
    pub name: String,
    /// What it does now.
    pub state: KeyState,
    /// From when on it seals, in seconds since 1970.
    pub seals_from: u64,
    /// When its successor seals, if that is known.
    pub seals_until: Option<u64>,
    /// When the last of what it sealed is over, if that is known.
    pub opens_until: Option<u64>,
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// It opens, and will seal.
    Waits,
    /// It seals and opens.
    Seals,
    /// It opens.
    Opens,
    /// It does nothing any more.
    Over,
    /// It does nothing any more, as somebody wanted.
    Revoked,
}

impl Status {
    pub(crate) fn new(now: u64, settings: &Settings, known: &Known, cut_offs: usize) -> Status {
        let schedule = known.schedule(settings.opens_for);
        let sealing = schedule.sealing(now);
        let mut keys: Vec<(_, KeyStatus)> = Vec::new();
        for (name, span) in schedule.spans() {
            let Some(held) = known.keys.get(&name) else {
                continue;
            };
            let state = match span {
                _ if sealing == Some(name) => KeyState::Seals,
                Span { seals_from, .. } if now < seals_from => KeyState::Waits,
                Span {
                    opens_until: Some(until),
                    ..
                } if until <= now => KeyState::Over,
                _ => KeyState::Opens,
            };
            let status = KeyStatus {
                key_id: held.record.key.id(),
                name: name.to_string(),
                state,
                seals_from: span.seals_from,
                seals_until: span.seals_until,
                opens_until: span.opens_until,
            };
            keys.push((name, status));
        }
        for (name, held) in &known.revoked {
            let revoked_at = held.record.made;
            let status = KeyStatus {
                key_id: String::new(),
                name: name.to_string(),
                state: KeyState::Revoked,
                seals_from: name.begin,
                seals_until: Some(revoked_at),
                opens_until: Some(revoked_at),
            };
            keys.push((*name, status));
        }
        keys.sort_by_key(|(name, _)| std::cmp::Reverse(*name));
        Status {
            keys: keys.into_iter().map(|(_, status)| status).collect(),
            cut_offs,
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            KeyState::Waits => "waits",
            KeyState::Seals => "seals",
            KeyState::Opens => "opens",
            KeyState::Over => "over",
            KeyState::Revoked => "revoked",
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:8}  {:18}  {:7}  {:20}  {:20}  {:20}",
            "id", "name", "state", "seals from", "seals until", "opens until"
        )?;
        let time = |time: Option<u64>| time.map_or_else(|| "-".to_owned(), readable);
        for key in &self.keys {
            writeln!(
                f,
                "{:8}  {:18}  {:7}  {:20}  {:20}  {:20}",
                key.key_id,
                key.name,
                key.state,
                readable(key.seals_from),
                time(key.seals_until),
                time(key.opens_until)
            )?;
        }
        write!(f, "cut-offs in force: {}", self.cut_offs)
    }
}
