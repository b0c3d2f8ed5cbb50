//! The few structures of DER in which back ends take private keys.

use zeroize::Zeroizing;

type Der = Zeroizing<Vec<u8>>;

pub(super) fn sequence(parts: &[Der]) -> Der {
    element(0x30, parts)
}

pub(super) fn integer(number: &[u8]) -> Der {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = &number[zeros.min(number.len().saturating_sub(1))..];
    let sign: &[u8] = if digits.first().is_some_and(|byte| *byte >= 0x80) {
        &[0]
    } else {
        &[]
    };
    element(0x02, &[raw(sign), raw(digits)])
}

/// PKCS#8 (RFC 5208) around an `ECPrivateKey` (RFC 5915).
pub(super) fn ec_private_key(curve: &[u8], d: &[u8], x: &[u8], y: &[u8]) -> Der {
    let algorithm = sequence(&[element(0x06, &[raw(EC)]), element(0x06, &[raw(curve)])]);
    let point = element(0x03, &[raw(&[0, 4]), raw(x), raw(y)]);
    let key = sequence(&[integer(&[1]), octets(&[raw(d)]), element(0xa1, &[point])]);
    sequence(&[integer(&[0]), algorithm, octets(&[key])])
}

/// PKCS#8 around a `CurvePrivateKey` (RFC 8410, section 7).
pub(super) fn ed25519_private_key(d: &[u8]) -> Der {
    let algorithm = sequence(&[element(0x06, &[raw(ED25519)])]);
    sequence(&[integer(&[0]), algorithm, octets(&[octets(&[raw(d)])])])
}

fn octets(parts: &[Der]) -> Der {
    element(0x04, parts)
}

fn element(tag: u8, parts: &[Der]) -> Der {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let bytes = length.to_be_bytes();
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let mut out = Zeroizing::new(Vec::with_capacity(2 + digits.len() + length));
    out.push(tag);
    if length >= 0x80 {
        out.push(0x80 | digits.len() as u8);
        out.extend_from_slice(digits);
    } else {
        out.push(length as u8);
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

fn raw(bytes: &[u8]) -> Der {
    Zeroizing::new(bytes.to_vec())
}

/// 1.2.840.10045.2.1 (RFC 5480) and 1.3.101.112 (RFC 8410).
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
