//! The words that rendering itself prints. `pipelines/languages/<code>.toml` has each of these keys; a test of
//! the project asks for it. Kept in one list so that a missing word is found before a report is.

use baseline_model::language::Language;
use baseline_model::{Grade, Reason};

/// Every text key that this crate asks for, sorted.
pub const TEXT_KEYS: &[&str] = &[
    "flag.b",
    "flag.c",
    "flag.d",
    "flag.e",
    "flag.f",
    "flag.i",
    "flag.m",
    "flag.n",
    "flag.o",
    "flag.p",
    "flag.r",
    "flag.s",
    "flag.u",
    "flag.unknown",
    "flag.z",
    "grade.A",
    "grade.B",
    "grade.C",
    "grade.D",
    "grade.M",
    "missing.absent",
    "missing.not_applicable",
    "missing.not_available",
    "missing.withheld",
    "render.citation",
    "render.codebook_carried",
    "render.codebook_grade",
    "render.codebook_id",
    "render.codebook_status",
    "render.codebook_text",
    "render.column_carried",
    "render.column_grade",
    "render.column_id",
    "render.column_status",
    "render.column_text",
    "render.contents",
    "render.data_state",
    "render.data_table",
    "render.figure_no_data",
    "render.figure_note",
    "render.figure_source",
    "render.flags",
    "render.grades",
    "render.licence",
    "render.long_description",
    "render.missing_values",
    "render.number_carried",
    "render.number_grade",
    "render.number_status",
    "render.popover_close",
    "render.popover_title",
    "render.skip_to_content",
    "render.sort_by",
    "render.xlsx_about",
    "render.xlsx_applies",
    "render.xlsx_blank",
    "render.xlsx_code",
    "render.xlsx_codebook",
    "render.xlsx_codebook_title",
    "render.xlsx_column",
    "render.xlsx_contents_sheet",
    "render.xlsx_contents_title",
    "render.xlsx_cover",
    "render.xlsx_data_of",
    "render.xlsx_kind",
    "render.xlsx_meaning",
    "render.xlsx_note",
    "render.xlsx_note_number",
    "render.xlsx_note_text",
    "render.xlsx_notes",
    "render.xlsx_notes_title",
    "render.xlsx_one_table",
    "render.xlsx_sheet",
    "render.xlsx_statement",
    "render.xlsx_title",
];

/// Status letters with a text of their own.
pub(crate) const LETTERS: &str = "bcdefimnoprsuz";

/// What a status letter means.
pub(crate) fn flag(language: &Language, letter: char) -> String {
    if LETTERS.contains(letter) { language.text(&format!("flag.{letter}"), &[]) } else { language.text("flag.unknown", &[]) }
}

/// Whose value a grade says it is.
pub(crate) fn grade(language: &Language, grade: Grade) -> String {
    language.text(&format!("grade.{grade}"), &[])
}

/// Why there is no number.
pub(crate) fn reason(language: &Language, reason: Reason) -> String {
    let key = match reason {
        Reason::Absent => "missing.absent",
        Reason::NotAvailable => "missing.not_available",
        Reason::Withheld => "missing.withheld",
        Reason::NotApplicable => "missing.not_applicable",
    };
    language.text(key, &[])
}

/// The shorthand of a workbook cell without a number. None is a status letter with another meaning.
pub(crate) fn shorthand(reason: Reason) -> &'static str {
    match reason {
        Reason::Absent => "[none]",
        Reason::NotAvailable => "[x]",
        Reason::Withheld => "[w]",
        Reason::NotApplicable => "[z]",
    }
}
