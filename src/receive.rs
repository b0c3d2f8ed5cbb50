//! What a request brings for one session: which of its tokens counts, and what else it says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

use crate::{
    carrier::{Found, LONGEST_CUT, PieceSet},
    codec::{Codec, Opened},
    core::Mark,
    envelope::Envelope,
    error::Rejected,
    facts::Facts,
    format::{Format, Kind, Opening, Refusal},
    moment::Moment,
    rotation::Current,
};

/// What was found in a request.
pub(crate) struct Received<T> {
    pub(crate) opened: Result<Option<Opened<T>>, Rejected>,
    pub(crate) seen: Seen,
}

/// The cookies of this session that the request carried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) whole: bool,
    pub(crate) pieces: PieceSet,
    /// The last end of the session in this browser.
    pub(crate) mark: Option<Mark>,
}

impl Seen {
    /// The earliest start of a session that is not taken for one that was ended.
    pub(crate) fn earliest(self) -> u64 {
        self.mark.map_or(0, |mark| mark.ended.saturating_add(1))
    }
}

impl<T: DeserializeOwned> Codec<T> {
    /// Finds the tokens in the values of the request header, opens them, and chooses one.
    pub(crate) fn receive<'h>(
        &self,
        header_values: impl Iterator<Item = &'h [u8]>,
        now: u64,
    ) -> Received<T> {
        let core = self.core();
        let found = core.carrier.find(header_values);
        let keys = core.keys.current();
        let mark = self.last_mark(&keys, &found, now);
        let seen = Seen {
            whole: found.wholes.count() > 0,
            pieces: found.pieces.seen(),
            mark,
        };
        Received {
            opened: self.choose(&keys, &found, mark, now),
            seen,
        }
    }

    /// The last end of the session in this browser, if a mark tells of one.
    fn last_mark(&self, keys: &Current, found: &Found<'_>, now: u64) -> Option<Mark> {
        if found.marks.count() == 0 {
            return None;
        }
        let format = self.core().bound(keys, Kind::End, self.bound_to());
        let marks = found.marks.first(format.most_candidates()).iter();
        marks
            .filter_map(|mark| self.core().open_mark(&format, mark, now))
            .max()
    }

    /// Of the tokens that open, the one issued last; why the first did not open, if none does.
    fn choose(
        &self,
        keys: &Current,
        found: &Found<'_>,
        mark: Option<Mark>,
        now: u64,
    ) -> Result<Option<Opened<T>>, Rejected> {
        let core = self.core();
        let format = core.bound(keys, Kind::Session, self.bound_to());
        // A header is not a list.
        if found.wholes.count() > 1 && !core.carrier.keeps_tokens() {
            return Err(core.refuse(&format, Rejected::Malformed));
        }
        let mut choice = Choice::default();
        let most = format.most_candidates();
        for token in found.wholes.first(most) {
            choice.add(self.open_unless_ended(&format, token, 1, mark, now));
        }
        if !found.pieces.seen().is_empty() {
            let (mut joined, mut opened) = ([0; LONGEST_CUT], 0);
            for set in found.pieces.sets() {
                // What is not whole costs little and does not count.
                if opened == most {
                    break;
                }
                choice.add(match set.join(&mut joined) {
                    Ok(token) => {
                        opened += 1;
                        self.open_unless_ended(&format, token, set.count(), mark, now)
                    }
                    Err(reason) => Err(core.refuse(&format, reason)),
                });
            }
        }
        choice.made()
    }

    fn open_unless_ended(
        &self,
        format: &Format,
        token: &[u8],
        pieces: u8,
        mark: Option<Mark>,
        now: u64,
    ) -> Result<Opened<T>, Rejected> {
        let opened = self.open_in(format, token, pieces, now)?;
        match mark {
            Some(mark) if opened.facts().started_at <= mark.ended => {
                Err(self.core().refuse(format, Rejected::Ended))
            }
            _ => Ok(opened),
        }
    }

    /// Opens a token that came in this many pieces.
    pub(crate) fn open_in(
        &self,
        format: &Format,
        token: &[u8],
        pieces: u8,
        now: u64,
    ) -> Result<Opened<T>, Rejected> {
        let core = self.core();
        core.open(format, token, pieces, now)
            .and_then(|opening| self.read_opening(format, &opening, now))
            .map_err(|refusal| core.refuse(format, refusal))
    }

    /// Reads the value, and asks the application whether it accepts the session.
    fn read_opening(
        &self,
        format: &Format,
        opening: &Opening,
        now: u64,
    ) -> Result<Opened<T>, Refusal> {
        let Opening { envelope, key, .. } = *opening;
        let _moment = Moment::at(now);
        let (value, migrated) = self
            .read_value(opening.value())
            .ok_or(Rejected::Value.under(key))?;
        if let Some(accept) = self.accept() {
            let facts = Facts::from(envelope);
            // A hook that panics has not accepted.
            match catch_unwind(AssertUnwindSafe(|| accept(&value, &facts))) {
                Ok(true) => {}
                _ => return Err(Rejected::Revoked.under(key)),
            }
        }
        Ok(Opened {
            value,
            envelope,
            key: format.fingerprint(key),
            outdated: key != 0 || migrated,
        })
    }

    /// The value, and whether it was of an older shape.
    fn read_value(&self, json: &[u8]) -> Option<(T, bool)> {
        // Checking that it is UTF-8 first is faster than doing it string by string.
        let json = std::str::from_utf8(json).ok()?;
        match serde_json::from_str(json) {
            Ok(value) => Some((value, false)),
            Err(_) => {
                let migrate = self.migrate()?;
                Some((migrate(serde_json::from_str(json).ok()?)?, true))
            }
        }
    }
}

/// Which of several tokens counts: of those that open, the one issued last, and of one second the
/// one that started last or was updated most often.
struct Choice<T> {
    newest: Option<Opened<T>>,
    /// Why the first that did not open did not.
    reason: Option<Rejected>,
}

impl<T> Default for Choice<T> {
    fn default() -> Choice<T> {
        Choice {
            newest: None,
            reason: None,
        }
    }
}

impl<T> Choice<T> {
    #[inline]
    fn add(&mut self, opened: Result<Opened<T>, Rejected>) {
        let age = |opened: &Opened<T>| {
            let Envelope { times, version, .. } = opened.envelope;
            (times.issued, times.started, version)
        };
        match opened {
            Ok(opened) => {
                let newest = self.newest.as_ref().map(age);
                if newest.is_none_or(|newest| newest < age(&opened)) {
                    self.newest = Some(opened);
                }
            }
            Err(reason) => {
                self.reason.get_or_insert(reason);
            }
        }
    }

    fn made(self) -> Result<Option<Opened<T>>, Rejected> {
        match (self.newest, self.reason) {
            (None, Some(reason)) => Err(reason),
            (newest, _) => Ok(newest),
        }
    }
}
