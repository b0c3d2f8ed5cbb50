//! Several processes behind a balancer, under load, while keys rotate and processes are restarted.

mod crowd;
mod kept;
mod workers;

use std::time::Duration;

use anyhow::{Result, ensure};
use haversack::Key;
use tokio::time::sleep;

use self::{
    crowd::{Crowd, Seen},
    kept::Kept,
    workers::Fleet,
};
use crate::{context::Context, install::Tool, proxy::Kind, report::Report};

pub(crate) async fn run(context: &Context, report: &mut Report) -> Result<()> {
    let haproxy = match Kind::Haproxy.install().await {
        Ok(haproxy) => haproxy,
        Err(error) => {
            report.not_done(Kind::Haproxy.name(), "a fleet behind it", &error);
            return Ok(());
        }
    };
    let size = Size {
        users: context.times(2000, 20_000),
        generations: context.times(3, 5),
    };
    let mut figures = Figures::default();
    for (kept, plan) in [
        (Kept::Haversack, Plan::ThreeSteps),
        (Kept::Haversack, Plan::OneStep),
    ] {
        let seen = visited(&haproxy, kept, plan, size).await?;
        figures.add(kept, plan, &seen);
        report.check(&haproxy, done(size, plan), judged(plan, &seen));
    }
    let least = context.times(0, 1_000_000);
    let seen = by_themselves(&haproxy, size.users, least).await?;
    figures.add(Kept::HaversackFleet, Plan::ByThemselves, &seen);
    report.check(
        &haproxy,
        done(size, Plan::ByThemselves),
        judged(Plan::ByThemselves, &seen),
    );
    if context.long {
        for kept in Kept::PEERS {
            for plan in plans(kept) {
                match visited(&haproxy, kept, *plan, size).await {
                    Ok(seen) => figures.add(kept, *plan, &seen),
                    Err(error) => report.not_done(kept.name(), done(size, *plan), &error),
                }
            }
        }
    }
    report.note(figures.markdown());
    Ok(())
}

/// How many visit, and how often the key is replaced.
#[derive(Clone, Copy, Debug)]
struct Size {
    users: u64,
    generations: usize,
}

/// How new keys come to a fleet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Plan {
    /// The new key first opens, then seals, and then the old one goes.
    ThreeSteps,
    /// The new key seals at once; the old one still opens.
    OneStep,
    /// Workers make them, and share them through a store.
    ByThemselves,
    /// There is one key, or none that are the fleet's: processes are restarted.
    Restart,
}

impl Plan {
    fn name(self) -> &'static str {
        match self {
            Plan::ThreeSteps => "in three steps",
            Plan::OneStep => "in one step",
            Plan::ByThemselves => "by themselves",
            Plan::Restart => "by a restart",
        }
    }

    /// The rings of a generation, one after the other, as they are written.
    fn rings(self, old: &str, new: &str) -> Vec<String> {
        match self {
            Plan::ThreeSteps => vec![format!("{old},{new}"), format!("{new},{old}"), new.into()],
            Plan::OneStep => vec![format!("{new},{old}")],
            Plan::ByThemselves | Plan::Restart => vec![new.into()],
        }
    }
}

fn plans(kept: Kept) -> &'static [Plan] {
    match kept {
        Kept::HaversackFleet => &[Plan::ByThemselves],
        Kept::Haversack | Kept::Seshcookie => &[Plan::ThreeSteps, Plan::OneStep],
        Kept::PrivateJar | Kept::Memory | Kept::Redis => &[Plan::Restart],
    }
}

/// Has users visit a fleet while its keys go through all generations, one process after the other, and
/// while each process is restarted in each of them.
async fn visited(haproxy: &Tool, kept: Kept, plan: Plan, size: Size) -> Result<Seen> {
    let mut key = Key::generate()?.to_text();
    let mut fleet = Fleet::start(haproxy, kept, &key).await?;
    let mut crowd = Crowd::new(fleet.address, size.users);
    crowd.laps(1).await?;
    for _ in 0..size.generations {
        let new = Key::generate()?.to_text();
        for ring in plan.rings(&key, &new) {
            one_by_one(&mut crowd, &mut fleet, async |fleet, number| {
                fleet.give_keys(number, &ring).await
            })
            .await?;
            // With the next step the old key may go: everybody comes by before.
            crowd.laps(1).await?;
            crowd.census().await?;
        }
        key = new;
        one_by_one(&mut crowd, &mut fleet, async |fleet, number| {
            fleet.restart(number).await
        })
        .await?;
        crowd.census().await?;
    }
    Ok(crowd.seen())
}

/// Has users visit a fleet that keeps its own keys: while they turn, while each process is restarted, and
/// while the store is away and comes back; again until there were as many requests.
async fn by_themselves(haproxy: &Tool, users: u64, least: usize) -> Result<Seen> {
    let master = Key::generate()?.to_text();
    let mut fleet = Fleet::start(haproxy, Kept::HaversackFleet, &master).await?;
    let mut crowd = Crowd::new(fleet.address, users);
    crowd.laps(1).await?;
    loop {
        crowd.laps_during(1, fleet.tells(TURNED, 1)).await?;
        crowd.census().await?;
        one_by_one(&mut crowd, &mut fleet, async |fleet, number| {
            fleet.restart(number).await
        })
        .await?;
        crowd.census().await?;
        crowd.laps_during(1, fleet.stop_store()).await?;
        // Longer than a period: the key that seals goes on.
        let outage = async {
            sleep(OUTAGE).await;
            Ok(())
        };
        crowd.laps_during(1, outage).await?;
        crowd.census().await?;
        crowd.laps_during(1, fleet.start_store()).await?;
        crowd.laps_during(1, fleet.tells(TURNED, 2)).await?;
        crowd.census().await?;
        let seen = crowd.seen();
        if seen.requests >= least {
            return Ok(seen);
        }
    }
}

/// Does something to one process after the other, under load: before each of them as many visits as users
/// there are, so that some have a token of the one before and ask the next one.
async fn one_by_one(
    crowd: &mut Crowd,
    fleet: &mut Fleet,
    operation: impl AsyncFn(&mut Fleet, usize) -> Result<()>,
) -> Result<()> {
    let (mut progress, users) = (crowd.progress(), crowd.users());
    let all = async {
        for number in 0..fleet.size() {
            let until = *progress.borrow() + users;
            progress.wait_for(|requests| *requests >= until).await?;
            operation(fleet, number).await?;
        }
        Ok(())
    };
    crowd.laps_during(1, all).await
}

fn done(Size { users, generations }: Size, plan: Plan) -> String {
    let keys = match plan {
        Plan::ByThemselves => format!(
            "a key of `haversack-fleet` every 5 seconds, each process restarted and the store away for {} seconds",
            OUTAGE.as_secs()
        ),
        _ => format!(
            "keys of {generations} generations {}, each process restarted in each of them",
            plan.name()
        ),
    };
    format!("three processes, {users} users, {keys}")
}

fn judged(plan: Plan, seen: &Seen) -> Result<String> {
    let Seen {
        requests,
        refused,
        lost,
        failed,
        again,
        first_failure,
    } = seen;
    let figures = format!(
        "{requests} requests: {refused} refused for a while, {lost} sessions lost, {failed} requests failed, {again}"
    );
    let first = first_failure.as_deref().unwrap_or_default();
    ensure!(*lost == 0 && *failed == 0, "{figures} {first}");
    match plan {
        Plan::OneStep => ensure!(*refused > 0, "{figures}: nothing was there to heal"),
        _ => ensure!(*refused == 0, "{figures}"),
    }
    Ok(figures)
}

/// All that was seen, side by side.
#[derive(Default)]
struct Figures(String);

impl Figures {
    fn add(&mut self, kept: Kept, plan: Plan, seen: &Seen) {
        self.0 += &format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            kept.name(),
            plan.name(),
            seen.requests,
            seen.refused,
            seen.lost,
            seen.failed
        );
    }

    fn markdown(&self) -> String {
        format!(
            "| | keys change | requests | refused for a while | sessions lost | requests failed |\n\
             |---|---|---|---|---|---|\n{}\n\
             Refused: a user with a session was told that there is none, while keys or processes changed. Lost: \
             the same when nothing was under way any more; who lost a session signs in again. What keeps its \
             sessions in memory had a balancer that sends each user to the same process.",
            self.0
        )
    }
}

/// That another key seals, as a process tells it.
const TURNED: &str = "key_turned";
/// How long the store is away.
const OUTAGE: Duration = Duration::from_secs(7);
