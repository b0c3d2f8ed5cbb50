//! What a request brings for one session: which of its tokens counts, and what else it says.

use serde::de::DeserializeOwned;

use crate::{
    carrier::{Found, HIGHEST_CHUNK_LIMIT, PieceSet},
    codec::{Codec, engine::Mark, opened::Opened, rotation::Current},
    error::Rejected,
    token::{Format, binding::Kind, envelope::Envelope},
};

/// What was found in a request.
pub(crate) struct Received<T> {
    pub(crate) opened: Result<Option<Opened<T>>, Rejected>,
    /// Whether none of the tokens is an authentic one, live or not.
    pub(crate) is_stranger: bool,
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
        let engine = self.engine();
        let found = engine.carrier.find(header_values);
        let keys = engine.keys.current();
        let mark = self.last_mark(&keys, &found, now);
        let seen = Seen {
            whole: found.wholes.count() > 0,
            pieces: found.pieces.seen(),
            mark,
        };
        let (opened, is_stranger) = self.choose(&keys, &found, mark, now);
        Received {
            opened,
            is_stranger,
            seen,
        }
    }

    /// The last end of the session in this browser, if a mark tells of one.
    fn last_mark(&self, keys: &Current, found: &Found<'_>, now: u64) -> Option<Mark> {
        if found.marks.count() == 0 {
            return None;
        }
        let format = self.format(keys, Kind::End);
        let marks = found.marks.first(format.most_candidates()).iter();
        marks
            .filter_map(|mark| self.engine().open_mark(&*format, mark, now))
            .max()
    }

    /// Of the tokens that open, the one issued last; why the first did not open, if none does. And
    /// whether none is authentic.
    fn choose(
        &self,
        keys: &Current,
        found: &Found<'_>,
        mark: Option<Mark>,
        now: u64,
    ) -> (Result<Option<Opened<T>>, Rejected>, bool) {
        let engine = self.engine();
        let format = self.format(keys, Kind::Session);
        // A header is not a list.
        if found.wholes.count() > 1 && !engine.carrier.keeps_tokens() {
            return (Err(engine.report(&*format, Rejected::Malformed)), true);
        }
        let mut choice = Choice::default();
        let most = format.most_candidates();
        for token in found.wholes.first(most) {
            choice.add(self.open_unless_ended(&*format, token, 1, mark, now));
        }
        if !found.pieces.seen().is_empty() {
            let (mut joined, mut opened) = ([0; HIGHEST_CHUNK_LIMIT], 0);
            for set in found.pieces.sets() {
                // What is not whole costs little and does not count.
                if opened == most {
                    break;
                }
                choice.add(match set.join(&mut joined) {
                    Ok(token) => {
                        opened += 1;
                        self.open_unless_ended(&*format, token, set.count(), mark, now)
                    }
                    Err(reason) => Err(engine.report(&*format, reason)),
                });
            }
        }
        choice.result()
    }

    fn open_unless_ended(
        &self,
        format: &dyn Format,
        token: &[u8],
        pieces: u8,
        mark: Option<Mark>,
        now: u64,
    ) -> Result<Opened<T>, Rejected> {
        let opened = self.open_in(format, token, pieces, now)?;
        match mark {
            Some(mark) if opened.envelope.times.started <= mark.ended => {
                Err(self.engine().report(format, Rejected::Ended))
            }
            _ => Ok(opened),
        }
    }
}

/// Which of several tokens counts: of those that open, the one issued last, and of one second the
/// one that started last or was updated most often.
struct Choice<T> {
    newest: Option<Opened<T>>,
    /// Why the first that did not open did not.
    reason: Option<Rejected>,
    /// Whether one that did not open is authentic.
    is_known: bool,
}

impl<T> Default for Choice<T> {
    fn default() -> Choice<T> {
        Choice {
            newest: None,
            reason: None,
            is_known: false,
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
                self.is_known |= reason.is_of_authentic();
            }
        }
    }

    fn result(self) -> (Result<Option<Opened<T>>, Rejected>, bool) {
        let is_stranger = self.newest.is_none() && !self.is_known;
        match (self.newest, self.reason) {
            (None, Some(reason)) => (Err(reason), is_stranger),
            (newest, _) => (Ok(newest), is_stranger),
        }
    }
}
