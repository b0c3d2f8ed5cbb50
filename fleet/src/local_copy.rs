//! A copy of the wrapped objects on this machine, for a start while the store is down.

use std::{
    collections::BTreeMap,
    fmt,
    fs::{self, File},
    hash::{BuildHasher as _, RandomState},
    io::{self, ErrorKind, Read as _},
    path::{Path, PathBuf},
    process,
    sync::{Mutex, PoisonError},
};

use crate::store::{Listed, Store, StoreError, file::write_new};

/// Where the copy is. What is in it is wrapped as in the store, and nobody else is told of it.
#[derive(Debug)]
pub(crate) struct LocalCopy {
    path: PathBuf,
    /// What was written last, so that nothing is that is there.
    written: Mutex<Option<Objects>>,
}

/// Names and contents.
type Objects = BTreeMap<String, Vec<u8>>;

impl LocalCopy {
    pub(crate) fn new(path: PathBuf) -> LocalCopy {
        LocalCopy {
            path,
            written: Mutex::new(None),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes these objects, and when all of the store's were known.
    pub(crate) fn write(&self, objects: Objects, time: u64) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.as_ref() != Some(&objects) {
            write_whole(&self.path, &text(&objects))?;
            *written = Some(objects);
        }
        // By itself, as it changes at each refresh.
        write_whole(&self.time_path(), time.to_string().as_bytes())
    }

    /// The copy as a store that only reads, and when it had all of the store's objects.
    pub(crate) fn read(&self) -> io::Result<(Copied, u64)> {
        let mut text = Vec::new();
        let file = File::open(&self.path)?;
        file.take(MOST_OCTETS).read_to_end(&mut text)?;
        let time = fs::read_to_string(self.time_path())?;
        let invalid = |_| io::Error::from(ErrorKind::InvalidData);
        let copied = Copied {
            path: self.path.clone(),
            objects: parse(&text),
        };
        Ok((copied, time.trim().parse().map_err(invalid)?))
    }

    fn time_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(".time");
        path.into()
    }
}

/// A line for each object. Wrapped contents and names have no spaces in them.
fn text(objects: &Objects) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, content) in objects {
        text.extend_from_slice(name.as_bytes());
        text.push(b' ');
        text.extend_from_slice(content);
        text.push(b'\n');
    }
    text
}

fn parse(text: &[u8]) -> Objects {
    let lines = text.split(|octet| *octet == b'\n');
    let objects = lines.filter_map(|line| {
        let space = line.iter().position(|octet| *octet == b' ')?;
        let name = std::str::from_utf8(&line[..space]).ok()?;
        Some((name.to_owned(), line[space + 1..].to_vec()))
    });
    objects.collect()
}

/// Puts a file in the place of what is there, if anything is; all of it or nothing.
fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut beside = path.to_owned().into_os_string();
    // Where others may write, nobody is to know the name before: it may be a link by then.
    let random = RandomState::new().hash_one(process::id());
    beside.push(format!(".new-{random:016x}"));
    let written = write_new(Path::new(&beside), content).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// What a copy had, as a store in which nothing is created.
pub(crate) struct Copied {
    path: PathBuf,
    objects: Objects,
}

impl Store for Copied {
    async fn create(&self, name: &str, _: &[u8]) -> Result<bool, StoreError> {
        match self.objects.contains_key(name) {
            true => Ok(false),
            false => Err(StoreError::new("nothing is created in a copy")),
        }
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.objects.get(name).cloned())
    }

    async fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let names = self.objects.keys();
        let names = names.filter(|name| name.as_str() > after);
        Ok(names.map(Listed::new).collect())
    }

    async fn delete(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::new("nothing is deleted in a copy"))
    }
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "local copy {}", self.path.display())
    }
}

/// Some hundred times what a fleet with a hundred thousand cut-offs has.
const MOST_OCTETS: u64 = 1 << 30;
