//! Sessions in several cookies, which grow and shrink.

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::json;

use super::{
    site::{Origin, Site},
    stage::{Stage, same},
};
use crate::{app::Settings, context::Context, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, context: &Context, report: &mut Report) {
    for (origin, limit) in [
        (Origin::Http2, 7168),
        (Origin::Http1, 7168),
        // As far as the server goes: beyond some 15 KB of cookies, hyper answers 431 over HTTP/2.
        (Origin::Http2, 12_288),
        (Origin::Http1, 16_384),
    ] {
        let done = format!("{origin}: `.chunked_up_to({limit})`, growing, shrinking, at random");
        let seen = grows_and_shrinks(stage, context, origin, limit).await;
        stage.check(report, done, seen);
    }
    let done = format!(
        "{}: `.chunked_up_to({EDGES_UP_TO})`, an octet around each size at which a cookie more is needed",
        Origin::Http2
    );
    stage.check(report, done, at_edges(stage).await);
    let done = "https, HTTP/2: `.chunked_up_to(16384)`, full, with hyper's own limit of headers";
    stage.check(report, done, is_refused(stage).await);
}

/// A session that was written, and what the next request had.
#[derive(Debug, Deserialize)]
struct Step {
    octets: usize,
    status: u16,
    read: String,
    cookies: String,
}

async fn grows_and_shrinks(
    stage: &Stage<'_>,
    context: &Context,
    origin: Origin,
    limit: usize,
) -> Result<String> {
    let site = site(stage, origin, limit).await?;
    // Base64 makes four octets of three, so the largest do not fit.
    let sizes = sizes(limit / 4 * 3, context.times(167, 29));
    let steps = take(stage, &sizes).await?;
    let (largest, cookies) = judge(&steps)?;
    ensure!(
        steps.iter().any(|step| step.status == 500),
        "nothing was too large"
    );
    end(stage, &site).await?;
    Ok(format!(
        "{} sessions, the largest with {largest} octets in {cookies} cookies: each read back, no cookie \
         left over; what is larger is a 500, and the session before it stays",
        steps.len(),
    ))
}

/// Looks for the sizes at which a cookie more is needed, and goes up and down around each.
async fn at_edges(stage: &Stage<'_>) -> Result<String> {
    let site = site(stage, Origin::Http2, EDGES_UP_TO).await?;
    let mut edges = Vec::new();
    let (mut fits, mut cookies) = (1, count(stage, 1).await?);
    let largest = EDGES_UP_TO / 4 * 3 - 200;
    while count(stage, largest).await? > cookies {
        // The least size above with more cookies, by halves.
        let mut more = largest;
        while more - fits > 1 {
            let middle = fits.midpoint(more);
            if count(stage, middle).await? > cookies {
                more = middle;
            } else {
                fits = middle;
            }
        }
        edges.push(more);
        (fits, cookies) = (more, count(stage, more).await?);
    }
    ensure!(edges.len() == 2, "edges at {edges:?}");
    let around: Vec<_> = edges
        .iter()
        .flat_map(|edge| [edge - 1, *edge, edge + 1, *edge, edge - 1])
        .collect();
    let down = around.iter().rev().copied();
    let sizes: Vec<_> = around.iter().copied().chain(down).collect();
    let steps = take(stage, &sizes).await?;
    judge(&steps)?;
    for step in &steps {
        let below = edges.iter().filter(|edge| **edge <= step.octets).count();
        ensure!(step.cookies.split(' ').count() == below + 1, "{step:?}");
    }
    end(stage, &site).await?;
    Ok(format!(
        "{} edges, up to {} cookies, {} sessions: each read back, no cookie left over",
        edges.len(),
        edges.len() + 1,
        steps.len()
    ))
}

/// How many cookies a session of this size is in.
async fn count(stage: &Stage<'_>, octets: usize) -> Result<usize> {
    let steps = take(stage, &[octets]).await?;
    judge(&steps)?;
    Ok(steps[0].cookies.split(' ').count())
}

async fn site(stage: &Stage<'_>, origin: Origin, limit: usize) -> Result<Site> {
    let settings = Settings {
        largest: Some(limit),
        ..Settings::new()?
    };
    let site = stage.site(origin, &settings).await?;
    stage.browser.open(&site.url("/")).await?;
    Ok(site)
}

/// Writes sessions of these sizes, one after the other.
async fn take(stage: &Stage<'_>, sizes: &[usize]) -> Result<Vec<Step>> {
    let script = "const steps = []
        for (const octets of args[0]) {
            const body = new URLSearchParams({ octets })
            const { status } = await fetch('/big', { method: 'POST', body })
            const [read, cookies] = await Promise.all(['/big', '/cookies'].map(
                async path => await (await fetch(path)).text()))
            steps.push({ octets, status, read, cookies })
        }
        return steps";
    let mut steps = Vec::new();
    // A script has half a minute.
    for sizes in sizes.chunks(50) {
        let answer = stage.browser.wait(script, &[json!(sizes)]).await?;
        steps.extend(serde_json::from_value::<Vec<Step>>(answer)?);
    }
    Ok(steps)
}

async fn end(stage: &Stage<'_>, site: &Site) -> Result<()> {
    let answer = stage.browser.post("/big/logout", &[]).await?;
    same("end", answer.body, "ended")?;
    let left = stage.browser.open(&site.url("/cookies")).await?;
    same("cookies after the end", left, "none")
}

/// Up, down, and in leaps.
fn sizes(most: usize, step: usize) -> Vec<usize> {
    let up: Vec<usize> = (1..most).step_by(step).collect();
    let count = up.len();
    let leaps = (0..count).map(|index| up[index * LEAP % count]);
    let down = up.iter().rev();
    up.iter().chain(down).copied().chain(leaps).collect()
}

/// The largest session that was kept, and the most cookies.
fn judge(steps: &[Step]) -> Result<(usize, usize)> {
    let (mut kept, mut largest, mut most_cookies) = (0, 0, 0);
    for step in steps {
        if step.status == 200 {
            kept = step.octets;
        }
        let is_right = step.status == 200 || step.status == 500 && step.octets > largest;
        ensure!(
            is_right && step.read == kept.to_string(),
            "{kept} octets, then {step:?}"
        );
        largest = largest.max(kept);
        let cookies = step.cookies.split(' ').count();
        let pieces: Vec<_> = (1..=cookies)
            .map(|index| format!("{NAME}.{index}"))
            .collect();
        let is_whole = step.cookies == NAME;
        ensure!(
            is_whole || cookies > 1 && step.cookies == pieces.join(" "),
            "{step:?}"
        );
        most_cookies = most_cookies.max(cookies);
    }
    Ok((largest, most_cookies))
}

async fn is_refused(stage: &Stage<'_>) -> Result<String> {
    let browser = &stage.browser;
    let settings = Settings {
        largest: Some(16_384),
        ..Settings::new()?
    };
    let site = stage.site(Origin::Http2, &settings).await?;
    browser.open(&site.url("/")).await?;
    let answer = browser.post("/big", &[("octets", "12000")]).await?;
    ensure!(
        answer.status == 200,
        "the start is answered by {}",
        answer.status
    );
    let answer = browser.post("/big/logout", &[]).await?;
    ensure!(
        answer.status == 431,
        "the end is answered by {}",
        answer.status
    );
    Ok("the next request is a 431, the end of the session too".into())
}

const NAME: &str = "__Host-Http-big";
/// Three cookies, so that there is an edge between pieces, too.
const EDGES_UP_TO: usize = 12_288;
/// A prime that is larger than any count of sizes, so that each has its turn.
const LEAP: usize = 104_729;
