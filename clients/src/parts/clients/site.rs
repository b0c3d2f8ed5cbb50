//! The server that clients visit.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use axum::{
    http::{HeaderMap, HeaderName, header::SET_COOKIE},
    response::AppendHeaders,
    routing::get,
};
use haversack::Lifetime;

use crate::{
    app::{App, Server, Sessions, Settings, TestClock, router},
    tls::Authority,
};

#[derive(Debug)]
pub(super) struct Site {
    pub(super) clock: TestClock,
    authority: Authority,
    server: Server,
    /// The same, with sessions of a second or two.
    brief: Server,
}

impl Site {
    pub(super) async fn open() -> Result<Site> {
        let authority = Authority::new()?;
        let tls = authority.certificate(&["127.0.0.1"])?;
        let settings = Settings {
            largest: Some(LARGEST),
            ..Settings::new()?
        };
        let brief = Settings {
            lifetime: Lifetime::fixed(BRIEF),
            ..Settings::new()?
        };
        let serve = async |settings: &Settings| {
            let routes = router(&Sessions::new(settings)?, &App::default());
            let routes = routes
                .route("/cookies", get(cookies))
                .route("/plain", get(plain).delete(plain_removal));
            Server::start(routes, Some(tls.acceptor(&["http/1.1"])?)).await
        };
        Ok(Site {
            server: serve(&settings).await?,
            brief: serve(&brief).await?,
            clock: settings.clock,
            authority,
        })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.server.address)
    }

    /// Where sessions last for [`BRIEF`].
    pub(super) fn brief(&self, path: &str) -> String {
        format!("https://{}{path}", self.brief.address)
    }

    pub(super) fn authority(&self) -> PathBuf {
        self.authority.file()
    }
}

/// How many cookies a client sends.
async fn cookies(headers: HeaderMap) -> String {
    let lines = headers.get_all("cookie").iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|octet| *octet == b';'));
    pairs.count().to_string()
}

/// Two cookies of nobody, for what a jar does without this library.
async fn plain() -> AppendHeaders<[(HeaderName, &'static str); 2]> {
    let cookies = [
        "a=1; Path=/; Secure; Max-Age=60",
        "b=2; Path=/; Secure; Max-Age=60",
    ];
    AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie)))
}

async fn plain_removal() -> AppendHeaders<[(HeaderName, &'static str); 2]> {
    let cookies = [
        "a=; Path=/; Secure; Max-Age=0",
        "b=; Path=/; Secure; Max-Age=0",
    ];
    AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie)))
}

/// Octets of cookies that a session may take: four of them.
const LARGEST: usize = 16_384;
pub(super) const BRIEF: Duration = Duration::from_secs(2);
