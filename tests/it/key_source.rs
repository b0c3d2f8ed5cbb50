//! Key rings from files and environment variables, read again while the program runs.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use haversack::{Codec, KeySource, Rejected};

use crate::support::{Format, finish, is_alone, jwt_key, jwt_keys, key, ring, start_alone};

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

/// The text of a ring with the keys of these numbers.
fn text(numbers: &[u8]) -> String {
    let keys: Vec<_> = numbers
        .iter()
        .map(|number| key(*number).to_text())
        .collect();
    keys.join(",")
}

/// A text that is no key ring, for every reason; most have a key in them.
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
        let error = file.source().read().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert_eq!(error.setting(), "key source", "{shown}");
        assert!(shown.contains(file.0.to_str().unwrap()), "{shown}");
        assert_shows_no_key(&shown);
        assert_shows_no_key(&format!("{:?}", file.source()));
    }
}

#[test]
fn the_error_tells_which_key_of_the_list_is_bad() {
    let file = TestFile::new(text(&[1, 2]) + ",short");
    let error = file.source().read().unwrap_err().to_string();
    assert!(error.contains("key 3 of the list"), "{error}");
    file.write(text(&[1, 2, 1]));
    let error = file.source().read().unwrap_err().to_string();
    assert!(error.contains("same id"), "{error}");
}

#[test]
fn a_file_that_is_not_there_or_is_no_file_is_an_error_that_names_it() {
    let missing = env::temp_dir().join("haversack-test-there-is-no-such-file");
    for path in [missing, env::temp_dir()] {
        let error = KeySource::file(&path).read().unwrap_err();
        assert_eq!(error.setting(), "key source");
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
    }
}

#[test]
fn a_reload_brings_a_new_key_to_every_clone_and_context_in_three_steps() {
    let file = TestFile::new(text(&[1]));
    let source = file.source();
    let codec = Codec::<u64>::sealed("login", source.read().unwrap())
        .build()
        .unwrap();
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
            assert_eq!(
                Format::Sealed.key_id(&token),
                Format::Sealed.name_of_key(seals)
            );
            let retired = (!numbers.contains(&1)).then_some(Rejected::UnknownKey);
            assert_eq!(codec.open(old).err(), retired, "{numbers:?}");
        }
    }
}

#[test]
fn a_reload_that_fails_says_so_and_the_old_ring_stays() {
    let file = TestFile::new(text(&[1, 2]));
    let source = file.source();
    let codec = Codec::<u64>::sealed("login", source.read().unwrap())
        .build()
        .unwrap();
    let older = Codec::sealed("login", ring(2))
        .build()
        .unwrap()
        .seal(&7)
        .unwrap();
    let assert_old_ring = |what: &str| {
        let token = codec.seal(&7).unwrap();
        assert_eq!(
            Format::Sealed.key_id(&token),
            Format::Sealed.name_of_key(1),
            "{what}"
        );
        assert!(
            codec.open(&token).is_ok() && codec.open(&older).is_ok(),
            "{what}"
        );
    };
    for bad in bad_texts() {
        file.write(&bad);
        let error = codec.reload(&source).unwrap_err();
        assert_eq!(error, source.read().unwrap_err());
        assert_shows_no_key(&error.to_string());
        assert_old_ring(&error.to_string());
    }
    fs::remove_file(&file.0).unwrap();
    let error = codec.clone().reload(&source).unwrap_err();
    assert!(
        error.to_string().contains(file.0.to_str().unwrap()),
        "{error}"
    );
    assert_old_ring("the file is gone");

    file.write(text(&[3]));
    codec.reload(&source).unwrap();
    assert_eq!(
        codec.open(&older).unwrap_err(),
        Rejected::UnknownKey,
        "it is back"
    );
}

#[test]
fn a_signed_session_takes_no_ring_of_a_sealed_one() {
    let file = TestFile::new(text(&[1]));
    let codec = Codec::<u64>::jwt("login", jwt_keys(1)).build().unwrap();
    let token = codec.seal(&7).unwrap();
    assert_eq!(codec.reload(&file.source()).unwrap_err().setting(), "keys");
    assert!(codec.open(&token).is_ok());
    assert_eq!(
        Format::Jwt.key_id(&codec.seal(&7).unwrap()),
        jwt_key(1).key_id()
    );
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
