//! All of a codec but its type: tokens in, tokens out, for one session name.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    event::{self, Event, Observer, What},
    facts::Facts,
    writing,
};
use crate::{
    base::{
        buffer::Buffer,
        clock::Clock,
        random::{Random, RandomError},
    },
    carrier::{self, Carrier, Life, Part, Written},
    codec::rotation::Rotating,
    error::{Rejected, SaveError},
    lifetime::{Policies, Policy, Times},
    token::{
        Format,
        drawn::Drawn,
        envelope::{Envelope, SessionId},
        opening::{Opening, Refusal},
    },
};

pub(crate) struct Engine {
    pub(crate) name: String,
    pub(crate) keys: Rotating,
    pub(crate) carrier: Carrier,
    /// The response header that tells when the session ends.
    pub(crate) announce: Option<String>,
    pub(crate) policies: Policies,
    pub(crate) skew: u64,
    /// Sessions that started earlier are revoked.
    pub(crate) accepts_from: u64,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) observer: Option<Box<Observer>>,
    /// When the last other system is no longer asked.
    pub(crate) others_until: u64,
}

/// That the session was ended in this browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// What started by then is ended.
    pub(crate) ended: u64,
    /// The mark is good before this second.
    pub(crate) until: u64,
}

impl Engine {
    /// Whether there is a key that makes tokens.
    pub(crate) fn can_seal(&self) -> bool {
        self.keys.current().format().can_seal()
    }

    /// The id of a session that starts, or gets a new one.
    pub(crate) fn draw_id(&self) -> Result<SessionId, RandomError> {
        let drawn = Drawn::new(&*self.random, true, false)?;
        Ok(SessionId::from_bytes(drawn.id()))
    }

    /// The envelope of a session that starts at a time.
    pub(crate) fn start(&self, id: SessionId, start: u64, remembered: bool) -> Envelope {
        Envelope {
            id,
            version: 0,
            times: self.policies.of(remembered).start(start),
            pieces: 1,
            remembered,
        }
    }

    /// The token of a session that starts, which is not cut.
    pub(crate) fn seal<T: Serialize + DeserializeOwned>(
        &self,
        format: &dyn Format,
        envelope: &Envelope,
        drawn: &Drawn,
        value: &T,
        now: u64,
    ) -> Result<String, SaveError> {
        let text = text(format, value, now)?;
        let length = format.length(envelope, text.len())?.whole;
        self.carrier.check_whole(length)?;
        let mut out = Vec::with_capacity(length);
        format.seal(envelope, drawn, text, &mut out)?;
        Ok(carrier::text(out))
    }

    /// The response header's values with a token of this session, good from now on.
    pub(crate) fn write<T: Serialize + DeserializeOwned>(
        &self,
        format: &dyn Format,
        part: Part,
        envelope: Envelope,
        value: &T,
        now: u64,
    ) -> Result<Written, SaveError> {
        self.write_text(format, part, envelope, text(format, value, now)?, now)
    }

    /// The response header's values with a token of this text, good from now on.
    fn write_text(
        &self,
        format: &dyn Format,
        part: Part,
        mut envelope: Envelope,
        text: Buffer,
        now: u64,
    ) -> Result<Written, SaveError> {
        // The envelope is complete before anything of it is written.
        let length = format.length(&envelope, text.len())?;
        envelope.pieces = self.carrier.pieces(length.whole, length.cut)?;
        let length = if envelope.pieces > 1 {
            length.cut
        } else {
            length.whole
        };
        let life = Life::new(now, envelope.times.expires, envelope.remembered);
        let mut out = self.carrier.begin(part, length, life);
        let drawn = Drawn::new(&*self.random, false, format.has_nonce())?;
        format.seal(&envelope, &drawn, text, &mut out)?;
        Ok(self.carrier.end(out, envelope.pieces, life))
    }

    /// The response header's value with a mark.
    pub(crate) fn write_mark(
        &self,
        format: &dyn Format,
        mark: Mark,
        now: u64,
    ) -> Result<Written, SaveError> {
        let envelope = Envelope {
            id: SessionId::from_bytes([0; 16]),
            version: 0,
            times: Times::of_mark(mark.ended, mark.until),
            pieces: 1,
            // It lasts as long as what it ends, also where the browser closes meanwhile.
            remembered: true,
        };
        let mut text = Buffer::new();
        format.begin(&mut text);
        text.push(NO_VALUE);
        self.write_text(format, Part::Mark, envelope, text, now)
    }

    /// What a token says that is authentic, live and not cut off; its value is not read yet.
    pub(crate) fn open(
        &self,
        format: &dyn Format,
        token: &[u8],
        pieces: u8,
        now: u64,
    ) -> Result<Opening, Refusal> {
        // 1. Its length, before anything is done with it.
        if token.len() > self.carrier.longest_token() {
            return Err(Rejected::TooLarge.into());
        }
        // 2 to 6. What is authentic in it.
        let mut opening = format.open(token)?;
        opening.envelope.times = self
            .limited_times(&opening, pieces, now)
            .map_err(|reason| reason.with_key(opening.key))?;
        Ok(opening)
    }

    /// The times of an authentic token, as far as today's policy lets it live, if it is live.
    fn limited_times(&self, opening: &Opening, pieces: u8, now: u64) -> Result<Times, Rejected> {
        // 7. Whether all of it is there: a slice of a session is none.
        if opening.envelope.pieces != pieces {
            return Err(Rejected::Incomplete);
        }
        // 8. Its deadlines, or those of today's policy where they are earlier.
        if opening.not_before > now.saturating_add(self.skew) {
            return Err(Rejected::NotYetValid);
        }
        let Envelope {
            times, remembered, ..
        } = opening.envelope;
        let times = self.policies.of(remembered).limit(times);
        Policy::check_live(times, now, self.skew)?;
        // 9. Whether everyone who signed in by then was put out.
        if times.started < self.accepts_from {
            return Err(Rejected::Revoked);
        }
        Ok(times)
    }

    /// The mark in a token, if it is a live one.
    pub(crate) fn open_mark(&self, format: &dyn Format, token: &[u8], now: u64) -> Option<Mark> {
        if token.len() > self.carrier.longest_token() {
            return None;
        }
        let opening = format.open(token).ok()?;
        if opening.value().trim_ascii() != NO_VALUE {
            return None;
        }
        let Times { started, ends, .. } = opening.envelope.times;
        // As with a session, a clock that is wrong by more than the skew is not believed; what starts
        // after the mark is one second later.
        let is_known = started < now.saturating_add(self.skew);
        (is_known && now < ends).then_some(Mark {
            ended: started,
            until: ends,
        })
    }

    /// Tells operators of a token that is refused, and gives the reason.
    pub(crate) fn report(&self, format: &dyn Format, refusal: impl Into<Refusal>) -> Rejected {
        let Refusal { reason, key } = refusal.into();
        let key_id = key.map(|key| format.key_id(key));
        self.tell(What::Rejected { reason, key_id }, None);
        self.keys.tell_of(reason);
        reason
    }

    /// Tells operators what happened to a session.
    #[inline]
    pub(crate) fn tell(&self, what: What<'_>, envelope: Option<Envelope>) {
        if self.observer.is_some() || what.is_traced() {
            self.tell_someone(what, envelope);
        }
    }

    #[cold]
    fn tell_someone(&self, what: What<'_>, envelope: Option<Envelope>) {
        let event = Event {
            session: &self.name,
            what,
            facts: envelope.map(Facts::from),
        };
        event::tell(self.observer.as_deref(), &event);
    }
}

/// The value of a mark, in JSON.
const NO_VALUE: &[u8] = b"null";

/// What is to be sealed, but for the envelope: the value as JSON behind what the format has before
/// it.
fn text<T: Serialize + DeserializeOwned>(
    format: &dyn Format,
    value: &T,
    now: u64,
) -> Result<Buffer, SaveError> {
    let mut text = Buffer::new();
    format.begin(&mut text);
    writing::append(value, now, &mut text)?;
    Ok(text)
}
