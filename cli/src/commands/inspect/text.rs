//! What there is to say of tokens, for people.

use comfy_table::{Cell, Table};
use haversack::{
    Rejected,
    inspect::{Check, Explanation, Outcome, Outline, TokenFormat},
};

use super::{
    Inspected,
    explained::{Explained, has_lifetime},
    look::Look,
};
use crate::{
    clock,
    jsontext::JsonText,
    output::visible_line,
    table::{Terminal, bad, bold, faint, good, green, lines, paragraph, red, table},
    tokens::Place,
};

pub(super) fn show(inspected: &[Inspected], look: &Look<'_>) -> String {
    let each = inspected.iter().map(|inspected| one(inspected, look));
    let mut texts: Vec<_> = each.collect();
    if inspected.len() > 1 {
        for (text, inspected) in texts.iter_mut().zip(inspected) {
            *text = format!("{}\n{text}", bold(&place(&inspected.found.place)));
        }
    }
    texts.join("\n")
}

fn one(inspected: &Inspected, look: &Look<'_>) -> String {
    let mut text = match &inspected.found.token {
        Ok((token, pieces)) => outline(token, *pieces, inspected.explained.is_none()),
        Err(_) => String::new(),
    };
    match (&inspected.explained, &inspected.found.token) {
        (Some(explained), _) => text += &with_keys(explained, look),
        (None, Err(reason)) => {
            text += &refused(*reason, "the pieces are not all those of one token")
        }
        (None, Ok(_)) => {}
    }
    text
}

/// What a token shows to everyone.
fn outline(token: &[u8], pieces: u8, alone: bool) -> String {
    let outline = match Outline::of(token) {
        Ok(outline) => outline,
        // With keys the check says it.
        Err(_) if !alone => return String::new(),
        Err(flaw) => return refused(Rejected::Malformed, &flaw.to_string()),
    };
    let mut table = table(Terminal::Output);
    let mut size = format!("{} characters", outline.characters);
    if pieces > 1 {
        size += &format!(" in {pieces} pieces");
    }
    let format = match outline.format {
        TokenFormat::Jwt => {
            let algorithm = outline.algorithm.as_deref().unwrap_or("no algorithm");
            let kind = outline.kind.as_deref().unwrap_or("of no kind known here");
            format!("JWT, {algorithm}, {kind}")
        }
        _ => "sealed, format 1".to_owned(),
    };
    let key = outline.key_id.as_deref().unwrap_or("none");
    for (name, value) in [("format", &*format), ("key id", key), ("size", &size)] {
        row(&mut table, name, &visible_line(value));
    }
    let mut text = lines(&table);
    if let Some(claims) = outline.unverified_claims.filter(|_| alone) {
        text += &format!("\n{}\n", bold("claims, not verified"));
        text += &match JsonText::parse(&claims) {
            Some(json) => json.show() + "\n",
            None => "they are not JSON\n".into(),
        };
    }
    text
}

fn with_keys(explained: &Explained, look: &Look<'_>) -> String {
    let mut text = String::new();
    if !explained.checks.is_empty() {
        text += &format!("\n{}", checks(explained));
    }
    if let Some(explanation) = &explained.explanation {
        text += &facts(explanation, look);
        if let (Ok(opened), None) = (explanation.result(), &explained.refusal) {
            text += &format!("\n{}\n{}\n", bold("value"), opened.value().show());
        }
    }
    text.push('\n');
    text += &match &explained.refusal {
        Some(refusal) => refused(refusal.reason, &refusal.detail),
        None => green("it opens") + "\n",
    };
    text
}

fn checks(explained: &Explained) -> String {
    let mut table = table(Terminal::Output);
    for (check, outcome, said) in &explained.checks {
        let mark = match outcome {
            Outcome::Passed if *check == Check::Acceptance => faint("-"),
            Outcome::Passed => good("ok"),
            Outcome::Failed => bad("FAILED"),
            _ => faint("-"),
        };
        table.add_row([
            Cell::new(check.number()),
            mark,
            Cell::new(check),
            Cell::new(said),
        ]);
    }
    lines(&table)
}

/// What an authentic token says of its session.
fn facts(explanation: &Explanation<JsonText>, look: &Look<'_>) -> String {
    let Some(facts) = explanation.facts() else {
        return String::new();
    };
    let now = look.now;
    let at = |time| format!("{} ({})", clock::show(time), clock::distance(time, now));
    let mut table = table(Terminal::Output);
    row(&mut table, "session id", &facts.id.to_string());
    row(&mut table, "updates", &facts.version.to_string());
    row(
        &mut table,
        "flags",
        if facts.remembered {
            "remembered"
        } else {
            "none"
        },
    );
    row(&mut table, "started", &at(facts.started_at));
    row(&mut table, "authenticated", &at(facts.authenticated_at));
    row(&mut table, "issued", &at(facts.issued_at));
    row(&mut table, "idle deadline", &at(facts.expires_at));
    row(&mut table, "absolute deadline", &at(facts.ends_at));
    let deadlines = match has_lifetime(look.args) {
        true => "the earlier of its own and of the lifetime that is set",
        false => "its own; --lifetime says what the server is set to",
    };
    row(&mut table, "deadlines are", deadlines);
    row(&mut table, "looked at", &clock::show(now));
    format!("\n{}", lines(&table))
}

fn row(table: &mut Table, name: &str, value: &str) {
    table.add_row([faint(name), Cell::new(value)]);
}

fn refused(reason: Rejected, detail: &str) -> String {
    let detail = match detail {
        "" => reason.to_string(),
        detail => detail.to_owned(),
    };
    let reason = red(&format!("refused, {}", reason.code()));
    paragraph(&format!("{reason}: {detail}"), Terminal::Output)
}

fn place(place: &Place) -> String {
    match place {
        Place::Text => "text".into(),
        Place::Cookie(_) => format!("cookie {}", place.name()),
        Place::Header(_) => format!("header {}", place.name()),
    }
}
