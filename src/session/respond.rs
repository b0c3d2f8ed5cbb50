//! What a response must say of a session.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    base::observe,
    carrier::{Part, Written},
    codec::{
        engine::{Engine, Mark},
        event::What,
    },
    error::{Rejected, SaveError},
    session::{Change, Live, Session, receive::Seen},
    token::binding::Kind,
};

/// What a response says of a session, whatever its value.
pub(crate) struct Reply<'s> {
    pub(crate) engine: &'s Engine,
    /// The values of the response header.
    pub(crate) written: Written,
    pub(crate) announcement: Option<String>,
    /// Whether the request was let through for it.
    pub(crate) is_guarded: bool,
    pub(crate) is_live: bool,
}

impl Reply<'_> {
    /// Whether it has more of the session than that caches must know of it.
    pub(crate) fn says_something(&self) -> bool {
        self.written.first.is_some() || self.announcement.is_some()
    }
}

impl<T: Serialize + DeserializeOwned> Session<T> {
    /// The headers that the response must have, names in lower case: the
    /// [response header](crate::Codec::response_header), once or more, if the session is to be
    /// written or removed; what is [announced](crate::CodecBuilder::announce); then, in any case, one
    /// `cache-control` and one `vary`.
    ///
    /// For servers without the `http` crate; with it, `save` does all of this. If the response
    /// already has such headers:
    ///
    /// - add a `set-cookie` to those of other names; any other response header replaces its
    ///   predecessor;
    /// - let `cache-control: no-store` replace the one that is there, and remove the headers that
    ///   some caches obey first: every header whose name ends in `-cache-control` (RFC 9213),
    ///   `surrogate-control`, `edge-control` and `x-accel-expires`;
    /// - add `cache-control: private` if there is no `cache-control`; for a live session, let it replace
    ///   one that is there, and remove the same headers;
    /// - append `vary` to the list that is there, in the same line: old proxies heed only one.
    ///
    /// Nothing is written for a token that was refused, nor for a session whose key has left the
    /// ring since the request was read: whoever drops a key doesn't want its sessions re-sealed.
    ///
    /// # Errors
    ///
    /// [`SaveError`] if the session can't be written; the client then keeps what it has.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Codec, Key, KeyRing};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let login = Codec::<u64>::sealed("login", KeyRing::new(Key::generate()?)).build()?;
    /// let session = login.session(["theme=dark"]);
    /// session.start(7);
    /// let headers = session.response_headers()?;
    /// let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    /// assert_eq!(names, ["set-cookie", "cache-control", "vary"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn response_headers(&self) -> Result<Vec<(&str, String)>, SaveError> {
        let reply = self.reply()?;
        let caching = if reply.says_something() || reply.is_guarded {
            "no-store"
        } else {
            "private"
        };
        let Reply { engine, .. } = reply;
        let name = engine.carrier.response_header();
        let mut headers: Vec<_> = reply
            .written
            .into_iter()
            .map(|value| (name, value))
            .collect();
        if let (Some(name), Some(value)) = (&engine.announce, reply.announcement) {
            headers.push((name, value));
        }
        headers.push(("cache-control", caching.into()));
        headers.push(("vary", engine.carrier.request_header().into()));
        Ok(headers)
    }

    pub(crate) fn reply(&self) -> Result<Reply<'_>, SaveError> {
        Ok(Reply {
            engine: self.codec().engine(),
            written: self.written()?,
            announcement: self.announcement(),
            is_guarded: self.is_guarded(),
            is_live: self.is_live(),
        })
    }

    /// The seconds left to the deadlines of a live session, if they are to be told.
    fn announcement(&self) -> Option<String> {
        self.codec().engine().announce.as_ref()?;
        let now = self.time_now();
        let facts = self.facts()?;
        let idle = facts.expires_at.saturating_sub(now);
        let absolute = facts.ends_at.saturating_sub(now);
        Some(format!("idle={idle}, absolute={absolute}"))
    }

    /// The values of the response header; none when there is nothing to write.
    fn written(&self) -> Result<Written, SaveError> {
        // A value's own code runs below, so the lock is not held.
        let (change, live, seen) = {
            let state = self.state();
            // Most requests only read. Nor is a refused token removed: what refuses it may pass, and the
            // sign-in come back.
            if matches!(state.change, Change::Keep) {
                return Ok(Written::default());
            }
            (state.change.clone(), state.live.clone(), state.seen)
        };
        let engine = self.codec().engine();
        let what = change.told();
        let is_asked_for = !matches!(change, Change::Renew | Change::Reseal | Change::MoveIn);
        let goes_on = !matches!(change, Change::Start | Change::End);
        let envelope = match change {
            Change::End => self.shared.origin.came,
            _ => live.as_ref().map(|live| live.envelope),
        };
        let written = match (change, &live) {
            (Change::Fail(error), _) => Err(error),
            (Change::End, _) => self.written_end(seen),
            (_, None) => Ok(Written::default()),
            (_, Some(live)) => self.written_live(live, seen),
        };
        let written = match written {
            Ok(mut written) => {
                if let Some(moved) = self
                    .shared
                    .origin
                    .moved
                    .as_ref()
                    .filter(|_| written.first.is_some())
                {
                    written.more.extend_from_slice(&moved.removals);
                    if goes_on {
                        engine.tell(
                            What::MovedIn {
                                system: moved.system,
                            },
                            envelope,
                        );
                    }
                }
                if let Some(what) = what.filter(|_| written.first.is_some()) {
                    engine.tell(what, envelope);
                }
                written
            }
            Err(error) => {
                engine.tell(What::NotSaved { error: &error }, envelope);
                if is_asked_for {
                    return Err(error);
                }
                // The session is live, and its reader did not ask for anything to be written.
                observe::unwritten(self.codec().name(), "session not renewed", &error);
                Written::default()
            }
        };
        if written.octets() > COMMON_BUFFER {
            observe::large(self.codec().name(), written.octets());
        }
        Ok(written)
    }

    fn written_live(&self, live: &Live<T>, seen: Seen) -> Result<Written, SaveError> {
        let (codec, engine) = (self.codec(), self.codec().engine());
        let keys = engine.keys.current();
        let format = codec.format(&keys, Kind::Session);
        if live.key.is_some_and(|key| !format.holds(key)) {
            // Sealed under a new key, it would outlive the one that was retired.
            engine.report(&*format, Rejected::UnknownKey);
            return Ok(Written::default());
        }
        let now = self.time_now();
        let mut written = engine.write(&*format, Part::Whole, live.envelope, &*live.value, now)?;
        engine
            .carrier
            .remove_rest(seen.whole, seen.pieces, &mut written);
        let mut state = self.state();
        state.seen.whole |= !written.is_cut();
        state.seen.pieces = state.seen.pieces.and(written.pieces);
        Ok(written)
    }

    fn written_end(&self, seen: Seen) -> Result<Written, SaveError> {
        let (engine, now) = (self.codec().engine(), self.time_now());
        let mut written = engine.carrier.removals();
        let keys = engine.keys.current();
        if engine.carrier.sticky_end() && keys.format().can_seal() {
            // A sign-in that knew of the last end may be under way, and started after it. What starts
            // after this one must not be too far in the future.
            let latest = now.saturating_add(engine.skew).saturating_sub(1);
            let ended = now
                .max(seen.earliest())
                .max(self.shared.origin.came.map_or(0, |came| came.times.started))
                .min(latest);
            // As long as any session that started by then could live, or another system's be read.
            let until = engine.policies.last_end(ended).max(engine.others_until);
            let until = seen.mark.map_or(until, |mark| until.max(mark.until));
            let mark = Mark { ended, until };
            let format = self.codec().format(&keys, Kind::End);
            match engine.write_mark(&*format, mark, now) {
                Ok(cookie) => {
                    written.more.extend(cookie);
                    self.state().seen.mark = Some(mark);
                }
                // A sign-out that works is worth more than one that lasts.
                Err(error) => observe::unwritten(self.codec().name(), "end not marked", &error),
            }
        }
        Ok(written)
    }
}

impl Change {
    /// What operators are told of it.
    fn told(&self) -> Option<What<'static>> {
        match self {
            // What moved in is told of beside what was done to it.
            Change::Keep | Change::Fail(_) | Change::MoveIn => None,
            Change::Renew | Change::Issue => Some(What::Renewed),
            Change::Reseal => Some(What::Resealed),
            Change::Update => Some(What::Updated),
            Change::Start => Some(What::Started),
            Change::End => Some(What::Ended),
        }
    }
}

/// What of a response's cookies fits into nginx's default buffer for headers, 4 KB with all others;
/// with more it answers 502.
const COMMON_BUFFER: usize = 3800;
