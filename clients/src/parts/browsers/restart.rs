//! What is left of a session when the browser was closed and started again.

use anyhow::Result;

use super::{
    engine::Restart,
    site::{Origin, Site},
    stage::{Stage, same},
};
use crate::{app::Settings, report::Report};

pub(super) async fn checks(stage: &mut Stage<'_>, report: &mut Report) {
    for (restart, how) in [
        (Restart::Fresh, "the browser closed and started again"),
        (Restart::WithTabs, "the same, with the tabs of last time"),
    ] {
        let seen = stays_as_remembered(stage, restart).await;
        stage.check(report, how, seen);
    }
}

/// At all sites at once, as a restart takes its time.
async fn stays_as_remembered(stage: &mut Stage<'_>, restart: Restart) -> Result<String> {
    let mut sites = Vec::new();
    for (origin, kind) in SITES {
        sites.push((origin, kind, signed_in(stage, origin, kind).await?));
    }
    stage.browser.restart(restart).await?;
    for (origin, kind, site) in &sites {
        let is_gone = *kind == Kind::UntilClosed && restart == Restart::Fresh;
        let wanted = if is_gone { "nobody" } else { "user 7" };
        let page = stage.browser.open(&site.url("/maybe")).await?;
        same(&format!("{origin}, {kind:?}"), page, wanted)?;
    }
    Ok(match restart {
        Restart::Fresh => {
            "those `.until_browser_closes()` are gone; others and remembered ones stay"
        }
        Restart::WithTabs => "all stay, also those `.until_browser_closes()`",
    }
    .into())
}

async fn signed_in(stage: &Stage<'_>, origin: Origin, kind: Kind) -> Result<Site> {
    let settings = Settings {
        until_browser_closes: kind != Kind::Lasting,
        ..Settings::new()?
    };
    let site = stage.site(origin, &settings).await?;
    let fields: &[_] = match kind {
        Kind::Remembered => &[("user", "7"), ("remember", "1")],
        _ => &[("user", "7")],
    };
    let page = stage.browser.submit(&site, "/login", fields).await?;
    same("sign-in", page, "user 7")?;
    Ok(site)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// As unless set.
    Lasting,
    /// `.until_browser_closes()`.
    UntilClosed,
    /// The same, and the user asked to be kept signed in.
    Remembered,
}

/// One at each host, as cookies are the host's.
const SITES: [(Origin, Kind); 8] = [
    (Origin::Http2, Kind::Lasting),
    (Origin::Http2, Kind::UntilClosed),
    (Origin::Http2, Kind::Remembered),
    (Origin::Http1, Kind::Lasting),
    (Origin::Http1, Kind::UntilClosed),
    (Origin::Http1, Kind::Remembered),
    (Origin::Localhost, Kind::Lasting),
    (Origin::Loopback, Kind::UntilClosed),
];
