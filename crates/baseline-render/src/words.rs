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
    "html.back_to_top",
    "html.contents_figures",
    "html.copied",
    "html.copy_failed",
    "html.copy_id",
    "html.copy_link",
    "html.data_state",
    "html.download_csv",
    "html.figure_id",
    "html.highlight",
    "html.highlight_none",
    "html.highlighted",
    "html.hint",
    "html.programme",
    "html.sorted_down",
    "html.sorted_up",
    "html.tools",
    "html.trace_hint",
    "index.changes",
    "index.comparison",
    "index.date",
    "index.empty",
    "index.factsheets",
    "index.files",
    "index.grade",
    "index.grades_note",
    "index.language",
    "index.languages",
    "index.other_languages",
    "index.report",
    "index.reports",
    "index.reports_of",
    "index.size_kb",
    "index.size_mb",
    "index.status",
    "index.status_missing",
    "index.status_new",
    "index.status_unchanged",
    "index.status_updated",
    "missing.absent",
    "missing.not_applicable",
    "missing.not_available",
    "missing.withheld",
    "render.column_carried",
    "render.column_grade",
    "render.column_id",
    "render.column_status",
    "render.contents",
    "render.data_table",
    "render.figure_no_data",
    "render.figure_note",
    "render.figure_source",
    "render.flags",
    "render.grades",
    "render.long_description",
    "render.missing_values",
    "render.number_carried",
    "render.number_grade",
    "render.number_status",
    "render.pdf_annex",
    "render.pdf_annex_lead",
    "render.pdf_attached",
    "render.pdf_attached_lead",
    "render.pdf_attached_lock",
    "render.pdf_attached_observations",
    "render.pdf_attached_other",
    "render.pdf_attached_provenance",
    "render.pdf_data",
    "render.pdf_data_at",
    "render.pdf_date",
    "render.pdf_emblem",
    "render.pdf_emblem_alt",
    "render.pdf_marks",
    "render.pdf_marks_lead",
    "render.pdf_page",
    "render.pdf_period",
    "render.pdf_programme",
    "render.pdf_project",
    "render.popover_close",
    "render.popover_title",
    "render.skip_to_content",
    "render.sort_by",
    "render.xlsx_contents_sheet",
    "render.xlsx_contents_title",
    "render.xlsx_cover",
    "render.xlsx_data_of",
    "render.xlsx_notes",
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
