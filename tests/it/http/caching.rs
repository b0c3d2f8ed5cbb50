//! What caches are told about a response.

use ::http::{
    HeaderMap, HeaderValue,
    header::{CACHE_CONTROL, VARY},
};
use haversack::{Codec, Session};

use super::{cookie_codec, headers, live, values};
use crate::support::{HOUR, Noise, Twin, twins};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Nothing,
    Read,
    Start,
    Update,
    RenewalDue,
    End,
    Rejected,
}

const ALL_DONE: [Done; 7] = [
    Done::Nothing,
    Done::Read,
    Done::Start,
    Done::Update,
    Done::RenewalDue,
    Done::End,
    Done::Rejected,
];

impl Done {
    fn session(self, twin: Twin) -> (Codec<u64>, Session<u64>) {
        let (codec, clock, mut request) = live(twin);
        match self {
            Done::Nothing | Done::Start => request.clear(),
            Done::RenewalDue => clock.advance(HOUR / 2),
            Done::Rejected => {
                let value = twin.carry(&codec, "x");
                request = headers(&[(codec.request_header(), &value)]);
            }
            Done::Read | Done::Update | Done::End => {}
        }
        let session = codec.load(&request);
        match self {
            Done::Read | Done::RenewalDue => assert_eq!(session.get().as_deref(), Some(&7)),
            Done::Start => session.start(8),
            Done::Update => assert!(session.update(|user| *user = 8).is_some()),
            Done::End => session.end(),
            Done::Rejected => assert!(session.rejected().is_some()),
            Done::Nothing => {}
        }
        (codec, session)
    }

    fn writes(self) -> bool {
        match self {
            Done::Nothing | Done::Read | Done::Rejected => false,
            Done::Start | Done::Update | Done::RenewalDue | Done::End => true,
        }
    }
}

#[test]
fn what_is_written_is_not_stored_and_what_was_looked_at_varies() {
    let cache_controls = [
        None,
        Some("no-store"),
        Some("private, max-age=60"),
        Some("No-Store, private"),
        Some("public"),
    ];
    let varies = [None, Some("*"), Some("Accept"), Some("accept, Cookie")];
    for (twin, done) in twins().flat_map(|twin| ALL_DONE.map(|done| (twin, done))) {
        for (before, vary) in cache_controls
            .iter()
            .flat_map(|c| varies.map(|vary| (*c, vary)))
        {
            let (codec, session) = done.session(twin);
            let mut response = HeaderMap::new();
            response.extend(before.map(|text| (CACHE_CONTROL, HeaderValue::from_static(text))));
            response.extend(vary.map(|text| (VARY, HeaderValue::from_static(text))));
            session.save(&mut response).unwrap();

            let case = format!("{twin:?} {done:?} {before:?} {vary:?}");
            let expected = match before {
                _ if done.writes() => "no-store",
                Some("public") if done == Done::Read || vary == Some("*") => "private",
                Some(before) => before,
                None => "private",
            };
            assert_eq!(values(&response, CACHE_CONTROL), [expected], "{case}");

            let own = codec.request_header();
            let expected = match vary {
                None => own.to_owned(),
                Some("*") => "*".into(),
                Some(vary) if own == "cookie" && vary.contains("Cookie") => vary.into(),
                Some(vary) => format!("{vary}, {own}"),
            };
            assert_eq!(values(&response, VARY), [expected], "{case}");

            let written = response.get_all(codec.response_header());
            assert_eq!(written.iter().count(), usize::from(done.writes()), "{case}");
            assert!(written.iter().all(HeaderValue::is_sensitive), "{case}");
        }
    }
}

/// A response to a request that signed someone in, after the application gave it these headers.
fn signed_in(before: &[(&str, &str)]) -> HeaderMap {
    let session = cookie_codec().load(&HeaderMap::new());
    session.start(8);
    let mut response = headers(before);
    session.save(&mut response).unwrap();
    response
}

/// A response to a request whose session was only looked at.
fn looked_at(before: &[(&str, &str)]) -> HeaderMap {
    let mut response = headers(before);
    let session = cookie_codec().load(&HeaderMap::new());
    session.save(&mut response).unwrap();
    response
}

#[test]
fn nothing_that_was_said_of_caching_stays_beside_no_store() {
    let lines = [
        &["public"][..],
        &["no-cache"],
        &["no-storeage"],
        &["x-no-store"],
        // In a quoted string it is no directive (RFC 9110, section 5.6.4).
        &["private=\"no-store\""],
        &["\"no-store\""],
        &["public, max-age=600, x=\"a, no-store, b\""],
        &["max-age=600, x=\"\\\", no-store, \\\""],
        &["max-age=600, x=\"a", "no-store", "b\""],
        // A cache that knows the status may store this one (RFC 9111, section 5.2.2.3).
        &["no-store, must-understand, public, max-age=600"],
        &["no-store", "public, max-age=600"],
        &["No-Store, private"],
    ];
    for lines in lines {
        let before: Vec<_> = lines.iter().map(|line| ("cache-control", *line)).collect();
        let response = signed_in(&before);
        assert_eq!(values(&response, CACHE_CONTROL), ["no-store"], "{lines:?}");
        let response = looked_at(&before);
        assert_eq!(values(&response, CACHE_CONTROL), lines);
    }
}

/// Headers that some cache obeys rather than `Cache-Control`.
pub(crate) const TARGETED: [(&str, &str); 11] = [
    ("akamai-cache-control", "max-age=600"),
    ("cdn-cache-control", "max-age=600"),
    ("cdn-cache-control", "stale-while-revalidate=60"),
    ("cloudflare-cdn-cache-control", "max-age=600"),
    ("edge-control", "cache-maxage=10m"),
    ("netlify-cdn-cache-control", "public, durable, max-age=600"),
    ("of-some-cache-to-come-cache-control", "max-age=600"),
    ("surrogate-control", "max-age=600"),
    ("vercel-cdn-cache-control", "max-age=600"),
    ("x-accel-expires", "600"),
    ("x-litespeed-cache-control", "public,max-age=600"),
];

#[test]
fn a_live_session_or_what_is_written_leaves_no_other_cache_a_permission_to_store_it() {
    let others = [
        ("cache-tag", "a"),
        ("cdn-cache-controls", "max-age=600"),
        ("surrogate-key", "a"),
        ("x-cache-control-note", "a"),
    ];
    let before = [&TARGETED[..], &others].concat();
    for (twin, done) in twins().flat_map(|twin| ALL_DONE.map(|done| (twin, done))) {
        let (codec, session) = done.session(twin);
        let mut response = headers(&before);
        session.save(&mut response).unwrap();
        for own in ["cache-control", "vary", codec.response_header()] {
            response.remove(own);
        }
        let after = match done.writes() || done == Done::Read {
            true => headers(&others),
            false => headers(&before),
        };
        assert_eq!(response, after, "{twin:?} {done:?}");
    }
}

#[test]
fn what_a_live_session_was_looked_at_for_is_for_no_shared_cache() {
    for (before, after) in [
        // As it is, where that is so already.
        (&["private"][..], &["private"][..]),
        (&["Private, Max-Age=60"], &["Private, Max-Age=60"]),
        (&["no-store"], &["no-store"]),
        (
            &["max-age=0", "no-store, private"],
            &["max-age=0", "no-store, private"],
        ),
        (
            &["private, no-cache, must-revalidate, no-transform, immutable"],
            &["private, no-cache, must-revalidate, no-transform, immutable"],
        ),
        // What is left is for the client's own cache.
        (&["public"], &["private"]),
        (&["public, max-age=60"], &["private, max-age=60"]),
        (&["max-age=60"], &["private, max-age=60"]),
        (&["max-age=60", "public"], &["private, max-age=60"]),
        (&["no-cache"], &["private, no-cache"]),
        (
            &["Public, Max-Age=0, S-MaxAge=60, stale-while-revalidate=9"],
            &["private, Max-Age=0, stale-while-revalidate=9"],
        ),
        (&["private, public, s-maxage=60"], &["private"]),
        (&["s-maxage = 60"], &["private"]),
        (
            &["max-age=60, stale-if-error=60, proxy-revalidate"],
            &["private, max-age=60, stale-if-error=60"],
        ),
        // These two are for some fields only (RFC 9111, section 5.2.2).
        (
            &["private=\"set-cookie, x-a\", max-age=60"],
            &["private, max-age=60"],
        ),
        (
            &["no-cache=\"set-cookie\", max-age=60"],
            &["private, max-age=60"],
        ),
        // A cache that knows the status may store this one (RFC 9111, section 5.2.2.3).
        (&["no-store, must-understand, s-maxage=60"], &["no-store"]),
        (&["x-of-some-cache=60"], &["private"]),
    ] {
        let lines: Vec<_> = before.iter().map(|line| ("cache-control", *line)).collect();
        for twin in twins() {
            let mut response = headers(&lines);
            // The second time it is as the first has left it.
            for _ in 0..2 {
                let (_, session) = Done::Read.session(twin);
                session.save(&mut response).unwrap();
                assert_eq!(
                    values(&response, CACHE_CONTROL),
                    after,
                    "{twin:?} {before:?}"
                );
            }
        }
    }
}

#[test]
fn a_page_that_varies_by_everything_is_for_no_shared_cache() {
    for vary in [&["*"][..], &["Accept-Encoding, *"], &["Accept", "*"]] {
        let mut before: Vec<_> = vary.iter().map(|line| ("vary", *line)).collect();
        before.extend([
            ("cache-control", "public, max-age=60, s-maxage=600"),
            ("surrogate-control", "max-age=60"),
        ]);
        let response = looked_at(&before);
        let cache_control = values(&response, CACHE_CONTROL);
        assert_eq!(cache_control, ["private, max-age=60"], "{vary:?}");
        assert_eq!(values(&response, VARY), ["*"], "{vary:?}");
        assert!(!response.contains_key("surrogate-control"), "{vary:?}");
    }
}

#[test]
fn a_cache_control_that_says_nothing_is_none() {
    for empty in [&[][..], &[""], &[" , "], &["", ","]] {
        let before: Vec<_> = empty.iter().map(|line| ("cache-control", *line)).collect();
        let response = looked_at(&before);
        assert_eq!(values(&response, CACHE_CONTROL), ["private"], "{empty:?}");
    }
}

#[test]
fn vary_is_one_line_with_whatever_was_there_and_the_own_header_once() {
    for (before, after) in [
        (&[][..], "cookie"),
        (&["", " ,\t, "], "cookie"),
        (&["cookie"], "cookie"),
        (&["COOKIE"], "COOKIE"),
        (&["Accept"], "Accept, cookie"),
        (&["Accept", "Origin,Range"], "Accept, Origin, Range, cookie"),
        (&["Cookie", "Accept-Encoding"], "Cookie, Accept-Encoding"),
        (&["Accept-Encoding", "Cookie"], "Accept-Encoding, Cookie"),
        (&["Accept,, ,\tCookie ,"], "Accept, Cookie"),
        (&["cookies, set-cookie"], "cookies, set-cookie, cookie"),
        // nginx knows a lone one only.
        (&["*"], "*"),
        (&["Accept", "*"], "*"),
        (&["Accept, *, Cookie"], "*"),
    ] {
        let lines: Vec<_> = before.iter().map(|line| ("vary", *line)).collect();
        for mut response in [looked_at(&lines), signed_in(&lines)] {
            assert_eq!(values(&response, VARY), [after], "{before:?}");
            let again = cookie_codec().load(&HeaderMap::new());
            again.save(&mut response).unwrap();
            assert_eq!(values(&response, VARY), [after], "{before:?} again");
        }
    }
}

#[test]
fn no_vary_is_lost_or_doubled_whatever_its_octets() {
    let parts: [&[u8]; 8] = [
        b"cookie", b"Accept", b",", b", ", b"\t,", b"*", b"\"", b"\xff",
    ];
    let mut noise = Noise::new();
    let session = cookie_codec().load(&HeaderMap::new());
    let members = |line: &[u8]| -> Vec<Vec<u8>> {
        let members = line.split(|octet| *octet == b',').map(<[u8]>::trim_ascii);
        let members = members.map(<[u8]>::to_ascii_lowercase);
        members.filter(|member| !member.is_empty()).collect()
    };
    for _ in 0..2000 {
        let mut response = HeaderMap::new();
        let mut expected = Vec::new();
        for _ in 0..noise.below(4) {
            let mut line = noise.header(8, &parts);
            line.retain(|octet| *octet == b'\t' || (*octet >= b' ' && *octet != 0x7f));
            expected.extend(members(&line));
            response.append(VARY, HeaderValue::from_bytes(&line).unwrap());
        }
        if expected.contains(&b"*".to_vec()) {
            expected = vec![b"*".to_vec()];
        } else if !expected.contains(&b"cookie".to_vec()) {
            expected.push(b"cookie".to_vec());
        }
        session.save(&mut response).unwrap();
        let lines: Vec<_> = response.get_all(VARY).iter().collect();
        assert_eq!(lines.len(), 1);
        assert_eq!(members(lines[0].as_bytes()), expected);
    }
}

#[test]
fn as_strings_the_headers_say_the_same_of_caching() {
    for (twin, done) in twins().flat_map(|twin| ALL_DONE.map(|done| (twin, done))) {
        let (codec, session) = done.session(twin);
        let headers = session.response_headers().unwrap();
        let of_caching = headers
            .iter()
            .filter(|(n, _)| *n != codec.response_header());
        let of_caching: Vec<_> = of_caching.map(|(n, value)| (*n, &**value)).collect();
        let storing = match done.writes() {
            true => "no-store",
            false => "private",
        };
        let expected = [("cache-control", storing), ("vary", codec.request_header())];
        assert_eq!(of_caching, expected, "{twin:?} {done:?}");
    }
}
