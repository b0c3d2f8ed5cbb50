//! What caches are told about a response.

use ::http::{
    HeaderMap, HeaderValue,
    header::{CACHE_CONTROL, VARY},
};
use haversack::{Codec, Session};

use super::{cookie_codec, headers, live, values};
use crate::support::{HOUR, Twin, twins};

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
            let stays =
                !done.writes() || before.is_some_and(|b| b.to_lowercase().contains("no-store"));
            let expected = if stays { before } else { Some("no-store") };
            assert_eq!(
                values(&response, CACHE_CONTROL),
                Vec::from_iter(expected),
                "{case}"
            );

            let mut expected = Vec::from_iter(vary);
            let own = codec.request_header();
            if vary != Some("*") && (own != "cookie" || vary != Some("accept, Cookie")) {
                expected.push(own);
            }
            assert_eq!(values(&response, VARY), expected, "{case}");

            let written = response.get_all(codec.response_header());
            assert_eq!(written.iter().count(), usize::from(done.writes()), "{case}");
            assert!(written.iter().all(HeaderValue::is_sensitive), "{case}");
        }
    }
}

#[test]
fn a_directive_that_only_looks_like_no_store_does_not_count() {
    let texts = [
        "no-storeage",
        "x-no-store",
        "private=\"no-store\"",
        "\"no-store\"",
        "no-cache",
    ];
    for text in texts {
        let session = cookie_codec().load(&HeaderMap::new());
        session.start(8);
        let mut response = headers(&[("cache-control", "public"), ("cache-control", text)]);
        session.save(&mut response).unwrap();
        assert_eq!(values(&response, CACHE_CONTROL), ["no-store"], "{text}");
    }
}
