//! Several tabs, and the pages that a browser shows again.

use anyhow::{Result, ensure};
use serde_json::json;
use tokio::time::timeout;

use super::{
    life::sign_in,
    site::{DEADLINE, Origin},
    stage::{Stage, same},
};
use crate::{app::Settings, context::Context, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, context: &Context, report: &mut Report) {
    let origins = context.times(&ORIGINS[..1], &ORIGINS);
    let everywhere = ORIGINS.iter().map(|origin| (*origin, true));
    let without = origins.iter().map(|origin| (*origin, false));
    for (origin, sticky_end) in without.chain(everywhere) {
        let which = if sticky_end { "with" } else { "without" };
        for meanwhile in [Meanwhile::SignOut, Meanwhile::SignOutAndIn] {
            let done = format!("{origin}, {which} `.sticky_end()`: {}", meanwhile.done());
            let seen = slow(stage, origin, sticky_end, meanwhile).await;
            stage.check(report, done, seen);
        }
    }
    for origin in origins {
        for page in &PAGES {
            let done = format!(
                "{origin}: Back to a page behind {}, after a sign-out in this tab or another",
                page.guard
            );
            stage.check(report, done, back(stage, *origin, page).await);
        }
    }
}

/// A page that somebody who is signed in has seen.
struct Page {
    path: &'static str,
    guard: &'static str,
    /// What may be there behind Back.
    shows: &'static [&'static str],
    seen: &'static str,
}

/// What happens in another tab while responses are under way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Meanwhile {
    SignOut,
    SignOutAndIn,
}

impl Meanwhile {
    fn done(self) -> &'static str {
        match self {
            Meanwhile::SignOut => "a sign-out in one tab overtakes slow responses of two others",
            Meanwhile::SignOutAndIn => "so does a sign-out with somebody else's sign-in behind it",
        }
    }
}

async fn slow(
    stage: &Stage<'_>,
    origin: Origin,
    sticky_end: bool,
    meanwhile: Meanwhile,
) -> Result<String> {
    let browser = &stage.browser;
    let settings = Settings {
        sticky_end,
        ..Settings::new()?
    };
    let site = stage.site(origin, &settings).await?;
    sign_in(stage, &site).await?;
    let first = browser.this_tab().await?;
    browser.tab().await?;
    browser.open(&site.url("/")).await?;
    // Of two requests for one address, a browser's cache lets the second wait for the first.
    let begin = "window.page = open('/slow/gate?page')
        window.answer = fetch('/slow/gate?script').then(response => response.text())";
    browser.script(begin, &[]).await?;
    timeout(DEADLINE, site.app.waiting("gate", 2)).await?;
    let slow = browser.this_tab().await?;

    browser.to(&first).await?;
    let page = browser.submit(&site, "/logout", &[]).await?;
    same("sign-out", page, "signed out")?;
    if meanwhile == Meanwhile::SignOutAndIn {
        let page = browser.submit(&site, "/login", &[("user", "8")]).await?;
        same("sign-in of another", page, "user 8")?;
    }
    site.app.open("gate");
    browser.to(&slow).await?;
    let arrive = "const answer = await window.answer
        while (window.page.document.body?.innerText !== answer) {
            await new Promise(done => setTimeout(done, 5))
        }
        window.page.close()
        return answer";
    let answer = browser.wait(arrive, &[]).await?;
    ensure!(answer == json!("1"), "the slow responses are {answer}");
    browser.close(&first).await?;

    let (whose, why) = if sticky_end {
        ("nobody", "ended")
    } else {
        ("user 7", "there is a session")
    };
    let page = browser.open(&site.url("/maybe")).await?;
    same("behind the slow responses", page, whose)?;
    same("reason", browser.open(&site.url("/why")).await?, why)?;
    let page = browser.submit(&site, "/login", &[("user", "9")]).await?;
    same("next sign-in", page, "user 9")?;
    let page = browser.open(&site.url("/maybe")).await?;
    same("after the next sign-in", page, "user 9")?;
    Ok(match (sticky_end, meanwhile) {
        (true, _) => "nobody is signed in (`ended`), and the next sign-in works",
        (false, Meanwhile::SignOut) => "who signed out is signed in again",
        (false, Meanwhile::SignOutAndIn) => "who signed out is signed in, in the other's place",
    }
    .into())
}

async fn back(stage: &Stage<'_>, origin: Origin, page: &Page) -> Result<String> {
    let browser = &stage.browser;
    for in_another_tab in [false, true] {
        let site = stage.site(origin, &Settings::new()?).await?;
        sign_in(stage, &site).await?;
        browser.open(&site.url(page.path)).await?;
        browser.open(&site.url("/")).await?;
        let this = browser.this_tab().await?;
        if in_another_tab {
            browser.tab().await?;
            browser.open(&site.url("/")).await?;
        }
        let answer = browser.post("/logout", &[]).await?;
        same("sign-out", answer.body, "signed out")?;
        if in_another_tab {
            browser.close(&this).await?;
        }
        let text = browser.back().await?;
        ensure!(page.shows.contains(&&*text), "behind Back: {text:?}");
    }
    Ok(page.seen.into())
}

const ORIGINS: [Origin; 4] = [
    Origin::Http2,
    Origin::Http1,
    Origin::Localhost,
    Origin::Loopback,
];

const PAGES: [Page; 2] = [
    Page {
        path: "/guarded",
        guard: "a guard",
        shows: &["home"],
        seen: "not shown: it is asked for again, and redirects",
    },
    // A browser may show what it kept, and whether it still has that is its own affair.
    Page {
        path: "/maybe",
        guard: "no guard",
        shows: &["user 7", "nobody"],
        seen: "shown once more where the browser kept it, else asked for again",
    },
];
