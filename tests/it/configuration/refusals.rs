//! Settings that are refused, each alone.

use haversack::{Codec, CodecBuilder, SameSite};

use super::builder;
use crate::support::{OneHeader as _, SetCookie, jwt_keys};

#[track_caller]
fn assert_refused(builder: CodecBuilder<u64>, setting: &str, fix: &str) {
    let error = builder.build().unwrap_err();
    let text = error.to_string();
    assert_eq!(error.setting(), setting, "{text}");
    assert!(text.starts_with(&format!("{setting}: ")), "{text}");
    assert!(text.contains(fix), "{text:?} does not say {fix:?}");
    assert!(!text.contains(char::is_control), "{text:?}");
}

#[test]
fn a_name_is_a_token_of_at_most_64_octets() {
    let fix = "use letters, digits, - and _";
    let mut refused: Vec<String> = ["", &"a".repeat(65), "é", "sid\u{a0}", "\u{3000}sid"]
        .map(Into::into)
        .into();
    let tchars = "!#$%&'*+-.^_`|~";
    for octet in 0..128_u8 {
        let character = char::from(octet);
        let (name, prefixed) = (format!("s{character}d"), format!("__Host-{character}"));
        if character.is_ascii_alphanumeric() || tchars.contains(character) {
            let line = builder(&name).build().unwrap().write(&7).unwrap();
            assert_eq!(SetCookie::parse(&line).name, format!("__Host-Http-{name}"));
            builder("sid").exact_name(&prefixed).build().unwrap();
        } else {
            refused.extend([name, prefixed]);
        }
    }
    for name in refused {
        if !name.starts_with("__Host-") {
            assert_refused(builder(&name), "name", fix);
        }
        assert_refused(builder("sid").exact_name(&name), "exact_name", fix);
    }
    builder(&"a".repeat(64)).build().unwrap();
    builder("sid").exact_name(&"a".repeat(64)).build().unwrap();
}

#[test]
fn the_error_for_a_name_shows_the_character_that_is_wrong() {
    for (name, shown) in [("s d", "' '"), ("s\nd", r"'\n'"), ("sé", "'é'")] {
        assert_refused(builder(name), "name", shown);
        assert_refused(builder("sid").exact_name(name), "exact_name", shown);
    }
}

#[test]
fn a_name_does_not_begin_with_a_prefix_in_any_case() {
    for prefix in ["__Host-", "__Secure-", "__Http-", "__Host-Http-"] {
        for prefix in [prefix, &prefix.to_lowercase(), &prefix.to_uppercase()] {
            for rest in ["", "sid"] {
                let name = format!("{prefix}{rest}");
                assert_refused(builder(&name), "name", "leave the prefix out");
                assert_refused(builder(&name).header("x-session"), "name", "leave");
            }
        }
    }
    for name in ["Host-sid", "_Host-sid", "__Hostsid", "x__Host-sid"] {
        builder(name).build().unwrap();
    }
}

#[test]
fn a_name_that_makes_the_prefix_a_stronger_one_is_refused_where_browsers_drop_it() {
    for name in ["Http-sid", "http-sid", "HTTP-sid"] {
        let fix = "remove .script_readable()";
        assert_refused(builder(name).script_readable(), "name", fix);
        let cookie = |builder: CodecBuilder<u64>| builder.build().unwrap().write(&7).unwrap();
        let starts = |line: String, prefix| line.starts_with(&format!("{prefix}{name}="));
        assert!(starts(cookie(builder(name)), "__Host-Http-"));
        let on_path = builder(name).script_readable().path("/app");
        assert!(starts(cookie(on_path), "__Secure-"));
        assert!(starts(
            cookie(builder(name).script_readable().insecure()),
            ""
        ));
    }
}

#[test]
fn a_path_is_one_that_requests_can_have() {
    let fix = "use a path that begins with /";
    for path in ["", "app", " /app", "./app", "\\app", "/é", "/app\u{85}"] {
        assert_refused(builder("sid").path(path), "path", fix);
    }
    for octet in (0..=b' ').chain([b';', b'?', b'#', 0x7f]) {
        for path in [
            format!("/{}", char::from(octet)),
            format!("/a{}b", char::from(octet)),
        ] {
            assert_refused(builder("sid").path(&path), "path", fix);
        }
    }
    let long = format!("/{}", "a".repeat(1024));
    assert_refused(builder("sid").path(&long), "path", "1024 octets");
    for path in ["/", "/a/b/", "/a%20b", &format!("/{}", "a".repeat(1023))] {
        let line = builder("sid")
            .path(path)
            .build()
            .unwrap()
            .write(&7)
            .unwrap();
        assert_eq!(SetCookie::parse(&line).attributes["Path"], Some(path));
    }
}

#[test]
fn a_domain_is_a_host_name() {
    let long_label = format!("{}.com", "a".repeat(64));
    // 253 octets and one more.
    let longest = format!("{}com", "a.".repeat(125));
    let long_name = format!("{longest}m");
    for domain in [
        "",
        ".",
        ".example.com",
        "example.com.",
        "example..com",
        "*.example.com",
        "https://example.com",
        "example.com:8080",
        "example.com/app",
        "[::1]",
        "exämple.com",
        "example_com",
        "com",
        "localhost",
        &long_label,
        &long_name,
    ] {
        let fix = "use a host name such as example.com";
        assert_refused(builder("sid").domain(domain), "domain", fix);
    }
    for octet in (0..=b',').chain([b'/', b';', b'=', 0x7f]) {
        let domain = format!("example{}.com", char::from(octet));
        assert_refused(builder("sid").domain(&domain), "domain", "host name");
    }
    for domain in [
        "example.com",
        "a.b-c.Example.com",
        "xn--exmple-cua.com",
        &longest,
    ] {
        let line = builder("sid").domain(domain).build().unwrap();
        let line = line.write(&7).unwrap();
        assert_eq!(SetCookie::parse(&line).attributes["Domain"], Some(domain));
    }
}

#[test]
fn contexts_and_issuers_have_1_to_256_octets_and_only_a_jwt_has_an_issuer() {
    let jwt = || Codec::<u64>::jwt("sid", jwt_keys(1));
    for text in [String::new(), "a".repeat(257), "é".repeat(129)] {
        let fix = "use 1 to 256 octets";
        assert_refused(builder("sid").context(&text), "context", fix);
        assert_refused(jwt().context(&text), "context", fix);
        assert_refused(jwt().issuer(&text), "issuer", fix);
    }
    for text in ["a".into(), "é".repeat(128), "; Domain=x\r\n\0".to_owned()] {
        builder("sid").context(&text).build().unwrap();
        jwt().context(&text).issuer(&text).build().unwrap();
    }
    assert_refused(builder("sid").issuer("me"), "issuer", "use .context(..)");
}

#[test]
fn a_header_carrier_has_a_name_that_means_nothing_else() {
    let fix = "use a header name of your own, such as x-session";
    let reserved = "Accept Accept-Charset Accept-Encoding Accept-Language Access-Control-Max-Age Age \
        Allow Cache-Control Clear-Site-Data Connection Content-Disposition Content-Encoding \
        Content-Length Content-Range Content-Security-Policy Content-Type Cookie Cookie2 Date DNT \
        ETag Expect Expires Forwarded Host If-None-Match If-Modified-Since Keep-Alive Last-Modified \
        Link Location Max-Forwards Origin Pragma Proxy-Authorization Proxy-Connection Range Referer \
        Refresh Retry-After Sec-Session Server Set-Cookie TE Trailer Transfer-Encoding Upgrade \
        User-Agent Vary Via Warning WWW-Authenticate X-Forwarded-For CDN-Cache-Control \
        X-Cache-Control Edge-Control Surrogate-Control X-Accel-Expires X-Sendfile";
    let bad_tokens = ["", "x session", "x:session", "x-sessión", "x\r\ny", "x\0"];
    for name in reserved.split_whitespace().chain(bad_tokens) {
        for name in [name, &name.to_lowercase()] {
            assert_refused(builder("sid").header(name), "header", fix);
            assert_refused(builder("sid").bearer(name), "header", fix);
        }
    }
    for name in ["authorization", "Authorization", "AUTHORIZATION"] {
        let fix = "use .bearer(\"x-session\")";
        assert_refused(builder("sid").header(name), "header", fix);
        assert_refused(builder("sid").bearer(name), "header", fix);
    }
    for name in ["Secure-Session", "Proxied", "Accept-Session"] {
        builder("sid").header(name).build().unwrap();
    }
    let long = "x".repeat(65);
    assert_refused(builder("sid").header(&long), "header", fix);
    let codec = builder("sid").header("X-Session").build().unwrap();
    assert_eq!(codec.request_header(), "x-session");
    assert_eq!(codec.response_header(), "x-session");
    let codec = builder("sid").bearer("X-Session").build().unwrap();
    assert_eq!(codec.request_header(), "authorization");
    assert_eq!(codec.response_header(), "x-session");
}

#[test]
fn a_cut_off_is_a_time_at_which_a_session_can_start() {
    let fix = "use seconds since 1970, and not milliseconds";
    for time in [1_790_000_000_000, 1 << 40, u64::MAX] {
        assert_refused(builder("sid").started_since(time), "started_since", fix);
    }
    builder("sid").started_since((1 << 40) - 1).build().unwrap();
}

#[test]
fn a_header_carrier_takes_no_setting_of_a_cookie() {
    type Setting = fn(CodecBuilder<u64>) -> CodecBuilder<u64>;
    let settings: [(&str, Setting); 8] = [
        ("path", |builder| builder.path("/")),
        ("domain", |builder| builder.domain("example.com")),
        ("same_site", |builder| builder.same_site(SameSite::Lax)),
        ("exact_name", |builder| builder.exact_name("sid")),
        ("insecure", CodecBuilder::insecure),
        ("partitioned", CodecBuilder::partitioned),
        ("script_readable", CodecBuilder::script_readable),
        ("until_browser_closes", CodecBuilder::until_browser_closes),
    ];
    for (setting, set) in settings {
        let fix = "remove it, or remove .header(..) or .bearer(..)";
        assert_refused(set(builder("sid").header("x-session")), setting, fix);
        assert_refused(set(builder("sid")).bearer("x-session"), setting, fix);
    }
}
