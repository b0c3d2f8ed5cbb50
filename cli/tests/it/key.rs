//! `haversack key`.

use haversack::{AWS_LC, JwtKey, Key};

use crate::support::Folder;

#[test]
fn a_new_key_is_one_and_each_is_another() {
    let folder = Folder::new();
    let [one, other] = [folder.run(&["key"]).ok(), folder.run(&["key"]).ok()];
    assert!(one.parse::<Key>().is_ok());
    assert_eq!(one.len(), "\n".len() + 43);
    assert_ne!(one, other);
}

#[test]
fn it_is_ready_for_the_place_it_goes_to() {
    let folder = Folder::new();
    let line = folder.run(&["key", "--env", "SESSION_KEYS"]).ok();
    let text = line.strip_prefix("SESSION_KEYS=").unwrap();
    assert!(text.parse::<Key>().is_ok());

    let secret = folder.run(&["key", "--kubernetes", "session-keys"]).ok();
    assert!(secret.starts_with("apiVersion: v1\nkind: Secret\nmetadata:\n  name: session-keys\n"));
    let (_, text) = secret.split_once("  keys: \"").unwrap();
    assert!(text.strip_suffix("\"\n").unwrap().parse::<Key>().is_ok());
}

#[test]
fn a_jwk_of_each_algorithm_signs_and_has_its_name() {
    let folder = Folder::new();
    let algorithms = [
        "HS256", "HS384", "HS512", "Ed25519", "ES256", "ES384", "RS256", "PS384",
    ];
    for algorithm in algorithms {
        let text = folder.run(&["key", "--jwk", algorithm]).ok();
        let key = JwtKey::jwk(&text, Some(&AWS_LC)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["alg"], algorithm);
        assert_eq!(json["kid"], key.key_id());
        assert!(key.signs());
        // The name is the one that the key would have without it.
        let bare = text.replace(&format!(r#","kid":"{}""#, key.key_id()), "");
        assert_eq!(
            JwtKey::jwk(&bare, Some(&AWS_LC)).unwrap().key_id(),
            key.key_id()
        );
    }
    assert!(folder.run(&["key", "--jwk"]).ok().contains("Ed25519"));
}

#[test]
fn a_file_is_for_its_owner_alone_and_never_written_over() {
    let folder = Folder::new();
    let ran = folder.run(&["key", "--out", "keys"]);
    assert!(ran.err.contains("wrote keys"));
    assert_eq!(ran.ok(), "");
    let text = folder.read("keys");
    assert!(text.parse::<Key>().is_ok());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join("keys"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let said = folder.run(&["key", "--out", "keys"]).misused();
    assert!(
        said.contains("keys exists, and is not written over"),
        "{said}"
    );
    assert_eq!(folder.read("keys"), text);
    let said = folder.run(&["key", "--out", "none/keys"]).misused();
    assert!(said.contains("check the folder"), "{said}");
    #[cfg(unix)]
    {
        // Nor through a link that leads nowhere yet.
        std::os::unix::fs::symlink("elsewhere", folder.path().join("link")).unwrap();
        folder.run(&["key", "--out", "link"]).misused();
        assert!(!folder.path().join("elsewhere").exists());
    }
}

#[test]
fn names_that_no_place_takes_are_refused() {
    let folder = Folder::new();
    for args in [
        ["key", "--env", "1KEYS"],
        ["key", "--env", "A B"],
        [
            "key",
            "--env",
            "S_USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo",
        ],
        ["key", "--env", ""],
        ["key", "--kubernetes", "Session"],
        ["key", "--kubernetes", "x\n  evil: y"],
        ["key", "--jwk", "none"],
    ] {
        folder.run(&args).misused();
    }
    folder
        .run(&["key", "--env", "A", "--kubernetes", "a"])
        .misused();
}
