//! Reloads whose source keeps them waiting while others replace the keys.

use std::{
    env,
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    process::{self, Command},
    thread,
};

use haversack::{Codec, KeySource};

use super::reentry::in_time;
use crate::support::{Format, Twin, key, ring};

/// A folder of its own, which is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let folder = env::temp_dir().join(format!("haversack-{test}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    /// A file whose reader waits for a writer.
    fn pipe(&self) -> PathBuf {
        let path = self.0.join("pipe");
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        path
    }

    /// Puts a text in a place at once.
    fn put(&self, path: &PathBuf, text: &str) {
        let new = self.0.join("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, path).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_reload_that_was_overtaken_reads_its_source_again() {
    let reload = |codec: &Codec<u64>, _, folder: &Folder| {
        let path = folder.0.join("other");
        folder.put(&path, &key(2).to_text());
        codec.reload(&KeySource::file(path)).unwrap();
    };
    let rotate = |codec: &Codec<u64>, format: Format, _: &Folder| {
        codec.rotate(format.keys(&[2])).unwrap();
    };
    let overtakers: [fn(&Codec<u64>, Format, &Folder); 2] = [reload, rotate];
    for (overtake, format) in overtakers
        .into_iter()
        .flat_map(|overtake| [(overtake, Format::Sealed), (overtake, Format::Jwt)])
    {
        in_time(move || {
            let folder = Folder::new("overtaken");
            let path = folder.pipe();
            let codec = Twin::cookie(format).builder("login", &[1]).build().unwrap();
            let (clone, source) = (codec.clone(), KeySource::file(&path));
            let slow = thread::spawn(move || clone.reload(&source));
            // This waits for the reader.
            let mut pipe = File::options().write(true).open(&path).unwrap();

            overtake(&codec, format, &folder);
            let seals = || format.key_id(&codec.seal(&7).unwrap());
            assert_eq!(seals(), format.name_of_key(2));

            folder.put(&path, &key(3).to_text());
            pipe.write_all(key(1).to_text().as_bytes()).unwrap();
            drop(pipe);
            slow.join().unwrap().unwrap();
            assert_eq!(seals(), format.name_of_key(3));
        });
    }
}

#[test]
fn a_reload_that_was_overtaken_and_finds_nothing_more_leaves_the_newer_keys() {
    in_time(|| {
        let folder = Folder::new("nothing-more");
        let path = folder.pipe();
        let codec = Codec::<u64>::sealed("login", ring(1)).build().unwrap();
        let (clone, source) = (codec.clone(), KeySource::file(&path));
        let slow = thread::spawn(move || clone.reload(&source));
        let mut pipe = File::options().write(true).open(&path).unwrap();
        codec.rotate(ring(2)).unwrap();
        fs::remove_file(&path).unwrap();
        pipe.write_all(key(1).to_text().as_bytes()).unwrap();
        drop(pipe);
        assert_eq!(slow.join().unwrap().unwrap_err().setting(), "key source");
        let token = codec.seal(&7).unwrap();
        assert_eq!(Format::Sealed.key_id(&token), Format::Sealed.name_of_key(2));
    });
}
