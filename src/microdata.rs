//! Compute: files with a row a person become weighted sums by group, and these become rates. By polars' streaming engine
//! for Parquet, block by block for CSV, so that a file need not fit into memory.
//!
//! Such files are confidential. A message names a column and counts rows; it never repeats a cell. What leaves this module
//! has been through [`table`], which withholds what rests on too few persons. Must not print or open anything but the
//! Parquet file it is told to scan.

mod codes;
mod measures;
mod table;

use std::collections::BTreeMap;
use std::io::Read;
use std::panic;
use std::path::Path;

use baseline_method::mismatch::{Broad, Mass};
use baseline_model::definitions::Layout;
use polars::prelude::*;

use codes::Codes;

pub use measures::Measure;
pub use table::{Limits, Table, table};

/// Rows of a CSV file that are summed at a time.
const BLOCK: usize = 200_000;

/// Columns of the frame that a file becomes before it is summed.
mod column {
    pub const WEIGHT: &str = "weight";
    pub const AGE: &str = "age";
    pub const COUNT: &str = "count";
    pub const SQUARES: &str = "squares";
    pub const UNWEIGHTED: &str = "unweighted";
    pub const FAULTY: &str = "faulty";
}

/// What a table can be broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Country,
    Region,
    Year,
    Citizenship,
    Birth,
    Sex,
    Age,
}

impl By {
    pub const ALL: [Self; 7] = [Self::Country, Self::Region, Self::Year, Self::Citizenship, Self::Birth, Self::Sex, Self::Age];

    pub fn id(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Region => "region",
            Self::Year => "year",
            Self::Citizenship => "citizenship",
            Self::Birth => "birth",
            Self::Sex => "sex",
            Self::Age => "age",
        }
    }
}

/// A question to a file of persons.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub by: Vec<By>,
    pub measures: Vec<Measure>,
    /// First and last age in years.
    pub ages: (u8, u8),
}

/// Why a file gives no table. No message holds a cell of the file.
#[derive(Debug, thiserror::Error)]
pub enum MicrodataError {
    #[error("{file}: {fault}\n  hint: is it a whole file of this kind, and not open elsewhere?")]
    Unreadable { file: String, fault: String },
    #[error("{file}: no column `{column}`, which the layout takes for {role}\n  hint: {hint}")]
    NoColumn { file: String, column: String, role: &'static str, hint: String },
    #[error(
        "{file}, line {line}, column `{column}`: expected {expected}\n  hint: the cell is not repeated here, because rows are of persons"
    )]
    Cell { file: String, line: u64, column: String, expected: &'static str },
    #[error(
        "{file}: {rows} rows with a weight in `{column}` that is negative, not finite or too large to be summed\n  hint: a weight says how many persons a row stands for"
    )]
    Weights { file: String, column: String, rows: u64 },
    #[error("{file}: no rows of persons aged {from} to {to}\n  hint: check the layout, and --ages")]
    Nobody { file: String, from: u8, to: u8 },
    #[error("the layout does not say {what}, which {needs} needs\n  hint: {hint}")]
    Layout { what: &'static str, needs: String, hint: String },
}

/// Of whom a sum is. `None`: not stated. Order is the order of print.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// In the order of [`Query::by`].
    pub by: Vec<String>,
    pub status: Option<Status>,
    pub level: Option<Broad>,
    /// ISCO-08 major group; only of the employed.
    pub major: Option<String>,
    pub learning: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Employed,
    Unemployed,
    Inactive,
}

/// A file summed up.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    pub cells: BTreeMap<Key, Mass>,
    pub counts: Counts,
}

/// Rows, for the remarks beside a table: all are counts of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Of the ages asked for, or of no stated age.
    pub rows: u64,
    /// Without a weight; they are in no sum.
    pub unweighted: u64,
    /// Without an age.
    pub ageless: u64,
    /// With a code that the layout does not know, by what it is a code of.
    pub unknown: [u64; 5],
}

/// What [`Counts::unknown`] counts.
pub const UNKNOWN: [&str; 5] = ["status", "education", "origin", "occupation", "sex"];

/// Sums up a Parquet file.
///
/// # Errors
/// See [`MicrodataError`].
pub fn parquet(path: &Path, layout: &Layout, query: &Query) -> Result<Sums, MicrodataError> {
    let file = path.display().to_string();
    // A damaged file can make polars' reader panic in one of its threads; the words of that panic are of no use to anybody.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let sums = panic::catch_unwind(panic::AssertUnwindSafe(|| scanned(path, &file, layout, query)));
    panic::set_hook(hook);
    let damaged = || Err(MicrodataError::Unreadable { file: file.clone(), fault: "cannot be read as Parquet".into() });
    finished(sums.unwrap_or_else(|_| damaged())?, &file, layout, query)
}

fn scanned(path: &Path, file: &str, layout: &Layout, query: &Query) -> Result<Sums, MicrodataError> {
    let unreadable = |error: &PolarsError| unreadable(file, error);
    let place = PlRefPath::try_from_path(path).map_err(|error| unreadable(&error))?;
    let arguments = ScanArgsParquet { low_memory: true, cache: false, ..ScanArgsParquet::default() };
    let mut scan = LazyFrame::scan_parquet(place, arguments).map_err(|error| unreadable(&error))?;
    let schema = scan.collect_schema().map_err(|error| unreadable(&error))?;
    let codes = Codes::new(file, layout, query, &schema)?;
    let frame = codes.sums(scan).collect_with_engine(Engine::Streaming).map_err(|error| unreadable(&error))?;
    let mut sums = Sums::default();
    // One plan has one result.
    codes.add(&frame.unwrap_single(), &mut sums).map_err(|error| unreadable(&error))?;
    Ok(sums)
}

/// Sums up a CSV file, unpacked: comma, semicolon or tab, with a header line.
///
/// # Errors
/// See [`MicrodataError`].
pub fn delimited(mut source: impl Read, name: &str, layout: &Layout, query: &Query) -> Result<Sums, MicrodataError> {
    let failed = |fault: String| MicrodataError::Unreadable { file: name.to_owned(), fault };
    // The header decides about the separator; it is read once and put back in front.
    let mut head = vec![0; 64 * 1024];
    let mut length = 0;
    while length < head.len() {
        match source.read(&mut head[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) => return Err(failed(error.to_string())),
        }
    }
    head.truncate(length);
    let start = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let header = head[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: u8| header.split(|byte| *byte == sign).count();
    let delimiter = [b'\t', b';', b','].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(head[start..].chain(source));
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(|name| name.trim().to_owned()).collect(),
        Err(error) => return Err(failed(csv_fault(&error))),
    };
    let (weight, age) = (layout.columns.weight.as_str(), layout.columns.age.as_str());
    let kind = |name: &str| if name == weight || name == age { DataType::Float64 } else { DataType::String };
    let schema: Schema = columns.iter().map(|name| Field::new(name.as_str().into(), kind(name))).collect();
    let codes = Codes::new(name, layout, query, &schema)?;
    let needed: Vec<(usize, &str)> =
        codes.needed().into_iter().filter_map(|column| Some((columns.iter().position(|name| name == column)?, column))).collect();
    let mut block: Vec<Filled> = needed.iter().map(|(_, column)| Filled::new(&kind(column))).collect();
    let mut sums = Sums::default();
    let mut record = csv::ByteRecord::new();
    let mut rows = 0;
    loop {
        let more = reader.read_byte_record(&mut record).map_err(|error| failed(csv_fault(&error)))?;
        if more {
            let line = record.position().map_or(0, csv::Position::line);
            for ((index, column), filled) in needed.iter().zip(&mut block) {
                let cell = record.get(*index).unwrap_or_default();
                filled.push(cell).map_err(|expected| MicrodataError::Cell {
                    file: name.to_owned(),
                    line,
                    column: (*column).to_owned(),
                    expected,
                })?;
            }
            rows += 1;
        }
        if rows == BLOCK || (!more && rows > 0) {
            let frame = needed.iter().zip(&mut block).map(|((_, column), filled)| filled.take(column)).collect();
            let sum = DataFrame::new(rows, frame).and_then(|frame| {
                let sum = codes.sums(frame.lazy()).collect()?;
                codes.add(&sum, &mut sums)
            });
            sum.map_err(|error| unreadable(name, &error))?;
            rows = 0;
        }
        if !more {
            return finished(sums, name, layout, query);
        }
    }
}

fn finished(sums: Sums, file: &str, layout: &Layout, query: &Query) -> Result<Sums, MicrodataError> {
    // The squares of a negative weight would be lost in a sum.
    if let Some(rows) = sums.cells.get(&faulty()).and_then(|mass| mass.count) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of rows")]
        let rows = rows as u64;
        return Err(MicrodataError::Weights { file: file.to_owned(), column: layout.columns.weight.clone(), rows });
    }
    if sums.cells.is_empty() {
        return Err(MicrodataError::Nobody { file: file.to_owned(), from: query.ages.0, to: query.ages.1 });
    }
    Ok(sums)
}

/// The key under which rows with an impossible weight are counted; no group has a name that begins like it.
fn faulty() -> Key {
    Key { by: vec!["\0".into()], status: None, level: None, major: None, learning: None }
}

/// The kind of the fault and its place: polars' own words may hold cells.
fn unreadable(file: &str, error: &PolarsError) -> MicrodataError {
    use PolarsError::{ColumnNotFound, ComputeError, IO, InvalidOperation, SchemaFieldNotFound, SchemaMismatch};
    let fault = if let IO { error, .. } = error {
        error.to_string()
    } else if matches!(error, ComputeError(_) | InvalidOperation(_)) {
        "cannot be computed with: a column is of an unexpected kind, or the file is damaged".into()
    } else if matches!(error, SchemaMismatch(_) | SchemaFieldNotFound(_) | ColumnNotFound(_)) {
        "its columns are not as its head says".into()
    } else {
        "cannot be read as Parquet".into()
    };
    MicrodataError::Unreadable { file: file.to_owned(), fault }
}

fn csv_fault(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    if let csv::ErrorKind::Io(error) = error.kind() {
        error.to_string()
    } else if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        format!("line {line} has {len} cells, the header {expected_len}")
    } else {
        format!("line {line} is no CSV in UTF-8")
    }
}

/// A column of a block while it is filled.
enum Filled {
    Numbers(Vec<Option<f64>>),
    Texts(StringChunkedBuilder),
}

impl Filled {
    fn new(kind: &DataType) -> Self {
        if *kind == DataType::Float64 { Self::Numbers(Vec::with_capacity(BLOCK)) } else { Self::Texts(builder()) }
    }

    fn push(&mut self, cell: &[u8]) -> Result<(), &'static str> {
        let cell = std::str::from_utf8(cell).map_err(|_| "text in UTF-8")?.trim();
        match self {
            Self::Texts(texts) => texts.append_option((!cell.is_empty()).then_some(cell)),
            Self::Numbers(numbers) if cell.is_empty() => numbers.push(None),
            Self::Numbers(numbers) => match cell.parse::<f64>() {
                Ok(number) if number.is_finite() => numbers.push(Some(number)),
                Ok(_) | Err(_) => return Err("a finite number with a decimal point, or an empty cell"),
            },
        }
        Ok(())
    }

    /// The column, and an empty one in its place.
    fn take(&mut self, name: &str) -> Column {
        match self {
            Self::Numbers(numbers) => {
                let column: Float64Chunked = numbers.drain(..).collect();
                column.with_name(name.into()).into_series().into()
            }
            Self::Texts(texts) => std::mem::replace(texts, builder()).finish().with_name(name.into()).into_series().into(),
        }
    }
}

fn builder() -> StringChunkedBuilder {
    StringChunkedBuilder::new(PlSmallStr::EMPTY, BLOCK)
}

#[cfg(test)]
mod tests;
