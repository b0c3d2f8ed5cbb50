//! `haversack fleet`, beside a worker of the fleet.

#[cfg(feature = "bucket")]
mod bucket;

use haversack::{Codec, Rejected};
use haversack_fleet::{Fleet, Folder as Store};
use pollster::block_on;

use crate::support::{Folder, Ran, key_text, texts};

const PLACE: [&str; 2] = ["--folder=shared", "--keys=master"];

/// A fleet in this folder, its place for the program, and a worker of it.
pub(crate) fn begin(folder: &Folder) -> ([&'static str; 2], Fleet) {
    folder.file("master", &texts(&[1]));
    let store = Store::open(folder.path().join("shared")).unwrap();
    let fleet = Fleet::new(store, key_text(1).parse().unwrap());
    (PLACE, block_on(fleet.open()).unwrap())
}

fn fleet() -> (Folder, Fleet) {
    let folder = Folder::new();
    let (_, fleet) = begin(&folder);
    (folder, fleet)
}

fn ids(fleet: &Fleet) -> Vec<String> {
    fleet
        .status()
        .keys
        .iter()
        .map(|key| key.key_id.clone())
        .collect()
}

/// Neither the master ring nor a key of the fleet.
fn tells_nothing_secret(ran: &Ran, fleet: &Fleet) {
    let keys = fleet.keys();
    let texts = keys.keys().iter().map(|key| key.to_text());
    for secret in texts.chain([key_text(1)]) {
        assert!(
            !ran.out.contains(&secret) && !ran.err.contains(&secret),
            "{ran:?}"
        );
    }
}

#[test]
fn the_keys_and_the_health_of_a_fleet_are_shown() {
    let (folder, fleet) = fleet();
    let shown = folder
        .run(&[&["fleet", "status"], &PLACE[..]].concat())
        .ok();
    for id in ids(&fleet) {
        assert!(shown.contains(&id), "{shown}");
    }
    assert!(
        shown.contains("seals") && shown.contains("all is well"),
        "{shown}"
    );
    let json = folder
        .run(&[&["fleet", "status", "--json"], &PLACE[..]].concat())
        .ok();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["is_well"], true);
    assert_eq!(json["is_ready"], true);
    assert_eq!(json["cut_offs"], 0);
    let keys = json["keys"].as_array().unwrap();
    let key = &fleet.status().keys[0];
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["id"], *key.key_id);
    assert_eq!(keys[0]["state"], "seals");
    assert_eq!(keys[0]["seals_from"], key.seals_from);
}

#[test]
fn a_fleet_that_is_not_well_is_status_1_and_what_is_done_is_done() {
    let (folder, _fleet) = fleet();
    std::fs::create_dir_all(folder.path().join("shared/revoked")).unwrap();
    std::fs::write(
        folder.path().join("shared/revoked/20200101T000000Z"),
        "junk",
    )
    .unwrap();
    let ran = folder.run(&[&["fleet", "status"], &PLACE[..]].concat());
    assert!(ran.refused().contains("not used"));
    let ran = folder.run(&[&["fleet", "status", "--json"], &PLACE[..]].concat());
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.status, &json["is_well"]), (1, &false.into()));
    assert!(
        json["health"]
            .as_str()
            .unwrap()
            .contains("20200101T000000Z")
    );
    let shown = folder
        .run(&[&["fleet", "rotate"], &PLACE[..]].concat())
        .ok();
    assert!(
        shown.contains("waits") && shown.contains("not used"),
        "{shown}"
    );
}

#[test]
fn the_master_ring_is_in_a_file_a_variable_or_piped() {
    let (folder, fleet) = fleet();
    let status = ["fleet", "status", "--folder=shared"];
    let by_variable = folder
        .command(&[&status[..], &["--keys-env=MASTER_KEYS"]].concat())
        .env("MASTER_KEYS", key_text(1))
        .output()
        .unwrap();
    for ran in [
        by_variable.into(),
        folder.run(&[&status[..], &["--keys=master"]].concat()),
        folder.pipe(&status, key_text(1)),
        folder.pipe(&[&status[..], &["--keys=-"]].concat(), key_text(1)),
    ] {
        tells_nothing_secret(&ran, &fleet);
        assert!(ran.ok().contains(&ids(&fleet)[0]));
    }
    folder
        .run(&[&status[..], &[&key_text(1)]].concat())
        .misused();
}

#[test]
fn no_output_has_a_secret_in_it() {
    let (folder, fleet) = fleet();
    let id = ids(&fleet)[0].clone();
    for args in [
        &["fleet", "status"][..],
        &["fleet", "status", "--json"],
        &["fleet", "rotate"],
        &["fleet", "cut-off", "ada@shop.example"],
        &["fleet", "cut-off", "--all"],
        &["fleet", "revoke", &id],
        &["fleet", "revoke", &key_text(1)],
        &["fleet", "status", "--fleet=another"],
    ] {
        let ran = folder.run(&[args, &PLACE[..]].concat());
        tells_nothing_secret(&ran, &fleet);
        assert!(
            !ran.out.contains("ada@") && !ran.err.contains("ada@"),
            "{ran:?}"
        );
    }
}

/// One that seals from three of the workers' polls on, and so waits for as long as they were said to take.
#[test]
fn the_settings_are_those_of_the_workers() {
    let (folder, fleet) = fleet();
    let settings = ["--poll-every=10min", "--skew=3s", "--rotate-every=7d"];
    let limits = [
        "--longest-lifetime=30d",
        "--tolerates-outage=2d",
        "--fleet=fleet",
    ];
    folder
        .run(&[&["fleet", "rotate"], &PLACE[..], &settings, &limits].concat())
        .ok();
    block_on(fleet.refresh()).unwrap();
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let newest = &fleet.status().keys[0];
    assert!(newest.seals_from > now + 3 * 600 - 60, "{newest:?}");
    let said = folder
        .run(&[&["fleet", "rotate", "--skew=1h"], &PLACE[..]].concat())
        .misused();
    assert!(said.contains("skew"), "{said}");
}

#[cfg(not(feature = "bucket"))]
#[test]
fn a_program_without_buckets_says_how_to_get_one_that_has_them() {
    let (folder, _) = fleet();
    let args = [
        "fleet",
        "status",
        "--bucket=s3://shop/keys",
        "--keys=master",
    ];
    let said = folder.run(&args).misused();
    assert!(said.contains("--features bucket"), "{said}");
}

#[test]
fn a_key_is_replaced_and_one_revoked() {
    let (folder, fleet) = fleet();
    let before = ids(&fleet);
    folder
        .run(&[&["fleet", "rotate"], &PLACE[..]].concat())
        .ok();
    block_on(fleet.refresh()).unwrap();
    assert_eq!(ids(&fleet).len(), before.len() + 1);

    let login = Codec::<u64>::sealed("login", fleet.keys()).build().unwrap();
    fleet.serve(&login).unwrap();
    let token = login.seal(&7).unwrap();
    let seals = fleet.keys().keys()[0].id();
    let ran = folder.run(&[&["fleet", "revoke", &seals], &PLACE[..]].concat());
    assert!(ran.err.contains("The key is revoked"), "{ran:?}");
    block_on(fleet.refresh()).unwrap();
    assert_eq!(login.open(&token).unwrap_err(), Rejected::UnknownKey);
    let said = folder
        .run(&[&["fleet", "revoke", "ffffffff"], &PLACE[..]].concat())
        .refused();
    assert!(said.contains("no key with this id"), "{said}");
}

#[test]
fn a_subject_is_cut_off_and_everybody() {
    let (folder, fleet) = fleet();
    let login =
        Codec::<u64>::sealed("login", fleet.keys()).accept_if(fleet.accepts(|user: &u64| *user));
    let login = login.build().unwrap();
    let [ada, grace] = [7, 8].map(|user| login.seal(&user).unwrap());
    let ran = folder.run(&[&["fleet", "cut-off", "7"], &PLACE[..]].concat());
    assert!(ran.out.contains("cut-offs in force: 1"), "{ran:?}");
    block_on(fleet.refresh()).unwrap();
    assert_eq!(login.open(&ada).unwrap_err(), Rejected::Revoked);
    assert!(login.open(&grace).is_ok());
    // Another text is another subject.
    for other in ["08", "8.0", "+8", "-8"] {
        folder
            .run(&[&["fleet", "cut-off", other], &PLACE[..]].concat())
            .ok();
    }
    block_on(fleet.refresh()).unwrap();
    assert!(login.open(&grace).is_ok());
    folder
        .run(&[&["fleet", "cut-off", "--all"], &PLACE[..]].concat())
        .ok();
    block_on(fleet.refresh()).unwrap();
    assert_eq!(login.open(&grace).unwrap_err(), Rejected::Revoked);
}

#[test]
fn no_fleet_is_begun_by_mistake() {
    let (folder, _) = fleet();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    for what in ["status", "rotate"] {
        for place in ["--folder=none", "--folder=empty"] {
            let said = folder
                .run(&["fleet", what, place, "--keys=master"])
                .misused();
            assert!(
                said.contains("name the place that its workers use"),
                "{said}"
            );
        }
    }
    assert!(!folder.path().join("none").exists());
    folder.file("other", &texts(&[2]));
    folder
        .run(&["fleet", "status", "--folder=shared", "--keys=other"])
        .misused();
    for args in [
        &["fleet", "cut-off"][..],
        &["fleet", "cut-off", "7", "--all"],
        &["fleet", "revoke"],
        &["fleet", "status", "--bucket=s3://shop/keys"],
        &["fleet", "status", "--keys-env=MASTER_KEYS"],
    ] {
        folder.run(&[args, &PLACE[..]].concat()).misused();
    }
    let said = folder.run(&["fleet", "status", "--keys=master"]).misused();
    assert!(said.contains("--folder"), "{said}");
}
