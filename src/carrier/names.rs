//! Names of sessions, cookies and headers: which can be, and which mean more than they say.

use super::limits::MOST_PIECES;

/// Checks that a name is a token (RFC 9110, section 5.6.2) of at most 64 octets.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let is_tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    match name.chars().find(|c| !is_tchar(*c)) {
        _ if name.is_empty() => Err("the name is empty".into()),
        _ if name.len() > 64 => Err(format!("the name has {} octets, more than 64", name.len())),
        Some(c) => Err(format!("the name contains {c:?}")),
        None => Ok(()),
    }
}

/// The prefix with a meaning to browsers that a name begins with, whatever its case.
pub(crate) fn cookie_prefix(name: &str) -> Option<&'static str> {
    ["__Host-Http-", "__Host-", "__Http-", "__Secure-"]
        .into_iter()
        .find(|prefix| {
            name.get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        })
}

/// The ending of a name that a session must not have, as the cookie of a part has it, or may have
/// one day.
pub(crate) fn reserved_ending(name: &str) -> Option<&str> {
    let (_, ending) = name.rsplit_once('.')?;
    let is_piece = matches!(ending.as_bytes(), [b'1'..=LAST_PIECE]);
    (is_piece || RESERVED.contains(&ending)).then_some(ending)
}

/// What is wrong with a name that has such an ending.
pub(crate) fn reserved(ending: &str) -> String {
    format!("it ends in .{ending}, which is kept for cookies beside the session's own")
}

/// How names end that are not a session's: `end` is a mark, and the others are for sessions that
/// are bound to a device.
const RESERVED: [&str; 5] = ["end", "key", "proof", "refresh", "register"];
const LAST_PIECE: u8 = b'0' + MOST_PIECES;
