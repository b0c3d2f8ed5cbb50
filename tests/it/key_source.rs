//! Keys from files and environment variables, read again while the program runs.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use haversack::{Algorithm, Codec, JwtKey, JwtKeys, KeyRing, KeySource, Rejected};

use crate::{
    jwt_keys::{AWS_LC, ED25519},
    keys::mistakes::mistakes,
    support::{Format, bytes, finish, is_alone, key, ring, start_alone},
};

/// A file of its own, which is removed when dropped.
struct TestFile(PathBuf);

impl TestFile {
    fn new(text: impl AsRef<[u8]>) -> TestFile {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("haversack-test-{}-{number}", process::id());
        let file = TestFile(env::temp_dir().join(name));
        file.write(text);
        file
    }

    fn write(&self, text: impl AsRef<[u8]>) {
        fs::write(&self.0, text).unwrap();
    }

    fn source(&self) -> KeySource {
        KeySource::file(&self.0)
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A codec of this format with the keys that are there.
fn read(format: Format, source: &KeySource) -> Codec<u64> {
    let builder = match format {
        Format::Sealed => Codec::sealed("login", source.read().unwrap()),
        Format::Jwt => Codec::jwt("login", source.read().unwrap()),
    };
    builder.build().unwrap()
}

/// The text of the keys of these numbers.
fn text(numbers: &[u8]) -> String {
    let keys: Vec<_> = numbers
        .iter()
        .map(|number| key(*number).to_text())
        .collect();
    keys.join(",")
}

/// A text that is neither a key ring nor keys of a signed session, for every reason; most have a key
/// in them.
fn bad_texts() -> Vec<Vec<u8>> {
    let key = key(1).to_text();
    let texts = [
        String::new(),
        "\n".to_owned(),
        ",".to_owned(),
        format!("{key},"),
        format!("{key}\n{key}"),
        format!("{key};{key}"),
        format!("{key},{key}"),
        format!("{key},{}", &key[1..]),
        format!("{}=", key),
        format!("\u{feff}{key}"),
        format!("SESSION_KEYS={key}"),
        format!("\"{key}\""),
        "A".repeat(43),
        format!("{}, the key of the shop", key),
    ];
    let not_text = [key.as_bytes(), b"\xff\xfe"].concat();
    texts
        .map(String::into_bytes)
        .into_iter()
        .chain([not_text])
        .collect()
}

/// No eight characters in a row of the key are in the error.
fn assert_shows_no_key(shown: &str) {
    let key = key(1).to_text();
    let mut parts = (0..=key.len() - 8).map(|start| &key[start..start + 8]);
    assert!(parts.all(|part| !shown.contains(part)), "{shown}");
}

#[test]
fn a_file_is_a_ring_whatever_white_space_is_around_its_keys() {
    let (one, two) = (key(1).to_text(), key(2).to_text());
    for text in [
        format!("{one},{two}"),
        format!("{one},{two}\n"),
        format!("{one},{two}\r\n"),
        format!("{one},{two}\n\n \t\n"),
        format!("  {one} ,\n  {two}\n"),
    ] {
        let ring = TestFile::new(&text).source().read().unwrap();
        let codec = Codec::<u64>::sealed("login", ring).build().unwrap();
        let token = codec.seal(&7).unwrap();
        assert_eq!(
            Format::Sealed.key_id(&token),
            Format::Sealed.name_of_key(1),
            "{text:?}"
        );
        let older = Codec::sealed("login", crate::support::ring(2))
            .build()
            .unwrap();
        assert!(codec.open(older.seal(&7).unwrap()).is_ok(), "{text:?}");
    }
}

#[test]
fn the_error_of_a_source_names_it_and_shows_nothing_of_its_text() {
    for bad in bad_texts() {
        let file = TestFile::new(&bad);
        let errors = [
            file.source().read::<KeyRing>().unwrap_err(),
            file.source().read::<JwtKeys>().unwrap_err(),
        ];
        for error in errors {
            let shown = format!("{error} {error:?}");
            assert_eq!(error.setting(), "key source", "{shown}");
            assert!(shown.contains(file.0.to_str().unwrap()), "{shown}");
            assert_shows_no_key(&shown);
        }
        assert_shows_no_key(&format!("{:?}", file.source()));
    }
}

#[test]
fn the_error_of_a_source_tells_the_mistake_and_what_to_do() {
    for (text, problem, fix) in mistakes() {
        let file = TestFile::new(&text);
        let errors = [
            file.source().read::<KeyRing>().unwrap_err(),
            file.source().read::<JwtKeys>().unwrap_err(),
        ];
        for error in errors.map(|error| error.to_string()) {
            let (told, to_do) = error.rsplit_once("; ").unwrap();
            let start = format!("key source: the file {} cannot be used: ", file.0.display());
            assert!(told.starts_with(&start), "{error}");
            assert!(told.contains(problem), "{problem}: {error}");
            assert!(to_do.contains(fix), "{fix}: {error}");
        }
    }
}

#[test]
fn a_file_of_raw_octets_or_in_utf_16_is_told_apart() {
    let in_utf_16 = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let raw = [0xff].iter().chain(&bytes(1)[1..]).copied().collect();
    for (octets, problem, fix) in [
        (raw, "has 32 raw octets and no text", "openssl base64"),
        (
            in_utf_16(format!("\u{feff}{}", text(&[1]))),
            "is in UTF-16",
            "UTF-8",
        ),
        (
            vec![b' '; (1 << 16) + 1],
            "is longer than 64 KB",
            "only the text",
        ),
    ] {
        let octets: Vec<u8> = octets;
        let error = TestFile::new(octets).source().read::<KeyRing>();
        let error = error.unwrap_err().to_string();
        assert!(error.contains(problem) && error.contains(fix), "{error}");
    }
    let padded = format!("{}{}", text(&[1]), " ".repeat((1 << 16) - 43));
    assert!(TestFile::new(padded).source().read::<KeyRing>().is_ok());
    // It never ends.
    #[cfg(unix)]
    assert!(KeySource::file("/dev/zero").read::<KeyRing>().is_err());
}

#[test]
fn the_error_tells_which_key_of_the_list_is_bad() {
    let file = TestFile::new(text(&[1, 2]) + ",short");
    let error = file.source().read::<KeyRing>().unwrap_err().to_string();
    assert!(error.contains("key 3 of the list"), "{error}");
    file.write(text(&[1, 2, 1]));
    let error = file.source().read::<KeyRing>().unwrap_err().to_string();
    assert!(error.contains("same id"), "{error}");
}

#[test]
fn a_file_that_is_not_there_or_is_no_file_is_an_error_that_names_it() {
    let missing = env::temp_dir().join("haversack-test-there-is-no-such-file");
    for path in [missing, env::temp_dir()] {
        let error = KeySource::file(&path).read::<KeyRing>().unwrap_err();
        assert_eq!(error.setting(), "key source");
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
}

#[test]
fn a_reload_brings_a_new_key_to_every_clone_and_context_in_three_steps() {
    for format in [Format::Sealed, Format::Jwt] {
        let file = TestFile::new(text(&[1]));
        let source = file.source();
        let codec = read(format, &source);
        let all = [
            codec.clone(),
            codec.context("tenant-42").unwrap(),
            codec.clone(),
        ];
        let old = all.each_ref().map(|codec| codec.seal(&7).unwrap());
        for (numbers, seals) in [(&[1][..], 1), (&[1, 2], 1), (&[2, 1], 2), (&[2], 2)] {
            file.write(text(numbers) + "\n");
            codec.reload(&source).unwrap();
            for (codec, old) in all.iter().zip(&old) {
                let token = codec.seal(&7).unwrap();
                assert_eq!(format.key_id(&token), format.name_of_key(seals));
                let retired = (!numbers.contains(&1)).then_some(Rejected::UnknownKey);
                assert_eq!(codec.open(old).err(), retired, "{format:?} {numbers:?}");
            }
        }
    }
}

#[test]
fn a_signed_session_follows_its_source_to_other_kinds_of_keys() {
    let file = TestFile::new(text(&[1]));
    let source = file.source().provider(AWS_LC);
    let codec = read(Format::Jwt, &source);
    let old = codec.seal(&7).unwrap();
    let private = ED25519.private_jwk(Algorithm::EdDSA);
    file.write(format!("{private},\n{}\n", text(&[1])));
    let error = codec.reload(&file.source()).unwrap_err().to_string();
    assert!(error.contains("KeySource::provider"), "{error}");
    codec.reload(&source).unwrap();
    let token = codec.seal(&7).unwrap();
    let id = JwtKey::jwk(&private, Some(AWS_LC)).unwrap();
    assert_eq!(Format::Jwt.key_id(&token), id.key_id());
    assert!(codec.open(&old).is_ok());

    file.write(format!(
        r#"{{"keys":[{}]}}"#,
        ED25519.public_jwk(Algorithm::EdDSA)
    ));
    codec.reload(&source).unwrap();
    assert!(codec.open(&token).is_ok());
    assert_eq!(codec.open(&old).unwrap_err(), Rejected::UnknownKey);
    assert!(codec.seal(&7).is_err(), "it only verifies now");
}

#[test]
fn a_sealed_session_takes_no_json_web_key() {
    let jwk = ED25519.private_jwk(Algorithm::EdDSA);
    let file = TestFile::new(&jwk);
    let codec = Codec::<u64>::sealed("login", ring(1)).build().unwrap();
    let error = codec.reload(&file.source().provider(AWS_LC)).unwrap_err();
    assert!(
        error.to_string().contains("it is a JSON Web Key"),
        "{error}"
    );
    assert!(codec.seal(&7).is_ok());
}

#[test]
fn a_reload_that_fails_says_so_and_the_old_keys_stay() {
    for format in [Format::Sealed, Format::Jwt] {
        let file = TestFile::new(text(&[1, 2]));
        let source = file.source();
        let codec = read(format, &source);
        let older = read(format, &TestFile::new(text(&[2])).source());
        let older = older.seal(&7).unwrap();
        let assert_old_keys = |what: &str| {
            let token = codec.seal(&7).unwrap();
            assert_eq!(format.key_id(&token), format.name_of_key(1), "{what}");
            let opened = [codec.open(&token), codec.open(&older)];
            assert!(opened.iter().all(Result::is_ok), "{what}");
        };
        for bad in bad_texts() {
            file.write(&bad);
            let error = codec.reload(&source).unwrap_err();
            match format {
                Format::Sealed => assert_eq!(error, source.read::<KeyRing>().unwrap_err()),
                Format::Jwt => assert_eq!(error, source.read::<JwtKeys>().unwrap_err()),
            }
            assert_shows_no_key(&error.to_string());
            assert_old_keys(&error.to_string());
        }
        fs::remove_file(&file.0).unwrap();
        let error = codec.clone().reload(&source).unwrap_err();
        assert!(
            error.to_string().contains(file.0.to_str().unwrap()),
            "{error}"
        );
        assert_old_keys("the file is gone");

        file.write(text(&[3]));
        codec.reload(&source).unwrap();
        assert_eq!(
            codec.open(&older).unwrap_err(),
            Rejected::UnknownKey,
            "it is back"
        );
    }
}

#[test]
fn a_variable_is_a_ring_and_its_error_names_it_and_shows_nothing_of_its_text() {
    const TEST: &str = concat!(
        "key_source::",
        "a_variable_is_a_ring_and_its_error_names_it_and_shows_nothing_of_its_text"
    );
    const GOOD: &str = "HAVERSACK_TEST_GOOD_KEYS";
    const BAD: &str = "HAVERSACK_TEST_BAD_KEYS";
    const NOT_TEXT: &str = "HAVERSACK_TEST_KEYS_THAT_ARE_NOT_TEXT";

    // A program cannot safely set variables of its own.
    if !is_alone() {
        let not_text = not_unicode(&key(1).to_text());
        finish(start_alone(
            TEST,
            &[
                (GOOD, (text(&[2, 1]) + "\n").as_ref()),
                (BAD, format!("{},", key(1).to_text()).as_ref()),
                (NOT_TEXT, &not_text),
            ],
        ));
        return;
    }
    let codec = Codec::<u64>::sealed("login", ring(1)).build().unwrap();
    let token = codec.seal(&7).unwrap();
    for variable in [BAD, NOT_TEXT, "HAVERSACK_TEST_UNSET", "", "=", "NUL\0"] {
        let source = KeySource::variable(variable);
        let error = codec.reload(&source).unwrap_err();
        let shown = format!("{error} {error:?} {source:?}");
        assert_eq!(error.setting(), "key source");
        assert!(
            error.to_string().contains(&format!("variable {variable} ")),
            "{shown}"
        );
        assert_shows_no_key(&shown);
        assert!(codec.open(&token).is_ok(), "{variable}: the old ring stays");
    }
    let unset = KeySource::variable("SESSION_KEYS").read::<KeyRing>();
    let error = unset.unwrap_err().to_string();
    assert!(
        error.contains("the variable SESSION_KEYS is not set; make a key"),
        "{error}"
    );
    assert!(
        error.contains("Key::generate()") && error.contains("openssl rand"),
        "{error}"
    );

    codec.reload(&KeySource::variable(GOOD)).unwrap();
    let newer = codec.seal(&7).unwrap();
    assert_eq!(Format::Sealed.key_id(&newer), Format::Sealed.name_of_key(2));
    assert!(codec.open(&token).is_ok());
}

/// This text and an octet that is in no text.
#[cfg(unix)]
fn not_unicode(text: &str) -> std::ffi::OsString {
    use std::os::unix::ffi::OsStrExt as _;

    OsStr::from_bytes(&[text.as_bytes(), b"\xff"].concat()).to_owned()
}

#[cfg(not(unix))]
fn not_unicode(text: &str) -> std::ffi::OsString {
    format!("{text},").into()
}
