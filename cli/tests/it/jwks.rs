//! `haversack jwks`.

use haversack::{AWS_LC, JwtKeys};

use crate::support::{Folder, texts};

#[test]
fn the_public_halves_are_a_set_for_services_that_verify() {
    let folder = Folder::new();
    let [one, two] = ["Ed25519", "RS256"].map(|alg| folder.run(&["key", "--jwk", alg]).ok());
    folder.file("keys", &format!("{one},{two}"));
    let set = folder.run(&["jwks", "--keys", "keys"]).ok();
    let keys = JwtKeys::from_text(&set, Some(&AWS_LC)).unwrap();
    assert_eq!(keys.keys().len(), 2);
    assert!(keys.keys().iter().all(|key| !key.signs()));
    for private in ["\"d\"", "\"p\"", "\"q\"", "\"qi\""] {
        assert!(!set.contains(private));
    }
}

#[test]
fn secrets_are_left_out_and_none_of_them_alone_is_a_set() {
    let folder = Folder::new();
    let [public, secret] = ["ES256", "HS256"].map(|alg| folder.run(&["key", "--jwk", alg]).ok());
    let ran = folder.pipe(&["jwks"], format!("{public},{secret}"));
    assert!(ran.err.contains("left out, as secrets have no public half"));
    assert!(!ran.ok().contains("\"k\""));
    for secrets in [secret, texts(&[1])] {
        let said = folder.pipe(&["jwks"], secrets).refused();
        assert!(
            said.contains("whoever verifies with one can also sign"),
            "{said}"
        );
    }
}

#[test]
fn a_key_in_pem_needs_its_algorithm_only_where_there_is_a_choice() {
    let folder = Folder::new();
    let pem = |name: &str| {
        let path = format!("{}/../tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).unwrap()
    };
    for name in ["ed25519", "p256", "p384.pub"] {
        assert!(folder.pipe(&["jwks"], pem(name)).ok().contains("\"kty\""));
    }
    let said = folder.pipe(&["jwks"], pem("rsa")).misused();
    assert!(said.contains("--alg RS256"), "{said}");
    assert!(
        folder
            .pipe(&["jwks", "--alg", "PS256"], pem("rsa"))
            .ok()
            .contains("PS256")
    );
}
