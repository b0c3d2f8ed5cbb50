//! A site that a browser visits: the application under test at a host of its own.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use axum::{
    Form, Router,
    extract::{Query, RawQuery, Request, State},
    http::{
        HeaderMap, Version,
        header::{COOKIE, SET_COOKIE},
    },
    middleware::{Next, from_fn_with_state},
    response::{AppendHeaders, Html, IntoResponse, Redirect, Response},
    routing::{any, get, post},
};
use haversack::Session;
use hyper_util::{rt::TokioExecutor, server::conn::auto::Builder};
use tokio::{sync::watch, time::timeout};

use crate::{
    app::{App, Login, Server, Sessions, Settings, TestClock, router},
    tls::Authority,
};

/// How a browser reaches a site.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Origin {
    /// `https`, HTTP/2.
    Http2,
    /// `https`, HTTP/1.1.
    Http1,
    /// `http://localhost`.
    Localhost,
    /// `http://127.0.0.1`.
    Loopback,
    /// `http://[::1]`.
    Loopback6,
    /// `http` and a host below `localhost`.
    BelowLocalhost,
    /// `http` and the name of another host.
    Plain,
}

impl Origin {
    /// Where browsers keep a cookie that is `Secure`.
    pub(super) const KEEPING: [Origin; 4] = [
        Origin::Http2,
        Origin::Http1,
        Origin::Localhost,
        Origin::Loopback,
    ];

    /// By which requests come.
    pub(super) fn version(self) -> Version {
        match self {
            Origin::Http2 => Version::HTTP_2,
            _ => Version::HTTP_11,
        }
    }

    /// Whether all sites of this origin are one host.
    pub(super) fn is_shared(self) -> bool {
        matches!(
            self,
            Origin::Localhost | Origin::Loopback | Origin::Loopback6 | Origin::BelowLocalhost
        )
    }

    fn is_secure(self) -> bool {
        matches!(self, Origin::Http2 | Origin::Http1)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Http2 => "https, HTTP/2",
            Origin::Http1 => "https, HTTP/1.1",
            Origin::Localhost => "`http://localhost`",
            Origin::Loopback => "`http://127.0.0.1`",
            Origin::Loopback6 => "`http://[::1]`",
            Origin::BelowLocalhost => "`http://shop.localhost`",
            Origin::Plain => "http, another host",
        })
    }
}

#[derive(Debug)]
pub(super) struct Site {
    pub(super) host: String,
    pub(super) app: App,
    pub(super) clock: TestClock,
    origin: Origin,
    server: Server,
    visits: Visits,
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) version: Version,
    path: String,
    /// The names of its cookies, sorted.
    pub(super) cookies: Vec<String>,
}

/// The requests that arrived.
#[derive(Clone, Debug)]
struct Visits(Arc<watch::Sender<Vec<Visit>>>);

impl Site {
    pub(super) async fn start(
        origin: Origin,
        host: String,
        settings: &Settings,
        routes: Router,
        authority: &Authority,
    ) -> Result<Site> {
        let sessions = Sessions::new(settings)?;
        let (app, visits) = (App::default(), Visits(Arc::default()));
        let routes = router(&sessions, &app)
            .merge(pages(&sessions))
            .merge(routes)
            .layer(from_fn_with_state(visits.clone(), record));
        let protocol = if origin == Origin::Http1 {
            "http/1.1"
        } else {
            "h2"
        };
        let tls = if origin.is_secure() {
            let certificate = authority.certificate(&[&host, &format!("www.{host}")])?;
            Some(certificate.acceptor(&[protocol])?)
        } else {
            None
        };
        let hyper = Builder::new(TokioExecutor::new());
        let address: IpAddr = match origin {
            Origin::Loopback6 => Ipv6Addr::LOCALHOST.into(),
            _ => Ipv4Addr::LOCALHOST.into(),
        };
        Ok(Site {
            host,
            app,
            clock: settings.clock.clone(),
            origin,
            server: Server::at(address, hyper, routes, tls).await?,
            visits,
        })
    }

    /// The address of a page.
    pub(super) fn url(&self, path: &str) -> String {
        self.url_at("", path)
    }

    /// The address of a page at a host below this one, such as `www.`.
    pub(super) fn url_at(&self, below: &str, path: &str) -> String {
        let scheme = if self.origin.is_secure() {
            "https"
        } else {
            "http"
        };
        let port = self.server.address.port();
        format!("{scheme}://{below}{}:{port}{path}", self.host)
    }

    /// The address of a page with a form, already filled in.
    pub(super) fn form(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let mut query = format!("action={action}");
        for (name, value) in fields {
            query += &format!("&{name}={value}");
        }
        self.url(&format!("/form?{query}"))
    }

    /// Forgets the requests that arrived.
    pub(super) fn forget(&self) {
        self.visits.0.send_modify(Vec::clear);
    }

    /// The first request for this path, once it has arrived.
    pub(super) async fn visit(&self, path: &str) -> Result<Visit> {
        let mut visits = self.visits.0.subscribe();
        let find = |visits: &Vec<Visit>| {
            let mut visits = visits.iter();
            visits.find(|visit| visit.path == path).cloned()
        };
        let seen = visits.wait_for(|visits| find(visits).is_some());
        let seen = timeout(DEADLINE, seen).await??;
        Ok(find(&seen).expect("it was waited for"))
    }

    /// The versions of HTTP of all requests.
    pub(super) fn versions(&self) -> Vec<Version> {
        let visits = self.visits.0.borrow();
        let mut versions: Vec<_> = visits.iter().map(|visit| visit.version).collect();
        versions.dedup();
        versions
    }
}

fn pages(sessions: &Sessions) -> Router {
    Router::new()
        .route("/why", get(why))
        .layer(sessions.login.layer())
        .route("/cookies", any(cookies))
        .route("/form", get(form))
        .route("/to", get(redirect))
        .route("/plant", post(plant))
}

/// Why there is no session.
async fn why(session: Session<Login>) -> String {
    match (session.get(), session.rejected()) {
        (Some(_), _) => "there is a session".into(),
        (None, Some(reason)) => reason.code().into(),
        (None, None) => "no token".into(),
    }
}

/// The names of the cookies that came.
async fn cookies(headers: HeaderMap) -> String {
    match names(&headers) {
        names if names.is_empty() => "none".into(),
        names => names.join(" "),
    }
}

/// A page with a form to `action`, with the other fields of the query.
async fn form(Query(query): Query<Vec<(String, String)>>) -> Html<String> {
    let mut page = String::from("<!doctype html><title>form</title><form method=post");
    for (name, value) in query {
        page += &match &*name {
            "action" => format!(" action='{value}'>"),
            _ => format!("<input name='{name}' value='{value}'>"),
        };
    }
    Html(page + "<button>send</button></form>")
}

/// Redirects to the address that is the query.
async fn redirect(RawQuery(query): RawQuery) -> Redirect {
    Redirect::to(&query.unwrap_or_default())
}

/// Sets cookies as the form says, whoever may have sent it.
async fn plant(Form(lines): Form<Vec<(String, String)>>) -> impl IntoResponse {
    AppendHeaders(lines.into_iter().map(|(_, line)| (SET_COOKIE, line)))
}

async fn record(State(visits): State<Visits>, request: Request, next: Next) -> Response {
    let visit = Visit {
        version: request.version(),
        path: request.uri().path().into(),
        cookies: names(request.headers()),
    };
    visits.0.send_modify(|visits| visits.push(visit));
    next.run(request).await
}

fn names(headers: &HeaderMap) -> Vec<String> {
    let fields = headers.get_all(COOKIE).iter();
    let fields = fields.map(|field| String::from_utf8_lossy(field.as_bytes()));
    let fields: Vec<_> = fields.collect();
    let pairs = fields.iter().flat_map(|field| field.split(';'));
    let names = pairs.map(|pair| pair.split('=').next().unwrap_or_default());
    let mut names: Vec<String> = names.map(|name| name.trim().into()).collect();
    names.sort();
    names
}

/// How long a page may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);
