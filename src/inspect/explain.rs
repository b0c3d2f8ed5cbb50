//! A token opened once as always, and once more to see what there is to say of it.

use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};

use super::{
    check::Check,
    explanation::{Audience, Explanation},
};
use crate::{
    codec::{Codec, facts::Facts, rotation::Current},
    error::Rejected,
    keys::ring::KeyRing,
    token::{
        Format,
        binding::{Binding, Kind},
        envelope::Envelope,
        opening::{Opening, Refusal},
        outline::{Outline, Parts},
        sealed,
    },
};
#[cfg(feature = "jwt")]
use crate::{
    keys::jwt::JwtKeys,
    token::{claims::flaw as claims_flaw, jwt},
};

impl<T: DeserializeOwned> Codec<T> {
    /// Why a token that came in this many pieces opens or does not: 1 for a whole one, and what
    /// [`join`](crate::inspect::join) counted for another.
    ///
    /// For operators and tools. It takes several times as long as [`open`](Codec::open), no observer
    /// hears of it, and what it says is not for whoever sent the token.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Codec, Key, KeyRing, inspect::Check};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = KeyRing::new(Key::generate()?);
    /// let before = Codec::<u64>::sealed("login", keys.clone()).clock(|| 1_800_000_000).build()?;
    /// let login = Codec::<u64>::sealed("login", keys).clock(|| 1_800_090_000).build()?;
    ///
    /// let explanation = login.explain(before.seal(&7)?, 1);
    /// assert_eq!(explanation.failed(), Some(Check::AbsoluteDeadline));
    /// assert_eq!(explanation.facts().unwrap().ends_at, 1_800_086_400);
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(&self, token: impl AsRef<[u8]>, pieces: u8) -> Explanation<T> {
        let token = token.as_ref();
        let engine = self.engine();
        let keys = engine.keys.current();
        let format = self.format(&keys, Kind::Session);
        let now = engine.clock.now();
        let opened = engine
            .open(&*format, token, pieces, now)
            .and_then(|opening| self.read_opening(&*format, &opening, now));
        // As far as it is authentic, also if it is refused.
        let opening = format.open(token).ok();
        let carried = opening.as_ref().map(|opening| opening.envelope);
        let failed = opened.as_ref().err().map(|refusal| {
            let started = carried.map_or(0, |envelope| envelope.times.started);
            check_of(refusal, started < engine.accepts_from)
        });
        let limited = carried.map(|envelope| Envelope {
            times: engine
                .policies
                .of(envelope.remembered)
                .limit(envelope.times),
            ..envelope
        });
        let outline = match format.is_signed() {
            true => Parts::of(token).and_then(|_| Outline::of(token)),
            false => Outline::of_sealed(token, sealed::BODY),
        };
        let flaw = match failed {
            Some(Check::Shape) => outline.as_ref().err().map(ToString::to_string),
            Some(Check::Key) => self.header_flaw(&keys, token),
            Some(Check::Envelope) => self.envelope_flaw(&keys, token),
            Some(Check::Value) => opening.as_ref().map(value_flaw::<T>),
            _ => None,
        };
        let authentic_as = match failed {
            // A sealed ticket may be shorter than any session.
            Some(Check::Shape | Check::Key | Check::Authenticity) => {
                self.authentic_as(&keys, token)
            }
            _ => None,
        };
        Explanation {
            result: opened.map_err(|refusal| refusal.reason),
            failed,
            key_id: outline.ok().and_then(|outline| outline.key_id),
            known_keys: (0..format.keys())
                .map(|key| format.key_id(key).to_owned())
                .collect(),
            flaw,
            authentic_as,
            carried: carried.map(Facts::from),
            limited: limited.map(Facts::from),
            not_before: opening
                .map(|opening| opening.not_before)
                .filter(|time| *time > 0),
            pieces: carried.map(|envelope| envelope.pieces),
        }
    }

    /// How the header of a token differs from that of the key that it names.
    #[cfg(feature = "jwt")]
    fn header_flaw(&self, keys: &Current, token: &[u8]) -> Option<String> {
        let keys = keys.keys().as_keys::<JwtKeys>()?;
        let found = Parts::of(token).ok()?.header;
        let found = String::from_utf8_lossy(&found);
        let Some(kid) = Outline::of(token).ok()?.key_id else {
            return Some(format!("its header is {found} and names no key"));
        };
        let expected = jwt::header_of(keys, Kind::Session, &kid)?;
        Some(format!("its header is {found} and not {expected}"))
    }

    /// A sealed token has no header of its own.
    #[cfg(not(feature = "jwt"))]
    fn header_flaw(&self, _: &Current, _: &[u8]) -> Option<String> {
        None
    }

    /// What is wrong beside the value of an authentic token.
    fn envelope_flaw(&self, keys: &Current, token: &[u8]) -> Option<String> {
        if let Some(ring) = keys.keys().as_keys::<KeyRing>() {
            let binding = keys.binding_for(Kind::Session, self.other_context());
            return sealed::envelope_flaw(ring, &binding, token);
        }
        #[cfg(feature = "jwt")]
        return claims_flaw::flaw(&Parts::of(token).ok()?.claims);
        #[cfg(not(feature = "jwt"))]
        None
    }

    /// What else a token could be for, and is.
    fn authentic_as(&self, keys: &Current, token: &[u8]) -> Option<Audience> {
        let mut bindings: Vec<_> = Kind::ALL
            .map(|kind| keys.binding_for(kind, self.other_context()))
            .into();
        bindings.extend(bindings.clone().into_iter().map(|binding| Binding {
            context: None,
            ..binding
        }));
        bindings.extend(claimed(token, &bindings));
        let authentic = bindings
            .into_iter()
            .find(|binding| is_authentic(&*keys.keys().bind(binding), binding.kind, token))?;
        Some(Audience {
            kind: authentic.kind.word(),
            name: authentic.name,
            context: authentic.context,
            #[cfg(feature = "jwt")]
            issuer: authentic.issuer,
            #[cfg(not(feature = "jwt"))]
            issuer: None,
        })
    }
}

/// Where in the order of checks a token was refused.
fn check_of(refusal: &Refusal, too_early: bool) -> Check {
    match (refusal.reason, refusal.key) {
        (Rejected::TooLarge, _) => Check::Length,
        (Rejected::Malformed, Some(_)) => Check::Envelope,
        (Rejected::UnknownKey, _) => Check::Key,
        (Rejected::NotAuthentic, _) => Check::Authenticity,
        (Rejected::Incomplete, _) => Check::Pieces,
        (Rejected::NotYetValid, _) => Check::Issue,
        (Rejected::PastCap, _) => Check::AbsoluteDeadline,
        (Rejected::Expired, _) => Check::IdleDeadline,
        (Rejected::Revoked, _) if too_early => Check::Start,
        (Rejected::Revoked, _) => Check::Acceptance,
        (Rejected::Value, _) => Check::Value,
        // The others come of a request or of a ticket.
        (Rejected::Malformed | Rejected::Ended | Rejected::OtherBinding, _) => Check::Shape,
    }
}

/// What a JWT says that it is for, of each kind.
fn claimed(token: &[u8], kinds: &[Binding]) -> Vec<Binding> {
    let claims = Parts::of(token).map(|parts| parts.claims);
    let claims: Value = claims
        .ok()
        .and_then(|claims| serde_json::from_slice(&claims).ok())
        .unwrap_or_default();
    let text = |name: &str| Some(claims.get(name)?.as_str()?.to_owned());
    let Some(name) = text("ses") else {
        return Vec::new();
    };
    let claimed = |binding: &Binding| Binding {
        kind: binding.kind,
        name: name.clone(),
        context: text("aud"),
        #[cfg(feature = "jwt")]
        issuer: text("iss"),
    };
    kinds.iter().map(claimed).collect()
}

/// Whether a token is authentic, whatever else may be wrong with it.
fn is_authentic(format: &dyn Format, kind: Kind, token: &[u8]) -> bool {
    let refusal = match kind {
        Kind::Ticket => format.tickets().open(token).err(),
        Kind::Session | Kind::End => format.open(token).err(),
    };
    refusal.is_none_or(|Refusal { reason, key }| key.is_some() && reason != Rejected::NotAuthentic)
}

/// What is wrong with a value, which is not shown.
fn value_flaw<T: DeserializeOwned>(opening: &Opening) -> String {
    let Ok(json) = str::from_utf8(opening.value()) else {
        return "it is not UTF-8".into();
    };
    match serde_json::from_str::<T>(json) {
        Ok(_) => "it is refused".into(),
        Err(error) if error.classify() == Category::Data => format!(
            "it is not what its type reads, at column {}",
            error.column()
        ),
        Err(error) if error.is_eof() => "its JSON ends too early".into(),
        Err(error) => format!("it is not JSON, at column {}", error.column()),
    }
}
