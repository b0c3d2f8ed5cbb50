//! The life of a session: from the sign-in to the sign-out, or to its deadlines.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use haversack::Lifetime;
use thirtyfour::Cookie;
use tokio::time::sleep;

use super::{
    site::{Origin, Site},
    stage::{Stage, same},
};
use crate::{app::Settings, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, report: &mut Report) {
    for origin in Origin::KEEPING {
        let done = format!("{origin}: sign in, reload, sign out");
        stage.check(report, done, signs_in_and_out(stage, origin).await);
        let done = format!("{origin}: a sliding session (60 s, at most 300 s), used and unused");
        stage.check(report, done, slides(stage, origin).await);
        let done = format!("{origin}: a session of 2 s, by the browser's own clock");
        stage.check(report, done, expires(stage, origin).await);
        let done = format!("{origin}: a character of the cookie changed, and changed back");
        stage.check(report, done, is_altered(stage, origin).await);
    }
}

async fn signs_in_and_out(stage: &Stage<'_>, origin: Origin) -> Result<String> {
    let browser = &stage.browser;
    let site = stage.site(origin, &Settings::new()?).await?;
    let fields = [("user", "7"), ("next", "/maybe")];
    let page = browser.submit(&site, "/login", &fields).await?;
    same("behind the sign-in", page, "user 7")?;
    same("after a reload", browser.reload().await?, "user 7")?;
    let cookies = browser.open(&site.url("/cookies")).await?;
    same("cookies", cookies, NAME)?;
    let page = browser.submit(&site, "/logout", &[]).await?;
    same("sign-out", page, "signed out")?;
    let page = browser.open(&site.url("/maybe")).await?;
    same("after the sign-out", page, "nobody")?;
    let cookies = browser.open(&site.url("/cookies")).await?;
    same("cookies after the sign-out", cookies, "none")?;
    let versions = site.versions();
    ensure!(
        versions == [origin.version()],
        "requests came by {versions:?}"
    );
    Ok("signed in until the sign-out, then no cookie".into())
}

async fn slides(stage: &Stage<'_>, origin: Origin) -> Result<String> {
    let browser = &stage.browser;
    let settings = Settings {
        lifetime: Lifetime::sliding(Duration::from_secs(60), Duration::from_secs(300)),
        ..Settings::new()?
    };
    let site = stage.site(origin, &settings).await?;
    let why = async || browser.open(&site.url("/why")).await;

    sign_in(stage, &site).await?;
    for used in 1..=5 {
        site.clock.advance(50);
        let page = browser.open(&site.url("/maybe")).await?;
        same(&format!("use {used} of 5, 50 s later each"), page, "user 7")?;
    }
    site.clock.advance(55);
    same("past its cap", why().await?, "past_cap")?;

    sign_in(stage, &site).await?;
    site.clock.advance(65);
    same("unused for 65 s", why().await?, "expired")?;
    let cookies = browser.open(&site.url("/cookies")).await?;
    same("cookies", cookies, NAME)?;
    Ok("used every 50 s it lives on, until `past_cap`; unused for 65 s it is `expired`".into())
}

async fn expires(stage: &Stage<'_>, origin: Origin) -> Result<String> {
    let browser = &stage.browser;
    let settings = Settings {
        lifetime: Lifetime::fixed(Duration::from_secs(2)),
        ..Settings::new()?
    };
    let site = stage.site(origin, &settings).await?;
    let began = Instant::now();
    sign_in(stage, &site).await?;
    let mut sent = 0;
    while browser.get("/cookies").await?.body == NAME {
        sent += 1;
        ensure!(
            began.elapsed() < Duration::from_secs(10),
            "it is still sent after 10 s"
        );
        sleep(Duration::from_millis(20)).await;
    }
    let gone = began.elapsed();
    ensure!(
        sent > 0 && gone > Duration::from_secs(1),
        "gone after {gone:?}"
    );
    Ok("sent at first, and then dropped by the browser itself".into())
}

async fn is_altered(stage: &Stage<'_>, origin: Origin) -> Result<String> {
    let browser = &stage.browser;
    let site = stage.site(origin, &Settings::new()?).await?;
    sign_in(stage, &site).await?;
    let cookie = browser.cookie(NAME).await?.context("no cookie is kept")?;
    browser.edit(&with_another_character(&cookie)).await?;
    let why = browser.open(&site.url("/why")).await?;
    same("changed", why, "not_authentic")?;
    let cookies = browser.open(&site.url("/cookies")).await?;
    same("cookies after the refusal", cookies, NAME)?;
    browser.edit(&cookie).await?;
    let page = browser.open(&site.url("/maybe")).await?;
    same("changed back", page, "user 7")?;
    Ok("`not_authentic` and kept; changed back, it opens".into())
}

/// Signs user 7 in, and leaves the browser at a page of the site.
pub(super) async fn sign_in(stage: &Stage<'_>, site: &Site) -> Result<()> {
    let page = stage
        .browser
        .submit(site, "/login", &[("user", "7")])
        .await?;
    same("sign-in", page, "user 7")
}

fn with_another_character(cookie: &Cookie) -> Cookie {
    let mut cookie = cookie.clone();
    let at = cookie.value.len() / 2;
    let other = if &cookie.value[at..=at] == "A" {
        "B"
    } else {
        "A"
    };
    cookie.value.replace_range(at..=at, other);
    cookie
}

/// The name of the cookie.
pub(super) const NAME: &str = "__Host-Http-login";
