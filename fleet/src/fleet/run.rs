//! A worker that refreshes by itself.

use std::{convert::Infallible, future::Future, time::Duration};

use super::Fleet;
use crate::{error::Problem, join::race};

impl Fleet {
    /// Refreshes the fleet for as long as it is polled, as often as
    /// [`poll_every`](crate::FleetBuilder::poll_every) says, and earlier when a token names a key that is
    /// not known, but no more than once in five seconds for that. It needs tokio's timer.
    ///
    /// What fails is in [`health`](Fleet::health) and is told to the
    /// [observer](crate::FleetBuilder::observe).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use haversack_fleet::Fleet;
    /// # fn main_of(fleet: Fleet) {
    /// tokio::spawn(fleet.clone().run());
    /// # }
    /// ```
    #[cfg(feature = "tokio")]
    pub async fn run(self) -> Infallible {
        self.run_with(tokio::time::sleep).await
    }

    /// The same on another runtime, with its timer.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use haversack_fleet::Fleet;
    /// # struct Timer;
    /// # impl Timer { async fn after(_: std::time::Duration) {} }
    /// # async fn main_of(fleet: Fleet) {
    /// fleet.clone().run_with(|time| async move { Timer::after(time).await; }).await;
    /// # }
    /// ```
    pub async fn run_with<S: Future<Output = ()>>(
        self,
        sleep: impl Fn(Duration) -> S,
    ) -> Infallible {
        let poll = self.shared.settings.poll;
        let pause = poll.min(PAUSE);
        loop {
            // What was not known before is in this refresh.
            self.shared.early.take();
            let began = self.shared.now();
            let refreshed = race(self.refresh(), sleep(LONGEST)).await;
            if refreshed.is_none() {
                let problem = format!("a refresh took longer than {} s", LONGEST.as_secs());
                let problem = Problem::new(problem, "see why the store does not answer");
                let outcome = self.turned(Err(problem));
                self.shared.note(began, outcome);
            }
            // Whatever tokens come.
            sleep(pause).await;
            let rest = sleep(poll.saturating_sub(pause));
            race(rest, self.shared.early.wait()).await;
        }
    }
}

/// Between two refreshes, however much one is wanted.
const PAUSE: Duration = Duration::from_secs(5);
/// A store that does not answer is asked again.
const LONGEST: Duration = Duration::from_secs(60);
