//! Opens a workbook: measures it first, then takes its cells one by one.
//!
//! The archive is measured by unpacking it once before the workbook reader sees it, because the sizes that a zip file states
//! are only claims; an old workbook is measured by walking its records, because its reader makes dense ranges.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use baseline_model::{Finding, column_letters};
use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xls, Xlsx};

use super::{Builder, Sheet, xls};
use crate::findings::{Context, quote};
use crate::unpack::too_large;

/// Rows of an unwanted sheet that are read.
const HEAD: u32 = 8;

/// Which sheets are read whole.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'w> {
    All,
    /// These; of the others the first rows.
    Named(&'w [&'w str]),
}

/// All work sheets in order; `None` with a finding when the file is no readable workbook.
pub(crate) fn open(bytes: &[u8], wanted: Wanted<'_>, context: &mut Context<'_>) -> Option<Vec<Sheet>> {
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
    let old = bytes.starts_with(xls::MAGIC);
    let measured = if old {
        xls::measure(bytes, limits.cells).map(|()| true)
    } else {
        measure(bytes, limits.unpacked).map_err(str::to_owned)
    };
    match measured {
        Ok(true) => {}
        Ok(false) => {
            context.add(too_large(context, "workbook", limits.unpacked));
            return None;
        }
        Err(what) => {
            damaged(context, &what);
            return None;
        }
    }
    // The reader of workbooks is not ours and meets files from anywhere: a panic in it is a damaged file.
    let read = || if old { old_sheets(bytes, limits.cells) } else { sheets(bytes, wanted, limits.cells) };
    match catch_unwind(AssertUnwindSafe(read)) {
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

fn sheets(bytes: &[u8], wanted: Wanted<'_>, most: usize) -> Result<Vec<Sheet>, String> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut sheets = Vec::new();
    let mut count = 0;
    for meta in workbook.sheets_metadata().to_vec() {
        if meta.typ != SheetType::WorkSheet || meta.visible == SheetVisible::VeryHidden {
            continue;
        }
        let failed = |error: &dyn std::fmt::Display| format!("sheet {}: {error}", quote(&meta.name));
        let whole = match wanted {
            Wanted::All => true,
            Wanted::Named(names) => names.contains(&meta.name.as_str()),
        };
        let mut cells = workbook.worksheet_cells_reader(&meta.name).map_err(|error| failed(&error))?;
        let mut builder = Builder::new(meta.name.clone());
        let mut partial = false;
        while let Some(cell) = cells.next_cell().map_err(|error| failed(&error))? {
            let (row, column) = cell.get_position();
            if !whole && row >= HEAD {
                partial = true;
                break;
            }
            match cell.get_value() {
                DataRef::SharedString(text) => builder.text(row, column, text),
                other @ (DataRef::Int(_)
                | DataRef::Float(_)
                | DataRef::String(_)
                | DataRef::Bool(_)
                | DataRef::DateTime(_)
                | DataRef::DateTimeIso(_)
                | DataRef::DurationIso(_)
                | DataRef::Error(_)
                | DataRef::Empty) => push(&mut builder, row, column, &Data::from(other.clone())),
            }
            if count + builder.len() > most {
                return Err(format!("it has more than the allowed {most} cells"));
            }
        }
        count += builder.len();
        let mut sheet = builder.finish().map_err(|(row, column)| failed(&twice(row, column)))?;
        sheet.partial = partial;
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn old_sheets(bytes: &[u8], most: usize) -> Result<Vec<Sheet>, String> {
    let mut workbook: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut sheets = Vec::new();
    let mut count = 0;
    for meta in workbook.sheets_metadata().to_vec() {
        if meta.typ != SheetType::WorkSheet || meta.visible == SheetVisible::VeryHidden {
            continue;
        }
        let failed = |error: &dyn std::fmt::Display| format!("sheet {}: {error}", quote(&meta.name));
        let range = workbook.worksheet_range(&meta.name).map_err(|error| failed(&error))?;
        // The used range does not always begin at A1, and an empty sheet has none.
        let (first_row, first_column) = range.start().unwrap_or_default();
        let mut builder = Builder::new(meta.name.clone());
        for (row, column, cell) in range.used_cells() {
            let row = u32::try_from(row).unwrap_or(u32::MAX).saturating_add(first_row);
            push(&mut builder, row, u32::try_from(column).unwrap_or(u32::MAX).saturating_add(first_column), cell);
        }
        count += builder.len();
        if count > most {
            return Err(format!("it has more than the allowed {most} cells"));
        }
        sheets.push(builder.finish().map_err(|(row, column)| failed(&twice(row, column)))?);
    }
    Ok(sheets)
}

fn push(builder: &mut Builder, row: u32, column: u32, cell: &Data) {
    match cell {
        Data::Empty => {}
        Data::Int(number) => builder.number(row, column, *number as f64),
        Data::Float(number) => builder.number(row, column, *number),
        Data::String(text) => builder.text(row, column, text),
        Data::DateTimeIso(text) | Data::DurationIso(text) => builder.other(row, column, text),
        Data::Bool(yes) => builder.other(row, column, if *yes { "TRUE" } else { "FALSE" }),
        Data::Error(error) => builder.other(row, column, &error.to_string()),
        Data::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let mut text = format!("{year:04}-{month:02}-{day:02}");
            if date.is_duration() || (hour, minute, second) != (0, 0, 0) {
                text.push_str(&format!("T{hour:02}:{minute:02}:{second:02}"));
            }
            builder.other(row, column, &text);
        }
    }
}

fn twice(row: u32, column: u32) -> String {
    format!("the cell {}{} stands twice", column_letters(column), u64::from(row) + 1)
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
