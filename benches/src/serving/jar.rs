//! The clients that a server knows, each with the cookie of its session.

use std::{error::Error, rc::Rc, str};

use haversack_benches::{
    carried::{LIMIT, pair, request_cookies},
    compared::Use,
};
use memchr::memmem;

use super::client::{Client, Until};

/// The cookies of all sessions, and which of them comes next.
#[derive(Clone)]
pub(crate) struct Jar {
    /// The values of the `Cookie` header.
    cookies: Rc<[String]>,
    /// Octets of a cookie's name and value.
    pub(crate) octets: usize,
    next: usize,
}

impl Jar {
    /// Starts so many sessions; `None` if they do not fit into a cookie.
    pub(crate) fn filled(
        client: &mut Client,
        sessions: usize,
    ) -> Result<Option<Jar>, Box<dyn Error>> {
        let (mut cookies, mut octets) = (Vec::with_capacity(sessions), 0);
        client.ask(
            Until::Requests(sessions),
            |request| write(request, "/starts", None),
            |response| {
                check(response)?;
                let own = pair(set_cookie(response).unwrap_or_default());
                octets = own.len();
                cookies.push(request_cookies(own));
                Ok(())
            },
        )?;
        // One that was left out of the response did not fit either.
        let fits = (1..=LIMIT).contains(&octets);
        Ok(fits.then(|| Jar {
            cookies: cookies.into(),
            octets,
            next: 0,
        }))
    }

    /// Uses sessions in turn until then; returns how often.
    pub(crate) fn use_sessions(
        &mut self,
        client: &mut Client,
        used: Use,
        until: Until,
    ) -> Result<usize, Box<dyn Error>> {
        client.ask(
            until,
            |request| {
                write(request, used.path(), Some(&self.cookies[self.next]));
                self.next = (self.next + 1) % self.cookies.len();
            },
            |response| {
                check(response)?;
                let is_set = set_cookie(response).is_some();
                if is_set == (used == Use::Change) {
                    return Ok(());
                }
                Err(format!("{used:?}, with a cookie in the response: {is_set}").into())
            },
        )
    }
}

fn write(request: &mut Vec<u8>, path: &str, cookies: Option<&str>) {
    let start = [
        "GET ",
        path,
        " HTTP/1.1\r\nHost: example.com\r\nAccept: text/html\r\n",
    ];
    let cookies = cookies.map_or(["", "", ""], |cookies| ["Cookie: ", cookies, "\r\n"]);
    for part in start.into_iter().chain(cookies).chain(["\r\n"]) {
        request.extend_from_slice(part.as_bytes());
    }
}

/// That the handler did what it is asked for.
fn check(response: &[u8]) -> Result<(), Box<dyn Error>> {
    if response.starts_with(b"HTTP/1.1 200 OK\r\n") && response.ends_with(b"\r\n\r\nin") {
        return Ok(());
    }
    Err(String::from_utf8_lossy(response).into())
}

/// The first `Set-Cookie`, from its name on.
fn set_cookie(response: &[u8]) -> Option<&str> {
    let start = memmem::find(response, SET_COOKIE)? + SET_COOKIE.len();
    let value = &response[start..];
    let end = memchr::memchr(b'\r', value)?;
    str::from_utf8(&value[..end]).ok()
}

const SET_COOKIE: &[u8] = b"\r\nset-cookie: ";
