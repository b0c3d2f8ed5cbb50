//! A start that cannot work: one line that says why, and a status of 1.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
};

use super::{binary, text};

fn line_of_failure(variables: &[(&str, &str)]) -> String {
    let output = Command::new(binary())
        .env_clear()
        .env("PORT", "0")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{variables:?}");
    assert!(output.stdout.is_empty(), "{variables:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn a_bad_variable_is_one_line_that_names_it() {
    let (key, port) = (text(), "PORT");
    let twice = format!("{key},{key}");
    let cases = [
        (port, "abc"),
        (port, "65536"),
        (port, "-1"),
        (port, ""),
        ("IDLE_SECS", "x"),
        ("IDLE_SECS", "0"),
        ("IDLE_SECS", "99999999999999999999"),
        ("CAP_SECS", "5"),
        ("CAP_SECS", "1.5"),
        ("FRESH_SECS", "soon"),
        ("INSECURE_COOKIES", "yes"),
        ("SESSION_KEYS", ""),
        ("SESSION_KEYS", "hunter2"),
        ("SESSION_KEYS", &twice),
        ("SESSION_KEYS", &key[..42]),
    ];
    for (variable, value) in cases {
        let line = line_of_failure(&[(variable, value)]);
        assert!(line.contains(variable), "{line}");
        assert!(line.contains("; "), "it says what to do: {line}");
        assert!(
            variable != "SESSION_KEYS" || value.is_empty() || !line.contains(value),
            "{line}"
        );
    }
}

#[test]
fn a_busy_port_is_one_line_that_names_it() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = busy.local_addr().unwrap().port().to_string();
    let line = line_of_failure(&[("PORT", &port)]);
    assert!(
        line.contains(&format!("PORT: 127.0.0.1:{port} is in use; ")),
        "{line}"
    );
}
