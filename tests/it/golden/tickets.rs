//! Golden tickets: what they hold, or why they are refused.

use std::{sync::atomic::AtomicUsize, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL};
use haversack::{Ticket, TicketBuilder};

use super::{Case, Replay, Value};

fn builder(case: &Case) -> TicketBuilder<Value> {
    let builder = match case.get("format") {
        "sealed" => Ticket::sealed(case.get("name"), case.ring()),
        _ => {
            let builder = Ticket::jwt(case.get("name"), case.jwt_keys());
            match case.get("issuer") {
                "" => builder,
                issuer => builder.issuer(issuer),
            }
        }
    };
    let builder = match case.get("context") {
        "" => builder,
        context => builder.context(context),
    };
    let now = case.number("now").unwrap();
    builder
        .lifetime(Duration::from_secs(case.number("lifetime").unwrap()))
        .skew(Duration::from_secs(case.number("skew").unwrap()))
        .clock(move || now)
}

#[test]
fn golden_tickets_open_or_are_refused_for_their_reason() {
    let cases = Case::all("golden-tickets");
    assert!(cases.len() >= 62, "some are missing");
    for case in cases {
        let ticket = builder(&case).build().unwrap();
        let binding = case.get("binding").to_owned();
        let opened = match binding.is_empty() {
            true => ticket.open_unbound(case.get("token")),
            false => ticket.open(case.get("token"), |_| binding),
        };
        let outcome = match opened {
            Ok(value) => {
                let expected: Value = serde_json::from_str(case.get("value")).unwrap();
                assert_eq!(value, expected, "{}", case.name);
                "ok"
            }
            Err(reason) => reason.code(),
        };
        assert_eq!(outcome, case.get("expect"), "{}", case.name);
    }
}

#[test]
fn golden_tickets_are_written_the_same_again() {
    let plain = ["good", "unbound", "context", "text", "issuer"];
    let mut written = 0;
    for case in Case::all("golden-tickets") {
        let (format, name) = case.name.split_once('-').unwrap();
        if !plain.contains(&name) {
            continue;
        }
        let nonce = match format {
            "sealed" => BASE64URL.decode(case.get("token")).unwrap()[5..29].to_vec(),
            _ => Vec::new(),
        };
        let random = Replay(nonce, AtomicUsize::new(0));
        let ticket = builder(&case).random(random).build().unwrap();
        let value: Value = serde_json::from_str(case.get("value")).unwrap();
        let token = match case.get("binding") {
            "" => ticket.seal_unbound(&value),
            binding => ticket.seal(&value, binding),
        };
        assert_eq!(token.unwrap(), case.get("token"), "{}", case.name);
        written += 1;
    }
    assert_eq!(written, 2 * plain.len() - 1);
}
