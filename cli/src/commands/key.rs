//! `haversack key`.

use zeroize::Zeroizing;

use crate::{
    args::KeyArgs,
    failure::Failure,
    keys::generate,
    newfile,
    output::{Output, visible_line},
};

pub(super) fn run(args: &KeyArgs) -> Result<Output, Failure> {
    let text = match args.jwk {
        Some(algorithm) => generate::jwk(algorithm)?,
        None => generate::key()?,
    };
    let line = Zeroizing::new(match (&args.env, &args.kubernetes) {
        (Some(name), _) => format!("{name}={}\n", *text),
        (None, Some(name)) => secret(name, &text),
        (None, None) => format!("{}\n", *text),
    });
    let Some(path) = &args.out else {
        return Ok(Output::of(line.as_str()));
    };
    newfile::create(path, &line)?;
    Ok(Output {
        notes: format!(
            "wrote {}, which only its owner can read\n",
            visible_line(&path.display().to_string())
        ),
        ..Output::default()
    })
}

/// A Secret of Kubernetes. The text of a key is plain in YAML.
fn secret(name: &str, text: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\ntype: Opaque\nstringData:\n  keys: \"{text}\"\n"
    )
}
