//! Where a check is made: a browser, and hosts that no other check had.

use std::cell::Cell;

use anyhow::{Result, anyhow, ensure};
use axum::Router;

use super::{
    browser::Browser,
    engine::Engine,
    hosts::HOSTS,
    site::{Origin, Site},
};
use crate::{app::Settings, report::Report, tls::Authority};

#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) browser: Browser,
    authority: &'a Authority,
    hosts: Cell<u32>,
}

impl<'a> Stage<'a> {
    pub(super) async fn new(engine: Engine, authority: &'a Authority) -> Result<Stage<'a>> {
        let installed = engine.install().await?;
        Ok(Stage {
            browser: Browser::start(engine, installed, authority).await?,
            authority,
            hosts: Cell::new(0),
        })
    }

    /// Reports what was done in this browser, and what was seen.
    pub(super) fn check(&self, report: &mut Report, done: impl Into<String>, seen: Result<String>) {
        report.check(&self.browser.tool, done, seen.map_err(brief));
    }

    /// A site of this origin, for which the browser has no cookie.
    pub(super) async fn site(&self, origin: Origin, settings: &Settings) -> Result<Site> {
        self.site_with(origin, settings, Router::new()).await
    }

    /// The same, with more routes.
    pub(super) async fn site_with(
        &self,
        origin: Origin,
        settings: &Settings,
        routes: Router,
    ) -> Result<Site> {
        let host = match origin {
            Origin::Http2 | Origin::Http1 | Origin::Plain => self.host()?,
            Origin::Localhost => "localhost".into(),
            Origin::Loopback => "127.0.0.1".into(),
            Origin::Loopback6 => "[::1]".into(),
            Origin::BelowLocalhost => "shop.localhost".into(),
        };
        let site = Site::start(origin, host, settings, routes, self.authority).await?;
        if origin.is_shared() {
            self.browser.open(&site.url("/")).await?;
            self.browser.forget().await?;
            let left = self.browser.open(&site.url("/cookies")).await?;
            ensure!(left == "none", "cookies of another check: {left}");
        }
        Ok(site)
    }

    /// A site of this host, over HTTP/2, with more routes.
    pub(super) async fn site_at(&self, host: String, routes: Router) -> Result<Site> {
        let settings = Settings::new()?;
        Site::start(Origin::Http2, host, &settings, routes, self.authority).await
    }

    /// Another origin of a site's host, which shares its cookies.
    pub(super) async fn beside(&self, site: &Site, origin: Origin) -> Result<Site> {
        let (host, settings) = (site.host.clone(), Settings::new()?);
        Site::start(origin, host, &settings, Router::new(), self.authority).await
    }

    /// A host that nobody had, which is a site of its own.
    pub(super) fn host(&self) -> Result<String> {
        let number = self.hosts.get();
        ensure!(number < HOSTS, "too few hosts");
        self.hosts.set(number + 1);
        Ok(format!("s{number}.test"))
    }
}

/// Fails unless what was seen is what was wanted.
pub(super) fn same(what: &str, seen: impl AsRef<str>, wanted: &str) -> Result<()> {
    let seen = seen.as_ref();
    ensure!(seen == wanted, "{what}: {seen:?} rather than {wanted:?}");
    Ok(())
}

/// An error of a driver ends with where in the driver it arose.
fn brief(error: anyhow::Error) -> anyhow::Error {
    let text = format!("{error:#}");
    let text = text.split("Stacktrace").next().unwrap_or_default();
    anyhow!(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
