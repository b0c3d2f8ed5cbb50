//! HTTP/2, and `Cookie` fields that are split.

use anyhow::Result;

use crate::{context::Context, report::Report};

pub(crate) async fn run(_: &Context, _: &mut Report) -> Result<()> {
    Ok(())
}
