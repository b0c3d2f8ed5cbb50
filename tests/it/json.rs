//! What becomes of a value on its way through JSON: it comes back, or it is not written.

mod unreadable;

use std::{collections::BTreeMap, time::Duration};

use haversack::{Codec, Flashes, SaveError, ValueError, Values};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned, ser::SerializeSeq};
use serde_json::{Value, json};

use crate::support::{NOW, TestClock, Twin, twins};

fn codec<T>(twin: Twin) -> Codec<T> {
    let builder = twin.builder("login", &[1]).clock(TestClock::at(NOW));
    builder.build().unwrap()
}

/// The value after it travelled, or why it was not written.
fn travelled<T: Serialize + DeserializeOwned>(twin: Twin, value: &T) -> Result<T, String> {
    let codec = codec(twin);
    match codec.seal(value) {
        Ok(token) => Ok(codec.open(token).unwrap().into_value()),
        Err(error @ SaveError::Value(_)) => Err(error.to_string()),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn names_that_serde_json_keeps_for_itself_are_names_like_any_other() {
    for twin in twins() {
        for value in [
            json!({"$serde_json::private::RawValue": "{\"admin\":true}"}),
            json!({"$serde_json::private::RawValue": 7}),
            json!({"$serde_json::private::Number": "7"}),
            json!([{"$serde_json::private::RawValue": "]"}]),
        ] {
            assert_eq!(travelled(twin, &value).unwrap(), value, "{twin:?}");
        }
    }
}

/// Every way in which serde puts values into each other.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Leaf,
    Newtype(Box<Tree>),
    Tuple(Box<Tree>, u8),
    Struct { tree: Box<Tree> },
    List(Vec<Tree>),
    Some(Option<Box<Tree>>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Object {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    inner: Option<Box<Object>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair((), Vec<Pair>);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Map(BTreeMap<u8, Map>);

/// Grows a value while it is written, and checks that it comes back until it is too deep.
fn grow<T: std::fmt::Debug + PartialEq + Serialize + DeserializeOwned>(
    start: T,
    grown: impl Fn(T) -> T,
    most: usize,
) {
    let mut value = start;
    for times in 0..=most {
        for twin in twins() {
            assert!(travelled(twin, &value).as_ref() == Ok(&value), "{times}");
        }
        value = grown(value);
    }
    for _ in 0..3 {
        for twin in twins() {
            let text = travelled(twin, &value).unwrap_err();
            assert_eq!(
                text,
                "the value is nested too deep to be read back; keep it flatter"
            );
        }
        value = grown(value);
    }
}

#[test]
fn a_value_comes_back_from_127_brackets_and_is_not_written_in_more() {
    grow(json!(7), |value| json!([value]), 127);
    grow(json!("a"), |value| json!({ "a": value }), 127);
    grow(json!([]), |value| json!([1, value, 2]), 126);
    grow(Tree::Leaf, |tree| Tree::Newtype(tree.into()), 127);
    grow(Tree::Leaf, |tree| Tree::Tuple(tree.into(), 1), 63);
    let within = |tree: Tree| Tree::Struct { tree: tree.into() };
    grow(Tree::Leaf, within, 63);
    grow(Tree::Leaf, |tree| Tree::List(vec![tree]), 63);
    grow(Tree::Leaf, |tree| Tree::Some(Some(tree.into())), 127);
    let within = |object: Object| Object {
        inner: Some(object.into()),
    };
    grow(Object { inner: None }, within, 126);
    grow(Pair((), Vec::new()), |pair| Pair((), vec![pair]), 62);
    grow(Map(BTreeMap::new()), |map| Map([(1, map)].into()), 126);
}

/// As many lists in each other.
struct Deep(usize);

impl Serialize for Deep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(1))?;
        if self.0 > 1 {
            list.serialize_element(&Deep(self.0 - 1))?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Deep {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Deep, D::Error> {
        let inner = Vec::<Deep>::deserialize(deserializer)?;
        Ok(Deep(1 + inner.first().map_or(0, |deep| deep.0)))
    }
}

#[test]
fn a_value_that_is_nested_without_end_is_an_error_before_the_stack_is_full() {
    for twin in twins() {
        assert_eq!(travelled(twin, &Deep(127)).unwrap().0, 127);
        for depth in [128, 129, 1000, 1_000_000] {
            assert!(travelled(twin, &Deep(depth)).is_err());
            assert!(Values::new().insert("deep", &Deep(depth)).is_err());
        }
    }
}

/// Numbers wherever a value can have them.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Numbers {
    wide: f64,
    narrow: f32,
    maybe: Option<f64>,
    list: Vec<f32>,
    map: BTreeMap<String, Option<f32>>,
    either: Option<Either>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Either {
    Newtype(f64),
    Tuple(u8, f64),
    Struct { number: f32 },
}

/// Values that have these numbers, each at another place.
fn with_numbers(wide: f64, narrow: f32) -> Vec<Numbers> {
    let numbers = Numbers::default;
    let either = |either| Numbers {
        either: Some(either),
        ..numbers()
    };
    vec![
        Numbers { wide, ..numbers() },
        Numbers {
            narrow,
            ..numbers()
        },
        Numbers {
            maybe: Some(wide),
            ..numbers()
        },
        Numbers {
            list: vec![0.5, narrow],
            ..numbers()
        },
        Numbers {
            map: [("a".into(), Some(narrow))].into(),
            ..numbers()
        },
        either(Either::Newtype(wide)),
        either(Either::Tuple(1, wide)),
        either(Either::Struct { number: narrow }),
    ]
}

const NO_NUMBERS: [(f64, f32); 3] = [
    (f64::NAN, f32::NAN),
    (f64::INFINITY, f32::INFINITY),
    (f64::NEG_INFINITY, f32::NEG_INFINITY),
];

#[test]
fn a_number_that_is_none_is_not_written_wherever_it_is() {
    for twin in twins() {
        for (wide, narrow) in NO_NUMBERS {
            for value in with_numbers(wide, narrow) {
                let text = travelled(twin, &value).unwrap_err();
                assert_eq!(
                    text,
                    "the value holds NaN or an infinity, which JSON has no number for"
                );
            }
            assert!(travelled(twin, &wide).is_err() && travelled(twin, &Some(narrow)).is_err());
        }
        for (wide, narrow) in [
            (0.1, 0.1),
            (-0.0, -0.0),
            (f64::MAX, f32::MAX),
            (f64::MIN_POSITIVE, f32::MIN),
        ] {
            for value in with_numbers(wide, narrow) {
                assert_eq!(travelled(twin, &value).unwrap(), value, "{twin:?}");
            }
        }
    }
}

#[test]
fn a_session_with_a_number_that_is_none_is_not_saved() {
    for twin in twins() {
        let codec = codec::<Option<f64>>(twin);
        let session = codec.session(["none"]);
        session.start(Some(f64::NAN));
        let error = session.response_headers().unwrap_err();
        assert!(matches!(error, SaveError::Value(_)), "{error}");
        session.update(|value| *value = Some(1.5));
        assert!(session.response_headers().is_ok());
    }
}

/// Every way to put a value into a map of values.
type Put = fn(&mut Values, &Value) -> Result<(), ValueError>;
const PUTS: [Put; 3] = [
    |values, value| values.insert("name", value),
    |values, value| values.insert_for("name", value, Duration::from_secs(9)),
    |values, value| AsMut::<Flashes>::as_mut(values).push("name", value),
];

#[test]
fn what_values_and_flashes_take_comes_back_however_deep_it_is() {
    let nested = |depth| (0..depth).fold(json!(7), |value, _| json!([value]));
    for put in PUTS {
        for depth in [1, 100, 123, 124] {
            let mut values = Values::new();
            put(&mut values, &nested(depth)).unwrap();
            for twin in twins() {
                let back = travelled(twin, &values).unwrap();
                assert!(back.iter().eq(values.iter()), "{twin:?} {depth}");
                let mut back: Flashes = AsRef::<Flashes>::as_ref(&back).clone();
                assert_eq!(travelled(twin, &back).unwrap(), back);
                assert!(back.take().iter().all(|flash| flash.get::<Value>().is_ok()));
            }
        }
        for depth in [125, 126, 127, 128, 200] {
            let error = put(&mut Values::new(), &nested(depth)).unwrap_err();
            assert_eq!(error.key(), "name");
            let text = error.to_string();
            assert!(text.contains("nested too deep to be read back"), "{text}");
        }
    }
}

#[test]
fn values_and_flashes_take_no_number_that_is_none() {
    const WHILE: Duration = Duration::from_secs(9);
    for (wide, narrow) in NO_NUMBERS {
        let mut values = Values::new();
        values.insert("kept", "old").unwrap();
        let mut flashes = Flashes::new();
        let session = codec::<Values>(twins().next().unwrap()).session([""]);
        session.start(values.clone());
        let errors = [
            values.insert("kept", &wide),
            values.insert("kept", &Some(narrow)),
            values.insert("kept", &with_numbers(wide, narrow)),
            values.insert_for("kept", &narrow, WHILE),
            values.insert_for("kept", &[Some(wide)], WHILE),
            flashes.push("kept", &wide),
            flashes.push("kept", &json!({"a": 1}).as_object().map(|_| narrow)),
            session.flash("kept", &wide).map(drop),
            session.flash("kept", &Some(narrow)).map(drop),
        ];
        for error in errors.map(Result::unwrap_err) {
            assert_eq!(error.key(), "kept");
            let text = error.to_string();
            assert!(
                text.ends_with("holds NaN or an infinity, which JSON has no number for"),
                "{text}"
            );
        }
        assert_eq!(values.get::<String>("kept").unwrap().unwrap(), "old");
        assert!(flashes.is_empty());
        assert_eq!(*session.get().unwrap(), values);
    }
}
