//! Which requests carry a cookie, by its `SameSite`, and what frames of other sites have.

use anyhow::{Error, Result, ensure};
use haversack::{Codec, SameSite};
use serde_json::json;

use super::{
    codecs::{routes, sealed},
    engine::Engine,
    site::{Origin, Site},
    stage::{Stage, same},
};
use crate::{app::Settings, report::Report};

pub(super) async fn checks(stage: &Stage<'_>, report: &mut Report) {
    let places = match places(stage).await {
        Ok(places) => places,
        Err(error) => return stage.check(report, "cookies of each `SameSite`", Err(error)),
    };
    for request in Request::ALL {
        let seen = carries(stage, &places, request).await;
        stage.check(report, request.done(), seen);
    }
    for (partitioned, how) in [(true, ".partitioned()"), (false, "")] {
        let done = format!("`.same_site(SameSite::None){how}`, in frames of two other sites");
        stage.check(report, done, in_frames(stage, partitioned).await);
    }
}

/// A site with cookies of each `SameSite`, the same host over plain http, and another site.
struct Places {
    own: Site,
    plain: Site,
    other: Site,
}

/// Each `SameSite`, and the default name of a session that is called after it.
const COOKIES: [(SameSite, &str); 3] = [
    (SameSite::Strict, "__Host-Http-strict"),
    (SameSite::Lax, "__Host-Http-lax"),
    (SameSite::None, "__Host-Http-none"),
];

async fn places(stage: &Stage<'_>) -> Result<Places> {
    let codec = |(same_site, name): (SameSite, &str)| -> Result<Codec<String>> {
        let name = name.trim_start_matches("__Host-Http-");
        Ok(sealed(name)?.same_site(same_site).build()?)
    };
    let codecs = COOKIES.map(codec).into_iter().collect::<Result<Vec<_>>>()?;
    let own = stage.site_at(stage.host()?, routes(codecs)).await?;
    let plain = stage.beside(&own, Origin::Plain).await?;
    let other = stage.site(Origin::Http2, &Settings::new()?).await?;
    stage.browser.open(&own.url("/")).await?;
    for index in 0..COOKIES.len() {
        let start = format!("/codecs/{index}/start");
        stage.browser.post(&start, &[]).await?;
    }
    Ok(Places { own, plain, other })
}

/// A request to our own site, and where it begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Request {
    Frame,
    Image,
    Fetch,
    FrameOfSibling,
    FetchFromSibling,
    FetchFromSiblingWithout,
    Typed,
    Link,
    Script,
    LinkAndRedirectOfOther,
    LinkAndRedirectOfOwn,
    Reload,
    LinkAfterArrival,
    RedirectInOwnChain,
    TypedRedirectOfOther,
    FormGet,
    FormPost,
    LinkFromPlain,
    FormPostFromPlain,
}

impl Request {
    /// What a page embeds comes first: once somebody went from one site to the other, Firefox lets that
    /// one have the other's cookies for a while.
    const ALL: [Request; 19] = [
        Request::Frame,
        Request::Image,
        Request::Fetch,
        Request::FrameOfSibling,
        Request::FetchFromSibling,
        Request::FetchFromSiblingWithout,
        Request::Typed,
        Request::Link,
        Request::Script,
        Request::LinkAndRedirectOfOther,
        Request::LinkAndRedirectOfOwn,
        Request::Reload,
        Request::LinkAfterArrival,
        Request::RedirectInOwnChain,
        Request::TypedRedirectOfOther,
        Request::FormGet,
        Request::FormPost,
        Request::LinkFromPlain,
        Request::FormPostFromPlain,
    ];

    fn done(self) -> &'static str {
        match self {
            Request::Frame => "an `<iframe>` on a page of another site",
            Request::Image => "an image on a page of another site",
            Request::Fetch => "`fetch` from another site, with `credentials: \"include\"`",
            Request::FrameOfSibling => "an `<iframe>` on a page of a sibling host",
            Request::FetchFromSibling => {
                "`fetch` from a sibling host, with `credentials: \"include\"`"
            }
            Request::FetchFromSiblingWithout => "`fetch` from a sibling host, without it",
            Request::Typed => "an address that is typed",
            Request::Link => "a link on a page of another site",
            Request::Script => "a script of another site that navigates",
            Request::LinkAndRedirectOfOther => "a link of another site, and its redirect",
            Request::LinkAndRedirectOfOwn => "a link of another site, and our own redirect",
            Request::Reload => "a reload after a link of another site",
            Request::LinkAfterArrival => "a link of our own page, after a link of another site",
            Request::RedirectInOwnChain => "our own link to another site that redirects back",
            Request::TypedRedirectOfOther => "a typed address of another site that redirects to us",
            Request::FormGet => "a form of another site, `GET`",
            Request::FormPost => "a form of another site, `POST`",
            Request::LinkFromPlain => "a link from `http://` of the same host",
            Request::FormPostFromPlain => "a form from `http://` of the same host, `POST`",
        }
    }

    /// Which of `COOKIES` come with it.
    fn wanted(self, engine: Engine) -> [bool; 3] {
        let is_chromium = engine == Engine::Chromium;
        match self {
            // Neither sends what is of a third party and not partitioned.
            Request::Frame | Request::Image | Request::Fetch => [false, false, false],
            Request::FetchFromSiblingWithout => [false, false, false],
            Request::FrameOfSibling | Request::FetchFromSibling | Request::Typed => [true; 3],
            Request::LinkAfterArrival => [true; 3],
            Request::Link | Request::Script | Request::Reload | Request::FormGet => {
                [false, true, true]
            }
            Request::LinkAndRedirectOfOther | Request::LinkAndRedirectOfOwn => [false, true, true],
            // Firefox counts a chain as cross-site once another site redirected.
            Request::RedirectInOwnChain | Request::TypedRedirectOfOther => {
                [is_chromium, true, true]
            }
            Request::FormPost => [false, false, true],
            // To Chromium these are two sites.
            Request::LinkFromPlain => [!is_chromium, true, true],
            Request::FormPostFromPlain => [!is_chromium, !is_chromium, true],
        }
    }

    fn begins_at(self, Places { own, plain, other }: &Places) -> String {
        match self {
            Request::Typed | Request::TypedRedirectOfOther => "about:blank".into(),
            Request::FrameOfSibling
            | Request::FetchFromSibling
            | Request::FetchFromSiblingWithout => own.url_at("www.", "/"),
            Request::RedirectInOwnChain => own.url("/"),
            Request::LinkFromPlain | Request::FormPostFromPlain => plain.url("/"),
            _ => other.url("/"),
        }
    }

    /// Makes it, from a page that is open.
    async fn make(self, stage: &Stage<'_>, places: &Places, to: &str) -> Result<()> {
        let browser = &stage.browser;
        let by_redirect_of = |site: &Site| site.url(&format!("/to?{to}"));
        let run = async |script: &str, option: &str| -> Result<()> {
            browser.script(script, &[json!(to), json!(option)]).await?;
            Ok(())
        };
        match self {
            Request::Frame | Request::FrameOfSibling => {
                run(
                    "document.body.innerHTML = `<iframe src='${arguments[0]}'>`",
                    "",
                )
                .await?;
            }
            Request::Image => run("new Image().src = arguments[0]", "").await?,
            Request::Fetch | Request::FetchFromSibling => run(FETCH, "include").await?,
            Request::FetchFromSiblingWithout => run(FETCH, "same-origin").await?,
            Request::Typed => {
                browser.open(to).await?;
            }
            Request::TypedRedirectOfOther => {
                browser.open(&by_redirect_of(&places.other)).await?;
            }
            Request::Script => run("location = arguments[0]", "").await?,
            Request::Link | Request::LinkFromPlain => browser.follow(to).await?,
            Request::LinkAndRedirectOfOther | Request::RedirectInOwnChain => {
                browser.follow(&by_redirect_of(&places.other)).await?;
            }
            Request::LinkAndRedirectOfOwn => browser.follow(&by_redirect_of(&places.own)).await?,
            Request::Reload => {
                browser.follow(to).await?;
                places.own.forget();
                browser.reload().await?;
            }
            Request::LinkAfterArrival => {
                browser.follow(&places.own.url("/")).await?;
                browser.follow(to).await?;
            }
            Request::FormGet => {
                run(FORM, "get").await?;
                browser.click("button").await?;
            }
            Request::FormPost | Request::FormPostFromPlain => {
                run(FORM, "post").await?;
                browser.click("button").await?;
            }
        }
        Ok(())
    }
}

async fn carries(stage: &Stage<'_>, places: &Places, request: Request) -> Result<String> {
    stage.browser.open(&request.begins_at(places)).await?;
    places.own.forget();
    request
        .make(stage, places, &places.own.url("/cookies"))
        .await?;
    let visit = places.own.visit("/cookies").await?;
    let wanted = request.wanted(stage.browser.engine);
    let mut said = Vec::new();
    for ((same_site, name), wanted) in COOKIES.into_iter().zip(wanted) {
        let is_sent = visit.cookies.iter().any(|cookie| cookie == name);
        let word = if is_sent { "sent" } else { "not sent" };
        ensure!(is_sent == wanted, "{same_site:?} is {word}");
        said.push(format!(
            "`{same_site:?}` {}",
            if is_sent { "yes" } else { "no" }
        ));
    }
    Ok(said.join(", "))
}

async fn in_frames(stage: &Stage<'_>, partitioned: bool) -> Result<String> {
    let browser = &stage.browser;
    let widget = sealed("widget")?.same_site(SameSite::None);
    let widget = if partitioned {
        widget.partitioned()
    } else {
        widget
    };
    let own = stage
        .site_at(stage.host()?, routes(vec![widget.build()?]))
        .await?;
    let others = [
        ("first", stage.site(Origin::Http2, &Settings::new()?).await?),
        (
            "second",
            stage.site(Origin::Http2, &Settings::new()?).await?,
        ),
    ];
    // Firefox keeps what is of a third party apart for each site, partitioned or not.
    let is_kept = partitioned || browser.engine == Engine::Firefox;
    let enter = async |site: &Site| {
        browser.open(&site.url("/")).await?;
        browser.enter_frame(&own.url("/")).await
    };
    let read = async || Ok::<_, Error>(browser.post("/codecs/0/read", &[]).await?.body);
    for (value, other) in &others {
        enter(other).await?;
        same("before it begins", read().await?, "nothing")?;
        browser.post("/codecs/0/start", &[("value", value)]).await?;
        same(
            "once begun",
            read().await?,
            if is_kept { value } else { "nothing" },
        )?;
    }
    browser.open(&own.url("/")).await?;
    same("in a tab of its own", read().await?, "nothing")?;
    for (value, other) in &others {
        enter(other).await?;
        same(
            "once more",
            read().await?,
            if is_kept { value } else { "nothing" },
        )?;
        browser.post("/codecs/0/end", &[]).await?;
        same("once ended", read().await?, "nothing")?;
        same("cookies", browser.get("/cookies").await?.body, "none")?;
    }
    Ok(if is_kept {
        "a session in each frame, none in a tab of its own, and none once ended"
    } else {
        "not kept"
    }
    .into())
}

const FETCH: &str = "fetch(arguments[0], { credentials: arguments[1], mode: 'no-cors' })";
const FORM: &str = "document.body.innerHTML =
    `<form action='${arguments[0]}' method=${arguments[1]}><button>send</button></form>`";
