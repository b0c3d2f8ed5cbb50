//! A client that shows what went over the wire, and keeps cookies.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    panic::resume_unwind,
    time::Duration,
};

/// Somebody with a browser: what responses set, later requests send.
pub(crate) struct Client {
    address: SocketAddr,
    pub(crate) cookies: Vec<(String, String)>,
}

impl Client {
    pub(crate) fn of(address: SocketAddr) -> Client {
        Client {
            address,
            cookies: Vec::new(),
        }
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.send(Request::new("GET", path))
    }

    pub(crate) fn head(&mut self, path: &str) -> Response {
        self.send(Request::new("HEAD", path))
    }

    pub(crate) fn post(&mut self, path: &str, form: &str) -> Response {
        self.send(Request::new("POST", path).form(form))
    }

    /// Signs in, and does nothing if that fails: later requests show it.
    pub(crate) fn signed_in(mut self, user: u64) -> Client {
        self.post("/login", &format!("user={user}"));
        self
    }

    pub(crate) fn cookie(&self, name: &str) -> &str {
        let cookie = self.cookies.iter().find(|(there, _)| there == name);
        cookie.map_or("", |(_, value)| value)
    }

    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(there, _)| there != name);
        if !value.is_empty() {
            self.cookies.push((name.into(), value.into()));
        }
    }

    pub(crate) fn send(&mut self, request: Request) -> Response {
        let method = request.method;
        let line = format!("{method} {}", request.path);
        match self.try_send(request) {
            Some(response) => response,
            None => panic!("{line}: no response"),
        }
    }

    /// `None` if the server closes the connection and says nothing.
    pub(crate) fn try_send(&mut self, request: Request) -> Option<Response> {
        let request = self.with_cookies(request);
        let mut connection = Connection::to(self.address);
        let response = connection.exchange(&request)?;
        connection.expect_end(&request);
        self.keep(&response);
        Some(response)
    }

    /// The head of a response, and the connection on which its body comes.
    pub(crate) fn open(&mut self, path: &str) -> (Response, Connection) {
        let request = self.with_cookies(Request::get(path));
        let mut connection = Connection::to(self.address);
        let head = connection.ask(&request).expect("a response");
        self.keep(&head);
        (head, connection)
    }

    fn with_cookies(&self, mut request: Request) -> Request {
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter();
            let pairs: Vec<_> = pairs
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header("Cookie", pairs.join("; "));
        }
        request.header("Connection", "close")
    }

    fn keep(&mut self, response: &Response) {
        for set in response.values("set-cookie") {
            let (name, rest) = set.split_once('=').expect("a cookie");
            let (value, attributes) = rest.split_once(';').unwrap_or((rest, ""));
            let ended = attributes.split(';').any(|a| a.trim() == "Max-Age=0");
            self.set_cookie(name, if ended { "" } else { value });
        }
    }
}

#[derive(Debug)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    /// The headers as they are sent, which need not be text.
    headers: Vec<u8>,
    body: String,
    host: String,
}

impl Request {
    pub(crate) fn new(method: &'static str, path: &str) -> Request {
        Request {
            method,
            path: path.into(),
            headers: Vec::new(),
            body: String::new(),
            host: "example.com".into(),
        }
    }

    pub(crate) fn get(path: &str) -> Request {
        Request::new("GET", path)
    }

    pub(crate) fn host(mut self, host: &str) -> Request {
        self.host = host.into();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Request {
        self.headers.extend_from_slice(name.as_bytes());
        self.headers.extend_from_slice(b": ");
        self.headers.extend_from_slice(value.as_ref());
        self.headers.extend_from_slice(b"\r\n");
        self
    }

    pub(crate) fn form(mut self, form: &str) -> Request {
        self.body = form.into();
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }

    fn octets(&self) -> Vec<u8> {
        let mut octets = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\n",
            self.method, self.path, self.host
        )
        .into_bytes();
        octets.extend_from_slice(&self.headers);
        if self.method == "POST" {
            octets.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        octets.extend_from_slice(b"\r\n");
        octets.extend_from_slice(self.body.as_bytes());
        octets
    }
}

pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Connection {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit");
        Connection(BufReader::new(stream))
    }

    /// The response to a request; `None` if the connection is closed before there is one.
    pub(crate) fn exchange(&mut self, request: &Request) -> Option<Response> {
        let mut response = self.ask(request)?;
        if request.method != "HEAD" && response.status != 304 && response.status != 204 {
            response.body = self.body(&response)?;
        }
        Some(response)
    }

    /// The response's head; `None` if the connection is closed before there is one.
    fn ask(&mut self, request: &Request) -> Option<Response> {
        // A server that refuses a request may close before it has read all of it.
        let _ = self.0.get_mut().write_all(&request.octets());
        let status = self.line()?;
        let status = status.split(' ').nth(1).expect("a status line");
        let status = status.parse().expect("a status");
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        if status == 501 {
            resume_unwind(Box::new(Lacking));
        }
        Some(Response {
            status,
            headers,
            body: Vec::new(),
        })
    }

    /// The next chunk of a body, which is empty at the end; `None` if the connection is closed before.
    pub(crate) fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut chunk = Vec::new();
        let length = self.line()?;
        let length = u64::from_str_radix(&length, 16).expect("a chunk's length");
        self.0.by_ref().take(length).read_to_end(&mut chunk).ok()?;
        self.line()?;
        Some(chunk)
    }

    fn body(&mut self, response: &Response) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        if response.value("transfer-encoding") == Some("chunked") {
            loop {
                let chunk = self.chunk()?;
                if chunk.is_empty() {
                    return Some(body);
                }
                body.extend(chunk);
            }
        }
        match response.value("content-length") {
            Some(length) => {
                let length = length.parse().expect("a length");
                self.0.by_ref().take(length).read_to_end(&mut body).ok()?;
                (body.len() as u64 == length).then_some(body)
            }
            None => {
                self.0.read_to_end(&mut body).ok()?;
                Some(body)
            }
        }
    }

    /// There is nothing after the response, such as a body that a `HEAD` or a 304 has not.
    fn expect_end(&mut self, request: &Request) {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => {
                panic!("{} {}: {error}", request.method, request.path)
            }
            _ => assert!(
                rest.is_empty(),
                "{} {}: {rest:?}",
                request.method,
                request.path
            ),
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match self.0.read_until(b'\n', &mut line) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
            _ if line.is_empty() => None,
            _ => Some(String::from_utf8_lossy(line.trim_ascii_end()).into_owned()),
        }
    }
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(there, _)| there == name);
        header.map(|(_, value)| value.as_str())
    }

    pub(crate) fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let of_that_name = self.headers.iter().filter(move |(there, _)| there == name);
        of_that_name.map(|(_, value)| value.as_str())
    }

    /// Whether `Vary` names the header, in the only line that there is.
    pub(crate) fn varies_by(&self, name: &str) -> bool {
        let mut lines = self.values("vary");
        let first = lines.next().unwrap_or_default();
        assert_eq!(lines.next(), None, "a second Vary");
        first
            .split(',')
            .any(|member| member.trim().eq_ignore_ascii_case(name))
    }

    pub(crate) fn sets_cookies(&self) -> bool {
        self.value("set-cookie").is_some()
    }

    /// This status and this body.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, text: &str) -> &Response {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!((self.status, &*body), (status, text), "{:?}", self.headers);
        self
    }

    /// This status, whatever the body.
    #[track_caller]
    pub(crate) fn is_a(&self, status: u16) -> &Response {
        assert_eq!(self.status, status, "{:?}", self.headers);
        self
    }

    #[track_caller]
    pub(crate) fn with(&self, name: &str, value: &str) -> &Response {
        assert_eq!(self.value(name), Some(value), "{name}: {:?}", self.headers);
        self
    }

    /// It was read from a session, and only this client's own cache may keep it.
    #[track_caller]
    pub(crate) fn only_read(&self) -> &Response {
        assert!(!self.sets_cookies(), "{:?}", self.headers);
        assert!(self.varies_by("cookie"), "{:?}", self.headers);
        self.with("cache-control", "private")
    }

    /// A session was written, and no cache may keep it.
    #[track_caller]
    pub(crate) fn written(&self) -> &Response {
        assert!(self.sets_cookies(), "{:?}", self.headers);
        assert!(self.varies_by("cookie"), "{:?}", self.headers);
        self.with("cache-control", "no-store")
    }

    /// No session was looked at.
    #[track_caller]
    pub(crate) fn without_trace(&self) -> &Response {
        assert!(!self.sets_cookies(), "{:?}", self.headers);
        assert!(!self.varies_by("cookie"), "{:?}", self.headers);
        assert_eq!(self.value("cache-control"), None);
        self
    }
}

/// What a program has no counterpart for.
pub(crate) struct Lacking;

/// How long a response may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
