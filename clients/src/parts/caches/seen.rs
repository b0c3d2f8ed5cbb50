//! What the visitors saw.

use std::{
    collections::{BTreeSet, HashSet},
    fmt,
    io::Read as _,
};

use axum::http::{
    HeaderMap, Response, StatusCode,
    header::{CONTENT_ENCODING, ETAG, SET_COOKIE},
};
use flate2::read::GzDecoder;
use hyper::body::Bytes;

use super::{
    headers,
    request::{Act, How, Visitor, WHOSE},
};
use crate::{app::Sessions, client::Again};

/// Counts over many requests.
#[derive(Debug, Default)]
pub(super) struct Seen {
    requests: usize,
    /// Answers that somebody had got before, of pages that are the same for all.
    shared: usize,
    /// The fields that alone allowed some of that.
    targeted: BTreeSet<&'static str>,
    /// Answers, or tokens, that were another user's.
    of_others: usize,
    /// Answers of nobody that a user got.
    of_nobody: usize,
    /// Tokens, or removals of one, that somebody had got before.
    replayed: usize,
    /// Answers that are not the application's.
    odd: usize,
    pub(super) again: Again,
    /// What was wrong, the first few.
    examples: Vec<String>,
    /// The numbers of the answers so far.
    numbers: HashSet<String>,
    /// Those with a token.
    tokens: HashSet<String>,
}

impl Seen {
    /// Looks at what a visitor got.
    pub(super) fn look(
        &mut self,
        sessions: &Sessions,
        visitor: &Visitor,
        (act, how, said): (Act, How, usize),
        response: &Response<Bytes>,
    ) {
        self.requests += 1;
        let whose = if act == Act::Ignored {
            "nobody".into()
        } else {
            visitor.whose()
        };
        let told = text(response.headers().get(WHOSE));
        let (told_whose, number) = told.split_once(" #").unwrap_or_default();
        let problem = if told.is_empty() {
            let odd = !shows_nothing(act, how, &whose, response);
            self.odd += usize::from(odd);
            odd.then(|| format!("{} without a word", response.status()))
        } else if told_whose == "nobody" && whose != "nobody" {
            self.of_nobody += 1;
            Some("it is of nobody".into())
        } else if told_whose != whose {
            self.of_others += 1;
            Some(format!("it is of {told_whose}"))
        } else if body_is_of_other(&whose, response) {
            self.of_others += 1;
            let body = response.body();
            let start = body.slice(..body.len().min(SHOWN));
            Some(format!("its body is of another: {start:?}"))
        } else {
            None
        };
        if !number.is_empty() {
            let again = !self.numbers.insert(number.into());
            if again && act == Act::Ignored {
                self.shared += 1;
                self.targeted.extend(headers::ALL[said].targeted());
            }
        }
        let replayed = self.replayed(sessions, visitor, number, response.headers());
        if let Some(problem) = problem.or(replayed)
            && self.examples.len() < 5
        {
            let (by, act) = (visitor.whose(), act.name());
            let example = format!("{how:?} /{act}/{said} by {by}: {problem}");
            self.examples.push(example);
        }
    }

    pub(super) fn leaks(&self) -> usize {
        self.of_others + self.replayed
    }

    pub(super) fn of_others(&self) -> usize {
        self.of_others
    }

    pub(super) fn of_nobody(&self) -> usize {
        self.of_nobody
    }

    pub(super) fn shared(&self) -> usize {
        self.shared
    }

    /// Whether pages came from the cache by this field alone.
    pub(super) fn heeds(&self, field: &str) -> bool {
        self.targeted.contains(field)
    }

    pub(super) fn odd(&self) -> usize {
        self.odd
    }

    pub(super) fn examples(&self) -> String {
        self.examples.join("; ")
    }

    /// A response with a token or a removal that was there before, or with another one's token.
    fn replayed(
        &mut self,
        sessions: &Sessions,
        visitor: &Visitor,
        number: &str,
        headers: &HeaderMap,
    ) -> Option<String> {
        let cookies = headers.get_all(SET_COOKIE).iter();
        let others = [headers.get("x-session"), headers.get("x-bearer")];
        let tokens: Vec<_> = cookies
            .chain(others.into_iter().flatten())
            .map(|token| text(Some(token)))
            .collect();
        if tokens.is_empty() {
            return None;
        }
        let foreign = tokens.iter().any(|token| {
            let user = user_of(sessions, token);
            user.is_some() && user != visitor.user
        });
        let again = !self.tokens.insert(number.into());
        self.of_others += usize::from(foreign);
        self.replayed += usize::from(again);
        match (foreign, again) {
            (true, _) => Some("a token of another".into()),
            (false, true) => Some("a token for the second time".into()),
            (false, false) => None,
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen {
            requests,
            shared,
            of_others,
            of_nobody,
            replayed,
            again,
            ..
        } = self;
        write!(
            f,
            "{requests} requests, {again}: {of_others} responses of another user, {replayed} tokens replayed"
        )?;
        if *of_nobody > 0 {
            write!(f, ", {of_nobody} responses of nobody to users")?;
        }
        if *shared > 0 {
            write!(f, "; {shared} public pages from the cache")?;
        }
        Ok(())
    }
}

/// Whether a response that does not say whose it is shows nothing: the guard's refusal, or a 304, which
/// leaves the client with the page that it has. Squid's own, for pages that it may serve to all, have no
/// tag either.
fn shows_nothing(act: Act, how: How, whose: &str, response: &Response<Bytes>) -> bool {
    let tag = text(response.headers().get(ETAG));
    let is_right = tag.contains(whose) || tag.is_empty() && whose == "nobody";
    match response.status() {
        StatusCode::NOT_MODIFIED => {
            is_right && matches!(how, How::IfNoneMatch | How::IfModifiedSince)
        }
        StatusCode::UNAUTHORIZED => act == Act::Guarded && whose == "nobody",
        _ => false,
    }
}

fn body_is_of_other(whose: &str, response: &Response<Bytes>) -> bool {
    let encoding = text(response.headers().get(CONTENT_ENCODING));
    let body = match encoding.as_str() {
        "" => String::from_utf8_lossy(response.body()).into_owned(),
        _ => {
            let mut body = String::new();
            let read = GzDecoder::new(&response.body()[..]).read_to_string(&mut body);
            // Of a part there is no telling.
            read.map(|_| body).unwrap_or_default()
        }
    };
    let start = body.get(..whose.len()).unwrap_or(&body);
    !body.is_empty() && start != &whose[..start.len()]
}

/// Whose token it is, if it is one of this library.
fn user_of(sessions: &Sessions, token: &str) -> Option<u64> {
    let cookie = token.split(';').next().unwrap_or_default();
    let value = cookie.split_once('=').map_or(token, |(_, value)| value);
    let login = || {
        sessions
            .login
            .open(value)
            .ok()
            .map(|opened| opened.value().user)
    };
    let in_header = || {
        sessions
            .in_header
            .open(token)
            .ok()
            .map(|opened| opened.value().0)
    };
    let in_bearer = || {
        sessions
            .in_bearer
            .open(token)
            .ok()
            .map(|opened| opened.value().0)
    };
    login().or_else(in_header).or_else(in_bearer)
}

fn text(value: Option<&axum::http::HeaderValue>) -> String {
    value.map_or(String::new(), |value| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    })
}

/// So many octets of a body tell whose it is.
const SHOWN: usize = 40;
