//! The parts, in the order in which they run.

mod browsers;
mod caches;
mod clients;
mod fleet;
mod http2;
mod proxies;

use anyhow::Result;
use clap::ValueEnum;

use crate::{context::Context, report::Report};

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Part {
    Browsers,
    Proxies,
    Caches,
    Clients,
    Http2,
    Fleet,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Part::Browsers => "browsers",
            Part::Proxies => "proxies",
            Part::Caches => "caches",
            Part::Clients => "clients",
            Part::Http2 => "http2",
            Part::Fleet => "fleet",
        }
    }

    pub(crate) async fn run(self, context: &Context, report: &mut Report) -> Result<()> {
        match self {
            Part::Browsers => browsers::run(context, report).await,
            Part::Proxies => proxies::run(context, report).await,
            Part::Caches => caches::run(context, report).await,
            Part::Clients => clients::run(context, report).await,
            Part::Http2 => http2::run(context, report).await,
            Part::Fleet => fleet::run(context, report).await,
        }
    }
}

/// The parts that were named, or all.
pub(crate) fn chosen(named: &[Part]) -> impl Iterator<Item = Part> {
    let all = Part::value_variants().iter().copied();
    all.filter(move |part| named.is_empty() || named.contains(part))
}
