//! The randomness of a token.

use crate::base::random::{Random, RandomError};

/// What is drawn for one token, at once: an id, a nonce, or both.
pub(crate) struct Drawn {
    octets: [u8; ID + NONCE],
}

impl Drawn {
    pub(crate) fn new(random: &dyn Random, id: bool, nonce: bool) -> Result<Drawn, RandomError> {
        let mut octets = [0; ID + NONCE];
        let wanted = if id { 0 } else { ID }..if nonce { ID + NONCE } else { ID };
        if !wanted.is_empty() {
            random.fill(&mut octets[wanted])?;
        }
        Ok(Drawn { octets })
    }

    pub(crate) fn id(&self) -> [u8; ID] {
        let mut id = [0; ID];
        id.copy_from_slice(&self.octets[..ID]);
        id
    }

    pub(crate) fn nonce(&self) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&self.octets[ID..]);
        nonce
    }
}

/// The octets of a session's id.
pub(crate) const ID: usize = 16;
/// The octets of a sealed token's nonce.
pub(crate) const NONCE: usize = 24;
