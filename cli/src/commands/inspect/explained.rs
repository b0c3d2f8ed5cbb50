//! What the keys say of a token, in words.

use haversack::{
    Rejected,
    inspect::{Check, Explanation, Outcome},
};

use crate::{
    args::InspectArgs,
    clock::{self, Limits},
    jsontext::JsonText,
    output::visible_line,
    tokens::shown,
};

/// What the keys say of a token.
pub(super) struct Explained {
    /// `None` for pieces that make no token.
    pub(super) explanation: Option<Explanation<JsonText>>,
    /// Each check with what came of it and what was found.
    pub(super) checks: Vec<(Check, Outcome, String)>,
    pub(super) refusal: Option<Refusal>,
    /// The session that it was checked for.
    audience: String,
}

/// Why a token is refused.
pub(super) struct Refusal {
    pub(super) reason: Rejected,
    /// What was expected and found.
    pub(super) detail: String,
}

impl Explained {
    pub(super) fn new(
        explanation: Explanation<JsonText>,
        name: &str,
        context: Option<&str>,
        args: &InspectArgs,
        now: u64,
    ) -> Explained {
        let audience = quoted(name, context);
        let said = |check| match explanation.outcome(check) {
            Outcome::NotReached => String::new(),
            outcome => said(&explanation, check, outcome, &audience, args, now),
        };
        let checks = Check::ALL.map(|check| (check, explanation.outcome(check), said(check)));
        let refusal = explanation.result().err().map(|reason| Refusal {
            reason,
            detail: explanation.failed().map(said).unwrap_or_default(),
        });
        Explained {
            refusal,
            checks: checks.into(),
            explanation: Some(explanation),
            audience,
        }
    }

    /// Pieces that make no token.
    pub(super) fn incomplete(reason: Rejected) -> Explained {
        Explained {
            explanation: None,
            checks: Vec::new(),
            refusal: Some(Refusal {
                reason,
                detail: "the pieces are not all those of one token: one is missing, doubled, or of another"
                    .into(),
            }),
            audience: String::new(),
        }
    }

    /// Whether it may be authentic for another session.
    pub(super) fn is_not_authentic(&self) -> bool {
        self.refusal
            .as_ref()
            .is_some_and(|refusal| refusal.reason == Rejected::NotAuthentic)
    }

    /// Tells that it is authentic for another session that was asked about.
    pub(super) fn is_authentic_as(&mut self, name: &str, context: Option<&str>) {
        let other = quoted(name, context);
        self.put(format!(
            "it is authentic as {other}, not as {}",
            self.audience
        ));
    }

    /// Tells that a sign-out is marked beside its cookie.
    pub(super) fn is_ended(&mut self, cookie: &str) {
        self.refusal = Some(Refusal {
            reason: Rejected::Ended,
            detail: format!(
                "a sign-out in this browser is marked in {}.end",
                shown(cookie)
            ),
        });
    }

    fn put(&mut self, detail: String) {
        for (check, outcome, said) in &mut self.checks {
            if *check == Check::Authenticity && *outcome == Outcome::Failed {
                said.clone_from(&detail);
            }
        }
        if let Some(refusal) = &mut self.refusal {
            refusal.detail = detail;
        }
    }
}

/// What was found and, where a check failed, what was expected.
fn said(
    explanation: &Explanation<JsonText>,
    check: Check,
    outcome: Outcome,
    audience: &str,
    args: &InspectArgs,
    now: u64,
) -> String {
    let failed = outcome == Outcome::Failed;
    let flaw = || explanation.flaw().map(visible_line).unwrap_or_default();
    match check {
        Check::Length if failed => match args.chunked {
            true => "it has more than 16384 characters".into(),
            false => "it has more than 4096 characters; for sessions in several cookies say --chunked".into(),
        },
        Check::Shape if failed => match other_kind(explanation) {
            Some(other) => format!("{}; {other}", flaw()),
            None => flaw(),
        },
        Check::Key => key(explanation, failed),
        Check::Authenticity if failed => other_kind(explanation).unwrap_or_else(|| {
            format!("not authentic as {audience}: it was altered, or is for another name, context or issuer")
        }),
        Check::Authenticity => format!("as {audience}"),
        Check::Envelope | Check::Value if failed => flaw(),
        Check::Pieces => pieces(explanation, failed),
        Check::Value => "JSON".into(),
        Check::Acceptance => "for the application to say".into(),
        Check::Length | Check::Shape | Check::Envelope => String::new(),
        Check::Issue | Check::AbsoluteDeadline | Check::IdleDeadline | Check::Start => {
            times(explanation, check, failed, args, now)
        }
        _ => String::new(),
    }
}

fn key(explanation: &Explanation<JsonText>, failed: bool) -> String {
    let found = explanation.key_id().map(visible_line);
    if !failed {
        return found.unwrap_or_default();
    }
    let known: Vec<_> = explanation
        .known_keys()
        .iter()
        .map(|id| visible_line(id))
        .collect();
    let mut said = match &found {
        Some(id) => format!("the token names key {id}, the ring has {}", list(&known)),
        None => format!("the token names no key, the ring has {}", list(&known)),
    };
    if let Some(other) = other_kind(explanation) {
        said = other;
    } else if let Some(flaw) = explanation.flaw() {
        said = visible_line(flaw);
    }
    said
}

/// What a token is authentic for, if the library found it.
fn other_kind(explanation: &Explanation<JsonText>) -> Option<String> {
    let audience = explanation.authentic_as()?;
    let name = quoted(&audience.name, audience.context.as_deref());
    let kind = match audience.kind {
        "end" => "as the mark of a sign-out of ",
        "ticket" => "as the ticket ",
        _ => "as ",
    };
    let issuer = audience.issuer.as_deref().map(visible_line);
    let issuer = issuer.map_or_else(String::new, |issuer| format!(" by `{issuer}`"));
    Some(format!("it is authentic {kind}{name}{issuer}"))
}

fn pieces(explanation: &Explanation<JsonText>, failed: bool) -> String {
    match (explanation.pieces(), failed) {
        (Some(pieces), true) => {
            format!("it says that it was cut into {pieces}, and came otherwise")
        }
        (Some(1), false) => "whole".into(),
        (Some(pieces), false) => format!("{pieces} pieces"),
        (None, _) => String::new(),
    }
}

fn times(
    explanation: &Explanation<JsonText>,
    check: Check,
    failed: bool,
    args: &InspectArgs,
    now: u64,
) -> String {
    let (Some(facts), Some(carried)) = (explanation.facts(), explanation.carried_facts()) else {
        return String::new();
    };
    let at = |time| format!("{} ({})", clock::show(time), clock::distance(time, now));
    let by = |limited, own| match limited < own {
        true => format!(
            ", by the lifetime that is set; its own is {}",
            clock::show(own)
        ),
        false => String::new(),
    };
    match check {
        Check::Issue => {
            let skew = clock::show_duration(args.skew);
            match explanation
                .not_before()
                .filter(|time| *time > facts.issued_at)
            {
                Some(time) => format!("not before {}, with {skew} of skew", at(time)),
                None if failed => format!(
                    "issued {}, more than the skew of {skew}",
                    at(facts.issued_at)
                ),
                None => format!("issued {}", at(facts.issued_at)),
            }
        }
        Check::AbsoluteDeadline => at(facts.ends_at) + &by(facts.ends_at, carried.ends_at),
        Check::IdleDeadline if facts.expires_at == facts.ends_at && !failed => {
            "none before the absolute one".into()
        }
        Check::IdleDeadline => at(facts.expires_at) + &by(facts.expires_at, carried.expires_at),
        _ => match args.since {
            Some(since) if failed => {
                format!(
                    "started {}, before {}",
                    at(facts.started_at),
                    clock::show(since)
                )
            }
            _ => format!("started {}", at(facts.started_at)),
        },
    }
}

/// A name or context as it is quoted in a sentence.
fn quoted(name: &str, context: Option<&str>) -> String {
    match context {
        None => format!("`{}`", visible_line(name)),
        Some(context) => {
            format!("`{}` in `{}`", visible_line(name), visible_line(context))
        }
    }
}

/// Words with commas between them, and `and` before the last.
fn list(words: &[String]) -> String {
    match words {
        [words @ .., last] if !words.is_empty() => format!("{} and {last}", words.join(", ")),
        words => words.concat(),
    }
}

/// Whether deadlines of the server's own count.
pub(super) fn has_lifetime(args: &InspectArgs) -> bool {
    let limits: Option<Limits> = args.lifetime.or(args.remembered);
    limits.is_some()
}
