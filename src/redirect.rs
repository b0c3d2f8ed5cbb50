//! Where to go after a sign-in: a path of this site, whatever the request says.

/// The path of this site in a text that came with a request, such as the `next` of a sign-in page;
/// `/` for anything else, such as another site (an open redirect, CWE-601).
///
/// A path begins with one slash, is printable ASCII of at most 2048 octets without a backslash, quotes,
/// backticks or angle brackets (which no browser sends), and has before its `?` or `#` no second slash in
/// a row, no segment `.` or `..`, and none of these percent-encoded, nor an encoded `%`: what browsers,
/// proxies and frameworks make of such a path is not the same, and some of it leads elsewhere. What
/// the query says is the page's own to judge. An `&` may be in it: escape it in HTML.
///
/// # Examples
///
/// ```
/// use haversack::next_path;
///
/// assert_eq!(next_path("/orders?page=2"), "/orders?page=2");
/// assert_eq!(next_path("https://evil.example/"), "/");
/// assert_eq!(next_path("//evil.example/"), "/");
/// assert_eq!(next_path("/\\evil.example/"), "/");
/// ```
#[doc(alias = "redirect")]
#[doc(alias = "open redirect")]
#[doc(alias = "return_to")]
#[must_use]
pub fn next_path(text: &str) -> &str {
    if is_path_of_this_site(text) {
        text
    } else {
        "/"
    }
}

fn is_path_of_this_site(text: &str) -> bool {
    let is_printable = |octet: u8| matches!(octet, b'!'..=b'~') && !b"\\\"<>`".contains(&octet);
    if text.len() > LONGEST || !text.starts_with('/') || !text.bytes().all(is_printable) {
        return false;
    }
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let Some(path) = decoded(&text.as_bytes()[..end]) else {
        return false;
    };
    // As it is written, and as it is behind a proxy that has decoded it.
    [&text.as_bytes()[..end], &path].into_iter().all(is_plain)
}

/// Whether nobody takes the path for another one.
fn is_plain(path: &[u8]) -> bool {
    let mut segments = path[1..].split(|octet| *octet == b'/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        let is_dots = matches!(segment, b"." | b"..");
        let is_odd = |octet: &u8| *octet == b'\\' || octet.is_ascii_control();
        if is_dots || (segment.is_empty() && !is_last) || segment.iter().any(is_odd) {
            return false;
        }
    }
    true
}

/// The path with its percent-encodings decoded (RFC 3986, section 2.1); `None` when one is broken, or
/// gives a slash or another percent sign.
fn decoded(path: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [octet, more @ ..] = rest {
        rest = more;
        if *octet != b'%' {
            decoded.push(*octet);
            continue;
        }
        let ([high, low], more) = rest.split_first_chunk()?;
        let digit = |octet: u8| char::from(octet).to_digit(16);
        let octet = (16 * digit(*high)? + digit(*low)?) as u8;
        if matches!(octet, b'/' | b'%') {
            return None;
        }
        decoded.push(octet);
        rest = more;
    }
    Some(decoded)
}

/// Octets of a path: longer than any that people follow, and short enough for a `Location`.
const LONGEST: usize = 2048;
