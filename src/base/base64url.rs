//! base64url without padding (RFC 4648, section 5), in its one canonical form.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::NO_PAD};

/// The fastest engine of this processor.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: LazyLock<base64::engine::Simd> =
    LazyLock::new(|| base64::engine::Simd::url_safe(NO_PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, NO_PAD));

/// Appends the text of `bytes`.
pub(crate) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + length(bytes.len()), 0);
    encode_exactly(bytes, &mut out[start..]);
}

/// Writes the text of `bytes` over `out`, which is as long as that.
pub(crate) fn encode_exactly(bytes: &[u8], out: &mut [u8]) {
    // The only error is that `out` is too short.
    let _ = ENGINE.encode_slice(bytes, out);
}

/// The text of `bytes`.
pub(crate) fn text(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// How many characters the text of that many bytes has.
pub(crate) fn length(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Room for the bytes of a text of that many characters, or of the parts of one.
pub(crate) fn most_bytes(characters: usize) -> usize {
    characters / 4 * 3 + 16
}

/// The bytes of `text`, at the start of `out`; `None` for what [`encode`] does not write, and when
/// `out` is too short.
pub(crate) fn decode<'o>(text: &[u8], out: &'o mut [u8]) -> Option<&'o mut [u8]> {
    let length = ENGINE.decode_slice(text, out).ok()?;
    out.get_mut(..length)
}
