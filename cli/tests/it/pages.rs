//! Completions and the manual.

use crate::support::Folder;

#[test]
fn each_shell_gets_completions() {
    let folder = Folder::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = folder.run(&["completions", shell]).ok();
        assert!(
            script.contains("inspect") && script.contains("promote") && script.contains("cut-off"),
            "{shell}"
        );
    }
    folder.run(&["completions", "cmd"]).misused();
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let folder = Folder::new();
    let page = folder.run(&["man"]).ok();
    assert!(page.contains(".TH haversack 1"));
    folder.run(&["man", "--out", "pages"]).ok();
    for name in [
        "haversack.1",
        "haversack-inspect.1",
        "haversack-ring-promote.1",
        "haversack-fleet-cut-off.1",
    ] {
        let page = folder.read(&format!("pages/{name}"));
        assert!(page.contains(".SH"), "{name}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let folder = Folder::new();
    assert!(folder.run(&["--version"]).ok().starts_with("haversack 0."));
    assert!(folder.run(&["ring", "--help"]).ok().contains("promote"));
    assert!(folder.run(&[]).misused().contains("Usage"));
}
