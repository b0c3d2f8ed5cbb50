//! A client over connections that stay open. It does as little as it can for a request: one call of the
//! system to write it and one to read the response, so that the server is busier than the client. And it
//! never sleeps: waking it would be the server's work, the more so the more time a server leaves it.

use std::{
    error::Error,
    io::{self, Read as _, Write as _},
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, net::TcpStream};

/// The connections to one server.
pub(crate) struct Client {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    response: Vec<u8>,
    filled: usize,
}

/// When it stops to ask.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    Requests(usize),
    Time(Instant),
}

impl Client {
    pub(crate) fn connected(address: SocketAddr) -> Result<Client, Box<dyn Error>> {
        let poll = Poll::new()?;
        let mut connections = Vec::with_capacity(CONNECTIONS);
        for index in 0..CONNECTIONS {
            let mut stream = std::net::TcpStream::connect(address).and_then(|stream| {
                stream.set_nonblocking(true)?;
                Ok(TcpStream::from_std(stream))
            })?;
            let (token, interest) = (Token(index), Interest::READABLE);
            poll.registry().register(&mut stream, token, interest)?;
            connections.push(Connection {
                stream,
                response: vec![0; LONGEST],
                filled: 0,
            });
        }
        Ok(Client {
            poll,
            events: Events::with_capacity(CONNECTIONS),
            connections,
        })
    }

    /// Asks over all connections, each time what `write` writes, and hands each response to `read`.
    /// Returns how many there were.
    pub(crate) fn ask(
        &mut self,
        until: Until,
        mut write: impl FnMut(&mut Vec<u8>),
        mut read: impl FnMut(&[u8]) -> Result<(), Box<dyn Error>>,
    ) -> Result<usize, Box<dyn Error>> {
        let (mut asked, mut answered, mut request) = (0, 0, Vec::with_capacity(LONGEST));
        let mut ask = |connection: &mut Connection| {
            let goes_on = match until {
                Until::Requests(count) => asked < count,
                Until::Time(end) => Instant::now() < end,
            };
            if goes_on {
                request.clear();
                write(&mut request);
                connection.send(&request)?;
                asked += 1;
            }
            Ok::<_, Box<dyn Error>>(usize::from(goes_on))
        };
        let mut open = 0;
        for connection in &mut self.connections {
            open += ask(connection)?;
        }
        let mut last = Instant::now();
        while open > 0 {
            self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
            if self.events.is_empty() {
                if last.elapsed() > PATIENCE {
                    return Err(self.unanswered().into());
                }
                // A store that is on this core goes first.
                thread::yield_now();
                continue;
            }
            last = Instant::now();
            for event in &self.events {
                let connection = &mut self.connections[event.token().0];
                if !connection.receive()? {
                    continue;
                }
                read(&connection.response[..connection.filled])?;
                connection.filled = 0;
                answered += 1;
                open -= 1;
                open += ask(connection)?;
            }
        }
        Ok(answered)
    }

    fn unanswered(&self) -> String {
        let begun = self.connections.iter().find(|open| open.filled > 0);
        let text = begun.map(|open| String::from_utf8_lossy(&open.response[..open.filled]));
        format!("no response, or not the whole of it: {text:?}")
    }
}

impl Connection {
    /// Nothing is under way on this connection, so there is room for a request.
    fn send(&mut self, request: &[u8]) -> io::Result<()> {
        match self.stream.write(request)? {
            octets if octets == request.len() => Ok(()),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    /// Reads what is there, and tells whether the response is complete.
    fn receive(&mut self) -> Result<bool, Box<dyn Error>> {
        loop {
            let free = &mut self.response[self.filled..];
            let room = free.len();
            match self.stream.read(free) {
                Ok(0) if room == 0 => return Err("a response is longer than it should be".into()),
                Ok(0) => return Err("the server has closed a connection".into()),
                Ok(octets) => {
                    self.filled += octets;
                    // With room left, there was no more: what comes later is an event of its own.
                    if octets < room {
                        return Ok(is_complete(&self.response[..self.filled]));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether this is a whole response: all that are asked for end with one of the applications' words.
fn is_complete(response: &[u8]) -> bool {
    response.ends_with(b"\r\n\r\nin") || response.ends_with(b"\r\n\r\nout")
}

/// More than a server on one core can be busy with at once.
const CONNECTIONS: usize = 64;
/// Octets of a request or a response.
const LONGEST: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);
