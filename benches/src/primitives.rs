//! XAES-256-GCM by the primitives themselves (<https://c2sp.org/XAES-256-GCM>), and the octets of a sealed
//! token around its value.

use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{array::Array, consts::U12},
    aes::{Aes256Enc, Block, cipher::BlockCipherEncrypt as _},
};

/// Half of the key schedule is enough for GCM in both directions.
pub type Aes256Gcm = AesGcm<Aes256Enc, U12>;

/// The rest of a nonce, behind what the key is derived from.
pub type Rest = Array<u8, U12>;

/// A key, which is no secret.
pub struct Xaes {
    aes: Aes256Enc,
    k1: [u8; 16],
}

impl Default for Xaes {
    fn default() -> Xaes {
        Xaes {
            aes: Aes256Enc::new(&[1; 32].into()),
            k1: [2; 16],
        }
    }
}

impl Xaes {
    /// The key for a token, and the rest of its nonce.
    pub fn derive(&self, nonce: &[u8; NONCE]) -> (Aes256Gcm, Rest) {
        let mut halves = [Block::default(); 2];
        for (counter, block) in (1..).zip(&mut halves) {
            block[..4].copy_from_slice(&[0, counter, b'X', 0]);
            block[4..].copy_from_slice(&nonce[..12]);
            block
                .iter_mut()
                .zip(&self.k1)
                .for_each(|(byte, mask)| *byte ^= mask);
        }
        self.aes.encrypt_blocks(&mut halves);
        let mut key = Array::default();
        key[..16].copy_from_slice(&halves[0]);
        key[16..].copy_from_slice(&halves[1]);
        let mut rest = Array::default();
        rest.copy_from_slice(&nonce[12..]);
        (Aes256Gcm::from(Aes256Enc::new(&key)), rest)
    }
}

pub const NONCE: usize = 24;

/// Version, key id and nonce.
pub const HEAD: usize = 29;
/// What is sealed before the value.
pub const BODY: usize = 42;
pub const TAG: usize = 16;
