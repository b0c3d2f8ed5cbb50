//! Tokens found in what people paste: bare ones, cookies, headers, and what `curl -v` prints.

use std::collections::HashMap;

use haversack::{
    Rejected,
    inspect::{Outline, join},
};

use crate::output::visible_line;

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

impl Place {
    /// The name of the cookie or the header as it is shown.
    pub(crate) fn name(&self) -> String {
        match self {
            Place::Text => "text".into(),
            Place::Cookie(name) | Place::Header(name) => shown(name),
        }
    }
}

/// A name as it is shown: what is as long as a key may be one that somebody pasted.
pub(crate) fn shown(name: &str) -> String {
    match name.chars().count() {
        ..=LONGEST_SHOWN => visible_line(name),
        _ => visible_line(&name.chars().take(LEAST_SHOWN).collect::<String>()) + "…",
    }
}

/// All that a text may have of tokens.
#[derive(Default)]
pub(crate) struct Pasted<'t> {
    /// By their names, the pieces of one among each other, in the order of the first ones.
    cookies: Vec<Cookie<'t>>,
    /// Where the cookies of a name are.
    places: HashMap<String, usize>,
    others: Vec<(Place, &'t [u8])>,
}

/// The values of a cookie's name, and of its pieces.
struct Cookie<'t> {
    name: String,
    wholes: Vec<&'t [u8]>,
    pieces: Vec<(u8, &'t [u8])>,
}

impl<'t> Pasted<'t> {
    pub(crate) fn read(text: &'t [u8]) -> Pasted<'t> {
        let mut pasted = Pasted::default();
        for line in text.split(|octet| *octet == b'\n') {
            pasted.line(line.strip_suffix(b"\r").unwrap_or(line));
        }
        pasted
    }

    /// The tokens of the cookies that are wanted, and of headers. If none of these cookies is there it is
    /// the only one, or all that look like tokens.
    pub(crate) fn tokens(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<Found> {
        let any_wanted = self.cookies.iter().any(|cookie| is_wanted(&cookie.name));
        let is_only = self.cookies.len() == 1 && self.others.is_empty();
        let is_chosen = |cookie: &&Cookie<'_>| match any_wanted {
            true => is_wanted(&cookie.name),
            false => is_only || cookie.looks_like_a_token(),
        };
        let cookies = self.cookies.iter().filter(is_chosen);
        // Between headers are other texts, such as the body of a response.
        let is_bare =
            self.cookies.is_empty() && self.others.iter().all(|(place, _)| *place == Place::Text);
        let is_token = |(_, token): &&(Place, &[u8])| is_bare || Outline::of(token).is_ok();
        let others = self
            .others
            .iter()
            .filter(is_token)
            .map(|(place, token)| Found {
                place: place.clone(),
                token: Ok((token.to_vec(), 1)),
            });
        cookies.flat_map(Cookie::tokens).chain(others).collect()
    }

    /// The names of all cookies.
    pub(crate) fn cookie_names(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().map(|cookie| cookie.name.as_str())
    }

    /// The mark of a sign-out beside a cookie.
    pub(crate) fn mark_of(&self, cookie: &str) -> Option<&'t [u8]> {
        let place = self.places.get(&format!("{cookie}.end"))?;
        self.cookies[*place].wholes.first().copied()
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
                self.pair(&String::from_utf8_lossy(&pair[..at]), &pair[at + 1..]);
            }
        }
    }

    fn pair(&mut self, name: &str, value: &'t [u8]) {
        let (base, index) = match split_index(name) {
            Some((base, index)) => (base, Some(index)),
            None => (name, None),
        };
        let place = *self
            .places
            .entry(base.to_owned())
            .or_insert(self.cookies.len());
        if place == self.cookies.len() {
            self.cookies.push(Cookie {
                name: base.to_owned(),
                wholes: Vec::new(),
                pieces: Vec::new(),
            });
        }
        let cookie = &mut self.cookies[place];
        match index {
            Some(index) => cookie.pieces.push((index, value)),
            None => cookie.wholes.push(value),
        }
    }
}

impl Cookie<'_> {
    /// The tokens that it holds, whole ones first.
    fn tokens(&self) -> impl Iterator<Item = Found> {
        let found = |token| Found {
            place: Place::Cookie(self.name.clone()),
            token,
        };
        let wholes = self.wholes.iter().map(|token| Ok((token.to_vec(), 1)));
        let joined = join(self.pieces.iter().copied()).into_iter();
        let joined = joined.map(|joined| joined.map(|joined| (joined.token, joined.pieces)));
        wholes.chain(joined).map(found)
    }

    fn looks_like_a_token(&self) -> bool {
        // Index and count, a set of eight characters, and a slice.
        let is_piece = |value: &[u8]| {
            value.len() > 10 && value[..2].iter().all(|digit| (b'1'..=b'4').contains(digit))
        };
        self.pieces.iter().any(|(_, value)| is_piece(value))
            || self.wholes.iter().any(|token| Outline::of(token).is_ok())
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

/// Characters of a name, fewer than a key has.
const LONGEST_SHOWN: usize = 40;
const LEAST_SHOWN: usize = 8;

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
