//! The report as one PDF: for the shelf and for the screen reader at once (PDF/UA-1 with PDF/A-3a, or A-2a when nothing
//! is attached), set by typst inside this process.
//!
//! The layout lives in `templates/report.typ`; this folder turns the document into values that the template reads as
//! JSON. No text of a report ever becomes source of the template, so none can be taken for a command.
//! A character that the bundled fonts lack is printed as its code point; in a text of the language file it is an error.
//! The clock is not asked: dates come from the report, and the same report gives the same bytes.

mod glyphs;
mod page;
mod table;
mod turn;
mod view;
mod world;

use baseline_model::language::Language;
use typst::comemo;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use self::world::{Memory, TEMPLATE};
use crate::document::Report;
use crate::{Format, RenderError, RenderedFile, Setting, check_anchors};

pub(crate) struct Pdf;

impl Format for Pdf {
    fn id(&self) -> &'static str {
        "pdf"
    }

    fn extension(&self) -> &'static str {
        "pdf"
    }

    fn render(&self, report: &Report, setting: &Setting<'_>) -> Result<Vec<RenderedFile>, RenderError> {
        check_anchors(report)?;
        check_words(setting.language)?;
        let date = day(&report.date)?;
        // A file inside an archival PDF must have a date, and there is none but the report's.
        let attachments = if date.is_some() { setting.attachments } else { &[] };
        let view = view::page(report, &Setting { attachments, ..*setting })?;
        let template = match setting.templates.get(TEMPLATE) {
            Some(bytes) => std::str::from_utf8(bytes)
                .map_err(|error| typesetting(format!("the template {TEMPLATE} is not UTF-8: {error}")))?,
            None => include_str!("../../templates/report.typ"),
        };
        let json = serde_json::to_vec(&view.page).map_err(|error| typesetting(error.to_string()))?;
        let mut world = Memory::new(template, json, date);
        for (path, svg) in view.pictures {
            world.add(&path, svg.into_bytes());
        }
        for (index, file) in attachments.iter().enumerate() {
            world.add(&view::attached(index), file.bytes.clone());
        }
        let bytes = set(&world, report, date, !attachments.is_empty());
        // What typst remembers of this report helps no other.
        comemo::evict(0);
        Ok(vec![RenderedFile { path: "report.pdf".into(), bytes: bytes? }])
    }
}

fn set(world: &Memory, report: &Report, date: Option<Datetime>, attached: bool) -> Result<Vec<u8>, RenderError> {
    let compiled = typst::compile(world);
    let document = compiled.output.map_err(|errors| diagnosed(world, &errors))?;
    // An unknown font, a layout that does not settle: nothing that may be printed.
    if !compiled.warnings.is_empty() {
        return Err(diagnosed(world, &compiled.warnings));
    }
    let archival = match (date, attached) {
        (Some(_), true) => Some(PdfStandard::A_3a),
        (Some(_), false) => Some(PdfStandard::A_2a),
        // A document for the archive must say its date.
        (None, _) => None,
    };
    let standards: Vec<PdfStandard> = std::iter::once(PdfStandard::Ua_1).chain(archival).collect();
    let options = PdfOptions {
        ident: Smart::Custom(format!("baseline/{}/{}/{}", report.title, report.language, report.date)),
        creator: Smart::Custom(Some("baseline".into())),
        timestamp: date.map(Timestamp::new_utc),
        standards: PdfStandards::new(&standards).map_err(|error| typesetting(error.message().to_string()))?,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| diagnosed(world, &errors))
}

fn typesetting(message: String) -> RenderError {
    RenderError::Typesetting { message }
}

/// The first of typst's messages, with the line of the template.
fn diagnosed(world: &Memory, diagnostics: &[SourceDiagnostic]) -> RenderError {
    let Some(first) = diagnostics.first() else { return typesetting("no reason was given".into()) };
    let mut message = world.line(first).map_or_else(String::new, |line| format!("{TEMPLATE} line {line}: "));
    message.push_str(&first.message);
    for hint in &first.hints {
        message.push_str("\n  hint: ");
        message.push_str(&hint.v);
    }
    typesetting(message)
}

/// Every text of the language can be printed: a box in a word of ours would stand in every report.
fn check_words(language: &Language) -> Result<(), RenderError> {
    for (key, text) in &language.texts {
        if let Some(character) = text.chars().find(|character| !glyphs::is_printable(*character)) {
            let place = format!("the text {key} of the language '{}'", language.code);
            return Err(RenderError::Glyph { code: format!("U+{:04X}", u32::from(character)), place });
        }
    }
    Ok(())
}

/// `2026-06-30` at midnight UTC; `None` for a report without figures, which has no date.
fn day(date: &str) -> Result<Option<Datetime>, RenderError> {
    if date.is_empty() {
        return Ok(None);
    }
    let wrong = || typesetting(format!("the date of the report is '{date}', expected a day as 2026-06-30"));
    let day: jiff::civil::Date = date.parse().map_err(|_| wrong())?;
    let part = |number: i8| u8::try_from(number).map_err(|_| wrong());
    Datetime::from_ymd_hms(i32::from(day.year()), part(day.month())?, part(day.day())?, 0, 0, 0).map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: Option<bool>) {
        assert_eq!(day(input).ok().map(|day| day.is_some()), expected, "{input}");
    }

    #[test]
    fn days() {
        check("2026-06-30", Some(true));
        check("", Some(false));
        check("2026-02-30", None);
        check("yesterday", None);
    }
}
