//! `haversack fleet`: an operator beside the workers of a fleet.

mod place;
mod shown;

use haversack_fleet::{Fleet, FleetError};

use crate::{
    args::FleetCommand,
    failure::Failure,
    output::{Output, visible, visible_line},
    table::{Terminal, paragraph},
};

pub(super) fn run(command: &FleetCommand) -> Result<Output, Failure> {
    wait(operate(command))
}

async fn operate(command: &FleetCommand) -> Result<Output, Failure> {
    match command {
        FleetCommand::Status { fleet, json } => {
            let (status, health) = place::find(fleet)?.look().await?;
            let text = match json {
                true => shown::json(&status, &health)?,
                false => shown::text(&status, &health),
            };
            Ok(Output {
                refused: !health.is_well(),
                ..Output::of(text)
            })
        }
        FleetCommand::Rotate { fleet } => {
            let fleet = place::find(fleet)?.join().await?;
            fleet.rotate_now().await?;
            Ok(done(&fleet, ROTATED))
        }
        FleetCommand::Revoke { fleet, key_id } => {
            let fleet = place::find(fleet)?.join().await?;
            let ids: Vec<_> = known_ids(&fleet);
            if !ids.contains(key_id) {
                let ids = visible_line(&ids.join(", "));
                return Err(Failure::refused(format!(
                    "the fleet has no key with this id; it has {ids}"
                )));
            }
            fleet.revoke(key_id).await?;
            Ok(done(&fleet, REVOKED))
        }
        FleetCommand::CutOff { fleet, subject, .. } => {
            let fleet = place::find(fleet)?.join().await?;
            match subject {
                Some(subject) => fleet.cut_off(subject.as_str()).await?,
                None => fleet.cut_off_all().await?,
            }
            Ok(done(&fleet, CUT_OFF))
        }
    }
}

/// The ids of the keys that are not revoked.
fn known_ids(fleet: &Fleet) -> Vec<String> {
    let ids = fleet.status().keys.into_iter().map(|key| key.key_id);
    ids.filter(|id| !id.is_empty()).collect()
}

/// What the fleet is like now that it is done, and beside it what that means.
fn done(fleet: &Fleet, what: &str) -> Output {
    Output {
        notes: paragraph(what, Terminal::Notes),
        ..Output::of(shown::text(&fleet.status(), &fleet.health()))
    }
}

#[cfg(not(feature = "bucket"))]
use pollster::block_on as wait;

/// Waits on this thread, where connections to a bucket are served, too.
#[cfg(feature = "bucket")]
fn wait(work: impl Future<Output = Result<Output, Failure>>) -> Result<Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        Failure::misuse(format!(
            "the system gives no way to wait: {error}; try again"
        ))
    })?;
    runtime.block_on(work)
}

impl From<FleetError> for Failure {
    fn from(error: FleetError) -> Failure {
        Failure::Misuse(visible(&error.to_string()))
    }
}

const ROTATED: &str = "A new key is made. It seals as soon as every worker knows it.";
const REVOKED: &str = "The key is revoked: every worker knows it within a poll, and who has a session of it signs in \
     again. If the master ring may have been stolen with it, replace that, too.";
const CUT_OFF: &str = "Cut off: no session of theirs that started before now is live once every worker knows it, within a poll.";
