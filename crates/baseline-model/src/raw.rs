//! A provider's table as it was read: the source's own dimensions and codes, nothing interpreted away.
//!
//! Columnar, because a regional table has a million cells: every textual column is a dictionary plus
//! one code a row. All columns of a table have the same length, [`RawTable::len`].

use std::fmt::Write as _;

use crate::Finding;

/// A textual column: `codes[row]` is an index into `dictionary`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// The source's own id in lower case (`citizen`, `geo`); `period`, `obs_status`, `conf_status` for the fixed ones.
    pub id: String,
    /// What the source calls the dimension; empty when it does not say. Offices rename ids and keep the name, or the reverse.
    pub label: String,
    /// The part the source gives the dimension, when it does.
    pub role: Option<Role>,
    pub dictionary: Vec<String>,
    pub codes: Vec<u32>,
}

/// The part of a dimension in its table, as the source states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Time,
    Geo,
    /// What is measured, with its unit.
    Metric,
}

/// Whether a dimension with this id, label and role is the one that `pattern` of a record means: `role:geo`, `role:time`,
/// `role:metric`, or the id or label, in which `*` stands for any text. Case does not count.
pub fn is_meant(pattern: &str, id: &str, label: &str, role: Option<Role>) -> bool {
    match pattern.strip_prefix("role:") {
        Some("geo") => role == Some(Role::Geo),
        Some("time") => role == Some(Role::Time),
        Some("metric") => role == Some(Role::Metric),
        Some(_) => false,
        None => like(pattern, id) || like(pattern, label),
    }
}

fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.trim().to_lowercase(), text.trim().to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

impl Column {
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// The text of a row.
    ///
    /// # Panics
    /// When `row` is outside the column: rows come from `0..table.len()`.
    pub fn get(&self, row: usize) -> &str {
        &self.dictionary[self.codes[row] as usize]
    }
}

/// Where in the file each row's cell stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Positions {
    /// Line and column of a text table, both from 1; printed `R12C4`.
    Grid(Vec<(u32, u32)>),
    /// Row-major index of a JSON-stat cube, from 0; printed `#62`. `part` numbers the answers of a file
    /// that wraps several, from 1; it is 0 (and not printed) for a bare answer. Printed `2#62`.
    Index { part: u32, indices: Vec<u64> },
    /// Sheet, row and column of a workbook, row and column from 0; printed `Sheet 1!F12`.
    Sheet { names: Vec<String>, cells: Vec<(u16, u32, u32)> },
    /// Record, from 0, and number of its member's name in `names`; printed `[7668].AantalInwoners_5`.
    Record { names: Vec<String>, cells: Vec<(u32, u32)> },
    /// Carried over from a tidy file that states them.
    Text(Vec<String>),
}

impl Positions {
    /// The printed form for a row; see the variants.
    ///
    /// # Panics
    /// When `row` is outside the table.
    pub fn text(&self, row: usize) -> String {
        let mut text = String::new();
        self.push_text(row, &mut text);
        text
    }

    /// Appends the printed form, for a million rows into one buffer.
    ///
    /// # Panics
    /// When `row` is outside the table.
    pub fn push_text(&self, row: usize, text: &mut String) {
        let written = match self {
            Self::Grid(cells) => write!(text, "R{}C{}", cells[row].0, cells[row].1),
            Self::Index { part: 0, indices } => write!(text, "#{}", indices[row]),
            Self::Index { part, indices } => write!(text, "{part}#{}", indices[row]),
            Self::Sheet { names, cells } => {
                let (sheet, row, column) = cells[row];
                write!(text, "{}!{}{}", names[usize::from(sheet)], column_letters(column), row + 1)
            }
            Self::Record { names, cells } => write!(text, "[{}].{}", cells[row].0, names[cells[row].1 as usize]),
            Self::Text(texts) => text.write_str(&texts[row]),
        };
        written.expect("a string takes any text");
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Grid(cells) | Self::Record { cells, .. } => cells.len(),
            Self::Index { indices, .. } => indices.len(),
            Self::Sheet { cells, .. } => cells.len(),
            Self::Text(texts) => texts.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Spreadsheet letters of a zero-based column: 0 is `A`, 26 is `AA`.
pub fn column_letters(column: u32) -> String {
    let mut letters = String::new();
    let mut rest = column as usize + 1;
    while rest > 0 {
        letters.insert(0, char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(rest - 1) % 26]));
        rest = (rest - 1) / 26;
    }
    letters
}

/// One table as read. One row per cell that the file states, a missing one included.
#[derive(Debug, Clone, PartialEq)]
pub struct RawTable {
    /// The provider's code in lower case (`lfsa_eoqgan`), when the file states it.
    pub dataflow: Option<String>,
    /// The title as the file states it.
    pub title: Option<String>,
    /// The provider's update stamp, verbatim; its form differs by format.
    pub updated: Option<String>,
    /// Every dimension but time, in the file's order.
    pub dimensions: Vec<Column>,
    pub period: Column,
    /// `None`: the cell is stated and has no number; its status says why, as far as the source says it.
    pub value: Vec<Option<f64>>,
    /// The source's observation flags, verbatim (`bu`); empty when none.
    pub obs_status: Column,
    /// The source's confidentiality flag, verbatim (`C`); empty when none.
    pub conf_status: Column,
    pub positions: Positions,
}

impl RawTable {
    pub fn len(&self) -> usize {
        self.value.len()
    }

    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    pub fn dimension(&self, id: &str) -> Option<&Column> {
        self.dimensions.iter().find(|column| column.id == id)
    }
}

/// What a reader returns: always both, however bad the input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The format that was recognised, for messages: `JSON-stat 2.0`, `Eurostat TSV`, ...
    pub format: String,
    pub tables: Vec<RawTable>,
    pub descriptions: Vec<Description>,
    pub findings: Vec<Finding>,
}

/// What a file states about tables and codes instead of figures: a structure, a codelist, a catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The provider's id of what is described; empty when it states none.
    pub id: String,
    pub title: String,
    /// The provider's update stamp, verbatim; empty when it states none.
    pub updated: String,
    /// In the file's order.
    pub entries: Vec<Entry>,
}

/// One code of one list, or a list without codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Dimension or codelist the code belongs to; `table` in a catalogue of tables.
    pub list: String,
    /// What the list is called.
    pub list_label: String,
    /// Empty when the file names the list and none of its codes.
    pub code: String,
    pub label: String,
    /// Code of the entry above it, when the list is a tree.
    pub parent: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, expected) in [
            ("alue*", "alue_23_20260101", true),
            ("Alue", "alue", true),
            ("*ålder", "Ålder", true),
            ("region", "regionen", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("kohezijska*", "KOHEZIJSKA REGIJA", true),
        ] {
            assert_eq!(is_meant(pattern, text, "", None), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn letters() {
        for (column, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")] {
            assert_eq!(column_letters(column), expected);
        }
    }
}
