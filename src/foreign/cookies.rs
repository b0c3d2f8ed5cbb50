//! A request's cookies, as other systems' readers see them.

use std::fmt;

use crate::carrier;

/// The cookies of a request, read as strictly as our own: octets, of which `;` always separates; quotes mean
/// nothing, only spaces and tabs around a pair are trimmed, names match octet for octet, and nothing is
/// decoded.
///
/// # Examples
///
/// ```
/// use haversack::foreign::Cookies;
///
/// let headers = ["theme=dark; sid=a%20b", "sid=c"];
/// let cookies: Cookies<'_> = headers.iter().map(|header| header.as_bytes()).collect();
/// assert!(cookies.named("sid").eq([&b"a%20b"[..], b"c"]));
/// assert_eq!(cookies.named("SID").next(), None);
/// ```
#[derive(Clone, Default)]
pub struct Cookies<'r> {
    /// The values of the header; most requests have one, so no memory is asked for.
    first: [&'r [u8]; FIRST],
    count: usize,
    more: Vec<&'r [u8]>,
}

impl<'r> Cookies<'r> {
    /// The values of the cookies of this name, in the order in which they came: eight at most, which is how
    /// many are tried.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &'r [u8]> {
        let first = self.first.iter().take(self.count);
        let lines = first.chain(&self.more).copied();
        carrier::values_of(lines, name)
    }

    /// Adds a value of the header.
    #[inline]
    pub(crate) fn add(&mut self, line: &'r [u8]) {
        match self.first.get_mut(self.count) {
            Some(free) => {
                *free = line;
                self.count += 1;
            }
            None => self.more.push(line),
        }
    }
}

impl<'r> FromIterator<&'r [u8]> for Cookies<'r> {
    fn from_iter<I: IntoIterator<Item = &'r [u8]>>(header_values: I) -> Cookies<'r> {
        let mut cookies = Cookies::default();
        header_values.into_iter().for_each(|line| cookies.add(line));
        cookies
    }
}

impl fmt::Debug for Cookies<'_> {
    /// Shows nothing of them, as they are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookies").finish_non_exhaustive()
    }
}

const FIRST: usize = 4;
