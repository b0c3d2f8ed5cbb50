//! All of a codec but its type: tokens in, tokens out, for one session name.

use std::sync::Arc;

use serde::Serialize;

use crate::{
    base64url,
    buffer::{Buffer, scratch},
    carrier::{Carrier, Life, Part},
    clock::Clock,
    envelope::{Envelope, Id, LATEST, SessionId, Times},
    error::{Rejected, SaveError},
    format::{Binding, Fingerprint, Format, Opening, Refusal},
    lifetime::Policy,
    moment, observe,
    random::Random,
    rotation::{Current, Rotating},
};

pub(crate) struct Core {
    pub(crate) name: String,
    pub(crate) keys: Rotating,
    pub(crate) carrier: Carrier,
    #[cfg(feature = "http")]
    pub(crate) headers: crate::carrier::HeaderNames,
    pub(crate) policy: Policy,
    pub(crate) skew: u64,
    /// Sessions that started earlier are revoked.
    pub(crate) accepts_from: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

/// What keeps two tokens of one codec apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    /// The mark of a session that ended.
    Mark,
}

/// A live token's facts, and what its key means for it.
pub(crate) struct Live<'k> {
    pub(crate) envelope: Envelope,
    pub(crate) key: Fingerprint,
    /// The key's name as people read it.
    pub(crate) key_id: &'k str,
    /// Whether another key seals by now.
    pub(crate) old_key: bool,
}

impl Core {
    /// The envelope of a session that starts at a time, still without an id.
    pub(crate) fn fresh(&self, start: u64) -> Envelope {
        let id = SessionId::from_bytes([0; 16]);
        Envelope {
            id,
            version: 0,
            times: self.policy.start(start),
            pieces: 1,
        }
    }

    /// The envelope of a session that starts at a time.
    pub(crate) fn start(&self, start: u64) -> Result<Envelope, SaveError> {
        let mut id = [0; 16];
        self.random.fill(&mut id)?;
        Ok(Envelope {
            id: SessionId::from_bytes(id),
            ..self.fresh(start)
        })
    }

    /// Whether there is a key that makes tokens.
    pub(crate) fn can_seal(&self) -> bool {
        self.keys.current().format().can_seal()
    }

    /// How many tokens of one name are opened in a request.
    pub(crate) fn most_candidates(&self) -> usize {
        self.keys.current().format().most_candidates()
    }

    /// Appends a token to what `begin` makes for its length, and tells in how many pieces it travels.
    pub(crate) fn seal<T: Serialize>(
        &self,
        keys: &Current,
        context: Option<&str>,
        kind: Kind,
        (envelope, id): (&Envelope, Id),
        value: &T,
        now: u64,
        begin: impl FnOnce(usize) -> Vec<u8>,
    ) -> Result<(Vec<u8>, u8), SaveError> {
        let mut buffer = Buffer::new();
        keys.format().begin(&mut buffer);
        moment::during(now, || serde_json::to_writer(&mut buffer, value))
            .map_err(|error| SaveError::Value(error.into()))?;
        let cut = |length| match id {
            Id::Kept => self.carrier.cut(length),
            // Without a session around it, a value is one token or one header.
            Id::New => self.carrier.whole(length),
        };
        self.with_format(keys, context, kind, |format| {
            format.seal((envelope, id), buffer, cut, &*self.random, begin)
        })
    }

    /// Checks a token and calls `read` with its facts and its value.
    pub(crate) fn open<R>(
        &self,
        context: Option<&str>,
        token: &[u8],
        pieces: u8,
        now: u64,
        read: impl Fn(Live<'_>, &[u8]) -> Result<R, Rejected>,
    ) -> Result<R, Rejected> {
        let keys = self.keys.current();
        self.with_format(&keys, context, Kind::Session, |format| {
            self.open_with(format, token, pieces, now, read)
        })
    }

    fn open_with<R>(
        &self,
        format: &Format,
        token: &[u8],
        pieces: u8,
        now: u64,
        read: impl Fn(Live<'_>, &[u8]) -> Result<R, Rejected>,
    ) -> Result<R, Rejected> {
        let use_opening = |opening: &Opening<'_>| {
            let (key, value) = (opening.key, opening.value);
            let live = Live {
                envelope: self.check(opening, pieces, now)?,
                key: format.fingerprint(key),
                key_id: format.key_id(key),
                old_key: key != 0,
            };
            moment::during(now, || read(live, value))
        };
        let opened = if token.len() > self.carrier.longest_token() {
            Err(Rejected::TooLarge.into())
        } else {
            scratch(base64url::most_bytes(token.len()), |scratch| {
                let opening = format.open(token, scratch)?;
                use_opening(&opening).or_else(|reason| {
                    let opened = match format.reread(&opening)? {
                        Some(opening) => use_opening(&opening),
                        None => Err(reason),
                    };
                    opened.map_err(|reason| reason.under(opening.key))
                })
            })
        };
        opened.map_err(|Refusal { reason, key }| {
            observe::rejected(&self.name, reason, key.map(|key| format.key_id(key)));
            reason
        })
    }

    /// Tells of a token that is refused for what else the request has.
    pub(crate) fn refuse(&self, reason: Rejected) -> Rejected {
        observe::rejected(&self.name, reason, None);
        reason
    }

    /// All that is checked of an authentic token before its value is read.
    fn check(&self, opening: &Opening<'_>, pieces: u8, now: u64) -> Result<Envelope, Rejected> {
        let times = self.policy.limit(opening.envelope.times);
        let envelope = Envelope {
            times,
            ..opening.envelope
        };
        if envelope.pieces != pieces {
            return Err(Rejected::Incomplete);
        }
        if opening.not_before > now.saturating_add(self.skew) {
            return Err(Rejected::NotYetValid);
        }
        Policy::live(times, now, self.skew)?;
        if times.started < self.accepts_from {
            return Err(Rejected::Revoked);
        }
        Ok(envelope)
    }

    /// The response header's values with a token that lives on from now.
    pub(crate) fn write<T: Serialize>(
        &self,
        keys: &Current,
        context: Option<&str>,
        (envelope, id): (&Envelope, Id),
        value: &T,
        now: u64,
    ) -> Result<(String, Vec<String>), SaveError> {
        let life = Life::new(now, envelope.times.expires);
        let begin = |token| self.carrier.begin(Part::Whole, token, life);
        let (out, pieces) = self.seal(
            keys,
            context,
            Kind::Session,
            (envelope, id),
            value,
            now,
            begin,
        )?;
        Ok(self.carrier.end(out, pieces, life))
    }

    /// The mark that no session which started by `end` is live, good until `until`.
    pub(crate) fn write_mark(
        &self,
        context: Option<&str>,
        end: u64,
        until: u64,
        now: u64,
    ) -> Result<String, SaveError> {
        let end = end.min(LATEST);
        let until = until.clamp(end, end.saturating_add(u32::MAX.into()));
        let times = Times {
            started: end,
            issued: end,
            expires: until,
            ends: until,
        };
        let envelope = Envelope {
            times,
            ..self.fresh(end)
        };
        let life = Life::new(now, until);
        let begin = |token| self.carrier.begin(Part::Mark, token, life);
        let (keys, envelope) = (self.keys.current(), (&envelope, Id::Kept));
        let (out, pieces) = self.seal(&keys, context, Kind::Mark, envelope, &(), now, begin)?;
        let (mark, _) = self.carrier.end(out, pieces, life);
        Ok(mark)
    }

    /// When the session ended by a mark, and until when the mark is good; `None` for no live mark.
    pub(crate) fn open_mark(
        &self,
        context: Option<&str>,
        token: &[u8],
        now: u64,
    ) -> Option<(u64, u64)> {
        if token.len() > self.carrier.longest_token() {
            return None;
        }
        let keys = self.keys.current();
        let times = self.with_format(&keys, context, Kind::Mark, |format| {
            let open = |scratch: &mut [u8]| Some(format.open(token, scratch).ok()?.envelope.times);
            scratch(base64url::most_bytes(token.len()), open)
        })?;
        // As with a session, a clock that is wrong by more than the skew is not believed; what starts
        // after the mark is one second later.
        let known = times.started < now.saturating_add(self.skew);
        (known && now < times.ends).then_some((times.started, times.ends))
    }

    /// Calls `with` with the format for a context, or the codec's own, and a kind of token.
    fn with_format<R>(
        &self,
        keys: &Current,
        context: Option<&str>,
        kind: Kind,
        with: impl FnOnce(&Format) -> R,
    ) -> R {
        if context.is_none() && kind == Kind::Session {
            return with(keys.format());
        }
        let format = keys.other(|binding: &mut Binding| {
            if let Some(context) = context {
                binding.context = Some(context.into());
            }
            if kind == Kind::Mark {
                binding.name.push_str(".end");
            }
        });
        with(&format)
    }
}
