//! Text files and workbooks of no common format, read by a declared layout ([`baseline_model::definitions::Shape`]).
//!
//! The declaration names every column: an office that renames, adds or drops one must be noticed and not read past. Columns
//! are found by their headers, so a new order does no harm. A file has one layout in one edition and another in the next:
//! of several declared layouts the first that fits is used, and when none does, it is said in what each differs. Guesses
//! nothing: what is not declared is not read.
//!
//! ```toml
//! title = "Population by region and nationality"
//! [[blocks]]
//! sheet = "POPUL-Regio"
//! header_rows = 2                 # "Nationality | | " above "Greek | EU country | Other"
//! period_column = "Year"
//! keys = [{ column = "Region", dimension = "geo" }]
//! measures = [{ column = "Population total", code = "population" }]
//! [[blocks.crosses]]
//! set = { measure = "population" }
//! levels = [{ row = 1, is = "Nationality" }, { row = 2, dimension = "nat", codes = { Greek = "EL" } }]
//! ```

mod grid;
mod header;
mod plan;
mod rows;

use baseline_model::definitions::{Block, Shape};
use baseline_model::{Finding, RawTable, Severity};

use crate::findings::{Context, nearest_note, quote};
use crate::sheet::{Sheet, text};
pub(crate) use grid::sheet as text_sheet;
use plan::{Plan, plan};

pub(crate) const FORMAT: &str = "declared shape";

const HINT: &str = "the file has a new layout: compare it and correct the declared shape, or declare one more for this edition";
/// Rows above and below the declared one in which a header that moved is looked for.
const MOVED: u32 = 12;

/// Reads a text file; `context.options.shapes` has at least one layout.
pub(crate) fn read_text(text: &str, context: &mut Context<'_>) -> Option<RawTable> {
    let shapes = context.options.shapes;
    let mut sheets: Vec<(Option<char>, Sheet)> = Vec::new();
    for delimiter in shapes.iter().map(|shape| shape.delimiter) {
        if !sheets.iter().any(|(known, _)| *known == delimiter) {
            sheets.push((delimiter, grid::sheet(text, delimiter, context)?));
        }
    }
    let place_of = |shape: &Shape| sheets.iter().position(|(delimiter, _)| *delimiter == shape.delimiter).unwrap_or_default();
    let sheets: Vec<&[Sheet]> = shapes.iter().map(|shape| std::slice::from_ref(&sheets[place_of(shape)].1)).collect();
    read_by(&sheets, context)
}

pub(crate) fn read_workbook(sheets: &[Sheet], context: &mut Context<'_>) -> Option<RawTable> {
    read_by(&vec![sheets; context.options.shapes.len()], context)
}

/// Names of the sheets that any layout reads; none when a layout does not name its sheet.
pub(crate) fn sheet_names(shapes: &[Shape]) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    for block in shapes.iter().flat_map(|shape| &shape.blocks) {
        names.extend(block.sheet.as_ref()?.texts().iter().map(String::as_str));
    }
    Some(names)
}

/// A block found in the file.
struct Found<'s> {
    sheet: usize,
    parts: Vec<(Part, Option<Plan<'s>>)>,
}

/// A stretch of rows under one header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    /// First row of the header, from 0.
    header: u32,
    /// The row before which the part ends.
    until: u32,
}

/// `sheets` has those of each layout.
fn read_by(sheets: &[&[Sheet]], context: &mut Context<'_>) -> Option<RawTable> {
    let shapes = context.options.shapes;
    let mut tried = Vec::new();
    for (shape, sheets) in shapes.iter().zip(sheets) {
        let dimensions = rows::dimensions(shape);
        let (found, faults) = locate(shape, sheets, &dimensions, context.name);
        let misfit = faults.iter().any(|finding| finding.severity == Severity::Error);
        if !misfit || shapes.len() == 1 {
            for fault in faults {
                let (code, message) = (fault.code, fault.message.clone());
                context.group(code, &message, |_| fault);
            }
            return rows::read(shape, sheets, &found, dimensions, context);
        }
        tried.push((shape, faults));
    }
    let differences: Vec<String> = (1..)
        .zip(&tried)
        .filter_map(|(number, (shape, faults))| {
            let first = faults.iter().find(|finding| finding.severity == Severity::Error)?;
            let title = shape.title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
            Some(format!("layout {number}{title}: {}: {}", first.at, first.message))
        })
        .collect();
    context.add(
        Finding::error(
            "no-shape-fits",
            context.name,
            format!("none of the {} declared layouts fits; nothing is read; {}", shapes.len(), differences.join("; ")),
        )
        .hint(HINT),
    );
    None
}

/// The blocks of a layout in a file, and in what the file differs from the layout.
fn locate<'s>(shape: &'s Shape, sheets: &[Sheet], dimensions: &[String], name: &str) -> (Vec<Found<'s>>, Vec<Finding>) {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    if shape.blocks.is_empty() {
        faults.push(
            Finding::error("shape-wrong", name, "expected at least one block in the declared shape, found none")
                .hint("correct the declared shape"),
        );
    }
    for block in &shape.blocks {
        let Some(place) = sheet_of(block, sheets, name, &mut faults) else { continue };
        let sheet = &sheets[place];
        let at = if sheet.name.is_empty() { name.to_owned() } else { format!("{name}: {}", sheet.name) };
        let parts = parts(shape, block, sheet);
        if parts.is_empty() {
            let begins = block.begins.as_deref().unwrap_or_default();
            let first: Vec<String> = sheet.rows(0).filter_map(|row| first_text(&row)).take(2_000).collect();
            let near = nearest_note(begins, first.iter().map(String::as_str));
            let message = format!("expected a row that begins with {}, found none{near}; the block is not read", quote(begins));
            faults.push(Finding::error("block-missing", &at, message).hint(HINT));
        }
        let mut planned = Vec::new();
        for part in parts {
            let mut misfit = Vec::new();
            let plan = plan(block, sheet, part, dimensions, &at, &mut misfit);
            if misfit.iter().any(|finding| finding.severity == Severity::Error)
                && let Some(row) = moved(block, sheet, part, dimensions)
            {
                for finding in &mut misfit {
                    finding.message.push_str(&format!("; the declared header stands in row {}", row + 1));
                }
            }
            faults.append(&mut misfit);
            planned.push((part, plan));
        }
        found.push(Found { sheet: place, parts: planned });
    }
    (found, faults)
}

fn sheet_of(block: &Block, sheets: &[Sheet], name: &str, faults: &mut Vec<Finding>) -> Option<usize> {
    let Some(wanted) = &block.sheet else {
        let mut filled = (0..sheets.len()).filter(|place| !sheets[*place].is_empty());
        if let (Some(place), None) = (filled.next(), filled.next()) {
            return Some(place);
        }
        let message = format!("expected one sheet with cells, found {} sheets, and the block names none", sheets.len());
        faults.push(Finding::error("sheet-missing", name, message).hint("name the sheet in the declared shape"));
        return None;
    };
    let text_file = sheets.iter().any(|sheet| !sheet.lines.is_empty());
    let found = wanted.texts().iter().find_map(|wanted| sheets.iter().position(|sheet| sheet.name == *wanted));
    if found.is_none() && !text_file {
        let first = wanted.texts().first().map(String::as_str).unwrap_or_default();
        let names = wanted.texts().iter().map(|name| quote(name)).collect::<Vec<_>>().join(" or ");
        let near = nearest_note(first, sheets.iter().map(|sheet| sheet.name.as_str()));
        let message = format!("expected the sheet {names}, found none{near}");
        faults.push(Finding::error("sheet-missing", name, message).hint(HINT));
    }
    if text_file { Some(0) } else { found }
}

/// Where a block stands in its sheet: once, or at every row at which it begins.
fn parts(shape: &Shape, block: &Block, sheet: &Sheet) -> Vec<Part> {
    let same_sheet = |other: &&Block| other.sheet == block.sheet;
    let patterns: Vec<&str> = shape.blocks.iter().filter(same_sheet).filter_map(|other| other.begins.as_deref()).collect();
    let begins = |row: &crate::sheet::Row<'_>, patterns: &[&str]| {
        first_text(row).is_some_and(|text| patterns.iter().any(|pattern| crate::pattern::matches(pattern, &text)))
    };
    let header = block.header_row.unwrap_or(1);
    let mut starts: Vec<(u32, u32)> = Vec::new();
    match &block.begins {
        None => starts.push((header.saturating_sub(1), header)),
        Some(pattern) => starts.extend(
            sheet
                .rows(0)
                .filter(|row| begins(row, &[pattern]))
                .map(|row| (row.number.saturating_add(header), row.number.saturating_add(1))),
        ),
    }
    let ends: Vec<u32> = if patterns.is_empty() {
        Vec::new()
    } else {
        sheet.rows(0).filter(|row| begins(row, &patterns)).map(|row| row.number).collect()
    };
    starts
        .into_iter()
        .map(|(header, after)| Part { header, until: ends.iter().copied().find(|end| *end >= after).unwrap_or(u32::MAX) })
        .collect()
}

/// The row near the declared one in which the header fits, when there is one.
fn moved(block: &Block, sheet: &Sheet, part: Part, dimensions: &[String]) -> Option<u32> {
    let near = (part.header.saturating_sub(MOVED)..part.header).chain(part.header + 1..part.header.saturating_add(MOVED));
    near.filter(|header| sheet.row(*header).is_some()).find(|header| {
        let mut faults = Vec::new();
        let plan = plan(block, sheet, Part { header: *header, until: part.until }, dimensions, "", &mut faults);
        plan.is_some() && faults.iter().all(|finding| finding.severity != Severity::Error)
    })
}

/// Text of the first cell of a row.
fn first_text(row: &crate::sheet::Row<'_>) -> Option<String> {
    row.cells(0).next().map(|(_, cell)| header::tidy(&text(cell)))
}
