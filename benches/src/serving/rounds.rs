//! The rounds: all contenders in turns.

use std::{
    error::Error,
    io,
    time::{Duration, Instant},
};

use haversack_benches::{
    compared::{Size, Use},
    turns::Turns,
};

use super::{
    Effort,
    client::{Client, Until},
    contender::Contender,
    jar::Jar,
    measured::{Measured, Round},
    process::{Cores, Server},
};

/// What sessions are asked for, from the least on.
pub(crate) const USES: [Use; 3] = [Use::Ignore, Use::Read, Use::Change];

/// Asks all contenders for all uses and sizes.
pub(crate) fn measure(
    contenders: &[Contender],
    effort: Effort,
) -> Result<Vec<Measured>, Box<dyn Error>> {
    let cores = Cores::found()?;
    cores.pin_client()?;
    let mut all = Vec::new();
    for size in Size::ALL {
        let mut entries = entries(contenders, size, cores, effort)?;
        let mut turns = Turns::new(entries.len());
        for round in 1..=effort.rounds {
            eprintln!("{size}: round {round} of {}", effort.rounds);
            for used in USES {
                for index in turns.next_order() {
                    let turn = entries[*index].turn(used, effort.window);
                    turn.map_err(|error| entries[*index].failed(&*error))?;
                }
            }
        }
        for entry in &entries {
            let is_bare = |other: &&Entry| other.contender == entry.contender.bare();
            let bare = entries.iter().find(is_bare).unwrap_or(entry);
            all.extend(entry.measured(size, bare)?);
        }
    }
    Ok(all)
}

/// The servers of all contenders, with their sessions.
fn entries(
    contenders: &[Contender],
    size: Size,
    cores: Cores,
    effort: Effort,
) -> Result<Vec<Entry>, Box<dyn Error>> {
    let mut entries = Vec::new();
    for contender in contenders {
        eprintln!("{size}: {}", contender.name());
        let server = Server::started(*contender, size, cores)?;
        let mut entry = Entry {
            contender: *contender,
            server,
            jar: None,
            rounds: Default::default(),
        };
        if contender.keeps_sessions() {
            let mut client = Client::connected(entry.server.address)?;
            let jar = Jar::filled(&mut client, effort.sessions);
            entry.jar = jar.map_err(|error| entry.failed(&*error))?;
        }
        entries.push(entry);
    }
    for index in 0..entries.len() {
        let whose = entries[index].contender.cookies_of();
        let jar = entries.iter().find(|other| other.contender == whose);
        entries[index].jar = jar.and_then(|other| other.jar.clone());
    }
    Ok(entries)
}

/// A contender with values of one size.
struct Entry {
    contender: Contender,
    server: Server,
    /// `None` if the value does not fit into a cookie.
    jar: Option<Jar>,
    /// Of each of the [`USES`].
    rounds: [Vec<Round>; USES.len()],
}

impl Entry {
    fn turn(&mut self, used: Use, window: Duration) -> Result<(), Box<dyn Error>> {
        let Some(jar) = &mut self.jar else {
            return Ok(());
        };
        let asked = self.contender.used(used);
        // Each turn has its own, as some servers close connections that wait for their turn.
        let mut client = Client::connected(self.server.address)?;
        // The caches belong to the contender before.
        let warm = Until::Time(Instant::now() + window / 8);
        jar.use_sessions(&mut client, asked, warm)?;
        let (cpu, start) = (self.server.cpu_time()?, Instant::now());
        let until = Until::Time(start + window);
        let requests = jar.use_sessions(&mut client, asked, until)?;
        let round = Round {
            requests,
            time: start.elapsed(),
            cpu: self.server.cpu_time()?.saturating_sub(cpu),
        };
        let rounds = USES.iter().zip(&mut self.rounds);
        for (_, rounds) in rounds.filter(|(other, _)| **other == used) {
            rounds.push(round);
        }
        Ok(())
    }

    fn measured(&self, size: Size, bare: &Entry) -> io::Result<Vec<Measured>> {
        let resident = self.server.resident()?;
        let octets = self.jar.as_ref().map(|jar| jar.octets);
        let each = USES.iter().zip(&self.rounds).zip(&bare.rounds);
        let measured = each.map(|((used, rounds), bare)| {
            Measured::new(
                (self.contender, *used, size),
                rounds,
                bare,
                resident,
                octets,
            )
        });
        Ok(measured.collect())
    }

    fn failed(&self, error: &dyn Error) -> String {
        format!("{}: {error}", self.contender.name())
    }
}
