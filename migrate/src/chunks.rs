//! Tokens that were too large for one cookie, as JavaScript's libraries cut them.

use haversack::{
    Rejected,
    foreign::{Cookies, Foreign, Refused},
};

use crate::reading::{bounded, newest};

/// What one cookie of this name has, or those with a number behind it; the names of all of them go with what
/// opens.
pub(crate) fn read(
    cookies: &Cookies<'_>,
    name: &str,
    separator: &str,
    open: impl Fn(&[u8]) -> Result<Foreign, Refused>,
) -> Result<Option<Foreign>, Refused> {
    let chunk = |index: usize| format!("{name}{separator}{index}");
    let is_there = |name: &String| cookies.named(name).next().is_some();
    let names: Vec<_> = (0..=MOST).map(chunk).take_while(is_there).collect();
    // The whole one wins, as in the originals.
    let found = if is_there(&name.to_owned()) {
        newest(cookies, name, open)?
    } else if names.is_empty() {
        return match (1..=MOST).map(chunk).any(|name| is_there(&name)) {
            true => Err(INCOMPLETE),
            false => Ok(None),
        };
    } else {
        let mut joined = Vec::new();
        for name in &names {
            let mut values = cookies.named(name);
            match (values.next(), values.next()) {
                (Some(value), None) => joined.extend_from_slice(value),
                _ => return Err(INCOMPLETE),
            }
        }
        let mut foreign = open(bounded(&joined, LONGEST_JOINED)?)?;
        foreign.cookies.clear();
        Some(foreign)
    };
    Ok(found.map(|mut foreign| {
        foreign.name = name.to_owned();
        foreign.cookies.extend(names);
        foreign
    }))
}

const INCOMPLETE: Refused = Refused::new(
    Rejected::Incomplete,
    "one of its cookies is missing or doubled",
);

/// More would be longer than a request may be.
const MOST: usize = 7;
/// As much as servers take of a request's headers.
const LONGEST_JOINED: usize = 16 * 1024;
