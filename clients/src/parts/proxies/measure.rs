//! How much passes, by trying.

use std::{fmt, net::SocketAddr};

use anyhow::{Context as _, Result};
use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, COOKIE},
};

use crate::{
    app::{Server, greeting},
    client::{Again, Client, Protocol},
    jar::Jar,
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    Up,
    Down,
    Field,
}

/// What passes a server or a proxy.
#[derive(Debug)]
pub(super) struct Limits {
    up: Measured,
    down: Measured,
    field: Measured,
}

/// The most that passed, and what came of the next larger one.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) octets: usize,
    cookies: usize,
    /// Unset where all passed that there can be.
    pub(super) beyond: Option<String>,
    again: Again,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Up => "largest session in a request",
            Way::Down => "largest session in a response",
            Way::Field => "the most cookies in a request, with those of others",
        })
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Measured {
            octets,
            cookies,
            beyond,
            again,
        } = self;
        let plural = if *cookies == 1 { "" } else { "s" };
        write!(f, "{octets} octets in {cookies} cookie{plural}")?;
        match beyond {
            Some(beyond) => write!(f, "; beyond, {beyond}")?,
            None => f.write_str(", the most that was tried")?,
        }
        write!(f, "; {again}")
    }
}

impl Limits {
    /// Of what listens there, in front of the application.
    pub(super) async fn of(
        origin: &Server,
        there: SocketAddr,
        protocol: Protocol,
    ) -> Result<Limits> {
        let mut path = Path {
            direct: Client::new(origin.address, Protocol::Http1),
            through: Client::new(there, protocol),
            protocol,
        };
        Ok(Limits {
            up: path.most(Way::Up).await?,
            down: path.most(Way::Down).await?,
            field: path.most(Way::Field).await?,
        })
    }

    pub(super) fn of_way(&self, way: Way) -> &Measured {
        match way {
            Way::Up => &self.up,
            Way::Down => &self.down,
            Way::Field => &self.field,
        }
    }
}

/// Whether a session in `Authorization: Bearer` that began at the application itself is found through what
/// listens there, or what was seen instead.
pub(super) async fn bearer(
    origin: &Server,
    there: SocketAddr,
    protocol: Protocol,
) -> Result<Result<(), String>> {
    let mut direct = Client::new(origin.address, Protocol::Http1);
    let begun = direct
        .post("/bearer/login", &HeaderMap::new(), "user=7")
        .await?;
    let token = begun.headers().get("x-bearer").context("no token")?;
    let mut headers = browser()?;
    headers.insert(
        AUTHORIZATION,
        HeaderValue::try_from(format!("Bearer {}", token.to_str()?))?,
    );
    let mut through = Client::new(there, protocol);
    let response = through.get("/bearer/me", &headers).await?;
    Ok(match response.body() == greeting(7).as_bytes() {
        true => Ok(()),
        false => Err(response.status().to_string()),
    })
}

struct Path {
    /// To the application itself.
    direct: Client,
    through: Client,
    protocol: Protocol,
}

/// What one try came to: what passed, or what was seen instead.
type Tried = Result<Jar, String>;

impl Path {
    async fn most(&mut self, way: Way) -> Result<Measured> {
        // Passes, and does not.
        let (mut least, mut most) = (1, 1 << 17);
        let mut passed = self.attempt(way, least).await?;
        while passed.is_ok() && most - least > 1 {
            let middle = least.midpoint(most);
            match self.attempt(way, middle).await? {
                Ok(jar) => (least, passed) = (middle, Ok(jar)),
                Err(_) => most = middle,
            }
        }
        // Well beyond: nginx answers with half a response where its buffer is just full.
        let mut beyond = self.attempt(way, least + 512).await?.err();
        let jar = match passed {
            Ok(jar) => jar,
            Err(seen) => {
                beyond = Some(seen);
                Jar::default()
            }
        };
        let mut again = self.direct.take_again();
        again += self.through.take_again();
        Ok(Measured {
            octets: match way {
                Way::Up | Way::Down => jar.octets(),
                Way::Field => jar.line().len(),
            },
            cookies: jar.len(),
            beyond: beyond.take_if(|seen| seen != TOO_LARGE),
            again,
        })
    }

    async fn attempt(&mut self, way: Way, octets: usize) -> Result<Tried> {
        match way {
            Way::Up => self.up(octets).await,
            Way::Down => self.down(octets).await,
            Way::Field => self.field(octets).await,
        }
    }

    /// A session that began at the application itself, in a request through the proxy.
    async fn up(&mut self, octets: usize) -> Result<Tried> {
        let Some(jar) = self.begun(octets).await? else {
            return Ok(Err(TOO_LARGE.into()));
        };
        let seen = self.asks("/big", &jar).await;
        Ok(if seen == octets.to_string() {
            Ok(jar)
        } else {
            Err(seen)
        })
    }

    /// A session that begins through the proxy.
    async fn down(&mut self, octets: usize) -> Result<Tried> {
        if self.begun(octets).await?.is_none() {
            return Ok(Err(TOO_LARGE.into()));
        }
        let form = format!("octets={octets}");
        let answered = self.through.post("/big", &browser()?, &form).await;
        let mut jar = Jar::default();
        match answered {
            Ok(response) if response.status().is_success() => jar.keep(response.headers()),
            Ok(response) => return Ok(Err(response.status().to_string())),
            Err(error) => return Ok(Err(ended(&error))),
        }
        let response = self
            .direct
            .get("/big", &with_cookies(Protocol::Http1, &jar)?)
            .await?;
        Ok(if response.body() == octets.to_string().as_bytes() {
            Ok(jar)
        } else {
            Err(format!(
                "a session that is not whole: {}",
                response.status()
            ))
        })
    }

    /// A small session beside cookies of others.
    async fn field(&mut self, octets: usize) -> Result<Tried> {
        let form = "user=7";
        let response = self.direct.post("/login", &HeaderMap::new(), form).await?;
        let mut jar = Jar::default();
        jar.keep(response.headers());
        jar.fill(octets);
        let seen = self.asks("/me", &jar).await;
        Ok(if seen == "user 7" { Ok(jar) } else { Err(seen) })
    }

    /// The cookies of a session of such a value, unless it is larger than any can be.
    async fn begun(&mut self, octets: usize) -> Result<Option<Jar>> {
        let form = format!("octets={octets}");
        let begun = self.direct.post("/big", &HeaderMap::new(), &form).await?;
        let mut jar = Jar::default();
        jar.keep(begun.headers());
        Ok(Some(jar).filter(|_| begun.status().is_success()))
    }

    async fn asks(&mut self, path: &str, jar: &Jar) -> String {
        let headers = match with_cookies(self.protocol, jar) {
            Ok(headers) => headers,
            Err(error) => return error.to_string(),
        };
        match self.through.get(path, &headers).await {
            Ok(response) if response.status().is_success() => {
                String::from_utf8_lossy(response.body()).into_owned()
            }
            Ok(response) => response.status().to_string(),
            Err(error) => ended(&error),
        }
    }
}

/// A request of a browser: one `Cookie` in HTTP/1.1, a field for each cookie in HTTP/2.
fn with_cookies(protocol: Protocol, jar: &Jar) -> Result<HeaderMap> {
    let mut headers = browser()?;
    let fields: Vec<_> = match protocol {
        Protocol::Http1 => vec![jar.line()],
        Protocol::Http2 => jar.pairs().collect(),
    };
    for field in fields {
        headers.append(COOKIE, HeaderValue::try_from(field)?);
    }
    Ok(headers)
}

/// What Chromium sends beside cookies.
fn browser() -> Result<HeaderMap> {
    let lines = include_str!("browser.txt").lines();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").context("no header")?;
        anyhow::Ok((HeaderName::try_from(name)?, HeaderValue::try_from(value)?))
    });
    headers.collect()
}

fn ended(error: &anyhow::Error) -> String {
    format!("no response ({})", error.root_cause())
}

/// What the application answers to more than a session can hold.
const TOO_LARGE: &str = "too large";
