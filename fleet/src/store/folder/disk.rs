//! The calls of the operating system.

use std::{
    fs::{self, DirBuilder, DirEntry, File, OpenOptions},
    io::{self, ErrorKind, Read as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::store::{LONGEST_OBJECT, Listed, StoreError, file::write_new, is_name, list_one};

/// Where objects are files.
#[derive(Debug)]
pub(super) struct Disk {
    path: PathBuf,
    /// Files that this process has written beside their places.
    written: AtomicU64,
}

impl Disk {
    pub(super) fn open(path: PathBuf) -> Result<Disk, StoreError> {
        make_folder(&path)?;
        let disk = Disk {
            path,
            written: AtomicU64::new(0),
        };
        disk.remove_leftovers()?;
        Ok(disk)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn create(&self, name: &str, content: &[u8]) -> Result<bool, StoreError> {
        let place = self.place(name)?;
        // Whoever finds a file there need not write one.
        if place.try_exists()? {
            return Ok(false);
        }
        let folder = place.parent().unwrap_or(&self.path);
        self.make_folder_below(folder)?;
        let beside = self.beside();
        let created = write_new(&beside, content)
            .map_err(StoreError::from)
            .and_then(|()| self.link(&beside, &place));
        // If it stays, whoever opens the folder an hour later removes it.
        let _ = fs::remove_file(&beside);
        let created = created?;
        if created {
            sync_folder(folder)?;
        }
        Ok(created)
    }

    /// Puts a file where none is; whether it did.
    fn link(&self, from: &Path, to: &Path) -> Result<bool, StoreError> {
        match fs::hard_link(from, to) {
            Ok(()) => Ok(true),
            // Over a network the answer may be to the second try of one that had succeeded.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(has_two_links(from)),
            Err(error) if has_no_links(&error) => Err(StoreError::new(format!(
                "the file system of {} has no hard links ({error}); use one that has, or another store",
                self.path.display()
            ))),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let place = self.place(name)?;
        let mut options = OpenOptions::new();
        options.read(true);
        // Whoever made a pipe of that name is not waited for.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
        let file = match options.open(&place) {
            Err(error) if self.is_absent(&error) => return Ok(None),
            file => file?,
        };
        if !file.metadata()?.is_file() {
            let problem = format!("{} is no file", place.display());
            return Err(StoreError::new(problem));
        }
        let mut content = Vec::new();
        let most = LONGEST_OBJECT as u64 + 1;
        file.take(most).read_to_end(&mut content)?;
        Ok(Some(content))
    }

    pub(super) fn list(&self, after: &str) -> Result<Vec<Listed>, StoreError> {
        let mut found = Vec::new();
        self.list_folder(&self.path, "", after, &mut found)?;
        Ok(found)
    }

    fn list_folder(
        &self,
        folder: &Path,
        prefix: &str,
        after: &str,
        found: &mut Vec<Listed>,
    ) -> Result<(), StoreError> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Some(name) = entry
                .file_name()
                .to_str()
                .map(|name| format!("{prefix}{name}"))
            else {
                continue;
            };
            // What is no name of ours is none of our business, such as `lost+found`.
            if !is_name(&name) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                // A folder whose names all come before needs no look: cut-offs may be many.
                let prefix = format!("{name}/");
                if after.starts_with(&prefix) || after < prefix.as_str() {
                    self.list_folder(&entry.path(), &prefix, after, found)?;
                }
            } else if name.as_str() > after {
                let created = modified(&entry);
                list_one(found, Listed { name, created })?;
            }
        }
        Ok(())
    }

    pub(super) fn delete(&self, name: &str) -> Result<(), StoreError> {
        let place = self.place(name)?;
        match fs::remove_file(&place) {
            Err(error) if self.is_absent(&error) => return Ok(()),
            removed => removed?,
        }
        sync_folder(place.parent().unwrap_or(&self.path))?;
        Ok(())
    }

    /// Makes a folder in this one, which is not made anew itself: where it is gone, such as with a volume
    /// that is not mounted, another one in its place would be another store.
    fn make_folder_below(&self, folder: &Path) -> io::Result<()> {
        if folder == self.path || folder.is_dir() {
            return Ok(());
        }
        let above = folder.parent().unwrap_or(&self.path);
        self.make_folder_below(above)?;
        match folder_builder().create(folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made.and_then(|()| sync_folder(above)),
        }
    }

    /// Whether an object is not there, in a folder that is.
    fn is_absent(&self, error: &io::Error) -> bool {
        is_absent(error) && self.path.is_dir()
    }

    /// Where the object of a name is.
    fn place(&self, name: &str) -> Result<PathBuf, StoreError> {
        match is_name(name) {
            true => Ok(self.path.join(name)),
            false => Err(StoreError::new(format!(
                "{name:?} is no name of an object: it has 1 to 128 letters, digits, '-', '.' and '/'"
            ))),
        }
    }

    /// A file of this process alone. A file of a dead process of the same number is written over.
    fn beside(&self) -> PathBuf {
        let count = self.written.fetch_add(1, Ordering::Relaxed);
        // Processes of several machines, or of several containers, may have one number.
        let time = SystemTime::now().duration_since(UNIX_EPOCH);
        let nanoseconds = time.map_or(0, |since| since.as_nanos());
        let name = format!("{BESIDE}{}-{nanoseconds:x}-{count:x}", process::id());
        self.path.join(name)
    }

    /// Removes what processes left that died while they wrote.
    fn remove_leftovers(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let is_beside = entry.file_name().to_string_lossy().starts_with(BESIDE);
            let is_old = entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|time| time.elapsed().is_ok_and(|age| age > LEFT));
            if is_beside && is_old {
                // Another process may do the same.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

/// Makes a folder and those above it, for this user only.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    folder_builder().recursive(true).create(path)?;
    match path.parent() {
        // Of one part, it is where the program is.
        Some(parent) if parent.as_os_str().is_empty() => sync_folder(Path::new(".")),
        Some(parent) => sync_folder(parent),
        None => Ok(()),
    }
}

fn folder_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
fn has_two_links(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    fs::metadata(path).is_ok_and(|metadata| metadata.nlink() == 2)
}

#[cfg(not(unix))]
fn has_two_links(_: &Path) -> bool {
    false
}

/// Waits until the disk knows which files are in a folder.
fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and its entries are written with the files.
    if cfg!(unix) {
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

fn modified(entry: &DirEntry) -> Option<u64> {
    let time = entry.metadata().ok()?.modified().ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

/// There is no such file, nor a folder that it could be in.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// A link failed as the file system has none.
fn has_no_links(error: &io::Error) -> bool {
    // Linux says `EPERM` on FAT; permission to write into the folder is there.
    matches!(
        error.kind(),
        ErrorKind::Unsupported | ErrorKind::PermissionDenied
    )
}

/// How the names of files begin that are not in their places yet; no object has such a name.
const BESIDE: &str = ".new-";
/// After that a file that is still beside its place is nobody's.
const LEFT: Duration = Duration::from_secs(60 * 60);
