//! A jar of cookies for one site, which sends them over plain http too, as there is TLS in front of it
//! in what it stands for.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header::SET_COOKIE};

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Does what the response says.
    pub(crate) fn keep(&mut self, response: &HeaderMap) {
        for line in response.get_all(SET_COOKIE) {
            let line = String::from_utf8_lossy(line.as_bytes());
            let (cookie, attributes) = line.split_once(';').unwrap_or((&line, ""));
            let (name, value) = cookie.split_once('=').unwrap_or(("", cookie));
            let mut attributes = attributes.split(';').map(str::trim);
            if attributes.any(|attribute| attribute.eq_ignore_ascii_case("max-age=0")) {
                self.0.remove(name);
            } else {
                self.0.insert(name.into(), value.into());
            }
        }
    }

    /// Adds cookies of others until all are so many octets in one line, or a few more.
    pub(crate) fn fill(&mut self, octets: usize) {
        for other in 0.. {
            let name = format!("other-{other:03}");
            let missing = octets.saturating_sub(self.line().len() + "; =".len() + name.len());
            if missing == 0 {
                break;
            }
            self.0.insert(name, "x".repeat(missing.min(4000)));
        }
    }

    /// Each cookie, as `name=value`.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, value)| format!("{name}={value}"))
    }

    /// What `Cookie` has in HTTP/1.1.
    pub(crate) fn line(&self) -> String {
        self.pairs().collect::<Vec<_>>().join("; ")
    }

    /// Names and values together, which is what a session's limits count.
    pub(crate) fn octets(&self) -> usize {
        let octets = self.0.iter().map(|(name, value)| name.len() + value.len());
        octets.sum()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
