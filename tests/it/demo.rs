//! The demo over real TCP, driven by `curl` with its own cookie jar and by `reqwest`.

mod hostile;
mod start;
mod tour;

use std::{
    cell::RefCell,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use haversack::{Clock as _, Key, SystemClock};
use reqwest::{
    StatusCode,
    blocking::{Client, Response},
    redirect::Policy,
};
use serde_json::{Value, json};

/// A running demo; it is stopped when dropped.
struct Demo {
    process: Child,
    url: String,
}

impl Demo {
    fn start(variables: &[(&str, &str)]) -> Demo {
        let mut process = Command::new(binary())
            .env_clear()
            .env("PORT", "0")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .to_owned();
        Demo { process, url }
    }

    fn client(&self) -> Visitor<'_> {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        Visitor::at(self, &client)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The demo's program, built as it is now.
fn binary() -> &'static str {
    static BUILT: OnceLock<String> = OnceLock::new();
    BUILT.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--example",
                "demo",
                "--message-format=json",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(output.status.success());
        output
            .stdout
            .split(|octet| *octet == b'\n')
            .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
            .find_map(|message| Some(message["executable"].as_str()?.to_owned()))
            .unwrap()
    })
}

/// A browser of sorts.
struct Visitor<'d> {
    demo: &'d Demo,
    client: Client,
}

impl<'d> Visitor<'d> {
    fn at(demo: &'d Demo, client: &Client) -> Visitor<'d> {
        let client = client.clone();
        Visitor { demo, client }
    }

    fn post(&self, path: &str, field: &str, value: &str) -> Response {
        let url = format!("{}{path}", self.demo.url);
        self.client
            .post(url)
            .form(&[(field, value)])
            .send()
            .unwrap()
    }

    fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.demo.url);
        self.client.get(url).send().unwrap()
    }

    fn json(&self, path: &str) -> Value {
        self.get(path).json().unwrap()
    }

    fn send(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.client.post(format!("{}{path}", self.demo.url));
        request.form(form).send().unwrap()
    }

    /// Follows a link, as a browser does.
    fn visit(&self, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.demo.url));
        request.header("accept", "text/html").send().unwrap()
    }
}

fn cookies(response: &Response) -> Vec<&str> {
    let values = response.headers().get_all("set-cookie").iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

fn cookie<'r>(response: &'r Response, name: &str) -> &'r str {
    let pairs = cookies(response);
    let mut pairs = pairs
        .into_iter()
        .map(|line| line.split(';').next().unwrap());
    pairs
        .find(|pair| pair.split('=').next() == Some(name))
        .unwrap()
}

fn location(response: &Response) -> &str {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()["location"].to_str().unwrap()
}

fn text() -> String {
    Key::generate().unwrap().to_text()
}

/// Asks until the answer is so, for the demo's short limits only.
fn wait_until(answer: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !answer() {
        assert!(Instant::now() < patience, "it never came about");
        thread::yield_now();
    }
}

/// Cookies over plain http, which `reqwest`'s jar does not send to an address otherwise.
const PLAIN: (&str, &str) = ("INSECURE_COOKIES", "1");

#[test]
fn a_visitor_signs_in_comes_back_fills_a_cart_and_signs_out() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    assert_eq!(ada.get("/me").status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        ada.post("/login", "user", "ada").status(),
        StatusCode::SEE_OTHER
    );
    assert_eq!(ada.json("/me"), json!({ "user": "ada" }));
    ada.post("/cart", "item", "apple");
    ada.post("/cart", "item", "pear");
    assert_eq!(ada.json("/cart"), json!({ "items": ["apple", "pear"] }));

    let facts = ada.json("/sessions");
    assert_ne!(facts["login"]["id"], facts["cart"]["id"]);
    assert_eq!(facts["login"]["version"], 0);
    assert_eq!(facts["cart"]["version"], 1);

    ada.post("/logout", "", "");
    assert_eq!(ada.get("/me").status(), StatusCode::UNAUTHORIZED);
    assert_eq!(ada.json("/cart"), json!({ "items": ["apple", "pear"] }));
}

#[test]
fn visitors_do_not_share_sessions() {
    let demo = Demo::start(&[PLAIN]);
    let (ada, bob) = (demo.client(), demo.client());
    ada.post("/login", "user", "ada");
    bob.post("/login", "user", "bob");
    assert_eq!(ada.json("/me"), json!({ "user": "ada" }));
    assert_eq!(bob.json("/me"), json!({ "user": "bob" }));
}

#[test]
fn a_request_that_another_site_forged_reaches_no_session() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    ada.post("/login", "user", "ada");
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        for path in ["/login", "/logout", "/cart", "/api/token"] {
            let request = ada.client.post(format!("{}{path}", demo.url));
            let request = request.form(&[("user", "mallory"), ("item", "apple")]);
            let response = request.header(header, value).send().unwrap();
            assert_eq!(
                response.status(),
                StatusCode::FORBIDDEN,
                "{header}: {value}, {path}"
            );
            assert!(!response.headers().contains_key("set-cookie"));
        }
    }
    assert_eq!(ada.json("/me"), json!({ "user": "ada" }));
    let own = ada.client.post(format!("{}/logout", demo.url));
    let response = own.header("sec-fetch-site", "same-origin").send().unwrap();
    assert!(response.headers().contains_key("set-cookie"));
}

#[test]
fn a_token_in_a_header_signs_in_to_the_api() {
    let demo = Demo::start(&[]);
    let ada = demo.client();
    let response = ada.post("/api/token", "user", "ada");
    assert!(response.status().is_success());
    let token = response.headers()["x-session"].to_str().unwrap().to_owned();
    let me = |token: &str| {
        let request = ada.client.get(format!("{}/api/me", demo.url));
        request.bearer_auth(token).send().unwrap()
    };
    assert_eq!(
        me(&token).json::<Value>().unwrap(),
        json!({ "user": "ada" })
    );

    let tampered = me(&format!("{token}A"));
    assert_eq!(tampered.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        tampered.headers()["www-authenticate"],
        "Bearer error=\"invalid_token\""
    );
    assert_eq!(ada.get("/api/me").headers()["www-authenticate"], "Bearer");
}

#[test]
fn sessions_survive_a_restart_and_the_rotation_of_keys() {
    let (old, new) = (text(), text());
    let only_old = Demo::start(&[PLAIN, ("SESSION_KEYS", &old)]);
    let ada = only_old.client();
    ada.post("/login", "user", "ada");
    // Cookies belong to a host and not to a port, so a client keeps them over a restart.
    let client = ada.client.clone();
    drop(only_old);

    let ring = format!("{new},{old}");
    let rotated = Demo::start(&[PLAIN, ("SESSION_KEYS", &ring)]);
    assert!(
        Visitor::at(&rotated, &client)
            .get("/me")
            .headers()
            .contains_key("set-cookie")
    );
    assert!(
        !Visitor::at(&rotated, &client)
            .get("/me")
            .headers()
            .contains_key("set-cookie")
    );
    drop(rotated);

    let only_new = Demo::start(&[PLAIN, ("SESSION_KEYS", &new)]);
    assert_eq!(
        Visitor::at(&only_new, &client).json("/me"),
        json!({ "user": "ada" })
    );
}

#[test]
fn a_tampered_login_is_no_login_and_leaves_the_cart_alone() {
    let demo = Demo::start(&[PLAIN]);
    let ada = demo.client();
    let cookie = |response: Response| {
        let value = response.headers()["set-cookie"].to_str().unwrap();
        value.split(';').next().unwrap().to_owned()
    };
    let login = cookie(ada.post("/login", "user", "ada"));
    let cart = cookie(ada.post("/cart", "item", "apple"));
    let with = |cookies: String| {
        let client = Client::new();
        let get = move |path: &str| client.get(format!("{}{path}", demo.url));
        move |path: &str| get(path).header("cookie", cookies.clone()).send().unwrap()
    };
    let (rest, last) = login.split_at(login.len() - 1);
    let other = if last == "A" { "Q" } else { "A" };
    let get = with(format!("{rest}{other}; {cart}"));
    let me = get("/me");
    assert_eq!(me.status(), StatusCode::UNAUTHORIZED);
    assert!(!me.headers().contains_key("set-cookie"));
    let items = get("/cart").json::<Value>().unwrap();
    assert_eq!(items, json!({ "items": ["apple"] }));
}

#[test]
fn a_login_slides_while_it_is_used_expires_when_idle_and_ends_at_its_cap() {
    let demo = Demo::start(&[PLAIN, ("IDLE_SECS", "2"), ("CAP_SECS", "6")]);
    // A client that keeps the cookie past its Max-Age: the server itself must refuse it.
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let cookie = RefCell::new(String::new());
    let follow = |request: reqwest::blocking::RequestBuilder| {
        let response = request
            .header("cookie", cookie.borrow().as_str())
            .send()
            .unwrap();
        if let Some(value) = response.headers().get("set-cookie") {
            cookie.replace(value.to_str().unwrap().split(';').next().unwrap().into());
        }
        response
    };
    let sign_in = || {
        let request = client.post(format!("{}/login", demo.url));
        follow(request.form(&[("user", "ada")]));
    };
    let login = || {
        let request = client.get(format!("{}/sessions", demo.url));
        follow(request).json::<Value>().unwrap()["login"].take()
    };

    sign_in();
    let first = login();
    wait_until(|| login()["expires"].as_u64() > first["expires"].as_u64());
    let renewed = login();
    assert_eq!(renewed["id"], first["id"]);
    assert_eq!(renewed["started"], first["started"]);
    assert_eq!(renewed["ends"], first["ends"]);
    // It is in constant use, and still ends.
    wait_until(|| login()["rejected"] == "past_cap");

    sign_in();
    let expires = login()["expires"].as_u64().unwrap();
    wait_until(|| SystemClock.now() >= expires);
    assert_eq!(login()["rejected"], "expired");
}

#[test]
fn curl_signs_in_and_out_with_its_own_cookie_jar() {
    let demo = Demo::start(&[]);
    let jar = std::env::temp_dir().join(format!("haversack-{}.jar", std::process::id()));
    let curl = |arguments: &[&str], path: &str| {
        // To localhost curl sends Secure cookies over plain http, as browsers do.
        let url = demo.url.replace("127.0.0.1", "localhost") + path;
        let output = Command::new("curl")
            .args([
                "--silent",
                "--show-error",
                "--cookie",
                jar.to_str().unwrap(),
            ])
            .args(["--cookie-jar", jar.to_str().unwrap()])
            .args(arguments)
            .arg(url)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    curl(&["--data", "user=ada"], "/login");
    curl(&["--data", "item=apple"], "/cart");
    assert_eq!(curl(&[], "/me"), r#"{"user":"ada"}"#);
    assert_eq!(curl(&[], "/cart"), r#"{"items":["apple"]}"#);
    assert!(
        std::fs::read_to_string(&jar)
            .unwrap()
            .contains("__Host-Http-login")
    );

    curl(&["--request", "POST"], "/logout");
    let status = ["--output", "/dev/null", "--write-out", "%{http_code}"];
    assert_eq!(curl(&status, "/me"), "401");
    assert_eq!(curl(&[], "/cart"), r#"{"items":["apple"]}"#);
    assert!(
        !std::fs::read_to_string(&jar)
            .unwrap()
            .contains("__Host-Http-login")
    );
    std::fs::remove_file(jar).unwrap();
}

#[test]
fn it_stops_cleanly_on_an_interrupt() {
    let mut demo = Demo::start(&[]);
    demo.client().get("/");
    let id = demo.process.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(demo.process.wait().unwrap().success());
}
