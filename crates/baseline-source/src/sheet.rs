//! Workbooks (.xlsx, .xls) and delimited texts as sparse sheets of cells under their real addresses.
//!
//! Cell by cell and not as a dense range: one cell in XFD1048576 would otherwise ask for half a terabyte. Flat and not as a
//! map of maps: a regional workbook has some hundred thousand cells. Knows no layout; a cell is a number, a text, or
//! something else that is never a figure.

mod open;
mod xls;

use std::collections::HashMap;

use baseline_model::{Finding, column_letters};

use crate::csv_file;
use crate::findings::{Context, quote};

pub(crate) use open::{Wanted, open};

/// What stands in a cell; texts are trimmed and never empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'s> {
    Number(f64),
    Text(&'s str),
    /// A date, a truth value or an error, as text: no figure, even when it could be read as one.
    Other(&'s str),
}

#[derive(Debug, Clone, Copy)]
enum Stored {
    Number(f64),
    Text(u32),
    Other(u32),
}

/// A sheet; rows and columns count from 0.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub name: String,
    /// Only the first rows were read: enough to tell the format, and not wanted otherwise.
    pub partial: bool,
    /// For a text: line (from 1) of each row and cells it has.
    pub lines: Vec<(u32, u32)>,
    /// Number of a row that has cells, and where these begin.
    rows: Vec<(u32, u32)>,
    columns: Vec<u32>,
    cells: Vec<Stored>,
    texts: Vec<Box<str>>,
}

/// The cells of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'s> {
    pub number: u32,
    sheet: &'s Sheet,
    from: usize,
    to: usize,
}

impl<'s> Row<'s> {
    pub fn get(&self, column: u32) -> Option<Cell<'s>> {
        let columns = self.sheet.columns.get(self.from..self.to)?;
        // Most rows have no holes: the cell stands as far from the first as its column says.
        let guess = column.checked_sub(*columns.first()?)? as usize;
        let place = if columns.get(guess) == Some(&column) { guess } else { columns.binary_search(&column).ok()? };
        Some(self.sheet.cell(self.from + place))
    }

    /// Text of a cell, empty when there is none.
    pub fn text(&self, column: u32) -> String {
        self.get(column).map(text).unwrap_or_default()
    }

    /// Column and cell, from a column on.
    pub fn cells(&self, first: u32) -> impl Iterator<Item = (u32, Cell<'s>)> + use<'s> {
        let sheet = self.sheet;
        (self.from..self.to)
            .map(move |place| (sheet.columns[place], sheet.cell(place)))
            .filter(move |(column, _)| *column >= first)
    }
}

impl Sheet {
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows that have cells, from a row on.
    pub fn rows(&self, first: u32) -> impl Iterator<Item = Row<'_>> {
        (self.rows.partition_point(|(row, _)| *row < first)..self.rows.len()).map(|place| self.row_at(place))
    }

    pub fn row(&self, number: u32) -> Option<Row<'_>> {
        let place = self.rows.binary_search_by_key(&number, |(row, _)| *row).ok()?;
        Some(self.row_at(place))
    }

    pub fn text(&self, row: u32, column: u32) -> String {
        self.row(row).map(|row| row.text(column)).unwrap_or_default()
    }

    /// `Sheet 1!F12`; `line 12, column 6` in a text.
    pub fn address(&self, row: u32, column: u32) -> String {
        match self.lines.get(row as usize) {
            Some((line, _)) => format!("line {line}, column {}", u64::from(column) + 1),
            None => format!("{}!{}{}", self.name, column_letters(column), u64::from(row) + 1),
        }
    }

    fn row_at(&self, place: usize) -> Row<'_> {
        let (number, from) = self.rows[place];
        let to = self.rows.get(place + 1).map_or(self.cells.len(), |(_, next)| *next as usize);
        Row { number, sheet: self, from: from as usize, to }
    }

    fn cell(&self, place: usize) -> Cell<'_> {
        match self.cells[place] {
            Stored::Number(number) => Cell::Number(number),
            Stored::Text(text) => Cell::Text(&self.texts[text as usize]),
            Stored::Other(text) => Cell::Other(&self.texts[text as usize]),
        }
    }
}

/// A sheet under construction; cells may come in any order.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    sheet: Sheet,
    places: Vec<(u32, u32)>,
    known: HashMap<Box<str>, u32>,
    sorted: bool,
}

impl Builder {
    pub fn new(name: impl Into<String>) -> Self {
        Self { sheet: Sheet { name: name.into(), ..Sheet::default() }, sorted: true, ..Self::default() }
    }

    pub fn number(&mut self, row: u32, column: u32, number: f64) {
        // Minus zero is a figure's sign lost in rounding. A number that is none is kept as what it is not.
        if number.is_finite() {
            self.place(row, column, Stored::Number(number + 0.0));
        } else {
            self.other(row, column, &number.to_string());
        }
    }

    /// A blank text is no cell.
    pub fn text(&mut self, row: u32, column: u32, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            let code = self.code(text);
            self.place(row, column, Stored::Text(code));
        }
    }

    pub fn other(&mut self, row: u32, column: u32, text: &str) {
        let code = self.code(text);
        self.place(row, column, Stored::Other(code));
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The sheet, or the place that has two cells.
    pub fn finish(self) -> Result<Sheet, (u32, u32)> {
        let Self { mut sheet, places, sorted, .. } = self;
        let order: Vec<usize> = if sorted {
            Vec::new()
        } else {
            let mut order: Vec<usize> = (0..places.len()).collect();
            order.sort_by_key(|at| places[*at]);
            sheet.cells = order.iter().map(|at| sheet.cells[*at]).collect();
            order
        };
        sheet.columns = Vec::with_capacity(places.len());
        let mut before = None;
        for at in 0..places.len() {
            let place @ (row, column) = places[order.get(at).copied().unwrap_or(at)];
            if before == Some(place) {
                return Err(place);
            }
            if before.is_none_or(|(last, _)| last != row) {
                sheet.rows.push((row, u32::try_from(at).unwrap_or(u32::MAX)));
            }
            before = Some(place);
            sheet.columns.push(column);
        }
        Ok(sheet)
    }

    fn place(&mut self, row: u32, column: u32, cell: Stored) {
        self.sorted &= self.places.last().is_none_or(|last| *last < (row, column));
        self.places.push((row, column));
        self.sheet.cells.push(cell);
    }

    fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        let code = u32::try_from(self.sheet.texts.len()).expect("the cap on cells keeps texts far below 2^32");
        self.sheet.texts.push(text.into());
        self.known.insert(text.into(), code);
        code
    }
}

/// A cell's text; a whole number without decimals, as it stands in a year's header.
pub(crate) fn text(cell: Cell<'_>) -> String {
    match cell {
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) | Cell::Other(text) => text.to_owned(),
    }
}

/// A figure in a cell and the mark that stands for it: no cell and `:` are missing, a mark is one by the source's rule;
/// anything else that is no number is a finding.
pub(crate) fn figure<'t, 'a: 't>(
    cell: Option<Cell<'t>>,
    address: &dyn Fn() -> String,
    context: &mut Context<'a>,
) -> (Option<f64>, &'t str) {
    let rule = context.options.numbers;
    figure_by(cell, rule, address, context)
}

/// As [`figure`], by a rule of its own.
pub(crate) fn figure_by<'t>(
    cell: Option<Cell<'t>>,
    rule: Option<&'t baseline_model::definitions::Numbers>,
    address: &dyn Fn() -> String,
    context: &mut Context<'_>,
) -> (Option<f64>, &'t str) {
    let shown = match cell {
        None => return (None, ""),
        Some(Cell::Number(number)) => return (Some(number), ""),
        Some(Cell::Text(text)) => return csv_file::stated(text, rule, address, context),
        Some(Cell::Other(shown)) => shown,
    };
    // An error may be a mark of the source (`#N/A`); a date or a truth value is never a figure.
    if let Some((mark, status)) = rule.and_then(|rule| rule.marks.get_key_value(shown)) {
        return (None, if status.is_empty() { mark } else { status });
    }
    context.group("not-a-number", shown, |context| {
        Finding::error(
            "not-a-number",
            context.at(address()),
            format!("expected a number, found the cell {} of another kind; it is kept without a value", quote(shown)),
        )
        .hint("open the workbook and correct the cell's format at its source")
    });
    (None, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order() {
        let mut builder = Builder::new("s");
        builder.number(5, 2, 1.5);
        builder.text(1, 3, " a ");
        builder.text(1, 1, "b");
        builder.text(9, 9, "  ");
        builder.other(5, 0, "#N/A");
        let sheet = builder.finish().unwrap();
        let cells: Vec<_> =
            sheet.rows(0).flat_map(|row| row.cells(0).map(move |(column, cell)| (row.number, column, cell))).collect();
        let expected = [(1, 1, Cell::Text("b")), (1, 3, Cell::Text("a")), (5, 0, Cell::Other("#N/A")), (5, 2, Cell::Number(1.5))];
        assert_eq!(cells, expected);
        assert_eq!((sheet.text(1, 3), sheet.text(1, 2), sheet.text(3, 0)), ("a".into(), String::new(), String::new()));
        assert_eq!(sheet.rows(2).map(|row| row.number).collect::<Vec<_>>(), [5]);
        assert_eq!(sheet.address(1, 3), "s!D2");
    }

    #[test]
    fn twice() {
        let mut builder = Builder::new("s");
        builder.number(1, 1, 1.0);
        builder.number(0, 1, 1.0);
        builder.number(1, 1, 2.0);
        assert_eq!(builder.finish().unwrap_err(), (1, 1));
    }
}
