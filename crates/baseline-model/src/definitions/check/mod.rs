//! What no single file can know: references between definitions, and values that parse but mean nothing.
//!
//! Every rule that is broken gives a fault at the offending key or value, all at once. A reference to
//! a definition whose own file has a fault is not reported again. Each rule has a mutant in `tests`
//! that it must catch. Must not read files or change definitions.

mod choices;
mod comparisons;
mod composites;
mod estimates;
mod indicators;
mod layouts;
mod lists;
mod places;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::locate::{Kind, Located, place};
use super::{DefinitionError, DefinitionFile, Definitions, nearest};

/// Checks definitions against one another. `files` are the files they were read from;
/// `known_protocols` are the ids a source's `protocol` may have, besides `none`.
/// Faults come in the order of paths and lines.
pub fn check(definitions: &Definitions, files: &[DefinitionFile], known_protocols: &[&str]) -> Vec<DefinitionError> {
    let mut check = Check::new(definitions, files);
    sources::sources(&mut check, known_protocols);
    sources::dataflows(&mut check);
    indicators::indicators(&mut check);
    indicators::cycles(&mut check);
    comparisons::comparisons(&mut check);
    comparisons::disclosures(&mut check);
    places::territories(&mut check);
    places::studies(&mut check);
    composites::goalposts(&mut check);
    composites::composites(&mut check);
    choices::choices(&mut check);
    lists::languages(&mut check);
    lists::codelists(&mut check);
    layouts::layouts(&mut check);
    let mut errors = check.errors;
    errors.sort_by(|a, b| (&a.path, a.span.start, &a.message).cmp(&(&b.path, b.span.start, &b.message)));
    errors
}

struct Check<'a> {
    definitions: &'a Definitions,
    files: BTreeMap<&'a str, Located<'a>>,
    /// Every declared identifier, of files with faults too.
    declared: BTreeMap<Kind, BTreeSet<String>>,
    errors: Vec<DefinitionError>,
}

impl<'a> Check<'a> {
    fn new(definitions: &'a Definitions, files: &'a [DefinitionFile]) -> Self {
        let mut declared: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
        for (kind, id) in files.iter().filter_map(|file| place(&file.path).ok()) {
            declared.entry(kind).or_default().insert(id);
        }
        let files = files.iter().map(|file| (file.path.as_str(), Located::new(file))).collect();
        Self { definitions, files, declared, errors: Vec::new() }
    }

    /// A fault of the value under `keys` in the file of `id`.
    fn value(&mut self, (kind, id): (Kind, &str), keys: &[&str], message: impl Into<String>, hint: impl Into<String>) {
        let path = kind.path(id);
        let span = self.files.get(path.as_str()).map_or(0..0, |located| located.value(keys));
        self.fault(&path, span, message, hint);
    }

    /// A fault of the last of `keys` itself.
    fn key(&mut self, (kind, id): (Kind, &str), keys: &[&str], message: impl Into<String>, hint: impl Into<String>) {
        let path = kind.path(id);
        let span = self.files.get(path.as_str()).map_or(0..0, |located| located.key(keys));
        self.fault(&path, span, message, hint);
    }

    fn fault(&mut self, path: &str, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let error = match self.files.get(path) {
            Some(located) => DefinitionError::at(located.file, span, message, hint),
            None => {
                DefinitionError { path: path.into(), span: 0..0, line: 1, column: 1, message: message.into(), hint: hint.into() }
            }
        };
        self.errors.push(error);
    }

    fn declares(&self, kind: Kind, id: &str) -> bool {
        self.declared.get(&kind).is_some_and(|ids| ids.contains(id))
    }

    /// A fault unless `to` is declared as a `kind`; says so at the value under `keys`.
    fn refers(&mut self, at: (Kind, &str), keys: &[&str], kind: Kind, to: &str) -> bool {
        if self.declares(kind, to) {
            return true;
        }
        let known: Vec<&str> = self.declared.get(&kind).into_iter().flatten().map(String::as_str).collect();
        let noun = match kind {
            Kind::Source => "source",
            Kind::Dataflow => "dataflow",
            Kind::Indicator => "indicator",
            Kind::Territory => "territory",
            Kind::Study => "study",
            Kind::Language => "language",
            Kind::Codelist => "codelist",
            Kind::Goalposts => "version of the goalposts",
            Kind::Layout => "layout",
        };
        let hint = nearest::hint(to, known);
        self.value(at, keys, format!("no {noun} `{to}` is defined (expected {})", kind.path(to)), hint);
        false
    }

    /// A fault when a text that is printed or cited is empty.
    fn not_empty(&mut self, at: (Kind, &str), keys: &[&str], text: &str) {
        if text.trim().is_empty() {
            let key = keys.last().copied().unwrap_or_default();
            self.value(at, keys, format!("`{key}` is empty"), "");
        }
    }

    /// The codes in `column` of a codelist; `None` when there is no such list or column.
    fn codes(&self, list: &str, column: &str) -> Option<BTreeSet<&'a str>> {
        let list = self.definitions.codelists.get(list)?;
        let index = list.columns.iter().position(|name| name == column)?;
        Some(list.rows.iter().filter_map(|row| row.get(index)).map(String::as_str).collect())
    }

    /// A fault when `code` is not in the codelist `list`, if that exists.
    fn code(&mut self, at: (Kind, &str), keys: &[&str], list: &str, code: &str) {
        if let Some(codes) = self.codes(list, "code")
            && !codes.contains(code)
        {
            let hint = nearest::hint(code, codes.iter().copied());
            self.value(at, keys, format!("`{code}` is no code of codelists/{list}.csv"), hint);
        }
    }

    /// A fault for every placeholder of `text` that is not `known`.
    fn placeholders(&mut self, at: (Kind, &str), keys: &[&str], text: &str, known: &[&str]) {
        match placeholders(text) {
            Err(message) => self.value(at, keys, message, "write a placeholder as {name}"),
            Ok(found) => {
                for name in found.into_iter().filter(|name| !known.contains(name)) {
                    let hint =
                        format!("known here: {}", known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", "));
                    self.value(at, keys, format!("unknown placeholder {{{name}}}"), hint);
                }
            }
        }
    }
}

/// The names in braces; an error when a brace is not closed or a name is empty.
fn placeholders(text: &str) -> Result<BTreeSet<&str>, String> {
    let mut names = BTreeSet::new();
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let Some(end) = rest[start..].find('}').filter(|end| *end > 0) else {
            return Err(format!("a brace of `{text}` is not closed or not opened"));
        };
        let name = &rest[start + 1..start + end];
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(format!("`{{{name}}}` is no placeholder"));
        }
        names.insert(name);
        rest = &rest[start + end + 1..];
    }
    Ok(names)
}

/// The elements that occur a second time, with their index.
fn repeated<'t, T: Ord>(items: impl IntoIterator<Item = &'t T>) -> Vec<(usize, &'t T)> {
    let mut seen = BTreeSet::new();
    items.into_iter().enumerate().filter(|(_, item)| !seen.insert(*item)).collect()
}

#[cfg(test)]
mod tests;
