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
    keys::{COMMITMENT, Commitment, source::KeySource},
    token::{
        binding::{Kind, check_length},
        drawn::Drawn,
        keys::AnyKeys,
        opening::Refusal,
        ticket::{Opening, Terms},
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
/// It is bound to what the application knows on both sides and the ticket does not carry, such as the
/// hash of the password that it is to reset: then it works once, as the hash changes. Change it only
/// where it is still the same (`UPDATE .. WHERE hash = ..`), or two requests at once can use one ticket.
/// A ticket that is [bound to nothing](Ticket::seal_unbound) opens as often as people like: making it
/// work once takes a record on the server.
///
/// Answer a link with `Cache-Control: no-store` and `Referrer-Policy: same-origin` (with `no-referrer`
/// the form of its page has `Origin: null`, which a check of origins refuses), and change something only
/// on the `POST` of its page, as mail scanners follow links.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
/// use haversack::{Key, KeyRing, Rejected, Ticket};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let reset = Ticket::<u64>::sealed("reset", KeyRing::new(Key::generate()?)).build()?;
/// // The password hashes of the users.
/// let mut hashes = HashMap::from([(7, "$argon2id$v=19$old")]);
///
/// // Where a user asks for it: a link with the user's number, bound to the hash.
/// let token = reset.seal(&7, hashes[&7])?;
/// let link = format!("https://example.com/reset?ticket={token}");
///
/// // Where the link leads: the hash of the user in the ticket, as it is now.
/// assert_eq!(reset.open(&token, |user| hashes.get(user))?, 7);
/// // With the new password it is used up.
/// hashes.insert(7, "$argon2id$v=19$new");
/// let used = reset.open(&token, |user| hashes.get(user));
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
        self.shared.keys.replace(keys.into()).map(drop)
    }

    /// Reads the keys again, as [`Codec::reload`](crate::Codec::reload) does.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when the source cannot be read or its text is not that of such keys; the old
    /// ones stay.
    pub fn reload(&self, source: &KeySource) -> Result<(), ConfigError> {
        let read = |keys: &AnyKeys| keys.read_again(source);
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
    /// A ticket with this value, bound to what it is to be opened with.
    ///
    /// # Errors
    ///
    /// [`SaveError`] when the value cannot be serialized or read back or is too large, when there is no
    /// randomness, when the keys only open, and [`NoBinding`](SaveError::NoBinding) when the binding is
    /// empty, as that of a user without a password is: such a ticket would work again and again.
    pub fn seal(&self, value: &T, binding: impl AsRef<[u8]>) -> Result<String, SaveError> {
        match binding.as_ref() {
            [] => Err(SaveError::NoBinding),
            binding => self.seal_bound(value, Some(binding)),
        }
    }

    /// A ticket with this value that is bound to nothing: it opens for everyone who has it, as often as
    /// they like while it lives. For downloads and for unsubscribing.
    ///
    /// # Examples
    ///
    /// ```
    /// use haversack::{Key, KeyRing, Ticket};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let keys = KeyRing::new(Key::generate()?);
    /// let download = Ticket::<String>::sealed("download", keys).build()?;
    /// let token = download.seal_unbound(&"invoice-4711.pdf".into())?;
    /// assert_eq!(download.open_unbound(token)?, "invoice-4711.pdf");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`SaveError`] as for [`seal`](Ticket::seal).
    pub fn seal_unbound(&self, value: &T) -> Result<String, SaveError> {
        self.seal_bound(value, None)
    }

    fn seal_bound(&self, value: &T, binding: Option<&[u8]>) -> Result<String, SaveError> {
        let shared = &*self.shared;
        let keys = shared.keys.current();
        let format = self.format(&keys);
        if !format.can_seal() {
            return Err(SaveError::CannotSeal);
        }
        let now = shared.clock.now();
        let mut terms = Terms::new(now, shared.lifetime);
        let mut text = Buffer::new();
        format.tickets().begin(binding.is_some(), &mut text);
        let start = text.len();
        writing::append(value, now, &mut text)?;
        terms.bound = binding.and_then(|binding| {
            let commitment = format.tickets().commitment(0, &terms, &text[start..])?;
            Some(commitment.to(binding))
        });
        let drawn = Drawn::new(&*shared.random, false, format.has_nonce())?;
        let token = format.tickets().seal(&terms, &drawn, text, LONGEST)?;
        Ok(carrier::text(token))
    }
}

impl<T: DeserializeOwned> Ticket<T> {
    /// The value of a ticket that is authentic, live, and bound to what `binding` gives for its value.
    /// Where that has to be fetched first, such as in an `async` function, see [`read`](Ticket::read).
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the reason: [`Expired`](Rejected::Expired) past its lifetime,
    /// [`OtherBinding`](Rejected::OtherBinding) for a ticket that is bound to something else, or to
    /// nothing.
    pub fn open<B: TicketBinding>(
        &self,
        token: impl AsRef<[u8]>,
        binding: impl FnOnce(&T) -> B,
    ) -> Result<T, Rejected> {
        let ticket = self.read(token)?;
        let binding = binding(ticket.value());
        ticket.bound_to(binding)
    }

    /// The value of a ticket that is authentic, live, and bound to nothing.
    ///
    /// # Errors
    ///
    /// [`Rejected`] as for [`open`](Ticket::open).
    pub fn open_unbound(&self, token: impl AsRef<[u8]>) -> Result<T, Rejected> {
        let ticket = self.read(token)?;
        match ticket.bound {
            None => Ok(ticket.value),
            Some(_) => Err(ticket.refused()),
        }
    }

    /// A ticket that is authentic and live, whose binding is still to be compared: for what has to be
    /// fetched for its value first.
    ///
    /// # Examples
    ///
    /// ```
    /// # use haversack::{Key, KeyRing, Rejected, Ticket};
    /// # async fn hash_of(user: u64) -> Option<String> { (user == 7).then(|| "$argon2id$..".into()) }
    /// async fn user_of(reset: &Ticket<u64>, token: &str) -> Result<u64, Rejected> {
    ///     let ticket = reset.read(token)?;
    ///     let hash = hash_of(*ticket.value()).await; // from the database
    ///     ticket.bound_to(hash)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Rejected`] as for [`open`](Ticket::open).
    pub fn read(&self, token: impl AsRef<[u8]>) -> Result<UncheckedTicket<T>, Rejected> {
        let keys = self.shared.keys.current();
        let format = self.format(&keys);
        self.read_with(&format, token.as_ref())
            .map_err(|Refusal { reason, key }| {
                let key_id = key.map(|key| format.key_id(key));
                observe::rejected(self.name(), reason.code(), key_id);
                reason
            })
    }

    fn read_with(
        &self,
        format: &BoundFormat<'_>,
        token: &[u8],
    ) -> Result<UncheckedTicket<T>, Refusal> {
        if token.len() > LONGEST {
            return Err(Rejected::TooLarge.into());
        }
        let opening = format.tickets().open(token)?;
        let refused = |reason: Rejected| reason.with_key(opening.key);
        let now = self.shared.clock.now();
        self.check_live(&opening, now).map_err(refused)?;
        let _moment = Moment::at(now);
        let value = std::str::from_utf8(opening.value())
            .ok()
            .and_then(|json| serde_json::from_str(json).ok())
            .ok_or(refused(Rejected::Value))?;
        let bound = opening.terms.bound.and_then(|carried| {
            let commitment =
                format
                    .tickets()
                    .commitment(opening.key, &opening.terms, opening.value())?;
            Some((carried, commitment))
        });
        Ok(UncheckedTicket {
            value,
            bound,
            shared: Arc::clone(&self.shared),
            key_id: format.key_id(opening.key).into(),
        })
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

/// A ticket that is authentic and live, and whose binding was not compared yet, from [`Ticket::read`].
#[must_use = "its binding was not compared yet"]
pub struct UncheckedTicket<T> {
    value: T,
    bound: Option<([u8; COMMITMENT], Commitment)>,
    shared: Arc<Shared>,
    /// For who is told of a refusal.
    key_id: String,
}

impl<T> UncheckedTicket<T> {
    /// The value, to find out what the ticket should be bound to. Do nothing else with it yet.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value, if the ticket is bound to this.
    ///
    /// # Errors
    ///
    /// [`Rejected::OtherBinding`] if it is bound to something else or to nothing, and for a binding that
    /// is empty or `None`.
    pub fn bound_to(mut self, binding: impl TicketBinding) -> Result<T, Rejected> {
        let octets = binding.octets().filter(|octets| !octets.is_empty());
        let is_bound = octets
            .zip(self.bound.take())
            .is_some_and(|(octets, (carried, commitment))| commitment.matches(octets, &carried));
        match is_bound {
            true => Ok(self.value),
            false => Err(self.refused()),
        }
    }

    fn refused(&self) -> Rejected {
        let reason = Rejected::OtherBinding;
        observe::rejected(&self.shared.name, reason.code(), Some(&self.key_id));
        reason
    }
}

impl<T> fmt::Debug for UncheckedTicket<T> {
    /// Shows the name and not the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UncheckedTicket")
            .field("name", &self.shared.name)
            .finish_non_exhaustive()
    }
}

/// What a ticket may be bound to: text, octets, or an `Option` of them, where `None` is what no ticket
/// is bound to.
pub trait TicketBinding {
    /// The octets; `None` refuses the ticket.
    fn octets(&self) -> Option<&[u8]>;
}

macro_rules! bindings {
    ($($type:ty),+) => {
        $(impl TicketBinding for $type {
            fn octets(&self) -> Option<&[u8]> {
                Some(self.as_ref())
            }
        })+
    };
}

bindings!(str, String, [u8], Vec<u8>);

impl<const N: usize> TicketBinding for [u8; N] {
    fn octets(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl<B: TicketBinding + ?Sized> TicketBinding for &B {
    fn octets(&self) -> Option<&[u8]> {
        (**self).octets()
    }
}

impl<B: TicketBinding> TicketBinding for Option<B> {
    fn octets(&self) -> Option<&[u8]> {
        self.as_ref()?.octets()
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
