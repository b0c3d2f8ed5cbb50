//! XAES-256-GCM (<https://c2sp.org/XAES-256-GCM>): AES-256-GCM under a key that is derived from the
//! first half of a 192-bit nonce, so that random nonces never run out.

use aes_gcm::{
    AeadInOut, AesGcm, KeyInit,
    aead::{array::Array, consts::U12, inout::InOutBuf},
    aes::{Aes256Enc, Block, cipher::BlockCipherEncrypt},
};
use zeroize::Zeroize;

/// GCM only ever encrypts blocks, so half of the AES key schedule is enough for both directions.
type Aes256Gcm<'k> = AesGcm<&'k Aes256Enc, U12>;

pub(crate) const NONCE: usize = 24;
pub(crate) const TAG: usize = 16;

/// An XAES-256-GCM key with all that does not depend on the nonce prepared.
pub(crate) struct Xaes {
    aes: Aes256Enc,
    /// `K1` of the specification, the CMAC subkey.
    k1: [u8; 16],
}

impl Xaes {
    pub(crate) fn new(key: &[u8; 32]) -> Xaes {
        let aes = Aes256Enc::new(key.into());
        let mut l = Block::default();
        aes.encrypt_block(&mut l);
        let l = u128::from_be_bytes(l.into());
        // Doubling in GF(2^128), without a branch on the secret (SP 800-38B, section 6.1).
        let k1 = (l << 1) ^ (0x87 & 0_u128.wrapping_sub(l >> 127));
        Xaes {
            aes,
            k1: k1.to_be_bytes(),
        }
    }

    /// Encrypts `text` in place and returns its tag.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG]> {
        let aes = self.derive(nonce);
        Aes256Gcm::from(&aes)
            .encrypt_inout_detached(&second_half(nonce), associated, InOutBuf::from(text))
            .ok()
            .map(Into::into)
    }

    /// Decrypts `text` in place if its tag is right, and leaves it as it is otherwise.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        let aes = self.derive(nonce);
        Aes256Gcm::from(&aes)
            .decrypt_inout_detached(
                &second_half(nonce),
                associated,
                InOutBuf::from(text),
                tag.into(),
            )
            .ok()
    }

    /// The cipher under the key for the first half of this nonce.
    #[inline(always)]
    fn derive(&self, nonce: &[u8; NONCE]) -> Aes256Enc {
        let k1 = u128::from_be_bytes(self.k1);
        let mut context = [0; 16];
        context[4..].copy_from_slice(&nonce[..12]);
        let context = u128::from_be_bytes(context) ^ k1;
        let block = |counter: u8| {
            let label =
                u128::from_be_bytes([0, counter, b'X', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            Block::from((context ^ label).to_be_bytes())
        };
        let mut halves = [block(1), block(2)];
        self.aes.encrypt_blocks(&mut halves);
        let mut key = Array::default();
        key[..16].copy_from_slice(&halves[0]);
        key[16..].copy_from_slice(&halves[1]);
        let aes = Aes256Enc::new(&key);
        halves.iter_mut().for_each(|half| half.zeroize());
        key.zeroize();
        aes
    }
}

fn second_half(nonce: &[u8; NONCE]) -> Array<u8, U12> {
    let mut half = Array::default();
    half.copy_from_slice(&nonce[12..]);
    half
}

impl Drop for Xaes {
    fn drop(&mut self) {
        // `aes` is wiped by its own crate.
        self.k1.zeroize();
    }
}

#[cfg(test)]
mod tests;
