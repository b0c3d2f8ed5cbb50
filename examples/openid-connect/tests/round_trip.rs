//! The whole round trip over TCP, against npm's `oidc-provider`.

mod browser;

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::browser::{Browser, Page};

/// A program that prints its address; it is stopped when dropped.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(command: &mut Command) -> Server {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut printed = BufReader::new(process.stdout.as_mut().unwrap());
        printed.read_line(&mut line).unwrap();
        let url = line.split_whitespace().next_back().unwrap().to_owned();
        assert!(
            url.starts_with("http://"),
            "is `npm install --prefix provider` done? {line}"
        );
        Server { process, url }
    }

    fn provider() -> Server {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/provider/provider.mjs");
        Server::start(Command::new("node").arg(program).stderr(Stdio::null()))
    }

    fn shop(provider: &Server, variables: &[(&str, &str)]) -> Server {
        let program = env!("CARGO_BIN_EXE_openid-connect");
        let variables = variables.iter().copied();
        Server::start(
            Command::new(program)
                .env("PORT", "0")
                .env("ISSUER", &provider.url)
                .envs(variables),
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Signs in on the provider's pages, until the browser is about to go back.
async fn sign_in_there(browser: &Browser, link: &str) -> Page {
    let mut page = browser.get(link).await;
    loop {
        page = match &page.location {
            Some(location) if location.contains("/callback?") => return page,
            Some(location) => browser.get(location).await,
            None if page.is_of_provider() => answer(browser, &page).await,
            None => return page,
        };
    }
}

/// Goes where it is sent to, through the provider's pages if it must be.
async fn arrive(browser: &Browser, mut page: Page) -> Page {
    loop {
        page = match &page.location {
            Some(location) => browser.get(location).await,
            None if page.is_of_provider() => answer(browser, &page).await,
            None => return page,
        };
    }
}

/// Answers the provider's question who it is, or whether it agrees.
async fn answer(browser: &Browser, page: &Page) -> Page {
    let (action, mut fields) = page.form();
    fields.retain(|(name, _)| name == "prompt");
    fields.push(("login".into(), "ada".into()));
    fields.push(("password".into(), "any".into()));
    browser.post(&action, &fields).await
}

/// The way from a page of the shop to where the browser goes back to it.
async fn go_and_come_back(browser: &Browser, shop: &Server, path: &str) -> String {
    let page = browser.get(&format!("{}{path}", shop.url)).await;
    assert_eq!(page.status, 303, "{}", page.text);
    let page = browser.get(&page.location.unwrap()).await;
    let page = sign_in_there(browser, &page.location.unwrap()).await;
    page.location.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_and_is_where_they_wanted_to_be() {
    let provider = Server::provider();
    let shop = Server::shop(&provider, &[]);
    let ada = Browser::new();
    let back = go_and_come_back(&ada, &shop, "/orders/7").await;
    let page = ada.get(&back).await;
    assert_eq!(
        page.location.as_deref(),
        Some(format!("{}/orders/7", shop.url).as_str())
    );
    let page = arrive(&ada, page).await;
    assert_eq!(page.text, "orders of ada");
    assert_eq!(ada.cookies_named("oauth"), 1);
    // The state is used up, and the session stays.
    let page = ada.get(&back).await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("finished before"), "{}", page.text);
    assert_eq!(
        ada.get(&format!("{}/orders/8", shop.url)).await.text,
        "orders of ada"
    );
}

#[tokio::test]
async fn twenty_tabs_at_once_all_come_back_to_their_own_page() {
    let provider = Server::provider();
    let shop = Server::shop(&provider, &[]);
    let ada = Browser::new();
    // Every tab begins before the browser has a cookie.
    let mut links = Vec::new();
    for tab in 0..20 {
        let fresh = Browser::new();
        let page = fresh
            .get(&format!("{}/login?next=/orders/{tab}", shop.url))
            .await;
        links.push(page.location.unwrap());
        ada.take_cookies_of(&fresh);
    }
    assert_eq!(ada.cookies_named("oauth"), 1);
    let mut again = 0;
    for (tab, link) in links.iter().enumerate() {
        let page = sign_in_there(&ada, link).await;
        let mut page = ada.get(&page.location.unwrap()).await;
        if page.location.as_ref().unwrap().contains("/login?next=") {
            again += 1;
        }
        page = arrive(&ada, page).await;
        assert_eq!((page.status, page.text.as_str()), (200, "orders of ada"));
        assert!(
            page.url.ends_with(&format!("/orders/{tab}")),
            "{}",
            page.url
        );
    }
    assert_eq!(again, 19);
    assert_eq!(ada.cookies_named("oauth"), 1);
}

#[tokio::test]
async fn nobody_finishes_in_another_browser_what_was_begun_in_this_one() {
    let provider = Server::provider();
    let shop = Server::shop(&provider, &[]);
    let (mallory, ada) = (Browser::new(), Browser::new());
    let link = go_and_come_back(&mallory, &shop, "/orders/7").await;
    let page = ada.get(&link).await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("cookie"), "{}", page.text);

    // Whose browser has begun something gets a sign-in of their own.
    ada.get(&format!("{}/login", shop.url)).await;
    let page = ada.get(&link).await;
    let own = format!("{}/login?next=%2Forders%2F7", shop.url);
    assert_eq!(page.location, Some(own));
    assert_eq!(ada.cookies_named("login"), 0);

    // A code of another's, with a state of one's own, fails at the provider: PKCE.
    let own = go_and_come_back(&ada, &shop, "/orders/7").await;
    let page = ada.get(&with_code_of(&own, &link)).await;
    assert_eq!(page.status, 502);
    assert!(page.text.contains("not signed in"), "{}", page.text);
    assert_eq!(ada.cookies_named("login"), 0);
}

/// The first link with the `code` of the other one.
fn with_code_of(link: &str, other: &str) -> String {
    let code = |link: &str| {
        let (_, query) = link.split_once('?').unwrap();
        let pair = query.split('&').find(|pair| pair.starts_with("code="));
        pair.unwrap().to_owned()
    };
    link.replace(&code(link), &code(other))
}

#[tokio::test]
async fn a_state_of_another_provider_and_a_changed_one_are_refused() {
    let provider = Server::provider();
    let key = haversack::Key::generate().unwrap().to_text();
    let keys = ("SESSION_KEYS", key.as_str());
    let shop = Server::shop(&provider, &[keys]);
    let other = Server::shop(&provider, &[keys, ("PROVIDER", "other")]);
    let ada = Browser::new();
    let back = go_and_come_back(&ada, &shop, "/orders/7").await;
    let elsewhere = back.replace(&shop.url, &other.url);
    let page = ada.get(&elsewhere).await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("not_authentic"), "{}", page.text);
    let page = ada.get(&back.replace("state=", "state=A")).await;
    assert_eq!(page.status, 400);
    // Where it belongs it is still good.
    assert_eq!(
        arrive(&ada, ada.get(&back).await).await.text,
        "orders of ada"
    );
}

#[tokio::test]
async fn a_state_that_was_away_for_too_long_is_refused() {
    let provider = Server::provider();
    let shop = Server::shop(&provider, &[("AWAY_SECS", "2")]);
    let ada = Browser::new();
    let patience = Instant::now() + Duration::from_secs(30);
    // As long as the provider takes for it, and then until it is over.
    let page = ada.get(&format!("{}/login", shop.url)).await;
    let link = page.location.unwrap();
    let state = link
        .split('&')
        .find_map(|pair| pair.strip_prefix("state="))
        .unwrap();
    let back = format!("{}/callback?error=access_denied&state={state}", shop.url);
    assert_eq!(ada.get(&back).await.status, 403);
    loop {
        let page = ada.get(&back).await;
        assert_eq!(page.status, 400, "{}", page.text);
        if page.text.contains("expired") {
            break;
        }
        assert!(page.text.contains("finished before"), "{}", page.text);
        assert!(Instant::now() < patience, "it never expired");
    }
}

#[tokio::test]
async fn whoever_changes_their_mind_is_told_and_is_not_signed_in() {
    let provider = Server::provider();
    let shop = Server::shop(&provider, &[]);
    let ada = Browser::new();
    let page = ada.get(&format!("{}/login?next=/orders/7", shop.url)).await;
    let page = ada.get(&page.location.unwrap()).await;
    let interaction = page.location.unwrap();
    let page = ada.get(&format!("{interaction}/abort")).await;
    let mut page = ada.get(&page.location.unwrap()).await;
    page = arrive(&ada, page).await;
    assert_eq!(page.status, 403);
    assert!(page.text.contains("access_denied"), "{}", page.text);
    assert_eq!(ada.cookies_named("login"), 0);
}

#[tokio::test]
async fn a_provider_that_comes_back_with_a_post_finds_the_cookie() {
    let provider = Server::provider();
    let shop = Server::shop(&provider, &[("FORM_POST", "1")]);
    let ada = Browser::new();
    let page = ada.get(&format!("{}/login?next=/orders/7", shop.url)).await;
    let page = sign_in_there(&ada, &page.location.unwrap()).await;
    let (action, fields) = page.form();
    assert_eq!(action, format!("{}/callback", shop.url));
    let page = ada.post_from_another_site(&action, &fields).await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert_eq!(arrive(&ada, page).await.text, "orders of ada");

    // Where the shop expects a link, the same form comes without a cookie.
    let shop = Server::shop(&provider, &[]);
    let page = ada.get(&format!("{}/login", shop.url)).await;
    let link = page.location.unwrap() + "&response_mode=form_post";
    let (action, fields) = sign_in_there(&ada, &link).await.form();
    let page = ada.post_from_another_site(&action, &fields).await;
    assert_eq!(page.status, 400, "{}", page.text);
}
