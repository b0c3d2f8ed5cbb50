//! What each prefix of a cookie's name is worth: who else can plant a session, and who can read it.

use anyhow::{Context as _, Result, ensure};
use haversack::Codec;
use serde_json::json;

use super::{
    codecs::{routes, sealed, signed},
    site::{Origin, Site},
    stage::{Stage, same},
};
use crate::{app::TestClock, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, report: &mut Report) {
    for prefix in Prefix::ALL {
        let done = format!(
            "{}: a script, a sibling host and plain http try to plant a session, a script to read it",
            prefix.setting()
        );
        stage.check(report, done, holds(stage, prefix).await);
    }
}

/// Each prefix that a session can have, by the setting that gives it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Prefix {
    Default,
    ScriptReadable,
    Path,
    Domain,
    ExactHttp,
    Exact,
    Insecure,
}

/// Who may want to plant a session of their own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Planter {
    /// A script in the page.
    Script,
    /// The same, by `cookieStore`.
    CookieStore,
    /// A host beside this one below one domain.
    Sibling,
    /// Somebody on the way, who answers for the host over plain http.
    PlainHttp,
}

/// How far somebody gets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reach {
    Never,
    /// Only if the browser has no session.
    Vacant,
    Always,
}

impl Prefix {
    const ALL: [Prefix; 7] = [
        Prefix::Default,
        Prefix::ScriptReadable,
        Prefix::Path,
        Prefix::Domain,
        Prefix::ExactHttp,
        Prefix::Exact,
        Prefix::Insecure,
    ];

    fn setting(self) -> &'static str {
        match self {
            Prefix::Default => "`__Host-Http-login`, the default",
            Prefix::ScriptReadable => "`__Host-login`, by `.script_readable()`",
            Prefix::Path => "`__Secure-login`, by `.path(..)`",
            Prefix::Domain => "`__Secure-login`, by `.domain(..)`",
            Prefix::ExactHttp => "`__Http-login`, by `.exact_name(..)`",
            Prefix::Exact => "`login`, by `.exact_name(..)`",
            Prefix::Insecure => "`login`, by `.insecure()`",
        }
    }

    fn codec(self, host: &str, clock: &TestClock) -> Result<Codec<String>> {
        let codec = match self {
            Prefix::Default => sealed("login")?,
            Prefix::ScriptReadable => signed("login")?.script_readable(),
            Prefix::Path => sealed("login")?.path("/codecs"),
            Prefix::Domain => sealed("login")?.domain(host),
            Prefix::ExactHttp => sealed("login")?.exact_name("__Http-login"),
            Prefix::Exact => sealed("login")?.exact_name("login"),
            Prefix::Insecure => sealed("login")?.insecure(),
        };
        Ok(codec.clock(clock.clone()).build()?)
    }

    /// How far each planter gets, in the order of `Planter::ALL`.
    fn lets(self) -> [Reach; 4] {
        use Reach::{Always, Never, Vacant};
        match self {
            Prefix::Default => [Never, Never, Never, Never],
            Prefix::ScriptReadable => [Always, Always, Never, Never],
            Prefix::Path | Prefix::Domain => [Always, Always, Always, Never],
            Prefix::ExactHttp => [Never, Never, Always, Never],
            Prefix::Exact => [Always, Always, Always, Vacant],
            Prefix::Insecure => [Always, Always, Always, Always],
        }
    }
}

impl Planter {
    const ALL: [Planter; 4] = [
        Planter::Script,
        Planter::CookieStore,
        Planter::Sibling,
        Planter::PlainHttp,
    ];

    fn name(self) -> &'static str {
        match self {
            Planter::Script => "a script",
            Planter::CookieStore => "a script's `cookieStore`",
            Planter::Sibling => "a sibling host",
            Planter::PlainHttp => "plain http",
        }
    }
}

async fn holds(stage: &Stage<'_>, prefix: Prefix) -> Result<String> {
    let mut said = Vec::new();
    for (planter, lets) in Planter::ALL.into_iter().zip(prefix.lets()) {
        let vacant = is_planted(stage, prefix, planter, false).await?;
        let taken = is_planted(stage, prefix, planter, true).await?;
        let reach = match (vacant, taken) {
            (false, false) => Reach::Never,
            (true, false) => Reach::Vacant,
            (_, true) => Reach::Always,
        };
        ensure!(
            reach == lets,
            "{}: {reach:?} rather than {lets:?}",
            planter.name()
        );
        match reach {
            Reach::Never => {}
            Reach::Vacant => said.push(format!("{} where there is none", planter.name())),
            Reach::Always => said.push(planter.name().into()),
        }
    }
    let is_read = is_read(stage, prefix).await?;
    ensure!(
        is_read == (prefix == Prefix::ScriptReadable),
        "read by a script: {is_read}"
    );
    let by = if said.is_empty() {
        "nobody".into()
    } else {
        said.join(", ")
    };
    let reads = if is_read { "and read" } else { "not read" };
    Ok(format!("planted by {by}; {reads} by a script"))
}

/// Whether a session that somebody else plants, issued later, is taken for the browser's own.
async fn is_planted(
    stage: &Stage<'_>,
    prefix: Prefix,
    planter: Planter,
    signed_in: bool,
) -> Result<bool> {
    let (host, clock) = (stage.host()?, TestClock::default());
    let codec = prefix.codec(&host, &clock)?;
    let name = codec.cookie_name().context("a cookie")?.to_owned();
    let site = stage.site_at(host, routes(vec![codec.clone()])).await?;
    let browser = &stage.browser;
    browser.open(&site.url("/")).await?;
    if signed_in {
        browser.post("/codecs/0/start", &[("value", "own")]).await?;
        let read = browser.post("/codecs/0/read", &[]).await?;
        same("own session", read.body, "own")?;
    }
    clock.advance(1);
    let token = codec.seal(&"planted".to_owned())?;
    plant(stage, &site, planter, &name, &token).await?;
    browser.open(&site.url("/")).await?;
    let read = browser.post("/codecs/0/read", &[]).await?;
    let otherwise = if signed_in { "own" } else { "nothing" };
    ensure!(
        ["planted", otherwise].contains(&&*read.body),
        "{}",
        read.body
    );
    Ok(read.body == "planted")
}

async fn plant(
    stage: &Stage<'_>,
    site: &Site,
    planter: Planter,
    name: &str,
    token: &str,
) -> Result<()> {
    let browser = &stage.browser;
    match planter {
        Planter::Script => {
            let plant = "for (const path of ['/', '/codecs', '/codecs/0'])
                document.cookie = `${args[0]}=${args[1]}; Path=${path}; Secure`";
            browser.wait(plant, &[json!(name), json!(token)]).await?;
        }
        Planter::CookieStore => {
            let plant = "for (const path of ['/', '/codecs/', '/codecs/0/'])
                await cookieStore.set({ name: args[0], value: args[1], path }).catch(() => {})";
            browser.wait(plant, &[json!(name), json!(token)]).await?;
        }
        Planter::Sibling => {
            browser.open(&site.url_at("www.", "/")).await?;
            let cookie = format!("{name}={token}; Domain={}", site.host);
            answer_with(stage, &cookie).await?;
        }
        Planter::PlainHttp => {
            let plain = stage.beside(site, Origin::Plain).await?;
            browser.open(&plain.url("/")).await?;
            answer_with(stage, &format!("{name}={token}")).await?;
        }
    }
    Ok(())
}

/// Responses of the page's origin with this cookie, in all variants that may help.
async fn answer_with(stage: &Stage<'_>, cookie: &str) -> Result<()> {
    for path in ["/", "/codecs", "/codecs/0"] {
        for attributes in ["", "; HttpOnly", "; Secure", "; Secure; HttpOnly"] {
            let line = format!("{cookie}; Path={path}{attributes}");
            stage.browser.post("/plant", &[("line", &line)]).await?;
        }
    }
    Ok(())
}

async fn is_read(stage: &Stage<'_>, prefix: Prefix) -> Result<bool> {
    let host = stage.host()?;
    let codec = prefix.codec(&host, &TestClock::default())?;
    let name = codec.cookie_name().context("a cookie")?.to_owned();
    let site = stage.site_at(host, routes(vec![codec])).await?;
    let browser = &stage.browser;
    browser.open(&site.url("/codecs/0/page")).await?;
    browser.post("/codecs/0/start", &[("value", "own")]).await?;
    let read = browser.post("/codecs/0/read", &[]).await?;
    same("own session", read.body, "own")?;
    let look = "return document.cookie + JSON.stringify(await cookieStore.getAll())";
    let seen = browser.wait(look, &[]).await?;
    Ok(seen.as_str().is_some_and(|seen| seen.contains(&name)))
}
