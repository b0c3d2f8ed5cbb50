use proptest::prelude::*;

use super::{time::LAST, *};

const FIRST_OF_DECEMBER: u64 = 1_796_083_200;

#[test]
fn names_are_as_the_protocol_writes_them() {
    let key = KeyName {
        begin: FIRST_OF_DECEMBER,
        count: 0,
    };
    assert_eq!(key.object().to_string(), "keys/20261201T000000Z");
    assert_eq!(key.next().object().to_string(), "keys/20261201T000000Z.1");
    assert_eq!(
        key.next().object().under(0x5f).to_string(),
        "keys/20261201T000000Z.1-0000005f"
    );
    assert_eq!(key.tombstone().to_string(), "revoked/20261201T000000Z");
    let cut_off = |whose| {
        let (time, tag) = (FIRST_OF_DECEMBER, 0xa);
        ObjectName::CutOff(CutOffName { time, whose, tag }).to_string()
    };
    assert_eq!(
        cut_off(Whose::All),
        "cutoffs/20261201T000000Z-all-0000000000000000000000000000000a"
    );
    assert_eq!(
        cut_off(Whose::Subject(11)),
        "cutoffs/20261201T000000Z-0000000000000000000000000000000b-0000000000000000000000000000000a"
    );
}

#[test]
fn no_other_text_is_a_name() {
    for text in [
        "",
        "fleet-",
        "fleet-5F000000",
        "fleet-+0000001",
        "fleet.1",
        "keys/",
        "keys/20261201T000000Z.0",
        "keys/20261201T000000Z.01",
        "keys/20261201T000000Z.+1",
        "keys/20261201T000000Z-1",
        "keys/20261201T000000",
        "keys/20261201t000000Z",
        "keys/20261301T000000Z",
        "keys/20260229T000000Z",
        "keys/20261201T000060Z",
        "keys/20261201T000000.5Z",
        "keys/2026120éT000000Z",
        "keys/20261201T000000Z/x",
        "revoked/20261201T000000Z.4294967296",
        "cutoffs/20261201T000000Z-all",
        "cutoffs/20261201T000000Z-all-a",
        "cutoffs/20261201T000000Z-ALL-0000000000000000000000000000000a",
        "other/20261201T000000Z",
    ] {
        assert_eq!(Wrapped::parse(text), None, "{text}");
    }
}

#[test]
fn a_listing_from_a_cut_off_on_has_all_but_older_cut_offs() {
    let from = cut_offs_from(FIRST_OF_DECEMBER);
    let cut_off = |time| {
        let (whose, tag) = (Whose::All, 0);
        ObjectName::CutOff(CutOffName { time, whose, tag }).to_string()
    };
    assert!(cut_off(FIRST_OF_DECEMBER - 1) < from);
    let key = KeyName { begin: 0, count: 0 };
    for name in [
        cut_off(FIRST_OF_DECEMBER),
        ObjectName::Fleet.to_string(),
        key.object().to_string(),
        key.tombstone().to_string(),
        ObjectName::Probe(0, 0).to_string(),
    ] {
        assert!(name > from, "{name}");
    }
}

fn any_object() -> impl Strategy<Value = ObjectName> {
    let time = || 0..=LAST;
    let key = || (time(), any::<u32>()).prop_map(|(begin, count)| KeyName { begin, count });
    let whose = prop_oneof![Just(Whose::All), any::<u128>().prop_map(Whose::Subject)];
    prop_oneof![
        (time(), whose, any::<u128>())
            .prop_map(|(time, whose, tag)| { ObjectName::CutOff(CutOffName { time, whose, tag }) }),
        Just(ObjectName::Fleet),
        key().prop_map(ObjectName::Key),
        key().prop_map(ObjectName::Revoked),
        (time(), any::<u64>()).prop_map(|(time, number)| ObjectName::Probe(time, number)),
    ]
}

proptest! {
    #[test]
    fn a_name_reads_as_what_it_was_written_for(name in any_object(), under: Option<u32>) {
        let is_wrapped = !matches!(name, ObjectName::CutOff(_) | ObjectName::Probe(..));
        let under = under.filter(|_| is_wrapped);
        let wrapped = Wrapped { name, under };
        let text = wrapped.to_string();
        prop_assert!(crate::store::is_name(&text));
        prop_assert_eq!(Wrapped::parse(&text), Some(wrapped));
    }

    #[test]
    fn keys_are_ordered_by_their_names(one in 0..=LAST, other in 0..=LAST) {
        let key = |begin| KeyName { begin, count: 0 };
        let by_name = key(one).object().to_string().cmp(&key(other).object().to_string());
        prop_assert_eq!(key(one).cmp(&key(other)), by_name);
    }

    #[test]
    fn no_text_makes_a_name_panic(text in any::<String>(), tail in "[0-9TZ.é-]{0,24}") {
        for text in [text, format!("keys/{tail}"), format!("cutoffs/{tail}-{tail}-{tail}")] {
            if let Some(name) = Wrapped::parse(&text) {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }

    #[test]
    fn every_time_is_in_one_period(time in 0..=LAST, period in 1..=LAST) {
        let KeyName { begin, .. } = KeyName::at(time, period);
        prop_assert!(begin <= time && time - begin < period);
        prop_assert_eq!(KeyName::at(begin, period).begin, begin);
        prop_assert_eq!(begin % period, 0);
    }
}
