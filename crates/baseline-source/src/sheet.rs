//! Workbooks (.xlsx) as sparse sheets of cells under their real addresses.
//!
//! Cell by cell and not as a dense range: one cell in XFD1048576 would otherwise ask for half a terabyte.
//! The archive is measured by unpacking it once before the workbook reader sees it, because the sizes
//! that a zip file states are only claims.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use baseline_model::{Finding, column_letters};
use calamine::{Data, Reader, SheetType, SheetVisible, Xlsx};

use crate::findings::{Context, quote};
use crate::unpack::too_large;

/// Column -> cell, both from 0.
pub(crate) type Row = BTreeMap<u32, Data>;

pub(crate) struct Sheet {
    pub name: String,
    pub rows: BTreeMap<u32, Row>,
}

impl Sheet {
    pub fn text(&self, row: u32, column: u32) -> String {
        self.rows.get(&row).and_then(|row| row.get(&column)).map(text).unwrap_or_default()
    }

    /// `Sheet 1!F12`.
    pub fn address(&self, row: u32, column: u32) -> String {
        format!("{}!{}{}", self.name, column_letters(column), u64::from(row) + 1)
    }
}

/// A cell's text, trimmed; a whole number without decimals, as it stands in a year's header.
pub(crate) fn text(cell: &Data) -> String {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.trim().to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(yes) => yes.to_string(),
        Data::DateTime(date) => date.to_string(),
        Data::Error(error) => format!("{error:?}"),
        Data::Empty => String::new(),
    }
}

/// A figure in a cell: empty, blank and `:` are missing; anything else that is no number is a finding.
pub(crate) fn figure(cell: Option<&Data>, address: &str, context: &mut Context<'_>) -> Option<f64> {
    let shown = match cell {
        None | Some(Data::Empty) => return None,
        Some(Data::Int(number)) => return Some(*number as f64),
        Some(Data::Float(number)) if number.is_finite() => return Some(*number + 0.0),
        Some(Data::String(text)) => return crate::csv_file::figure(text, address, context),
        Some(
            other @ (Data::Float(_)
            | Data::Bool(_)
            | Data::DateTime(_)
            | Data::DateTimeIso(_)
            | Data::DurationIso(_)
            | Data::Error(_)),
        ) => text(other),
    };
    // A date or an error is never a figure, even when its text could be read as one.
    context.group("not-a-number", &shown, |context| {
        Finding::error(
            "not-a-number",
            context.at(address),
            format!("expected a number, found the cell {} of another kind; it is kept without a value", quote(&shown)),
        )
        .hint("open the workbook and correct the cell's format at its source")
    });
    None
}

/// All work sheets in order; `None` with a finding when the file is no readable workbook.
pub(crate) fn open(bytes: &[u8], context: &mut Context<'_>) -> Option<Vec<Sheet>> {
    let limits = context.options.limits;
    let damaged = |context: &mut Context<'_>, what: &str| {
        context.add(
            Finding::error(
                "workbook-damaged",
                context.name,
                format!("the file begins like a workbook and cannot be read: {what}"),
            )
            .hint("open it in a spreadsheet program, save it again as .xlsx without password or macros"),
        );
    };
    match measure(bytes, limits.unpacked) {
        Ok(true) => {}
        Ok(false) => {
            context.add(too_large(context, "workbook", limits.unpacked));
            return None;
        }
        Err(what) => {
            damaged(context, what);
            return None;
        }
    }
    // The reader of workbooks is not ours and meets files from anywhere: a panic in it is a damaged file.
    match catch_unwind(AssertUnwindSafe(|| sheets(bytes, limits.cells))) {
        Ok(Ok(sheets)) => Some(sheets),
        Ok(Err(what)) => {
            damaged(context, &what);
            None
        }
        Err(_) => {
            damaged(context, "its structure is broken");
            None
        }
    }
}

fn sheets(bytes: &[u8], most: usize) -> Result<Vec<Sheet>, String> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut sheets = Vec::new();
    let mut count = 0;
    for meta in workbook.sheets_metadata().to_vec() {
        if meta.typ != SheetType::WorkSheet || meta.visible == SheetVisible::VeryHidden {
            continue;
        }
        let failed = |error: &dyn std::fmt::Display| format!("sheet {}: {error}", quote(&meta.name));
        let mut cells = workbook.worksheet_cells_reader(&meta.name).map_err(|error| failed(&error))?;
        let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
        while let Some(cell) = cells.next_cell().map_err(|error| failed(&error))? {
            let value = Data::from(cell.get_value().clone());
            let blank = matches!(&value, Data::String(text) if text.trim().is_empty());
            if blank || value == Data::Empty {
                continue;
            }
            count += 1;
            if count > most {
                return Err(format!("it has more than the allowed {most} cells"));
            }
            let (row, column) = cell.get_position();
            if rows.entry(row).or_default().insert(column, value).is_some() {
                return Err(failed(&format!("the cell {}{} stands twice", column_letters(column), u64::from(row) + 1)));
            }
        }
        sheets.push(Sheet { name: meta.name, rows });
    }
    Ok(sheets)
}

/// Whether the archive's members together stay under the cap, by unpacking them; an error says what is broken.
fn measure(bytes: &[u8], cap: usize) -> Result<bool, &'static str> {
    let end = memchr::memmem::rfind(bytes, b"PK\x05\x06").ok_or("it is cut: the archive has no end")?;
    let number = |at: usize, length: usize| -> Result<usize, &'static str> {
        let field = bytes.get(at..at.saturating_add(length)).ok_or("the archive's directory is broken")?;
        Ok(field.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let (members, mut entry) = (number(end + 10, 2)?, number(end + 16, 4)?);
    let mut left = cap as u64;
    for _ in 0..members {
        if bytes.get(entry..entry.saturating_add(4)) != Some(b"PK\x01\x02") {
            return Err("the archive's directory is broken");
        }
        let (method, packed) = (number(entry + 10, 2)?, number(entry + 20, 4)?);
        let (name, extra, comment) = (number(entry + 28, 2)?, number(entry + 30, 2)?, number(entry + 32, 2)?);
        let local = number(entry + 42, 4)?;
        let file_name = bytes.get(entry + 46..(entry + 46).saturating_add(name)).unwrap_or_default();
        let start = local.saturating_add(30).saturating_add(number(local + 26, 2)?).saturating_add(number(local + 28, 2)?);
        let data = bytes.get(start..start.saturating_add(packed)).ok_or("it is cut: a member ends behind the file")?;
        let mut reader: Box<dyn Read> = match method {
            0 => Box::new(data),
            8 => Box::new(flate2::read::DeflateDecoder::new(data)),
            _ => return Err("a member is packed in an unknown way or encrypted"),
        };
        let mut head = [0; 1024];
        let mut got = 0;
        while got < head.len() {
            match reader.read(&mut head[got..]).map_err(|_| "a member is damaged")? {
                0 => break,
                more => got += more,
            }
        }
        let rest = std::io::copy(&mut reader.take(left + 1), &mut std::io::sink()).map_err(|_| "a member is damaged")?;
        let length = got as u64 + rest;
        if length > left {
            return Ok(false);
        }
        left -= length;
        // The workbook reader reserves as many texts as the file claims to have.
        if file_name.ends_with(b"sharedStrings.xml") && claimed_texts(&head[..got]) > length {
            return Err("it claims more texts than it has bytes");
        }
        entry = entry.saturating_add(46).saturating_add(name).saturating_add(extra).saturating_add(comment);
    }
    Ok(true)
}

fn claimed_texts(head: &[u8]) -> u64 {
    let Some(at) = memchr::memmem::find(head, b"uniqueCount") else { return 0 };
    let digits = head[at..].iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
    digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}
