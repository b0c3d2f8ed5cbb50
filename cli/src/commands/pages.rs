//! Completions and the manual.

use std::{fs, path::Path};

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{
    args::Args,
    failure::Failure,
    output::{Output, visible_line},
};

pub(super) fn completions(shell: Shell) -> Result<Output, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "haversack", &mut script);
    text(script)
}

pub(super) fn manual(folder: Option<&Path>) -> Result<Output, Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let rendered = Man::new(Args::command()).render(&mut page);
        rendered.map_err(|error| Failure::misuse(format!("no manual: {error}")))?;
        return text(page);
    };
    let shown = visible_line(&folder.display().to_string());
    let failed = |error| {
        Failure::misuse(format!(
            "{shown} cannot be written: {error}; check the folder"
        ))
    };
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Args::command(), folder).map_err(failed)?;
    Ok(Output {
        notes: format!("wrote a page for each command to {shown}\n"),
        ..Output::default()
    })
}

fn text(octets: Vec<u8>) -> Result<Output, Failure> {
    let text = String::from_utf8(octets);
    text.map(Output::of)
        .map_err(|_| Failure::misuse("the page is no text"))
}
