//! What a request brings for one session: which of its tokens counts, and what else it says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

use crate::{
    carrier::{Part, Pieces},
    codec::{Codec, Opened},
    core::Live,
    error::Rejected,
    facts::Facts,
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
    /// A bit for each index of a piece.
    pub(crate) pieces: u16,
    /// The last end of the session in this browser, and until when that is known.
    pub(crate) mark: Option<(u64, u64)>,
}

impl Seen {
    /// The earliest start of a session that is not taken for one that was ended.
    pub(crate) fn earliest(self) -> u64 {
        self.mark.map_or(0, |(end, _)| end.saturating_add(1))
    }
}

impl<T: DeserializeOwned> Codec<T> {
    /// Opens the tokens in the values of the request header; of several, the one issued last.
    pub(crate) fn receive<'h>(
        &self,
        header_values: impl IntoIterator<Item = &'h [u8]>,
        now: u64,
    ) -> Received<T> {
        let core = self.core();
        let mut seen = Seen::default();
        let mut choice = Choice {
            newest: None,
            reason: None,
            waiting: Vec::new(),
        };
        let (mut wholes, mut marks) = (0, 0);
        let most = if core.carrier.keeps_tokens() {
            core.most_candidates()
        } else {
            1
        };
        let mut pieces: Option<Pieces<'_>> = None;
        let mut take = |part, octets: &'h [u8]| match part {
            Part::Whole => {
                seen.whole = true;
                wholes += 1;
                if wholes <= most {
                    choice.add(self.open_at(octets, 1, now), core.carrier.sticky_end());
                }
            }
            Part::Piece(index) => {
                seen.pieces |= 1 << index;
                pieces.get_or_insert_default().add(index, octets);
            }
            Part::Mark => {
                marks += 1;
                if marks <= most {
                    seen.mark = seen.mark.max(core.open_mark(self.bound_to(), octets, now));
                }
            }
        };
        for value in header_values {
            core.carrier.parts(value, &mut take);
        }
        // A header is not a list.
        if wholes > 1 && !core.carrier.keeps_tokens() {
            return Received {
                opened: Err(core.refuse(Rejected::Malformed)),
                seen,
            };
        }
        if let Some(pieces) = pieces {
            pieces.join(
                most,
                |token, count| self.open_at(token, count, now),
                |reason| core.refuse(reason),
                |opened| choice.add(opened, core.carrier.sticky_end()),
            );
        }
        Received {
            opened: choice.made(seen.mark, |reason| core.refuse(reason)),
            seen,
        }
    }

    /// Opens a token that came in this many pieces.
    pub(crate) fn open_at(
        &self,
        token: &[u8],
        pieces: u8,
        now: u64,
    ) -> Result<Opened<T>, Rejected> {
        self.core()
            .open(self.bound_to(), token, pieces, now, |live, json| {
                self.read_value(live, json)
            })
    }

    fn read_value(&self, live: Live<'_>, json: &[u8]) -> Result<Opened<T>, Rejected> {
        // Checking that it is UTF-8 first is faster than doing it string by string.
        let json = std::str::from_utf8(json).map_err(|_| Rejected::Value)?;
        let (value, migrated) = match serde_json::from_str(json) {
            Ok(value) => (value, false),
            Err(_) => (self.migrated(json).ok_or(Rejected::Value)?, true),
        };
        if !self.accepts(&value, &live) {
            return Err(Rejected::Revoked);
        }
        Ok(Opened {
            value,
            envelope: live.envelope,
            key: live.key,
            outdated: live.old_key || migrated,
        })
    }

    /// Asks the application, if it wants to be asked.
    fn accepts(&self, value: &T, live: &Live<'_>) -> bool {
        self.accept().is_none_or(|accept| {
            let facts = Facts::new(self.name(), live.key_id, &live.envelope);
            // A hook that panics has not accepted.
            catch_unwind(AssertUnwindSafe(|| accept(value, &facts))).unwrap_or(false)
        })
    }

    /// The value of an older shape.
    fn migrated(&self, json: &str) -> Option<T> {
        self.migrate()?(serde_json::from_str(json).ok()?)
    }
}

/// Which of several tokens counts: of those that open, the one issued last, and of one second the
/// one that started last or was updated most often.
struct Choice<T> {
    newest: Option<Opened<T>>,
    /// Why the first that did not open did not.
    reason: Option<Rejected>,
    /// Those that open, until it is known whether the session was ended.
    waiting: Vec<Opened<T>>,
}

impl<T> Choice<T> {
    #[inline]
    fn add(&mut self, opened: Result<Opened<T>, Rejected>, waits: bool) {
        match opened {
            Ok(opened) if waits => self.waiting.push(opened),
            Ok(opened) => self.choose(opened),
            Err(reason) => {
                self.reason.get_or_insert(reason);
            }
        }
    }

    #[inline]
    fn choose(&mut self, opened: Opened<T>) {
        let age = |opened: &Opened<T>| {
            let (issued, started) = (opened.issued_at(), opened.started_at());
            (issued, started, opened.version())
        };
        let newest = self.newest.as_ref().map(age);
        if newest.is_none_or(|newest| newest < age(&opened)) {
            self.newest = Some(opened);
        }
    }

    fn made(
        mut self,
        mark: Option<(u64, u64)>,
        refuse: impl Fn(Rejected) -> Rejected,
    ) -> Result<Option<Opened<T>>, Rejected> {
        for opened in std::mem::take(&mut self.waiting) {
            if mark.is_some_and(|(end, _)| opened.started_at() <= end) {
                let reason = refuse(Rejected::Ended);
                self.reason.get_or_insert(reason);
            } else {
                self.choose(opened);
            }
        }
        match (self.newest, self.reason) {
            (None, Some(reason)) => Err(reason),
            (newest, _) => Ok(newest),
        }
    }
}
