//! Where a browser keeps a session's cookie, and for how long.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use haversack::{Clock, Lifetime, SystemClock};

use super::{
    codecs::{routes, sealed},
    site::Origin,
    stage::{Stage, same},
};
use crate::{app::Settings, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, report: &mut Report) {
    for (origin, is_kept) in [
        (Origin::Localhost, true),
        (Origin::Loopback, true),
        (Origin::Loopback6, true),
        (Origin::BelowLocalhost, true),
        (Origin::Plain, false),
    ] {
        let done = format!("{origin}: a sign-in, as unless set otherwise");
        stage.check(report, done, over_http(stage, origin, false, is_kept).await);
        let done = format!("{origin}: a sign-in, `.insecure()`");
        stage.check(report, done, over_http(stage, origin, true, true).await);
    }
    let done = "lifetimes from a minute to 400 days, by servers a day slow, right, and a day fast";
    stage.check(report, done, for_how_long(stage).await);
}

async fn over_http(
    stage: &Stage<'_>,
    origin: Origin,
    insecure: bool,
    is_kept: bool,
) -> Result<String> {
    let browser = &stage.browser;
    let settings = Settings {
        insecure,
        ..Settings::new()?
    };
    let site = stage.site(origin, &settings).await?;
    let page = browser.submit(&site, "/login", &[("user", "7")]).await?;
    same("sign-in", page, "user 7")?;
    let wanted = if is_kept { "user 7" } else { "nobody" };
    let page = browser.open(&site.url("/maybe")).await?;
    same("after the sign-in", page, wanted)?;
    browser.submit(&site, "/logout", &[]).await?;
    let page = browser.open(&site.url("/maybe")).await?;
    same("after the sign-out", page, "nobody")?;
    Ok(if is_kept {
        "kept, and removed by the sign-out"
    } else {
        "dropped"
    }
    .into())
}

async fn for_how_long(stage: &Stage<'_>) -> Result<String> {
    let browser = &stage.browser;
    for off in [-DAY, 0, DAY] {
        let lifetimes = [60, DAY, 400 * DAY];
        let codec = |seconds: i64| {
            let clock = move || SystemClock.now().saturating_add_signed(off);
            let lifetime = Lifetime::fixed(Duration::from_secs(seconds.unsigned_abs()));
            let codec = sealed(&format!("for{seconds}"))?.lifetime(lifetime);
            anyhow::Ok(codec.clock(clock).build()?)
        };
        let codecs = lifetimes
            .map(codec)
            .into_iter()
            .collect::<Result<Vec<_>>>()?;
        let site = stage.site_at(stage.host()?, routes(codecs)).await?;
        browser.open(&site.url("/")).await?;
        for (index, lifetime) in lifetimes.iter().enumerate() {
            browser.post(&format!("/codecs/{index}/start"), &[]).await?;
            let now = SystemClock.now().cast_signed();
            let name = format!("__Host-Http-for{lifetime}");
            let cookie = browser.cookie(&name).await?.context("not kept")?;
            let kept = cookie.expiry.context("not for long")? - now;
            ensure!(
                (lifetime - 5..=lifetime + 1).contains(&kept),
                "{name} for {kept} s"
            );
        }
    }
    // What other programs may ask for.
    let site = stage.site(Origin::Http2, &Settings::new()?).await?;
    browser.open(&site.url("/")).await?;
    browser
        .post("/plant", &[("line", "longer=1; Secure; Max-Age=999999999")])
        .await?;
    let cookie = browser.cookie("longer").await?.context("not kept")?;
    let kept = cookie.expiry.context("not for long")? - SystemClock.now().cast_signed();
    ensure!((400 * DAY - 5..=400 * DAY + 1).contains(&kept), "{kept} s");
    Ok("kept for the lifetime by the browser's own clock, at most 400 days".into())
}

const DAY: i64 = 24 * 3600;
