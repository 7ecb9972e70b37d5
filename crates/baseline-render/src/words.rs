//! The words that rendering itself prints. `pipelines/languages/<code>.toml` has each of these keys; a test of
//! the project asks for it. Kept in one list so that a missing word is found before a report is.

use baseline_model::language::Language;
use baseline_model::{Grade, Reason};

/// Every text key that this crate asks for, sorted.
pub const TEXT_KEYS: &[&str] = &[
    "column_grade",
    "column_id",
    "column_status",
    "contents",
    "data_table",
    "figure_no_data",
    "figure_note",
    "figure_source",
    "flag_b",
    "flag_c",
    "flag_d",
    "flag_e",
    "flag_f",
    "flag_i",
    "flag_m",
    "flag_n",
    "flag_o",
    "flag_p",
    "flag_r",
    "flag_s",
    "flag_u",
    "flag_unknown",
    "flag_z",
    "flags",
    "grade_A",
    "grade_B",
    "grade_C",
    "grade_D",
    "grade_M",
    "grades",
    "long_description",
    "missing_values",
    "number_carried",
    "number_grade",
    "number_status",
    "popover_close",
    "popover_title",
    "reading_marks",
    "reason_absent",
    "reason_not_applicable",
    "reason_not_available",
    "reason_withheld",
    "skip_to_content",
    "sort_by",
    "xlsx_contents_sheet",
    "xlsx_contents_title",
    "xlsx_cover",
    "xlsx_data_of",
    "xlsx_notes",
    "xlsx_sheet",
    "xlsx_statement",
    "xlsx_title",
];

/// Status letters with a text of their own.
pub(crate) const LETTERS: &str = "bcdefimnoprsuz";

/// What a status letter means.
pub(crate) fn flag(language: &Language, letter: char) -> String {
    if LETTERS.contains(letter) { language.text(&format!("flag_{letter}"), &[]) } else { language.text("flag_unknown", &[]) }
}

/// Whose value a grade says it is.
pub(crate) fn grade(language: &Language, grade: Grade) -> String {
    language.text(&format!("grade_{grade}"), &[])
}

/// Why there is no number.
pub(crate) fn reason(language: &Language, reason: Reason) -> String {
    let key = match reason {
        Reason::Absent => "reason_absent",
        Reason::NotAvailable => "reason_not_available",
        Reason::Withheld => "reason_withheld",
        Reason::NotApplicable => "reason_not_applicable",
    };
    language.text(key, &[])
}

/// The shorthand of a workbook cell without a number.
pub(crate) fn shorthand(reason: Reason) -> &'static str {
    match reason {
        Reason::Absent => "[n]",
        Reason::NotAvailable => "[x]",
        Reason::Withheld => "[w]",
        Reason::NotApplicable => "[z]",
    }
}
