//! Edge: definitions, seed and files come in from disk or from the program itself.
//!
//! The shipped `pipelines/` are embedded; a `pipelines/` folder in the workspace overrides them file by
//! file and may add some; a `templates/` folder beside it has the user's files in the place of the formats' own. Nothing is used before everything has been checked: one fault anywhere, and
//! all faults are reported together. Workbooks from anywhere come in through a process of their own ([`sandbox`]). Must not
//! write, and must not know the network.

mod files;
mod report;
pub mod sandbox;
mod seed;
pub mod wire;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use baseline_model::definitions::{self, DefinitionError, DefinitionFile, Definitions};
use baseline_source::protocol::PROTOCOLS;
use sha2::{Digest, Sha256};

pub use files::{PersonFile, persons, read_file, template};
pub use report::report;
pub use seed::{seed_bytes, seed_receipts};

/// What [`DefinitionFile::from`] says of a shipped file.
pub const EMBEDDED: &str = "embedded";

/// Checked definitions and the files they were read from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub definitions: Definitions,
    /// Sorted by path; `from` says for each whether the shipped or the local one is used.
    pub files: Vec<DefinitionFile>,
    /// SHA-256 over paths and contents of the used files, in lower-case hexadecimal; where a file was
    /// found makes no difference.
    pub hash: String,
}

/// Why something cannot be loaded. [`report`] shows it to a person.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// All faults of all files, and the files, so that the faulty lines can be shown.
    #[error("{} in the definitions", counted(.0.len()))]
    Definitions(Vec<DefinitionError>, Vec<DefinitionFile>),
    #[error("{} does not exist", path.display())]
    NotFound {
        path: PathBuf,
        /// The next step, empty when nothing close is there.
        hint: String,
    },
    #[error("{} is a {found}, expected a {expected}", path.display())]
    WrongKind { path: PathBuf, expected: &'static str, found: &'static str },
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("{} is no UTF-8 text: byte {} cannot be read", path.display(), at + 1)]
    NotText {
        path: PathBuf,
        /// Offset of the first bad byte, from 0.
        at: usize,
    },
    #[error("{} is no template", path.display())]
    UnknownTemplate { path: PathBuf, hint: String },
    #[error("{} is no Word document", path.display())]
    NoDocument { path: PathBuf },
    #[error("{} cannot be read", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
}

fn counted(faults: usize) -> String {
    if faults == 1 { "one fault".into() } else { format!("{faults} faults") }
}

/// Loads and checks all definitions: the shipped ones, overridden file by file by `<workspace>/pipelines/`.
pub fn definitions(workspace: &Path) -> Result<Loaded, LoadError> {
    definitions_with(workspace, None)
}

/// As [`definitions`], with one more file that is not on disk yet: its path under `pipelines/` and its text.
pub fn definitions_with(workspace: &Path, further: Option<(&str, &str)>) -> Result<Loaded, LoadError> {
    let mut used: BTreeMap<String, DefinitionFile> = seed::definitions()
        .map(|(path, text)| (path.to_owned(), DefinitionFile { path: path.into(), text: text.into(), from: EMBEDDED.into() }))
        .collect();
    let local = workspace.join("pipelines");
    let further = further.map(|(path, text)| (path.to_owned(), text.to_owned()));
    for (path, text) in files::texts_under(&local)?.into_iter().chain(further) {
        used.insert(path.clone(), DefinitionFile { path, text, from: local.display().to_string() });
    }
    checked(used.into_values().collect())
}

/// The user's templates in the place of our own: the files of `<workspace>/templates/`, by name.
pub fn templates(workspace: &Path) -> Result<BTreeMap<String, Vec<u8>>, LoadError> {
    files::templates_under(&workspace.join("templates"))
}

/// `files` are sorted by path and each path is there once.
fn checked(files: Vec<DefinitionFile>) -> Result<Loaded, LoadError> {
    let (definitions, mut errors) = definitions::parse(&files);
    let protocols: Vec<&str> = PROTOCOLS.iter().map(|protocol| protocol.id()).collect();
    errors.extend(definitions::check(&definitions, &files, &protocols));
    if !errors.is_empty() {
        return Err(LoadError::Definitions(errors, files));
    }
    let hash = hash(&files);
    Ok(Loaded { definitions, files, hash })
}

fn hash(files: &[DefinitionFile]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        // The lengths keep the end of one text apart from the beginning of the next.
        hasher.update(format!("{} {}\n{}", file.path.len(), file.text.len(), file.path));
        hasher.update(&file.text);
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
