//! What each client does, and what must be seen.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Result, ensure};
use tokio::time;

use super::{
    site::{BRIEF, Site},
    visitor::{Answer, Visit, Visitor},
};
use crate::context::Context;

/// One thing after the other, each with an empty jar.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    SignIn,
    Update,
    Chunks,
    Large,
    SignOut,
    Idle,
    Expiry,
}

pub(super) const STEPS: [Step; 7] = [
    Step::SignIn,
    Step::Update,
    Step::Chunks,
    Step::Large,
    Step::SignOut,
    Step::Idle,
    Step::Expiry,
];

impl Step {
    pub(super) fn name(self) -> &'static str {
        match self {
            Step::SignIn => "signs in, and is known",
            Step::Update => "a session that changes with every request",
            Step::Chunks => "a session in one cookie or two, growing and shrinking",
            Step::Large => "a session in up to four cookies, with `.chunked_up_to(16_384)`",
            Step::SignOut => "signs out, of one cookie and of several",
            Step::Idle => "comes back after the idle limit",
            Step::Expiry => "waits until the cookie's own end",
        }
    }
}

/// A client with a jar.
#[derive(Debug)]
pub(super) struct Guest<'v> {
    visitor: &'v Visitor,
    site: &'v Site,
    jar: PathBuf,
    authority: PathBuf,
}

impl<'v> Guest<'v> {
    pub(super) fn new(visitor: &'v Visitor, site: &'v Site, jar: &Path) -> Guest<'v> {
        Guest {
            visitor,
            site,
            jar: jar.join("jar"),
            authority: site.authority(),
        }
    }

    pub(super) async fn does(&self, step: Step, context: &Context) -> Result<String> {
        match step {
            Step::SignIn => self.signs_in().await,
            Step::Update => self.updates().await,
            Step::Chunks => self.grows_and_shrinks(context).await,
            Step::Large => self.is_large().await,
            Step::SignOut => self.signs_out().await,
            Step::Idle => self.comes_back_too_late().await,
            Step::Expiry => self.waits().await,
        }
    }

    async fn signs_in(&self) -> Result<String> {
        let mut visit = self.arrives()?;
        self.sees(visit.get(&self.site.url("/maybe")).await?, 200, "nobody")?;
        let login = self.site.url("/login");
        self.sees(
            visit.post(&login, "user=7&remember=yes").await?,
            200,
            "user 7",
        )?;
        self.sees(visit.get(&self.site.url("/me")).await?, 200, "user 7")?;
        let mut visit = self.starts_anew(visit)?;
        self.sees(visit.get(&self.site.url("/me")).await?, 200, "user 7")?;
        Ok(self.after("known"))
    }

    async fn updates(&self) -> Result<String> {
        let mut visit = self.arrives()?;
        self.begins(&mut visit).await?;
        for count in 1..=5 {
            let counted = visit.post(&self.site.url("/count"), "").await?;
            self.sees(counted, 200, &count.to_string())?;
            if count == 3 {
                visit = self.starts_anew(visit)?;
            }
        }
        Ok(self.after("counted to 5"))
    }

    async fn grows_and_shrinks(&self, context: &Context) -> Result<String> {
        let mut visit = self.arrives()?;
        let mut sizes: Vec<usize> = (0..=5000).step_by(context.times(1000, 100)).collect();
        sizes.extend(sizes.clone().into_iter().rev());
        for octets in &sizes {
            self.begins_big(&mut visit, *octets).await?;
            visit = self.starts_anew(visit)?;
            let read = visit.get(&self.site.url("/big")).await?;
            self.sees(read, 200, &octets.to_string())?;
        }
        Ok(self.after(&format!("read at each of {} sizes", sizes.len())))
    }

    async fn is_large(&self) -> Result<String> {
        let mut visit = self.arrives()?;
        for octets in [6000, 8000, 10_000, 11_000] {
            self.begins_big(&mut visit, octets).await?;
            let read = visit.get(&self.site.url("/big")).await?;
            let Answer(_, sent) = visit.get(&self.site.url("/cookies")).await?;
            let cookies = (octets * 4 / 3).div_ceil(4096);
            if read.0 == 401 && sent.parse::<usize>()? < cookies {
                return Ok(format!(
                    "not at {octets} octets: it sends {sent} of {cookies} cookies"
                ));
            }
            self.sees(read, 200, &octets.to_string())?;
        }
        Ok("read at each size up to 11,000 octets".into())
    }

    async fn signs_out(&self) -> Result<String> {
        let mut visit = self.arrives()?;
        self.begins(&mut visit).await?;
        self.begins_big(&mut visit, 5000).await?;
        let logout = self.site.url("/logout");
        self.sees(visit.post(&logout, "").await?, 200, "signed out")?;
        let logout = self.site.url("/big/logout");
        self.sees(visit.post(&logout, "").await?, 200, "ended")?;
        let mut visit = self.starts_anew(visit)?;
        self.sees(visit.get(&self.site.url("/maybe")).await?, 200, "nobody")?;
        let Answer(status, _) = visit.get(&self.site.url("/big")).await?;
        if status == 401 {
            return Ok(self.after("nobody"));
        }
        // Which would be ours to mend if the jar did better elsewhere.
        let Answer(_, before) = visit.get(&self.site.url("/cookies")).await?;
        visit.get(&self.site.url("/plain")).await?;
        visit.ask("DELETE", &self.site.url("/plain"), "").await?;
        let Answer(_, after) = visit.get(&self.site.url("/cookies")).await?;
        ensure!(before < after, "/big answers {status} after the sign-out");
        Ok("nobody after the removal of one cookie; of several that a response removes, the jar keeps \
            some, also two plain ones without this library"
            .into())
    }

    async fn comes_back_too_late(&self) -> Result<String> {
        let mut visit = self.arrives()?;
        self.begins(&mut visit).await?;
        self.site.clock.advance(1700);
        self.sees(visit.get(&self.site.url("/maybe")).await?, 200, "user 7")?;
        self.site.clock.advance(1700);
        self.sees(visit.get(&self.site.url("/maybe")).await?, 200, "user 7")?;
        self.site.clock.advance(1801);
        self.sees(visit.get(&self.site.url("/maybe")).await?, 200, "nobody")?;
        Ok("renewed in time, refused too late".into())
    }

    async fn waits(&self) -> Result<String> {
        let mut visit = self.arrives()?;
        let login = self.site.brief("/login");
        self.sees(visit.post(&login, "user=7").await?, 200, "user 7")?;
        let began = Instant::now();
        self.sees(visit.get(&self.site.brief("/cookies")).await?, 200, "1")?;
        loop {
            let Answer(_, cookies) = visit.get(&self.site.brief("/cookies")).await?;
            if cookies == "0" {
                return Ok("the jar drops it".into());
            }
            if began.elapsed() > 3 * BRIEF {
                break;
            }
            time::sleep(BRIEF / 20).await;
        }
        self.sees(visit.get(&self.site.brief("/maybe")).await?, 200, "nobody")?;
        Ok("the jar keeps it, the server refuses it".into())
    }

    fn arrives(&self) -> Result<Visit<'_>> {
        self.visitor.start(&self.jar, &self.authority)
    }

    /// The client after a restart, if its jar can be stored.
    fn starts_anew<'g>(&'g self, visit: Visit<'g>) -> Result<Visit<'g>> {
        if !self.visitor.keeps {
            return Ok(visit);
        }
        drop(visit);
        self.arrives()
    }

    async fn begins_big(&self, visit: &mut Visit<'_>, octets: usize) -> Result<()> {
        let octets = octets.to_string();
        let form = format!("octets={octets}");
        let answer = visit.post(&self.site.url("/big"), &form).await?;
        self.sees(answer, 200, &octets)
    }

    async fn begins(&self, visit: &mut Visit<'_>) -> Result<()> {
        let answer = visit.post(&self.site.url("/login"), "user=7").await?;
        self.sees(answer, 200, "user 7")
    }

    fn sees(&self, answer: Answer, status: u16, body: &str) -> Result<()> {
        let expected = Answer(status, body.into());
        ensure!(answer == expected, "{answer:?} instead of {expected:?}");
        Ok(())
    }

    fn after(&self, seen: &str) -> String {
        match self.visitor.keeps {
            true => format!("{seen}, also after a restart"),
            false => format!("{seen}; its jar is in memory only"),
        }
    }
}
