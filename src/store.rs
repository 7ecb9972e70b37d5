//! Edge: the workspace on disk. Vintages as received, their receipts, the state between runs, the lock, and
//! the two ways to replace something whole: a file ([`write_atomic`]) and a folder ([`publish`]).
//!
//! A vintage without a receipt whose hashes fit does not exist. Nothing is overwritten: a new vintage is a new
//! folder. No clock: instants come from the caller. No figure is read here.
//!
//! ```text
//! data/raw/eurostat/lfsa_eoqgan/20261122T030000Z-1f2e3d4c/lfsa_eoqgan.json.gz
//! data/raw/eurostat/lfsa_eoqgan/20261122T030000Z-1f2e3d4c/receipt.json      written last
//! data/raw/eurostat/lfsa_eoqgan/checks.jsonl                               one line a check
//! data/raw/eurostat/lfsa_eoqgan/20261122T030000Z-1f2e3d4c/held.json         stored, and not used
//! data/state/pace/stat.example.json                                       last requests to a host
//! data/state/jobs/eurostat.lfsa_eoqgan.1f2e3d4c5b6a7988.json              a queued request
//! data/lock                                                                who runs
//! ```

mod atomic;
mod held;
mod jobs;
mod lock;
mod pace;
mod state;
mod tree;
mod vintage;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use atomic::{publish, recover, recover_below, staging, write_atomic};
pub use held::{Hold, held_finding};
pub use jobs::Job;
pub use lock::Lock;
pub use pace::{Pace, Remembered};
pub use state::Check;
pub use tree::{carry_over, folders_with, is_free_for, probe, read_if_there, write_plain, write_through};
pub use vintage::{Put, Vintage, sha256, vintage_name};

/// A workspace: the folder that holds `data/`.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// What could not be done on disk. Every message ends with a hint.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot {action} {}: {}\n  hint: {}", path.display(), describe(source), hint(source))]
    Io { path: PathBuf, action: &'static str, source: io::Error },
    #[error("another run holds the workspace ({}): {holder}\n  hint: wait for it to end; the lock ends with its process", path.display())]
    Busy { path: PathBuf, holder: String },
    #[error(
        "{} is not as its receipt says: expected {expected}, found {found}\n  hint: it is left aside; pull the dataflow again, or restore the file",
        path.display()
    )]
    Damaged { path: PathBuf, expected: String, found: String },
    #[error("`{name}` cannot be {what}: {fault}\n  hint: use letters, digits, `_`, `-`, `.` or `$`")]
    Name { name: String, what: &'static str, fault: &'static str },
    #[error("cannot publish {}: {fault}\n  hint: {hint}", target.display())]
    Publish { target: PathBuf, fault: String, hint: &'static str },
}

impl Store {
    /// The workspace in a folder, which must exist. Nothing is created before something is stored, so that a
    /// read-only workspace can be read.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let about = fs::metadata(root).map_err(io_error("open the workspace", root))?;
        if !about.is_dir() {
            return Err(io_error("open the workspace", root)(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Removes what an interrupted write left; call it only while holding the lock. Returns what was removed.
    pub fn clean_temporaries(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut removed = Vec::new();
        let raw = self.data("raw");
        let mut folders = vec![raw.clone(), self.data("state"), self.data("state/pace"), self.data("state/jobs")];
        for source in listed(&raw)? {
            folders.push(source.clone());
            folders.extend(listed(&source)?.into_iter().filter(|path| path.is_dir()));
        }
        for folder in folders {
            for path in listed(&folder)?.into_iter().filter(|path| is_temporary(path)) {
                remove(&path)?;
                removed.push(path);
            }
        }
        Ok(removed)
    }

    fn data(&self, below: &str) -> PathBuf {
        self.root.join("data").join(below)
    }
}

/// Names that a crash may leave; no finished thing starts so.
const TEMPORARY: &str = ".tmp-";

fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TEMPORARY))
}

/// Entries of a folder in order; none when it is not there.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(io_error("list", folder)(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(io_error("list", folder))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error("remove", path)(error)),
    };
    let removed = if about.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(io_error("remove", path))
}

fn create_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(io_error("create the folder", path))
}

fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    fs::read(path).map_err(io_error("read", path))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::Io { path, action, source }
}

/// A name that becomes part of a path must not lead out of its folder.
fn checked_name<'a>(name: &'a str, what: &'static str) -> Result<&'a str, StoreError> {
    let fault = |fault| Err(StoreError::Name { name: name.to_owned(), what, fault });
    if name.is_empty() || name.len() > 200 {
        return fault("it is empty or longer than 200 signs");
    }
    if name.starts_with('.') {
        return fault("it starts with a dot");
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')) {
        return fault("it has a sign that does not belong into a name");
    }
    Ok(name)
}

struct Kind(&'static str, &'static str);

#[expect(clippy::wildcard_enum_match_arm, reason = "the standard library's list of kinds is open")]
fn kind(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::NotFound => Kind("it is not there", "check the path"),
        io::ErrorKind::PermissionDenied => {
            Kind("permission denied", "change the owner or the permissions, or choose another folder")
        }
        io::ErrorKind::ReadOnlyFilesystem => Kind("the file system is read-only", "choose a folder that can be written"),
        io::ErrorKind::StorageFull => {
            Kind("no space left on the device", "free some space and run again; what was there before is untouched")
        }
        io::ErrorKind::QuotaExceeded => {
            Kind("the disk quota is used up", "free some space and run again; what was there before is untouched")
        }
        io::ErrorKind::NotADirectory => Kind("it is not a folder", "check the path"),
        io::ErrorKind::IsADirectory => Kind("it is a folder", "check the path"),
        io::ErrorKind::CrossesDevices => Kind("it lies on another device", "keep both folders on one file system"),
        io::ErrorKind::InvalidFilename => Kind("the name is not allowed", "choose a shorter or simpler name"),
        _ => Kind("", "check the disk and the path, then run again"),
    }
}

fn describe(error: &io::Error) -> String {
    let Kind(text, _) = kind(error);
    if text.is_empty() { error.to_string() } else { text.to_owned() }
}

fn hint(error: &io::Error) -> &'static str {
    kind(error).1
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root.display())
    }
}

#[cfg(test)]
mod tests;
