//! A look at a file before it is given a layout: sheets, used ranges, rows that may be the header, what the columns hold,
//! and cells that do not fit their column.
//!
//! Says what is there and proposes; reads no figure, and decides nothing.
//!
//! ```text
//! Employees by municipality, 2025        a title: one cell
//! Municipality;All;Foreign employees     a header: texts, and numbers below
//! Postojna;8.214;1.102
//! ```

use std::collections::{BTreeMap, BTreeSet};

use baseline_model::{Finding, column_letters};
use serde::Serialize;

use crate::findings::{Context, quote};
use crate::read::ReadOptions;
use crate::sheet::{Cell, Row, Sheet, Wanted, open, text};
use crate::{shape, unpack, workbook};

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Inspection {
    /// `workbook` or `text`; empty when it is neither.
    pub kind: &'static str,
    /// Of a text: its code page, when it can be told.
    pub encoding: String,
    /// Of a text: what stands between its cells.
    pub delimiter: Option<char>,
    pub sheets: Vec<InspectedSheet>,
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct InspectedSheet {
    /// Empty for a text.
    pub name: String,
    /// `B3:F120`; empty when the sheet is.
    pub range: String,
    pub cells: usize,
    /// The likeliest first, at most three.
    pub headers: Vec<HeaderRow>,
    /// Below the likeliest header.
    pub columns: Vec<InspectedColumn>,
    /// Things to look at, each with its place.
    pub odd: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct HeaderRow {
    /// From 1.
    pub row: u32,
    pub texts: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct InspectedColumn {
    /// `F`.
    pub letters: String,
    pub header: String,
    pub numbers: usize,
    pub texts: usize,
    /// Dates, truth values and errors.
    pub others: usize,
    pub blanks: usize,
    /// How numbers are written where they are texts, with how many cells: `1.234,5`, `1 234`, `..`.
    pub styles: BTreeMap<String, usize>,
    pub distinct: usize,
    /// The first different texts.
    pub samples: Vec<String>,
}

impl InspectedColumn {
    /// Mostly figures: numbers, texts that are written like numbers, and marks.
    pub fn is_figures(&self) -> bool {
        let styled: usize = self.styles.values().sum();
        let numeric = self.numbers + styled;
        numeric > 0 && numeric * 10 >= (self.numbers + self.texts) * 7
    }
}

/// Rows in which a header is looked for.
const HEAD: usize = 40;
/// Odd cells named of one column; the rest is counted.
const NAMED: usize = 5;
const SAMPLES: usize = 12;
const DELIMITERS: [char; 4] = [';', '\t', ',', '|'];

/// Looks at a workbook or a delimited text. Never fails: what stands in the way is a finding at error level.
///
/// `encoding` is the code page of a text that is not Unicode; `name` is used in messages only.
pub fn inspect(bytes: &[u8], name: &str, encoding: Option<&str>, options: &ReadOptions<'_>) -> Inspection {
    let mut context = Context::new(name, options);
    let mut inspection = look(bytes, encoding, &mut context);
    inspection.findings = context.findings;
    inspection
}

/// The cells of one sheet as texts: its header row (from 1), then every row below it with a cell, as wide as the header.
/// `inspection` says how the file is cut; `None` when it has no such sheet.
pub fn rows(
    bytes: &[u8],
    sheet: Option<&str>,
    header_row: u32,
    inspection: &Inspection,
    options: &ReadOptions<'_>,
) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let mut context = Context::new("sheet", options);
    let sheets = if inspection.kind == "workbook" {
        open(bytes, Wanted::All, &mut context)?
    } else {
        let text = unpack::decode_as(bytes, &inspection.encoding, &mut context)?;
        vec![shape::text_sheet(&text, inspection.delimiter, &mut context)?]
    };
    let found = match sheet {
        Some(name) => sheets.iter().find(|sheet| sheet.name == name)?,
        None => sheets.first()?,
    };
    let header = found.row(header_row.checked_sub(1)?)?;
    let width = header.cells(0).last()?.0 + 1;
    let texts = |row: Row<'_>| (0..width).map(|column| row.text(column)).collect::<Vec<_>>();
    Some((texts(header), found.rows(header_row).map(texts).collect()))
}

fn look(bytes: &[u8], encoding: Option<&str>, context: &mut Context<'_>) -> Inspection {
    if workbook::is_one(bytes) {
        let sheets = open(bytes, Wanted::All, context).unwrap_or_default();
        return Inspection { kind: "workbook", sheets: sheets.iter().map(inspect_sheet).collect(), ..Inspection::default() };
    }
    let unpacked;
    let bytes = if unpack::is_gzip(bytes) {
        let Some(inside) = unpack::gunzip(bytes, context) else { return Inspection::default() };
        unpacked = inside;
        unpacked.as_slice()
    } else {
        bytes
    };
    let unicode = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).is_ok();
    let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let text = match encoding {
        Some(label) => unpack::decode_as(bytes, label, context),
        None if unicode || marked => unpack::decode(bytes, context),
        None => {
            context.add(
                Finding::error(
                    "not-unicode",
                    context.name,
                    "the text is in no Unicode code page, and which it is cannot be told",
                )
                .hint(
                    "try --encoding windows-1252 (western), windows-1250 (Slovene, Polish), windows-1253 or iso-8859-7 (Greek)",
                ),
            );
            None
        }
    };
    let Some(text) = text else { return Inspection::default() };
    if text.trim_start().starts_with(['{', '[', '<']) {
        let message = "the file is JSON or markup, no table of cells";
        context.add(Finding::error("no-table", context.name, message).hint("baseline read FILE"));
        return Inspection::default();
    }
    let delimiter = delimiter(&text);
    let Some(sheet) = shape::text_sheet(&text, Some(delimiter), context) else { return Inspection::default() };
    Inspection {
        kind: "text",
        encoding: encoding.filter(|_| !unicode).map_or_else(|| if marked { "utf-16" } else { "utf-8" }.to_owned(), str::to_owned),
        delimiter: Some(delimiter),
        sheets: vec![inspect_sheet(&sheet)],
        findings: Vec::new(),
    }
}

/// The sign that cuts the most of the first lines into the same number of cells, at least two.
fn delimiter(text: &str) -> char {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(HEAD).collect();
    let fit = |sign: char| {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for line in &lines {
            *counts.entry(line.matches(sign).count()).or_default() += 1;
        }
        counts.into_iter().filter(|(signs, _)| *signs > 0).map(|(signs, lines)| (lines, signs)).max().unwrap_or_default()
    };
    // The first of equals: a comma is also a decimal sign.
    DELIMITERS.into_iter().rev().max_by_key(|sign| fit(*sign)).unwrap_or(',')
}

fn inspect_sheet(sheet: &Sheet) -> InspectedSheet {
    let mut inspected = InspectedSheet { name: sheet.name.clone(), ..InspectedSheet::default() };
    let (mut top, mut left, mut bottom, mut right) = (u32::MAX, u32::MAX, 0, 0);
    for row in sheet.rows(0) {
        for (column, _) in row.cells(0) {
            (top, bottom) = (top.min(row.number), bottom.max(row.number));
            (left, right) = (left.min(column), right.max(column));
            inspected.cells += 1;
        }
    }
    if inspected.cells == 0 {
        return inspected;
    }
    inspected.range = format!("{}{}:{}{}", column_letters(left), top + 1, column_letters(right), bottom + 1);
    inspected.headers = headers(sheet);
    let Some(header) = inspected.headers.first().map(|header| header.row - 1) else {
        inspected.odd.push("no row looks like a header: texts with numbers below".to_owned());
        return inspected;
    };
    let mut names = BTreeSet::new();
    let columns: BTreeSet<u32> = sheet.rows(header).flat_map(|row| row.cells(0).map(|(column, _)| column)).collect();
    for column in columns {
        let name = sheet.text(header, column);
        if name.is_empty() {
            inspected.odd.push(format!("column {} has cells and no header", column_letters(column)));
        } else if !names.insert(name.clone()) {
            inspected.odd.push(format!("the header {} stands twice ({})", quote(&name), sheet.address(header, column)));
        }
        inspected.columns.push(inspect_column(sheet, header, column, &mut inspected.odd));
    }
    duplicate_rows(sheet, header, &inspected.columns.clone(), &mut inspected.odd);
    inspected
}

/// Rows of texts (or years) above a row with numbers, the one with the most texts first.
fn headers(sheet: &Sheet) -> Vec<HeaderRow> {
    let rows: Vec<Row<'_>> = sheet.rows(0).take(HEAD + 4).collect();
    let heading = |cell: Cell<'_>| match cell {
        Cell::Text(text) => style(text).is_none(),
        Cell::Number(number) => number.fract() == 0.0 && (1900.0..2100.0).contains(&number),
        Cell::Other(_) => false,
    };
    let figures = |row: &Row<'_>| row.cells(0).filter(|(_, cell)| is_figure(*cell)).count();
    let mut found: Vec<(usize, u32, HeaderRow)> = Vec::new();
    for (place, row) in rows.iter().enumerate().take(HEAD) {
        let cells: Vec<Cell<'_>> = row.cells(0).map(|(_, cell)| cell).collect();
        let texts = cells.iter().filter(|cell| matches!(cell, Cell::Text(_)) && heading(**cell)).count();
        let below = rows[place + 1..].iter().take(3).any(|row| figures(row) > 0);
        if cells.len() >= 2 && texts >= 1 && below && cells.iter().all(|cell| heading(*cell)) {
            found.push((
                cells.len(),
                row.number,
                HeaderRow { row: row.number + 1, texts: cells.into_iter().map(text).collect() },
            ));
        }
    }
    // The lowest of equals: what stands above it is a title or a level above.
    found.sort_by_key(|(cells, row, _)| std::cmp::Reverse((*cells, *row)));
    found.into_iter().take(3).map(|(_, _, header)| header).collect()
}

fn is_figure(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Number(_) => true,
        Cell::Text(text) => style(text).is_some_and(|style| style.contains('1')),
        Cell::Other(_) => false,
    }
}

fn inspect_column(sheet: &Sheet, header: u32, column: u32, odd: &mut Vec<String>) -> InspectedColumn {
    let mut inspected =
        InspectedColumn { letters: column_letters(column), header: sheet.text(header, column), ..InspectedColumn::default() };
    let mut distinct = BTreeSet::new();
    let mut texts = Vec::new();
    for row in sheet.rows(header + 1) {
        match row.get(column) {
            None => inspected.blanks += 1,
            Some(Cell::Number(_)) => inspected.numbers += 1,
            Some(Cell::Text(cell)) => {
                inspected.texts += 1;
                match style(cell) {
                    Some(style) => *inspected.styles.entry(style).or_default() += 1,
                    None => texts.push((row.number, cell)),
                }
            }
            Some(Cell::Other(cell)) => {
                inspected.others += 1;
                if inspected.others <= NAMED {
                    odd.push(format!(
                        "{}: {} is a date, a truth value or an error",
                        sheet.address(row.number, column),
                        quote(cell)
                    ));
                }
            }
        }
        let shown = row.text(column);
        if !shown.is_empty() && distinct.insert(shown.clone()) && inspected.samples.len() < SAMPLES {
            inspected.samples.push(shown);
        }
    }
    inspected.distinct = distinct.len();
    if inspected.is_figures() {
        for (row, cell) in texts.iter().take(NAMED) {
            odd.push(format!("{}: the text {} among numbers", sheet.address(*row, column), quote(cell)));
        }
        if texts.len() > NAMED {
            odd.push(format!("column {}: {} more texts among numbers", inspected.letters, texts.len() - NAMED));
        }
        if inspected.blanks > 0 {
            odd.push(format!("column {}: {} empty cells among numbers", inspected.letters, inspected.blanks));
        }
        let mut styles: Vec<String> = inspected
            .styles
            .iter()
            .filter(|(style, _)| style.contains('1'))
            .map(|(style, count)| format!("{style} ({count})"))
            .collect();
        if inspected.numbers > 0 {
            styles.push(format!("numbers ({})", inspected.numbers));
        }
        let ambiguous = inspected.styles.keys().any(|style| matches!(style.as_str(), "1.234" | "1,234"));
        if styles.len() > 1 {
            odd.push(format!("column {}: numbers are written in several ways: {}", inspected.letters, styles.join(", ")));
        } else if ambiguous {
            odd.push(format!(
                "column {}: {} can be thousands or decimals: say it with --decimal",
                inspected.letters,
                styles.join("")
            ));
        }
    }
    inspected
}

/// How a text is written that stands for a number: its pattern with 1, 2, 3 for its digits, or the mark itself; none for
/// any other text.
fn style(text: &str) -> Option<String> {
    let text = text.trim();
    let mark = ["..", "...", "…", "-", "–", "—", ".", ":", "x", "X", "/", "*", "n.a.", "n/a", "N/A", "k.A."];
    if mark.contains(&text) {
        return Some(text.to_owned());
    }
    if let Some(rest) = text.strip_prefix(['<', '≤'])
        && !rest.trim().is_empty()
        && rest.trim().bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some("<#".to_owned());
    }
    let digits = text.strip_prefix(['-', '\u{2212}', '+']).unwrap_or(text);
    let digits = digits.strip_suffix('%').map_or(digits, str::trim_end);
    if !digits.starts_with(|sign: char| sign.is_ascii_digit()) || !digits.ends_with(|sign: char| sign.is_ascii_digit()) {
        return None;
    }
    let separators = [',', '.', ' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];
    if !digits.chars().all(|sign| sign.is_ascii_digit() || separators.contains(&sign)) {
        return None;
    }
    let signs: Vec<char> = digits.chars().filter(|sign| !sign.is_ascii_digit()).collect();
    let groups: Vec<&str> = digits.split(|sign: char| !sign.is_ascii_digit()).collect();
    let threes = groups[1..].iter().all(|group| group.len() == 3) && (1..=3).contains(&groups[0].len());
    let pattern = match signs.as_slice() {
        [] => "1234".to_owned(),
        [sign] if threes => format!("1{sign}234"),
        [sign] => format!("1{sign}5"),
        [first, rest @ ..] if threes && rest.iter().all(|sign| sign == first) => format!("1{first}234{first}567"),
        [first, .., last] if first != last => format!("1{first}234{last}5"),
        _ => return None,
    };
    let percent = if text.ends_with('%') { " %" } else { "" };
    Some(format!("{pattern}{percent}"))
}

/// Rows whose texts, in the columns that are no figures, are those of an earlier row.
fn duplicate_rows(sheet: &Sheet, header: u32, columns: &[InspectedColumn], odd: &mut Vec<String>) {
    let places: Vec<u32> = sheet
        .row(header)
        .into_iter()
        .flat_map(|row| row.cells(0).map(|(column, _)| column))
        .filter(|place| columns.iter().any(|column| column.letters == column_letters(*place) && !column.is_figures()))
        .collect();
    if places.is_empty() {
        return;
    }
    let mut seen: BTreeMap<Vec<String>, u32> = BTreeMap::new();
    let mut repeated = 0;
    for row in sheet.rows(header + 1) {
        let key: Vec<String> = places.iter().map(|column| row.text(*column)).collect();
        if key.iter().all(String::is_empty) {
            continue;
        }
        if let Some(first) = seen.get(&key) {
            repeated += 1;
            if repeated <= NAMED {
                odd.push(format!("rows {} and {} have the same texts: {}", first + 1, row.number + 1, quote(&key.join(" / "))));
            }
        } else {
            seen.insert(key, row.number);
        }
    }
    if repeated > NAMED {
        odd.push(format!("{} more rows have the texts of an earlier one", repeated - NAMED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Inspection {
        inspect(bytes, "specimen", None, &ReadOptions::default())
    }

    #[test]
    fn styles() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(style(text).as_deref(), expected, "{text}");
        check("12", Some("1234"));
        check("1.234", Some("1.234"));
        check("12,5", Some("1,5"));
        check("1.299,99", Some("1.234,5"));
        check("1\u{a0}234\u{a0}567", Some("1\u{a0}234\u{a0}567"));
        check("12,5 %", Some("1,5 %"));
        check("<5", Some("<#"));
        check("..", Some(".."));
        check("\u{2212}3", Some("1234"));
        check("Postojna", None);
        check("2 rooms", None);
        check("1,2,3", None);
        check("", None);
    }

    #[test]
    fn a_text_with_a_title_and_odd_cells() {
        let file = "Employees by municipality, 2025\n\nMunicipality;All;Foreign\nPostojna;8.214;1.102\nPivka;2.301;<5\nCerknica;11.000;..\nPostojna;12,5;about 30\n";
        let inspection = text(file.as_bytes());
        assert_eq!((inspection.kind, inspection.delimiter, inspection.encoding.as_str()), ("text", Some(';'), "utf-8"));
        let sheet = &inspection.sheets[0];
        assert_eq!(sheet.headers[0].texts, ["Municipality", "All", "Foreign"]);
        let kinds: Vec<(&str, bool)> = sheet.columns.iter().map(|column| (column.header.as_str(), column.is_figures())).collect();
        assert_eq!(kinds, [("Municipality", false), ("All", true), ("Foreign", true)]);
        let odd = sheet.odd.join("\n");
        for expected in [
            "numbers are written in several ways: 1,5 (1), 1.234 (3)",
            "have the same texts: `Postojna`",
            "the text `about 30` among numbers",
        ] {
            assert!(odd.contains(expected), "no {expected} in {odd}");
        }
    }

    #[test]
    fn what_cannot_be_looked_at() {
        for (bytes, code) in
            [(&b"Ort;Zahl\nK\xf6ln;3\n"[..], "not-unicode"), (b"{\"a\":1}", "no-table"), (b"PK\x03\x04", "workbook-damaged")]
        {
            let inspection = text(bytes);
            assert_eq!(inspection.findings.first().map(|finding| finding.code), Some(code));
        }
        let named = inspect(b"Ort;Zahl\nK\xf6ln;3\n", "x", Some("windows-1252"), &ReadOptions::default());
        assert_eq!(named.sheets[0].columns[0].samples, ["Köln"]);
        assert!(text(b"").sheets.iter().all(|sheet| sheet.cells == 0));
    }

    /// Whatever is given, a look ends.
    #[test]
    fn cut_and_garbled_files_end() {
        let file = "a;b\n1;2\n\"x\";3,4\n".as_bytes();
        for end in 0..file.len() {
            text(&file[..end]);
            let mut garbled = file.to_vec();
            garbled[end] = b'"';
            text(&garbled);
        }
    }
}
