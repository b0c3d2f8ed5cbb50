//! `haversack inspect`.

mod explained;
mod json;
mod look;
mod text;

use zeroize::Zeroizing;

use self::{explained::Explained, look::Look};
use crate::{
    args::InspectArgs,
    failure::Failure,
    input,
    output::Output,
    tokens::{self, Found, Pasted},
};

/// A token that was found, and what there is to say of it.
pub(super) struct Inspected {
    found: Found,
    /// With keys.
    explained: Option<Explained>,
}

pub(super) fn run(args: &InspectArgs) -> Result<Output, Failure> {
    let pasted = read(args)?;
    let pasted = Pasted::read(&pasted);
    let look = Look::new(args)?;
    let found = pasted.tokens(|cookie| look.is_wanted(cookie));
    if found.is_empty() {
        return Err(Failure::misuse(none(&pasted)));
    }
    if found.len() > MOST_TOKENS {
        return Err(Failure::misuse(format!(
            "there are {} tokens in it, more than {MOST_TOKENS}; name the cookie with --cookie",
            found.len()
        )));
    }
    let inspected = found.into_iter().map(|found| {
        let explained = look.explain(&found, &pasted)?;
        Ok(Inspected { found, explained })
    });
    let inspected: Vec<_> = inspected.collect::<Result<_, Failure>>()?;
    let text = match args.json {
        true => json::show(&inspected, &look)?,
        false => text::show(&inspected, &look),
    };
    Ok(Output {
        refused: inspected.iter().any(Inspected::is_refused),
        ..Output::of(text)
    })
}

fn read(args: &InspectArgs) -> Result<Zeroizing<Vec<u8>>, Failure> {
    match &args.token {
        Some(token) if token != "-" => Ok(Zeroizing::new(token.clone().into_encoded_bytes())),
        given => {
            if args.keys.are_given() && args.keys.are_piped() {
                return Err(Failure::misuse(
                    "keys and token cannot both be on standard input; name a file with --keys FILE",
                ));
            }
            match given {
                Some(_) => input::stdin(LONGEST, "the token"),
                None => input::piped(LONGEST, "token", "paste it behind `haversack inspect -`"),
            }
        }
    }
}

/// What is said if there is nothing to look at.
fn none(pasted: &Pasted<'_>) -> String {
    let mut names: Vec<_> = pasted.cookie_names().map(tokens::shown).collect();
    names.dedup();
    match names.is_empty() {
        true => "there is no token in it; give a token, a cookie, or what `curl -v` printed".into(),
        false => {
            names.truncate(MOST_NAMES);
            let names = names.join(", ");
            format!("none of the cookies looks like a token; name one with --cookie, of {names}")
        }
    }
}

impl Inspected {
    fn is_refused(&self) -> bool {
        match (&self.found.token, &self.explained) {
            (_, Some(explained)) => explained.refusal.is_some(),
            (Ok((token, _)), None) => haversack::inspect::Outline::of(token).is_err(),
            (Err(_), None) => true,
        }
    }
}

/// Octets of what is pasted.
const LONGEST: usize = 1 << 20;
const MOST_NAMES: usize = 20;
const MOST_TOKENS: usize = 100;
