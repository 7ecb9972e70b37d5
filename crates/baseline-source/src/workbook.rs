//! Spreadsheets of the Eurostat Data Browser: a `Summary`, then one sheet for each combination of the fixed dimensions.
//!
//! Two columns a period: the value, and its flag. The periods stand in the header row itself or in a row
//! `TIME` above it. All sheets of the same dimensions become one table.
//!
//! ```text
//! Dataset:            | Employment rates by NUTS 2 region [lfst_r_lfe2emprt$defaultview]
//! Last updated:       | 11/12/2025 23:00
//! Sex [SEX]           |              | Total [T]
//! GEO (Codes)         | GEO (Labels) | 2015 |   | 2016 |
//! BE                  | Belgium      | 23.4 | b | 22.7 |
//! ```

use std::collections::BTreeSet;

use baseline_model::{Finding, Positions, RawTable};

use crate::findings::{Context, quote};
use crate::review::duplicates;
use crate::sheet::{self, Sheet, Wanted};
use crate::table::{Rows, dataflow_code};
use crate::{labels, shape};

pub(crate) const FORMAT: &str = "Data Browser workbook";

/// A zip archive, or the compound file of old workbooks.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") || bytes.starts_with(b"\xD0\xCF\x11\xE0")
}

pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> (&'static str, Vec<RawTable>) {
    // With declared layouts only their sheets are read whole; the others' first rows tell the format.
    let names = shape::sheet_names(context.options.shapes).filter(|names| !names.is_empty());
    let wanted = names.as_deref().map_or(Wanted::All, Wanted::Named);
    let Some(mut sheets) = sheet::open(bytes, wanted, context) else { return ("", Vec::new()) };
    if sheets.iter().any(is_data_browser) {
        if sheets.iter().any(|sheet| sheet.partial) {
            let Some(whole) = sheet::open(bytes, Wanted::All, context) else { return ("", Vec::new()) };
            sheets = whole;
        }
        return (FORMAT, data_browser(&sheets, context));
    }
    if !context.options.shapes.is_empty() {
        return (shape::FORMAT, shape::read_workbook(&sheets, context).into_iter().collect());
    }
    let names: Vec<_> = sheets.iter().map(|sheet| quote(&sheet.name)).take(8).collect();
    context.add(
        Finding::error(
            "unknown-format",
            context.name,
            format!("a workbook of no known layout, with the sheets {}", names.join(", ")),
        )
        .hint("read are spreadsheets of the Eurostat Data Browser; any other workbook needs a declared shape"),
    );
    ("", Vec::new())
}

/// `Dataset:` in one of the first rows of the first column.
fn is_data_browser(sheet: &Sheet) -> bool {
    (0..6).any(|row| sheet.text(row, 0).starts_with("Dataset:"))
}

/// A table under construction: sheets with the same dimensions share one.
struct Part {
    ids: Vec<String>,
    rows: Rows,
    names: Vec<String>,
    cells: Vec<(u16, u32, u32)>,
    by_labels: BTreeSet<usize>,
    dataset: String,
    updated: String,
}

fn data_browser(sheets: &[Sheet], context: &mut Context<'_>) -> Vec<RawTable> {
    let mut parts: Vec<Part> = Vec::new();
    for sheet in sheets {
        if !is_data_browser(sheet) {
            if !matches!(sheet.name.as_str(), "Summary" | "Structure") && !sheet.is_empty() {
                context.add(
                    Finding::warning(
                        "sheet-not-read",
                        context.at(&sheet.name),
                        "the sheet has no `Dataset:` line and is not read",
                    )
                    .hint("sheets added by hand are not part of the provider's table"),
                );
            }
            continue;
        }
        match header_of(sheet) {
            Ok(header) => read_sheet(sheet, &header, &mut parts, context),
            Err(message) => context.add(
                Finding::error("sheet-not-understood", context.at(&sheet.name), format!("{message}; the sheet is not used"))
                    .hint("download the table again with codes and labels, periods in the columns"),
            ),
        }
    }
    let mut tables = Vec::new();
    for part in parts {
        let mut table = part.rows.finish(Positions::Sheet { names: part.names, cells: part.cells });
        let (title, code) = bracketed(&part.dataset).unwrap_or((&part.dataset, ""));
        table.dataflow = dataflow_code(code);
        table.title = (!title.is_empty()).then(|| title.to_owned());
        table.updated = (!part.updated.is_empty()).then_some(part.updated);
        if !part.by_labels.is_empty() {
            let Some(mapped) = labels::map(table, &part.by_labels, context) else { continue };
            table = mapped;
        }
        duplicates(&table, context);
        tables.push(table);
    }
    tables
}

struct Header {
    dataset: String,
    updated: String,
    /// Id and code of every dimension that is the same in the whole sheet.
    fixed: Vec<(String, String)>,
    /// Id, column, and whether the cells are labels.
    keys: Vec<(String, u32, bool)>,
    /// Period, column of the value, and column of the flag when there is one.
    periods: Vec<(String, u32, Option<u32>)>,
    first_row: u32,
}

fn header_of(sheet: &Sheet) -> Result<Header, String> {
    let header_row = sheet
        .rows(0)
        .find(|row| key_of(&row.text(0)).is_some())
        .ok_or("expected a row that begins with `GEO (Codes)` or `GEO (Labels)`, found none")?
        .number;
    let mut header = Header {
        dataset: String::new(),
        updated: String::new(),
        fixed: Vec::new(),
        keys: Vec::new(),
        periods: Vec::new(),
        first_row: header_row + 1,
    };
    let mut time_row = header_row;
    for row in sheet.rows(0).take_while(|row| row.number < header_row) {
        let (number, first) = (row.number, row.text(0));
        let second = row.cells(1).next().map(|(_, cell)| sheet::text(cell)).unwrap_or_default();
        if first.starts_with("Dataset:") {
            header.dataset = second;
        } else if first.starts_with("Last updated:") {
            header.updated = second;
        } else if let (Some((_, id)), Some((_, code))) = (bracketed(&first), bracketed(&second)) {
            header.fixed.push((id.to_lowercase(), code.to_owned()));
        } else if number + 1 == header_row && first == "TIME" {
            time_row = number;
        } else if !first.starts_with("Data extracted on") {
            return Err(format!(
                "row {}: expected `Name [CODE]` twice, found {} and {}",
                number + 1,
                quote(&first),
                quote(&second)
            ));
        }
    }
    let mut first_period = 0;
    for (column, cell) in sheet.row(header_row).into_iter().flat_map(|row| row.cells(0)) {
        let text = sheet::text(cell);
        let Some((id, by_labels)) = key_of(&text) else { break };
        if column != first_period {
            break;
        }
        first_period += 1;
        // Codes win over labels when both are there, whichever comes first.
        match header.keys.iter_mut().find(|(known, ..)| *known == id) {
            Some((_, place, labels)) if *labels && !by_labels => (*place, *labels) = (column, false),
            Some(_) => {}
            None => header.keys.push((id, column, by_labels)),
        }
    }
    let columns: Vec<(u32, String)> = sheet
        .row(time_row)
        .into_iter()
        .flat_map(|row| row.cells(first_period))
        .map(|(column, cell)| (column, sheet::text(cell)))
        .collect();
    for (place, (column, period)) in columns.iter().enumerate() {
        if baseline_model::Period::parse(period).is_none() {
            return Err(format!("{}: expected a period, found {}", sheet.address(time_row, *column), quote(period)));
        }
        if columns[..place].iter().any(|(_, other)| other == period) {
            return Err(format!("{}: the period {} stands twice", sheet.address(time_row, *column), quote(period)));
        }
        let flag = column + 1;
        let free = columns.get(place + 1).is_none_or(|(next, _)| *next > flag);
        header.periods.push((period.clone(), *column, free.then_some(flag)));
    }
    if header.periods.is_empty() {
        return Err("found no periods in the header".into());
    }
    Ok(header)
}

fn read_sheet(sheet: &Sheet, header: &Header, parts: &mut Vec<Part>, context: &mut Context<'_>) {
    let ids: Vec<String> =
        header.fixed.iter().map(|(id, _)| id.clone()).chain(header.keys.iter().map(|(id, ..)| id.clone())).collect();
    if let Some(twice) = ids.iter().enumerate().find_map(|(place, id)| ids[..place].contains(id).then_some(id)) {
        let message = format!("the dimension {} stands twice; the sheet is not used", quote(twice));
        context.add(Finding::error("sheet-not-understood", context.at(&sheet.name), message).hint("download the table again"));
        return;
    }
    let found = parts.iter().position(|part| part.ids == ids && part.dataset == header.dataset && part.updated == header.updated);
    let place = found.unwrap_or_else(|| {
        parts.push(Part {
            rows: Rows::new(ids.clone()),
            ids,
            names: Vec::new(),
            cells: Vec::new(),
            by_labels: BTreeSet::new(),
            dataset: header.dataset.clone(),
            updated: header.updated.clone(),
        });
        parts.len() - 1
    });
    let part = &mut parts[place];
    let Ok(number) = u16::try_from(part.names.len()) else { return };
    part.names.push(sheet.name.clone());
    let fixed = header.fixed.len();
    part.by_labels.extend(header.keys.iter().enumerate().filter(|(_, (.., labels))| *labels).map(|(key, _)| fixed + key));

    let last = header.periods.iter().map(|(_, column, flag)| flag.unwrap_or(*column)).max().unwrap_or_default();
    for cells in sheet.rows(header.first_row) {
        let row = cells.number;
        let keys: Vec<String> = header.keys.iter().map(|(_, column, _)| cells.text(*column)).collect();
        if is_footer(&keys[0]) {
            break;
        }
        if keys.iter().any(String::is_empty) {
            context.group("row-without-key", "", |context| {
                Finding::error(
                    "row-without-key",
                    context.at(sheet.address(row, 0)),
                    "expected a code in every key column, found an empty cell; the row is not used",
                )
                .hint("the workbook was edited: download it again")
            });
            continue;
        }
        if let Some((column, cell)) = cells.cells(last + 1).next() {
            context.group("cell-without-period", "", |context| {
                let found = quote(&sheet::text(cell));
                Finding::error(
                    "cell-without-period",
                    context.at(sheet.address(row, column)),
                    format!("expected nothing behind the last period, found {found}; the cell is not used"),
                )
                .hint("the workbook was edited: download it again")
            });
        }
        for (period, column, flag) in &header.periods {
            let cell = cells.get(*column);
            let flag = flag.map(|flag| cells.text(flag)).unwrap_or_default();
            // The Data Browser writes `:` for what is not available: a blank cell without a flag states nothing.
            if cell.is_none() && flag.is_empty() {
                continue;
            }
            let (value, mark) = sheet::figure(cell, &|| sheet.address(row, *column), context);
            let status = if flag.is_empty() { mark } else { &flag };
            let key = header.fixed.iter().map(|(_, code)| code.as_str()).chain(keys.iter().map(String::as_str));
            part.rows.push(key, period, value, status, "");
            part.cells.push((number, row, *column));
        }
    }
}

fn is_footer(first: &str) -> bool {
    ["Special value", "Observation flags", "Confidentiality", "Available flags"].iter().any(|start| first.starts_with(start))
}

/// `GEO (Codes)` -> `geo`, false.
fn key_of(text: &str) -> Option<(String, bool)> {
    let (id, by_labels) = match text.strip_suffix(" (Codes)") {
        Some(id) => (id, false),
        None => (text.strip_suffix(" (Labels)")?, true),
    };
    Some((id.trim().to_lowercase(), by_labels))
}

/// `Age class [AGE]` -> `Age class`, `AGE`.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (label, code) = text.strip_suffix(']')?.rsplit_once('[')?;
    (!code.is_empty()).then_some((label.trim(), code.trim()))
}
