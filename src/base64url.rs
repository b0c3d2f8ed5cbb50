//! base64url without padding (RFC 4648, section 5), in its one canonical form.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Appends the text of `bytes`.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// The text of `bytes`.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of `text`, at the start of `out`; `None` for what [`encode`] does not write, and when
/// `out` is too short.
pub(crate) fn decode<'o>(text: &[u8], out: &'o mut [u8]) -> Option<&'o mut [u8]> {
    let length = URL_SAFE_NO_PAD.decode_slice(text, out).ok()?;
    out.get_mut(..length)
}
