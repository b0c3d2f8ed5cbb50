//! How a ticket is configured.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use super::{Shared, Ticket};
#[cfg(feature = "jwt")]
use crate::keys::jwt::JwtKeys;
use crate::{
    base::{
        clock::{Clock, SystemClock},
        random::{Random, SystemRandom},
    },
    carrier::names::check_name,
    codec::rotation::Rotating,
    error::ConfigError,
    keys::ring::KeyRing,
    lifetime::Lifetime,
    token::{
        binding::{Binding, Kind},
        keys::AnyKeys,
    },
};

/// The settings of a [`Ticket`], made by [`Ticket::sealed`] or [`Ticket::jwt`].
#[must_use = "a ticket is made by `build`"]
pub struct TicketBuilder<T> {
    keys: AnyKeys,
    binding: Binding,
    lifetime: Duration,
    skew: Duration,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    value: PhantomData<fn() -> T>,
}

impl<T> Ticket<T> {
    /// Begins the configuration of sealed tickets, whose value is a secret of the server.
    ///
    /// The name says what they are for: 1 to 64 octets of the characters of an HTTP token (RFC 9110,
    /// section 5.6.2).
    pub fn sealed(name: &str, keys: KeyRing) -> TicketBuilder<T> {
        TicketBuilder::new(name, keys.into())
    }

    /// Begins the configuration of signed tickets: JWTs, whose value everyone can read who has one.
    ///
    /// With an asymmetric key everyone who has a ticket can also find out whether a guess of its
    /// binding is right.
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn jwt(name: &str, keys: JwtKeys) -> TicketBuilder<T> {
        TicketBuilder::new(name, keys.into())
    }
}

impl<T> TicketBuilder<T> {
    fn new(name: &str, keys: AnyKeys) -> TicketBuilder<T> {
        TicketBuilder {
            keys,
            binding: Binding {
                kind: Kind::Ticket,
                name: name.into(),
                context: None,
                #[cfg(feature = "jwt")]
                issuer: None,
            },
            lifetime: Duration::from_secs(15 * 60),
            skew: Duration::from_secs(60),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            value: PhantomData,
        }
    }

    /// How long a ticket is good, in whole seconds: 15 minutes unless set, 400 days at most. Made
    /// shorter, it holds for tickets that are out.
    #[doc(alias = "ttl")]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Binds every ticket to a context of the application's own, as
    /// [`CodecBuilder::context`](crate::CodecBuilder::context) does.
    pub fn context(mut self, context: &str) -> Self {
        self.binding.context = Some(context.into());
        self
    }

    /// The `iss` of a JWT, which a ticket must have to open: 1 to 256 octets as JSON writes them.
    #[cfg(feature = "jwt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "jwt")))]
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.binding.issuer = Some(issuer.into());
        self
    }

    /// How far in the future, by this server's clock, another server may have made a ticket, in whole
    /// seconds: 60 unless set.
    pub fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// The clock, [`SystemClock`] unless set.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The source of randomness, [`SystemRandom`] unless set. For tests: read [`Random`] first.
    pub fn random(mut self, random: impl Random) -> Self {
        self.random = Arc::new(random);
        self
    }

    /// The ticket.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for a setting that cannot work; it says what to change.
    pub fn build(self) -> Result<Ticket<T>, ConfigError> {
        check_name("name", &self.binding.name)?;
        self.binding.check(self.keys.are_signing())?;
        Lifetime::fixed(self.lifetime).policy()?;
        Ok(Ticket {
            shared: Arc::new(Shared {
                name: self.binding.name.clone(),
                keys: Rotating::new(self.keys, self.binding)?,
                lifetime: self.lifetime.as_secs(),
                skew: self.skew.as_secs(),
                clock: self.clock,
                random: self.random,
            }),
            other_context: None,
            value: PhantomData,
        })
    }
}

impl<T> fmt::Debug for TicketBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketBuilder")
            .field("keys", &self.keys)
            .field("binding", &self.binding)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
