//! Any settings: an error, or cookies that read back to the same attributes.

#![no_main]

mod common;

use std::time::Duration;

use arbitrary::Arbitrary;
use haversack::{Codec, Lifetime, SameSite};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Settings {
    name: String,
    path: Option<String>,
    domain: Option<String>,
    exact_name: Option<String>,
    header: Option<String>,
    context: Option<String>,
    same_site: u8,
    flags: u8,
    idle: Option<u32>,
    cap: u64,
}

fuzz_target!(|settings: Settings| {
    let cap = Duration::from_secs(settings.cap);
    let lifetime = match settings.idle {
        Some(idle) => Lifetime::sliding(Duration::from_secs(idle.into()), cap),
        None => Lifetime::fixed(cap),
    };
    let mut builder = Codec::<u8>::sealed(&settings.name, common::ring())
        .lifetime(lifetime)
        .random(common::Fixed)
        .clock(|| common::NOW);
    if let Some(path) = &settings.path {
        builder = builder.path(path);
    }
    if let Some(domain) = &settings.domain {
        builder = builder.domain(domain);
    }
    if let Some(name) = &settings.exact_name {
        builder = builder.exact_name(name);
    }
    if let Some(header) = &settings.header {
        builder = builder.header(header);
    }
    if let Some(context) = &settings.context {
        builder = builder.context(context);
    }
    builder = match settings.same_site % 4 {
        0 => builder,
        1 => builder.same_site(SameSite::Strict),
        2 => builder.same_site(SameSite::Lax),
        _ => builder.same_site(SameSite::None),
    };
    let flag = |bit: u8| settings.flags & (1 << bit) != 0;
    if flag(0) {
        builder = builder.partitioned();
    }
    if flag(1) {
        builder = builder.script_readable();
    }
    if flag(2) {
        builder = builder.insecure();
    }
    if flag(3) {
        builder = builder.until_browser_closes();
    }
    if flag(4) {
        builder = builder.chunked();
    }
    if flag(5) {
        builder = builder.sticky_end();
    }
    let codec = match builder.build() {
        Ok(codec) => codec,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let session = codec.session(&None::<String>);
    session.start(7);
    let headers = session.response_headers().unwrap();
    let (_, written) = &headers[0];
    assert!(written.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    if codec.response_header() != "set-cookie" {
        return;
    }
    let mut parts = written.split("; ");
    let (name, value) = parts.next().unwrap().split_once('=').unwrap();
    assert!(name.ends_with(settings.exact_name.as_deref().unwrap_or(&settings.name)));
    assert!(
        value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    );
    let attributes: Vec<_> = parts.collect();
    let has = |attribute: &str| {
        attributes
            .iter()
            .filter(|other| **other == attribute)
            .count()
    };
    assert_eq!(has("Secure"), usize::from(!flag(2)));
    assert_eq!(has("HttpOnly"), usize::from(!flag(1)));
    assert_eq!(has("Partitioned"), usize::from(flag(0)));
    let path = settings.path.as_deref().unwrap_or("/");
    assert_eq!(has(&format!("Path={path}")), 1);
    let domains = attributes
        .iter()
        .filter(|other| other.starts_with("Domain="));
    let expected = settings.domain.map(|domain| format!("Domain={domain}"));
    assert!(domains.eq(expected.iter()));
    assert_eq!(name.starts_with("__Host-") && path != "/", false);
    assert_eq!(codec.cookie_name(), Some(name));
    let session = codec.session([&format!("{name}={value}")]);
    assert_eq!(session.get().as_deref(), Some(&7));
});
