//! Wide CSV files and workbooks of no common format, read by a declared shape.
//!
//! The declaration names every column: an office that renames, adds or drops one must be noticed and not
//! read past. Columns are found by their names, so a new order does no harm.
//!
//! ```toml
//! title = "Share of foreign-born"
//! [[blocks]]
//! sheet = "Scores"                # workbooks only
//! ignore = ["Country Name"]
//! period_column = "Release Year"  # or period = "2025", or a period with each measure
//! keys = [{ column = "Country Code", dimension = "geo" }]
//! measures = [{ column = "Skills mismatch", code = "skills_mismatch" }]
//! ```

use crate::csv_file;
use crate::findings::{Context, nearest_note, quote};
use crate::review::duplicates;
use crate::sheet::{self, Sheet};
use crate::table::Rows;
use baseline_model::definitions::{Block, Measure, Shape};
use baseline_model::{Finding, Positions, RawTable};

pub(crate) const FORMAT: &str = "declared shape";

pub(crate) fn read_csv(text: &str, shape: &Shape, context: &mut Context<'_>) -> Option<RawTable> {
    let [block] = shape.blocks.as_slice() else {
        context.add(
            Finding::error(
                "shape-wrong",
                context.name,
                format!("expected one block for a CSV file, found {}", shape.blocks.len()),
            )
            .hint("correct the declared shape"),
        );
        return None;
    };
    let delimiter = u8::try_from(shape.delimiter.unwrap_or(',')).ok().filter(u8::is_ascii);
    let Some(delimiter) = delimiter else {
        context.add(
            Finding::error("shape-wrong", context.name, "the delimiter must be an ASCII letter")
                .hint("correct the declared shape"),
        );
        return None;
    };
    let mut file = csv_file::open(text, delimiter, block.header_row.unwrap_or(1).saturating_sub(1), context)?;
    let header: Vec<(u32, String)> = (0..).zip(file.header.iter().cloned()).collect();
    let dimensions = dimensions_of(shape);
    let mut rows = Rows::new(&dimensions);
    let mut places = Vec::new();
    let plan = plan(block, &header, context.name, context)?;
    while let Some((line, record)) = file.next(context) {
        let cell = |column: u32| record.get(column as usize).unwrap_or_default().trim().to_owned();
        let Some(key) = key_of(block, &plan, &dimensions, cell, &format!("line {line}"), context) else { continue };
        for (measure, column) in &plan.measures {
            let text = cell(*column);
            let value = if block.missing.contains(&text) {
                None
            } else {
                csv_file::figure(&text, &format!("line {line}, column {}", quote(&measure.column)), context)
            };
            push(&mut rows, &key, measure, value);
            places.push((line, column + 1));
        }
    }
    Some(finish(rows, Positions::Grid(places), shape, context))
}

pub(crate) fn read_workbook(sheets: &[Sheet], shape: &Shape, context: &mut Context<'_>) -> Option<RawTable> {
    let dimensions = dimensions_of(shape);
    let mut rows = Rows::new(&dimensions);
    let (mut names, mut cells): (Vec<String>, Vec<_>) = (Vec::new(), Vec::new());
    for block in &shape.blocks {
        let wanted = block.sheet.as_deref().unwrap_or_default();
        let Some(sheet) = sheets.iter().find(|sheet| sheet.name == wanted) else {
            let near = nearest_note(wanted, sheets.iter().map(|sheet| sheet.name.as_str()));
            context.add(
                Finding::error("sheet-missing", context.name, format!("expected the sheet {}, found none{near}", quote(wanted)))
                    .hint("the file has a new layout: compare it and correct the declared shape"),
            );
            continue;
        };
        let header_row = block.header_row.unwrap_or(1).saturating_sub(1);
        let header: Vec<(u32, String)> =
            sheet.rows.get(&header_row).into_iter().flatten().map(|(column, cell)| (*column, sheet::text(cell))).collect();
        let Some(plan) = plan(block, &header, &context.at(&sheet.name), context) else { continue };
        let Ok(number) = u16::try_from(names.len()) else { break };
        names.push(sheet.name.clone());
        for &row in sheet.rows.range(header_row + 1..).map(|(row, _)| row) {
            let cell = |column: u32| sheet.text(row, column);
            let Some(key) = key_of(block, &plan, &dimensions, cell, &sheet.address(row, 0), context) else { continue };
            for (measure, column) in &plan.measures {
                let found = sheet.rows[&row].get(column);
                let value = if found.is_some_and(|found| block.missing.contains(&sheet::text(found))) {
                    None
                } else {
                    sheet::figure(found, &sheet.address(row, *column), context)
                };
                push(&mut rows, &key, measure, value);
                cells.push((number, row, *column));
            }
        }
    }
    (!names.is_empty()).then(|| finish(rows, Positions::Sheet { names, cells }, shape, context))
}

/// Where the columns of a block stand in this file.
struct Plan<'s> {
    keys: Vec<u32>,
    period: Option<u32>,
    measures: Vec<(&'s Measure, u32)>,
}

/// `None`, with findings, when a column without which no row can be understood is missing.
fn plan<'s>(block: &'s Block, header: &[(u32, String)], at: &str, context: &mut Context<'_>) -> Option<Plan<'s>> {
    let declared = |name: &str| {
        block.keys.iter().any(|key| key.column == name)
            || block.measures.iter().any(|measure| measure.column == name)
            || block.period_column.as_deref() == Some(name)
            || block.ignore.iter().any(|column| column == name)
    };
    let undeclared: Vec<&str> = header.iter().map(|(_, name)| name.as_str()).filter(|name| !declared(name)).collect();
    let mut find = |column: &str, loss: &str| {
        let place = header.iter().find(|(_, name)| name == column).map(|(place, _)| *place);
        if place.is_none() {
            let near = nearest_note(column, undeclared.iter().copied());
            let names: Vec<_> = header.iter().map(|(_, name)| quote(name)).collect();
            context.add(
                Finding::error(
                    "column-missing",
                    at,
                    format!("expected the column {}, found {}{near}; {loss}", quote(column), names.join(", ")),
                )
                .hint("the file has a new layout: compare it and correct the declared shape"),
            );
        }
        place
    };
    let keys: Vec<_> = block.keys.iter().map(|key| find(&key.column, "the block is not read")).collect();
    let period = block.period_column.as_ref().map(|column| find(column, "the block is not read"));
    let measures = block
        .measures
        .iter()
        .filter_map(|measure| find(&measure.column, "the measure is not read").map(|column| (measure, column)));
    let measures = measures.collect();
    if !undeclared.is_empty() {
        let names: Vec<_> = undeclared.iter().map(|name| quote(name)).collect();
        context.add(
            Finding::warning(
                "column-undeclared",
                at,
                format!("columns that the declared shape does not name and that are not read: {}", names.join(", ")),
            )
            .hint("add them to the shape, as measures or under `ignore`"),
        );
    }
    let period = match period {
        Some(column) => Some(column?),
        None => None,
    };
    Some(Plan { keys: keys.into_iter().collect::<Option<_>>()?, period, measures })
}

/// Everything of a row but the measure.
struct RowKey {
    /// One text a dimension, `measure` left out.
    texts: Vec<String>,
    period: String,
}

fn key_of(
    block: &Block,
    plan: &Plan<'_>,
    dimensions: &[String],
    cell: impl Fn(u32) -> String,
    at: &str,
    context: &mut Context<'_>,
) -> Option<RowKey> {
    let keys: Vec<String> = plan.keys.iter().map(|column| cell(*column)).collect();
    let stated = plan.period.map(cell);
    let period = stated.clone().or_else(|| block.period.clone()).unwrap_or_default();
    if keys.iter().any(String::is_empty) || stated.is_some_and(|period| period.is_empty()) {
        context.group("row-without-key", "", |context| {
            Finding::error(
                "row-without-key",
                context.at(at),
                "expected a code in every key column, found an empty cell; the row is not used",
            )
            .hint("a total or a note below the table, or an edited file: look at the row")
        });
        return None;
    }
    let texts = dimensions[1..]
        .iter()
        .map(|dimension| {
            let key = block.keys.iter().position(|key| key.dimension.eq_ignore_ascii_case(dimension));
            let constant =
                || block.constants.iter().find(|(id, _)| id.eq_ignore_ascii_case(dimension)).map(|(_, code)| code.clone());
            key.map(|key| keys[key].clone()).or_else(constant).unwrap_or_default()
        })
        .collect();
    Some(RowKey { texts, period })
}

fn push(rows: &mut Rows, key: &RowKey, measure: &Measure, value: Option<f64>) {
    let period = measure.period.as_deref().unwrap_or(&key.period);
    rows.push(std::iter::once(measure.code.as_str()).chain(key.texts.iter().map(String::as_str)), period, value, "", "");
}

/// `measure`, then the constants and keys of all blocks, each once, in lower case.
fn dimensions_of(shape: &Shape) -> Vec<String> {
    let mut dimensions = vec!["measure".to_owned()];
    for block in &shape.blocks {
        for id in block.constants.keys().chain(block.keys.iter().map(|key| &key.dimension)) {
            let id = id.to_lowercase();
            if !dimensions.contains(&id) {
                dimensions.push(id);
            }
        }
    }
    dimensions
}

fn finish(rows: Rows, positions: Positions, shape: &Shape, context: &mut Context<'_>) -> RawTable {
    let mut table = rows.finish(positions);
    table.dataflow.clone_from(&shape.dataflow);
    table.title.clone_from(&shape.title);
    table.updated.clone_from(&shape.updated);
    duplicates(&table, context);
    table
}
