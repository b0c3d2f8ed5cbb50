//! Shared caches, with several users: what one of them gets is never another's.

mod application;
mod headers;
mod request;
mod seen;
mod setups;
mod visits;

use std::{collections::HashMap, fmt, net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use axum::Router;
use tower_http::compression::CompressionLayer;

use self::{
    application::Pages,
    seen::Seen,
    setups::Layer,
    visits::{Site, visit},
};
use crate::{
    app::{Server, Sessions, Settings},
    context::Context,
    install::Tool,
    proxy::{Kind, Proxy},
    report::Report,
};

pub(crate) async fn run(context: &Context, report: &mut Report) -> Result<()> {
    let sessions = Sessions::new(&Settings::new()?)?;
    let tools = tools(report).await;
    for compression in [Compression::None, Compression::Outside, Compression::Inside] {
        let pages = Pages::default();
        let origin = Server::start(compression.around(&pages, &sessions), None).await?;
        let site = Site {
            sessions: &sessions,
            pages: &pages,
            long: context.long,
        };
        let stacks = match (compression, context.long) {
            (Compression::None, long) => setups::stacks(long, behind_squid()?),
            (_, true) => setups::alone(),
            (_, false) => setups::two_alone(),
        };
        for layers in stacks {
            let Some(stack) = Stack::start(&tools, &origin, layers).await? else {
                continue;
            };
            let (ours, plain) = match visit(&site, &stack).await {
                Ok(tour) => (
                    kept(&tour.ours, compression, stack.heeds),
                    leaked(&tour.plain),
                ),
                Err(error) => {
                    report.check(&stack.tool, format!("{compression}: sessions"), Err(error));
                    continue;
                }
            };
            report.check(&stack.tool, format!("{compression}: sessions"), ours);
            let done = format!("{compression}: the same without this library");
            report.check(&stack.tool, done, plain);
        }
    }
    defeats(&tools, &sessions, report).await
}

/// What an operator can set that no application can help, and what it can.
async fn defeats(
    tools: &HashMap<Kind, Tool>,
    sessions: &Sessions,
    report: &mut Report,
) -> Result<()> {
    let pages = Pages::default();
    let origin = Server::start(Compression::None.around(&pages, sessions), None).await?;
    let site = Site {
        sessions,
        pages: &pages,
        long: false,
    };
    for defeat in setups::defeats() {
        let layers = vec![defeat.layer.clone()];
        let Some(stack) = Stack::start(tools, &origin, layers).await? else {
            continue;
        };
        let seen = visit(&site, &stack).await?.ours;
        let as_said = match (seen.of_others(), defeat.mixes_up) {
            _ if !PAGE.contains(&format!("| {} |", defeat.what)) => {
                Err(anyhow!("docs/behind-a-proxy.md doesn't tell of it"))
            }
            (0, true) => Err(anyhow!("{seen}: this defeats nothing")),
            (1.., false) => Err(anyhow!("{seen}: {}", seen.examples())),
            _ => Ok(seen.to_string()),
        };
        let done = match defeat.mixes_up {
            true => format!("{}, which defeats any application", defeat.what),
            false => defeat.what.into(),
        };
        report.check(&stack.tool, done, as_said);
    }
    Ok(())
}

/// Where the application compresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Compression {
    None,
    /// Of the sessions' layers.
    Outside,
    Inside,
}

impl Compression {
    fn around(self, pages: &Pages, sessions: &Sessions) -> Router {
        match self {
            Compression::None => pages.router(sessions, |routes| routes),
            Compression::Inside => {
                pages.router(sessions, |routes| routes.layer(CompressionLayer::new()))
            }
            Compression::Outside => {
                let router = pages.router(sessions, |routes| routes);
                router.layer(CompressionLayer::new())
            }
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compression::None => "before an application",
            Compression::Outside => "before one that compresses outside of the session's layer",
            Compression::Inside => "before one that compresses inside of it",
        })
    }
}

/// The caches that are to be had.
async fn tools(report: &mut Report) -> HashMap<Kind, Tool> {
    let mut tools = HashMap::new();
    for kind in Kind::ALL {
        match kind.install().await {
            Ok(tool) => drop(tools.insert(kind, tool)),
            Err(error) => report.not_done(kind.name(), "all stacks with it", &error),
        }
    }
    tools
}

/// What docs/behind-a-proxy.md has for a Varnish behind a Squid.
fn behind_squid() -> Result<&'static str> {
    let lines = PAGE
        .split_once("```vcl\n")
        .context("no lines for Varnish")?
        .1;
    Ok(lines.split_once("```").context("lines without an end")?.0)
}

/// Nothing went to where it does not belong, and public pages came from the cache; some by each of these
/// fields alone.
fn kept(seen: &Seen, inside: Compression, heeded: &[&str]) -> Result<String> {
    let examples = seen.examples();
    ensure!(seen.leaks() == 0, "{seen}: {examples}");
    // nginx before 1.23 heeds one line of `Vary`, and compression outside of the session's layer adds a
    // second one. What it mixes up then is what the handler calls public, for those who have no session.
    let strict = inside != Compression::Outside;
    ensure!(!strict || seen.of_nobody() == 0, "{seen}: {examples}");
    ensure!(seen.odd() == 0, "{} odd answers: {examples}", seen.odd());
    ensure!(seen.shared() > 0, "{seen}: no public page from the cache");
    let mut text = seen.to_string();
    for field in heeded {
        ensure!(seen.heeds(field), "{seen}, none by `{field}` alone");
        text += &format!(", some by `{field}` alone");
    }
    Ok(text)
}

/// The same check fails without the library.
fn leaked(seen: &Seen) -> Result<String> {
    ensure!(seen.leaks() > 0, "{seen}: the cache does not cache");
    Ok(seen.to_string())
}

/// Proxies in front of each other.
#[derive(Debug)]
struct Stack {
    /// The outermost first.
    proxies: Vec<Proxy>,
    /// All of them.
    tool: Tool,
    /// What the innermost one obeys rather than `Cache-Control`.
    heeds: &'static [&'static str],
}

impl Stack {
    /// Unless one of them is not to be had.
    async fn start(
        tools: &HashMap<Kind, Tool>,
        origin: &Server,
        layers: Vec<Layer>,
    ) -> Result<Option<Stack>> {
        let mut proxies = Vec::new();
        let mut upstream = origin.address;
        let (mut names, mut versions) = (Vec::new(), Vec::new());
        for layer in layers.iter().rev() {
            let Some(tool) = tools.get(&layer.kind) else {
                return Ok(None);
            };
            let proxy = Proxy::start(layer.kind, tool, upstream, &layer.setup).await?;
            upstream = proxy.address;
            proxies.insert(0, proxy);
            names.insert(0, layer.name);
            versions.insert(0, tool.version.as_str());
        }
        let tool = Tool {
            name: names.join(" before "),
            version: versions.join(", "),
            program: PathBuf::new(),
        };
        let heeds = layers.last().map_or(&[][..], |innermost| innermost.heeds);
        Ok(Some(Stack {
            proxies,
            tool,
            heeds,
        }))
    }

    fn address(&self) -> Result<SocketAddr> {
        let outermost = self.proxies.first().context("no proxy")?;
        Ok(outermost.address)
    }
}

const PAGE: &str = include_str!("../../../docs/behind-a-proxy.md");
