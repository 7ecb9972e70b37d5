//! Replacing a file or a folder whole or not at all.
//!
//! Renaming alone does not survive a power cut: the bytes are synced before the rename and the folder after it.
//! A folder cannot be exchanged in one step without unsafe code, so the old one is moved aside for a moment; the
//! name it gets tells a later run how far an interrupted publication came.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{StoreError, TEMPORARY, create_folder, io_error, listed, remove};

/// Prefix and suffix of a publication that was moved aside: `.<name>.previous`.
const PREVIOUS: &str = ".previous";

/// Writes a file under a temporary name in the same folder, syncs it, renames it and syncs the folder.
/// Missing folders are created.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let (folder, name) = split(path)?;
    create_folder(folder)?;
    let temporary = folder.join(format!("{TEMPORARY}{}-{name}", std::process::id()));
    let written = write_synced(&temporary, path, bytes)
        .and_then(|()| fs::rename(&temporary, path).map_err(io_error("rename the finished file to", path)));
    if let Err(error) = written {
        // The temporary name is ours; when even that cannot be removed, the next run cleans it.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_folder(folder)
}

/// Writes and syncs; errors name `path`, the file that the user knows.
pub(super) fn write_synced(file: &Path, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || -> io::Result<()> {
        let mut file = File::create(file)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(io_error("write", path))
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    // Only Unix can open a folder to sync it; elsewhere the rename itself is durable enough.
    if cfg!(unix) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error("sync the folder", folder))?;
    }
    Ok(())
}

/// An empty folder beside the target to build a publication in.
pub fn staging(target: &Path) -> Result<PathBuf, StoreError> {
    let staging = staging_of(target)?;
    create_folder(split(target)?.0)?;
    remove(&staging)?;
    create_folder(&staging)?;
    Ok(staging)
}

/// Where [`staging`] makes that folder.
pub fn staging_of(target: &Path) -> Result<PathBuf, StoreError> {
    let (folder, name) = split(target)?;
    Ok(folder.join(format!("{TEMPORARY}{name}")))
}

/// Removes a staging folder that will not be published. What cannot be removed now, the next run removes.
pub fn discard(staging: &Path) {
    let _ = remove(staging);
}

/// Puts the finished folder `staging` in the place of `target`, whole or not at all. Both must lie on one file
/// system. A publication that was interrupted before is settled first, as by [`recover`].
pub fn publish(staging: &Path, target: &Path) -> Result<(), StoreError> {
    let (folder, name) = split(target)?;
    settle(folder, name)?;
    if !staging.is_dir() {
        let fault = format!("{} is not a folder", staging.display());
        return Err(StoreError::Publish { target: target.to_owned(), fault, hint: "build the publication there first" });
    }
    if fs::symlink_metadata(target).is_ok_and(|about| !about.is_dir()) {
        let fault = "there is something else than a folder of that name".to_owned();
        return Err(StoreError::Publish {
            target: target.to_owned(),
            fault,
            hint: "move it away, or choose another output folder",
        });
    }
    sync_tree(staging)?;
    let previous = previous_of(folder, name);
    let replaces = target.is_dir();
    if replaces {
        fs::rename(target, &previous).map_err(io_error("move the last publication aside", target))?;
    }
    if let Err(error) = fs::rename(staging, target) {
        if replaces {
            // Back to the state before; when that fails too, `recover` does it on the next start.
            let _ = fs::rename(&previous, target);
        }
        return Err(io_error("publish", target)(error));
    }
    sync_folder(folder)?;
    remove(&previous)
}

/// Settles publications in a folder that were interrupted: a target that is missing gets its previous state
/// back, one that is complete loses it. Unfinished builds are removed. Returns the targets that were restored.
pub fn recover(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut restored = Vec::new();
    for path in listed(folder)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(target) = name.strip_prefix('.').and_then(|name| name.strip_suffix(PREVIOUS)) {
            if settle(folder, target)? {
                restored.push(folder.join(target));
            }
        } else if name.starts_with(TEMPORARY) {
            remove(&path)?;
        }
    }
    Ok(restored)
}

/// [`recover`] in a folder and in each folder of it: where single reports of a study are published.
pub fn recover_below(folder: &Path) -> Result<(), StoreError> {
    recover(folder)?;
    listed(folder)?.iter().filter(|path| path.is_dir()).try_for_each(|path| recover(path).map(drop))
}

/// Whether the previous state had to be put back.
fn settle(folder: &Path, name: &str) -> Result<bool, StoreError> {
    let (target, previous) = (folder.join(name), previous_of(folder, name));
    if fs::symlink_metadata(&previous).is_err() {
        return Ok(false);
    }
    if fs::symlink_metadata(&target).is_ok() {
        // The new one came in whole by its rename: only the old one was not yet removed.
        remove(&previous)?;
        return Ok(false);
    }
    fs::rename(&previous, &target).map_err(io_error("restore the last publication", &target))?;
    sync_folder(folder)?;
    Ok(true)
}

fn previous_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!(".{name}{PREVIOUS}"))
}

fn sync_tree(folder: &Path) -> Result<(), StoreError> {
    for path in listed(folder)? {
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            File::open(&path).and_then(|file| file.sync_all()).map_err(io_error("sync", &path))?;
        }
    }
    sync_folder(folder)
}

/// Folder and name of a path; the folder of a bare name is the current one.
fn split(path: &Path) -> Result<(&Path, &str), StoreError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    match (folder, name) {
        (Some(folder), Some(name)) => Ok((folder, name)),
        (None, _) | (_, None) => Err(StoreError::Name {
            name: path.display().to_string(),
            what: "written",
            fault: "it does not end with a name in Unicode",
        }),
    }
}
