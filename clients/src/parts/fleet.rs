//! Several processes behind a balancer, under load, while keys rotate.

use anyhow::Result;

use crate::{context::Context, report::Report};

pub(crate) async fn run(_: &Context, _: &mut Report) -> Result<()> {
    Ok(())
}
