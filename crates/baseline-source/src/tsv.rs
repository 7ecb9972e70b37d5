//! Eurostat's TSV, current and legacy: one line a series, one cell a period.
//!
//! The layout is read from the header, never assumed: dimensions differ by table, periods ascend in
//! the current files and descend in the legacy ones, lines end with CRLF or LF, and nearly every cell
//! has a trailing blank. A flag stands after one blank; a re-export that stripped the blank (`9.2b`)
//! or the tabs is named and not repaired.
//!
//! ```text
//! freq,unit,sex,age,citizen,geo\TIME_PERIOD<TAB>2023 <TAB>2024
//! A,PC,F,Y20-64,EU27_2020_FOR,AT<TAB>70.4 b<TAB>75.6
//! A,PC,F,Y20-64,EU27_2020_FOR,BA<TAB>: bu<TAB>: u
//! ```

use std::collections::HashMap;

use baseline_model::{Column, Finding, Positions, RawTable};

use crate::findings::{Context, quote};
use crate::number;
use crate::table::{Interner, constant};

pub(crate) const FORMAT: &str = "Eurostat TSV";

/// Whether a first line is the header of such a file, intact or not.
pub(crate) fn is_one(header: &str) -> bool {
    let lower = header.to_ascii_lowercase();
    lower.contains("\\time_period")
        || lower.contains("\\time\t")
        || lower.contains("\\time,")
        || lower.trim_end().ends_with("\\time")
}

/// `None`, with a finding, when the header cannot be trusted.
pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> Option<RawTable> {
    let mut lines = Lines { rest: bytes, number: 0 };
    let (_, header) = lines.next()?;
    let (dimensions, periods) = header_of(header, context)?;
    let width = periods.len();

    // Reserved in one go: doubling would need twice the memory at the peak. A cell takes two bytes at least.
    let lines_at_most = memchr::memchr_iter(b'\n', bytes).count() + 1;
    let reserve = (lines_at_most * width).min(bytes.len() / 2 + 1).min(context.options.limits.cells);
    let mut table = Cells {
        value: Vec::with_capacity(reserve),
        obs_status: Vec::with_capacity(reserve),
        places: Vec::with_capacity(reserve),
        period: Vec::with_capacity(reserve),
        flags: Interner::new("obs_status"),
    };
    table.flags.code("");
    // Dimensions are the same along a line: kept once a line, spread over the cells at the end.
    let mut keys: Vec<Interner> = dimensions.iter().map(Interner::new).collect();
    let mut series: HashMap<&[u8], u32> = HashMap::with_capacity(lines_at_most);

    for (number, line) in lines {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (key, cells) = memchr::memchr(b'\t', line).map_or((line, None), |tab| (&line[..tab], Some(&line[tab + 1..])));
        let parts = memchr::memchr_iter(b',', key).count() + 1;
        if parts != dimensions.len() {
            context.group("wrong-key", &number.to_string(), |context| {
                let found = String::from_utf8_lossy(key);
                Finding::error(
                    "wrong-key",
                    context.at(format_args!("line {number}")),
                    format!(
                        "expected {} codes before the first tab, found {parts}: {}; the line is not used",
                        dimensions.len(),
                        quote(&found)
                    ),
                )
                .hint("the line is cut or edited: download the file again")
            });
            continue;
        }
        let start = table.value.len();
        let found = cells.map_or(0, |cells| memchr::memchr_iter(b'\t', cells).count() + 1);
        if found != width {
            context.group("wrong-number-of-cells", &number.to_string(), |context| {
                Finding::error(
                    "wrong-number-of-cells",
                    context.at(format_args!("line {number}")),
                    format!("expected {width} cells, one a period of the header, found {found}; the line is not used"),
                )
                .hint("the line is cut or edited: download the file again")
            });
            continue;
        }
        if start + width > context.options.limits.cells {
            let limit = context.options.limits.cells;
            context.add(
                Finding::error(
                    "too-many-cells",
                    context.at(format_args!("line {number}")),
                    format!("the file has more than the allowed {limit} cells; nothing of it is used"),
                )
                .hint("filter the request, or raise the limit if the file is trusted"),
            );
            return None;
        }
        if let Some(first) = series.insert(key, number) {
            context.group("duplicate-key", &number.to_string(), |context| {
                let key = String::from_utf8_lossy(key);
                Finding::error(
                    "duplicate-key",
                    context.at(format_args!("line {number}")),
                    format!("the series {} stands already in line {first}; both are kept", quote(&key)),
                )
                .hint("take the file from the provider itself; a file joined from several downloads repeats series")
            });
        }
        for (column, part) in keys.iter_mut().zip(key.split(|byte| *byte == b',')) {
            column.push(text(part).trim());
        }
        table.line(number, cells.unwrap_or_default(), &periods, context);
    }

    let rows = table.value.len();
    let dimensions = keys.into_iter().map(|key| spread(key.column, width, rows)).collect();
    let Cells { value, obs_status, places, period, flags } = table;
    Some(RawTable {
        dataflow: None,
        title: None,
        updated: None,
        dimensions,
        period: Column { dictionary: periods, codes: period, ..Column::new("period") },
        value,
        obs_status: Column { codes: obs_status, ..flags.column },
        conf_status: constant("conf_status", "", rows),
        positions: Positions::Grid(places),
    })
}

struct Lines<'b> {
    rest: &'b [u8],
    number: u32,
}

impl<'b> Iterator for Lines<'b> {
    /// Number from 1, and the line without its end.
    type Item = (u32, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        self.number = self.number.saturating_add(1);
        Some((self.number, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

/// The columns that differ from cell to cell, under construction.
struct Cells {
    value: Vec<Option<f64>>,
    obs_status: Vec<u32>,
    places: Vec<(u32, u32)>,
    period: Vec<u32>,
    flags: Interner,
}

impl Cells {
    fn line(&mut self, number: u32, cells: &[u8], periods: &[String], context: &mut Context<'_>) {
        let mut rest = cells;
        for period in 0..u32::try_from(periods.len()).unwrap_or(u32::MAX) {
            let (value, status);
            if let Some((plain, length)) = plain(rest) {
                (value, status) = (plain, 0);
                rest = rest.get(length + 1..).unwrap_or_default();
            } else {
                let end = memchr::memchr(b'\t', rest).unwrap_or(rest.len());
                let bytes = &rest[..end];
                rest = rest.get(end + 1..).unwrap_or_default();
                let cell = cell(bytes);
                if let Some(fault) = cell.fault {
                    report(fault, bytes, &format!("line {number}, {}", periods[period as usize]), context);
                }
                value = cell.value;
                status = if cell.not_significant {
                    self.flags.code(&format!("n{}", text(cell.flags)))
                } else {
                    self.flags.code(text(cell.flags))
                };
            }
            self.value.push(value);
            self.obs_status.push(status);
            self.places.push((number, period + 2));
            self.period.push(period);
        }
    }
}

/// The common cells in one pass: `:` or an unflagged number of at most 15 digits, and at most one blank.
/// The value and the cell's length up to the next tab or the end; anything else is left to [`cell`].
fn plain(bytes: &[u8]) -> Option<(Option<f64>, usize)> {
    let end = |at: usize| match (bytes.get(at), bytes.get(at + 1)) {
        (None | Some(b'\t'), _) => Some(at),
        (Some(b' '), None | Some(b'\t')) => Some(at + 1),
        _ => None,
    };
    if bytes.first() == Some(&b':') {
        return Some((None, end(1)?));
    }
    let (mut integer, mut digits, mut point) = (0_u64, 0, None);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' if digits < 15 => {
                integer = integer * 10 + u64::from(byte - b'0');
                digits += 1;
            }
            b'.' if point.is_none() && digits > 0 => point = Some(digits),
            _ => break,
        }
        at += 1;
    }
    let decimals = point.map_or(0, |whole| digits - whole);
    if digits == 0 || (point.is_some() && decimals == 0) {
        return None;
    }
    Some((Some(number::scaled(integer, decimals)), end(at)?))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    NotANumber,
    GluedFlag,
}

#[derive(Debug, PartialEq)]
struct Cell<'b> {
    value: Option<f64>,
    flags: &'b [u8],
    /// `0n`: the value rounds to nothing; the letter stands at the number by the format's own rule.
    not_significant: bool,
    fault: Option<Fault>,
}

fn cell(bytes: &[u8]) -> Cell<'_> {
    let bytes = bytes.trim_ascii();
    let blank = memchr::memchr(b' ', bytes).unwrap_or(bytes.len());
    let (figure, flags) = (&bytes[..blank], bytes[blank..].trim_ascii_start());
    let mut cell = Cell { value: None, flags, not_significant: false, fault: None };
    if !flags.iter().all(u8::is_ascii_alphabetic) {
        return Cell { flags: &[], fault: Some(Fault::NotANumber), ..cell };
    }
    cell.value = number::parse(figure);
    if cell.value.is_some() || figure == b":" {
        return cell;
    }
    match figure {
        // `:c`, as the legacy files wrote a withheld cell.
        [b':', glued @ ..] if flags.is_empty() && glued.iter().all(u8::is_ascii_lowercase) => cell.flags = glued,
        [figure @ .., b'n'] if number::parse(figure).is_some() => {
            cell.value = number::parse(figure);
            cell.not_significant = true;
        }
        _ => {
            let digits = figure.len() - figure.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let glued = digits < figure.len() && number::parse(&figure[..digits]).is_some();
            cell.fault = Some(if glued { Fault::GluedFlag } else { Fault::NotANumber });
        }
    }
    cell
}

fn report(fault: Fault, bytes: &[u8], place: &str, context: &mut Context<'_>) {
    let found = text(bytes).trim();
    match fault {
        Fault::NotANumber => context.group("not-a-number", found, |context| {
            let found = if found.is_empty() { "an empty cell".to_owned() } else { quote(found) };
            Finding::error(
                "not-a-number",
                context.at(place),
                format!("expected a number with a decimal point, or `:`, found {found}; the cell is kept without a value"),
            )
            .hint("the file was edited or is not from Eurostat: take it from the provider itself")
        }),
        Fault::GluedFlag => context.group("glued-flag", "", |context| {
            Finding::error(
                "glued-flag",
                context.at(place),
                format!("expected a blank between value and flag, found {}; the cell is kept without a value", quote(found)),
            )
            .hint("a tool stripped the blanks of this file: download it again")
        }),
    }
}

/// Dimension ids in lower case and period texts.
fn header_of(header: &[u8], context: &mut Context<'_>) -> Option<(Vec<String>, Vec<String>)> {
    let header = text(header);
    let refuse = |context: &mut Context<'_>, message: String| {
        context.add(
            Finding::error("header-not-understood", context.at("line 1"), message)
                .hint("download the file again with format=TSV; do not open and save it in a spreadsheet"),
        );
    };
    let Some((key, periods)) = header.split_once('\t') else {
        refuse(context, format!("expected tabs between the periods, found none: {}; the file is refused", quote(header)));
        return None;
    };
    let Some((dimensions, time)) = key.split_once('\\') else {
        refuse(
            context,
            format!("expected `...,geo\\TIME_PERIOD` before the first tab, found {}; the file is refused", quote(key)),
        );
        return None;
    };
    if !matches!(time.trim().to_ascii_lowercase().as_str(), "time" | "time_period") {
        refuse(
            context,
            format!("expected periods in the columns, found the dimension {}; the file is refused", quote(time.trim())),
        );
        return None;
    }
    let dimensions: Vec<String> = dimensions.split(',').map(|id| id.trim().to_lowercase()).collect();
    let periods: Vec<String> = periods.split('\t').map(|period| period.trim().to_owned()).collect();
    for (what, texts) in [("dimension", &dimensions), ("period", &periods)] {
        for (place, one) in texts.iter().enumerate() {
            if one.is_empty() || texts[..place].contains(one) {
                let fault = if one.is_empty() { "is empty" } else { "stands twice" };
                refuse(context, format!("the {what} {} (number {}) {fault}; the file is refused", quote(one), place + 1));
                return None;
            }
        }
    }
    Some((dimensions, periods))
}

/// The reader has checked the whole file before: a part between ASCII bytes is valid as well.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// One code a line into one code a cell.
fn spread(column: Column, width: usize, rows: usize) -> Column {
    if column.dictionary.len() == 1 {
        return constant(&column.id, &column.dictionary[0], rows);
    }
    let mut codes = Vec::with_capacity(rows);
    for code in column.codes {
        codes.extend(std::iter::repeat_n(code, width));
    }
    Column { codes, ..column }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quick way must say what the thorough one says, or nothing.
    fn check(input: &str, value: Option<f64>, flags: &str, fault: Option<Fault>) {
        for rest in ["", "\t5"] {
            if let Some((quick, length)) = plain(format!("{input}{rest}").as_bytes()) {
                assert_eq!((quick, "", None, input.len()), (value, flags, fault, length), "{input:?}");
            }
        }
        let cell = cell(input.as_bytes());
        let found = format!("{}{}", if cell.not_significant { "n" } else { "" }, text(cell.flags));
        assert_eq!((cell.value, found.as_str(), cell.fault), (value, flags, fault), "{input:?}");
    }

    #[test]
    fn cells() {
        check("69.3 ", Some(69.3), "", None);
        check("70.4 b", Some(70.4), "b", None);
        check("12.3 bu ", Some(12.3), "bu", None);
        check(": ", None, "", None);
        check(":", None, "", None);
        check(": bu", None, "bu", None);
        check(":c", None, "c", None);
        check("0n", Some(0.0), "n", None);
        check("0n p", Some(0.0), "np", None);
        check("-1.5E-3 ", Some(-0.0015), "", None);
        check("5 q", Some(5.0), "q", None);
        check("123456789012345.6", Some(123_456_789_012_345.6), "", None);
        check("0.30000000000000004 ", Some(0.300_000_000_000_000_04), "", None);
    }

    #[test]
    fn faults() {
        check("9.2b", None, "", Some(Fault::GluedFlag));
        check("9.2bu ", None, "", Some(Fault::GluedFlag));
        check("1,5 b", None, "b", Some(Fault::NotANumber));
        for text in [
            "",
            " ",
            "x",
            "1.299,99",
            "1 299.99",
            "1\u{a0}299",
            "12%",
            "<5",
            "-",
            "..",
            "…",
            "*",
            "nan",
            "NaN",
            ": 1",
            "5.",
            ".5",
            "1.2.3",
        ] {
            check(text, None, "", Some(Fault::NotANumber));
        }
    }
}
