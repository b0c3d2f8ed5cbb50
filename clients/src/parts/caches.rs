//! Shared caches, with several users: what one of them gets is never another's.

mod application;
mod headers;
mod request;
mod seen;
mod setups;
mod visits;

use std::{collections::HashMap, net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result, ensure};
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
    for compressed in [false, true] {
        let pages = Pages::default();
        let mut router = pages.router(&sessions);
        if compressed {
            router = router.layer(CompressionLayer::new());
        }
        let origin = Server::start(router, None).await?;
        let site = Site {
            sessions: &sessions,
            pages: &pages,
            long: context.long,
        };
        for layers in setups::stacks(context.long, compressed) {
            let Some(stack) = Stack::start(&tools, &origin, layers).await? else {
                continue;
            };
            let tour = visit(&site, &stack).await?;
            let before = match compressed {
                true => "before an application that compresses",
                false => "before an application",
            };
            report.check(&stack.tool, format!("{before}: sessions"), kept(&tour.ours));
            let done = format!("{before}: the same without this library");
            report.check(&stack.tool, done, leaked(&tour.plain));
        }
    }
    Ok(())
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

/// Nothing went to where it does not belong, and public pages came from the cache.
fn kept(seen: &Seen) -> Result<String> {
    ensure!(seen.leaks() == 0, "{seen}: {}", seen.examples());
    ensure!(
        seen.odd() == 0,
        "{} odd answers: {}",
        seen.odd(),
        seen.examples()
    );
    ensure!(seen.shared() > 0, "{seen}: no public page from the cache");
    Ok(seen.to_string())
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
        Ok(Some(Stack { proxies, tool }))
    }

    fn address(&self) -> Result<SocketAddr> {
        let outermost = self.proxies.first().context("no proxy")?;
        Ok(outermost.address)
    }
}
