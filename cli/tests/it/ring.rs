//! `haversack ring`: the three steps of a rotation, for either kind of keys.

use haversack::{JwtKeys, KeyRing};

use crate::support::{Folder, jwt, key, key_text, sealed, texts, value};

fn ids(ring: &str) -> Vec<String> {
    let ring: KeyRing = ring.parse().unwrap();
    ring.keys().iter().map(haversack::Key::id).collect()
}

#[test]
fn ids_and_roles_are_shown_and_no_secret_unless_asked() {
    let folder = Folder::new();
    folder.file("keys", &texts(&[1, 2]));
    let [one, two] = [1, 2].map(|number| key(number).id());
    let shown = folder.run(&["ring", "show", "--keys", "keys"]).ok();
    let lines: Vec<_> = shown
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .collect();
    assert_eq!(lines[0], ["key", "role"]);
    assert_eq!(lines[1], [&one, "seals", "and", "opens"]);
    assert_eq!(lines[2], [&two, "opens"]);
    assert!(!shown.contains(&key_text(1)) && !shown.contains(&key_text(2)));

    let asked = folder
        .run(&["ring", "show", "--keys", "keys", "--secrets"])
        .ok();
    assert!(asked.contains(&format!("{two} {}", key_text(2))));

    let json = folder
        .run(&["ring", "show", "--keys", "keys", "--json"])
        .ok();
    assert!(!json.contains(&key_text(1)));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json[0]["id"], &json[0]["seals"]),
        (&one.into(), &true.into())
    );
    assert_eq!(json[1]["seals"], false);
}

#[test]
fn a_ring_is_read_from_a_file_a_variable_and_standard_input() {
    let folder = Folder::new();
    folder.file("keys", &texts(&[1]));
    let expected = folder.run(&["ring", "show", "--keys", "keys"]).ok();
    assert_eq!(folder.pipe(&["ring", "show"], texts(&[1])).ok(), expected);
    assert_eq!(
        folder
            .pipe(&["ring", "show", "--keys", "-"], texts(&[1]) + "\n")
            .ok(),
        expected
    );
    let variable = folder
        .command(&["ring", "show", "--keys-env", "SESSION_KEYS"])
        .env("SESSION_KEYS", texts(&[1]))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(variable.stdout).unwrap(), expected);

    let said = folder
        .run(&["ring", "show", "--keys-env", "NO_SUCH_KEYS"])
        .misused();
    assert!(
        said.contains("the variable NO_SUCH_KEYS is not set"),
        "{said}"
    );
    let said = folder.run(&["ring", "show", "--keys", "missing"]).misused();
    assert!(said.contains("the file missing is not readable"), "{said}");
    let said = folder
        .pipe(&["ring", "show"], "x".repeat(1 << 17))
        .misused();
    assert!(said.contains("longer than 64 KB"), "{said}");
    let said = folder.pipe(&["ring", "show"], [0xff; 32]).misused();
    assert!(said.contains("no text"), "{said}");
}

#[test]
fn three_steps_replace_a_key_and_sign_nobody_out() {
    let folder = Folder::new();
    folder.file("old", &texts(&[1]));
    let old = key(1).id();
    let token = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();

    let added = folder.run(&["ring", "add", "--keys", "old"]);
    let [first, new] = &ids(&added.out)[..] else {
        panic!("{added:?}");
    };
    assert_eq!(first, &old);
    assert!(
        added
            .err
            .contains(&format!("1 of 3: {new} is known, and seals nothing yet"))
    );
    assert!(
        added
            .err
            .contains("Once every worker has it: haversack ring promote")
    );
    folder.file("both", &added.out);

    let promoted = folder.run(&[
        "ring",
        "promote",
        "--keys",
        "both",
        "--lifetime",
        "30min,8h",
    ]);
    assert_eq!(ids(&promoted.out), [new.clone(), old.clone()]);
    assert!(
        promoted
            .err
            .contains(&format!("2 of 3: {new} seals, and {old} only opens"))
    );
    assert!(
        promoted
            .err
            .contains(&format!("Every worker must have known {new} before"))
    );
    assert!(
        promoted
            .err
            .contains(&format!("the last session sealed by {old} ends at "))
    );
    // The idle limit counts: what is used is sealed anew.
    assert!(promoted.err.contains("(in 30 min)"), "{}", promoted.err);
    folder.file("new-old", &promoted.out);
    let worker: KeyRing = promoted.out.parse().unwrap();
    let worker = haversack::Codec::<serde_json::Value>::sealed("login", worker)
        .clock(|| crate::support::NOW)
        .build()
        .unwrap();
    assert_eq!(worker.open(&token).unwrap().value(), &value());

    let soon = [
        "ring",
        "drop",
        "--keys",
        "new-old",
        "--promoted",
        "-10min",
        "--lifetime",
        "30min,8h",
    ];
    let said = folder.run(&soon).refused();
    assert!(
        said.contains(&format!("the last session sealed by {old} ends at ")),
        "{said}"
    );
    let later = [
        "ring",
        "drop",
        "--keys",
        "new-old",
        "--promoted",
        "-2h",
        "--lifetime",
        "30min,8h",
    ];
    let dropped = folder.run(&later);
    assert_eq!(&ids(&dropped.out), std::slice::from_ref(new));
    assert!(
        dropped.err.contains(&format!("3 of 3: {old} is gone")),
        "{}",
        dropped.err
    );
}

#[test]
fn the_same_steps_replace_keys_of_jwts() {
    let folder = Folder::new();
    for algorithm in ["Ed25519", "ES256", "HS384"] {
        let jwk = folder.run(&["key", "--jwk", algorithm]).ok();
        for (name, text) in [
            ("list", jwk.clone()),
            ("set", format!(r#"{{"keys":[{jwk}]}}"#)),
        ] {
            folder.file(name, &text);
            let added = folder.run(&["ring", "add", "--keys", name]);
            assert!(added.err.contains("signs nothing yet"), "{added:?}");
            assert_eq!(added.out.starts_with("{\"keys\""), name == "set");
            let promoted = folder.pipe(&["ring", "promote"], &added.out);
            let ids = |text: &str| {
                let keys = JwtKeys::from_text(text, Some(&haversack::AWS_LC)).unwrap();
                let ids = keys.keys().iter().map(|key| key.key_id().to_owned());
                ids.collect::<Vec<_>>()
            };
            let (before, after) = (ids(&added.out), ids(&promoted.out));
            assert_eq!(
                before.iter().rev().collect::<Vec<_>>(),
                after.iter().collect::<Vec<_>>()
            );
            let dropped = folder.pipe(&["ring", "drop"], &promoted.out).ok();
            assert_eq!(ids(&dropped), after[..1]);
        }
    }
    // Secrets as text look like keys of sealed sessions.
    let secrets = folder
        .pipe(&["ring", "show", "--format", "jwt"], texts(&[1, 2]))
        .ok();
    assert!(secrets.contains("signs and verifies, HS256"), "{secrets}");
    assert!(jwt("api", &[1]).build().is_ok());
}

#[test]
fn a_key_that_is_given_is_added_once() {
    let folder = Folder::new();
    folder.file("keys", &texts(&[1]));
    folder.file("new", &texts(&[2]));
    folder.file("two", &texts(&[2, 3]));
    let added = folder
        .run(&["ring", "add", "--keys", "keys", "--key", "new"])
        .ok();
    assert_eq!(added.trim_end(), texts(&[1, 2]));
    let said = folder
        .run(&["ring", "add", "--keys", "two", "--key", "new"])
        .refused();
    assert!(said.contains("already"), "{said}");
    let said = folder
        .run(&["ring", "add", "--keys", "keys", "--key", "two"])
        .misused();
    assert!(said.contains("one at a time"), "{said}");
}

#[test]
fn what_would_sign_people_out_is_refused() {
    let folder = Folder::new();
    folder.file("one", &texts(&[1]));
    folder.file("two", &texts(&[1, 2]));
    folder.file("three", &texts(&[1, 2, 3]));
    let seals = key(1).id();
    let said = folder
        .run(&["ring", "drop", "--keys", "two", &seals])
        .refused();
    assert!(
        said.contains(&format!("{seals} seals; promote another key first")),
        "{said}"
    );
    let said = folder
        .run(&["ring", "promote", "--keys", "two", &seals])
        .refused();
    assert!(said.contains("seals already"), "{said}");
    let said = folder
        .run(&["ring", "drop", "--keys", "one", &seals])
        .refused();
    assert!(said.contains("the only key"), "{said}");
    let said = folder.run(&["ring", "drop", "--keys", "three"]).misused();
    assert!(
        said.contains("there are 3 keys; name the one to drop"),
        "{said}"
    );
    let said = folder
        .run(&["ring", "promote", "--keys", "three", "ffff"])
        .misused();
    assert!(said.contains("no key of the ring has this id"), "{said}");
    let said = folder.run(&["ring", "promote", "--keys", "one"]).misused();
    assert!(said.contains("haversack ring add"), "{said}");

    let stolen = folder.run(&["ring", "drop", "--keys", "two", &seals, "--stolen"]);
    assert!(stolen.err.contains("signs in again"));
    assert_eq!(stolen.ok().trim_end(), texts(&[2]));
    let named = &key(3).id()[..6];
    let promoted = folder
        .run(&["ring", "promote", "--keys", "three", named])
        .ok();
    assert_eq!(promoted.trim_end(), texts(&[3, 1, 2]));
}

#[test]
fn a_ring_goes_into_a_new_file_if_asked() {
    let folder = Folder::new();
    folder.file("keys", &texts(&[1]));
    let ran = folder.run(&["ring", "add", "--keys", "keys", "--out", "next"]);
    assert!(ran.err.starts_with("wrote next"));
    assert_eq!(ran.ok(), "");
    assert_eq!(ids(&folder.read("next")).len(), 2);
    folder
        .run(&["ring", "add", "--keys", "keys", "--out", "keys"])
        .misused();
    assert_eq!(folder.read("keys"), texts(&[1]));
}
