//! Comma-separated files: header, records of the header's width, and a finding for every other one.
//!
//! Reads cells as texts only. What a column means is for the format's own reader.

use baseline_model::Finding;
use baseline_model::definitions::Numbers;
use csv::{ReaderBuilder, StringRecord};

use crate::findings::{Context, quote};
use crate::number::{self, Figure};

/// An open file behind its header.
pub(crate) struct CsvFile<'t> {
    /// Trimmed, in the file's order and letters.
    pub header: Vec<String>,
    reader: csv::Reader<&'t [u8]>,
    record: StringRecord,
    lines: Lines<'t>,
    rows: usize,
}

/// Tells on which line a record begins: the reader of records counts the end of a line that is marked by two bytes to the
/// next record, and would name the line before.
pub(crate) struct Lines<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u32,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: 0, line: 1 }
    }

    /// Line (from 1) of a record that was just read; records come in the file's order.
    pub fn of(&mut self, record: &StringRecord) -> u32 {
        let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let rest = self.bytes.get(start..).unwrap_or_default();
        let start = start + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.bytes.get(self.at..start).unwrap_or_default();
        self.line = self.line.saturating_add(u32::try_from(memchr::memchr_iter(b'\n', passed).count()).unwrap_or(u32::MAX));
        self.at = start.max(self.at);
        self.line
    }
}

/// A header's cells, without opening the file; for recognising formats.
pub(crate) fn header_cells(line: &str) -> Vec<String> {
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let first = reader.records().next();
    first.and_then(Result::ok).map(|record| record.iter().map(|cell| cell.trim().to_owned()).collect()).unwrap_or_default()
}

/// `skip` records stand before the header. `None` with a finding when there is no usable header or the quotes do not pair.
pub(crate) fn open<'t>(text: &'t str, delimiter: u8, skip: u32, context: &mut Context<'_>) -> Option<CsvFile<'t>> {
    if !quotes_pair(text, context) {
        return None;
    }
    let reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut file = CsvFile { header: Vec::new(), reader, record: StringRecord::new(), lines: Lines::new(text), rows: 0 };
    for _ in 0..=skip {
        if !file.reader.read_record(&mut file.record).unwrap_or(false) {
            context.add(
                Finding::error(
                    "header-not-understood",
                    context.name,
                    format!("expected a header in line {}, found the end", skip + 1),
                )
                .hint("the file is cut, or its shape is declared wrongly"),
            );
            return None;
        }
    }
    file.header = file.record.iter().map(|cell| cell.trim().to_owned()).collect();
    for (place, cell) in file.header.iter().enumerate() {
        if !cell.is_empty() && file.header[..place].contains(cell) {
            context.add(
                Finding::error(
                    "header-not-understood",
                    context.at("line 1"),
                    format!("the column {} stands twice; the file is refused", quote(cell)),
                )
                .hint("rename or remove one of the two"),
            );
            return None;
        }
    }
    Some(file)
}

impl CsvFile<'_> {
    pub fn position(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|cell| cell == column)
    }

    /// Line (from 1) and cells of the next record that has the header's width.
    pub fn next(&mut self, context: &mut Context<'_>) -> Option<(u32, &StringRecord)> {
        loop {
            match self.reader.read_record(&mut self.record) {
                Ok(false) => return None,
                Err(error) => {
                    context.group("line-not-read", "", |context| {
                        Finding::error("line-not-read", context.name, format!("{error}; the line is not used"))
                            .hint("the file is damaged: download it again")
                    });
                    // Text was checked before, so this cannot repeat for ever on the same line.
                    if self.reader.is_done() {
                        return None;
                    }
                    continue;
                }
                Ok(true) => {}
            }
            let line = self.lines.of(&self.record);
            let (expected, found) = (self.header.len(), self.record.len());
            if found != expected {
                wrong_width(line, expected, found, context);
                continue;
            }
            self.rows += 1;
            if self.rows > context.options.limits.cells {
                too_many_lines(line, context);
                return None;
            }
            return Some((line, &self.record));
        }
    }
}

/// A figure's text: empty and `:` are stated as missing, anything that is no number is a finding. A mark is missing too;
/// where the status has a place, use [`stated`].
pub(crate) fn figure(text: &str, place: &str, context: &mut Context<'_>) -> Option<f64> {
    stated(text, context.options.numbers, &|| place.to_owned(), context).0
}

/// A figure's text by a rule: the number, or the mark that stands there instead of it.
pub(crate) fn stated<'t>(
    text: &'t str,
    rule: Option<&'t Numbers>,
    place: &dyn Fn() -> String,
    context: &mut Context<'_>,
) -> (Option<f64>, &'t str) {
    let text = text.trim();
    if text.is_empty() || text == ":" {
        return (None, "");
    }
    let number = match rule.map(|rule| number::figure(text, rule)) {
        Some(Figure::Number(number)) => Some(number),
        Some(Figure::Mark(mark)) => return (None, mark),
        Some(Figure::Blank) => return (None, ""),
        Some(Figure::Unclear) => None,
        None => number::parse(text.as_bytes()),
    };
    if number.is_none() {
        context.group("not-a-number", text, |context| {
            Finding::error(
                "not-a-number",
                context.at(place()),
                format!("expected a number with a decimal {}, found {}; the cell is kept without a value", sign(rule), quote(text)),
            )
            .hint("decimal commas, thousands separators and flags beside the number are not guessed: correct the file at its source")
        });
    }
    (number, "")
}

/// The decimal sign in words.
fn sign(rule: Option<&Numbers>) -> &'static str {
    match rule.and_then(|rule| rule.decimal) {
        Some(',') => "comma",
        Some(_) | None => "point",
    }
}

/// A line that does not have the header's width, which is not used.
pub(crate) fn wrong_width(line: u32, expected: usize, found: usize, context: &mut Context<'_>) {
    context.group("wrong-number-of-cells", &line.to_string(), |context| {
        Finding::error(
            "wrong-number-of-cells",
            context.at(format_args!("line {line}")),
            format!("expected {expected} cells as in the header, found {found}; the line is not used"),
        )
        .hint("the line is cut or edited: download the file again")
    });
}

/// The line from which on nothing is read any more.
pub(crate) fn too_many_lines(line: u32, context: &mut Context<'_>) {
    let limit = context.options.limits.cells;
    context.add(
        Finding::error(
            "too-many-cells",
            context.at(format_args!("line {line}")),
            format!("the file has more than the allowed {limit} lines; the rest is not read"),
        )
        .hint("filter the request, or raise the limit if the file is trusted"),
    );
}

/// Whether the quotes pair; a finding when they do not. An unpaired quote makes one cell of the rest of the file: all that
/// follows would be lost in silence.
pub(crate) fn quotes_pair(text: &str, context: &mut Context<'_>) -> bool {
    let pair = memchr::memchr_iter(b'"', text.as_bytes()).count().is_multiple_of(2);
    if !pair {
        context.add(
            Finding::error(
                "unpaired-quote",
                context.name,
                "expected quotation marks in pairs, found an odd number; the file is refused",
            )
            .hint("the file is cut or edited: download it again"),
        );
    }
    pair
}
