//! What signing gives.

/// The octets of a signature; those of a MAC need no heap.
pub(crate) enum Signature {
    Mac([u8; 64], usize),
    #[cfg(feature = "asymmetric")]
    Asymmetric(Vec<u8>),
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        match self {
            Signature::Mac(bytes, length) => &bytes[..*length],
            #[cfg(feature = "asymmetric")]
            Signature::Asymmetric(bytes) => bytes,
        }
    }
}
