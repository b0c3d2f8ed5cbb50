//! The ways to split cookies into fields (RFC 9113, section 8.2.3).

use std::collections::BTreeSet;

/// All ways to split these cookies: at every set of places between them, or in the short form at each
/// place alone, at all of them and at none; before the semicolon, after it, and after its space.
pub(super) fn splits(cookies: &[String], long: bool) -> Vec<Vec<String>> {
    let places = cookies.len().saturating_sub(1);
    let all = (1 << places) - 1;
    let sets: Vec<u32> = match long {
        true => (0..=all).collect(),
        false => (0..places)
            .map(|place| 1 << place)
            .chain([0, all])
            .collect(),
    };
    let ways = [("", ""), (";", ""), ("; ", ""), ("", "; "), (";", " ")];
    let splits = ways
        .iter()
        .flat_map(|(end, start)| sets.iter().map(move |set| split(cookies, *set, end, start)));
    splits.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Splits after the cookies of a set, which leaves `end` with what is before, and `start` with what is
/// after.
fn split(cookies: &[String], set: u32, end: &str, start: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    for (place, cookie) in cookies.iter().enumerate() {
        let is_last = place + 1 == cookies.len();
        if let Some(field) = fields.last_mut() {
            *field += cookie;
            if !is_last && set & (1 << place) == 0 {
                *field += "; ";
            } else if !is_last {
                *field += end;
                fields.push(start.into());
            }
        }
    }
    fields
}
