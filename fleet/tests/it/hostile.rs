//! A store into which somebody else writes what they like.

use proptest::prelude::*;

use crate::support::{MINUTE, Memory, NOW, TestClock, login, open};

/// A name of a fleet's own shape, or close to one.
fn name() -> impl Strategy<Value = String> {
    let time = prop_oneof![
        Just("20270115T080000Z".to_owned()),
        "20(26|27|28)(01|06|12)(01|15)T(00|08|23)(00|59)00Z",
        "[0-9]{8}T[0-9]{6}Z",
    ];
    let folder = prop_oneof![
        Just("keys/"),
        Just("revoked/"),
        Just("cutoffs/"),
        Just("probes/")
    ];
    let end = prop_oneof![
        Just(String::new()),
        "\\.[0-9]{1,10}",
        "-[0-9a-f]{8}",
        "-(all|[0-9a-f]{32})-[0-9a-f]{32}",
        "-[0-9a-f]{16}",
        "[-.0-9a-z]{0,20}",
    ];
    let own = (folder, time, end).prop_map(|(folder, time, end)| format!("{folder}{time}{end}"));
    prop_oneof![8 => own, 1 => "fleet-[0-9a-f]{8}", 1 => "\\PC{0,40}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_in_the_store_the_ring_stays_and_nothing_panics(
        objects in prop::collection::vec((name(), prop::collection::vec(any::<u8>(), 0..60), any::<Option<(usize, u8)>>()), 1..8),
    ) {
        pollster::block_on(async {
            let (store, clock) = (Memory::default(), TestClock::at(NOW));
            let fleet = open(&store, &clock).await;
            let login = login(&fleet, &clock);
            let token = login.seal(&7).unwrap();
            let ids = |fleet: &haversack_fleet::Fleet| fleet.keys().to_text();
            let before = ids(&fleet);
            let own = store.names();
            for (name, content, changed) in objects {
                // One of the fleet's own contents under another name, an octet of it changed or none.
                let content = match changed {
                    Some((place, octet)) => {
                        let mut content = store.content(&own[place % own.len()]).unwrap();
                        let place = place % content.len();
                        content[place] ^= octet;
                        content
                    }
                    None => content,
                };
                if !own.contains(&name) {
                    store.put(&name, &content);
                }
            }
            for _ in 0..3 {
                clock.advance(MINUTE);
                // It may be that a refresh cannot go on; what it knows stays.
                let _ = fleet.refresh().await;
                let _ = (fleet.status().to_string(), fleet.health().to_string());
            }
            prop_assert_eq!(ids(&fleet), before);
            prop_assert!(login.open(&token).is_ok());
            Ok(())
        })?;
    }
}
