//! Fleets in a world whose time, network and store are made up, from a seed: the same seed is the same
//! story. What is run is the code of `round` and real tokens; what is made up is all around it.

mod chance;
mod judge;
mod plan;
mod store;
mod tasks;
mod worker;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::{plan::Plan, tasks::Story};
use crate::mutant::{Mutant, break_rule};

#[test]
fn no_story_breaks_what_a_fleet_promises() {
    for seed in 0..seeds() {
        Story::tell(Plan::of(seed));
    }
}

/// Stories in which a version of the protocol was wrong, or that are rare.
#[test]
fn stories_that_once_went_wrong_go_well() {
    for seed in FOUND {
        Story::tell(Plan::of(*seed));
    }
}

#[test]
fn each_rule_of_the_protocol_is_missed_where_it_is_not_kept() {
    for mutant in [
        Mutant::CutOffWithoutSkew,
        Mutant::DropWithoutOutage,
        Mutant::ForgetUnlisted,
        Mutant::ListFromLastSeen,
        Mutant::MintWhenDown,
        Mutant::OverlookTombstones,
        Mutant::SealWithoutLead,
    ] {
        break_rule(Some(mutant));
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| ()));
        let found = (0..ENOUGH).find_map(|seed| {
            let told = catch_unwind(AssertUnwindSafe(|| Story::tell(Plan::of(seed))));
            told.err().map(|panic| (seed, panic))
        });
        std::panic::set_hook(quiet);
        break_rule(None);
        let Some((seed, panic)) = found else {
            panic!("nothing went wrong without {mutant:?}");
        };
        let what = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        println!("{mutant:?}, seed {seed}: {what}");
    }
}

/// How many stories are told that are to go well: more with `FLEET_SEEDS`.
fn seeds() -> u64 {
    let asked = std::env::var("FLEET_SEEDS").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(USUAL)
}

/// Stories in a usual run.
const USUAL: u64 = 150;
/// Those that are told at the most until a mutant is caught.
const ENOUGH: u64 = 1500;
const FOUND: &[u64] = &[9, 23, 34, 51, 60, 201, 747, 1219];
