//! `haversack jwks`.

use haversack::JwtKey;

use crate::{
    args::{Format, JwksArgs},
    failure::Failure,
    jsontext::JsonText,
    output::Output,
};

pub(super) fn run(args: &JwksArgs) -> Result<Output, Failure> {
    let text = args.keys.read()?;
    if text.format() == Format::Sealed {
        text.ring()?;
        return Err(Failure::refused(NO_PUBLIC_HALF));
    }
    let keys = text.jwt_keys()?;
    let secrets = keys.keys().iter().filter(|key| key.public_jwk().is_none());
    let secrets: Vec<_> = secrets.map(JwtKey::key_id).collect();
    if secrets.len() == keys.keys().len() {
        return Err(Failure::refused(NO_PUBLIC_HALF));
    }
    let set = JsonText::parse(&keys.public_jwk_set());
    let mut output = Output::of(set.map(|set| set.show() + "\n").unwrap_or_default());
    if !secrets.is_empty() {
        let ids = crate::output::visible_line(&secrets.join(", "));
        output.notes = format!("left out, as secrets have no public half: {ids}\n");
    }
    Ok(output)
}

const NO_PUBLIC_HALF: &str = "the keys are secrets, which have no public half: whoever verifies with one can \
     also sign; make a key that has one with `haversack key --jwk`";
