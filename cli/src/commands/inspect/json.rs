//! What there is to say of tokens, for programs. Of a token that is refused there is no value.

use haversack::{
    Rejected,
    inspect::{Explanation, Outcome, Outline},
};
use serde::Serialize;

use super::{Inspected, explained::Explained, look::Look};
use crate::{failure::Failure, jsontext::JsonText, output::visible};

pub(super) fn show(inspected: &[Inspected], look: &Look<'_>) -> Result<String, Failure> {
    let tokens: Vec<_> = inspected
        .iter()
        .map(|inspected| Token::new(inspected, look))
        .collect();
    let text = serde_json::to_string_pretty(&tokens);
    text.map(|text| visible(&text) + "\n")
        .map_err(|error| Failure::misuse(error.to_string()))
}

#[derive(Serialize)]
struct Token<'i> {
    /// `text`, or the name of the cookie or of the header.
    found_in: String,
    format: Option<String>,
    key_id: Option<String>,
    characters: Option<usize>,
    pieces: Option<u8>,
    kind: Option<String>,
    algorithm: Option<String>,
    /// Only without keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    unverified_claims: Option<JsonText>,
    /// The stable word; only with keys, or for what is no token.
    refused: Option<&'static str>,
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<Checked<'i>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Session>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'i JsonText>,
}

#[derive(Serialize)]
struct Checked<'i> {
    number: u8,
    check: String,
    outcome: &'static str,
    detail: &'i str,
}

/// Times are seconds since 1970.
#[derive(Serialize)]
struct Session {
    id: String,
    version: u32,
    remembered: bool,
    started_at: u64,
    authenticated_at: u64,
    issued_at: u64,
    expires_at: u64,
    ends_at: u64,
    looked_at: u64,
}

impl<'i> Token<'i> {
    fn new(inspected: &'i Inspected, look: &Look<'_>) -> Token<'i> {
        let token = inspected.found.token.as_ref();
        let outline = token.ok().map(|(token, _)| Outline::of(token));
        let flaw = outline.as_ref().and_then(|outline| outline.as_ref().err());
        let flaw = flaw.map(ToString::to_string);
        let outline = outline.and_then(Result::ok);
        let explained = inspected.explained.as_ref();
        let refusal = explained.and_then(|explained| explained.refusal.as_ref());
        let reason = match (refusal, token, &flaw) {
            (Some(refusal), ..) => Some(refusal.reason),
            (None, Err(reason), _) => Some(*reason),
            (None, Ok(_), Some(_)) if explained.is_none() => Some(Rejected::Malformed),
            _ => None,
        };
        let claims = outline.as_ref().filter(|_| explained.is_none());
        let claims =
            claims.and_then(|outline| JsonText::parse(outline.unverified_claims.as_ref()?));
        let explanation = explained.and_then(|explained| explained.explanation.as_ref());
        let opened = explanation.and_then(|explanation| explanation.result().ok());
        Token {
            found_in: inspected.found.place.name(),
            format: outline.as_ref().map(|outline| outline.format.to_string()),
            key_id: outline.as_ref().and_then(|outline| outline.key_id.clone()),
            characters: token.ok().map(|(token, _)| token.len()),
            pieces: token.ok().map(|(_, pieces)| *pieces),
            kind: outline.as_ref().and_then(|outline| outline.kind.clone()),
            algorithm: outline
                .as_ref()
                .and_then(|outline| outline.algorithm.clone()),
            unverified_claims: claims,
            refused: reason.map(Rejected::code),
            detail: refusal.map(|refusal| refusal.detail.clone()).or(flaw),
            checks: explained.map(checked),
            session: explanation.and_then(|explanation| session(explanation, look)),
            value: opened
                .filter(|_| refusal.is_none())
                .map(|opened| opened.value()),
        }
    }
}

fn checked(explained: &Explained) -> Vec<Checked<'_>> {
    let checked = explained
        .checks
        .iter()
        .map(|(check, outcome, said)| Checked {
            number: check.number(),
            check: check.to_string(),
            outcome: match outcome {
                Outcome::Passed => "passed",
                Outcome::Failed => "failed",
                _ => "not_reached",
            },
            detail: said,
        });
    checked.collect()
}

fn session(explanation: &Explanation<JsonText>, look: &Look<'_>) -> Option<Session> {
    let facts = explanation.facts()?;
    Some(Session {
        id: facts.id.to_string(),
        version: facts.version,
        remembered: facts.remembered,
        started_at: facts.started_at,
        authenticated_at: facts.authenticated_at,
        issued_at: facts.issued_at,
        expires_at: facts.expires_at,
        ends_at: facts.ends_at,
        looked_at: look.now,
    })
}
