//! Files of a publication in the making, and reading what may not be there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{StoreError, create_folder, io_error, listed};

/// The bytes of a file; `None` when it cannot be read, whatever the reason: the caller makes it anew.
pub fn read_if_there(path: &Path) -> Option<Vec<u8>> {
    fs::read(path).ok()
}

/// Folders `depth` levels below `root` that hold a file of a name, in order; none when there is no `root`. What is being
/// made, and what is hidden, is passed over.
pub fn folders_with(root: &Path, name: &str, depth: usize) -> Result<Vec<PathBuf>, StoreError> {
    if depth == 0 {
        return Ok(if root.join(name).is_file() { vec![root.to_owned()] } else { Vec::new() });
    }
    let hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let mut found = Vec::new();
    for path in listed(root)?.into_iter().filter(|path| !hidden(path)) {
        found.extend(folders_with(&path, name, depth - 1)?);
    }
    Ok(found)
}

/// True when a folder may be published over: it is not there, is empty, or was ours, as the file of this name and the names
/// of all others tell.
pub fn is_free_for(folder: &Path, name: &str, ours: impl Fn(&[u8], &[String]) -> bool) -> Result<bool, StoreError> {
    if !folder.exists() {
        return Ok(true);
    }
    if !folder.is_dir() {
        return Ok(false);
    }
    let names = listed(folder)?;
    let mut names: Vec<String> = names.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
    names.retain(|found| found != name);
    Ok(match read_if_there(&folder.join(name)) {
        Some(bytes) => ours(&bytes, &names),
        None => names.is_empty(),
    })
}

/// Writes a file of a staging folder, folders included. Neither atomic nor synced: the folder is published whole, and what
/// is in it is synced then.
pub fn write_plain(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    fs::write(path, bytes).map_err(io_error("write", path))
}

/// Streams a file that the user named: under a temporary name beside it, synced, renamed.
pub fn write_through(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), StoreError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = path.with_file_name(format!("{}{}-{name}", super::TEMPORARY, std::process::id()));
    let stream = || -> io::Result<()> {
        let mut sink = BufWriter::new(File::create(&temporary)?);
        write(&mut sink)?;
        sink.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&temporary, path)
    };
    stream().map_err(|error| {
        // The temporary name is ours; nothing is lost with it.
        let _ = fs::remove_file(&temporary);
        io_error("write", path)(error)
    })
}

/// Gives the publication in `to` what `from` has and it does not replace: the same files, not copies, because published files
/// are exchanged and never written into. `replaced` are folders and files relative to both.
pub fn carry_over(from: &Path, to: &Path, replaced: &[PathBuf]) -> Result<(), StoreError> {
    if from.is_dir() { copy(from, to, Path::new(""), replaced) } else { Ok(()) }
}

fn copy(from: &Path, to: &Path, below: &Path, replaced: &[PathBuf]) -> Result<(), StoreError> {
    for path in listed(&from.join(below))? {
        let Some(name) = path.file_name() else { continue };
        let relative = below.join(name);
        if replaced.contains(&relative) {
            continue;
        }
        if path.is_dir() {
            copy(from, to, &relative, replaced)?;
        } else {
            let place = to.join(&relative);
            if let Some(folder) = place.parent() {
                create_folder(folder)?;
            }
            // A file system without links.
            if fs::hard_link(&path, &place).is_err() {
                fs::copy(&path, &place).map_err(io_error("copy", &path))?;
            }
        }
    }
    Ok(())
}

/// Whether a folder can be written: makes a file there and removes it.
pub fn probe(folder: &Path) -> Result<(), StoreError> {
    let path = folder.join(format!("{}{}-probe", super::TEMPORARY, std::process::id()));
    File::create(&path).and_then(|_| fs::remove_file(&path)).map_err(io_error("write", &path))
}
