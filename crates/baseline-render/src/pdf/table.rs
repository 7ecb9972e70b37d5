//! How a table stands on the page: upright or across, in which size, with which columns. Typst's own `auto` columns
//! share the width evenly, which breaks words in a table of 12 columns; so widths are measured here.
//!
//! Sizes and widths are in points. Nothing is lost: a word that is wider than its column is given places to break.

use std::collections::HashMap;

use crate::document::{Span, Table, TableCell, Text};
use crate::text::{self, Cut};

use super::glyphs::printable;

/// Of a page of A4 between its margins of 20 mm.
pub(super) const UPRIGHT: f64 = 481.0;
pub(super) const ACROSS: f64 = 728.0;
/// Left and right of a cell's text, together.
const PADDING: f64 = 8.0;
/// A word widens its column, an address or a code of more than this is broken.
const WORD: f64 = 110.0;
/// So is a word of more letters than this.
const LETTERS: usize = 40;
/// What a line leaves empty at its end, on the average.
const RAGGED: f64 = 10.0;
/// Between two columns of a page that hold one narrow table.
const GUTTER: f64 = 17.0;
/// As a part of the size, with the space above and below.
const LEADING: f64 = 1.3;
const ROW_SPACE: f64 = 5.0;

/// How one table is set.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// On a page turned by a quarter.
    pub wide: bool,
    /// In two columns of the page.
    pub twin: bool,
    pub size: f64,
    /// One a column.
    pub widths: Vec<f64>,
    /// Estimated, one a row; without header, caption and notes.
    pub heights: Vec<f64>,
}

impl Layout {
    /// Of which it fills about this many, headers aside.
    fn pages(&self) -> f64 {
        let page = if self.wide {
            420.0
        } else if self.twin {
            1340.0
        } else {
            670.0
        };
        self.heights.iter().sum::<f64>() / page
    }

    /// The room of a cell's text.
    pub(super) fn room(&self, column: usize) -> f64 {
        self.widths.get(column).map_or(UPRIGHT, |width| width - PADDING)
    }
}

/// Widths of words at size 1: most words of a report occur often.
#[derive(Default)]
pub(super) struct Measure {
    words: HashMap<(String, bool), f64>,
}

impl Measure {
    fn word(&mut self, word: &str, strong: bool) -> f64 {
        let key = (word.to_owned(), strong);
        if let Some(width) = self.words.get(&key) {
            return *width;
        }
        let width = text::width(word, 100.0, if strong { Cut::SemiBold } else { Cut::Regular }) / 100.0;
        self.words.insert(key, width);
        width
    }

    /// The whole on one line, and its widest part that should not be broken; at size 1.
    fn line(&mut self, pieces: &[(String, bool)], strong: bool) -> (f64, f64) {
        let (mut whole, mut widest) = (0.0, 0.0_f64);
        let space = self.word(" ", strong);
        for (piece, bound) in pieces {
            if *bound {
                let width = self.word(piece, strong);
                whole += width;
                widest = widest.max(width);
                continue;
            }
            for (index, word) in piece.split(' ').enumerate() {
                if index > 0 {
                    whole += space;
                }
                for part in parts(word) {
                    whole += self.word(part, strong);
                    // As `broken` measures, so that a column that is as wide as its widest word holds it.
                    let mut width = self.word(part, true);
                    if part.ends_with('\u{ad}') {
                        width += self.word("-", true);
                    }
                    let natural = part.chars().count() <= LETTERS
                        && part.chars().all(|character| character.is_alphabetic() || ",.;:()-".contains(character));
                    // Sizes are between 7.5 and 9.
                    widest = widest.max(if natural { width } else { width.min(WORD / 8.5) });
                }
            }
        }
        (whole, widest)
    }

    /// Puts places to break into words that are wider than the room: after a sign that joins parts, else where it is full.
    pub(super) fn broken(&mut self, text: &str, size: f64, room: f64) -> String {
        let fits = |measure: &mut Self, part: &str| measure.word(part, true) * size <= room;
        if text.split(' ').flat_map(parts).all(|part| fits(self, part)) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len() + 16);
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                out.push(' ');
            }
            for part in parts(word) {
                if fits(self, part) { out.push_str(part) } else { self.break_up(part, size, room, &mut out) }
            }
        }
        out
    }

    fn break_up(&mut self, part: &str, size: f64, room: f64, out: &mut String) {
        let mut used = 0.0;
        for character in part.chars() {
            let width = self.word(character.encode_utf8(&mut [0; 4]), true) * size;
            if used > 0.0 && used + width > room * 0.95 {
                out.push('\u{200b}');
                used = 0.0;
            }
            out.push(character);
            used += width;
            if matches!(character, '/' | '_' | '.' | '&' | '=' | '?' | ',' | ';') && used > room / 2.0 {
                out.push('\u{200b}');
                used = 0.0;
            }
        }
    }
}

/// A word at the places where a line may end inside it.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    word.split_inclusive(['-', '\u{ad}', '\u{200b}'])
}

/// What a text prints, in parts; a part is bound when it stands on one line: a number with its marks.
pub(super) fn pieces(text: &Text) -> Vec<(String, bool)> {
    text.0
        .iter()
        .map(|span| match span {
            Span::Plain(text) | Span::Strong(text) | Span::Link { text, .. } | Span::Reference { text, .. } => {
                (printable(text), false)
            }
            Span::Number(number) => (printable(&format!("{}{}", number.text, number.marks())), number.value.is_some()),
        })
        .collect()
}

/// Measures a table and chooses.
pub(super) fn layout(table: &Table, measure: &mut Measure) -> Layout {
    let count = table.columns.len().max(1);
    let header: Vec<(f64, f64)> = (0..count)
        .map(|column| {
            let name = table.columns.get(column).map_or_else(String::new, |name| printable(name));
            measure.line(&[(name, false)], true)
        })
        .collect();
    let mut lines = vec![header];
    for row in &table.rows {
        lines.push((0..count).map(|column| cell(row, column, measure)).collect());
    }
    let least: Vec<f64> = (0..count).map(|column| lines.iter().map(|row| row[column].1).fold(0.0, f64::max)).collect();
    let half = (UPRIGHT - GUTTER) / 2.0;
    let mut best: Option<(f64, Layout)> = None;
    for size in [9.0, 8.5, 8.0, 7.5] {
        let minima: Vec<f64> = least.iter().map(|width| width * size + PADDING + 0.5).collect();
        let needed = minima.iter().sum::<f64>();
        let twin = count <= 3 && table.rows.len() >= 24;
        let forms = [(false, twin, if twin { half } else { UPRIGHT }), (true, false, ACROSS)];
        for (wide, twin, room) in forms {
            // The smallest size is for tables that no page holds otherwise.
            if needed > room || (size < 8.0 && (!wide || best.is_some())) {
                continue;
            }
            let form = fill(wide, twin, size, minima.clone(), room, &lines);
            let cost = form.pages() * (9.0 / size).powf(1.5) + if wide { 0.5 } else { 0.0 };
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, form));
            }
        }
    }
    if let Some((_, form)) = best {
        return form;
    }
    // More columns than any page holds: equal ones, and words are broken.
    let share = ACROSS / count as f64;
    fill(true, false, 7.5, least.iter().map(|width| (width * 7.5 + PADDING).min(share)).collect(), ACROSS, &lines)
}

fn cell(row: &crate::document::TableRow, column: usize, measure: &mut Measure) -> (f64, f64) {
    let strong = row.highlight;
    if column == 0 {
        return measure.line(&pieces(&row.header), strong);
    }
    match row.cells.get(column - 1) {
        None | Some(TableCell::Empty) => (0.0, 0.0),
        Some(TableCell::Text(text)) => measure.line(&pieces(text), strong),
        Some(TableCell::Number(number)) => {
            measure.line(&[(printable(&format!("{}{}", number.text, number.marks())), number.value.is_some())], strong)
        }
        Some(TableCell::Letter { letter, .. }) => measure.line(&[(printable(letter), false)], strong),
    }
}

/// Gives the room that is left, step by step, to the column that shortens the table most.
fn fill(wide: bool, twin: bool, size: f64, mut widths: Vec<f64>, room: f64, lines: &[Vec<(f64, f64)>]) -> Layout {
    let step = 6.0;
    let natural: Vec<f64> = (0..widths.len())
        .map(|column| lines.iter().map(|row| row[column].0 * size).fold(0.0, f64::max) + PADDING + 0.5)
        .collect();
    let full = |whole: f64, width: f64| {
        let (need, room) = (whole * size, (width - PADDING).max(1.0));
        if need <= room { need / room } else { need / (room - RAGGED).max(room / 2.0) }
    };
    // The sum over rows of about what their fullest cell needs. A norm, not the maximum: of two equally full cells each
    // must gain by a step, else neither gets one. Fractions of lines count, so that every step is felt.
    let row_cost = |row: &[(f64, f64)], widths: &[f64]| -> f64 {
        row.iter().zip(widths).map(|((whole, _), width)| full(*whole, *width).powi(4)).sum::<f64>().sqrt().sqrt().max(1.0)
    };
    let cost = |widths: &[f64]| -> f64 { lines.iter().map(|row| row_cost(row, widths)).sum() };
    let mut left = room - widths.iter().sum::<f64>();
    while left >= step {
        let now = cost(&widths);
        let mut best: Option<(f64, usize)> = None;
        for column in 0..widths.len() {
            if widths[column] >= natural[column] {
                continue;
            }
            widths[column] += step;
            let gain = now - cost(&widths);
            widths[column] -= step;
            if best.is_none_or(|(most, _)| gain > most + 1e-9) {
                best = Some((gain, column));
            }
        }
        let Some((_, column)) = best else { break };
        widths[column] += step;
        left -= step;
    }
    let heights = lines
        .iter()
        .skip(1)
        .map(|row| {
            let most = row.iter().zip(&widths).map(|((whole, _), width)| full(*whole, *width).ceil()).fold(1.0, f64::max);
            most * size * LEADING + ROW_SPACE
        })
        .collect();
    // Typst is given exact lengths: rounded, so that they are short.
    for width in &mut widths {
        *width = (*width * 10.0).floor() / 10.0;
    }
    Layout { wide, twin, size, widths, heights }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::TableRow;

    fn table(columns: usize, rows: usize, word: &str) -> Table {
        Table {
            columns: vec![word.to_owned(); columns],
            rows: (0..rows)
                .map(|_| TableRow {
                    header: Text::plain(word),
                    cells: vec![TableCell::Text(Text::plain(word)); columns.saturating_sub(1)],
                    highlight: false,
                })
                .collect(),
            ..Table::default()
        }
    }

    fn check(table: &Table, wide: bool, twin: bool) {
        let layout = layout(table, &mut Measure::default());
        let room = if wide {
            ACROSS
        } else if twin {
            (UPRIGHT - GUTTER) / 2.0
        } else {
            UPRIGHT
        };
        assert_eq!((layout.wide, layout.twin), (wide, twin), "{layout:?}");
        assert!(layout.widths.iter().sum::<f64>() <= room + 0.01, "{layout:?}");
        assert_eq!(layout.widths.len(), table.columns.len().max(1));
        assert_eq!(layout.heights.len(), table.rows.len());
    }

    #[test]
    fn pages_are_turned_only_where_needed() {
        check(&table(0, 0, ""), false, false);
        check(&table(4, 3, "word"), false, false);
        check(&table(7, 30, "Burgenlandkreis"), false, false);
        check(&table(12, 30, "Burgenlandkreis"), true, false);
        check(&table(40, 2, "Burgenlandkreis"), true, false);
        check(&table(2, 60, "a few words"), false, true);
        check(&table(4, 2, &"x".repeat(300)), false, false);
    }

    /// Many columns, so that each is as narrow as its widest word.
    #[test]
    fn a_word_that_widened_its_column_stays_whole() {
        let table = table(6, 3, "Zachodniopomorskie, 2022");
        let mut measure = Measure::default();
        let layout = layout(&table, &mut measure);
        for column in 0..6 {
            let text = measure.broken("Zachodniopomorskie, 2022", layout.size, layout.room(column));
            assert!(!text.contains('\u{200b}'), "{layout:?}");
        }
    }

    #[test]
    fn long_words_are_given_places_to_break() {
        let mut measure = Measure::default();
        assert_eq!(measure.broken("foreign-\u{ad}born-persons-and-others", 9.0, 40.0), "foreign-\u{ad}born-persons-and-others");
        assert_eq!(measure.broken("short words stay", 9.0, 60.0), "short words stay");
        let broken = measure.broken("https://ec.europa.eu/eurostat/databrowser/view/lfsa_ergan", 9.0, 60.0);
        assert!(broken.contains("/\u{200b}"), "{broken}");
        for part in measure.broken(&"x".repeat(300), 9.0, 60.0).split('\u{200b}') {
            assert!(text::width(part, 9.0, Cut::SemiBold) <= 60.0, "{part}");
        }
    }
}
