//! What typst sees: our template, the report as JSON, its pictures, our fonts, the report's day. Nothing else exists for
//! it: no disk, no network, no package, no clock.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World, WorldExt};

use crate::text::{Cut, font};

/// The layout's file name, also among the user's templates.
pub(super) const TEMPLATE: &str = "report.typ";
/// Where the template reads the report from.
const DATA: &str = "report.json";

pub(super) struct Memory {
    source: Source,
    files: BTreeMap<String, Bytes>,
    day: Option<Datetime>,
}

impl Memory {
    pub(super) fn new(template: &str, json: Vec<u8>, day: Option<Datetime>) -> Self {
        let source = Source::new(main(), template.to_owned());
        Self { source, files: BTreeMap::from([(DATA.to_owned(), Bytes::new(json))]), day }
    }

    /// A file that the template may read, by its path without a leading slash.
    pub(super) fn add(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), Bytes::new(bytes));
    }

    /// The line of the template that a message is about, from 1.
    pub(super) fn line(&self, diagnostic: &SourceDiagnostic) -> Option<usize> {
        if diagnostic.span.id() != Some(main()) {
            return None;
        }
        let start = self.range(diagnostic.span)?.start;
        self.source.lines().byte_to_line(start).map(|line| line + 1)
    }
}

impl World for Memory {
    fn library(&self) -> &LazyHash<Library> {
        &SHARED.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHARED.book
    }

    fn main(&self) -> FileId {
        main()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == main() { Ok(self.source.clone()) } else { Err(missing(id)) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id.root() {
            VirtualRoot::Project => self.files.get(id.vpath().get_without_slash()).cloned().ok_or_else(|| missing(id)),
            VirtualRoot::Package(_) => Err(missing(id)),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHARED.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.day
    }
}

/// The same for all reports, made once.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let fonts: Vec<Font> =
        [Cut::Regular, Cut::SemiBold, Cut::Italic].into_iter().filter_map(|cut| Font::new(Bytes::new(font(cut)), 0)).collect();
    // The feature is what marks the first cell of a row as its header.
    let library = Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build();
    Shared { library: LazyHash::new(library), book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
});

fn main() -> FileId {
    static MAIN: LazyLock<FileId> = LazyLock::new(|| {
        let path = VirtualPath::new(TEMPLATE).expect("a file name is a path");
        RootedPath::new(VirtualRoot::Project, path).intern()
    });
    *MAIN
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}
