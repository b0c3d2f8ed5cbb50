//! Every order in which the requests of several tabs are sent and handled, and their responses
//! arrive.

use std::{collections::HashMap, time::Duration};

use haversack::{Codec, Lifetime, SessionId};
use proptest::{collection::vec, prelude::*};

use super::{FORMATS, builder};
use crate::{
    clients::Jar,
    support::{Format, NOW, TestClock},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Read,
    Update,
    SignIn,
    SignOut,
}
use Op::{Read, SignIn, SignOut, Update};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Time {
    StandsStill,
    /// Every request is handled in a second of its own.
    Passes,
}

/// Tabs that have one cookie jar. Each sends a request when it has the response to the one before.
struct Tabs {
    requests: Vec<Vec<Op>>,
    time: Time,
    clock: TestClock,
    codec: Codec<u64>,
    /// Reads whose session the cookie is, live or not.
    reader: Codec<u64>,
    /// The same request at the same time is handled once: orders differ, cryptography does not.
    jars: Vec<Jar>,
    responses: Vec<Vec<(String, String)>>,
    handled: HashMap<(usize, usize, usize, u64), usize>,
    arrived: HashMap<(usize, usize), usize>,
    checked: HashMap<(usize, u64), (Option<SessionId>, bool)>,
    /// Which request started a session.
    starts: HashMap<SessionId, (usize, usize)>,
    /// How often it was decided that a session must be dead, and that one must be live.
    decided: [u32; 2],
}

/// A moment in one order.
#[derive(Clone, Debug)]
struct Moment {
    step: u32,
    now: u64,
    jar: usize,
    tabs: Vec<Vec<Request>>,
}

/// How far a request has got: at which steps, with which jar, to which response.
#[derive(Clone, Copy, Debug, Default)]
struct Request {
    sent: u32,
    handled: u32,
    arrived: u32,
    jar: usize,
    response: usize,
}

impl Tabs {
    fn new(format: Format, time: Time, requests: &[&[Op]]) -> Tabs {
        let clock = TestClock::at(NOW);
        let [hour, day] = [3600, 86_400].map(Duration::from_secs);
        let lifetime = Lifetime::sliding(hour, day).renew_after(Duration::ZERO);
        let builder = || builder(format).clock(clock.clone()).lifetime(lifetime);
        Tabs {
            requests: requests.iter().map(|tab| tab.to_vec()).collect(),
            time,
            codec: builder().sticky_end().build().unwrap(),
            reader: builder().build().unwrap(),
            clock,
            jars: Vec::new(),
            responses: Vec::new(),
            handled: HashMap::new(),
            arrived: HashMap::new(),
            checked: HashMap::new(),
            starts: HashMap::new(),
            decided: [0, 0],
        }
    }

    /// Before the first request: signed in a second ago, or not.
    fn start(&mut self, signed_in: bool) -> Moment {
        let mut jar = Jar::default();
        self.clock.set(NOW);
        if signed_in {
            jar.visit(&self.codec, |session| session.start(0));
        }
        let unsent = |tab: &Vec<Op>| vec![Request::default(); tab.len()];
        Moment {
            step: 0,
            now: NOW,
            tabs: self.requests.iter().map(unsent).collect(),
            jar: self.number(jar),
        }
    }

    fn number(&mut self, jar: Jar) -> usize {
        let known = self.jars.iter().position(|other| *other == jar);
        known.unwrap_or_else(|| {
            self.jars.push(jar);
            self.jars.len() - 1
        })
    }

    /// All orders from here on.
    fn explore(&mut self, moment: &Moment) {
        let mut over = true;
        for tab in 0..self.requests.len() {
            if let Some(next) = self.next(moment, tab) {
                over = false;
                self.explore(&next);
            }
        }
        if over {
            self.check(moment);
        }
    }

    /// What comes next in a tab: a request is sent or handled, or its response arrives.
    fn next(&mut self, moment: &Moment, tab: usize) -> Option<Moment> {
        let at = moment.tabs[tab].iter().position(|one| one.arrived == 0)?;
        let mut next = moment.clone();
        next.step += 1;
        let request = &mut next.tabs[tab][at];
        if request.sent == 0 {
            (request.sent, request.jar) = (next.step, next.jar);
        } else if request.handled == 0 {
            next.now += u64::from(self.time == Time::Passes);
            request.handled = next.step;
            request.response = self.handle((tab, at), request.jar, next.now);
        } else {
            request.arrived = next.step;
            next.jar = self.arrive(next.jar, request.response);
        }
        Some(next)
    }

    fn handle(&mut self, (tab, at): (usize, usize), jar: usize, now: u64) -> usize {
        if let Some(response) = self.handled.get(&(tab, at, jar, now)) {
            return *response;
        }
        self.clock.set(now);
        let session = self.codec.session([&self.jars[jar].header()]);
        match self.requests[tab][at] {
            Read => {}
            Update => _ = session.update(|value| *value += 1),
            SignIn => {
                session.start(0);
                self.starts.insert(session.id().unwrap(), (tab, at));
            }
            SignOut => session.end(),
        }
        let headers = session.response_headers().unwrap().into_iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        self.responses.push(headers.collect());
        let response = self.responses.len() - 1;
        self.handled.insert((tab, at, jar, now), response);
        response
    }

    fn arrive(&mut self, jar: usize, response: usize) -> usize {
        if let Some(after) = self.arrived.get(&(jar, response)) {
            return *after;
        }
        let mut after = self.jars[jar].clone();
        after.follow(&self.responses[response]);
        let after = self.number(after);
        self.arrived.insert((jar, response), after);
        after
    }

    /// The session that the cookie is of, and whether it is live.
    fn session(&mut self, jar: usize, now: u64) -> (Option<SessionId>, bool) {
        if let Some(known) = self.checked.get(&(jar, now)) {
            return *known;
        }
        self.clock.set(now);
        let header = self.jars[jar].header();
        let carried = self.reader.session([&header]).id();
        let live = self.codec.session([&header]).id();
        assert!(live.is_none() || live == carried);
        let known = (carried, live.is_some());
        self.checked.insert((jar, now), known);
        known
    }

    /// All responses are in.
    fn check(&mut self, moment: &Moment) {
        let (Some(id), live) = self.session(moment.jar, moment.now) else {
            return;
        };
        let start = self.starts.get(&id).map(|(tab, at)| moment.tabs[*tab][*at]);
        let (sent, started) = start.map_or((0, 0), |request| (request.sent, request.handled));
        let ops = self.requests.iter().flatten();
        let requests = ops.zip(moment.tabs.iter().flatten());
        let mut ends: Vec<_> = requests.filter(|(op, _)| **op == SignOut).collect();
        ends.sort_by_key(|(_, end)| end.handled);
        let one_by_one = ends.windows(2).all(|two| match self.time {
            Time::StandsStill => two[0].1.arrived < two[1].1.sent,
            Time::Passes => two[0].1.arrived < two[1].1.arrived,
        });
        let counts = if one_by_one {
            ends.last()
        } else {
            ends.first()
        };
        let story = || format!("{:?} {:?} {moment:?}", self.requests, self.time);
        if counts.is_some_and(|(_, end)| started < end.handled) {
            assert!(!live, "a session came back: {}", story());
            self.decided[0] += 1;
        } else if ends.iter().all(|(_, end)| end.arrived < sent) {
            assert!(live, "a sign-in did not stick: {}", story());
            self.decided[1] += 1;
        }
    }
}

/// Explores the orders of all scripts and returns how often which verdict had to be.
fn explore(format: Format, signed_in: &[bool], scripts: &[Vec<&[Op]>]) -> [u32; 2] {
    let mut decided = [0, 0];
    for script in scripts {
        for time in [Time::StandsStill, Time::Passes] {
            for signed_in in signed_in {
                let mut tabs = Tabs::new(format, time, script);
                let start = tabs.start(*signed_in);
                tabs.explore(&start);
                decided = [0, 1].map(|verdict| decided[verdict] + tabs.decided[verdict]);
            }
        }
    }
    decided
}

/// Each combination of so many tabs, whichever comes first.
fn combinations<'o>(tabs: &[&'o [Op]], count: usize) -> Vec<Vec<&'o [Op]>> {
    let Some(fewer) = count.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let with = |(first, tab): (usize, &&'o [Op])| {
        let rest = combinations(&tabs[first..], fewer).into_iter();
        let tab = *tab;
        rest.map(move |rest| [vec![tab], rest].concat())
    };
    tabs.iter().enumerate().flat_map(with).collect()
}

const OPS: [&[Op]; 4] = [&[Read], &[Update], &[SignIn], &[SignOut]];

fn pairs(ops: &[Op]) -> Vec<[Op; 2]> {
    let both = |first: &Op| {
        ops.iter()
            .map(|second| [*first, *second])
            .collect::<Vec<_>>()
    };
    ops.iter().flat_map(both).collect()
}

#[test]
fn three_requests_at_once_never_bring_a_session_back() {
    for format in FORMATS {
        let [dead, live] = explore(format, &[true, false], &combinations(&OPS, 3));
        assert!(dead > 10_000 && live > 10_000, "{dead} {live}");
    }
}

#[test]
fn two_tabs_never_bring_a_session_back() {
    let pairs = pairs(&[Read, Update, SignIn, SignOut]);
    let tabs: Vec<_> = pairs.iter().map(<[Op; 2]>::as_slice).collect();
    let [dead, live] = explore(Format::Jwt, &[true, false], &combinations(&tabs, 2));
    assert!(dead > 10_000 && live > 10_000, "{dead} {live}");
}

#[test]
fn three_tabs_never_bring_a_session_back() {
    let pairs = pairs(&[SignIn, SignOut]);
    let mut scripts = Vec::new();
    for tabs in combinations(&OPS[1..], 2) {
        scripts.extend(
            pairs
                .iter()
                .map(|pair| [&[pair.as_slice()], &tabs[..]].concat()),
        );
    }
    let [dead, live] = explore(Format::Jwt, &[true], &scripts);
    assert!(dead > 10_000 && live > 10_000, "{dead} {live}");
}

#[test]
fn busy_tabs_never_bring_a_session_back() {
    let op = || prop::sample::select(vec![Read, Update, SignIn, SignOut]);
    let requests = vec(vec(op(), 1..5), 2..4);
    let time = prop::sample::select(vec![Time::StandsStill, Time::Passes]);
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2000)
    };
    proptest!(config, |(requests in requests, time in time, order in vec(0..3_usize, 36))| {
        let requests: Vec<_> = requests.iter().map(Vec::as_slice).collect();
        let mut tabs = Tabs::new(Format::Sealed, time, &requests);
        let mut moment = tabs.start(true);
        for tab in order.into_iter().chain([0; 12]).chain([1; 12]).chain([2; 12]) {
            if let Some(next) = (tab < requests.len()).then(|| tabs.next(&moment, tab)).flatten() {
                moment = next;
            }
        }
        tabs.check(&moment);
    });
}
