//! Chromium and Firefox, headless, with profiles and an authority of the test's own.

mod browser;
mod chunks;
mod codecs;
mod crowds;
mod demo;
mod engine;
mod hosts;
mod kept;
mod life;
mod names;
mod prefixes;
mod restart;
mod same_site;
mod site;
mod stage;
mod tabs;

use anyhow::Result;
use tokio_rustls::rustls::crypto::ring;

use self::{engine::Engine, stage::Stage};
use crate::{context::Context, report::Report, tls::Authority};

pub(crate) async fn run(context: &Context, report: &mut Report) -> Result<()> {
    // The drivers' client speaks plain http, and asks for cryptography all the same.
    let _ = ring::default_provider().install_default();
    let authority = Authority::new()?;
    for engine in Engine::ALL {
        match Stage::new(engine, &authority).await {
            Ok(stage) => checks(stage, context, report).await?,
            Err(error) => report.not_done(engine.name(), "all of the below", &error),
        }
    }
    Ok(())
}

async fn checks(mut stage: Stage<'_>, context: &Context, report: &mut Report) -> Result<()> {
    life::checks(&stage, report).await;
    tabs::checks(&stage, context, report).await;
    chunks::checks(&stage, context, report).await;
    names::checks(&stage, context, report).await;
    prefixes::checks(&stage, report).await;
    same_site::checks(&stage, report).await;
    kept::checks(&stage, report).await;
    crowds::checks(&stage, report).await;
    demo::checks(&stage, context, report).await;
    restart::checks(&mut stage, report).await;
    stage.browser.quit().await
}
