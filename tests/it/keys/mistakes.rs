//! Texts that are nearly keys: each error says what the mistake seems to be, and shows nothing of the
//! text.

use std::process::Command;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE},
};
use haversack::{ConfigError, JwtKeys, Key, KeyRing};

use super::hex;
use crate::support::{bytes, key};

/// A number whose key has both characters in its text that other alphabets do not have.
fn key_with_both() -> [u8; 32] {
    let all = (0..=255).map(bytes);
    let mut both = all.filter(|bytes| {
        let text = STANDARD.encode(bytes);
        text.contains('+') && text.contains('/')
    });
    both.next().unwrap()
}

/// Texts that are not one key, a part of the problem that is told, and a part of what to do.
pub(crate) fn mistakes() -> Vec<(String, &'static str, &'static str)> {
    let text = key(1).to_text();
    let other = key(2).to_text();
    let both = key_with_both();
    // The 32 bytes end in the middle of the last character: of 43, two bits say nothing.
    let last = text.chars().last().unwrap();
    let next = char::from_u32(u32::from(last) + 1).unwrap();
    let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n";
    vec![
        (String::new(), "it is empty", "Key::generate()"),
        (" \r\n".into(), "it is empty", "openssl rand"),
        (format!("\"{text}\""), "quotes around it", "remove"),
        (format!("'{text}'\n"), "quotes around it", "remove"),
        (format!("{text}\""), "quotes around it", "remove"),
        (
            format!("\u{201c}{text}\u{201d}"),
            "quotes around it",
            "remove",
        ),
        (hex(&bytes(1)), "hexadecimal", "base64url"),
        (hex(&bytes(1)).to_uppercase(), "hexadecimal", "base64url"),
        (hex(&bytes(1)[..16]), "hexadecimal", "base64url"),
        (format!("{text}="), "padding", "leave out each ="),
        (URL_SAFE.encode(bytes(1)), "padding", "leave out each ="),
        (STANDARD.encode(both), "standard alphabet", "- for each +"),
        (
            STANDARD_NO_PAD.encode(both),
            "standard alphabet",
            "_ for each /",
        ),
        (format!("{text}\n{other}"), "several lines", "commas"),
        (format!("{text}\r\n{other}\r\n"), "several lines", "commas"),
        (format!("{text};{other}"), "semicolon", "commas"),
        (format!("{text} {other}"), "white space", "comma"),
        (
            format!("{} {}", &text[..20], &text[20..]),
            "white space",
            "remove",
        ),
        (format!("\u{feff}{text}"), "byte order mark", "UTF-8"),
        (
            format!("SESSION_KEYS={text}"),
            "a name and =",
            "only the value",
        ),
        (
            format!("export KEYS={text}"),
            "a name and =",
            "only the value",
        ),
        (format!("KEYS = {text}"), "a name and =", "only the value"),
        (format!("KEYS=\"{text}"), "a name and =", "only the value"),
        (pem.into(), "in PEM", "JwtKey::pem"),
        (text[..42].into(), "42 characters", "copy"),
        (text[1..].into(), "42 characters", "copy"),
        (text[..41].into(), "41 characters", "copy"),
        (text[..30].into(), "30 characters", "Key::generate()"),
        (format!("{}{next}", &text[..42]), "last character", "copy"),
        (
            format!("é{}", &text[2..]),
            "its character 1 ",
            "Key::generate()",
        ),
        (
            format!("{}.{}", &text[..9], &text[10..]),
            "its character 10 ",
            "Key::generate()",
        ),
        ("changeme".into(), "8 characters", "openssl rand"),
    ]
}

/// The error, of which no eight characters in a row are in the text.
fn refused<K>(result: Result<K, ConfigError>, text: &str) -> String {
    let error = result.err().unwrap_or_else(|| panic!("{text:?} was taken"));
    let shown = format!("{error} {error:?}");
    let characters: Vec<_> = text.trim().chars().collect();
    for part in characters.windows(8) {
        let part: String = part.iter().collect();
        assert!(
            !shown.contains(&part) || "-----BEGIN ".contains(&part),
            "{shown}"
        );
    }
    error.to_string()
}

fn assert_tells(error: &str, setting: &str, problem: &str, fix: &str) {
    let (told, to_do) = error.split_once("; ").unwrap();
    let (told, to_do) = match to_do.rsplit_once("; ") {
        // The problem has a semicolon, too.
        Some((more, to_do)) => (format!("{told}; {more}"), to_do),
        None => (told.to_owned(), to_do),
    };
    assert!(told.starts_with(&format!("{setting}: ")), "{error}");
    assert!(told.contains(problem), "{problem}: {error}");
    assert!(to_do.contains(fix), "{fix}: {error}");
}

#[test]
fn each_mistake_in_the_text_of_a_key_is_told_apart() {
    let text = key(1).to_text();
    let json = format!("{{\"kty\":\"oct\",\"k\":\"{text}\"}}");
    let only_of_one = [
        (format!("{text}A"), "44 characters", "copy"),
        (format!("{text}AB"), "45 characters", "copy"),
        (format!("{text}{text}"), "86 characters", "Key::generate()"),
        (json, "JSON Web Key", "Key::to_text()"),
    ];
    for (text, problem, fix) in mistakes().into_iter().chain(only_of_one) {
        assert_tells(&refused(text.parse::<Key>(), &text), "key", problem, fix);
        assert_tells(
            &refused(text.parse::<KeyRing>(), &text),
            "key ring",
            problem,
            fix,
        );
    }
}

#[test]
fn a_list_says_which_of_its_keys_is_bad() {
    let [one, two] = [1, 2].map(|number| key(number).to_text());
    for (text, problem, fix) in mistakes() {
        for (list, position) in [
            (format!("{text},{one}"), 1),
            (format!("{one}, {text}"), 2),
            (format!("{one},{two},{text},{}", key(3).to_text()), 3),
        ] {
            // In a list it is the comma that is wrong.
            let (problem, fix) = match text.trim().is_empty() {
                true => ("it is empty", "comma"),
                false => (problem, fix),
            };
            let ring = refused(list.parse::<KeyRing>(), &text);
            assert_tells(&ring, "key ring", problem, fix);
            let signed = refused(list.parse::<JwtKeys>(), &text);
            assert_tells(&signed, "jwt keys", problem, fix);
            for error in [ring, signed] {
                assert!(
                    error.contains(&format!("key {position} of the list: ")),
                    "{error}"
                );
                for key in [&one, &two] {
                    assert!(!error.contains(key), "{error}");
                }
            }
        }
    }
    for (list, position) in [
        (format!("{one},"), 2),
        (format!(",{one}"), 1),
        (format!("{one},,{two}"), 2),
        (format!("{one},\n\n"), 2),
        (",".into(), 1),
    ] {
        let errors = [
            refused(list.parse::<KeyRing>(), &list),
            refused(list.parse::<JwtKeys>(), &list),
        ];
        for error in errors {
            assert!(
                error.contains(&format!("key {position} of the list: it is empty")),
                "{error}"
            );
            assert!(error.contains("remove the comma"), "{error}");
        }
    }
}

#[test]
fn the_command_that_an_error_gives_makes_a_key() {
    let error = "".parse::<Key>().unwrap_err().to_string();
    let command = error.split('`').nth(1).unwrap();
    for _ in 0..20 {
        let output = Command::new("sh").args(["-c", command]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.parse::<Key>().is_ok(), "{command}");
    }
}
