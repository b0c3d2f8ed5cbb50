use super::*;
use crate::record::{FleetRecord, Secret};

const NOW: u64 = 1_800_000_000;

fn record() -> FleetRecord {
    FleetRecord {
        made: 0,
        first: "20261201T000000Z".parse().unwrap(),
        subjects: Secret(std::array::from_fn(|index| index as u8).into()),
        tags: Secret([7; 16].into()),
    }
}

fn cut_offs() -> CutOffs {
    CutOffs::new(Hashing::new(&record()))
}

/// From the reference implementation: key 00 01 .. 0f, input of no octets and 00 01 .. 0e.
#[test]
fn the_hash_is_that_of_the_reference() {
    let hashing = Hashing::new(&record());
    assert_eq!(
        format!("{:032x}", hashing.subject(b"")),
        "a3817f04ba25a8e66df67214c7550293"
    );
    let input: [u8; 15] = std::array::from_fn(|index| index as u8);
    assert_eq!(
        format!("{:032x}", hashing.subject(&input)),
        "5493e99933b0a8117e08ec0f97cfc3d9"
    );
}

#[test]
fn a_number_is_the_same_subject_as_its_text() {
    let cut_offs = cut_offs();
    for other in [
        cut_offs.whose("7"),
        cut_offs.whose(String::from("7")),
        cut_offs.whose(b"7"),
        cut_offs.whose(7_i8),
        cut_offs.whose(7_u128),
    ] {
        assert_eq!(cut_offs.whose(7_u64), other);
    }
    assert_ne!(cut_offs.whose(7), cut_offs.whose("07"));
    assert_ne!(cut_offs.whose(7), cut_offs.whose(-7));
}

#[test]
fn the_latest_cut_off_counts_of_a_subject_or_of_all() {
    let cut_offs = cut_offs();
    let seven = cut_offs.whose(7);
    let add = |time, whose| cut_offs.add([cut_offs.name(time, whose)]).len();
    assert_eq!(cut_offs.since(7, NOW), 0);
    assert_eq!(add(NOW, seven), 1);
    assert_eq!(add(NOW, seven), 0);
    assert_eq!(add(NOW - 9, seven), 0);
    assert_eq!((cut_offs.since(7, 0), cut_offs.since(8, 0)), (NOW, 0));
    assert_eq!(add(NOW + 9, Whose::All), 1);
    assert_eq!(
        (cut_offs.since(7, 0), cut_offs.since(8, 0)),
        (NOW + 9, NOW + 9)
    );
    assert_eq!(add(NOW + 5, seven), 0);
    assert_eq!(add(NOW + 20, seven), 1);
    assert_eq!(
        (cut_offs.since(7, 0), cut_offs.since(8, 0)),
        (NOW + 20, NOW + 9)
    );
    assert_eq!(cut_offs.len(), 2);
}

#[test]
fn what_no_session_can_have_started_before_is_forgotten() {
    let cut_offs = cut_offs();
    let all = (0..10).map(|number| cut_offs.name(NOW + number, cut_offs.whose(number)));
    cut_offs.add(all.chain([cut_offs.name(NOW + 3, Whose::All)]));
    cut_offs.forget(NOW + 4);
    assert_eq!(cut_offs.len(), 6);
    assert_eq!((cut_offs.since(3, 0), cut_offs.since(4, 0)), (0, NOW + 4));
}

#[test]
fn nobody_makes_a_name_without_the_secret() {
    let cut_offs = cut_offs();
    let name = cut_offs.name(NOW, Whose::All);
    assert!(cut_offs.is_ours(name));
    for forged in [
        CutOffName { tag: 0, ..name },
        CutOffName {
            tag: name.tag ^ 1,
            ..name
        },
        CutOffName {
            time: NOW + 1,
            ..name
        },
        CutOffName {
            whose: cut_offs.whose(7),
            ..name
        },
    ] {
        assert!(!cut_offs.is_ours(forged));
    }
}

#[test]
fn a_hundred_thousand_take_less_than_ten_megabytes() {
    let cut_offs = cut_offs();
    let names = (0..100_000_u64).map(|user| cut_offs.name(NOW, cut_offs.whose(user)));
    let before = allocation_counter::measure(|| {
        cut_offs.add(names.clone());
    });
    assert_eq!(cut_offs.len(), 100_000);
    // What stays, apart from what is needed while they are added.
    assert!(before.bytes_current < 10_000_000, "{before:?}");
}
