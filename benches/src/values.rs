//! The values that every contender carries: S, M and L.

use std::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What a session may hold here.
pub trait Value:
    Clone + fmt::Debug + DeserializeOwned + PartialEq + Send + Serialize + Sync + 'static
{
    /// Changes it a little, as a request does.
    fn touch(&mut self);
}

/// S: who is signed in, some 120 octets of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Login {
    user: u64,
    name: String,
    email: String,
    roles: Vec<String>,
    views: u32,
}

/// M and L: who is signed in, what an identity provider said of it, and a basket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    login: Login,
    access_token: String,
    permissions: Vec<String>,
    basket: Vec<Item>,
    notice: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    article: u64,
    title: String,
    count: u32,
    cents: u64,
    gift: bool,
}

pub fn small() -> Login {
    Login {
        user: 4_018_233,
        name: "Ada Lovelace".into(),
        email: "ada@example.com".into(),
        roles: vec!["editor".into(), "billing".into()],
        views: 17,
    }
}

pub fn medium() -> Account {
    account(440, 6, 3)
}

pub fn large() -> Account {
    account(1400, 12, 9)
}

fn account(octets_of_token: usize, permissions: usize, items: u64) -> Account {
    let item = |number: u64| Item {
        article: 7_100_000 + 977 * number,
        title: format!("Notebook, ruled, A5, no. {number}"),
        count: 1 + number as u32 % 3,
        cents: 1295 + 110 * number,
        gift: number % 4 == 1,
    };
    let permission = |number: usize| {
        let (what, verb) = (WHAT[number % WHAT.len()], VERBS[number / WHAT.len()]);
        format!("{what}:{verb}")
    };
    let letters = b"ADGJMPSVYbehknqtwz147".iter().cycle();
    Account {
        login: small(),
        access_token: letters
            .take(octets_of_token)
            .map(|letter| char::from(*letter))
            .collect(),
        permissions: (0..permissions).map(permission).collect(),
        basket: (0..items).map(item).collect(),
        notice: Some("Sent to \"Z\u{fc}rich\" on Monday".into()),
    }
}

const WHAT: [&str; 6] = [
    "invoices", "orders", "projects", "reports", "settings", "team",
];
const VERBS: [&str; 4] = ["read", "write", "delete", "share"];

impl Value for Login {
    fn touch(&mut self) {
        self.views += 1;
    }
}

impl Value for Account {
    fn touch(&mut self) {
        self.login.views += 1;
    }
}
