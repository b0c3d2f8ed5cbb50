//! Values for the next page.

use haversack::{Codec, Flash, Flashes, Session, ValueError, Values, WithFlashes};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    clients::Client,
    support::{Format, NOW, TestClock, Twin, twins},
};

/// A session of an application's own, with flashes among its fields.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Own {
    user: u64,
    flashes: Flashes,
}

impl AsRef<Flashes> for Own {
    fn as_ref(&self) -> &Flashes {
        &self.flashes
    }
}

impl AsMut<Flashes> for Own {
    fn as_mut(&mut self) -> &mut Flashes {
        &mut self.flashes
    }
}

/// What has flashes, in every way that there is.
trait Flashing:
    AsRef<Flashes> + AsMut<Flashes> + Clone + Default + Serialize + DeserializeOwned
{
}

impl<T> Flashing for T where
    T: AsRef<Flashes> + AsMut<Flashes> + Clone + Default + Serialize + DeserializeOwned
{
}

fn codec<T>(twin: Twin) -> Codec<T> {
    let builder = twin.builder("visit", &[1]).clock(TestClock::at(NOW));
    builder.build().unwrap()
}

/// Somebody with a session and no flashes.
fn visitor<T: Flashing>(twin: Twin, codec: &Codec<T>) -> Client {
    let mut client = Client::new(twin);
    client.visit(codec, |session| session.start(T::default()));
    client
}

fn flash<T: Flashing>(session: &Session<T>, category: &str, message: &str) {
    assert!(session.flash(category, message).unwrap());
}

fn shown(flashes: &[Flash]) -> Vec<(&str, &str)> {
    flashes
        .iter()
        .map(|flash| (flash.category(), flash.text().unwrap()))
        .collect()
}

/// Runs a check over everything that has flashes, and every format and carrier.
macro_rules! everywhere {
    ($($test:ident => $check:ident;)*) => {$(
        #[test]
        fn $test() {
            for twin in twins() {
                $check::<Flashes>(twin);
                $check::<Values>(twin);
                $check::<WithFlashes<u64>>(twin);
                $check::<Own>(twin);
            }
        }
    )*};
}

everywhere! {
    a_flash_is_read_once_on_a_later_request_and_not_in_its_own => read_once;
    a_request_that_does_not_ask_keeps_flashes_and_writes_nothing => kept_unread;
    flashes_are_in_the_order_in_which_they_were_left => in_order;
    flashes_can_be_left_and_taken_in_one_request => left_and_taken;
    flashes_that_nobody_takes_never_fill_the_session => never_fill;
    flashes_whose_removal_is_not_delivered_are_still_there => undelivered;
    a_session_that_is_empty_or_ended_takes_no_flash => no_session;
    a_message_that_is_not_for_json_is_an_error_and_changes_nothing => not_for_json;
    flashes_hold_values_of_any_type => any_type;
}

fn read_once<T: Flashing>(twin: Twin) {
    let codec = codec::<T>(twin);
    let mut client = visitor(twin, &codec);
    let wrote = client.visit(&codec, |session| {
        flash(session, "success", "saved");
        assert!(session.take_flashes().is_empty());
        assert!((*session.get().unwrap()).as_ref().peek().is_empty());
    });
    assert!(wrote);
    let wrote = client.visit(&codec, |session| {
        assert_eq!(shown(&session.take_flashes()), [("success", "saved")]);
        assert!(
            session.take_flashes().is_empty(),
            "not twice in one request either"
        );
    });
    assert!(wrote);
    let wrote = client.visit(&codec, |session| assert!(session.take_flashes().is_empty()));
    assert!(!wrote, "there was nothing to take");
}

fn kept_unread<T: Flashing>(twin: Twin) {
    let codec = codec::<T>(twin);
    let mut client = visitor(twin, &codec);
    client.visit(&codec, |session| flash(session, "info", "kept"));
    for _ in 0..3 {
        let wrote = client.visit(&codec, |session| {
            let value = session.get().unwrap();
            assert_eq!(shown((*value).as_ref().peek()), [("info", "kept")]);
        });
        assert!(!wrote);
    }
    assert!(
        client.visit(&codec, Session::renew),
        "nor does a renewal lose them"
    );
    client.visit(&codec, |session| {
        assert_eq!(shown(&session.take_flashes()), [("info", "kept")]);
    });
}

fn never_fill<T: Flashing>(twin: Twin) {
    let codec = codec::<T>(twin);
    let mut client = visitor(twin, &codec);
    for number in 0..200 {
        let long = format!("{number} {}", "\"".repeat(40));
        client.visit(&codec, |session| flash(session, "info", &long));
    }
    client.visit(&codec, |session| {
        let flashes = session.take_flashes();
        let numbers: Vec<_> = shown(&flashes)
            .iter()
            .map(|(_, text)| text.split(' ').next().unwrap().parse::<u32>().unwrap())
            .collect();
        // The newest, without a gap, and in order.
        let first = numbers[0];
        assert_eq!(numbers, (first..200).collect::<Vec<_>>());
        assert!((5..20).contains(&numbers.len()), "{}", numbers.len());
    });
    // All of one request are kept, however many.
    client.visit(&codec, |session| {
        for number in 0..40 {
            flash(session, "info", &format!("{number} {}", "a".repeat(30)));
        }
    });
    client.visit(&codec, |session| {
        assert_eq!(session.take_flashes().len(), 40)
    });
}

fn in_order<T: Flashing>(twin: Twin) {
    let codec = codec::<T>(twin);
    let mut client = visitor(twin, &codec);
    client.visit(&codec, |session| {
        flash(session, "info", "1");
        flash(session, "error", "2");
        flash(session, "info", "1");
    });
    client.visit(&codec, |session| flash(session, "", ""));
    client.visit(&codec, |session| {
        let all = [("info", "1"), ("error", "2"), ("info", "1"), ("", "")];
        assert_eq!(shown(&session.take_flashes()), all);
    });
}

fn left_and_taken<T: Flashing>(twin: Twin) {
    for leave_first in [true, false] {
        let codec = codec::<T>(twin);
        let mut client = visitor(twin, &codec);
        client.visit(&codec, |session| flash(session, "info", "old"));
        client.visit(&codec, |session| {
            if leave_first {
                flash(session, "info", "new");
            }
            assert_eq!(shown(&session.take_flashes()), [("info", "old")]);
            if !leave_first {
                flash(session, "info", "new");
            }
        });
        client.visit(&codec, |session| {
            assert_eq!(shown(&session.take_flashes()), [("info", "new")]);
        });
    }
}

fn undelivered<T: Flashing>(twin: Twin) {
    let codec = codec::<T>(twin);
    let mut client = visitor(twin, &codec);
    client.visit(&codec, |session| flash(session, "info", "once"));
    let before = client.sends.clone();
    for _ in 0..2 {
        client.sends.clone_from(&before);
        client.visit(&codec, |session| {
            assert_eq!(shown(&session.take_flashes()), [("info", "once")]);
        });
    }
    client.visit(&codec, |session| assert!(session.take_flashes().is_empty()));
}

fn no_session<T: Flashing>(twin: Twin) {
    let codec = codec::<T>(twin);
    let mut client = Client::new(twin);
    let wrote = client.visit(&codec, |session| {
        assert!(!session.flash("info", "lost").unwrap());
        assert!(session.take_flashes().is_empty());
    });
    assert!(!wrote);
    client.visit(&codec, |session| {
        session.start(T::default());
        flash(session, "info", "with the start");
    });
    client.visit(&codec, |session| {
        session.end();
        assert!(!session.flash("info", "lost").unwrap());
        assert!(session.take_flashes().is_empty());
    });
    assert_eq!(client.sends, None);
}

fn not_for_json<T: Flashing>(twin: Twin) {
    let codec = codec::<T>(twin);
    let mut client = visitor(twin, &codec);
    let wrote = client.visit(&codec, |session| {
        let error: ValueError = session.flash("count", &u128::MAX).unwrap_err();
        assert_eq!(error.key(), "count");
    });
    assert!(!wrote);
    let empty = codec.session([""; 0]);
    assert!(empty.flash("count", &u128::MAX).is_err());
}

#[test]
fn debug_shows_categories_and_no_messages() {
    let mut flashes = Flashes::default();
    flashes.push("success", "secret").unwrap();
    let shown = format!("{flashes:?}");
    assert!(
        shown.contains("success") && !shown.contains("secret"),
        "{shown}"
    );
}

fn any_type<T: Flashing>(twin: Twin) {
    let codec = codec::<T>(twin);
    let mut client = visitor(twin, &codec);
    client.visit(&codec, |session| {
        session.flash("undo", &(7_u64, "delete")).unwrap();
    });
    client.visit(&codec, |session| {
        let flash = session.take_flashes().remove(0);
        assert_eq!(flash.get::<(u64, String)>().unwrap(), (7, "delete".into()));
        assert_eq!(flash.text(), None);
        assert_eq!(flash.get::<u64>().unwrap_err().key(), "undo");
    });
}

#[test]
fn taking_flashes_leaves_the_rest_of_the_value() {
    for twin in twins() {
        let codec = codec::<Own>(twin);
        let mut client = visitor(twin, &codec);
        client.visit(&codec, |session| {
            session.update(|own| own.user = 7);
            flash(session, "info", "hello");
        });
        client.visit(&codec, |session| {
            assert_eq!(session.take_flashes().len(), 1);
            assert_eq!(session.get().unwrap().user, 7);
        });
        client.visit(&codec, |session| assert_eq!(session.get().unwrap().user, 7));

        let codec = self::codec::<Values>(twin);
        let mut client = visitor(twin, &codec);
        client.visit(&codec, |session| {
            session
                .update(|values| values.insert("theme", "dark"))
                .unwrap()
                .unwrap();
            flash(session, "info", "hello");
        });
        client.visit(&codec, |session| {
            assert_eq!(session.take_flashes().len(), 1);
        });
        client.visit(&codec, |session| {
            let theme: Option<String> = session.get().unwrap().get("theme").unwrap();
            assert_eq!(theme.unwrap(), "dark");
        });
    }
}

#[test]
fn a_value_beside_flashes_is_used_like_the_value() {
    for twin in twins() {
        let codec = codec::<WithFlashes<Vec<u64>>>(twin);
        let mut client = Client::new(twin);
        client.visit(&codec, |session| session.start(WithFlashes::new(vec![1])));
        client.visit(&codec, |session| {
            session.update(|numbers| numbers.push(2));
            flash(session, "info", "added");
        });
        client.visit(&codec, |session| {
            let numbers = session.get().unwrap();
            assert_eq!((numbers.len(), numbers[1]), (2, 2));
            assert_eq!((*numbers).clone().into_value(), [1, 2]);
        });
    }
}

#[test]
fn a_session_without_flashes_carries_nothing_of_them() {
    for twin in twins().filter(|twin| twin.format == Format::Jwt) {
        fn check<T: Flashing>(twin: Twin, empty: &serde_json::Value) {
            let codec = codec::<T>(twin);
            let mut client = visitor(twin, &codec);
            assert_eq!(client.claims()["val"], *empty);
            client.visit(&codec, |session| flash(session, "info", "hello"));
            assert_ne!(client.claims()["val"], *empty);
            assert!(
                client.claims()["val"]
                    .to_string()
                    .contains(r#"["info","hello"]"#)
            );
            client.visit(&codec, |session| {
                assert_eq!(session.take_flashes().len(), 1)
            });
            assert_eq!(client.claims()["val"], *empty);
        }
        check::<Values>(twin, &json!({}));
        check::<WithFlashes<u64>>(twin, &json!({"v": 0}));
        check::<Flashes>(twin, &json!([]));
    }
}
