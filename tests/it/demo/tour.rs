//! What the demo shows beside signing in and out.

use reqwest::{
    StatusCode,
    blocking::{Client, Response},
    redirect::Policy,
};
use serde_json::{Value, json};

use super::{Demo, PLAIN, Visitor, cookie, cookies, location, text, wait_until};

#[test]
fn who_asks_to_be_kept_signed_in_has_a_cookie_that_lives_longer() {
    let demo = Demo::start(&[PLAIN]);
    let (ada, bob) = (demo.client(), demo.client());
    let max_age = |response: Response| {
        let line = cookies(&response)[0].to_owned();
        let age = line.split("Max-Age=").nth(1).unwrap();
        age.split(';').next().unwrap().parse::<u64>().unwrap()
    };
    let remembered = max_age(ada.send("/login", &[("user", "ada"), ("remember", "1")]));
    assert_eq!(remembered, 14 * 24 * 3600);
    assert_eq!(max_age(bob.post("/login", "user", "bob")), 1800);
    assert_eq!(ada.json("/sessions")["login"]["remembered"], true);
    assert_eq!(bob.json("/sessions")["login"]["remembered"], false);
}

#[test]
fn a_message_is_shown_once_also_to_who_is_signed_out() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    ada.post("/login", "user", "ada");
    assert_eq!(ada.json("/sessions")["flashes"], json!([]));
    ada.post("/logout", "", "");
    let flashes = ada.json("/sessions")["flashes"].take();
    assert_eq!(flashes, json!(["You are signed out."]));
    assert_eq!(ada.json("/sessions")["flashes"], json!([]));
}

#[test]
fn a_page_behind_the_guard_sends_to_the_sign_in_and_comes_back() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    let sign_in = ada.visit("/account");
    assert_eq!(location(&sign_in), "/login?next=/account");
    let page = ada.visit(location(&sign_in)).text().unwrap();
    assert!(page.contains(r#"name="next" value="/account""#), "{page}");
    let form = [("user", "ada"), ("next", "/account")];
    assert_eq!(location(&ada.send("/login", &form)), "/account");
    assert_eq!(ada.visit("/account").status(), StatusCode::OK);
    // A script is told in a word.
    assert_eq!(
        demo.client().get("/account").status(),
        StatusCode::UNAUTHORIZED
    );
}

#[test]
fn what_matters_asks_for_a_fresh_proof() {
    let demo = Demo::start(&[PLAIN, ("FRESH_SECS", "2")]);
    let ada = demo.client();
    ada.post("/login", "user", "ada");
    let before = ada.json("/sessions")["login"].take();
    wait_until(|| ada.visit("/account/email").status() == StatusCode::SEE_OTHER);
    let ask = ada.visit("/account/email");
    assert_eq!(location(&ask), "/confirm?next=/account/email");
    assert_eq!(ada.get("/account/email").status(), StatusCode::FORBIDDEN);
    let late = ada.post("/account/email", "email", "ada@example.com");
    assert_eq!(late.status(), StatusCode::FORBIDDEN);

    let confirmed = ada.post("/confirm", "next", "/account/email");
    assert_eq!(location(&confirmed), "/account/email");
    assert_eq!(ada.visit("/account/email").status(), StatusCode::OK);
    let after = ada.json("/sessions")["login"].take();
    assert!(after["authenticated"].as_u64() > before["authenticated"].as_u64());
    assert_eq!(after["ends"], before["ends"]);
}

#[test]
fn a_new_address_is_in_the_session() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    ada.post("/login", "user", "ada");
    let changed = ada.post("/account/email", "email", "\"<ada>\"@example.com");
    assert_eq!(location(&changed), "/account");
    let page = ada.visit("/account").text().unwrap();
    assert!(
        page.contains("&quot;&lt;ada&gt;&quot;@example.com"),
        "{page}"
    );
}

/// The path of the link that a person is sent.
fn link(response: Response) -> String {
    let page = response.text().unwrap();
    let at = page.find("/reset?ticket=").unwrap();
    page[at..].split('"').next().unwrap().to_owned()
}

#[test]
fn a_reset_link_works_once_and_signs_out_what_the_old_password_signed_in() {
    let demo = Demo::start(&[PLAIN]);
    let (ada, thief) = (demo.client(), demo.client());
    thief.post("/login", "user", "ada");
    let link = link(ada.post("/reset", "user", "ada"));
    let page = ada.visit(&link);
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(page.headers()["referrer-policy"], "same-origin");

    let ticket = link.split('=').nth(1).unwrap();
    let form = [("ticket", ticket), ("password", "correct horse")];
    assert_eq!(location(&ada.send("/reset/password", &form)), "/login");
    for again in [ada.visit(&link), ada.send("/reset/password", &form)] {
        assert_eq!(again.status(), StatusCode::FORBIDDEN);
        assert!(again.text().unwrap().contains("other_binding"));
    }
    assert_eq!(thief.json("/sessions")["login"]["rejected"], "revoked");
    assert_eq!(
        thief.post("/login", "user", "ada").status(),
        StatusCode::FORBIDDEN
    );
    let form = [("user", "ada"), ("password", "correct horse")];
    assert_eq!(location(&ada.send("/login", &form)), "/");
    assert_eq!(ada.json("/me"), json!({ "user": "ada" }));
    // It asks for the same password when it asks again.
    let wrong = ada.post("/confirm", "password", "wrong");
    assert_eq!(wrong.status(), StatusCode::FORBIDDEN);
}

#[test]
fn a_changed_character_is_not_authentic_writes_nothing_and_can_be_changed_back() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    assert_eq!(
        ada.post("/tamper", "session", "login").status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
    ada.post("/login", "user", "ada");
    ada.post("/cart", "item", "apple");
    ada.json("/sessions");
    for session in ["login", "cart"] {
        let other = if session == "login" { "cart" } else { "login" };
        ada.post("/tamper", "session", session);
        let response = ada.get("/sessions");
        assert!(cookies(&response).is_empty());
        let sessions = response.json::<Value>().unwrap();
        assert_eq!(sessions[session]["rejected"], "not_authentic");
        assert_eq!(sessions[session]["value"], Value::Null);
        assert_ne!(sessions[other]["value"], Value::Null);
        ada.post("/tamper", "session", session);
        assert_ne!(ada.json("/sessions")[session]["value"], Value::Null);
    }
}

#[test]
fn new_keys_reseal_a_session_when_it_is_used_and_four_are_kept() {
    let demo = Demo::start(&[PLAIN]);
    let (ada, bob) = (demo.client(), demo.client());
    ada.post("/login", "user", "ada");
    bob.post("/login", "user", "bob");
    assert!(cookies(&ada.get("/me")).is_empty());
    let before = ada.json("/sessions")["keys"].take();
    assert_eq!(location(&ada.post("/rotate", "", "")), "/");
    let used = ada.get("/me");
    assert_eq!(used.status(), StatusCode::OK);
    assert!(cookie(&used, "login").starts_with("login="));
    assert!(cookies(&ada.get("/me")).is_empty());
    assert_ne!(ada.json("/sessions")["keys"], before);
    for _ in 0..3 {
        ada.post("/rotate", "", "");
        assert_eq!(ada.json("/me"), json!({ "user": "ada" }));
    }
    assert_eq!(bob.json("/sessions")["login"]["rejected"], "unknown_key");
}

#[test]
fn a_note_of_one_tenant_does_not_open_for_another() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    ada.post("/tenants/north/note", "text", "snow");
    let (north, south) = (
        ada.json("/tenants/north/note"),
        ada.get("/tenants/south/note"),
    );
    assert_eq!(north["value"], json!({ "text": "snow" }));
    assert!(cookies(&south).is_empty());
    assert_eq!(south.json::<Value>().unwrap()["rejected"], "not_authentic");
    assert_eq!(
        ada.get("/tenants/west/note").status(),
        StatusCode::NOT_FOUND
    );
}

#[test]
fn an_emptied_cart_is_not_brought_back_by_a_slower_answer() {
    let demo = Demo::start(&[PLAIN]);
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let ada = Visitor::at(&demo, &client);
    let added = ada.post("/cart", "item", "apple");
    let emptied = ada.post("/cart/empty", "", "");
    // The browser got the mark first, and then the cart.
    let both = format!(
        "{}; {}",
        cookie(&emptied, "cart.end"),
        cookie(&added, "cart")
    );
    let sessions = client
        .get(format!("{}/sessions", demo.url))
        .header("cookie", both);
    let sessions = sessions.send().unwrap().json::<Value>().unwrap();
    assert_eq!(sessions["cart"]["rejected"], "ended");
}

#[test]
fn the_page_is_told_when_the_login_ends() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    ada.post("/login", "user", "ada");
    let ends = ada.get("/me").headers()["session-ends"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(ends.starts_with("idle="), "{ends}");
}

#[test]
fn the_wire_shows_the_headers_as_they_went_over_it() {
    let demo = Demo::start(&[PLAIN]);
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let post = |path: &str, cookie: &str| {
        let request = client
            .post(format!("{}{path}", demo.url))
            .header("x-demo-wire", "1");
        let request = request.header("cookie", cookie);
        request.form(&[("user", "ada")]).send().unwrap()
    };
    let response = post("/login", "theme=dark; other=1");
    assert_eq!(response.status(), StatusCode::OK);
    let set = cookies(&response)
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let exchange = response.json::<Value>().unwrap();
    let header = |side: &str, name: &str| {
        let lines = exchange[side]["headers"].as_array().unwrap().iter();
        let lines = lines.filter(|line| line[0] == name);
        lines
            .map(|line| line[1].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(header("request", "cookie"), ["theme=dark; other=1"]);
    assert_eq!(exchange["request"]["path"], "/login");
    assert_eq!(exchange["response"]["status"], 303);
    assert_eq!(header("response", "set-cookie"), set);
    assert_eq!(header("response", "location"), ["/"]);
    assert_eq!(header("response", "cache-control"), ["no-store"]);
    assert!(set[0].starts_with("login="));

    // It opens nothing to other sites.
    let forged = client
        .post(format!("{}/login", demo.url))
        .header("x-demo-wire", "1");
    let forged = forged
        .header("sec-fetch-site", "cross-site")
        .form(&[("user", "mallory")]);
    let forged = forged.send().unwrap();
    assert!(cookies(&forged).is_empty());
    assert!(!forged.headers().contains_key("access-control-allow-origin"));
    assert_eq!(forged.json::<Value>().unwrap()["response"]["status"], 403);
}

#[test]
fn a_link_that_an_older_key_sealed_still_works() {
    let keys = text();
    let demo = Demo::start(&[PLAIN, ("SESSION_KEYS", &keys)]);
    let ada = demo.client();
    let link = link(ada.post("/reset", "user", "ada"));
    ada.post("/rotate", "", "");
    assert_eq!(ada.visit(&link).status(), StatusCode::OK);
}
