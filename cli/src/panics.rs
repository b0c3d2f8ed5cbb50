//! A fault of this program says where it is, and shows nothing of what was read.

use std::{
    panic::{self, PanicHookInfo},
    process,
};

use crate::output;

/// Has panics end the program with a text that has nothing of their message in it, which may hold a
/// key.
pub(crate) fn install() {
    panic::set_hook(Box::new(|info| {
        output::tell(&text(info));
        process::exit(crate::output::MISUSE.into());
    }));
}

fn text(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(String::new, |place| {
        format!(" at {}:{}", place.file(), place.line())
    });
    format!("haversack: this is a fault of the program itself{place}; please report it\n")
}

#[cfg(test)]
mod tests {
    use std::{env, process::Command};

    #[test]
    #[expect(clippy::panic, clippy::unwrap_used, reason = "that is what is tested")]
    fn a_panic_shows_nothing_of_its_message() {
        if env::var_os("HAVERSACK_PANICS").is_some() {
            super::install();
            panic!("the key is hunter2");
        }
        let output = Command::new(env::current_exe().unwrap())
            .args(["a_panic_shows_nothing_of_its_message", "--nocapture"])
            .env("HAVERSACK_PANICS", "1")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("a fault of the program itself at"), "{said}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(!said.contains("hunter2") && !printed.contains("hunter2"));
    }
}
