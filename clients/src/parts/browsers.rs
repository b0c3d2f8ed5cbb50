//! Chromium and Firefox, headless.

use anyhow::Result;

use crate::{context::Context, report::Report};

pub(crate) async fn run(_: &Context, _: &mut Report) -> Result<()> {
    Ok(())
}
