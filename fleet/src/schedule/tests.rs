use proptest::prelude::*;

use super::*;

const LEAD: u64 = 190;
const PERIOD: u64 = 10_000;
const OPENS_FOR: u64 = 50_000;

fn name(begin: u64) -> KeyName {
    KeyName { begin, count: 0 }
}

fn times(made: u64) -> Times {
    Times {
        made,
        lead: LEAD,
        opens_for: OPENS_FOR,
    }
}

fn schedule(keys: &[(u64, u64)]) -> Schedule {
    let keys = keys
        .iter()
        .map(|(begin, made)| (name(*begin), times(*made)));
    Schedule::new(keys, 0)
}

#[test]
fn a_key_made_in_time_seals_from_the_begin_of_its_period() {
    let schedule = schedule(&[(10_000, 9_000), (20_000, 19_810)]);
    assert_eq!(schedule.sealing(19_999), Some(name(10_000)));
    assert_eq!(schedule.sealing(20_000), Some(name(20_000)));
    assert_eq!(schedule.ring(20_000), [name(20_000), name(10_000)]);
}

#[test]
fn a_key_made_late_seals_when_all_know_it() {
    let schedule = schedule(&[(10_000, 9_000), (20_000, 23_000)]);
    assert_eq!(schedule.sealing(23_000 + LEAD - 1), Some(name(10_000)));
    assert_eq!(schedule.sealing(23_000 + LEAD), Some(name(20_000)));
    let span = schedule.span(name(10_000)).unwrap();
    assert_eq!(span.seals_until, Some(23_000 + LEAD));
    assert_eq!(span.opens_until, Some(23_000 + LEAD + OPENS_FOR));
}

#[test]
fn a_key_that_is_alone_seals_at_once() {
    let schedule = schedule(&[(10_000, 15_000)]);
    assert_eq!(schedule.ring(15_000), [name(10_000)]);
    assert_eq!(schedule.ring(0), [name(10_000)]);
    assert_eq!(schedule.ring(u64::MAX), [name(10_000)]);
}

#[test]
fn a_key_opens_until_its_time_is_over_and_not_in_that_second() {
    let schedule = schedule(&[(10_000, 9_000), (20_000, 19_000)]);
    let until = 20_000 + OPENS_FOR;
    assert_eq!(schedule.ring(until - 1).len(), 2);
    assert_eq!(schedule.ring(until), [name(20_000)]);
}

#[test]
fn what_a_worker_or_a_record_asks_for_longer_holds() {
    let key = |begin, opens_for| {
        let (made, lead) = (begin, 0);
        (
            name(begin),
            Times {
                made,
                lead,
                opens_for,
            },
        )
    };
    for (own, of_record) in [(100, 7), (7, 100)] {
        let schedule = Schedule::new([key(10, of_record), key(20, 0)], own);
        assert_eq!(schedule.span(name(10)).unwrap().opens_until, Some(120));
    }
}

#[test]
fn a_key_that_its_successor_overtook_never_seals() {
    // Another program of the fleet has periods half as long.
    let schedule = schedule(&[(10_000, 9_000), (20_000, 26_000), (25_000, 24_000)]);
    for now in [25_000, 26_000, 26_000 + LEAD, 40_000] {
        assert_eq!(schedule.sealing(now), Some(name(25_000)));
    }
    let span = schedule.span(name(20_000)).unwrap();
    assert_eq!(span.seals_until, Some(span.seals_from));
}

prop_compose! {
    fn any_keys()(keys in prop::collection::btree_map(
        (0_u64..20, 0_u32..3),
        (0_u64..200_000, prop_oneof![Just(0), Just(LEAD)], 0_u64..100_000),
        1..8,
    )) -> BTreeMap<KeyName, Times> {
        let keys = keys.into_iter().map(|((period, count), (made, lead, opens_for))| {
            let begin = period * PERIOD;
            (KeyName { begin, count }, Times { made, lead, opens_for })
        });
        keys.collect()
    }
}

proptest! {
    #[test]
    fn there_is_always_one_that_seals(keys in any_keys(), now in any::<u64>()) {
        let schedule = Schedule::new(keys.clone(), OPENS_FOR);
        let ring = schedule.ring(now);
        prop_assert_eq!(ring.first().copied(), schedule.sealing(now));
        prop_assert!(ring[1..].windows(2).all(|pair| pair[0] > pair[1]));
        prop_assert!(ring.iter().all(|name| keys.contains_key(name)));
    }

    /// Each worker computes it alone, so it must be the same for all that know the same.
    #[test]
    fn the_order_in_which_keys_become_known_does_not_matter(
        keys in any_keys(), now in 0_u64..400_000,
    ) {
        let backwards: Vec<_> = keys.clone().into_iter().rev().collect();
        prop_assert_eq!(Schedule::new(keys, 7).ring(now), Schedule::new(backwards, 7).ring(now));
    }

    #[test]
    fn what_sealed_opens_until_the_last_token_of_its_is_over(
        keys in any_keys(), from in 0_u64..300_000, later in 0..=OPENS_FOR,
    ) {
        let schedule = Schedule::new(keys, OPENS_FOR);
        let sealed = schedule.sealing(from).unwrap();
        // Whoever does not see a successor goes on sealing with it, for as long as is tolerated.
        prop_assert!(schedule.ring(from + later).contains(&sealed));
    }

    #[test]
    fn no_key_seals_before_its_period_nor_before_all_know_it_unless_it_is_alone(
        keys in any_keys(), now in 0_u64..400_000,
    ) {
        let schedule = Schedule::new(keys.clone(), OPENS_FOR);
        let seals = schedule.sealing(now).unwrap();
        let begins = |name: &KeyName| {
            let Times { made, lead, .. } = keys[name];
            name.begin.max(made + lead)
        };
        let nobody_began = keys.keys().all(|name| begins(name) > now);
        prop_assert!(nobody_began || begins(&seals) <= now);
    }

    /// A worker that has not seen the newest keys seals with one that the others still open.
    #[test]
    fn who_knows_only_some_seals_with_what_others_open(
        keys in any_keys(), unseen in 0_usize..8, now in 0_u64..400_000,
    ) {
        let all = Schedule::new(keys.clone(), OPENS_FOR);
        let newest_seen = keys.len().saturating_sub(unseen).max(1);
        let some = Schedule::new(keys.clone().into_iter().take(newest_seen), OPENS_FOR);
        let seals = some.sealing(now).unwrap();
        // As long as the outage lasts no longer than is tolerated, which is within `OPENS_FOR`.
        let unseen_since = keys.iter().skip(newest_seen).map(|(_, times)| times.made).min();
        if unseen_since.is_none_or(|since| now < since + OPENS_FOR) {
            prop_assert!(all.ring(now).contains(&seals));
        }
    }

    #[test]
    fn no_times_overflow(begin in any::<u64>(), made in any::<u64>(), lead in any::<u64>(), opens_for in any::<u64>(), now in any::<u64>()) {
        let times = Times { made, lead, opens_for };
        let schedule = Schedule::new([(name(begin), times), (name(begin / 2), times)], opens_for);
        prop_assert!(!schedule.ring(now).is_empty());
    }
}
