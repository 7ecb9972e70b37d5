//! Floor 2: the document model, charts and output formats. Returns bytes, opens no file, knows no clock.
//!
//! [`FORMATS`] is the open list: one file and one line here add a format; the command line, help and tests
//! iterate over it.

pub mod chart;
pub mod document;
mod docx;
mod html;
pub mod map;
mod pdf;
mod png;
mod svg;
pub mod text;
mod words;
mod xlsx;

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::language::Language;

use crate::document::{Block, Report};
pub use crate::html::index::{IndexEntry, IndexFile, IndexLanguage, IndexStatus, IndexStudy, index};
pub use crate::words::TEXT_KEYS;

/// One output format.
pub trait Format: Sync {
    /// As typed after `--format`.
    fn id(&self) -> &'static str;
    /// Without the dot.
    fn extension(&self) -> &'static str;
    /// The files of a report in this format, sorted by path; the same report gives the same bytes.
    ///
    /// # Errors
    /// Any [`RenderError`]; then nothing of this format may be published.
    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError>;
}

/// What a report is rendered with.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    pub language: &'a Language,
    /// Files that belong to the report and are put inside formats that can hold them (PDF/A-3): figures, provenance, lock.
    pub attachments: &'a [RenderedFile],
    /// Templates given by the user, by file name (`report.html`, `reference.docx`), in the place of our own.
    pub templates: &'a BTreeMap<String, Vec<u8>>,
    /// `tables.xlsx` lies beside the file: formats for paper leave to it what is looked up and not read. Without it they print
    /// everything.
    pub workbook: bool,
}

/// Names of the files that a user may give in the place of our own.
pub const TEMPLATES: &[&str] = &["report.html", "report.css", "report.js", "index.html", "report.typ", "reference.docx"];

impl<'a> Setting<'a> {
    /// Nothing attached, our own templates, a workbook beside it.
    pub fn plain(language: &'a Language) -> Self {
        static NONE: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        Self { language, attachments: &[], templates: &NONE, workbook: true }
    }
}

/// All formats, in the order of help texts.
pub const FORMATS: &[&dyn Format] = &[&html::Html, &pdf::Pdf, &docx::Docx, &xlsx::Xlsx, &svg::Svg, &png::Png];

/// A file to be written below the report's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Relative, with `/`: `report.html`, `figures/<id>.svg`, `figures/<id>.png`, `tables.xlsx`.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// Why a report could not be rendered. All are faults of the composed document or of this crate, none of the data.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("figure {figure}: {message}")]
    Drawing { figure: String, message: String },
    #[error(
        "figure {figure}: the value of {id} is infinite or not a number\n  hint: give a missing value as missing, with its reason"
    )]
    NotFinite { figure: String, id: String },
    #[error(
        "the anchor '{anchor}' has other characters than letters a-z and A-Z, digits, '-' and '_', or is empty\n  hint: anchors become file names and links"
    )]
    Anchor { anchor: String },
    #[error("the anchor '{anchor}' occurs twice in the report\n  hint: sections, figures and tables share one set of names")]
    Duplicate { anchor: String },
    #[error("figure {figure}: the picture could not be drawn: {message}")]
    Picture { figure: String, message: String },
    #[error("the template failed: {message}")]
    Template { message: String },
    #[error(
        "{code} in {place} is in none of the fonts that a PDF is set in\n  hint: word the text with letters of Source Sans 3, or drop the format pdf"
    )]
    Glyph { code: String, place: String },
    #[error("the PDF could not be set: {message}")]
    Typesetting { message: String },
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error("the Word document could not be written: {message}")]
    Docx { message: String },
    #[error("the template for Word documents cannot be used: {message}")]
    DocxTemplate { message: String },
}

/// Anchors become file names, links and ids, so they are checked before anything is drawn.
pub(crate) fn check_anchors(report: &Report) -> Result<(), RenderError> {
    let mut seen = BTreeSet::new();
    let mut anchors = Vec::new();
    for section in &report.sections {
        anchors.push(&section.id);
        for block in &section.blocks {
            match block {
                Block::Figure(figure) => anchors.push(&figure.id),
                Block::Table(table) => anchors.push(&table.id),
                Block::Heading(_) | Block::Paragraph(_) | Block::List(_) | Block::Note { .. } => {}
            }
        }
    }
    for anchor in anchors {
        if anchor.is_empty() || !anchor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return Err(RenderError::Anchor { anchor: anchor.clone() });
        }
        if !seen.insert(anchor) {
            return Err(RenderError::Duplicate { anchor: anchor.clone() });
        }
    }
    Ok(())
}
