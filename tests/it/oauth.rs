//! Signing in with providers: a browser goes away and comes back.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use haversack::{
    Codec, KeyRing, KeySource, Random, RandomError, Rejected, SaveError, Ticket,
    adapter::Headers,
    oauth::{Begun, CodeFlow, CodeFlowBuilder, FinishError, Finished},
};
use http::{HeaderMap, HeaderValue, header::COOKIE};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::support::{HOUR, NOW, TestClock, bytes, key, ring, tampered};

/// What a browser keeps: one cookie, the last that it got.
#[derive(Default)]
struct Browser {
    cookie: String,
}

impl Browser {
    fn begin(&mut self, flow: &CodeFlow, return_to: &str) -> Begun {
        let begun = flow.begin(&self.request(), return_to).unwrap();
        self.take(&begun.response_headers().unwrap());
        begun
    }

    fn request(&self) -> HeaderMap {
        request(self.cookie.as_bytes())
    }

    fn take(&mut self, headers: &Headers) {
        let cookies: Vec<_> = headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .collect();
        let [(_, cookie)] = cookies[..] else {
            panic!("{headers:?}")
        };
        self.cookie = cookie.split(';').next().unwrap().to_owned();
    }

    /// Comes back, and never gets the response.
    fn finish(&self, flow: &CodeFlow, state: &str) -> Result<Finished, FinishError> {
        flow.finish(&self.request(), state)
    }

    fn come_back(&mut self, flow: &CodeFlow, state: &str) -> Result<Finished, FinishError> {
        let finished = self.finish(flow, state)?;
        self.take(&finished.response_headers().unwrap());
        Ok(finished)
    }
}

fn request(cookie: &[u8]) -> HeaderMap {
    let value = HeaderValue::from_bytes(cookie);
    value.map_or_else(
        |_| HeaderMap::new(),
        |value| HeaderMap::from_iter([(COOKIE, value)]),
    )
}

fn builder(clock: &TestClock) -> CodeFlowBuilder {
    CodeFlow::sealed("directory", ring(1)).clock(clock.clone())
}

fn flow() -> CodeFlow {
    builder(&TestClock::at(NOW)).build().unwrap()
}

fn set_cookie(begun: &Begun) -> String {
    let headers = begun.response_headers().unwrap();
    assert_eq!(headers[0].0, "set-cookie");
    headers[0].1.clone()
}

#[test]
fn a_browser_that_comes_back_gets_the_verifier_the_nonce_and_the_path() {
    let flow = flow();
    let mut browser = Browser::default();
    let begun = browser.begin(&flow, "/orders?page=2#top");
    let finished = browser.finish(&flow, &begun.state).unwrap();
    assert_eq!(finished.code_verifier, begun.code_verifier);
    assert_eq!(finished.nonce, begun.nonce);
    assert_eq!(finished.return_to, "/orders?page=2#top");
}

#[test]
fn the_challenge_is_that_of_rfc_7636_for_the_verifier() {
    let begun = flow().begin(&HeaderMap::new(), "/").unwrap();
    let digest = Sha256::digest(begun.code_verifier.as_bytes());
    assert_eq!(begun.code_challenge, URL_SAFE_NO_PAD.encode(digest));
    assert_eq!(begun.code_verifier.len(), 43);
    let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    assert!(begun.code_verifier.chars().all(is_unreserved));
    assert!(begun.nonce.chars().all(is_unreserved));
    assert!(begun.state.chars().all(is_unreserved));
}

#[test]
fn nothing_comes_twice_and_no_secret_is_in_what_travels() {
    let flow = flow();
    let mut browser = Browser::default();
    let begun: Vec<_> = (0..50).map(|_| browser.begin(&flow, "/")).collect();
    let mut all: Vec<_> = begun
        .iter()
        .flat_map(|begun| {
            [
                &begun.state,
                &begun.nonce,
                &begun.code_challenge,
                &begun.code_verifier,
            ]
        })
        .collect();
    for begun in &begun {
        assert!(!begun.state.contains(&begun.code_verifier));
        assert!(!set_cookie(begun).contains(&begun.code_verifier));
        let shown = format!("{begun:?} {:?}", browser.finish(&flow, &begun.state));
        for secret in [&begun.state, &begun.nonce, &begun.code_verifier] {
            assert!(!shown.contains(secret.as_str()), "{shown}");
        }
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 200);
}

#[test]
fn twenty_tabs_of_a_browser_share_one_cookie_and_all_come_back() {
    let flow = flow();
    let mut browser = Browser::default();
    browser.begin(&flow, "/");
    // All ask before any of the responses is there.
    let tabs: Vec<_> = (0..20)
        .map(|tab| flow.begin(&browser.request(), &format!("/{tab}")).unwrap())
        .collect();
    for begun in &tabs {
        browser.take(&begun.response_headers().unwrap());
    }
    for (tab, begun) in tabs.iter().enumerate().rev() {
        let finished = browser.come_back(&flow, &begun.state).unwrap();
        assert_eq!(finished.return_to, format!("/{tab}"));
        assert_eq!(finished.code_verifier, begun.code_verifier);
    }
}

#[test]
fn twenty_tabs_of_a_browser_without_a_cookie_come_back_at_the_second_try_at_the_latest() {
    let flow = flow();
    let tabs: Vec<_> = (0..20)
        .map(|tab| flow.begin(&HeaderMap::new(), &format!("/{tab}")).unwrap())
        .collect();
    let mut browser = Browser::default();
    for begun in &tabs {
        browser.take(&begun.response_headers().unwrap());
    }
    for (tab, begun) in tabs.iter().enumerate() {
        let path = format!("/{tab}");
        let finished = match browser.finish(&flow, &begun.state) {
            Ok(finished) => finished,
            Err(error) => {
                assert_eq!(error.code(), "other_browser");
                assert_eq!(error.return_to(), path);
                let again = browser.begin(&flow, error.return_to());
                browser.finish(&flow, &again.state).unwrap()
            }
        };
        assert_eq!(finished.return_to, path);
    }
}

#[test]
fn a_state_is_of_no_use_once_the_browser_has_come_back_with_it() {
    let flow = flow();
    let mut browser = Browser::default();
    let first = browser.begin(&flow, "/first");
    let second = browser.begin(&flow, "/second");
    browser.come_back(&flow, &first.state).unwrap();
    let error = browser.finish(&flow, &first.state).unwrap_err();
    assert_eq!((error.code(), error.return_to()), ("used", "/first"));
    // Nor after more of them, and what is still away comes back.
    browser.begin(&flow, "/");
    browser.come_back(&flow, &second.state).unwrap();
    for begun in [&first, &second] {
        assert_eq!(
            browser.finish(&flow, &begun.state).unwrap_err().code(),
            "used"
        );
    }
    // However many, the cookie stays small.
    for _ in 0..100 {
        let begun = browser.begin(&flow, "/");
        browser.come_back(&flow, &begun.state).unwrap();
        assert_eq!(
            browser.finish(&flow, &begun.state).unwrap_err().code(),
            "used"
        );
    }
    assert!(browser.cookie.len() < 1200, "{}", browser.cookie.len());
}

#[test]
fn a_copy_of_the_cookie_is_of_use_for_two_days_however_it_is_used() {
    let clock = TestClock::at(NOW);
    let flow = builder(&clock).build().unwrap();
    let mut ada = Browser::default();
    ada.begin(&flow, "/");
    let mut thief = Browser {
        cookie: ada.cookie.clone(),
    };
    let mut last = 0;
    for hours in 0..100 {
        let (own, stolen) = (ada.begin(&flow, "/"), thief.begin(&flow, "/"));
        assert!(ada.finish(&flow, &own.state).is_ok(), "{hours}");
        if ada.finish(&flow, &stolen.state).is_ok() || thief.finish(&flow, &own.state).is_ok() {
            last = hours;
        }
        clock.advance(HOUR);
    }
    assert!((20..=48).contains(&last), "{last}");
}

#[test]
fn what_was_begun_before_the_secret_was_drawn_anew_comes_back() {
    let clock = TestClock::at(NOW);
    let flow = builder(&clock)
        .lifetime(Duration::from_secs(24 * HOUR))
        .build()
        .unwrap();
    let mut browser = Browser::default();
    browser.begin(&flow, "/");
    clock.advance(24 * HOUR - 1);
    let away = browser.begin(&flow, "/away");
    for _ in 0..23 {
        clock.advance(HOUR);
        let begun = browser.begin(&flow, "/");
        assert!(browser.finish(&flow, &begun.state).is_ok());
        let back = browser.finish(&flow, &away.state).unwrap();
        assert_eq!(back.code_verifier, away.code_verifier);
    }
}

#[test]
fn keys_that_cannot_be_read_leave_the_old_ones_to_cookie_and_state() {
    let flow = flow();
    let mut browser = Browser::default();
    let begun = browser.begin(&flow, "/");
    let path = std::env::temp_dir().join(format!("haversack-half-{}", std::process::id()));
    for text in ["garbage".to_owned(), format!("{0},{0}", key(2).to_text())] {
        std::fs::write(&path, text).unwrap();
        assert!(flow.reload(&KeySource::file(&path)).is_err());
        assert!(browser.finish(&flow, &begun.state).is_ok());
    }
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_state_of_another_browser_is_refused() {
    let flow = flow();
    let (mut mallory, mut ada) = (Browser::default(), Browser::default());
    let begun = mallory.begin(&flow, "/account");
    let error = ada.finish(&flow, &begun.state).unwrap_err();
    assert!(
        matches!(&error, FinishError::NoCookie { return_to, .. } if return_to == "/account"),
        "{error:?}"
    );
    ada.begin(&flow, "/");
    let error = ada.finish(&flow, &begun.state).unwrap_err();
    assert!(
        matches!(&error, FinishError::OtherBrowser { return_to, .. } if return_to == "/account"),
        "{error:?}"
    );
    // Nothing that Ada began is lost by it.
    let begun = ada.begin(&flow, "/");
    assert!(ada.finish(&flow, &begun.state).is_ok());
}

#[test]
fn a_state_is_too_old_after_its_lifetime_and_not_before() {
    let clock = TestClock::at(NOW);
    let flow = builder(&clock)
        .lifetime(Duration::from_secs(600))
        .build()
        .unwrap();
    let mut browser = Browser::default();
    let begun = browser.begin(&flow, "/");
    clock.set(NOW + 599);
    assert!(browser.finish(&flow, &begun.state).is_ok());
    clock.set(NOW + 600);
    // With a cookie that lives, and with one that does not.
    for browser in [&browser, &{
        let mut other = Browser::default();
        other.begin(&flow, "/");
        other
    }] {
        let error = browser.finish(&flow, &begun.state).unwrap_err();
        assert_eq!(error, FinishError::State(Rejected::Expired));
    }
}

#[test]
fn the_cookie_lives_for_a_day_from_the_last_that_was_begun() {
    let clock = TestClock::at(NOW);
    let flow = builder(&clock).build().unwrap();
    let mut browser = Browser::default();
    browser.begin(&flow, "/1");
    clock.set(NOW + 24 * HOUR - 1);
    let second = browser.begin(&flow, "/2");
    assert!(
        set_cookie(&second).contains("; Max-Age=86400;"),
        "{}",
        set_cookie(&second)
    );
    clock.set(NOW + 25 * HOUR - 2);
    assert_eq!(
        browser.finish(&flow, &second.state).unwrap().return_to,
        "/2"
    );
}

#[test]
fn flows_of_different_lifetimes_leave_each_other_alone() {
    let clock = TestClock::at(NOW);
    let long = builder(&clock)
        .lifetime(Duration::from_secs(24 * HOUR))
        .build()
        .unwrap();
    let short = CodeFlow::sealed("other", ring(1)).lifetime(Duration::from_secs(60));
    let short = short.clock(clock.clone()).build().unwrap();
    let mut browser = Browser::default();
    let begun = browser.begin(&long, "/");
    clock.advance(HOUR);
    browser.begin(&short, "/");
    clock.advance(20 * HOUR);
    browser.begin(&short, "/");
    assert!(browser.finish(&long, &begun.state).is_ok());
}

#[test]
fn a_state_of_another_provider_tenant_key_or_purpose_is_refused() {
    let clock = TestClock::at(NOW);
    let flow = flow();
    let mut browser = Browser::default();
    let begun = browser.begin(&flow, "/");
    let other = CodeFlow::sealed("other", ring(1))
        .clock(clock.clone())
        .build()
        .unwrap();
    let tenant = flow.context("tenant-1").unwrap();
    let built = builder(&clock).context("tenant-1").build().unwrap();
    let not_authentic = FinishError::State(Rejected::NotAuthentic);
    for refusing in [&other, &tenant, &built] {
        assert_eq!(
            browser.finish(refusing, &begun.state).unwrap_err(),
            not_authentic
        );
        // The cookie is that of all.
        let begun = browser.begin(refusing, "/");
        assert!(browser.finish(refusing, &begun.state).is_ok());
        assert_eq!(
            browser.finish(&flow, &begun.state).unwrap_err(),
            not_authentic
        );
    }
    assert!(
        browser
            .finish(&built, &browser_state(&tenant, &browser))
            .is_ok()
    );
    let unknown = CodeFlow::sealed("directory", ring(2))
        .clock(clock.clone())
        .build()
        .unwrap();
    let reason = FinishError::State(Rejected::UnknownKey);
    assert_eq!(browser.finish(&unknown, &begun.state).unwrap_err(), reason);

    let reset = Ticket::<String>::sealed("directory", ring(1)).clock(clock.clone());
    let token = reset.build().unwrap().seal_unbound(&"/".into()).unwrap();
    assert_eq!(browser.finish(&flow, &token).unwrap_err(), not_authentic);
    let (_, cookie) = browser.cookie.split_once('=').unwrap();
    assert_eq!(browser.finish(&flow, cookie).unwrap_err(), not_authentic);
}

fn browser_state(flow: &CodeFlow, browser: &Browser) -> String {
    flow.begin(&browser.request(), "/").unwrap().state
}

#[test]
fn a_cookie_that_does_not_open_begins_anew_and_finishes_nothing() {
    let flow = flow();
    let mut browser = Browser::default();
    let begun = browser.begin(&flow, "/");
    browser.cookie = tampered(&browser.cookie);
    let error = browser.finish(&flow, &begun.state).unwrap_err();
    assert!(
        matches!(
            error,
            FinishError::CookieRejected {
                rejected: Rejected::NotAuthentic,
                ..
            }
        ),
        "{error:?}"
    );
    let begun = browser.begin(&flow, "/");
    assert!(browser.finish(&flow, &begun.state).is_ok());
}

#[test]
fn where_to_go_on_to_is_a_path_of_this_site() {
    let flow = flow();
    let mut browser = Browser::default();
    for hostile in [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\r\nb: c",
        "/%2e./",
    ] {
        let begun = browser.begin(&flow, hostile);
        assert_eq!(
            browser.finish(&flow, &begun.state).unwrap().return_to,
            "/",
            "{hostile:?}"
        );
    }
    // The longest path there is, and one octet more.
    let longest = format!("/{}", "a".repeat(2047));
    let begun = browser.begin(&flow, &longest);
    assert_eq!(
        browser.finish(&flow, &begun.state).unwrap().return_to,
        longest
    );
    let begun = browser.begin(&flow, &format!("{longest}a"));
    assert_eq!(browser.finish(&flow, &begun.state).unwrap().return_to, "/");
}

#[test]
fn the_cookie_has_the_safest_attributes_with_which_the_browser_comes_back() {
    let begun = |builder: CodeFlowBuilder| {
        let begun = builder
            .build()
            .unwrap()
            .begin(&HeaderMap::new(), "/")
            .unwrap();
        let cookie = set_cookie(&begun);
        let (name, rest) = cookie.split_once('=').unwrap();
        let (_, attributes) = rest.split_once("; ").unwrap();
        let attributes: Vec<_> = attributes
            .split("; ")
            .filter(|a| !a.starts_with("Expires"))
            .collect();
        (name.to_owned(), attributes.join("; "))
    };
    let clock = TestClock::at(NOW);
    let (name, attributes) = begun(builder(&clock));
    assert_eq!(name, "__Host-Http-oauth");
    let lax = "Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=Lax";
    assert_eq!(sorted(&attributes), sorted(lax));
    let (name, attributes) = begun(builder(&clock).form_post());
    assert_eq!(name, "__Host-Http-oauth-form-post");
    assert_eq!(sorted(&attributes), sorted(&lax.replace("Lax", "None")));
    let (name, attributes) = begun(builder(&clock).insecure());
    assert_eq!(name, "oauth");
    assert!(!attributes.contains("Secure"), "{attributes}");
    let (name, attributes) = begun(builder(&clock).domain("shop.example"));
    assert_eq!(name, "__Secure-oauth");
    assert!(attributes.contains("Domain=shop.example"), "{attributes}");
}

fn sorted(attributes: &str) -> Vec<&str> {
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    attributes
}

#[test]
fn no_cache_keeps_the_response_that_leads_to_the_provider() {
    let begun = flow().begin(&HeaderMap::new(), "/").unwrap();
    let headers = begun.response_headers().unwrap();
    let rest: Vec<_> = headers[1..]
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(rest, [("cache-control", "no-store"), ("vary", "cookie")]);

    let mut map = HeaderMap::new();
    map.insert("cache-control", "public".parse().unwrap());
    map.insert("set-cookie", "theme=dark".parse().unwrap());
    begun.save(&mut map).unwrap();
    assert_eq!(map["cache-control"], "no-store");
    assert_eq!(map["vary"], "cookie");
    assert_eq!(map.get_all("set-cookie").iter().count(), 2);
}

#[test]
fn keys_are_replaced_without_losing_who_is_away() {
    let flow = flow();
    let mut browser = Browser::default();
    let begun = browser.begin(&flow, "/");
    flow.rotate(ring(2).also_opens(key(1))).unwrap();
    assert!(browser.finish(&flow, &begun.state).is_ok());
    // With the new key, and the secret that the browser has.
    let second = browser.begin(&flow, "/");
    assert!(browser.finish(&flow, &begun.state).is_ok());
    flow.clone().rotate(ring(2)).unwrap();
    assert!(browser.finish(&flow, &second.state).is_ok());
    let reason = FinishError::State(Rejected::UnknownKey);
    assert_eq!(browser.finish(&flow, &begun.state).unwrap_err(), reason);

    let twice: KeyRing = KeyRing::new(key(3)).also_opens(key(3));
    assert_eq!(flow.rotate(twice).unwrap_err().setting(), "key ring");
    assert!(browser.finish(&flow, &second.state).is_ok());
}

#[test]
fn keys_are_read_again_from_their_source() {
    let flow = flow();
    let path = std::env::temp_dir().join(format!("haversack-oauth-{}", std::process::id()));
    std::fs::write(&path, key(2).to_text()).unwrap();
    let source = KeySource::file(&path);
    flow.reload(&source).unwrap();
    let mut browser = Browser::default();
    let begun = browser.begin(&flow, "/");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(flow.reload(&source).unwrap_err().setting(), "key source");
    let other = CodeFlow::sealed("directory", ring(2))
        .clock(|| NOW)
        .build()
        .unwrap();
    assert!(browser.finish(&other, &begun.state).is_ok());
}

#[test]
fn a_setting_that_cannot_work_is_refused() {
    let clock = TestClock::at(NOW);
    for (builder, setting) in [
        (CodeFlow::sealed("", ring(1)), "provider"),
        (CodeFlow::sealed("a b", ring(1)), "provider"),
        (CodeFlow::sealed(&"n".repeat(59), ring(1)), "provider"),
        (builder(&clock).lifetime(Duration::ZERO), "lifetime"),
        (
            builder(&clock).lifetime(Duration::from_secs(24 * HOUR + 1)),
            "lifetime",
        ),
        (builder(&clock).context(""), "context"),
        (builder(&clock).form_post().insecure(), "same_site"),
        (builder(&clock).domain("-"), "domain"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.setting(), setting, "{error}");
    }
    assert!(CodeFlow::sealed(&"n".repeat(58), ring(1)).build().is_ok());
    assert_eq!(flow().context("").unwrap_err().setting(), "context");
}

/// Has no randomness to give.
struct Broken;

impl Random for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError::new())
    }
}

#[test]
fn without_randomness_nothing_begins() {
    let flow = builder(&TestClock::at(NOW)).random(Broken).build().unwrap();
    assert!(matches!(
        flow.begin(&HeaderMap::new(), "/"),
        Err(SaveError::Random(_))
    ));
}

#[test]
fn the_cookie_is_no_session_of_the_application_s_and_none_of_those_is_the_cookie() {
    let flow = flow();
    let mut browser = Browser::default();
    let begun = browser.begin(&flow, "/");
    let (_, token) = browser.cookie.split_once('=').unwrap();
    let login = Codec::<String>::sealed("login", ring(1))
        .clock(|| NOW)
        .build()
        .unwrap();
    assert_eq!(login.open(token).unwrap_err(), Rejected::NotAuthentic);
    let planted = login.seal(&"A".repeat(43)).unwrap();
    browser.cookie = format!("__Host-Http-oauth={planted}");
    assert_eq!(
        browser.finish(&flow, &begun.state).unwrap_err().code(),
        "cookie_rejected"
    );
}

#[test]
fn what_is_shown_of_a_flow_is_no_secret() {
    let flow = flow();
    let shown = format!("{flow:?} {:?}", builder(&TestClock::at(NOW)));
    assert!(shown.contains("oauth-directory"), "{shown}");
    assert!(!shown.contains(&URL_SAFE_NO_PAD.encode(bytes(1))));
}

proptest! {
    #[test]
    fn no_state_and_no_cookie_breaks_a_flow(
        state in proptest::collection::vec(any::<u8>(), 0..200),
        cookie in proptest::collection::vec(any::<u8>(), 0..200),
        return_to in ".{0,200}",
    ) {
        let flow = flow();
        prop_assert!(flow.finish(&request(&cookie), &state).is_err());
        let begun = flow.begin(&request(&cookie), &return_to).unwrap();
        let mut altered = begun.state.clone().into_bytes();
        let index = state.len() % altered.len();
        altered[index] = altered[index].wrapping_add(1 + state.first().unwrap_or(&0) % 255);
        prop_assert!(flow.finish(&request(&cookie), &altered).is_err());
    }
}
