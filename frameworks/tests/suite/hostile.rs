//! Headers that nobody sends by mistake.

use crate::client::Request;

/// Numbers that are the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Random {
        Random(0x9e37_79b9_7f4a_7c15)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// A request with some headers that are not as they should be, made from a token that opens.
    pub(crate) fn request(&mut self, token: &str) -> Request {
        let path = self.of(&PATHS);
        let method = self.of(&["GET", "GET", "GET", "HEAD", "POST"]);
        let mut request = Request::new(method, path);
        if self.below(8) == 0 {
            request = request.host(self.of(&HOSTS));
        }
        for _ in 0..=self.below(3) {
            let name = self.of(&NAMES);
            let value = match name {
                "Cookie" => self.cookies(token),
                "Authorization" => [self.of(&SCHEMES).as_bytes(), &self.token(token)].concat(),
                "X-Session" => self.token(token),
                _ => self.junk(40),
            };
            request = request.header(name, value);
        }
        request
    }

    fn cookies(&mut self, token: &str) -> Vec<u8> {
        let pairs = 1 + self.below(12);
        let mut value = Vec::new();
        for _ in 0..pairs {
            value.extend_from_slice(self.of(&COOKIES).as_bytes());
            value.extend_from_slice(self.of(&["=", "=", "=", "==", "", "=\"", " = "]).as_bytes());
            value.extend(self.token(token));
            value.extend_from_slice(self.of(&["; ", ";", ",", ";;", "\"; ", "\t;"]).as_bytes());
        }
        value
    }

    /// The token, a changed one, one that is cut, one that is too long, or none at all.
    pub(crate) fn token(&mut self, token: &str) -> Vec<u8> {
        let mut octets = token.as_bytes().to_vec();
        let at = self.below(octets.len());
        match self.below(7) {
            0 => octets.truncate(at),
            1 => octets[at] = self.octet(),
            2 => octets[at] ^= 1,
            3 => octets.extend_from_within(at..),
            4 => octets = self.junk(300),
            5 => octets = vec![b'A'; self.below(4000)],
            _ => {}
        }
        octets
    }

    fn junk(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most)).map(|_| self.octet()).collect()
    }

    /// Anything but the ends of lines, which would make other headers of it.
    fn octet(&mut self) -> u8 {
        match u8::try_from(self.below(256)) {
            Ok(b'\r' | b'\n') | Err(_) => b'%',
            Ok(octet) => octet,
        }
    }
}

const PATHS: [&str; 15] = [
    "/",
    "/me",
    "/maybe",
    "/flash",
    "/big",
    "/cart",
    "/header/me",
    "/bearer/me",
    "/fresh",
    "/guarded",
    "/admin",
    "/password",
    "/email",
    "/tenant",
    "/etag",
];

/// Hosts that name no tenant, and one that no network has.
pub(crate) const HOSTS: [&str; 7] = [
    "",
    ".",
    ".example.com",
    ":8080",
    "[::1]",
    "\u{a0}.example.com",
    concat!(
        "a-label-of-more-than-256-octets-a-label-of-more-than-256-octets-a-label-of-more-than-256-octets-",
        "a-label-of-more-than-256-octets-a-label-of-more-than-256-octets-a-label-of-more-than-256-octets-",
        "a-label-of-more-than-256-octets-a-label-of-more-than-256-octets-a-label-of-more-than-256-octets"
    ),
];

const NAMES: [&str; 9] = [
    "Cookie",
    "Cookie",
    "Cookie",
    "Authorization",
    "X-Session",
    "Accept",
    "If-None-Match",
    "Sec-Fetch-Mode",
    "Cache-Control",
];

const SCHEMES: [&str; 5] = ["Bearer ", "bearer  ", "Basic ", "Bearer", ""];

const COOKIES: [&str; 9] = [
    "__Host-Http-login",
    "__Host-Http-login",
    "__Host-Http-login.1",
    "__Host-Http-big",
    "__Host-Http-big.2",
    "__Host-Http-cart",
    "__Host-Http-notes",
    "__host-http-login",
    "\u{a0}__Host-Http-login",
];
