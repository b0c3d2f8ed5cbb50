//! Tickets: tokens of one purpose, outside of sessions, cookies and headers.
//!
//! They share formats, keys and checks with sessions, under a kind of their own.

pub(crate) mod builder;

use std::{fmt, marker::PhantomData, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    base::{buffer::Buffer, clock::Clock, observe, random::Random},
    carrier,
    codec::{
        rotation::{BoundFormat, Current, Rotating},
        writing,
    },
    error::{ConfigError, Rejected, SaveError},
    keys::{AnyKeys, KeyKind, source::KeySource},
    token::{
        binding::{Kind, check_length},
        drawn::Drawn,
        opening::Refusal,
        ticket::{self, Opening, Terms},
    },
    values::moment::Moment,
};

/// Tokens of one purpose that travel in links, forms and messages: a password reset, a magic link, the
/// confirmation of an email address, an unsubscribe or a download link, the `state` of a round trip.
///
/// A ticket holds a value, lives for [minutes](crate::TicketBuilder::lifetime), and is for its name only: no
/// ticket opens as a session or as one of another purpose, and no session as a ticket, also where the
/// keys are the same. It is URL-safe text of at most 4096 characters.
///
/// It may be bound to what the application knows on both sides and the ticket does not carry, such as
/// the hash of the password that it is to reset: then it works once, as the hash changes. Nothing else
/// makes a ticket work once: that takes a record on the server.
///
/// # Examples
///
/// ```
/// use haversack::{Key, KeyRing, Rejected, Ticket};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let reset = Ticket::<u64>::sealed("reset", KeyRing::new(Key::generate()?)).build()?;
/// // Where the user asks for it: a link with the user's number, bound to the password's hash.
/// let token = reset.seal(&7, "$argon2id$v=19$old")?;
/// let link = format!("https://example.com/reset?ticket={token}");
///
/// // Where the link leads: the hash of the user in the ticket, as it is now.
/// let hash_of = |user: &u64| if *user == 7 { "$argon2id$v=19$old" } else { "" };
/// assert_eq!(reset.open(&token, hash_of)?, 7);
/// // With the new password it is used up.
/// let used = reset.open(&token, |_| "$argon2id$v=19$new");
/// assert_eq!(used.unwrap_err(), Rejected::OtherBinding);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "magic link")]
#[doc(alias = "password reset")]
#[doc(alias = "one-time token")]
#[doc(alias = "nonce")]
pub struct Ticket<T> {
    shared: Arc<Shared>,
    /// Instead of the one that it was built with.
    other_context: Option<Arc<str>>,
    value: PhantomData<fn() -> T>,
}

/// What all clones and contexts of a ticket share.
struct Shared {
    name: String,
    keys: Rotating,
    /// In seconds.
    lifetime: u64,
    skew: u64,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl<T> Ticket<T> {
    /// This ticket in another context, such as that of a tenant: 1 to 256 octets. See
    /// [`Codec::context`](crate::Codec::context).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a context that is empty or too long.
    pub fn context(&self, context: &str) -> Result<Ticket<T>, ConfigError> {
        let signed = self.shared.keys.current().format().is_signed();
        check_length("context", context, signed)?;
        Ok(Ticket {
            other_context: Some(context.into()),
            ..self.clone()
        })
    }

    /// Replaces the keys, as [`Codec::rotate`](crate::Codec::rotate) does.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for keys that cannot work or are for the other format; the old ones stay.
    pub fn rotate(&self, keys: impl Into<AnyKeys>) -> Result<(), ConfigError> {
        let AnyKeys(keys) = keys.into();
        self.shared.keys.replace(keys).map(drop)
    }

    /// Reads the keys again, as [`Codec::reload`](crate::Codec::reload) does.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the source cannot be read or its text is not that of such keys; the old
    /// ones stay.
    pub fn reload(&self, source: &KeySource) -> Result<(), ConfigError> {
        let read = |keys: &KeyKind| keys.read_again(source);
        self.shared.keys.reload(read).map(drop)
    }

    /// The name of its purpose.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    fn format<'k>(&self, keys: &'k Current) -> BoundFormat<'k> {
        keys.format_for(Kind::Ticket, self.other_context.as_deref())
    }
}

impl<T: Serialize + DeserializeOwned> Ticket<T> {
    /// A ticket with this value, bound to what it is to be opened with; `""` for nothing.
    ///
    /// # Errors
    ///
    /// [`SaveError`] when the value cannot be serialized or read back or is too large, when there is no
    /// randomness, or when the keys only open.
    pub fn seal(&self, value: &T, binding: impl AsRef<[u8]>) -> Result<String, SaveError> {
        let shared = &*self.shared;
        let keys = shared.keys.current();
        let format = self.format(&keys);
        let (now, binding) = (shared.clock.now(), binding.as_ref());
        let is_bound = !binding.is_empty();
        if !format.can_seal() {
            return Err(SaveError::CannotSeal);
        }
        let commitment = ticket::commitment(&format, 0).filter(|_| is_bound);
        let terms = Terms::new(now, shared.lifetime, commitment.map(|to| to.to(binding)));
        let mut text = Buffer::new();
        ticket::begin(&format, is_bound, &mut text);
        writing::append(value, now, &mut text)?;
        let drawn = Drawn::new(&*shared.random, false, format.has_nonce())?;
        let token = ticket::seal(&format, &terms, &drawn, text, LONGEST)?;
        Ok(carrier::text(token))
    }
}

impl<T: DeserializeOwned> Ticket<T> {
    /// The value of a ticket that is authentic, live, and bound to what `binding` gives for it; an
    /// empty binding is none.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason; [`OtherBinding`](Rejected::OtherBinding) for a ticket that was
    /// bound to something else.
    pub fn open<B: AsRef<[u8]>>(
        &self,
        token: impl AsRef<[u8]>,
        binding: impl FnOnce(&T) -> B,
    ) -> Result<T, Rejected> {
        let keys = self.shared.keys.current();
        let format = self.format(&keys);
        let opened = self.open_with(&format, token.as_ref(), binding);
        opened.map_err(|Refusal { reason, key }| {
            observe::rejected(
                self.name(),
                reason.code(),
                key.map(|key| format.key_id(key)),
            );
            reason
        })
    }

    fn open_with<B: AsRef<[u8]>>(
        &self,
        format: &BoundFormat<'_>,
        token: &[u8],
        binding: impl FnOnce(&T) -> B,
    ) -> Result<T, Refusal> {
        if token.len() > LONGEST {
            return Err(Rejected::TooLarge.into());
        }
        let opening = ticket::open(format, token)?;
        let refused = |reason: Rejected| reason.with_key(opening.key);
        let now = self.shared.clock.now();
        self.check_live(&opening, now).map_err(refused)?;
        let _moment = Moment::at(now);
        let value: T = std::str::from_utf8(opening.value())
            .ok()
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or(refused(Rejected::Value))?;
        let binding = binding(&value);
        let is_bound_to = match (opening.terms.bound, binding.as_ref()) {
            (None, []) => true,
            (None, _) | (Some(_), []) => false,
            (Some(bound), octets) => ticket::commitment(format, opening.key)
                .is_some_and(|commitment| commitment.is_to(octets, &bound)),
        };
        match is_bound_to {
            true => Ok(value),
            false => Err(refused(Rejected::OtherBinding)),
        }
    }

    fn check_live(&self, opening: &Opening, now: u64) -> Result<(), Rejected> {
        let Terms {
            issued, expires, ..
        } = opening.terms;
        // A lifetime made shorter holds for tickets that are out.
        let expires = expires.min(issued.saturating_add(self.shared.lifetime));
        if issued.max(opening.not_before) > now.saturating_add(self.shared.skew) {
            Err(Rejected::NotYetValid)
        } else if now >= expires {
            Err(Rejected::Expired)
        } else {
            Ok(())
        }
    }
}

impl<T> Clone for Ticket<T> {
    fn clone(&self) -> Ticket<T> {
        Ticket {
            shared: Arc::clone(&self.shared),
            other_context: self.other_context.clone(),
            value: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Ticket<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket")
            .field("name", &self.name())
            .field("lifetime", &self.shared.lifetime)
            .finish_non_exhaustive()
    }
}

/// The characters of a ticket: what mail programs and servers take in a link.
const LONGEST: usize = 4096;
