//! The largest session that passes each proxy, both ways, as it comes and as docs/behind-a-proxy.md
//! configures it.

mod documented;
mod measure;

use std::fmt::Display;

use anyhow::{Result, bail, ensure};
use axum::Router;
use hyper_util::{rt::TokioExecutor, server::conn::auto::Builder};

use self::measure::{Limits, Measured, Way};
use crate::{
    app::{App, Server, Sessions, Settings, router},
    client::Protocol,
    context::Context,
    install::Tool,
    proxy::{Front, Kind, Proxy, Setup},
    report::Report,
};

pub(crate) async fn run(_: &Context, report: &mut Report) -> Result<()> {
    let application = application()?;
    let origin = Server::start(application.clone(), None).await?;
    let hyper = Tool::built_in("hyper");
    let comes = of_hyper(report, &hyper, &origin, How::Comes).await?;
    documented(report, &hyper, &comes);
    // As the page has it.
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http2().max_header_list_size(64 * 1024);
    let configured = Server::of(builder, application, None).await?;
    of_hyper(report, &hyper, &configured, How::Documented).await?;

    for kind in Kind::ALL {
        match kind.install().await {
            Ok(tool) => of_proxy(report, kind, &tool, &origin).await?,
            Err(error) => report.not_done(kind.name(), "sizes", &error),
        }
    }
    Ok(())
}

/// How a proxy is configured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum How {
    Comes,
    Documented,
}

/// An application whose large session is as large as any can be.
fn application() -> Result<Router> {
    let sessions = Sessions::new(&Settings {
        largest: Some(LARGEST),
        ..Settings::new()?
    })?;
    Ok(router(&sessions, &App::default()))
}

async fn of_hyper(
    report: &mut Report,
    hyper: &Tool,
    server: &Server,
    how: How,
) -> Result<Vec<Limits>> {
    let mut all = Vec::new();
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let limits = Limits::of(server, server.address, protocol).await?;
        checks(report, hyper, how, protocol, &limits);
        all.push(limits);
    }
    Ok(all)
}

async fn of_proxy(report: &mut Report, kind: Kind, tool: &Tool, origin: &Server) -> Result<()> {
    for how in [How::Comes, How::Documented] {
        let setup = match how {
            How::Comes => Setup::default(),
            How::Documented => documented::setup(kind)?,
        };
        let mut all = Vec::new();
        for protocol in protocols(kind) {
            let front = match protocol {
                Protocol::Http1 => Front::Http1,
                Protocol::Http2 => Front::Http2,
            };
            let setup = Setup {
                front,
                ..setup.clone()
            };
            let proxy = Proxy::start(kind, tool, origin.address, &setup).await?;
            let limits = Limits::of(origin, proxy.address, protocol).await?;
            checks(report, tool, how, protocol, &limits);
            let done = row(how, protocol, "a session in `Authorization: Bearer`");
            let seen = measure::bearer(origin, proxy.address, protocol).await;
            report.check(tool, done, seen.and_then(|seen| as_said(kind, how, seen)));
            all.push(limits);
        }
        if how == How::Comes {
            documented(report, tool, &all);
        }
    }
    Ok(())
}

/// Squid knows no HTTP/2.
fn protocols(kind: Kind) -> impl Iterator<Item = Protocol> {
    let all = [Protocol::Http1, Protocol::Http2].into_iter();
    all.filter(move |protocol| kind != Kind::Squid || *protocol == Protocol::Http1)
}

/// What a row says that was done.
fn row(how: How, protocol: Protocol, what: impl Display) -> String {
    let protocol = match protocol {
        Protocol::Http1 => "HTTP/1.1",
        Protocol::Http2 => "HTTP/2",
    };
    let configured = match how {
        How::Comes => "as it comes",
        How::Documented => "as documented",
    };
    format!("{protocol}, {configured}: {what}")
}

/// The page tells of one proxy that needs a line for it.
fn as_said(kind: Kind, how: How, passed: Result<(), String>) -> Result<String> {
    match (passed, kind == Kind::Squid && how == How::Comes) {
        (Ok(()), false) => Ok("found".into()),
        (Ok(()), true) => bail!("found, and the page says that it isn't"),
        (Err(seen), true) => Ok(format!("not found: {seen}")),
        (Err(seen), false) => bail!("not found: {seen}"),
    }
}

fn checks(report: &mut Report, tool: &Tool, how: How, protocol: Protocol, limits: &Limits) {
    for way in [Way::Up, Way::Down, Way::Field] {
        let done = row(how, protocol, way);
        let enough = enough(tool, how, way, limits.of_way(way));
        report.check(tool, done, enough);
    }
}

/// As it comes, a `.chunked()` session passes in requests, and a session of one cookie in responses,
/// but for nginx. As documented, any session does, and others' cookies beside it.
fn enough(tool: &Tool, how: How, way: Way, measured: &Measured) -> Result<String> {
    let least = match (how, way) {
        (How::Comes, Way::Up | Way::Field) => CHUNKED,
        (How::Comes, Way::Down) if tool.name == Kind::Nginx.name() => NGINX,
        (How::Comes, Way::Down) => ONE,
        (How::Documented, Way::Up | Way::Down) => LARGEST,
        (How::Documented, Way::Field) => 2 * LARGEST - 64,
    };
    ensure!(
        measured.octets >= least,
        "{measured}; it should be {least} at least"
    );
    Ok(measured.to_string())
}

/// Whether the page has these figures for this version.
fn documented(report: &mut Report, tool: &Tool, comes: &[Limits]) {
    let [http1, others @ ..] = comes else {
        return;
    };
    let field = |limits: &Limits| documented::figure(limits.of_way(Way::Field));
    let http2 = others.first().map_or("-".into(), field);
    let down = documented::figure(http1.of_way(Way::Down));
    let seen = documented::has(tool, &[field(http1), http2, down]);
    report.check(tool, "the figures in docs/behind-a-proxy.md", seen);
}

/// The most octets of cookies that a session can have.
const LARGEST: usize = 16_384;
/// What `.chunked()` allows.
const CHUNKED: usize = 7_168;
/// What one cookie holds.
const ONE: usize = 4_096;
/// What nginx lets through of one cookie, beside the other fields of a small response.
const NGINX: usize = 3_700;
