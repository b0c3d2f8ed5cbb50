//! What a session that changes its size leaves in a browser: nothing.

use haversack::{Rejected, Session};
use http::{HeaderMap, HeaderValue};

use super::{FORMATS, NAME, chunked, value};
use crate::clients::Jar;

#[test]
fn what_is_no_longer_needed_is_removed() {
    for format in FORMATS {
        let codec = chunked(format);
        let mut jar = Jar::default();
        for (length, count) in [
            (1, 0),
            (11_000, 4),
            (7000, 3),
            (4000, 2),
            (11_000, 4),
            (1, 0),
            (7000, 3),
        ] {
            jar.visit(&codec, |session| match session.get() {
                Some(_) => session
                    .update(|stored| *stored = value('v', length))
                    .unwrap(),
                None => session.start(value('v', length)),
            });
            let pieces: Vec<_> = (1..=count).map(|index| format!("{NAME}.{index}")).collect();
            assert_eq!(
                jar.names(),
                if count == 0 {
                    vec![NAME.to_owned()]
                } else {
                    pieces
                }
            );
        }
        let mut cut_short = jar.clone();
        cut_short.cookies.remove(&format!("{NAME}.2"));
        let left = cut_short.clone();
        cut_short.visit(&codec, |session| {
            assert_eq!(session.rejected(), Some(Rejected::Incomplete));
        });
        assert_eq!(cut_short, left, "what is missing may come");
        cut_short.visit(&codec, |session| session.end());
        assert_eq!(cut_short, Jar::default());
        jar.visit(&codec, |session| session.end());
        assert_eq!(jar, Jar::default());
    }
}

#[test]
fn a_session_that_is_saved_again_leaves_nothing_of_what_was_saved_first() {
    type Change = fn(&Session<String>);
    let changes: [(Change, usize); 5] = [
        (|session| session.start("v".into()), 1),
        (|session| session.start(value('v', 5000)), 5000),
        (|session| _ = session.update(|value| value.truncate(1)), 1),
        (
            |session| _ = session.update(|old| *old = value('v', 7000)),
            7000,
        ),
        (Session::end, 0),
    ];
    for (format, first) in FORMATS.into_iter().flat_map(|f| [(f, 1), (f, 5000)]) {
        for (change, length) in changes {
            let codec = chunked(format);
            let mut headers = HeaderMap::new();
            let session = codec.session([""; 0]);
            session.start(value('v', first));
            session.save(&mut headers).unwrap();
            change(&session);
            session.save(&mut headers).unwrap();

            let mut jar = Jar::default();
            let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
            let headers = headers.iter().map(|(name, value)| (name, text(value)));
            jar.follow(&headers.collect::<Vec<_>>());
            let found = codec.session([&jar.header()]).get();
            assert_eq!(found.map_or(0, |value| value.len()), length);
            let cookies = [(0, 0), (1, 1), (5000, 2), (7000, 3)].into_iter();
            let cookies = cookies
                .filter(|(of, _)| *of == length)
                .map(|(_, count)| count);
            assert_eq!(cookies.collect::<Vec<_>>(), [jar.names().len()]);
        }
    }
}
