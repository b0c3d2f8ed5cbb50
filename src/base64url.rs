//! base64url without padding (RFC 4648, section 5), in its one canonical form.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Appends the text of `bytes`.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// Writes the text of `bytes` over `out`, which is as long as that.
pub(crate) fn encode_exactly(bytes: &[u8], out: &mut [u8]) {
    // The only error is that `out` is too short.
    let _ = URL_SAFE_NO_PAD.encode_slice(bytes, out);
}

/// The text of `bytes`.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// How many characters the text of that many bytes has.
pub(crate) fn length(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// The bytes of `text`, at the start of `out`; `None` for what [`encode`] does not write, and when
/// `out` is too short.
pub(crate) fn decode<'o>(text: &[u8], out: &'o mut [u8]) -> Option<&'o mut [u8]> {
    let length = URL_SAFE_NO_PAD.decode_slice(text, out).ok()?;
    out.get_mut(..length)
}
