//! Many real processes on one folder.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    time::Duration,
};

use haversack_fleet::{Fleet, Folder};
use tempfile::TempDir;

use crate::support::ring;

/// What a process of its own does: it starts when it is told to, and says which keys it has.
#[tokio::test]
#[ignore = "a process of another test"]
async fn worker() {
    let Some(path) = env::var_os("FLEET_TEST_FOLDER") else {
        return;
    };
    println!("worker: waits");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let store = Folder::open(path).unwrap();
    let fleet = Fleet::new(store, ring(1)).longest_lifetime(Duration::from_secs(3600));
    let fleet = fleet.open().await.unwrap();
    let keys = fleet.keys();
    let ids: Vec<_> = keys.keys().iter().map(haversack::Key::id).collect();
    println!("worker: {}", ids.join(","));
}

#[test]
fn fifty_processes_that_start_at_once_have_one_key() {
    let scratch = TempDir::new().unwrap();
    let start = |_| {
        Command::new(env::current_exe().unwrap())
            .args(["processes::worker", "--exact", "--ignored", "--nocapture"])
            .env("FLEET_TEST_FOLDER", scratch.path().join("keys"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut processes: Vec<Child> = (0..50).map(start).collect();
    let mut said: Vec<_> = processes
        .iter_mut()
        .map(|process| BufReader::new(process.stdout.take().unwrap()).lines())
        .collect();
    let mut next = |number: usize| {
        let mut lines = said[number].by_ref().map(Result::unwrap);
        // The test's own harness may have begun the line.
        let line =
            lines.find_map(|line| line.split_once("worker: ").map(|(_, said)| said.to_owned()));
        line.expect("a worker says something")
    };
    for number in 0..50 {
        assert_eq!(next(number), "waits");
    }
    // All are there: now.
    for process in &mut processes {
        process.stdin.take().unwrap().write_all(b"now\n").unwrap();
    }
    let ids: Vec<String> = (0..50).map(&mut next).collect();
    for process in &mut processes {
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(ids[0].len(), 8, "{ids:?}");
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let keys = std::fs::read_dir(scratch.path().join("keys/keys")).unwrap();
    assert_eq!(keys.count(), 1);
}
