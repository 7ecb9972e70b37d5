//! How wide the columns of a table are, and whether it needs a page turned on its side.
//!
//! Why not left to Word: it would ask for the widths of every cell again at each opening, LibreOffice does it in
//! another way, and neither turns a page. Widths are measured in our font with a reserve for wider ones.
//! Lengths are in twentieths of a point, as in the file.

use crate::document::{Table, TableCell, TableRow};
use crate::text::{Cut, width};

/// How a table is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub widths: Vec<u32>,
    pub landscape: bool,
    /// Half points; `None` is the style's own.
    pub size: Option<u32>,
    /// Lines of each row as far as can be told.
    pub lines: Vec<usize>,
}

/// Half points of the style `Table Text`, and smaller ones for wide tables.
const SIZE: u32 = 17;
const SMALLER: u32 = 16;
const SMALLEST: u32 = 14;
/// Measured is our own typeface; others are wider.
const RESERVE: f64 = 1.08;
/// Left and right of a cell's text.
const PADDING: f64 = 2.0 * 57.0 + 12.0;
/// The sign of a footnote after a number.
const SIGN: f64 = 90.0;
/// A row with more lines than this, in a table of several columns, is easier to read on a wide page.
const TALL: usize = 9;

/// Columns of a table: its header's or, when a row has more cells, that row's.
pub(super) fn count(table: &Table) -> usize {
    table.rows.iter().map(|row| row.cells.len() + 1).chain([table.columns.len()]).max().unwrap_or(0)
}

/// What a cell prints, without layout.
pub(super) fn printed(row: &TableRow, column: usize, letters_in_full: bool) -> String {
    if column == 0 {
        return row.header.to_plain();
    }
    match row.cells.get(column - 1) {
        Some(TableCell::Text(text)) => text.to_plain(),
        Some(TableCell::Number(number)) => number.marked(),
        Some(TableCell::Letter { letter, title, .. }) => letter_text(letter, title, letters_in_full),
        Some(TableCell::Empty) | None => String::new(),
    }
}

/// A letter with its meaning, where there is room for it: nobody can point at paper.
pub(super) fn letter_text(letter: &str, title: &str, in_full: bool) -> String {
    if in_full && !title.is_empty() && title != letter { format!("{letter} \u{2013} {title}") } else { letter.to_owned() }
}

/// Whether letters are printed with their meaning.
pub(super) fn letters_in_full(table: &Table) -> bool {
    count(table) <= 3
}

/// The layout of a table on pages whose text is `portrait` or `landscape` wide.
pub(super) fn layout(table: &Table, portrait: u32, landscape: u32) -> Layout {
    let full = letters_in_full(table);
    let columns = count(table);
    let texts: Vec<Vec<String>> =
        std::iter::once((0..columns).map(|index| table.columns.get(index).cloned().unwrap_or_default()).collect())
            .chain(table.rows.iter().map(|row| (0..columns).map(|index| printed(row, index, full)).collect()))
            .collect();
    let measured = |size: u32| -> Vec<Column> {
        let cells = |index: usize| texts.iter().enumerate().map(move |(row, cells)| (cells[index].as_str(), row == 0));
        (0..columns).map(|index| Column::of(cells(index), size)).collect()
    };
    // The larger letters on an upright page, smaller ones, then the page is turned.
    for (size, turned) in [(SIZE, false), (SMALLER, false), (SIZE, true), (SMALLER, true), (SMALLEST, true)] {
        let room = if turned { landscape } else { portrait };
        let asked = measured(size);
        let widths = spread(&asked, room);
        let lines = rows(&asked, &widths);
        let tall = columns >= 5 && lines.iter().any(|count| *count > TALL);
        if size == SMALLEST || (least(&asked) <= f64::from(room) && (turned || !tall)) {
            return Layout { widths, landscape: turned, size: (size != SIZE).then_some(size), lines };
        }
    }
    // The last of the list is always taken.
    Layout { widths: Vec::new(), landscape: false, size: None, lines: Vec::new() }
}

/// What a column asks for.
struct Column {
    /// Its longest word.
    least: f64,
    /// Its longest text in one line.
    most: f64,
    /// Each cell in one line, the header first.
    cells: Vec<f64>,
}

impl Column {
    fn of<'t>(texts: impl Iterator<Item = (&'t str, bool)>, size: u32) -> Self {
        let points = f64::from(size) / 2.0;
        let mut column = Self { least: 0.0, most: 0.0, cells: Vec::new() };
        for (text, header) in texts {
            let cut = if header { Cut::SemiBold } else { Cut::Regular };
            let measure = |text: &str| width(text, points, cut) * 20.0 * RESERVE + PADDING;
            let whole = measure(text);
            let word = text.split([' ', '\u{ad}']).flat_map(|word| word.split_inclusive('-')).map(measure).fold(0.0, f64::max);
            let sign = if text.ends_with([')', ']']) { SIGN } else { 0.0 };
            column.least = column.least.max(word + sign);
            column.most = column.most.max(whole + sign);
            column.cells.push(whole);
        }
        column
    }
}

/// Together what the longest words need; no word may ask for more than a fair part of a page.
fn least(columns: &[Column]) -> f64 {
    columns.iter().map(|column| column.least.min(LONGEST)).sum()
}

/// A word longer than this (an address, a checksum) is broken.
const LONGEST: f64 = 2600.0;

/// The width shared out so that the rows get low: a column's share is the fourth root of the sum of its cells'
/// lengths, each to the third power, which makes the sum of the third powers of all cells' lines as small as it
/// can be; but no column gets less than its longest word or more than its longest text.
fn spread(columns: &[Column], total: u32) -> Vec<u32> {
    let room = f64::from(total);
    let base: Vec<f64> = columns.iter().map(|column| column.least.min(LONGEST)).collect();
    let needed: f64 = base.iter().sum();
    if needed >= room {
        return exact(base.iter().map(|width| width * room / needed), total);
    }
    let shares: Vec<f64> =
        columns.iter().map(|column| column.cells.iter().map(|length| length.powi(3)).sum::<f64>().sqrt().sqrt()).collect();
    let at = |unit: f64| -> Vec<f64> {
        let bounds = columns.iter().zip(&base).map(|(column, least)| (*least, column.most.max(*least)));
        shares.iter().zip(bounds).map(|(share, (least, most))| (share * unit).clamp(least, most)).collect()
    };
    // The unit by halving: the sum grows with it.
    let (mut low, mut high) = (0.0, room);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at(middle).iter().sum::<f64>() > room { high = middle } else { low = middle }
    }
    let widths = at(low);
    let used: f64 = widths.iter().sum();
    exact(widths.iter().map(|width| width * room / used.max(1.0)), total)
}

/// Whole numbers that are `total` together.
fn exact(widths: impl Iterator<Item = f64>, total: u32) -> Vec<u32> {
    let mut out = Vec::new();
    let (mut sum, mut given) = (0.0, 0);
    for width in widths {
        sum += width;
        let end = whole(sum).min(total);
        out.push(end.saturating_sub(given));
        given = end;
    }
    if let Some(last) = out.last_mut() {
        *last += total.saturating_sub(given);
    }
    out
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "widths of a page, never negative, at most some ten thousands"
)]
fn whole(width: f64) -> u32 {
    width.round().clamp(0.0, 1e6) as u32
}

/// Lines of each row, the header first.
fn rows(columns: &[Column], widths: &[u32]) -> Vec<usize> {
    let rows = columns.first().map_or(0, |column| column.cells.len());
    (0..rows)
        .map(|row| {
            let lines = columns.iter().zip(widths).map(|(column, width)| {
                let room = (f64::from(*width) - PADDING).max(100.0);
                whole(((column.cells[row] - PADDING) / room).ceil()).max(1) as usize
            });
            lines.max().unwrap_or(1)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Text;

    fn table(columns: &[&str], cells: &[&[&str]]) -> Table {
        let rows = cells.iter().map(|cells| TableRow {
            header: Text::plain(cells[0]),
            cells: cells[1..].iter().map(|text| TableCell::Text(Text::plain(*text))).collect(),
            highlight: false,
        });
        Table { columns: columns.iter().map(ToString::to_string).collect(), rows: rows.collect(), ..Table::default() }
    }

    fn check(columns: &[&str], cells: &[&[&str]], landscape: bool) {
        let layout = layout(&table(columns, cells), 9298, 14230);
        assert_eq!(layout.landscape, landscape, "{layout:?}");
        assert_eq!(layout.widths.iter().sum::<u32>(), if landscape { 14230 } else { 9298 }, "{layout:?}");
        assert!(layout.widths.iter().all(|width| *width > 100), "{layout:?}");
    }

    #[test]
    fn pages_are_turned_for_wide_tables_only() {
        check(&["a", "b"], &[&["1", "2"]], false);
        check(&["a"], &[], false);
        check(&["Zachodniopomorskie"; 12], &[&["1"; 12]], true);
        check(&["a", "b"], &[&["x", &"word ".repeat(200)]], false);
        check(&["a", "b", "c", "d", "e"], &[&["x", &"word ".repeat(200), "y", "z", "w"]], true);
        // A word of 300 letters is broken, not given a page.
        check(&["a", "b"], &[&[&"W".repeat(300), "2"]], false);
        check(&["Zachodniopomorskie"; 40], &[&["1"; 40]], true);
    }
}
