//! What can be configured, and what a browser then gets.

mod refusals;

use std::collections::BTreeMap;

use haversack::{Codec, CodecBuilder, SameSite};

use crate::support::{
    Carrier, Format, HOUR, NOW, OneHeader as _, SetCookie, Twin, bytes, key, ring,
};

/// One way to configure a cookie for a session named `sid`.
#[derive(Clone, Copy, Debug)]
struct Settings {
    path: Option<&'static str>,
    domain: Option<&'static str>,
    same_site: SameSite,
    exact_name: Option<&'static str>,
    partitioned: bool,
    script_readable: bool,
    insecure: bool,
    until_browser_closes: bool,
}

fn every_combination() -> Vec<Settings> {
    let names = [
        "sid",
        "__Host-sid",
        "__Secure-sid",
        "__Http-sid",
        "__Host-Http-sid",
        "__host-sid",
    ];
    let mut all = Vec::new();
    for path in [None, Some("/"), Some("/app")] {
        for domain in [None, Some("example.com")] {
            for same_site in [SameSite::Strict, SameSite::Lax, SameSite::None] {
                for exact_name in names.into_iter().map(Some).chain([None]) {
                    all.extend((0..16_u8).map(|flags| Settings {
                        path,
                        domain,
                        same_site,
                        exact_name,
                        partitioned: flags & 1 != 0,
                        script_readable: flags & 2 != 0,
                        insecure: flags & 4 != 0,
                        until_browser_closes: flags & 8 != 0,
                    }));
                }
            }
        }
    }
    all
}

impl Settings {
    fn builder(self) -> CodecBuilder<u64> {
        let mut builder = builder("sid").same_site(self.same_site);
        if let Some(path) = self.path {
            builder = builder.path(path);
        }
        if let Some(domain) = self.domain {
            builder = builder.domain(domain);
        }
        if let Some(name) = self.exact_name {
            builder = builder.exact_name(name);
        }
        if self.partitioned {
            builder = builder.partitioned();
        }
        if self.script_readable {
            builder = builder.script_readable();
        }
        if self.insecure {
            builder = builder.insecure();
        }
        if self.until_browser_closes {
            builder = builder.until_browser_closes();
        }
        builder
    }

    fn host_only(self) -> bool {
        self.domain.is_none() && self.path != Some("/app")
    }

    /// The settings for which a browser drops the cookie, or takes its name for less than it says.
    fn faults(self) -> Vec<&'static str> {
        let (secure, http_only) = (!self.insecure, !self.script_readable);
        let name_holds = match self.exact_name {
            None | Some("sid") => true,
            Some("__Host-sid") => secure && self.host_only(),
            Some("__Secure-sid") => secure,
            Some("__Http-sid") => secure && http_only,
            Some("__Host-Http-sid") => secure && http_only && self.host_only(),
            Some(_) => false,
        };
        [
            ("same_site", self.same_site != SameSite::None || secure),
            ("partitioned", !self.partitioned || secure),
            ("exact_name", name_holds),
        ]
        .into_iter()
        .filter_map(|(setting, holds)| (!holds).then_some(setting))
        .collect()
    }

    fn name(self) -> &'static str {
        self.exact_name.unwrap_or(
            match (self.insecure, self.host_only(), self.script_readable) {
                (true, _, _) => "sid",
                (false, true, false) => "__Host-Http-sid",
                (false, true, true) => "__Host-sid",
                (false, false, _) => "__Secure-sid",
            },
        )
    }

    fn attributes(self) -> BTreeMap<&'static str, Option<&'static str>> {
        let same_site = match self.same_site {
            SameSite::Strict => "Strict",
            SameSite::None => "None",
            _ => "Lax",
        };
        let mut attributes = BTreeMap::from([
            ("Path", self.path.or(Some("/"))),
            ("SameSite", Some(same_site)),
        ]);
        if self.domain.is_some() {
            attributes.insert("Domain", self.domain);
        }
        for (attribute, set) in [
            ("Secure", !self.insecure),
            ("HttpOnly", !self.script_readable),
            ("Partitioned", self.partitioned),
        ] {
            if set {
                attributes.insert(attribute, None);
            }
        }
        attributes
    }
}

fn builder(name: &str) -> CodecBuilder<u64> {
    Codec::sealed(name, ring(1)).clock(|| NOW)
}

#[test]
fn a_configuration_builds_exactly_when_a_browser_keeps_its_cookie_as_it_is() {
    for settings in every_combination() {
        let faults = settings.faults();
        let error = match settings.builder().build() {
            Ok(codec) => {
                assert!(faults.is_empty(), "{settings:?} builds");
                assert_eq!(codec.request_header(), "cookie");
                assert_eq!(codec.response_header(), "set-cookie");
                let line = codec.write(&7).unwrap();
                let cookie = SetCookie::parse(&line);
                let mut expected = settings.attributes();
                if !settings.until_browser_closes {
                    expected.insert("Max-Age", Some("86400"));
                    expected.insert("Expires", Some("Sat, 16 Jan 2027 08:00:00 GMT"));
                }
                assert_eq!(cookie.name, settings.name(), "{settings:?}");
                assert_eq!(cookie.attributes, expected, "{settings:?}");
                let sent = format!("{}={}", cookie.name, cookie.value);
                assert_eq!(codec.read(sent).unwrap().unwrap().value(), &7);
                continue;
            }
            Err(error) => error,
        };
        let text = error.to_string();
        assert!(faults.contains(&error.setting()), "{settings:?}: {text}");
        let fix = match error.setting() {
            "exact_name" => "the prefix",
            _ => "remove .insecure()",
        };
        assert!(text.contains(fix), "{text}");
    }
}

#[test]
fn a_removal_has_the_attributes_of_the_cookie_that_it_removes() {
    for settings in every_combination() {
        let Ok(codec) = settings.builder().build() else {
            continue;
        };
        let session = codec.session(["theme=dark"]);
        session.end();
        let headers = session.response_headers().unwrap();
        let removal = SetCookie::parse(&headers[0].1);
        let mut expected = settings.attributes();
        expected.insert("Max-Age", Some("0"));
        expected.insert("Expires", Some("Thu, 01 Jan 1970 00:00:00 GMT"));
        assert_eq!((removal.name, removal.value), (settings.name(), ""));
        assert_eq!(removal.attributes, expected, "{settings:?}");
    }
}

#[test]
fn a_configuration_with_nothing_set_is_the_safest_that_works_everywhere() {
    let line = builder("login").build().unwrap().write(&7).unwrap();
    let (cookie, attributes) = line.split_once(';').unwrap();
    assert!(cookie.starts_with("__Host-Http-login="));
    assert_eq!(
        attributes,
        " Path=/; SameSite=Lax; Secure; HttpOnly; Max-Age=86400; Expires=Sat, 16 Jan 2027 08:00:00 GMT"
    );
}

#[test]
fn a_builder_shows_its_settings_and_no_key() {
    let shown = format!("{:?}", builder("sid").path("/app").context("eu"));
    for setting in ["sid", "/app", "eu"] {
        assert!(shown.contains(setting), "{shown}");
    }
    let (text, octets) = (key(1).to_text(), format!("{:?}", bytes(1)));
    assert!(!shown.contains(&text) && !shown.contains(octets.trim_matches(['[', ']'])));
}

#[test]
fn no_value_and_no_context_adds_an_attribute_or_a_header() {
    let carrier = Carrier::Cookie;
    for format in [Format::Sealed, Format::Jwt] {
        for hostile in [
            "; Domain=evil.example",
            "a, b=c",
            "\r\nSet-Cookie: a=b",
            "\0\"\\",
        ] {
            let codec = Twin { format, carrier }
                .builder::<String>("sid", &[1])
                .context(hostile)
                .clock(|| NOW)
                .build()
                .unwrap();
            let line = codec.write(&hostile.into()).unwrap();
            let cookie = SetCookie::parse(&line);
            let age = (24 * HOUR).to_string();
            let expected = BTreeMap::from([
                ("Path", Some("/")),
                ("SameSite", Some("Lax")),
                ("Secure", None),
                ("HttpOnly", None),
                ("Max-Age", Some(&*age)),
                ("Expires", Some("Sat, 16 Jan 2027 08:00:00 GMT")),
            ]);
            assert_eq!(cookie.attributes, expected);
            assert_eq!(codec.open(cookie.value).unwrap().value(), hostile);
        }
    }
}
