//! A load error as a person reads it: every fault with its file, its faulty line and a hint.

use std::error::Error;
use std::fmt;

use baseline_model::definitions::{DefinitionError, DefinitionFile};
use miette::{Diagnostic, LabeledSpan, NamedSource, Report, SourceCode};

use super::{EMBEDDED, LoadError};

/// All faults of an error at once, each with the faulty line.
pub fn report(error: &LoadError) -> Report {
    let (related, help) = match error {
        LoadError::Definitions(faults, files) => (faults.iter().map(|fault| Shown::fault(fault, files)).collect(), String::new()),
        LoadError::NotFound { hint, .. } if hint.is_empty() => (Vec::new(), "check the path; `-` reads standard input".into()),
        LoadError::NotFound { hint, .. } | LoadError::UnknownTemplate { hint, .. } => (Vec::new(), hint.clone()),
        LoadError::WrongKind { expected: "file", .. } => (Vec::new(), "name one of the files in it".into()),
        LoadError::WrongKind { .. } => (Vec::new(), "rename it or move it away".into()),
        LoadError::TooLarge { .. } => (Vec::new(), "is it the right file? Otherwise split it".into()),
        LoadError::NotText { .. } => (Vec::new(), "save the file as UTF-8".into()),
        LoadError::NoDocument { .. } => (Vec::new(), "save it as .docx".into()),
        LoadError::Unreadable { source, .. } => (Vec::new(), source.to_string()),
    };
    Report::new(Shown { message: error.to_string(), help, related, place: None })
}

/// A message with its help, the place it is about, and the messages it consists of.
#[derive(Debug)]
struct Shown {
    message: String,
    help: String,
    related: Vec<Shown>,
    place: Option<Place>,
}

#[derive(Debug)]
struct Place {
    source: NamedSource<String>,
    /// `None` for a fault of the file as a whole: no line is to blame.
    label: Option<LabeledSpan>,
}

impl Shown {
    fn fault(fault: &DefinitionError, files: &[DefinitionFile]) -> Self {
        let file = files.iter().find(|file| file.path == fault.path);
        let from = file.map_or(EMBEDDED, |file| file.from.as_str());
        let name =
            if from == EMBEDDED { format!("pipelines/{} ({EMBEDDED})", fault.path) } else { format!("{from}/{}", fault.path) };
        let whole = fault.span == (0..0);
        // The faulty line is shown under its file, line and column; without a line the file must be named.
        let message = if whole || file.is_none() { format!("{name}: {}", fault.message) } else { fault.message.clone() };
        let place = file.filter(|_| !whole).map(|file| {
            // A span over several lines (a whole table) is shown by its first line.
            let marked = file.text.get(fault.span.clone()).and_then(|text| text.lines().next()).unwrap_or("");
            let label = Some(LabeledSpan::new(Some("here".into()), fault.span.start, marked.len()));
            Place { source: NamedSource::new(name, file.text.clone()), label }
        });
        Self { message, help: fault.hint.clone(), related: Vec::new(), place }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Shown {}

impl Diagnostic for Shown {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        if self.help.is_empty() { None } else { Some(Box::new(&self.help)) }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| &place.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.place.as_ref()?.label.clone()?;
        Some(Box::new(std::iter::once(label)))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() { None } else { Some(Box::new(self.related.iter().map(|shown| shown as &dyn Diagnostic))) }
    }
}
