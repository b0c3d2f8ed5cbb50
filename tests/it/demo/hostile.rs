//! What nobody means well with: the demo answers with a reason, and never with a 5xx.

use reqwest::StatusCode;

use super::{Demo, PLAIN, location};

#[test]
fn messages_that_nobody_asks_for_do_not_fill_the_cookie() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    for _ in 0..200 {
        let response = ada.post("/logout", "", "");
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
    }
}

#[test]
fn a_sign_in_goes_on_to_no_other_site() {
    let demo = Demo::start(&[PLAIN]);
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let form = [("user", "ada"), ("next", next)];
        assert_eq!(location(&demo.client().send("/login", &form)), "/");
    }
}

#[test]
fn pages_run_nothing_but_their_own_scripts() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    for path in [
        "/",
        "/login",
        "/tour.js",
        "/wire.js",
        "/tour.css",
        "/icon.svg",
        "/nowhere",
    ] {
        let response = ada.visit(path);
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{path}"
        );
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let body = response.text().unwrap();
        assert!(
            !body.contains("style=") && !body.contains(" onclick="),
            "{path}"
        );
        assert!(
            !body.contains("https://"),
            "{path}: something from elsewhere"
        );
    }
}

#[test]
fn what_a_person_writes_is_no_html() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    ada.post("/login", "user", "<script>alert(1)</script>");
    for path in ["/account", "/confirm"] {
        let page = ada.visit(path).text().unwrap();
        assert!(page.contains("&lt;script&gt;"), "{path}");
        assert!(!page.contains("<script>"), "{path}");
    }
    let reset = ada.post("/reset", "user", "<b>").text().unwrap();
    assert!(reset.contains("&lt;b&gt;") && !reset.contains("<b>"));
    let page = ada
        .visit("/login?next=/a%22%3E%3Cscript%3E")
        .text()
        .unwrap();
    assert!(!page.contains("<script>"));
}

#[test]
fn no_form_makes_the_server_fail() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    ada.post("/login", "user", "ada");
    let long = "a".repeat(1500);
    let paths = [
        "/login",
        "/cart",
        "/api/token",
        "/reset",
        "/reset/password",
        "/confirm",
        "/account/email",
        "/tamper",
        "/tenants/north/note",
        "/tenants/%00/note",
    ];
    for path in paths {
        for value in [
            "",
            " ",
            "\0",
            "a\r\nb",
            &long,
            "\u{202e}%zz",
            "../..",
            "<>'\"&",
        ] {
            let form = [
                "user", "item", "text", "email", "session", "ticket", "password", "next",
            ];
            let form = form.map(|field| (field, value));
            let status = ada.send(path, &form).status();
            assert!(!status.is_server_error(), "{path}, {value:?}: {status}");
        }
        for body in [
            "",
            "user",
            "=&=&=",
            "user=a&user=b",
            "user=%ff%fe",
            "\u{7f}",
        ] {
            let request = ada.client.post(format!("{}{path}", demo.url));
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let status = request.body(body).send().unwrap().status();
            assert!(!status.is_server_error(), "{path}, {body:?}: {status}");
        }
        let request = ada.client.post(format!("{}{path}", demo.url));
        let status = request.body("{}").send().unwrap().status();
        assert!(!status.is_server_error(), "{path}: {status}");
    }
    for path in [
        "/reset?ticket=AbCd",
        "/reset",
        "/login?next=%ff",
        "/reset?ticket=%00",
    ] {
        let status = ada.visit(path).status();
        assert!(!status.is_server_error(), "{path}: {status}");
    }
    for user in ["", "  ", "a\nb", &"a".repeat(65)] {
        let status = demo.client().post("/login", "user", user).status();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{user:?}");
    }
}

#[test]
fn a_full_cart_says_so() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    for _ in 0..20 {
        let added = ada.post("/cart", "item", &"\"".repeat(40));
        assert_eq!(added.status(), StatusCode::SEE_OTHER);
    }
    let more = ada.post("/cart", "item", "apple");
    assert_eq!(more.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ada.json("/cart")["items"].as_array().unwrap().len(), 20);
}
