//! How large a cookie may be, and what may be in its name.

use anyhow::{Context as _, Result, ensure};
use haversack::Codec;
use serde::Deserialize;
use serde_json::json;

use super::{
    codecs::{routes, sealed},
    site::Origin,
    stage::{Stage, same},
};
use crate::{app::Settings, context::Context, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, context: &Context, report: &mut Report) {
    for origin in context.times(&[Origin::Http2][..], &Origin::KEEPING) {
        let done = format!("{origin}: name and value of 4096 octets together, and one more");
        stage.check(report, done, has_a_limit(stage, *origin).await);
        let done = format!("{origin}: each character that a name may have, alone and within");
        stage.check(report, done, has_any_name(stage, *origin).await);
    }
}

async fn has_a_limit(stage: &Stage<'_>, origin: Origin) -> Result<String> {
    let (codec, value) = full()?;
    let name = codec.cookie_name().context("a cookie")?.to_owned();
    let one_more = sealed(&format!("{}x", name.trim_start_matches(PREFIX)))?.build()?;
    let settings = Settings::new()?;
    let site = stage
        .site_with(origin, &settings, routes(vec![codec, one_more]))
        .await?;
    let browser = &stage.browser;
    browser.open(&site.url("/")).await?;

    let start = browser
        .post("/codecs/0/start", &[("value", &value)])
        .await?;
    ensure!(start.status == 200, "the full one: {}", start.body);
    let read = browser.post("/codecs/0/read", &[]).await?;
    same("the full one", read.body, &value)?;
    let refused = browser
        .post("/codecs/1/start", &[("value", &value)])
        .await?;
    ensure!(refused.status == 500, "one octet more: {}", refused.status);
    ensure!(
        refused.body.contains("4097"),
        "one octet more: {}",
        refused.body
    );

    // What the browser would have done with it.
    let line = format!(
        "{PREFIX}over={}; Path=/; Secure; HttpOnly",
        "x".repeat(4096 + 1 - PREFIX.len() - 4)
    );
    browser.post("/plant", &[("line", &line)]).await?;
    let cookies = browser.get("/cookies").await?;
    same("cookies", cookies.body, &name)?;
    Ok(String::from(
        "4096 are kept and sent; one more is a `SaveError`, and the browser would drop it",
    ))
}

/// A codec and a value that fill a cookie to the last octet.
fn full() -> Result<(Codec<String>, String)> {
    for name in ["f", "fu", "ful", "full"] {
        let codec = sealed(name)?.build()?;
        for length in 2800..3000 {
            let value = "x".repeat(length);
            if PREFIX.len() + name.len() + codec.seal(&value)?.len() == 4096 {
                return Ok((codec, value));
            }
        }
    }
    anyhow::bail!("no cookie has exactly 4096 octets")
}

/// What became of a session of a certain name.
#[derive(Debug, Deserialize)]
struct Life {
    start: String,
    cookies: String,
    read: String,
    end: String,
    left: String,
}

async fn has_any_name(stage: &Stage<'_>, origin: Origin) -> Result<String> {
    let mut codecs = Vec::new();
    for c in (0..=127).map(char::from) {
        if !c.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(c) {
            continue;
        }
        codecs.push(sealed(&format!("{c}"))?.build()?);
        codecs.push(sealed(&format!("a{c}b"))?.build()?);
        codecs.push(sealed("any")?.exact_name(&format!("{c}")).build()?);
        codecs.push(sealed("any")?.exact_name(&format!("{c}a{c}")).build()?);
    }
    let names: Vec<_> = codecs
        .iter()
        .filter_map(|codec| codec.cookie_name())
        .map(str::to_owned)
        .collect();
    let site = stage
        .site_with(origin, &Settings::new()?, routes(codecs))
        .await?;
    let browser = &stage.browser;
    browser.open(&site.url("/")).await?;
    let script = "const lives = []
        const call = async (path, method) => {
            const body = method && new URLSearchParams({ value: 'held' })
            return (await fetch(path, { method, body })).text()
        }
        for (let index = args[0]; index < args[1]; index++) {
            const start = await call(`/codecs/${index}/start`, 'POST')
            const cookies = await call('/cookies')
            const read = await call(`/codecs/${index}/read`, 'POST')
            const end = await call(`/codecs/${index}/end`, 'POST')
            lives.push({ start, cookies, read, end, left: await call('/cookies') })
        }
        return lives";
    let mut lives = Vec::<Life>::new();
    while lives.len() < names.len() {
        let end = names.len().min(lives.len() + 50);
        let more = browser
            .wait(script, &[json!(lives.len()), json!(end)])
            .await?;
        lives.extend(serde_json::from_value::<Vec<Life>>(more)?);
    }
    for (name, life) in names.iter().zip(&lives) {
        ensure!(
            life.cookies == *name && life.read == "held" && life.left == "none",
            "{name}: {life:?}"
        );
    }
    Ok(format!(
        "{} names, with a prefix and without: each kept, sent, opened and removed",
        names.len()
    ))
}

const PREFIX: &str = "__Host-Http-";
