//! A cell of GENESIS: a number, one of the marks of German official statistics, and which decimal sign holds.
//!
//! The sign depends on the language that was asked for and not on the file's format: `de` has a comma, `en` a point.
//! A number with a sign has the same digits either way, so cells are read first and the sign is settled at the end,
//! from what the file says of its language, else from the source's rule, else from the numbers themselves. What
//! `1,234` means is never guessed: where nothing settles it, such cells have no value and the file an error.

use baseline_model::Finding;
use baseline_model::definitions::Numbers;

use crate::findings::{Context, quote};
use crate::number::{self, Figure};

/// Marks that stand for a number. What each means is said in the source's scheme of status marks.
const MARKS: [&str; 7] = ["-", ".", "…", "...", "/", "x", "–"];

/// What a cell's text is, as far as it can be told alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Whole(f64),
    Decimal { number: f64, comma: bool, certain: bool },
    Mark(&'a str),
    Blank,
    Unclear,
}

/// Reads a cell. `certain`: the sign cannot be a grouping sign (`0,123`, `1234,5`).
pub(super) fn cell<'a>(text: &'a str, rule: Option<&'a Numbers>) -> Cell<'a> {
    let text = text.trim();
    let Some(first) = text.as_bytes().first() else { return Cell::Blank };
    let marked = || match number::figure(text, rule?) {
        Figure::Mark(mark) => Some(Cell::Mark(mark)),
        Figure::Number(_) | Figure::Blank | Figure::Unclear => None,
    };
    if !first.is_ascii_digit() {
        if let Some(mark) = marked() {
            return mark;
        }
        if is_mark(text) {
            return Cell::Mark(text);
        }
    }
    number(text).or_else(marked).unwrap_or(Cell::Unclear)
}

/// A number with whatever decimal sign; `None` when it is none.
fn number(text: &str) -> Option<Cell<'_>> {
    let Some(place) = memchr::memchr2(b',', b'.', text.as_bytes()) else {
        return number::parse(text.as_bytes()).map(Cell::Whole);
    };
    let comma = text.as_bytes()[place] == b',';
    let decimal = Numbers { decimal: Some(if comma { ',' } else { '.' }), ..Numbers::default() };
    let Figure::Number(number) = number::figure(text, &decimal) else { return None };
    let whole = text[..place].trim_start_matches(['-', '\u{2212}']);
    let grouped = text.len() - place == 4 && whole.len() <= 3 && !whole.starts_with('0');
    Some(Cell::Decimal { number, comma, certain: !grouped })
}

pub(super) fn is_mark(text: &str) -> bool {
    MARKS.contains(&text)
}

/// The status of a cell from its mark and its quality sign, both verbatim.
pub(super) fn status<'a>(mark: &'a str, quality: &'a str) -> std::borrow::Cow<'a, str> {
    match (mark, quality) {
        (_, "") => mark.into(),
        ("", _) => quality.into(),
        _ if mark == quality => mark.into(),
        _ => format!("{mark}{quality}").into(),
    }
}

/// The cells with a decimal sign of one table.
#[derive(Debug, Default)]
pub(super) struct Decimals {
    cells: Vec<(u32, bool)>,
    /// Of the point, then of the comma: whether one is certain.
    certain: [bool; 2],
    seen: [bool; 2],
}

impl Decimals {
    /// Notes that the value of a row was written with a sign.
    pub fn note(&mut self, row: usize, comma: bool, certain: bool) {
        self.cells.push((u32::try_from(row).unwrap_or(u32::MAX), comma));
        self.certain[usize::from(comma)] |= certain;
        self.seen[usize::from(comma)] = true;
    }

    /// Settles the sign. Values whose sign is another, or cannot be known, are dropped with an error.
    /// `stated`: what the file says of itself (true is the comma). `at` gives the place of a row.
    pub fn settle(
        &self,
        stated: Option<bool>,
        values: &mut [Option<f64>],
        at: impl Fn(usize) -> String,
        context: &mut Context<'_>,
    ) {
        let ruled = context.options.numbers.and_then(|rule| rule.decimal).map(|sign| sign == ',');
        let comma = stated.or(ruled).or(match (self.seen, self.certain) {
            ([true, false], [true, _]) => Some(false),
            ([false, true], [_, true]) => Some(true),
            _ => None,
        });
        let sign = |comma: bool| if comma { "comma" } else { "point" };
        for &(row, found) in self.cells.iter().filter(|(_, found)| comma != Some(*found)) {
            values[row as usize] = None;
            context.group("decimal-sign", sign(found), |context| {
                let message = match comma {
                    Some(expected) => format!("expected a decimal {}, found a {}", sign(expected), sign(found)),
                    None => format!("nothing tells whether a {} is the decimal sign here", sign(found)),
                };
                Finding::error(
                    "decimal-sign",
                    context.at(at(row as usize)),
                    format!("{message}; the cell is kept without a value"),
                )
                .hint("keep the file as it was sent (its name says the language), or state `numbers` for the source")
            });
        }
    }
}

/// The finding for a cell that is neither number nor mark.
pub(super) fn unclear(text: &str, at: &str, context: &mut Context<'_>) {
    context.group("not-a-number", text, |context| {
        Finding::error(
            "not-a-number",
            context.at(at),
            format!(
                "expected a number or one of the marks {}, found {}; the cell is kept without a value",
                MARKS.join(" "),
                quote(text)
            ),
        )
        .hint("a mark that is new belongs under `numbers` of the source, with its meaning in pipelines/codelists/obs_status.csv")
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Cell<'_>) {
        assert_eq!(cell(text, None), expected, "{text}");
    }

    fn decimal(text: &str, number: f64, comma: bool, certain: bool) {
        check(text, Cell::Decimal { number, comma, certain });
    }

    #[test]
    fn cells() {
        check("7293", Cell::Whole(7293.0));
        check(" -5 ", Cell::Whole(-5.0));
        decimal("108,84", 108.84, true, true);
        decimal("108.84", 108.84, false, true);
        decimal("1,234", 1.234, true, false);
        decimal("-1.234", -1.234, false, false);
        decimal("0,123", 0.123, true, true);
        decimal("1234,567", 1234.567, true, true);
        for mark in MARKS {
            check(mark, Cell::Mark(mark));
        }
        check("", Cell::Blank);
        for text in ["1.234,5", "1,234.5", "1 234", "(5)", "--", ",5", "5,", "nan", "1,2,3", "X", "..", "12 e"] {
            check(text, Cell::Unclear);
        }
        let rule =
            Numbers { marks: [("..".to_owned(), String::new()), ("X".to_owned(), "x".to_owned())].into(), ..Numbers::default() };
        assert_eq!(cell("..", Some(&rule)), Cell::Mark(".."));
        assert_eq!(cell("X", Some(&rule)), Cell::Mark("x"));
    }

    #[test]
    fn statuses() {
        for (mark, quality, expected) in [("", "", ""), ("-", "", "-"), ("", "e", "e"), ("/", "e", "/e"), (".", ".", ".")] {
            assert_eq!(status(mark, quality), expected);
        }
    }

    /// Kept cells (`1` or `0` each) after the sign is settled.
    fn settled(cells: &[(bool, bool)], stated: Option<bool>, rule: Option<char>) -> (String, usize) {
        let numbers = rule.map(|sign| Numbers { decimal: Some(sign), ..Numbers::default() });
        let options = crate::ReadOptions { numbers: numbers.as_ref(), ..crate::ReadOptions::default() };
        let mut context = Context::new("x", &options);
        let mut values = vec![Some(1.0); cells.len()];
        let mut decimals = Decimals::default();
        for (row, (comma, certain)) in cells.iter().enumerate() {
            decimals.note(row, *comma, *certain);
        }
        decimals.settle(stated, &mut values, |row| row.to_string(), &mut context);
        let kept = values.iter().map(|value| if value.is_some() { '1' } else { '0' }).collect();
        (kept, context.findings.len())
    }

    #[test]
    fn signs() {
        let (sure_comma, sure_point, comma, point) = ((true, true), (false, true), (true, false), (false, false));
        let check = |cells: &[_], stated, rule, expected: &str, findings| {
            assert_eq!(settled(cells, stated, rule), (expected.to_owned(), findings), "{cells:?} {stated:?} {rule:?}");
        };
        check(&[comma, sure_comma], None, None, "11", 0);
        check(&[point, sure_point], None, None, "11", 0);
        check(&[comma, comma], None, None, "00", 1);
        check(&[point], None, None, "0", 1);
        check(&[sure_comma, sure_point], None, None, "00", 2);
        check(&[sure_comma, point], None, None, "00", 2);
        check(&[comma], Some(true), None, "1", 0);
        check(&[point, comma], Some(true), None, "01", 1);
        check(&[sure_point], Some(true), None, "0", 1);
        check(&[point], None, Some('.'), "1", 0);
        check(&[comma], None, Some('.'), "0", 1);
        check(&[comma], Some(true), Some('.'), "1", 0);
        check(&[], None, None, "", 0);
    }
}
