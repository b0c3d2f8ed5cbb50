//! Cut-offs: those of others, and new ones.

use super::{Round, listing::Listing};
use crate::{
    cut_off::CutOffs,
    error::Problem,
    event::Event,
    mutant::{Mutant, broken},
    name::{CutOffName, ObjectName, Whose},
};

impl Round<'_> {
    /// Puts those into force that a listing has.
    pub(super) fn cut_off_listed(&self, listing: &Listing) {
        let Some(cut_offs) = self.shared.cut_offs.get() else {
            return;
        };
        let (ours, others): (Vec<CutOffName>, Vec<CutOffName>) = listing
            .cut_offs
            .iter()
            .partition(|name| cut_offs.is_ours(**name));
        self.put_into_force(cut_offs, ours);
        for name in others {
            let name = ObjectName::CutOff(name);
            let problem = "its name is not one that this fleet made";
            let fix = "find out who wrote it, and remove it";
            let problem = Problem::with(name.original(), problem, fix);
            self.refuse(name, problem, &Default::default());
        }
    }

    fn put_into_force(&self, cut_offs: &CutOffs, names: Vec<CutOffName>) {
        let count = cut_offs.add(names).len();
        if count > 0 {
            self.shared.tell(&Event::CutOff { count });
        }
    }

    /// Cuts off every session that started before now, here at once and everywhere within a poll.
    pub(crate) async fn cut_off(&self, whose: impl Fn(&CutOffs) -> Whose) -> Result<(), Problem> {
        // What others cut off a moment ago counts: a session that started since must not survive.
        let listing = self.list_between().await?;
        self.know_fleet(&listing).await?;
        let fleet = self.find_fleet(&listing).await?;
        self.put_back(fleet).await?;
        self.cut_off_listed(&listing);
        let Some(cut_offs) = self.shared.cut_offs.get() else {
            return Ok(());
        };
        let whose = whose(cut_offs);
        let settings = &self.shared.settings;
        loop {
            let now = self.shared.now();
            // A session of before may have started by a clock that is ahead.
            let skew = match broken(Mutant::CutOffWithoutSkew) {
                true => 0,
                false => settings.skew,
            };
            let since = now.saturating_add(skew + 1);
            let time = since.max(cut_offs.since_for(whose).saturating_add(1));
            if time > since + MOST_IN_ADVANCE {
                let problem = "these sessions were cut off over and over within seconds";
                return Err(Problem::new(problem, "wait for some seconds"));
            }
            let name = cut_offs.name(time, whose);
            self.put_into_force(cut_offs, vec![name]);
            let is_new = self
                .create(ObjectName::CutOff(name).original(), NOTHING)
                .await?;
            // Whoever lists no further back than this must find it.
            let latest = time.saturating_add(settings.look_back / 2);
            if is_new && self.shared.now() <= latest {
                return Ok(());
            }
        }
    }
}

/// The name says it all.
const NOTHING: &[u8] = b"-";
/// So many cut-offs of one subject may be in the seconds that clocks differ; no start of a session is
/// moved further.
const MOST_IN_ADVANCE: u64 = 20;
