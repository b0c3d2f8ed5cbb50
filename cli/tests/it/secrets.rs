//! What must never be shown.

use crate::support::{Folder, NOW, key_text, sealed, texts, value};

#[test]
fn a_secret_in_the_wrong_place_of_the_command_line_is_not_shown_again() {
    let folder = Folder::new();
    let key = key_text(1);
    let token = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    let option = format!("--{key}");
    let assigned = format!("--keys-of={key}");
    let jwk = folder.run(&["key", "--jwk", "HS256"]).ok();
    for secret in [
        &*key,
        &token,
        &option,
        &assigned,
        &format!("<{key}>"),
        jwk.trim_end(),
    ] {
        for args in [
            &[secret][..],
            &["key", secret],
            &["key", "--env", secret],
            &["key", "--kubernetes", secret],
            &["key", "--jwk", secret],
            &["ring", secret],
            &["ring", "show", secret],
            &["ring", "add", secret],
            &["ring", "promote", "--keys", "none", secret],
            &["ring", "drop", "--lifetime", secret],
            &["ring", "drop", "--promoted", secret, "--lifetime", "8h"],
            &["ring", "show", "--format", secret],
            &["inspect", "x", secret],
            &["inspect", "--at", secret, "x"],
            &["inspect", "--skew", secret, "x"],
            &["inspect", "--lifetime", secret, "x"],
            &["inspect", "--alg", secret, "x"],
            &["jwks", secret],
            &["jwks", "--alg", secret],
            &["fleet", secret],
            &["fleet", "status", "--folder=none", secret],
            &["fleet", "status", "--bucket", secret],
            &["fleet", "status", "--folder=none", "--poll-every", secret],
            &["fleet", "revoke", "--folder=none", secret],
            &["fleet", "cut-off", "--folder=none", secret],
            &["completions", secret],
            &["man", secret],
            &["--color", secret, "key"],
        ] {
            let ran = folder.run(args);
            let secret = secret.trim_matches(['<', '>', '-']);
            assert_ne!(ran.status, 0, "{args:?}");
            assert!(
                !ran.out.contains(secret) && !ran.err.contains(secret),
                "{args:?}: {ran:?}"
            );
            assert!(!ran.err.contains(&key), "{args:?}: {ran:?}");
        }
    }
    // What is only mistyped is.
    assert!(folder.run(&["inspcet"]).misused().contains("inspcet"));
    assert!(
        folder
            .run(&["inspect", "--at"])
            .misused()
            .contains("--at <TIME>")
    );
}

#[test]
fn keys_that_cannot_be_read_are_not_shown() {
    let folder = Folder::new();
    let key = key_text(1);
    for text in [
        format!("SESSION_KEYS={key}"),
        format!("\"{key}\""),
        format!("{key};{key}"),
        format!("{key},{key}"),
        format!("{key}x"),
        format!("{{\"kty\":\"oct\",\"k\":\"{key}\"}}"),
        format!("{{\"kty\":\"oct\",\"k\":\"{key}\""),
    ] {
        folder.file("keys", &text);
        for args in [
            &["ring", "show", "--keys=keys"][..],
            &["ring", "add", "--keys=keys"],
            &["ring", "promote", "--keys=keys"],
            &["jwks", "--keys=keys"],
            &["inspect", "--keys=keys", "--name=login", "x"],
        ] {
            let ran = folder.run(args);
            assert!(matches!(ran.status, 1 | 2), "{text}: {args:?}");
            assert!(
                !ran.out.contains(&key) && !ran.err.contains(&key),
                "{args:?}: {ran:?}"
            );
        }
    }
}

#[test]
fn no_report_has_a_key_or_the_token_in_it() {
    let folder = Folder::new();
    folder.file("keys", &texts(&[1, 2]));
    for number in [1, 3] {
        let token = sealed("login", &[number])
            .build()
            .unwrap()
            .seal(&value())
            .unwrap();
        for at in [NOW, NOW + 100_000] {
            for json in [&[][..], &["--json"]] {
                let at = format!("--at={at}");
                let args = [&["inspect", "--keys=keys", "--name=login", &at], json].concat();
                let ran = folder.pipe(&args, &token);
                for secret in [&key_text(1), &key_text(2), &key_text(3), &token] {
                    assert!(
                        !ran.out.contains(secret) && !ran.err.contains(secret),
                        "{ran:?}"
                    );
                }
                assert_eq!(ran.out.contains("Ada"), ran.status == 0);
            }
        }
    }
}
