//! Objects as files.

use std::{
    fs,
    path::Path,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, SystemTime},
};

use haversack_fleet::{Folder, Store, testing::conforms};
use tempfile::TempDir;

const NAME: &str = "keys/20261201T000000Z";

#[tokio::test]
async fn a_folder_conforms() {
    let scratch = TempDir::new().unwrap();
    let open = || Folder::open(scratch.path().join("new/keys")).unwrap();
    conforms(&open(), &open()).await.unwrap();
}

#[test]
fn of_many_threads_one_creates_an_object_and_nobody_reads_a_part_of_one() {
    const THREADS: usize = 16;
    let scratch = TempDir::new().unwrap();
    let barrier = Arc::new(Barrier::new(THREADS));
    for round in 0..20 {
        let name = format!("{NAME}.{round}");
        let racing = |number: usize| {
            let folder = Folder::open(scratch.path()).unwrap();
            let (barrier, name) = (Arc::clone(&barrier), name.clone());
            thread::spawn(move || {
                barrier.wait();
                let content = [number as u8; 4096];
                let created = pollster::block_on(folder.create(&name, &content)).unwrap();
                let read = pollster::block_on(folder.read(&name)).unwrap().unwrap();
                (created, read)
            })
        };
        let racing: Vec<_> = (0..THREADS).map(racing).collect();
        let outcomes: Vec<_> = racing
            .into_iter()
            .map(|race| race.join().unwrap())
            .collect();
        let winners: Vec<_> = (0..THREADS).filter(|number| outcomes[*number].0).collect();
        let [winner] = winners[..] else {
            panic!("{winners:?} created it");
        };
        let whole = vec![winner as u8; 4096];
        assert!(outcomes.iter().all(|(_, read)| *read == whole));
    }
}

#[cfg(unix)]
#[test]
fn only_the_user_gets_to_folders_and_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("a/b");
    let folder = Folder::open(&path).unwrap();
    pollster::block_on(folder.create(NAME, b"content")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&scratch.path().join("a")), 0o700);
    assert_eq!(mode(&path.join("keys")), 0o700);
    assert_eq!(mode(&path.join(NAME)), 0o600);
}

#[test]
fn what_a_process_leaves_that_dies_half_way_is_no_object_and_goes_in_time() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path();
    // As written by a process that died before it put the file into its place.
    let left = |name: &str, age: Duration| {
        let left = path.join(name);
        fs::write(&left, "half of an ob").unwrap();
        let file = fs::File::options().write(true).open(&left).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        left
    };
    let minute = Duration::from_secs(60);
    let (old, new) = (
        left(".new-1-0-0", 61 * minute),
        left(".new-2-0-0", 59 * minute),
    );
    let folder = Folder::open(path).unwrap();
    assert!(pollster::block_on(folder.list("")).unwrap().is_empty());
    assert!(!old.exists() && new.exists());
    assert!(pollster::block_on(folder.create(NAME, b"content")).unwrap());
}

#[test]
fn what_others_put_there_is_not_listed() {
    let scratch = TempDir::new().unwrap();
    let folder = Folder::open(scratch.path()).unwrap();
    pollster::block_on(folder.create(NAME, b"content")).unwrap();
    fs::create_dir(scratch.path().join("lost+found")).unwrap();
    for name in [
        "lost+found/1",
        ".hidden",
        "keys/.hidden",
        "keys/with space",
        "keys/é",
    ] {
        fs::write(scratch.path().join(name), "").unwrap();
    }
    let listed = pollster::block_on(folder.list("")).unwrap();
    let names: Vec<_> = listed.iter().map(|listed| &listed.name).collect();
    assert_eq!(names, [NAME]);
    let age = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs()
        - listed[0].created.unwrap();
    assert!(age < 60);
}

#[test]
fn a_name_that_leads_out_of_the_folder_is_an_error() {
    let scratch = TempDir::new().unwrap();
    let folder = Folder::open(scratch.path().join("keys")).unwrap();
    let outside = scratch.path().join("outside");
    fs::write(&outside, "mine").unwrap();
    for name in [
        "../outside",
        "keys/../../outside",
        outside.to_str().unwrap(),
        "",
        "a//b",
        "a/",
    ] {
        assert!(pollster::block_on(folder.create(name, b"")).is_err());
        assert!(pollster::block_on(folder.read(name)).is_err());
        let error = pollster::block_on(folder.delete(name))
            .unwrap_err()
            .to_string();
        assert!(error.contains("is no name of an object"), "{error}");
    }
    assert_eq!(fs::read(outside).unwrap(), b"mine");
}

/// A volume that is not mounted: an empty folder in its place would be another store.
#[test]
fn a_folder_that_is_gone_is_an_error_and_is_not_made_anew() {
    let scratch = tempfile::tempdir().unwrap();
    let (path, away) = (scratch.path().join("keys"), scratch.path().join("away"));
    let folder = Folder::open(&path).unwrap();
    pollster::block_on(async {
        assert!(folder.create("keys/one", b"first").await.unwrap());
        fs::rename(&path, &away).unwrap();
        assert!(folder.create("keys/two", b"second").await.is_err());
        assert!(folder.read("keys/one").await.is_err());
        assert!(folder.list("").await.is_err());
        assert!(folder.delete("keys/one").await.is_err());
        assert!(!path.exists());
        fs::rename(&away, &path).unwrap();
        let content = folder.read("keys/one").await.unwrap();
        assert_eq!(content.as_deref(), Some(&b"first"[..]));
    });
}

#[test]
fn a_file_in_the_place_of_the_folder_is_an_error() {
    let scratch = TempDir::new().unwrap();
    let path = scratch.path().join("keys");
    fs::write(&path, "").unwrap();
    assert!(Folder::open(&path).is_err());
    assert!(Folder::open(path.join("below")).is_err());
}

#[test]
fn a_folder_of_one_part_is_made_where_the_program_is() {
    let scratch = TempDir::new_in(".").unwrap();
    let name = scratch.path().file_name().unwrap().to_owned();
    fs::remove_dir(scratch.path()).unwrap();
    // It goes with `scratch`.
    let folder = Folder::open(&name).unwrap();
    assert!(pollster::block_on(folder.create(NAME, b"content")).unwrap());
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_an_error_at_once() {
    let scratch = TempDir::new().unwrap();
    let folder = Folder::open(scratch.path()).unwrap();
    fs::create_dir_all(scratch.path().join("keys/folder")).unwrap();
    let pipe = scratch.path().join("keys/pipe");
    let made = std::process::Command::new("mkfifo").arg(pipe).status();
    assert!(made.unwrap().success());
    for name in ["keys/folder", "keys/pipe"] {
        let reading = folder.read(name);
        let read = tokio::time::timeout(Duration::from_secs(20), reading).await;
        let error = read.unwrap().unwrap_err().to_string();
        assert!(error.contains("is no file"), "{error}");
        assert!(!folder.create(name, b"content").await.unwrap());
    }
}
