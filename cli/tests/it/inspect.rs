//! `haversack inspect`: what people paste, and what they are told.

use std::time::Duration;

use haversack::{Lifetime, Ticket};

use crate::support::{Folder, NOW, jwt, key, sealed, texts, value};

/// A folder with the ring of keys 1 and 2.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("keys", &texts(&[1, 2]));
    folder
}

fn at(time: u64) -> String {
    format!("--at={time}")
}

const KEYS: [&str; 4] = ["inspect", "--keys=keys", "--name=login", "--json"];

fn report(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn without_keys_a_token_shows_its_format_key_and_size() {
    let folder = folder();
    let token = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    for shown in [
        folder.run(&["inspect", &token]).ok(),
        folder.pipe(&["inspect", "-"], &token).ok(),
    ] {
        assert!(shown.contains("sealed, format 1"));
        assert!(shown.contains(&key(1).id()));
        assert!(shown.contains(&format!("{} characters", token.len())));
        assert!(!shown.contains("Ada") && !shown.contains(&token));
    }
}

#[test]
fn without_keys_the_claims_of_a_jwt_are_marked_as_not_verified() {
    let folder = folder();
    let token = jwt("api", &[1]).build().unwrap().seal(&value()).unwrap();
    let shown = folder.pipe(&["inspect"], &token).ok();
    assert!(shown.contains("JWT, HS256, session"));
    let (_, claims) = shown.split_once("claims, not verified\n").unwrap();
    let claims: serde_json::Value = serde_json::from_str(claims).unwrap();
    assert_eq!(claims["val"], value());
    let json = report(&folder.pipe(&["inspect", "--json"], &token).ok());
    assert_eq!(json[0]["unverified_claims"]["val"]["name"], "Ada");
}

#[test]
fn with_keys_each_check_is_shown_with_deadlines_in_local_time() {
    let folder = folder();
    let minute = Duration::from_secs(60);
    let lifetime = Lifetime::sliding(30 * minute, 8 * 60 * minute);
    let login = sealed("login", &[1]).lifetime(lifetime).build().unwrap();
    let token = login.seal(&value()).unwrap();
    let args = ["inspect", "--keys=keys", "--name=login", &at(NOW + 18 * 60)];
    let shown = folder.pipe(&args, &token).ok();
    for number in 1..=12 {
        let line = shown
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{number} ")));
        let outcome = line.unwrap().split_whitespace().nth(1).unwrap();
        assert_eq!(outcome, if number == 12 { "-" } else { "ok" }, "{shown}");
    }
    assert!(
        shown.contains("2027-01-15 09:30:00 XYZ (in 12 min)"),
        "{shown}"
    );
    assert!(
        shown.contains("2027-01-15 17:00:00 XYZ (in 7 h 42 min)"),
        "{shown}"
    );
    assert!(shown.contains("\"user\": 7") && shown.contains("\"name\": \"Ada\""));
    assert!(shown.ends_with("it opens\n"), "{shown}");
}

#[test]
fn a_jwt_is_opened_with_the_name_that_it_says() {
    let folder = folder();
    let token = jwt("api", &[2])
        .issuer("https://shop.example")
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    let args = [
        "inspect",
        "--keys=keys",
        "--issuer=https://shop.example",
        &at(NOW),
    ];
    assert!(folder.pipe(&args, &token).ok().contains("it opens"));
    let args = [
        "inspect",
        "--keys=keys",
        "--issuer=https://other.example",
        &at(NOW),
    ];
    let said = folder.pipe(&args, &token).refused();
    assert!(
        said.contains("it is authentic as `api` by `https://shop.example`"),
        "{said}"
    );
}

#[test]
fn a_refusal_says_what_was_expected_and_found() {
    let folder = folder();
    let refused = |token: &str, args: &[&str]| {
        let args = [&["inspect", "--keys=keys", "--name=login"], args].concat();
        let said = folder.pipe(&args, token).refused();
        // As it is on one line.
        said.lines()
            .find(|line| line.starts_with("refused"))
            .unwrap()
            .to_owned()
    };
    let now = at(NOW);
    let token = sealed("login", &[3])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    let [one, two, three] = [1, 2, 3].map(|number| key(number).id());
    assert_eq!(
        refused(&token, &[&now]),
        format!("refused, unknown_key: the token names key {three}, the ring has {one} and {two}")
    );

    let token = sealed("cart", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    assert_eq!(
        refused(&token, &["--name=cart", &now]),
        "refused, not_authentic: it is authentic as `cart`, not as `login`"
    );
    assert!(
        refused(&token, &[&now])
            .contains("not authentic as `login`: it was altered, or is for another")
    );
    let token = sealed("login", &[1])
        .context("b")
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    assert_eq!(
        refused(&token, &["--context=a", "--context=b", &now]),
        "refused, not_authentic: it is authentic as `login` in `b`, not as `login` in `a`"
    );

    let token = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    assert_eq!(
        refused(&token, &[&at(NOW + 86_400 + 120)]),
        "refused, past_cap: 2027-01-16 09:00:00 XYZ (2 min ago)"
    );
    let shorter = refused(&token, &["--lifetime=10min,1h", &at(NOW + 1800)]);
    assert!(
        shorter.starts_with(
            "refused, expired: 2027-01-15 09:10:00 XYZ (20 min ago), by the lifetime that is set"
        ),
        "{shorter}"
    );
    assert!(
        refused(&token, &[&at(NOW - 3600)])
            .contains("not_yet_valid: issued 2027-01-15 09:00:00 XYZ (in 1 h)")
    );
    let since = format!("--since={}", NOW + 60);
    assert!(refused(&token, &[&since, &now]).contains("revoked: started 2027-01-15 09:00:00 XYZ"));
    assert!(
        refused(&format!("{token}=="), &[&now]).contains("malformed: there is padding at the end")
    );

    let ticket = Ticket::<u64>::sealed("login", texts(&[1]).parse().unwrap());
    let ticket = ticket
        .clock(|| NOW)
        .build()
        .unwrap()
        .seal_unbound(&7)
        .unwrap();
    assert!(refused(&ticket, &[&now]).contains("it is authentic as the ticket `login`"));
}

#[test]
fn a_value_of_a_refused_token_is_not_shown() {
    let folder = folder();
    let token = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    let late = at(NOW + 90_000);
    for args in [&KEYS[..3], &KEYS] {
        let said = folder.pipe(&[args, &[&late]].concat(), &token).refused();
        assert!(!said.contains("Ada") && !said.contains(&token), "{said}");
    }
}

#[test]
fn it_takes_what_people_paste() {
    let folder = folder();
    let login = sealed("login", &[1]).build().unwrap();
    let token = login.seal(&value()).unwrap();
    let cookie = format!("__Host-Http-login={token}");
    let curl = format!(
        "* Connected to 127.0.0.1\n> GET / HTTP/1.1\r\n> Host: x\r\n> Cookie: theme=dark; {cookie}\r\n> \r\n\
         < HTTP/1.1 200 OK\r\n< content-type: text/html\r\n< \r\n{{ [5 bytes data]\n"
    );
    for pasted in [
        token.clone(),
        format!("  {token}\n\n"),
        cookie.clone(),
        format!("theme=dark; {cookie}; lang=en"),
        format!("Cookie: {cookie}"),
        format!("cookie: theme=dark; {cookie}\r\n"),
        format!("Set-Cookie: {cookie}; Path=/; SameSite=Lax; Secure; HttpOnly; Max-Age=86400"),
        format!("{cookie}; Path=/; SameSite=Lax; Secure; HttpOnly"),
        format!("x-session: {token}"),
        format!("Authorization: Bearer {token}"),
        format!("Bearer {token}"),
        curl,
    ] {
        let now = at(NOW);
        let args = [&KEYS[..], &[&now]].concat();
        let ran = folder.pipe(&args, &pasted);
        assert_eq!(ran.status, 0, "{pasted}: {ran:?}");
        let json = report(&ran.out);
        assert_eq!(json.as_array().unwrap().len(), 1, "{pasted}");
        assert_eq!(json[0]["value"], value(), "{pasted}");
    }
}

#[test]
fn the_name_of_a_session_is_that_of_its_cookie() {
    let folder = folder();
    let token = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    let args = ["inspect", "--keys=keys", &at(NOW)];
    folder
        .pipe(&args, format!("Cookie: __Host-Http-login={token}"))
        .ok();
    let said = folder.pipe(&args, &token).misused();
    assert!(said.contains("--name NAME"), "{said}");
    let args = [
        "inspect",
        "--keys=keys",
        "--name=login",
        "--cookie=sid",
        &at(NOW),
    ];
    folder
        .pipe(&args, format!("Cookie: other={token}x; sid={token}"))
        .ok();
}

#[test]
fn several_tokens_are_shown_one_by_one() {
    let folder = folder();
    let login = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    let api = jwt("api", &[1]).build().unwrap().seal(&value()).unwrap();
    let pasted = format!(
        "> Cookie: __Host-Http-login={login}\n< X-Session: {api}\n< set-cookie: gone=; Max-Age=0\n"
    );
    let shown = folder.pipe(&["inspect"], &pasted).ok();
    assert!(
        shown.contains("cookie __Host-Http-login\n") && shown.contains("header x-session\n"),
        "{shown}"
    );
    let json = report(&folder.pipe(&["inspect", "--json"], &pasted).ok());
    assert_eq!(
        (&json[0]["format"], &json[1]["format"]),
        (&"sealed".into(), &"JWT".into())
    );
}

#[test]
fn pieces_of_a_large_session_are_joined() {
    let folder = folder();
    for builder in [sealed("login", &[1]), jwt("login", &[1])] {
        let login = builder.chunked().build().unwrap();
        let large = serde_json::json!({ "text": "x".repeat(4500) });
        let (_, cookies) = login.request_header_for(&large).unwrap();
        let now = at(NOW);
        let args = [&KEYS[..], &[&now]].concat();
        let json = report(&folder.pipe(&args, format!("Cookie: {cookies}")).ok());
        assert_eq!(json[0]["value"], large);
        assert!(json[0]["pieces"].as_u64().unwrap() > 1);
        folder.pipe(&["inspect"], &cookies).ok();

        let (_, rest) = cookies.split_once("; ").unwrap();
        let ran = folder.pipe(&args, rest);
        assert_eq!(
            (ran.status, &report(&ran.out)[0]["refused"]),
            (1, &"incomplete".into())
        );
        let said = folder.pipe(&["inspect"], rest).refused();
        assert!(said.contains("not all those of one token"), "{said}");
    }
}

#[test]
fn a_sign_out_that_is_marked_ends_the_session_beside_it() {
    let folder = folder();
    let login = sealed("login", &[1]).sticky_end().build().unwrap();
    let (_, cookie) = login.request_header_for(&value()).unwrap();
    let session = login.session([&cookie]);
    session.end();
    let headers = session.response_headers().unwrap();
    let mark = headers
        .iter()
        .find(|(_, value)| value.contains(".end="))
        .unwrap();
    let mark = mark.1.split(';').next().unwrap();
    let args = ["inspect", "--keys=keys", "--name=login", &at(NOW + 1)];
    let said = folder
        .pipe(&args, format!("Cookie: {cookie}; {mark}"))
        .refused();
    assert!(
        said.contains("refused, ended: a sign-out in this browser is marked in"),
        "{said}"
    );
    let said = folder.pipe(&args, format!("Cookie: {mark}")).refused();
    assert!(
        said.contains("it is authentic as the mark of a sign-out of `login`"),
        "{said}"
    );
}

#[test]
fn a_use_that_cannot_work_says_what_to_do() {
    let folder = folder();
    for (args, pasted, expected) in [
        (&["inspect", "--name=login"][..], "x", "need keys"),
        (
            &["inspect", "--keys=-", "-"],
            "x",
            "name a file with --keys FILE",
        ),
        (&["inspect"], "", "there is no token in it"),
        (
            &["inspect"],
            "Cookie: theme=dark; lang=en",
            "name one with --cookie, of theme, lang",
        ),
        (
            &["inspect", "--at=yesterday"],
            "x",
            "use seconds since 1970",
        ),
        (
            &["inspect", "--lifetime=soon"],
            "x",
            "use a duration such as 30min",
        ),
        (
            &["inspect", "--keys=keys", "--name=a.end"],
            "x",
            "use another name",
        ),
        (
            &["inspect", "--keys=keys", "--name=login", "--lifetime=500d"],
            "x",
            "400 days",
        ),
    ] {
        let said = folder.pipe(args, pasted).misused();
        assert!(said.contains(expected), "{args:?}: {said}");
    }
}

#[test]
fn a_time_is_read_as_people_write_it() {
    let folder = folder();
    let token = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    for time in [
        "1800000300",
        "2027-01-15T08:05:00Z",
        "2027-01-15 09:05",
        "2027-01-15T09:05:00",
        "2027-01-15 09:05:00+01:00",
    ] {
        let args = [&KEYS[..], &["--at", time]].concat();
        let json = report(&folder.pipe(&args, &token).ok());
        assert_eq!(json[0]["session"]["looked_at"], NOW + 300, "{time}");
    }
    folder
        .pipe(&[&KEYS[..], &["--at", "+1h"]].concat(), "AbCd")
        .refused();
}

#[test]
fn what_a_sender_chose_moves_no_cursor() {
    let folder = folder();
    let value = serde_json::json!({ "name": "\u{1b}[2Jevil\u{202e}\u{9b}31m\u{200b}\r\n" });
    let token = sealed("login", &[1]).build().unwrap().seal(&value).unwrap();
    for args in [&KEYS[..3], &KEYS] {
        let ran = folder.pipe(&[args, &[&at(NOW)]].concat(), &token);
        assert!(
            ran.out.contains(r"\u001b[2Jevil\u202e\u009b31m\u200b\r\n"),
            "{ran:?}"
        );
        assert!(ran.out.chars().all(|c| !c.is_control() || c == '\n'));
    }
    let now = at(NOW);
    let args = [&KEYS[..], &[&now]].concat();
    assert_eq!(report(&folder.pipe(&args, &token).ok())[0]["value"], value);
}

#[test]
fn a_value_keeps_its_order_and_its_numbers() {
    let folder = folder();
    let text = r#"{"z":18446744073709551615,"a":-9223372036854775808,"m":0.1}"#;
    let keys: haversack::KeyRing = texts(&[1]).parse().unwrap();
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Value {
        z: u64,
        a: i64,
        m: f64,
    }
    let login = haversack::Codec::<Value>::sealed("login", keys)
        .clock(|| NOW)
        .build()
        .unwrap();
    let token = login.seal(&serde_json::from_str(text).unwrap()).unwrap();
    let args = ["inspect", "--keys=keys", "--name=login", &at(NOW)];
    let shown: String = folder.pipe(&args, token).ok().split_whitespace().collect();
    assert!(shown.contains(text), "{shown}");
}
