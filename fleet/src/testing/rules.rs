//! What is asked of a store, one rule a function. Each leaves the store as it found it.

use super::Nonconforming;
use crate::{
    join::join_all,
    store::{LONGEST_OBJECT, Store, StoreError},
};

type Outcome = Result<(), Nonconforming>;

pub(super) async fn is_empty(store: &impl Store) -> Outcome {
    let names = names(store, "").await?;
    let first = names.into_iter().next();
    check(
        "the store must be empty before and after",
        first.is_none(),
        &first.unwrap_or_default(),
    )
}

pub(super) async fn absent(store: &impl Store) -> Outcome {
    let content = at(NAME, store.read(NAME).await)?;
    let rule = "an object that was never created reads as None";
    check(rule, content.is_none(), NAME)?;
    at(NAME, store.delete(NAME).await)
}

pub(super) async fn created_once(one: &impl Store, other: &impl Store) -> Outcome {
    let created = at(NAME, one.create(NAME, b"first").await)?;
    check("creating a new object is true", created, NAME)?;
    reads(other, NAME, b"first").await?;
    for content in [b"second", b"first!"] {
        let created = at(NAME, other.create(NAME, content).await)?;
        let rule = "creating an object that is there is false, whatever its content";
        check(rule, !created, NAME)?;
        reads(one, NAME, b"first").await?;
    }
    at(NAME, other.delete(NAME).await)
}

pub(super) async fn any_octets(one: &impl Store, other: &impl Store) -> Outcome {
    let every: Vec<u8> = (0..=255).collect();
    let longest = every.repeat(LONGEST_OBJECT / every.len());
    for content in [&b""[..], b"\0", &every, &longest] {
        at(NAME, one.create(NAME, content).await)?;
        reads(other, NAME, content).await?;
        at(NAME, one.delete(NAME).await)?;
    }
    Ok(())
}

pub(super) async fn at_once(one: &impl Store, other: &impl Store) -> Outcome {
    for round in 0..ROUNDS {
        let name = format!("{NAME}.{round}");
        let contents: Vec<String> = (0..AT_ONCE).map(|number| format!("by {number}")).collect();
        let creating = contents.iter().enumerate().map(|(number, content)| {
            let (name, content) = (&name, content.as_bytes());
            async move {
                match number % 2 {
                    0 => one.create(name, content).await,
                    _ => other.create(name, content).await,
                }
            }
        });
        let created = join_all(creating).await.into_iter();
        let created: Vec<_> = created
            .map(|outcome| at(&name, outcome))
            .collect::<Result<_, _>>()?;
        let mut winners = contents.iter().zip(created).filter(|(_, created)| *created);
        let rule = "of several that create an object at once, exactly one is told that it did";
        let winner = winners.next().map(|(content, _)| content);
        check(rule, winner.is_some() && winners.next().is_none(), &name)?;
        let winner = winner.map_or("", String::as_str);
        reads(other, &name, winner.as_bytes()).await?;
        at(&name, one.delete(&name).await)?;
    }
    Ok(())
}

pub(super) async fn listed(one: &impl Store, other: &impl Store) -> Outcome {
    // In the order of their octets.
    let all = [
        "cutoffs/20261201T000000Z-0",
        "cutoffs/20261201T000000Z-a",
        "fleet",
        "keys/20261201T000000Z",
        "keys/20261201T000000Z-0a",
        "keys/20261201T000000Z.1",
        "keys/20261231T000000Z",
        "revoked/20261201T000000Z",
    ];
    for name in all {
        at(name, one.create(name, b"content").await)?;
    }
    let between = "cutoffs/20261201T000000Z-5";
    for after in all.iter().copied().chain(["", between, "keys/", "z"]) {
        let expected: Vec<_> = all.iter().copied().filter(|name| *name > after).collect();
        let rule = "a listing has the names that are greater than the one given, octet for octet, \
                    and no others";
        check(rule, names(other, after).await? == expected, after)?;
    }
    for name in all {
        at(name, other.delete(name).await)?;
        reads_none(one, name).await?;
    }
    Ok(())
}

pub(super) async fn many_listed(one: &impl Store, other: &impl Store) -> Outcome {
    let all: Vec<String> = (0..MANY)
        .map(|number| format!("{NAME}-{number:06}"))
        .collect();
    for some in all.chunks(AT_ONCE) {
        let created = join_all(some.iter().map(|name| one.create(name, b"content"))).await;
        for (name, outcome) in some.iter().zip(created) {
            at(name, outcome)?;
        }
    }
    let rule = "a listing is not cut off after some hundred or thousand names";
    check(rule, names(other, "").await? == all, "")?;
    check(rule, names(other, &all[9]).await? == all[10..], &all[9])?;
    for some in all.chunks(AT_ONCE) {
        let deleted = join_all(some.iter().map(|name| one.delete(name))).await;
        for (name, outcome) in some.iter().zip(deleted) {
            at(name, outcome)?;
        }
    }
    Ok(())
}

pub(super) async fn created_anew(one: &impl Store, other: &impl Store) -> Outcome {
    for content in [b"first", b"later"] {
        let created = at(NAME, one.create(NAME, content).await)?;
        check(
            "an object that was deleted can be created again",
            created,
            NAME,
        )?;
        reads(other, NAME, content).await?;
        at(NAME, one.delete(NAME).await)?;
        reads_none(other, NAME).await?;
        at(NAME, other.delete(NAME).await)?;
    }
    Ok(())
}

async fn reads(store: &impl Store, name: &str, content: &[u8]) -> Outcome {
    let read = at(name, store.read(name).await)?;
    let rule = "an object reads as it was created, by whomever, at once and for good";
    check(rule, read.as_deref() == Some(content), name)
}

async fn reads_none(store: &impl Store, name: &str) -> Outcome {
    let read = at(name, store.read(name).await)?;
    check(
        "an object that was deleted reads as None",
        read.is_none(),
        name,
    )
}

/// The names after this one, sorted.
async fn names(store: &impl Store, after: &str) -> Result<Vec<String>, Nonconforming> {
    let listed = at(after, store.list(after).await)?;
    let mut names: Vec<_> = listed.into_iter().map(|listed| listed.name).collect();
    names.sort_unstable();
    Ok(names)
}

fn at<T>(object: &str, outcome: Result<T, StoreError>) -> Result<T, Nonconforming> {
    outcome.map_err(|error| Nonconforming {
        rule: "the store must be reachable",
        object: object.into(),
        source: Some(error),
    })
}

fn check(rule: &'static str, holds: bool, object: &str) -> Outcome {
    match holds {
        true => Ok(()),
        false => Err(Nonconforming {
            rule,
            object: object.into(),
            source: None,
        }),
    }
}

const NAME: &str = "keys/20261201T000000Z";
/// Calls that are under way at once.
const AT_ONCE: usize = 32;
/// How often they are.
const ROUNDS: usize = 8;
/// More than S3, Azure and Google Cloud Storage put on a page.
const MANY: usize = 1100;
