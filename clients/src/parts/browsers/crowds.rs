//! A session's cookie among hundreds of others.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{
    life::{NAME, sign_in},
    site::Origin,
    stage::{Stage, same},
};
use crate::{app::Settings, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, report: &mut Report) {
    for (junk, done) in [
        (Junk::Plain, "400 cookies more, not `Secure`"),
        (Junk::Secure, "400 cookies more, `Secure`"),
        (
            Junk::SiblingSecure,
            "400 cookies more, `Secure`, at a sibling host",
        ),
    ] {
        stage.check(report, done, among(stage, junk).await);
    }
}

/// The cookies of somebody else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Junk {
    Plain,
    Secure,
    SiblingSecure,
}

async fn among(stage: &Stage<'_>, junk: Junk) -> Result<String> {
    let browser = &stage.browser;
    let site = stage.site(Origin::Http2, &Settings::new()?).await?;
    let (below, attribute) = match junk {
        Junk::Plain => ("", ""),
        Junk::Secure => ("", "; Secure"),
        Junk::SiblingSecure => ("www.", "; Secure"),
    };
    sign_in(stage, &site).await?;
    let mut gone = None;
    for count in (0..400).step_by(20) {
        browser.open(&site.url_at(below, "/")).await?;
        let plant = "for (let index = args[0]; index < args[0] + 20; index++)
            document.cookie = `junk${index}=1${args[1]}`";
        browser
            .wait(plant, &[json!(count), json!(attribute)])
            .await?;
        let cookies = browser.open(&site.url("/cookies")).await?;
        if !cookies.split(' ').any(|cookie| cookie == NAME) {
            gone = Some(count + 20);
            break;
        }
    }
    let as_known = match gone {
        None => junk == Junk::Plain,
        // Chromium drops what was used longest ago, and notes a use once a minute only: the session's
        // cookie may be spared once.
        Some(others) => junk != Junk::Plain && matches!(others, 180 | 200),
    };
    ensure!(as_known, "gone with {gone:?} others");
    if gone.is_some() {
        let why = browser.open(&site.url("/why")).await?;
        same("once dropped", why, "no token")?;
        sign_in(stage, &site).await?;
    }
    let page = browser.open(&site.url("/maybe")).await?;
    same("at last", page, "user 7")?;
    browser.submit(&site, "/logout", &[]).await?;
    let page = browser.open(&site.url("/maybe")).await?;
    same("after the sign-out", page, "nobody")?;
    Ok(match gone {
        Some(others) => format!(
            "dropped with {others} others, more than the 180 that a domain may have; the next sign-in is kept"
        ),
        None => "kept: of more than 180, those that are not `Secure` go first".into(),
    })
}
