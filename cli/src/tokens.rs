//! Tokens found in what people paste: bare ones, cookies, headers, and what `curl -v` prints.

use haversack::{
    Rejected,
    inspect::{Outline, join},
};

/// A token, and where it was found.
pub(crate) struct Found {
    pub(crate) place: Place,
    /// The token with the number of its pieces, or why they do not make one.
    pub(crate) token: Result<(Vec<u8>, u8), Rejected>,
}

/// Where a token was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Text,
    Cookie(String),
    Header(String),
}

/// All that a text may have of tokens.
pub(crate) struct Pasted<'t> {
    cookies: Vec<(String, &'t [u8])>,
    others: Vec<(Place, &'t [u8])>,
}

impl<'t> Pasted<'t> {
    pub(crate) fn read(text: &'t [u8]) -> Pasted<'t> {
        let mut pasted = Pasted {
            cookies: Vec::new(),
            others: Vec::new(),
        };
        for line in text.split(|octet| *octet == b'\n') {
            pasted.line(line.strip_suffix(b"\r").unwrap_or(line));
        }
        pasted
    }

    /// The tokens of these cookies and of headers; of all cookies that look like tokens if none of these
    /// is there, or the only one.
    pub(crate) fn tokens(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<Found> {
        let base = |name: &str| split_index(name).map_or(name, |(base, _)| base).to_owned();
        let mut names: Vec<String> = Vec::new();
        for (name, _) in &self.cookies {
            let base = base(name);
            if !names.contains(&base) {
                names.push(base);
            }
        }
        let wanted =
            |name: &String| is_wanted(name) || is_wanted(name.strip_suffix(".end").unwrap_or(""));
        let wanted: Vec<_> = names.iter().filter(|name| wanted(name)).cloned().collect();
        let only = names.len() == 1 && self.others.is_empty();
        let chosen: Vec<_> = match wanted.is_empty() {
            false => wanted,
            true if only => names,
            true => names
                .into_iter()
                .filter(|name| self.looks_like_one(name))
                .collect(),
        };
        let mut found: Vec<_> = chosen
            .iter()
            .flat_map(|name| self.of_cookie(name))
            .collect();
        for (place, token) in &self.others {
            if *place == Place::Text || Outline::of(token).is_ok() {
                found.push(Found {
                    place: place.clone(),
                    token: Ok((token.to_vec(), 1)),
                });
            }
        }
        found
    }

    /// The names of all cookies.
    pub(crate) fn cookie_names(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(|(name, _)| name.as_str())
    }

    /// The mark of a sign-out beside a cookie.
    pub(crate) fn mark_of(&self, cookie: &str) -> Option<&'t [u8]> {
        let is_mark = |name: &str| name.strip_suffix(".end") == Some(cookie);
        let mark = self.cookies.iter().find(|(name, _)| is_mark(name));
        mark.map(|(_, value)| *value)
    }

    fn line(&mut self, line: &'t [u8]) {
        let line = match line {
            // What curl sent and got, and what it says itself.
            [b'>' | b'<', b' ', rest @ ..] => rest,
            [b'*', b' ', ..] => return,
            _ => line,
        };
        if let Some((name, value)) = header(line) {
            return match name.as_str() {
                "cookie" => self.pairs(value),
                // Behind the first pair are attributes.
                "set-cookie" => {
                    self.pairs(value.split(|octet| *octet == b';').next().unwrap_or(value))
                }
                _ => self
                    .others
                    .push((Place::Header(name), without_scheme(value))),
            };
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            return;
        }
        // Padding has nothing behind it, and a cookie of no characters has a line of its own.
        match line.iter().position(|octet| *octet == b'=') {
            Some(at) if line.contains(&b';') || line[at..].iter().any(|octet| *octet != b'=') => {
                match line.split(|octet| *octet == b';').skip(1).any(is_attribute) {
                    true => self.set_cookie(line),
                    false => self.pairs(line),
                }
            }
            _ => self.others.push((Place::Text, without_scheme(line))),
        }
    }

    /// The first pair of a `Set-Cookie` header, behind which are attributes; an empty one removes.
    fn set_cookie(&mut self, value: &'t [u8]) {
        let pair = value.split(|octet| *octet == b';').next();
        if let Some(pair) = pair.filter(|pair| !trimmed(pair).ends_with(b"=")) {
            self.pairs(pair);
        }
    }

    /// The pairs of a `Cookie` header, as the page about the format reads them.
    fn pairs(&mut self, value: &'t [u8]) {
        for pair in value.split(|octet| *octet == b';') {
            let pair = trimmed(pair);
            if let Some(at) = pair.iter().position(|octet| *octet == b'=') {
                let name = String::from_utf8_lossy(&pair[..at]).into_owned();
                self.cookies.push((name, &pair[at + 1..]));
            }
        }
    }

    /// Whether what a cookie or its pieces hold may be a token.
    fn looks_like_one(&self, base: &str) -> bool {
        self.of_cookie(base).iter().any(|found| match &found.token {
            Ok((token, _)) => Outline::of(token).is_ok(),
            Err(_) => true,
        })
    }

    /// The tokens in the cookies of a name, whole ones first.
    fn of_cookie(&self, base: &str) -> Vec<Found> {
        let found = |token| Found {
            place: Place::Cookie(base.to_owned()),
            token,
        };
        let wholes = self.cookies.iter().filter(|(name, _)| name == base);
        let wholes = wholes.map(|(_, value)| found(Ok((value.to_vec(), 1))));
        let pieces = self.cookies.iter().filter_map(|(name, value)| {
            let (name, index) = split_index(name)?;
            (name == base).then_some((index, *value))
        });
        let joined = join(pieces)
            .into_iter()
            .map(|joined| found(joined.map(|joined| (joined.token, joined.pieces))));
        wholes.chain(joined).collect()
    }
}

/// The name of a cookie without the number of the piece, and the number.
fn split_index(name: &str) -> Option<(&str, u8)> {
    let (base, index) = name.rsplit_once('.')?;
    match index.as_bytes() {
        [digit @ b'1'..=b'4'] => Some((base, digit - b'0')),
        _ => None,
    }
}

/// The name of a header field in lower case, and its value.
fn header(line: &[u8]) -> Option<(String, &[u8])> {
    let at = line.iter().position(|octet| *octet == b':')?;
    let (name, value) = (&line[..at], &line[at + 1..]);
    let is_name = |octet: &u8| octet.is_ascii_alphanumeric() || b"-_".contains(octet);
    let is_header = !name.is_empty() && name.iter().all(is_name);
    is_header.then(|| {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        (name, trimmed(value))
    })
}

/// What is behind `Bearer`, if that is there.
fn without_scheme(value: &[u8]) -> &[u8] {
    match value.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => trimmed(rest),
        _ => value,
    }
}

/// Whether a part of a line without a header's name shows that it is of a `Set-Cookie`.
fn is_attribute(part: &[u8]) -> bool {
    let name = trimmed(part).split(|octet| *octet == b'=').next();
    let is = |known: &&[u8]| name.is_some_and(|name| name.eq_ignore_ascii_case(known));
    ATTRIBUTES.iter().any(is)
}

/// Without SP and HTAB at both ends.
fn trimmed(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

const SCHEME: &[u8] = b"Bearer ";
const ATTRIBUTES: [&[u8]; 6] = [
    b"path",
    b"samesite",
    b"httponly",
    b"secure",
    b"max-age",
    b"expires",
];
