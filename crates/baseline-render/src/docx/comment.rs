//! The comment at a figure or table: what it is called, which numbers it shows, and how to follow one to its source.
//!
//! A reviewer who has only this file finds the identifiers here; the first number is followed to its cell as an example.

use baseline_model::language::Language;

use crate::document::{Figure, Number, Report, Span, Table, TableCell, Text};

/// Identifiers that a comment lists where a workbook has them all.
const LISTED: usize = 25;

/// The flag: there is a workbook beside the document.
pub(super) fn of_figure(report: (&Report, bool), language: &Language, figure: &Figure) -> Vec<String> {
    lines(report, language, language.text("render.docx_comment_figure", &[("id", &figure.id)]), &figure.data)
}

pub(super) fn of_table(report: (&Report, bool), language: &Language, table: &Table) -> Vec<String> {
    lines(report, language, language.text("render.docx_comment_table", &[("id", &table.id)]), table)
}

fn lines((report, workbook): (&Report, bool), language: &Language, first: String, table: &Table) -> Vec<String> {
    let ids = ids(table);
    let mut lines = vec![first];
    let Some(example) = ids.iter().find(|id| report.provenance.contains_key(**id)).or(ids.first()) else {
        return lines;
    };
    let command = format!("baseline why {example}");
    lines.push(language.text("render.docx_comment_check", &[("command", &command)]));
    if let Some(way) = report.provenance.get(*example) {
        lines.push(language.text("render.docx_comment_example", &[("id", example)]));
        lines.extend(way.iter().cloned());
    }
    let count = language.number(ids.len() as f64, 0);
    lines.push(language.text("render.docx_comment_numbers", &[("n", &count)]));
    let listed = if workbook { LISTED } else { usize::MAX };
    lines.extend(ids.iter().take(listed).map(|id| (*id).to_owned()));
    if ids.len() > listed {
        let rest = language.number((ids.len() - listed) as f64, 0);
        lines.push(language.text("render.docx_comment_more", &[("n", &rest), ("file", "tables.xlsx")]));
    }
    lines
}

/// The identifiers of a table's numbers, highlighted rows first, each once.
fn ids(table: &Table) -> Vec<&str> {
    let mut rows: Vec<_> = table.rows.iter().collect();
    rows.sort_by_key(|row| !row.highlight);
    let mut numbers: Vec<&Number> = Vec::new();
    for row in rows {
        numbers.extend(of_text(&row.header));
        for cell in &row.cells {
            match cell {
                TableCell::Number(number) => numbers.push(number),
                TableCell::Text(text) => numbers.extend(of_text(text)),
                TableCell::Empty | TableCell::Letter { .. } => {}
            }
        }
    }
    numbers.extend(table.notes.iter().flat_map(of_text));
    let mut seen = std::collections::BTreeSet::new();
    numbers.into_iter().map(|number| number.id.as_str()).filter(|id| !id.is_empty() && seen.insert(*id)).collect()
}

fn of_text(text: &Text) -> impl Iterator<Item = &Number> {
    text.0.iter().filter_map(|span| match span {
        Span::Number(number) => Some(number),
        Span::Plain(_) | Span::Strong(_) | Span::Link { .. } | Span::Reference { .. } => None,
    })
}
