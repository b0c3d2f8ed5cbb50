//! In a terminal, without one, and before a reader that goes away.

use std::{
    io::{Read as _, Write as _},
    process::Stdio,
};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use crate::support::{Folder, NOW, PROGRAM, sealed, texts, value};

/// What a terminal of 80 columns gets.
fn in_terminal(folder: &Folder, args: &[&str], variables: &[(&str, &str)]) -> (String, u32) {
    let size = PtySize {
        rows: 24,
        cols: 80,
        pixel_width: 0,
        pixel_height: 0,
    };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(args);
    command.cwd(folder.path());
    command.env_remove("NO_COLOR");
    command.env("TERM", "xterm-256color");
    command.env("TZ", "XYZ-1");
    variables
        .iter()
        .for_each(|(name, value)| command.env(name, value));
    let mut reader = pair.master.try_clone_reader().unwrap();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut shown = Vec::new();
    // The end of a terminal whose program is gone is an error on Linux.
    let _ = reader.read_to_end(&mut shown);
    let status = child.wait().unwrap().exit_code();
    (
        String::from_utf8(shown).unwrap().replace("\r\n", "\n"),
        status,
    )
}

fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, code)) = rest.split_once("\u{1b}[") {
        plain += before;
        rest = code.split_once('m').unwrap().1;
    }
    plain + rest
}

fn setup() -> (Folder, String) {
    let folder = Folder::new();
    folder.file("keys", &texts(&[1, 2]));
    let token = sealed("login", &[3])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    (folder, token)
}

#[test]
fn eighty_columns_are_enough_and_have_colours() {
    let (folder, unknown) = setup();
    let known = sealed("login", &[1])
        .build()
        .unwrap()
        .seal(&value())
        .unwrap();
    let (place, _fleet) = crate::fleet::begin(&folder);
    let at = format!("--at={NOW}");
    let inspect = ["inspect", "--keys=keys", "--name=login", &at];
    for (args, status) in [
        ([&inspect[..], &[&unknown]].concat(), 1),
        ([&inspect[..], &[&known]].concat(), 0),
        (vec!["ring", "show", "--keys=keys"], 0),
        ([&["fleet", "status"], &place[..]].concat(), 0),
        (
            vec![
                "ring",
                "promote",
                "--keys=keys",
                "--lifetime=8h",
                "--out=next",
            ],
            0,
        ),
    ] {
        let (shown, ended) = in_terminal(&folder, &args, &[]);
        assert_eq!(ended, status, "{shown}");
        assert!(shown.contains("\u{1b}["), "{args:?}: {shown}");
        for line in plain(&shown).lines() {
            assert!(line.chars().count() <= 80, "{args:?}: {line:?}");
            assert_eq!(line, line.trim_end(), "{args:?}");
        }
    }
}

#[test]
fn no_color_is_heeded_and_so_is_being_asked() {
    let (folder, token) = setup();
    let args = ["inspect", "--keys=keys", "--name=login", &token];
    let (coloured, _) = in_terminal(&folder, &args, &[]);
    let (shown, _) = in_terminal(&folder, &args, &[("NO_COLOR", "1")]);
    assert!(!shown.contains('\u{1b}'), "{shown}");
    assert_eq!(shown, plain(&coloured));
    let never = [&["--color=never"], &args[..]].concat();
    assert_eq!(in_terminal(&folder, &never, &[]).0, shown);
    let always = [&["--color=always"], &args[..]].concat();
    assert!(folder.run(&always).out.contains("\u{1b}["));
}

#[test]
fn without_a_terminal_there_are_no_colours_and_a_row_has_a_line() {
    let (folder, token) = setup();
    let shown = folder
        .run(&["inspect", "--keys=keys", "--name=login", &token])
        .refused();
    assert!(!shown.contains('\u{1b}'));
    let mut rows = shown
        .lines()
        .filter(|line| line.contains("the key that it names is known"));
    assert!(
        rows.next_back().unwrap().contains("the ring has"),
        "{shown}"
    );
}

#[test]
fn keys_are_not_waited_for_at_a_terminal() {
    let (folder, _) = setup();
    let (shown, status) = in_terminal(&folder, &["ring", "show"], &[]);
    assert_eq!(status, 2);
    assert!(
        shown.contains("name their place with --keys FILE"),
        "{shown}"
    );
    let (shown, status) = in_terminal(&folder, &["inspect"], &[]);
    assert_eq!(status, 2);
    assert!(shown.contains("paste it behind"), "{shown}");
}

#[test]
fn a_reader_that_goes_away_changes_nothing() {
    let (folder, token) = setup();
    for (args, status) in [
        (&["completions", "bash"][..], 0),
        (&["man"], 0),
        (&["--help"], 0),
        (&["inspect", "--keys=keys", "--name=login", &token], 1),
    ] {
        let mut child = folder
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Gone before anything is written, as the program waits for nothing else.
        drop(child.stdout.take());
        let _ = child.stdin.take().unwrap().write_all(b"");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{args:?}");
        assert!(output.stderr.is_empty(), "{args:?}: {output:?}");
    }
}
