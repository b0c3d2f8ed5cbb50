//! Tickets: none opens that was changed or is bound to something else, and what is sealed comes back.

#![no_main]

mod common;

use std::sync::LazyLock;

use haversack::Ticket;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

use common::{Fixed, NOW};

static TICKETS: LazyLock<[Ticket<Value>; 2]> = LazyLock::new(|| {
    let builders = [
        Ticket::sealed("reset", common::ring()),
        Ticket::jwt("reset", common::jwt_keys()),
    ];
    builders.map(|builder| builder.clock(|| NOW).random(Fixed).build().unwrap())
});

// Any text, a value with a binding, and a change of one octet.
fuzz_target!(|input: (&[u8], &str, &[u8], u16, u8)| {
    let (text, value, binding, at, octet) = input;
    for ticket in TICKETS.iter() {
        assert!(ticket.open(text, |_| binding).is_err());
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        let Ok(token) = ticket.seal(&value, binding) else {
            continue;
        };
        assert!(!binding.is_empty() && ticket.open_unbound(&token).is_err());
        // A number may come back with other last digits.
        let opened = ticket.open(&token, |_| binding).unwrap();
        assert_eq!(opened.is_number(), value.is_number());
        let other = [binding, b"x"].concat();
        assert!(ticket.open(&token, |_| &other).is_err());
        let mut changed = token.into_bytes();
        let at = usize::from(at) % changed.len();
        if changed[at] != octet {
            changed[at] = octet;
            assert!(ticket.open(&changed, |_| binding).is_err());
        }
    }
});
