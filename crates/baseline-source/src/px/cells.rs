//! The figures of a PX file: one pass over the bytes, no allocation for a cell.
//!
//! With KEYS each line begins with the codes of the STUB variables and only lines with something in them are there.
//! Memory is bounded by the bytes, never by a size that the file declares.

use std::collections::{HashMap, HashSet};

use baseline_model::{Column, Finding};
use encoding_rs::Encoding;

use crate::findings::{Context, quote};
use crate::number;
use crate::table::Interner;

/// What the statements promise.
pub(super) struct Shape {
    /// Product of all variables.
    pub cells: usize,
    pub keys: Option<Keys>,
}

pub(super) struct Keys {
    /// Per STUB variable the texts by which a line names it.
    pub texts: Vec<Vec<String>>,
    /// Figures after the codes of a line.
    pub width: usize,
    /// Cells allowed.
    pub limit: usize,
}

/// What stands there. All of the same length.
pub(super) struct Cells {
    pub value: Vec<Option<f64>>,
    pub places: Vec<(u32, u32)>,
    pub obs_status: Column,
    /// Row-major number of each cell; none when all cells stand there in order.
    pub index: Option<Vec<usize>>,
}

/// Reads what follows `DATA=`. `None` with a finding when the figures are not as many as promised.
pub(super) fn read(
    data: &[u8],
    line: u32,
    shape: &Shape,
    encoding: &'static Encoding,
    context: &mut Context<'_>,
) -> Option<Cells> {
    let mut reader = Reader {
        scanner: Scanner { bytes: data, at: 0, line, field: 0 },
        encoding,
        marks: Interner::new("obs_status"),
        stated: Vec::new(),
    };
    reader.marks.code("");
    let cells = match &shape.keys {
        None => reader.dense(shape.cells, context),
        Some(keys) => reader.keyed(keys, shape.cells, context),
    }?;
    if cells.value.len() != cells.places.len() {
        return None;
    }
    let rest = data.get(reader.scanner.at..).unwrap_or_default();
    if rest.iter().any(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b';' | 0x1a)) {
        let at = context.at(format_args!("line {}", reader.scanner.line));
        context.add(
            Finding::warning("px-after-data", at, "something stands after the `;` that ends the figures; it is not read")
                .hint("the figures are the last statement of a PX file: take it from the provider again"),
        );
    }
    let mut obs_status = reader.marks.column;
    obs_status.codes = vec![0; cells.value.len()];
    for (row, code) in reader.stated {
        obs_status.codes[row] = code;
    }
    Some(Cells { obs_status, ..cells })
}

/// One thing among the figures.
enum Token<'b> {
    Number(f64),
    /// Without its quotes.
    Quoted(&'b [u8]),
    Bare(&'b [u8]),
    /// `;`, or the end of the file after a blank.
    End,
    /// The end of the file inside a quote or directly after a sign: the last figure may be cut.
    Cut,
}

struct Scanner<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u32,
    /// Things seen in this line.
    field: u32,
}

impl<'b> Scanner<'b> {
    fn next(&mut self) -> Token<'b> {
        let bytes = self.bytes;
        loop {
            match bytes.get(self.at) {
                None => return Token::End,
                Some(b'\n') => {
                    self.line = self.line.saturating_add(1);
                    self.field = 0;
                    self.at += 1;
                }
                Some(b' ' | b'\t' | b'\r' | b',' | 0x1a) => self.at += 1,
                Some(b';') => {
                    self.at += 1;
                    return Token::End;
                }
                Some(_) => break,
            }
        }
        self.field = self.field.saturating_add(1);
        let start = self.at;
        if bytes[start] == b'"' {
            let Some(length) = memchr::memchr(b'"', &bytes[start + 1..]) else {
                self.at = bytes.len();
                return Token::Cut;
            };
            let inside = &bytes[start + 1..start + 1 + length];
            self.at = start + length + 2;
            self.line = self.line.saturating_add(u32::try_from(memchr::memchr_iter(b'\n', inside).count()).unwrap_or(u32::MAX));
            return Token::Quoted(inside);
        }
        // Whole numbers and plain decimals are nearly all there is: they are summed up while their end is looked for.
        let negative = bytes[start] == b'-';
        let mut at = start + usize::from(negative);
        let (mut integer, mut digits, mut point) = (0_u64, 0_usize, None);
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'0'..=b'9' => {
                    integer = integer.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                    digits += 1;
                }
                b'.' if point.is_none() && digits > 0 => point = Some(digits),
                _ => break,
            }
            at += 1;
        }
        let ends = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b'"' | 0x1a));
        if ends(bytes.get(at)) && (1..=15).contains(&digits) && point != Some(digits) {
            self.at = at;
            let decimals = digits - point.unwrap_or(digits);
            let number = number::scaled(integer, decimals);
            return Token::Number(if negative && integer != 0 { -number } else { number });
        }
        let length = bytes[at..].iter().take_while(|byte| !ends(Some(byte))).count();
        self.at = at + length;
        if self.at == bytes.len() {
            return Token::Cut;
        }
        let text = &bytes[start..self.at];
        number::parse(text).map_or(Token::Bare(text), Token::Number)
    }
}

struct Reader<'b> {
    scanner: Scanner<'b>,
    encoding: &'static Encoding,
    marks: Interner,
    /// Rows with a mark.
    stated: Vec<(usize, u32)>,
}

/// What one cell is.
enum Cell {
    Value(Option<f64>),
    End,
    Cut,
}

impl Reader<'_> {
    fn cell(&mut self, row: usize, context: &mut Context<'_>) -> Cell {
        let (text, quoted) = match self.scanner.next() {
            Token::Number(number) => return Cell::Value(Some(number)),
            Token::End => return Cell::End,
            Token::Cut => return Cell::Cut,
            Token::Quoted(text) => (text, true),
            Token::Bare(text) => (text, false),
        };
        let (text, _) = self.encoding.decode_without_bom_handling(text);
        let text = text.trim();
        let dots = !text.is_empty() && text.bytes().all(|byte| byte == b'.');
        if dots || text == "-" {
            self.mark(row, text);
            return Cell::Value(None);
        }
        let place = format!("R{}C{}", self.scanner.line, self.scanner.field);
        if quoted && number::parse(text.as_bytes()).is_none() {
            self.mark(row, text);
            if !text.is_empty() {
                context.group("px-unknown-mark", text, |context| {
                    Finding::warning(
                        "px-unknown-mark",
                        context.at(place),
                        format!("expected a number or a mark of dots or a hyphen, found {}; kept as status", quote(text)),
                    )
                    .hint("look its meaning up at the provider and add it to pipelines/codelists/obs_status.csv")
                });
            }
            return Cell::Value(None);
        }
        context.group("not-a-number", text, |context| {
            Finding::error(
                "not-a-number",
                context.at(place),
                format!("expected a number or a mark, found {}; the cell is kept without a value", quote(text)),
            )
            .hint("the file was edited or is damaged: take it from the provider again")
        });
        Cell::Value(None)
    }

    fn mark(&mut self, row: usize, text: &str) {
        if !text.is_empty() {
            let code = self.marks.code(text);
            self.stated.push((row, code));
        }
    }

    /// All cells in order.
    fn dense(&mut self, expected: usize, context: &mut Context<'_>) -> Option<Cells> {
        // A figure takes a sign and a blank at least.
        let room = expected.min(self.scanner.bytes.len() / 2 + 1);
        let (mut value, mut places) = (Vec::with_capacity(room), Vec::with_capacity(room));
        loop {
            match self.cell(value.len(), context) {
                Cell::Value(_) if value.len() == expected => {
                    let found = expected + 1 + self.count_rest();
                    return refuse_count(expected, found, self.scanner.line, context);
                }
                Cell::Value(number) => {
                    value.push(number);
                    places.push((self.scanner.line, self.scanner.field));
                }
                Cell::Cut => return cut(self.scanner.line, context),
                Cell::End if value.len() < expected => return refuse_count(expected, value.len(), self.scanner.line, context),
                Cell::End => return Some(Cells { value, places, obs_status: Column::default(), index: None }),
            }
        }
    }

    fn count_rest(&mut self) -> usize {
        let mut count = 0;
        loop {
            match self.scanner.next() {
                Token::End | Token::Cut => return count,
                Token::Number(_) | Token::Quoted(_) | Token::Bare(_) => count += 1,
            }
        }
    }

    /// Lines of codes and figures. A line that is not there has nothing in it, which the format calls nil.
    fn keyed(&mut self, keys: &Keys, cells: usize, context: &mut Context<'_>) -> Option<Cells> {
        let by_text: Vec<HashMap<&str, usize>> = keys
            .texts
            .iter()
            .map(|texts| texts.iter().enumerate().map(|(place, text)| (text.as_str(), place)).collect())
            .collect();
        let refuse = |line: u32, message: String, context: &mut Context<'_>| {
            context.add(
                Finding::error("px-keys", context.at(format_args!("line {line}")), format!("{message}; the table is refused"))
                    .hint("the file is cut or was edited: take it from the provider again"),
            );
            None
        };
        if let Some((texts, _)) = keys.texts.iter().zip(&by_text).find(|(texts, places)| texts.len() != places.len()) {
            return refuse(
                self.scanner.line,
                format!("the {} texts of a variable in KEYS are not all different", texts.len()),
                context,
            );
        }
        let (mut value, mut places, mut index) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        'lines: loop {
            let mut line = 0_usize;
            for (number, by_text) in by_text.iter().enumerate() {
                let text = match self.scanner.next() {
                    Token::End if number == 0 => break 'lines,
                    Token::Quoted(text) => self.encoding.decode_without_bom_handling(text).0,
                    Token::Cut => return cut(self.scanner.line, context),
                    Token::Number(_) | Token::Bare(_) | Token::End => {
                        let message =
                            format!("expected code {} of {} in quotes before the figures", number + 1, keys.texts.len());
                        return refuse(self.scanner.line, message, context);
                    }
                };
                let Some(place) = by_text.get(text.trim()) else {
                    return refuse(self.scanner.line, format!("no variable of KEYS has the code {}", quote(&text)), context);
                };
                line = line.saturating_mul(by_text.len()).saturating_add(*place);
            }
            if !seen.insert(line) {
                return refuse(self.scanner.line, "the codes stand at the beginning of two lines".into(), context);
            }
            if value.len() + keys.width > keys.limit {
                return refuse(self.scanner.line, format!("there are more than the allowed {} cells", keys.limit), context);
            }
            for number in 0..keys.width {
                match self.cell(value.len(), context) {
                    Cell::Value(figure) => {
                        index.push(line.saturating_mul(keys.width).saturating_add(number));
                        value.push(figure);
                        places.push((self.scanner.line, self.scanner.field));
                    }
                    Cell::Cut => return cut(self.scanner.line, context),
                    Cell::End => {
                        let message = format!("expected {} figures after the codes, found {number}", keys.width);
                        return refuse(self.scanner.line, message, context);
                    }
                }
            }
        }
        let lines: usize = keys.texts.iter().map(Vec::len).fold(1, usize::saturating_mul);
        if seen.len() < lines {
            let message = format!(
                "{} of {lines} lines ({} of {cells} cells) are not in the file, which by KEYS means that they are nil",
                lines - seen.len(),
                cells.saturating_sub(value.len())
            );
            context.add(Finding::info("px-rows-absent", context.name, message));
        }
        Some(Cells { value, places, obs_status: Column::default(), index: Some(index) })
    }
}

fn refuse_count(expected: usize, found: usize, line: u32, context: &mut Context<'_>) -> Option<Cells> {
    let message = format!("the variables make {expected} cells, found {found} figures; the table is refused");
    context.add(
        Finding::error("px-count", context.at(format_args!("line {line}")), message)
            .hint("the file is cut or was edited: take it from the provider again"),
    );
    None
}

fn cut(line: u32, context: &mut Context<'_>) -> Option<Cells> {
    context.add(
        Finding::error(
            "px-cut",
            context.at(format_args!("line {line}")),
            "expected `;` or a blank after the last figure, found the end of the file; the last figure may be cut, the table is refused",
        )
        .hint("take the file from the provider again and compare its length"),
    );
    None
}
