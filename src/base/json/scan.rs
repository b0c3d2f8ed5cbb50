//! JSON text taken apart without being read: where names and values begin and end. It takes no
//! memory and one pass, however deep the text is nested.

use memchr::{memchr_iter, memchr2, memchr3};

/// Calls `take` with the text of the name, in its quotes, and with that of the value, for each
/// member of an object; `None` if the text is no object, or `take` refuses a member.
///
/// What names and values are is for `take` to check.
pub(crate) fn members<'j>(
    object: &'j [u8],
    mut take: impl FnMut(&'j [u8], &'j [u8]) -> Option<()>,
) -> Option<()> {
    let mut rest = trim_start(trim_start(object).strip_prefix(b"{")?);
    if let Some(rest) = rest.strip_prefix(b"}") {
        return trim_start(rest).is_empty().then_some(());
    }
    loop {
        let after = after_string(rest.strip_prefix(b"\"")?)?;
        let name = &rest[..rest.len() - after.len()];
        let text = trim_start(after).strip_prefix(b":")?;
        let (value, after) = text.split_at(end_of_value(text)?);
        take(name, value)?;
        match after.split_first()? {
            (b',', more) => rest = trim_start(more),
            (b'}', more) => return trim_start(more).is_empty().then_some(()),
            _ => return None,
        }
    }
}

/// Where a value ends that stands at the start of a text: at the first comma or closing bracket
/// that is outside of strings and of the brackets that the value itself opens.
pub(crate) fn end_of_value(json: &[u8]) -> Option<usize> {
    let mut walk = Walk::new(json);
    while !walk.is_at_end_of_value()? {
        walk.step()?;
    }
    Some(json.len() - walk.rest.len())
}

/// Whether a text that is one value, or several members of an object, is the one value.
///
/// It looks only where the first value could end before others, which is faster than to walk all of
/// it.
pub(crate) fn is_one_value(json: &[u8]) -> bool {
    let close = match json {
        [b'{', ..] => b'}',
        [b'[', ..] => b']',
        [b'"', rest @ ..] => return after_string(rest).is_some_and(<[u8]>::is_empty),
        _ => return memchr3(b',', b'}', b']', json).is_none(),
    };
    if !json.ends_with(&[close]) {
        return false;
    }
    let mut walk = Walk::new(json);
    memchr_iter(close, json).all(|at| {
        let rest = &json[at + 1..];
        let next = trim_start(rest).strip_prefix(b",").map(trim_start);
        if next.is_none_or(|next| next.starts_with(b"{")) {
            return true;
        }
        // A member may begin here, or one inside of the value, or it is all in a string.
        while walk.rest.len() > rest.len() {
            if walk.step().is_none() {
                return false;
            }
        }
        walk.depth > 0 || walk.rest.len() < rest.len()
    })
}

/// A place in a text, and how deep it is in brackets.
struct Walk<'j> {
    rest: &'j [u8],
    depth: usize,
}

impl<'j> Walk<'j> {
    fn new(json: &'j [u8]) -> Walk<'j> {
        Walk {
            rest: json,
            depth: 0,
        }
    }

    fn is_at_end_of_value(&self) -> Option<bool> {
        let next = self.rest.first()?;
        Some(self.depth == 0 && matches!(next, b',' | b'}' | b']'))
    }

    /// Goes behind the next octet, or behind a whole string.
    #[inline(always)]
    fn step(&mut self) -> Option<()> {
        let (octet, rest) = self.rest.split_first()?;
        self.rest = match octet {
            b'"' => after_string(rest)?,
            b'{' | b'[' => {
                self.depth += 1;
                rest
            }
            b'}' | b']' => {
                self.depth = self.depth.checked_sub(1)?;
                rest
            }
            _ => rest,
        };
        Some(())
    }
}

/// What follows the string whose first quote is before this text.
fn after_string(mut json: &[u8]) -> Option<&[u8]> {
    loop {
        // Names are short, and not worth a search with a beginning of its own.
        let (near, far) = json.split_at(json.len().min(NEAR));
        let is_mark = |octet: &u8| matches!(octet, b'"' | b'\\');
        let mark = match near.iter().position(is_mark) {
            Some(mark) => mark,
            None => near.len() + memchr2(b'"', b'\\', far)?,
        };
        let (mark, rest) = json[mark..].split_first()?;
        if *mark == b'"' {
            return Some(rest);
        }
        // What a backslash escapes is not looked at.
        json = rest.get(1..)?;
    }
}

/// The text without white space at its start (RFC 8259, section 2).
fn trim_start(mut json: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = json {
        json = rest;
    }
    json
}

/// How far the end of a string is looked for octet by octet.
const NEAR: usize = 16;
