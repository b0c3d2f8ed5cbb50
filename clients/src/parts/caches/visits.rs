//! Visitors ask for every page in every way, all at once and one after the other.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::join_all;
use tokio::{sync::Mutex, time::sleep};

use super::{
    Stack,
    application::Pages,
    headers,
    request::{Act, How, Visitor},
    seen::Seen,
};
use crate::{
    app::Sessions,
    client::{Client, Protocol},
};

/// The application behind a stack, and how thoroughly it is visited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site<'a> {
    pub(super) sessions: &'a Sessions,
    pub(super) pages: &'a Pages,
    pub(super) long: bool,
}

/// What was seen of sessions, and of pages without this library.
#[derive(Debug, Default)]
pub(super) struct Tour {
    pub(super) ours: Seen,
    pub(super) plain: Seen,
}

/// Visits every page: fresh, once what is fresh for a second is stale, and while the application
/// fails.
pub(super) async fn visit(site: &Site<'_>, stack: &Stack) -> Result<Tour> {
    let mut seen = Tour::default();
    // Each page is asked for in some of the ways, in turns.
    let (fresh, other) = if site.long { (4, 2) } else { (3, 1) };
    let hows = |page| [&[How::Get][..], &some(&How::FRESH, page, fresh)].concat();
    tour(site, stack, hows, &mut seen).await?;
    // The second that `max-age=1` is fresh for, and the rest of the one in which it began.
    sleep(Duration::from_millis(2100)).await;
    // What is not a page goes first, as with a page what was stale is fresh again.
    let others_first = |page| [&some(&How::OTHERS, page, other)[..], &[How::Get]].concat();
    tour(site, stack, others_first, &mut seen).await?;
    site.pages.fail(true);
    let toured = tour(site, stack, |page| others_first(page + 1), &mut seen).await;
    site.pages.fail(false);
    toured?;
    Ok(seen)
}

/// So many of these, from the one of this number on.
fn some(hows: &[How], from: usize, many: usize) -> Vec<How> {
    let all = hows.iter().cycle().skip(from % hows.len());
    all.take(many).copied().collect()
}

/// Has everybody ask for every page, in these ways for the page of this number.
async fn tour(
    site: &Site<'_>,
    stack: &Stack,
    hows: impl Fn(usize) -> Vec<How>,
    seen: &mut Tour,
) -> Result<()> {
    let pages = Act::all().flat_map(|act| (0..headers::ALL.len()).map(move |said| (act, said)));
    // A turn more for each act, or what is said would decide in which ways.
    let pages = pages
        .enumerate()
        .map(|(page, what)| (what, hows(page + page / headers::ALL.len())));
    let pages: Vec<_> = pages.collect();
    // Several parties, each with pages of its own.
    let parties = pages.chunks(pages.len().div_ceil(PARTIES));
    let seen = &Mutex::new(seen);
    let tours = parties.map(|pages| async move {
        let mut party = Party::new(site, stack)?;
        for ((act, said), hows) in pages {
            for how in hows {
                party.ask(site, (*act, *how, *said), seen).await?;
            }
        }
        anyhow::Ok(())
    });
    join_all(tours).await.into_iter().collect()
}

/// Everybody, each with a connection.
struct Party(Vec<(Visitor, Client)>);

impl Party {
    fn new(site: &Site<'_>, stack: &Stack) -> Result<Party> {
        let address = stack.address()?;
        let mut visitors = vec![
            Visitor::signed_in(7, site.sessions)?,
            Visitor::without_cookies(),
            Visitor::signed_in(8, site.sessions)?,
        ];
        if site.long {
            visitors.extend([Visitor::refused()?, Visitor::signed_in(9, site.sessions)?]);
        }
        let party = visitors.into_iter().map(|visitor| {
            let client = Client::new(address, Protocol::Http1);
            (visitor, client)
        });
        Ok(Party(party.collect()))
    }

    /// All at once, which caches answer by one request if they may, and then one after the other.
    async fn ask(
        &mut self,
        site: &Site<'_>,
        what: (Act, How, usize),
        seen: &Mutex<&mut Tour>,
    ) -> Result<()> {
        let at_once = self.0.iter_mut().map(|one| ask(one, site, what, seen));
        join_all(at_once)
            .await
            .into_iter()
            .collect::<Result<()>>()?;
        for one in &mut self.0 {
            ask(one, site, what, seen).await?;
        }
        Ok(())
    }
}

async fn ask(
    (visitor, client): &mut (Visitor, Client),
    site: &Site<'_>,
    what: (Act, How, usize),
    seen: &Mutex<&mut Tour>,
) -> Result<()> {
    let (act, how, said) = what;
    let path = format!("/{}/{said}", act.name());
    let headers = visitor.headers(act, how)?;
    let response = client.send(&how.method(), &path, &headers, "").await;
    let response = response.with_context(|| format!("{how:?} {path}"))?;
    let mut seen = seen.lock().await;
    let seen = match act.is_plain() {
        true => &mut seen.plain,
        false => &mut seen.ours,
    };
    seen.look(site.sessions, visitor, what, &response);
    seen.again += client.take_again();
    Ok(())
}

/// Many, as nginx looks twice a second whether the answer that others wait for is there.
const PARTIES: usize = 230;
