//! Bytes and texts from disk, with a clear word for everything that can be wrong with a file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use baseline_model::definitions::nearest;
use baseline_render::TEMPLATES;

use super::LoadError;

/// The largest file that is read into memory: 2 GiB.
const LIMIT: u64 = 2 << 30;
/// The largest definition file; a real one has some kilobytes.
const TEXT_LIMIT: u64 = 8 << 20;
/// The largest template: a Word document with pictures.
const TEMPLATE_LIMIT: u64 = 32 << 20;
/// Folders in one another under `pipelines/`; deeper ones are a mistake or a circle of links.
const DEPTH: usize = 4;

/// The bytes of a file, or of standard input when `path` is `-`. At most 2 GiB.
pub fn read_file(path: &Path) -> Result<Vec<u8>, LoadError> {
    if path == Path::new("-") {
        return read_at_most(io::stdin().lock(), Path::new("standard input"), LIMIT, 0);
    }
    read_path(path, LIMIT)
}

/// A file with a row a person. It may be larger than memory, so it is not read here.
pub enum PersonFile {
    /// To be scanned where it lies.
    Parquet,
    /// Its text, unpacked.
    Delimited(Box<dyn Read>),
}

/// What kind of person file this is, by its first bytes.
pub fn persons(path: &Path) -> Result<PersonFile, LoadError> {
    if path.is_dir() {
        return Err(LoadError::WrongKind { path: path.into(), expected: "file", found: "folder" });
    }
    let unreadable = |source| LoadError::Unreadable { path: path.into(), source };
    let mut file = File::open(path).map_err(|error| failed(path, error))?;
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(4).read_to_end(&mut head).map_err(unreadable)?;
    let packed = head.starts_with(&[0x1f, 0x8b]);
    let parquet = head == b"PAR1";
    // Not a seek: the file may be a pipe.
    let whole = io::Cursor::new(head).chain(io::BufReader::with_capacity(1 << 20, file));
    Ok(match (parquet, packed) {
        (true, _) => PersonFile::Parquet,
        (false, true) => PersonFile::Delimited(Box::new(flate2::read::MultiGzDecoder::new(whole))),
        (false, false) => PersonFile::Delimited(Box::new(whole)),
    })
}

fn read_path(path: &Path, limit: u64) -> Result<Vec<u8>, LoadError> {
    let length = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(LoadError::WrongKind { path: path.into(), expected: "file", found: "folder" });
        }
        Ok(metadata) => metadata.len(),
        Err(error) => return Err(failed(path, error)),
    };
    if length > limit {
        return Err(LoadError::TooLarge { path: path.into(), limit });
    }
    read_at_most(File::open(path).map_err(|error| failed(path, error))?, path, limit, length)
}

/// The user's files in the place of our own, from a folder that need not be there, by name.
pub fn templates_under(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, LoadError> {
    let mut templates = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(templates),
        Err(error) => return Err(failed_folder(folder, error)),
        Ok(entries) => entries,
    };
    for entry in entries {
        let path = entry.map_err(|source| LoadError::Unreadable { path: folder.into(), source })?.path();
        let name = name_of(&path)?;
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        if !TEMPLATES.contains(&name.as_str()) {
            let close = nearest(&name, TEMPLATES.iter().copied()).map_or(String::new(), |name| format!("did you mean {name}? "));
            return Err(LoadError::UnknownTemplate { path, hint: format!("{close}there is {}", TEMPLATES.join(", ")) });
        }
        let bytes = template(&path, &name)?;
        templates.insert(name, bytes);
    }
    Ok(templates)
}

/// The bytes of a template of that name, when they can be one.
pub fn template(path: &Path, name: &str) -> Result<Vec<u8>, LoadError> {
    let bytes = read_path(path, TEMPLATE_LIMIT)?;
    if Path::new(name).extension().is_some_and(|kind| kind == "docx") {
        // What Word and LibreOffice write is an archive.
        if !bytes.starts_with(b"PK\x03\x04") {
            return Err(LoadError::NoDocument { path: path.into() });
        }
    } else if let Err(error) = std::str::from_utf8(&bytes) {
        return Err(LoadError::NotText { path: path.into(), at: error.valid_up_to() });
    }
    Ok(bytes)
}

/// A pipe does not say its length, and a file may grow: the limit is kept while reading.
pub(super) fn read_at_most(from: impl Read, path: &Path, limit: u64, expected: u64) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    from.take(limit + 1).read_to_end(&mut bytes).map_err(|source| LoadError::Unreadable { path: path.into(), source })?;
    if bytes.len() as u64 > limit {
        return Err(LoadError::TooLarge { path: path.into(), limit });
    }
    Ok(bytes)
}

fn failed_folder(path: &Path, source: io::Error) -> LoadError {
    if source.kind() == io::ErrorKind::NotADirectory {
        return LoadError::WrongKind { path: path.into(), expected: "folder", found: "file" };
    }
    LoadError::Unreadable { path: path.into(), source }
}

fn failed(path: &Path, source: io::Error) -> LoadError {
    let kind = source.kind();
    if kind == io::ErrorKind::NotFound {
        return LoadError::NotFound { path: path.into(), hint: closest(path) };
    }
    match path.ancestors().skip(1).find(|part| part.is_file()) {
        Some(file) if kind == io::ErrorKind::NotADirectory => {
            LoadError::WrongKind { path: file.into(), expected: "folder", found: "file" }
        }
        Some(_) | None => LoadError::Unreadable { path: path.into(), source },
    }
}

/// The file name closest to a missing one in its folder, or that the folder is missing itself.
fn closest(path: &Path) -> String {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return if folder.exists() { String::new() } else { format!("the folder {} does not exist either", folder.display()) };
    };
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    let typed = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match nearest(&typed, names.iter().map(String::as_str)) {
        Some(name) => format!("did you mean {}?", path.with_file_name(name).display()),
        None => String::new(),
    }
}

/// Every file under `folder` as text, by its path relative to it (with `/`), sorted; none when there is
/// no such folder. Hidden files and editors' backups are no definitions.
pub(super) fn texts_under(folder: &Path) -> Result<Vec<(String, String)>, LoadError> {
    let mut texts = Vec::new();
    match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(texts),
        Err(error) => return Err(failed(folder, error)),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(LoadError::WrongKind { path: folder.into(), expected: "folder", found: "file" });
        }
        Ok(_) => {}
    }
    collect(folder, "", DEPTH, &mut texts)?;
    texts.sort();
    Ok(texts)
}

fn collect(folder: &Path, prefix: &str, depth: usize, texts: &mut Vec<(String, String)>) -> Result<(), LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: folder.into(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = name_of(&path)?;
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let relative = format!("{prefix}{name}");
        if !path.is_dir() {
            let text = String::from_utf8(read_path(&path, TEXT_LIMIT)?)
                .map_err(|error| LoadError::NotText { path, at: error.utf8_error().valid_up_to() })?;
            texts.push((relative, text));
        } else if depth == 0 {
            let source = io::Error::other("folders lie too deep in one another, or links form a circle");
            return Err(LoadError::Unreadable { path, source });
        } else {
            collect(&path, &format!("{relative}/"), depth - 1, texts)?;
        }
    }
    Ok(())
}

fn name_of(path: &Path) -> Result<String, LoadError> {
    let name = path.file_name().unwrap_or_default();
    name.to_str().map(str::to_owned).ok_or_else(|| {
        let at = name.as_encoded_bytes().utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        LoadError::NotText { path: PathBuf::from(path), at }
    })
}
