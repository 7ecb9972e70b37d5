//! The CSV that INE's web pages offer: semicolons, the period and the figure in the last two columns, texts for codes.
//!
//! The office writes decimal commas and groups thousands by points, so a figure with either sign has no meaning without
//! the source's rule.
//!
//! ```text
//! Edad;Sexo;Periodo;Total
//! Total;Ambos sexos;2025T2;10,29
//! ```

use baseline_model::{Finding, Positions, RawTable};

use super::named_period;
use crate::csv_file;
use crate::findings::{Context, quote};
use crate::number::{self, Figure};
use crate::review::duplicates;
use crate::table::Rows;

/// Texts instead of a figure in every table of the office.
const MARKS: [&str; 4] = ["..", ".", "-", "…"];

fn cells(header: &str) -> Vec<String> {
    header.split(';').map(|cell| cell.trim().trim_matches('"').trim().to_lowercase()).collect()
}

/// The last column is the figure, and one is the period.
pub(crate) fn is_one(header: &str) -> bool {
    let cells = cells(header);
    let figure = cells.last().is_some_and(|last| matches!(last.as_str(), "total" | "valor" | "value"));
    figure && cells.len() > 1 && cells[..cells.len() - 1].iter().any(|cell| matches!(cell.as_str(), "periodo" | "period"))
}

pub(crate) fn read(text: &str, context: &mut Context<'_>) -> Option<RawTable> {
    context.own_marks = true;
    let mut file = csv_file::open(text, b';', 0, context)?;
    // As the file's quotation marks make it: they may reach beyond the first line.
    let header: Vec<String> = file.header.iter().map(|cell| cell.to_lowercase()).collect();
    let figure = file.header.len().checked_sub(1)?;
    let period = header[..figure].iter().position(|cell| matches!(cell.as_str(), "periodo" | "period"))?;
    let dimensions: Vec<usize> = (0..figure).filter(|column| *column != period).collect();
    for (place, column) in dimensions.iter().enumerate() {
        let name = &header[*column];
        if name.is_empty() || dimensions[..place].iter().any(|other| header[*other] == *name) {
            context.add(
                Finding::error(
                    "header-not-understood",
                    context.at("line 1"),
                    format!("the column {} (number {}) has no name of its own; the file is refused", quote(name), column + 1),
                )
                .hint("give every column a name of its own"),
            );
            return None;
        }
    }
    let mut rows = Rows::new(dimensions.iter().map(|column| header[*column].clone()));
    for (column, place) in rows.dimensions.iter_mut().zip(&dimensions) {
        column.column.label.clone_from(&file.header[*place]);
    }
    let mut places = Vec::new();
    let column = u32::try_from(figure + 1).unwrap_or(u32::MAX);
    while let Some((line, record)) = file.next(context) {
        let (value, status) = cell(&record[figure], line, context);
        let key = dimensions.iter().map(|column| record[*column].trim());
        rows.push(key, &named_period(&record[period]), value, &status, "");
        places.push((line, column));
    }
    let table = rows.finish(Positions::Grid(places));
    duplicates(&table, context);
    Some(table)
}

/// Value and status. Without a rule only digits are read.
fn cell(text: &str, line: u32, context: &mut Context<'_>) -> (Option<f64>, String) {
    let text = text.trim();
    let mark = MARKS.contains(&text);
    let read = match context.options.numbers {
        Some(rule) if !mark || rule.marks.contains_key(text) => number::figure(text, rule),
        _ if mark => Figure::Mark(text),
        _ if text.is_empty() => Figure::Blank,
        _ if text.contains(['.', ',']) => Figure::Unclear,
        _ => number::parse(text.as_bytes()).map_or(Figure::Unclear, Figure::Number),
    };
    match read {
        Figure::Number(number) => (Some(number), String::new()),
        Figure::Mark(mark) => (None, mark.to_owned()),
        Figure::Blank => (None, String::new()),
        Figure::Unclear => {
            let ruled = context.options.numbers.is_some();
            context.group("not-a-number", text, |context| {
                let what = if ruled {
                    "expected a number as the source's rule says"
                } else {
                    "without a rule of the source a point or a comma may be a decimal sign or a group of thousands; expected digits only"
                };
                Finding::error(
                    "not-a-number",
                    context.at(format_args!("line {line}")),
                    format!("{what}, found {}; the cell is kept without a value", quote(text)),
                )
                .hint("name the dataflow, so that the rule `numbers` of its source is used: decimal = \",\", groups = [\".\"]")
            });
            (None, String::new())
        }
    }
}
