//! What every program does.

use std::thread;

use frameworks::{FRESH, LINES};

use crate::{
    client::{Client, Connection, Request, Response},
    server::{Server, new_key},
    suite::hostile::{self, Random},
};

pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    /// What it is, for the table.
    pub(crate) says: &'static str,
    /// Panics if the program behaves otherwise. The word is for the table.
    pub(crate) test: fn(&Server) -> &'static str,
}

macro_rules! behaviours {
    ($($name:ident: $says:literal,)*) => {
        &[$(Behaviour {
            name: stringify!($name),
            says: $says,
            test: |server| $name(server).word(),
        }),*]
    };
}

pub(crate) const BEHAVIOURS: &[Behaviour] = behaviours![
    a_sign_in_is_read: "sign-in, and who is signed in",
    reading_writes_nothing: "a session that is only read writes nothing, and is for the client's own cache",
    an_update_stays: "update",
    use_renews_until_the_cap: "renewal, idle limit and cap",
    a_remembered_session_stays: "\"keep me signed in\"",
    a_sign_out_removes: "sign-out",
    flashes_are_shown_once: "flash messages",
    a_large_session_is_cut: "a session in several cookies",
    two_sessions_are_apart: "two sessions in one request",
    a_session_in_a_header: "session in a header",
    a_session_as_bearer: "JWT as `Bearer`, with its challenge",
    a_fresh_proof_is_asked_for: "step-up",
    a_guard_sends_to_the_sign_in: "guard with a redirect",
    a_guard_allows_some: "guard with a condition",
    a_guard_asks_for_a_fresh_proof: "guard with step-up",
    a_guard_sends_to_the_confirmation: "guard with step-up and a redirect, inside one that sends to the sign-in",
    a_tenant_by_host: "a tenant by `Host`, read and written by hand",
    what_is_changed_does_not_open: "a token that was changed doesn't open",
    a_refusal_writes_nothing: "a refusal writes nothing",
    rotation_signs_nobody_out: "a rotation under way signs nobody out",
    what_cannot_be_saved_is_a_500: "a session that can't be saved is an empty 500",
    an_error_keeps_the_sign_in: "a sign-in followed by the framework's error is a sign-in",
    error_pages: "error pages write sessions that were read, and no others",
    a_body_is_streamed: "streaming body",
    head_is_as_get: "`HEAD`",
    not_modified_has_the_headers: "304",
    only_what_was_looked_at_varies: "no `Vary` where no session was looked at",
    a_missing_layer_is_a_500: "a missing layer is a 500",
    requests_at_once_are_apart: "requests at once don't see each other's sessions",
    a_panic_leaks_nothing: "a handler that panics",
    hostile_headers_are_no_5xx: "10,000 hostile headers, no 5xx",
];

/// What a test has to say in the table.
trait Word {
    fn word(self) -> &'static str;
}

impl Word for () {
    fn word(self) -> &'static str {
        "yes"
    }
}

impl Word for &'static str {
    fn word(self) -> &'static str {
        self
    }
}

fn a_sign_in_is_read(server: &Server) {
    let mut client = server.client();
    client.get("/maybe").is(200, "nobody").only_read();
    let denied = client.get("/me");
    denied
        .is(401, "no live session")
        .with("cache-control", "no-store");
    assert!(!denied.sets_cookies() && denied.varies_by("cookie"));

    let response = client.post("/login", "user=7");
    response.is_a(303).with("location", "/me").written();
    let cookies: Vec<_> = response.values("set-cookie").collect();
    let [cookie] = cookies[..] else {
        panic!("{cookies:?}");
    };
    let mut parts = cookie.split("; ");
    assert!(
        parts
            .next()
            .is_some_and(|pair| pair.starts_with("__Host-Http-login="))
    );
    let attributes: Vec<_> = parts.filter(|part| !part.starts_with("Expires=")).collect();
    assert_eq!(
        attributes,
        [
            "Path=/",
            "SameSite=Lax",
            "Secure",
            "HttpOnly",
            "Max-Age=1800"
        ]
    );

    client.get("/me").is(200, "user 7").only_read();
    client.get("/maybe").is(200, "user 7").only_read();
    server.client().get("/maybe").is(200, "nobody");
}

fn reading_writes_nothing(server: &Server) {
    let mut client = server.client().signed_in(7);
    for _ in 0..3 {
        client.get("/me").is(200, "user 7").only_read();
    }
}

fn an_update_stays(server: &Server) {
    server.client().post("/count", "").is_a(401);
    let mut client = server.client().signed_in(7);
    let before = client.cookies.clone();
    client.post("/count", "").is(200, "1").written();
    client.post("/count", "").is(200, "2").written();
    client.get("/me").is(200, "user 7");
    // An earlier token opens too: nothing is kept on the server.
    client.cookies = before;
    client.post("/count", "").is(200, "1");
}

fn use_renews_until_the_cap(server: &Server) {
    let mut client = server.client().signed_in(7);
    server.later(800);
    client.get("/me").is(200, "user 7").only_read();
    server.later(800);
    let renewed = client.get("/me");
    renewed.is(200, "user 7").written();
    assert!(
        renewed
            .values("set-cookie")
            .any(|cookie| cookie.contains("Max-Age=1800"))
    );
    server.later(1801);
    client.get("/me").is_a(401);

    let mut client = server.client().signed_in(7);
    for _ in 0..19 {
        server.later(1500);
        client.get("/me").is(200, "user 7");
    }
    server.later(1500);
    client.get("/me").is_a(401);
}

fn a_remembered_session_stays(server: &Server) {
    let mut client = server.client();
    client
        .post("/login", "user=7&remember=on")
        .is_a(303)
        .written();
    server.later(29 * 24 * 3600);
    client.get("/me").is(200, "user 7");
    server.later(24 * 3600);
    client.get("/me").is_a(401);
}

fn a_sign_out_removes(server: &Server) {
    let mut client = server.client().signed_in(7);
    let response = client.post("/logout", "");
    response.is_a(303).with("location", "/").written();
    assert!(
        response
            .values("set-cookie")
            .all(|cookie| cookie.contains("Max-Age=0"))
    );
    assert!(client.cookies.is_empty(), "{:?}", client.cookies);
    client.get("/me").is_a(401);
}

fn flashes_are_shown_once(server: &Server) {
    let mut client = server.client();
    client.get("/flash").is(200, "").only_read();
    client.post("/flash", "text=saved").is_a(303).written();
    client.post("/flash", "text=sent+too").is_a(303).written();
    client.get("/flash").is(200, "saved\nsent too").written();
    client.get("/flash").is(200, "").only_read();
}

fn a_large_session_is_cut(server: &Server) {
    let mut client = server.client();
    client.get("/big").is_a(401);
    let response = client.post("/big", "octets=4500");
    response.is_a(303).written();
    assert!(response.values("set-cookie").count() >= 2);
    assert!(
        response
            .values("set-cookie")
            .all(|cookie| cookie.len() < 4500)
    );
    assert!(client.cookies.len() >= 2);
    client.get("/big").is(200, "4500").only_read();

    let whole = client.cookies.clone();
    client.cookies.pop();
    client.get("/big").is_a(401);
    client.cookies = whole;
    client.post("/big", "octets=100").is_a(303).written();
    assert_eq!(client.cookies.len(), 1, "{:?}", client.cookies);
    client.get("/big").is(200, "100").only_read();
}

fn two_sessions_are_apart(server: &Server) {
    let mut client = server.client();
    client.get("/cart").is(200, "nobody: ").only_read();
    client.post("/cart", "item=apple").is_a(303).written();
    client.post("/cart", "item=pear").is_a(303).written();
    client
        .get("/cart")
        .is(200, "nobody: apple, pear")
        .only_read();
    client.post("/login", "user=7");
    client
        .get("/cart")
        .is(200, "user 7: apple, pear")
        .only_read();
    client.post("/logout", "");
    client.get("/cart").is(200, "nobody: apple, pear");

    // A token of one session doesn't open as the other.
    let token = client.cookie("__Host-Http-cart").to_owned();
    client.set_cookie(LOGIN, &token);
    client.get("/me").is_a(401);
}

fn a_session_in_a_header(server: &Server) {
    let mut client = server.client();
    client.get("/header/me").is_a(401);
    let response = client.post("/header/login", "user=7");
    response
        .is(200, "signed in")
        .with("cache-control", "no-store");
    assert!(!response.sets_cookies());
    assert!(response.varies_by("x-session"));
    let token = response.value("x-session").expect("a token");
    let read = client.send(Request::get("/header/me").header("X-Session", token));
    read.is(200, "user 7").with("cache-control", "private");
    assert!(read.varies_by("x-session") && read.value("x-session").is_none());
    let elsewhere = Request::get("/header/me").header("Authorization", format!("Bearer {token}"));
    client.send(elsewhere).is_a(401);
}

fn a_session_as_bearer(server: &Server) {
    let mut client = server.client();
    client
        .get("/bearer/me")
        .is_a(401)
        .with("www-authenticate", "Bearer");
    let response = client.post("/bearer/login", "user=7");
    response
        .is(200, "signed in")
        .with("cache-control", "no-store");
    assert!(response.varies_by("authorization"));
    let token = response.value("x-bearer").expect("a token");
    assert_eq!(token.split('.').count(), 3, "a JWT");
    let ask = |value: String| Request::get("/bearer/me").header("Authorization", value);
    client
        .send(ask(format!("Bearer {token}")))
        .is(200, "user 7");
    let refused = client.send(ask(format!("Bearer {token}A")));
    let challenge = r#"Bearer error="invalid_token""#;
    refused.is_a(401).with("www-authenticate", challenge);
}

fn a_fresh_proof_is_asked_for(server: &Server) {
    let mut client = server.client();
    client.get("/fresh").is_a(401);
    client.post("/confirm", "").is_a(401);
    client.post("/login", "user=7");
    client.get("/fresh").is(200, "user 7");
    server.later(FRESH + 10);
    let denied = client.get("/fresh");
    denied
        .is(403, "authentication too old")
        .with("cache-control", "no-store");
    client.get("/me").is(200, "user 7");
    client.post("/confirm", "").is(200, "confirmed").written();
    client.get("/fresh").is(200, "user 7");
}

fn a_guard_sends_to_the_sign_in(server: &Server) {
    let mut client = server.client();
    let page = || Request::get("/guarded?tab=1").header("Sec-Fetch-Mode", "navigate");
    let response = client.send(page());
    response.is(303, "").with("cache-control", "no-store");
    response.with("location", "/login?next=/guarded%3Ftab%3D1");
    assert!(response.varies_by("cookie") && !response.sets_cookies());
    let older = Request::get("/guarded").header("Accept", "text/html,*/*;q=0.8");
    client
        .send(older)
        .is_a(303)
        .with("location", "/login?next=/guarded");
    client.get("/guarded").is(401, "no live session");

    client.post("/login", "user=7");
    let response = client.send(page());
    response
        .is(200, "guarded")
        .with("cache-control", "no-store");
    assert!(response.varies_by("cookie") && !response.sets_cookies());
    server.later(1000);
    client.get("/guarded").is(200, "guarded").written();
}

fn a_guard_allows_some(server: &Server) {
    server.client().get("/admin").is(401, "no live session");
    server
        .client()
        .signed_in(2)
        .get("/admin")
        .is(403, "not allowed");
    server.client().signed_in(1).get("/admin").is(200, "admin");
}

fn a_guard_asks_for_a_fresh_proof(server: &Server) {
    let mut client = server.client();
    client.get("/password").is(401, "no live session");
    client.post("/login", "user=7");
    let passed = client.get("/password");
    passed.is(200, "password").with("cache-control", "no-store");
    assert!(passed.varies_by("cookie") && !passed.sets_cookies());
    server.later(FRESH + 10);
    let denied = client.get("/password");
    denied
        .is(403, "authentication too old")
        .with("cache-control", "no-store");
    assert!(denied.varies_by("cookie") && !denied.sets_cookies());
    client.get("/me").is(200, "user 7");
    client.post("/confirm", "").is(200, "confirmed").written();
    client.get("/password").is(200, "password");
}

fn a_guard_sends_to_the_confirmation(server: &Server) {
    let mut client = server.client();
    let page = || Request::get("/email").header("Sec-Fetch-Mode", "navigate");
    client
        .send(page())
        .is(303, "")
        .with("location", "/login?next=/email");
    client.get("/email").is(401, "no live session");
    client.post("/login", "user=7");
    client.send(page()).is(200, "email");
    server.later(FRESH + 10);
    let sent = client.send(page());
    sent.is(303, "").with("cache-control", "no-store");
    sent.with("location", "/confirm?next=/email");
    assert!(sent.varies_by("cookie") && !sent.sets_cookies());
    client.get("/email").is(403, "authentication too old");
    client.post("/confirm", "").is(200, "confirmed");
    client.send(page()).is(200, "email");
}

fn a_tenant_by_host(server: &Server) {
    let mut client = server.client();
    let read = |host| Request::get("/tenant").host(host);
    let write = Request::new("POST", "/tenant")
        .form("note=hello")
        .host("red.example.com");
    client.send(write).is_a(303).written();
    client
        .send(read("red.example.com"))
        .is(200, "hello")
        .only_read();
    client.send(read("red.example.com:8080")).is(200, "hello");
    client
        .send(read("blue.example.com"))
        .is(200, "")
        .only_read();
    for none in hostile::HOSTS {
        assert!(client.send(read(none)).status < 500, "{none:?}");
    }

    let note = format!("note={}", "x".repeat(5000));
    let too_large = Request::new("POST", "/tenant").form(&note);
    let response = client.send(too_large.host("red.example.com"));
    response.is_a(500).with("cache-control", "no-store");
    // The framework may have a page of its own for it.
    assert!(!response.text().contains("octets"), "{}", response.text());
}

fn what_is_changed_does_not_open(server: &Server) {
    let mut client = server.client().signed_in(7);
    let token = client.cookie(LOGIN).to_owned();
    for at in (0..token.len()).step_by(7) {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        client.set_cookie(LOGIN, &String::from_utf8(changed).expect("text"));
        client.get("/me").is_a(401);
    }
    for other in [
        &token[1..],
        &token[..token.len() - 1],
        &format!("{token}A"),
        "\"\"",
    ] {
        client.set_cookie(LOGIN, other);
        client.get("/me").is_a(401);
    }
    client.set_cookie(LOGIN, "");
    for name in ["__host-http-login", "login", "__Host-login"] {
        client.set_cookie(name, &token);
        client.get("/me").is_a(401);
    }
    client.set_cookie(LOGIN, &token);
    client.get("/me").is(200, "user 7");
}

fn a_refusal_writes_nothing(server: &Server) {
    let mut client = server.client();
    client.set_cookie(LOGIN, "AQIDBAUGBwgJ");
    client.get("/maybe").is(200, "nobody").only_read();
    let denied = client.get("/me");
    denied.is_a(401);
    assert!(!denied.sets_cookies());
    client.post("/login", "user=7");
    server.later(1801);
    client.get("/maybe").is(200, "nobody").only_read();
}

fn rotation_signs_nobody_out(server: &Server) {
    let mut client = server.client().signed_in(7);
    // The other workers: one that seals with a new key already, and one that only knows it.
    let (old, new) = (&server.keys, new_key());
    let ahead = server.worker(&format!("{new},{old}"));
    let behind = server.worker(&format!("{old},{new}"));
    let mut at_ahead = ahead.client();
    at_ahead.cookies = client.cookies.clone();
    at_ahead.get("/me").is(200, "user 7").written();
    let mut at_behind = behind.client();
    at_behind.cookies = at_ahead.cookies.clone();
    at_behind.get("/me").is(200, "user 7");
    at_behind.cookies = client.cookies.clone();
    at_behind.get("/me").is(200, "user 7").only_read();

    // And in one that is running, under its readers.
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut reader = Client::of(server.address);
                reader.cookies = client.cookies.clone();
                for _ in 0..20 {
                    reader.get("/me").is(200, "user 7");
                }
            });
        }
        for _ in 0..3 {
            Client::of(server.address)
                .post("/rotate", "")
                .is(200, "rotated");
        }
    });
    client.get("/me").is(200, "user 7").written();
    client.get("/me").is(200, "user 7").only_read();
}

fn what_cannot_be_saved_is_a_500(server: &Server) {
    let mut client = server.client().signed_in(7);
    let response = client.post("/too-large", "");
    response.is(500, "").with("cache-control", "no-store");
    assert!(!response.sets_cookies());
    assert_eq!(
        (response.value("etag"), response.value("content-type")),
        (None, None)
    );
    client.get("/me").is(200, "user 7");
}

fn an_error_keeps_the_sign_in(server: &Server) {
    let mut client = server.client();
    client
        .post("/login-then-error", "user=7")
        .is_a(500)
        .written();
    client.get("/me").is(200, "user 7");
}

fn error_pages(server: &Server) {
    let mut client = server.client().signed_in(7);
    server.later(1000);
    client.get("/error").is_a(418).without_trace();
    client.get("/nothing").is_a(404).without_trace();
    client.get("/error/read").is_a(418).written();
    client.get("/error/read").is_a(418).only_read();
    server.client().get("/error/read").is_a(401);
}

fn a_body_is_streamed(server: &Server) {
    server.client().get("/stream").is_a(401);
    let mut client = server.client().signed_in(7);
    in_parts(server, &mut client).only_read();
    server.later(1000);
    in_parts(server, &mut client).written();
}

/// The head of a response whose lines arrive one by one: the program makes the next when it is asked to.
fn in_parts(server: &Server, client: &mut Client) -> Response {
    let (head, mut body) = client.open("/stream");
    head.is_a(200).with("transfer-encoding", "chunked");
    assert_eq!(head.value("content-length"), None);
    for (number, line) in LINES.into_iter().enumerate() {
        if number > 0 {
            ask_for_line(server);
        }
        assert_eq!(body.chunk().as_deref(), Some(line.as_bytes()));
    }
    assert_eq!(body.chunk().as_deref(), Some(&b""[..]));
    head
}

fn ask_for_line(server: &Server) {
    server
        .client()
        .post("/stream/next", "")
        .is(200, "asked")
        .without_trace();
}

fn head_is_as_get(server: &Server) {
    let mut signed_in = server.client().signed_in(7);
    // For the whole body, which actix-web makes for a `HEAD`, too.
    for _ in 0..2 * (LINES.len() - 1) {
        ask_for_line(server);
    }
    for path in [
        "/",
        "/me",
        "/maybe",
        "/cart",
        "/stream",
        "/etag",
        "/guarded",
        "/fresh",
        "/password",
        "/email",
        "/error",
    ] {
        for client in [&mut signed_in, &mut server.client()] {
            let (get, head) = (client.get(path), client.head(path));
            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(about(&head), about(&get), "{path}");
        }
    }
    server.later(1000);
    signed_in.head("/me").is_a(200).written();
    signed_in.get("/me").is(200, "user 7").only_read();
}

/// The headers but for those of the moment and of the connection.
fn about(response: &Response) -> Vec<&(String, String)> {
    let other = [
        "date",
        "connection",
        "keep-alive",
        "content-length",
        "transfer-encoding",
        "x-request-id",
    ];
    let headers = response.headers.iter();
    let mut headers: Vec<_> = headers
        .filter(|(name, _)| !other.contains(&&**name))
        .collect();
    headers.sort();
    headers
}

fn not_modified_has_the_headers(server: &Server) {
    let mut client = server.client().signed_in(7);
    client
        .get("/etag")
        .is(200, "user 7")
        .only_read()
        .with("etag", "\"user-7\"");
    let again = || Request::get("/etag").header("If-None-Match", "\"user-7\"");
    client
        .send(again())
        .is(304, "")
        .only_read()
        .with("etag", "\"user-7\"");
    server.later(1000);
    client.send(again()).is(304, "").written();
    let mut other = server.client().signed_in(8);
    other.send(again()).is(200, "user 8");
}

fn only_what_was_looked_at_varies(server: &Server) {
    let mut client = server.client().signed_in(7);
    client.post("/cart", "item=apple");
    server.later(1000);
    client.get("/").is(200, "home").without_trace();
    client.get("/nothing").is_a(404).without_trace();
    let header = client.get("/header/me");
    assert!(header.varies_by("x-session") && !header.varies_by("cookie"));
    assert!(!header.sets_cookies());
    // Of two sessions that are due for renewal, the one that was used.
    let response = client.get("/me");
    let cookies: Vec<_> = response.values("set-cookie").collect();
    assert!(
        matches!(cookies[..], [cookie] if cookie.starts_with("__Host-Http-login=")),
        "{cookies:?}"
    );
}

fn a_missing_layer_is_a_500(server: &Server) {
    let mut client = server.client().signed_in(7);
    client.get("/unlayered").is_a(500);
    client.get("/me").is(200, "user 7");
}

fn requests_at_once_are_apart(server: &Server) {
    thread::scope(|scope| {
        for user in 1..=8 {
            scope.spawn(move || {
                let mut client = Client::of(server.address).signed_in(user);
                for round in 1..=15 {
                    client.get("/me").is(200, &format!("user {user}"));
                    client.post("/count", "").is(200, &round.to_string());
                    Client::of(server.address).get("/maybe").is(200, "nobody");
                }
            });
        }
    });
}

fn a_panic_leaks_nothing(server: &Server) -> &'static str {
    let mut client = server.client().signed_in(7);
    let word = match client.try_send(Request::get("/panic")) {
        None => "closes the connection",
        Some(response) => {
            response.is_a(500);
            assert!(!response.text().contains("purpose"), "{}", response.text());
            "500"
        }
    };
    for _ in 0..4 {
        server.client().get("/maybe").is(200, "nobody");
        client.get("/me").is(200, "user 7");
    }
    word
}

fn hostile_headers_are_no_5xx(server: &Server) {
    let client = server.client().signed_in(7);
    let token = client.cookie(LOGIN);
    let mut random = Random::new();
    let mut connection = Connection::to(server.address);
    let mut answered = 0;
    for _ in 0..10_000 {
        let request = random.request(token);
        let response = connection.exchange(&request);
        if let Some(response) = &response {
            answered += 1;
            assert!(response.status < 500, "{}: {request:?}", response.status);
        }
        // What servers take for no HTTP at all, they close the connection after.
        let closes = |response: &Response| {
            response.status == 400 || response.value("connection") == Some("close")
        };
        if response.as_ref().is_none_or(closes) {
            connection = Connection::to(server.address);
        }
    }
    assert!(answered > 9000, "{answered} answers");
    assert_eq!(server.panics(), 0, "a panic closes a connection, too");
    server.client().signed_in(7).get("/me").is(200, "user 7");
}

const LOGIN: &str = "__Host-Http-login";
