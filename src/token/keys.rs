//! The keys of a codec, of either format.

use std::{fmt, sync::Arc};

use crate::{
    base::buffer::{DERIVATION, wipe_stack},
    error::ConfigError,
    keys::source::{KeySource, sealed::Needs},
    token::{Format, binding::Binding},
};

/// The keys of a codec: a [`KeyRing`](crate::KeyRing) for sealed tokens, or `JwtKeys` for signed ones. It
/// is what [`Codec::rotate`](crate::Codec::rotate) takes, and made from either.
///
/// # Examples
///
/// ```
/// use haversack::{AnyKeys, Key, KeyRing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let keys = AnyKeys::from(KeyRing::new(Key::generate()?));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AnyKeys(Arc<dyn Keys>);

/// The keys of one format. Behind a trait, as a program that uses one format has no code of the other.
pub(crate) trait Keys: fmt::Debug + Send + Sync + 'static {
    /// Whether they are for JWTs.
    fn are_signing(&self) -> bool;

    /// Whether the keys can work together.
    fn check(&self) -> Result<(), ConfigError>;

    /// The keys of a text, of the same format as these.
    fn same_from_text(&self, text: &str, needs: Needs) -> Result<AnyKeys, ConfigError>;

    /// Their format, for tokens with one binding only.
    fn bind(&self, binding: &Binding) -> Arc<dyn Format>;
}

impl AnyKeys {
    pub(super) fn new(keys: impl Keys) -> AnyKeys {
        AnyKeys(Arc::new(keys))
    }

    pub(crate) fn are_signing(&self) -> bool {
        self.0.are_signing()
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.0.check()
    }

    /// The keys as they are in a source now, of the same format as these.
    pub(crate) fn read_again(&self, source: &KeySource) -> Result<AnyKeys, ConfigError> {
        source.read_with(|text, needs| self.0.same_from_text(text, needs))
    }

    /// A codec's format is for life.
    pub(crate) fn check_same_kind(&self, other: &AnyKeys) -> Result<(), ConfigError> {
        if self.are_signing() == other.are_signing() {
            return Ok(());
        }
        let fix = "give a KeyRing to a sealed session and JwtKeys to a signed one";
        Err(ConfigError::new(
            "keys",
            "they are for the other format",
            fix,
        ))
    }

    /// Their format, for tokens with one binding only.
    pub(crate) fn bind(&self, binding: &Binding) -> Arc<dyn Format> {
        let format = self.0.bind(binding);
        // The keys that were derived moved through many hands.
        wipe_stack::<DERIVATION>();
        format
    }
}
