//! The users, each with a jar.

use std::{mem, net::SocketAddr, pin::pin};

use anyhow::Result;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header::COOKIE};
use hyper::body::Bytes;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    client::{Again, Client, Protocol},
    jar::Jar,
};

/// Users who visit in laps: in each of them, every user sends one request.
pub(super) struct Crowd {
    lanes: Vec<Lane>,
    laps: u64,
    progress: watch::Sender<usize>,
}

/// What came of the requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) requests: usize,
    /// Answers to users with a session that there is none. They keep what they have.
    pub(super) refused: usize,
    /// Sessions that were not there when nothing was under way.
    pub(super) lost: usize,
    /// No answer, or a wrong one.
    pub(super) failed: usize,
    pub(super) again: Again,
    pub(super) first_failure: Option<String>,
}

/// Some of the users, and the connection that they share.
struct Lane {
    client: Client,
    users: Vec<User>,
    seen: Seen,
}

struct User {
    number: u64,
    jar: Jar,
    /// What the session has counted, if there is one.
    count: Option<u64>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lap {
    /// Signs in, or uses the session.
    Usual(u64),
    /// Looks whether the session is there.
    Census,
}

impl Crowd {
    pub(super) fn new(address: SocketAddr, users: u64) -> Crowd {
        let lane = |lane| Lane {
            client: Client::new(address, Protocol::Http1),
            users: (0..users)
                .filter(|user| user % LANES == lane)
                .map(User::new)
                .collect(),
            seen: Seen::default(),
        };
        Crowd {
            lanes: (0..LANES).map(lane).collect(),
            laps: 0,
            progress: watch::Sender::new(0),
        }
    }

    /// Counts requests.
    pub(super) fn progress(&self) -> watch::Receiver<usize> {
        self.progress.subscribe()
    }

    pub(super) fn users(&self) -> usize {
        self.lanes.iter().map(|lane| lane.users.len()).sum()
    }

    pub(super) fn seen(&self) -> Seen {
        let mut all = Seen::default();
        for Lane { seen, .. } in &self.lanes {
            all.requests += seen.requests;
            all.refused += seen.refused;
            all.lost += seen.lost;
            all.failed += seen.failed;
            all.again += seen.again;
            all.first_failure = all.first_failure.or_else(|| seen.first_failure.clone());
        }
        all
    }

    /// So many laps.
    pub(super) async fn laps(&mut self, laps: usize) -> Result<()> {
        self.laps_during(laps, async { Ok(()) }).await
    }

    /// So many laps, and as many more as the operation takes.
    pub(super) async fn laps_during(
        &mut self,
        least: usize,
        operation: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        let mut operation = pin!(operation);
        let (mut done, mut laps) = (false, 0);
        while !done || laps < least {
            self.laps += 1;
            let lap = Lap::Usual(self.laps);
            let mut lap = pin!(self.lap(lap));
            loop {
                tokio::select! {
                    result = &mut operation, if !done => {
                        result?;
                        done = true;
                    }
                    result = &mut lap => break result?,
                }
            }
            laps += 1;
        }
        Ok(())
    }

    /// Whether every session is there, while nothing else is under way. Who has lost one signs in again
    /// with the next lap.
    pub(super) async fn census(&mut self) -> Result<()> {
        self.lap(Lap::Census).await
    }

    async fn lap(&mut self, lap: Lap) -> Result<()> {
        let mut running = JoinSet::new();
        for lane in mem::take(&mut self.lanes) {
            running.spawn(lane.lap(lap, self.progress.clone()));
        }
        while let Some(lane) = running.join_next().await {
            self.lanes.push(lane?);
        }
        Ok(())
    }
}

impl Lane {
    async fn lap(mut self, lap: Lap, progress: watch::Sender<usize>) -> Lane {
        for user in &mut self.users {
            if lap == Lap::Census && user.count.is_none() {
                continue;
            }
            let visited = user.visit(&mut self.client, lap, &mut self.seen).await;
            if let Err(error) = visited {
                self.seen.failed += 1;
                let first = || format!("user {}: {error:#}", user.number);
                self.seen.first_failure.get_or_insert_with(first);
            }
            self.seen.again += self.client.take_again();
            progress.send_modify(|requests| *requests += 1);
        }
        self
    }
}

impl User {
    fn new(number: u64) -> User {
        User {
            number,
            jar: Jar::default(),
            count: None,
        }
    }

    async fn visit(&mut self, client: &mut Client, lap: Lap, seen: &mut Seen) -> Result<()> {
        seen.requests += 1;
        let mut headers = HeaderMap::new();
        if self.jar.len() > 0 {
            headers.insert(COOKIE, HeaderValue::from_str(&self.jar.line())?);
        }
        let greeting = format!("user {}", self.number);
        let (response, expected, count) = match (self.count, lap) {
            (None, _) => {
                let form = format!("user={}", self.number);
                let response = client.post("/login", &headers, &form).await?;
                (response, greeting, 0)
            }
            (Some(count), Lap::Usual(lap)) if (self.number + lap).is_multiple_of(4) => {
                let response = client.post("/count", &headers, "").await?;
                (response, (count + 1).to_string(), count + 1)
            }
            (Some(count), _) => {
                let response = client.get("/me", &headers).await?;
                (response, greeting, count)
            }
        };
        self.jar.keep(response.headers());
        if self.count.is_some() && response.status() == StatusCode::UNAUTHORIZED {
            if lap == Lap::Census {
                seen.lost += 1;
                self.count = None;
            } else {
                seen.refused += 1;
            }
            return Ok(());
        }
        is_right(&response, &expected)?;
        self.count = Some(count);
        Ok(())
    }
}

fn is_right(response: &Response<Bytes>, expected: &str) -> Result<()> {
    let (status, body) = (response.status(), response.body());
    anyhow::ensure!(
        status.is_success() && body == expected.as_bytes(),
        "{status} {body:?} instead of {expected:?}"
    );
    Ok(())
}

const LANES: u64 = 32;
