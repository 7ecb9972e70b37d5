//! Records of a large comma-separated text, cut without copying: a cell is a slice of the text.
//!
//! Beside `csv_file` because that makes a record of every line, checks it again for UTF-8 and wants column names to
//! differ; files of a hundred megabytes with labels beside their codes need neither. Same rules: quotes only around
//! whole cells, doubled inside, and an odd number of them refuses the file.

use baseline_model::Finding;

use crate::csv_file::{quotes_pair, too_many_lines, wrong_width};
use crate::findings::{Context, quote};

pub(crate) struct Records<'t> {
    text: &'t str,
    delimiter: u8,
    at: usize,
    /// Of the next record, from 1.
    line: u32,
    /// Cells as ranges of the text, or of `unquoted` when the record has quotes.
    cells: Vec<(usize, usize)>,
    quoted: bool,
    unquoted: String,
    /// Trimmed, in the file's order and letters.
    pub header: Vec<String>,
    rows: usize,
}

/// One record: as many cells as the header.
pub(crate) struct Record<'r> {
    /// On which it begins, from 1.
    pub line: u32,
    text: &'r str,
    cells: &'r [(usize, usize)],
}

impl<'r> Record<'r> {
    /// The cell without blanks around it.
    pub fn get(&self, column: usize) -> &'r str {
        let (start, end) = self.cells[column];
        let cell = &self.text[start..end];
        let plain = |byte: u8| byte.is_ascii_graphic();
        match cell.as_bytes() {
            [] => cell,
            [first, .., last] if plain(*first) && plain(*last) => cell,
            _ => cell.trim(),
        }
    }
}

/// `None` with a finding when the quotes do not pair or there is no header.
pub(crate) fn open<'t>(text: &'t str, delimiter: u8, context: &mut Context<'_>) -> Option<Records<'t>> {
    if !quotes_pair(text, context) {
        return None;
    }
    let mut records = Records {
        text,
        delimiter,
        at: 0,
        line: 1,
        cells: Vec::new(),
        quoted: false,
        unquoted: String::new(),
        header: Vec::new(),
        rows: 0,
    };
    if records.cut().is_none() {
        context.add(
            Finding::error("header-not-understood", context.name, "expected a header in line 1, found the end")
                .hint("the file is cut: download it again"),
        );
        return None;
    }
    let header = Record { line: 1, text: records.source(), cells: &records.cells };
    records.header = (0..records.cells.len()).map(|column| header.get(column).to_owned()).collect();
    Some(records)
}

impl Records<'_> {
    fn source(&self) -> &str {
        if self.quoted { &self.unquoted } else { self.text }
    }

    /// How many records the rest of the text may hold, by the length of its first lines: to make room in one go.
    pub fn estimate(&self) -> usize {
        let rest = &self.text.as_bytes()[self.at.min(self.text.len())..];
        let head = &rest[..rest.len().min(64 << 10)];
        let lines = memchr::memchr_iter(b'\n', head).count().max(1);
        // A record is at least its delimiters, whatever the first lines say.
        let most = rest.len() / self.header.len().max(1) + 1;
        ((rest.len() / (head.len() / lines).max(1)) * 21 / 20 + 16).min(most)
    }

    /// The next record of the header's width; others are findings.
    pub fn next(&mut self, context: &mut Context<'_>) -> Option<Record<'_>> {
        loop {
            let line = self.cut()?;
            let (expected, found) = (self.header.len(), self.cells.len());
            if found != expected {
                wrong_width(line, expected, found, context);
                continue;
            }
            self.rows += 1;
            if self.rows > context.options.limits.cells {
                too_many_lines(line, context);
                return None;
            }
            return Some(Record { line, text: self.source(), cells: &self.cells });
        }
    }

    /// Cuts the next record that is not blank; its line.
    fn cut(&mut self) -> Option<u32> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.at;
            if start >= bytes.len() {
                return None;
            }
            let line = self.line;
            self.cells.clear();
            self.quoted = false;
            let mut cell = start;
            let mut end = bytes.len();
            let mut next = bytes.len();
            for place in memchr::memchr3_iter(self.delimiter, b'\n', b'"', &bytes[start..]).map(|place| start + place) {
                match bytes[place] {
                    b'\n' => {
                        (end, next) = (place, place + 1);
                        break;
                    }
                    // Inside an unquoted cell a quote is a sign like any other.
                    b'"' if place == cell => {
                        self.quoted = true;
                        break;
                    }
                    b'"' => {}
                    _ => {
                        self.cells.push((cell, place));
                        cell = place + 1;
                    }
                }
            }
            if self.quoted {
                self.cut_quoted(start);
                return Some(line);
            }
            self.at = next;
            self.line = self.line.saturating_add(1);
            if end > cell && bytes[end - 1] == b'\r' {
                end -= 1;
            }
            if end == start {
                continue;
            }
            self.cells.push((cell, end));
            return Some(line);
        }
    }

    /// Cuts a record that has quoted cells into `unquoted`.
    fn cut_quoted(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        self.cells.clear();
        self.unquoted.clear();
        let mut at = start;
        let mut ended = false;
        while !ended {
            let begin = self.unquoted.len();
            if bytes.get(at) == Some(&b'"') {
                at += 1;
                loop {
                    // The quotes pair, so one follows; if not, the text ends.
                    let close = memchr::memchr(b'"', &bytes[at..]).map_or(bytes.len(), |place| at + place);
                    self.unquoted.push_str(&self.text[at..close]);
                    let passed = memchr::memchr_iter(b'\n', &bytes[at..close]).count();
                    self.line = self.line.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
                    at = (close + 1).min(bytes.len());
                    if bytes.get(at) != Some(&b'"') {
                        break;
                    }
                    self.unquoted.push('"');
                    at += 1;
                }
            }
            let stop = memchr::memchr2(self.delimiter, b'\n', &bytes[at..]).map_or(bytes.len(), |place| at + place);
            ended = bytes.get(stop) != Some(&self.delimiter);
            let rest = &self.text[at..stop];
            self.unquoted.push_str(if ended { rest.strip_suffix('\r').unwrap_or(rest) } else { rest });
            self.cells.push((begin, self.unquoted.len()));
            at = stop + 1;
        }
        self.line = self.line.saturating_add(1);
        self.at = at.min(bytes.len());
    }
}

/// The delimiter behind the first word of a header: `DATAFLOW;…` has `;`, `STRUCTURE[;],…` has `,`.
pub(crate) fn delimiter(header: &str) -> u8 {
    let header = header.strip_prefix("STRUCTURE[").and_then(|rest| rest.split_once(']')).map_or(header, |(_, rest)| rest);
    let first = header.bytes().find(|byte| matches!(byte, b',' | b';' | b'\t'));
    first.unwrap_or(b',')
}

/// A column's name in a message.
pub(crate) fn shown(header: &[String], columns: impl IntoIterator<Item = usize>) -> String {
    columns.into_iter().filter_map(|column| header.get(column)).map(|name| quote(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReadOptions;

    fn check(text: &str, expected: &[&str]) {
        let options = ReadOptions::default();
        let mut context = Context::new("x", &options);
        let mut records = open(text, b',', &mut context).unwrap();
        let width = records.header.len();
        let mut found = vec![records.header.join("|")];
        while let Some(record) = records.next(&mut context) {
            let cells: Vec<_> = (0..width).map(|column| record.get(column)).collect();
            found.push(format!("{} {}", record.line, cells.join("|")));
        }
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn records() {
        check("a,b\n1,2\n3,4", &["a|b", "2 1|2", "3 3|4"]);
        check("a,b\r\n 1 ,2\r\n\r\n3,\r\n", &["a|b", "2 1|2", "4 3|"]);
        check("\"a\",b\n\"x, \"\"y\"\"\nz\",2\n3,\"4\"\n", &["a|b", "2 x, \"y\"\nz|2", "4 3|4"]);
        check("a,b\n5\" pipe\",2\n", &["a|b", "2 5\" pipe\"|2"]);
        check("a,b\n,\n\"\",\"\"\n", &["a|b", "2 |", "3 |"]);
        check("a,b\n\"x\"y,2\n", &["a|b", "2 xy|2"]);
        check("a,b\n1\n2,3\n", &["a|b", "3 2|3"]);
        check("é,b\n1,\u{a0}ü\u{a0}\n", &["é|b", "2 1|ü"]);
    }
}
