//! Clients with cookie jars of their own, over TLS: each does the same, and starts anew in between where
//! its jar can be stored.

mod installed;
mod site;
mod suite;
mod visitor;

use anyhow::Result;

use self::{site::Site, suite::STEPS};
use crate::{context::Context, process::folder, report::Report};

pub(crate) async fn run(context: &Context, report: &mut Report) -> Result<()> {
    let site = Site::open().await?;
    for name in installed::ALL {
        let visitor = match installed::visitor(name).await {
            Ok(visitor) => visitor,
            Err(error) => {
                report.not_done(name, "all that clients do", &error);
                continue;
            }
        };
        for step in STEPS {
            let jar = folder()?;
            let guest = suite::Guest::new(&visitor, &site, jar.path());
            let seen = guest.does(step, context).await;
            report.check(&visitor.tool, step.name(), seen);
            site.clock.reset();
        }
    }
    Ok(())
}
