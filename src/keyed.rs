//! What has keys, whatever its value: for whatever keeps them up to date.

use std::sync::Arc;

use crate::{codec::Codec, error::ConfigError, ticket::Ticket, token::keys::AnyKeys};

/// A [`Codec`] or a [`Ticket`], whatever its value, or a flow of `oauth`: for code that keeps the keys of several up to date.
///
/// # Examples
///
/// ```
/// use haversack::{Codec, Key, KeyRing, Keyed, Ticket};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let ring = KeyRing::new(Key::generate()?);
/// let login = Codec::<u64>::sealed("login", ring.clone()).build()?;
/// let reset = Ticket::<String>::sealed("reset", ring.clone()).build()?;
/// let all: [&dyn Keyed; 2] = [&login, &reset];
///
/// let next = KeyRing::new(Key::generate()?).also_opens(ring.keys()[0].clone());
/// for keyed in all {
///     keyed.rotate_to(next.clone().into())?;
/// }
/// # Ok(())
/// # }
/// ```
pub trait Keyed: Send + Sync + private::Sealed {
    /// The name of the session or ticket.
    fn name(&self) -> &str;

    /// Whether its tokens are JWTs, so that its keys are `JwtKeys`.
    fn is_signed(&self) -> bool;

    /// The most seconds from a token's issue to its end. The mark of a sign-out lasts as long as another
    /// system's sessions [are read](crate::CodecBuilder::also_reads).
    fn longest_lifetime(&self) -> u64;

    /// Replaces the keys, as [`Codec::rotate`] and [`Ticket::rotate`] do.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] for keys that can't work or are for the other format; the old ones stay.
    fn rotate_to(&self, keys: AnyKeys) -> Result<(), ConfigError>;

    /// Calls `tell` whenever a token names a key that isn't among the keys. It is called in the middle of
    /// a request, as often as strangers like. What was there first stays.
    fn on_unknown_key(&self, tell: Arc<dyn Fn() + Send + Sync>);
}

impl<T> private::Sealed for Codec<T> {}

impl<T> Keyed for Codec<T> {
    fn name(&self) -> &str {
        self.name()
    }

    fn is_signed(&self) -> bool {
        self.engine().keys.current().format().is_signed()
    }

    fn longest_lifetime(&self) -> u64 {
        let engine = self.engine();
        let others = engine.others_until.saturating_sub(engine.clock.now());
        engine.policies.last_end(0).max(others)
    }

    fn rotate_to(&self, keys: AnyKeys) -> Result<(), ConfigError> {
        self.rotate(keys)
    }

    fn on_unknown_key(&self, tell: Arc<dyn Fn() + Send + Sync>) {
        self.engine().keys.on_unknown_key(tell);
    }
}

impl<T> private::Sealed for Ticket<T> {}

impl<T> Keyed for Ticket<T> {
    fn name(&self) -> &str {
        self.name()
    }

    fn is_signed(&self) -> bool {
        self.keys().current().format().is_signed()
    }

    fn longest_lifetime(&self) -> u64 {
        self.seconds()
    }

    fn rotate_to(&self, keys: AnyKeys) -> Result<(), ConfigError> {
        self.rotate(keys)
    }

    fn on_unknown_key(&self, tell: Arc<dyn Fn() + Send + Sync>) {
        self.keys().on_unknown_key(tell);
    }
}

pub(crate) mod private {
    /// More may be asked of what has keys one day.
    pub trait Sealed {}
}
