//! Names of sessions, cookies and headers: which can be, and which mean more than they say.

use super::limits::MOST_PIECES;
use crate::error::ConfigError;

/// Checks that a setting's name is a token.
pub(crate) fn check_name(setting: &'static str, name: &str) -> Result<(), ConfigError> {
    let fix = "use letters, digits, - and _";
    check_token(name).map_err(|problem| ConfigError::new(setting, problem, fix))
}

/// Checks that a text is a token (RFC 9110, section 5.6.2) of at most 64 octets.
pub(super) fn check_token(name: &str) -> Result<(), String> {
    let is_tchar = |c: char| {
        c.is_ascii_alphanumeric() || u8::try_from(c).is_ok_and(|c| b"!#$%&'*+-.^_`|~".contains(&c))
    };
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

/// Checks that a setting's name does not end as the cookie of a part does, or may one day.
pub(crate) fn check_ending(setting: &'static str, name: &str) -> Result<(), ConfigError> {
    let Some((_, ending)) = name.rsplit_once('.') else {
        return Ok(());
    };
    let is_piece = matches!(ending.as_bytes(), [b'1'..=LAST_PIECE]);
    if is_piece || RESERVED.contains(&ending) {
        let problem =
            format!("it ends in .{ending}, which is kept for cookies beside the session's own");
        return Err(ConfigError::new(setting, problem, "use another name"));
    }
    Ok(())
}

/// How names end that are not a session's: `end` is a mark, and the others are for sessions that
/// are bound to a device.
const RESERVED: [&str; 5] = ["end", "key", "proof", "refresh", "register"];
const LAST_PIECE: u8 = b'0' + MOST_PIECES;
