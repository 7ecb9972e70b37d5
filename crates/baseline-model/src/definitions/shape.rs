//! How a file of no common format is laid out: part of a dataflow's record, or of the seed's recipe.
//!
//! Declares only. `baseline-source` reads by it. Texts of the file are compared after their blanks were put in order:
//! a line break or several blanks are one blank, none stands at an end. In a *pattern* `#` stands for one or more digits
//! and `*` for any text.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Numbers;

/// How a file of no common format is laid out. The table's dimensions are `measure` (when a block states one), then those
/// of the blocks in order; a block that lacks one leaves it empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shape {
    pub dataflow: Option<String>,
    pub title: Option<String>,
    /// The provider's update stamp, when it is known from elsewhere.
    pub updated: Option<String>,
    /// Between the cells of a text file; `,` when not said.
    pub delimiter: Option<char>,
    /// Code page of a text file that is not Unicode: `windows-1250`, `iso-8859-7`.
    pub encoding: Option<String>,
    /// How this file writes numbers, when it is not as in the rule of its table or source.
    pub numbers: Option<Numbers>,
    pub blocks: Vec<Block>,
}

/// One rectangle of cells under one header: a text file has one or more, a workbook one or more a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Block {
    /// Name of the sheet, or names it had in different editions; none for a text file, and for the only sheet of a workbook.
    pub sheet: Option<Name>,
    /// Pattern of the first cell of a row. The block begins at every such row and ends before the next row at which a
    /// block of the same sheet begins; `header_row` then counts from that row, which is row 0.
    pub begins: Option<String>,
    /// Row of the header, from 1; 1 when not said. In a text file rows are counted without wholly empty lines.
    pub header_row: Option<u32>,
    /// Rows that the header has; 1 when not said. In all but the last, a text holds for the columns to its right until the
    /// next text, or until a row above has the next one.
    pub header_rows: Option<u32>,
    /// Header rows in which a group has several texts in neighbouring columns (`2001 | 1st quarter | | |`): they are
    /// joined, and hold until the next group begins.
    pub groups: Vec<Group>,
    /// Patterns of header texts that say nothing (`ekp#`).
    pub technical: Vec<String>,
    /// Header text as it stands -> as it is meant, for misprints.
    pub misprints: BTreeMap<String, String>,
    /// Whether footnote signs at the end of headers and keys are left out: `1)`, `(1)`, `*`, a digit behind a letter.
    pub footnotes: bool,
    pub keys: Vec<Key>,
    /// Column of the period, or columns whose texts are joined by a blank.
    pub period_column: Option<Name>,
    /// How the period column writes periods; see [`Level::periods`].
    pub periods: Vec<String>,
    /// Whether an empty cell of the period column has the period above it.
    pub period_fill: bool,
    /// For all columns that state none.
    pub period: Option<String>,
    /// Dimensions with the same code in the whole block.
    pub constants: BTreeMap<String, String>,
    /// Single columns of figures: each gives a row for every row of the file, an empty cell one without a value.
    pub measures: Vec<Measure>,
    /// Whether an empty cell of a measure states nothing and gives no row.
    pub skip_blanks: bool,
    /// Columns of figures that are told by their headers: each cell that is not blank gives a row.
    pub crosses: Vec<Cross>,
    /// Columns that are known and not read: their name, or the beginning of their path.
    pub ignore: Vec<Name>,
    /// Texts that mean "no value" beside an empty cell and `:`, and say no reason. Marks with a reason stand in `numbers`.
    pub missing: Vec<String>,
    /// Only rows in which a column has a number between two.
    pub rows: Option<Range>,
    /// Patterns of the beginning of the first cell of rows that are not read.
    pub skip: Vec<String>,
    /// The same for the row at which the block ends.
    pub stop: Vec<String>,
}

/// A text, or several of them: alternatives for a sheet, the levels of a column's header from above (`["Nationality",
/// "Greek"]`, which is also written `"Nationality / Greek"`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Name {
    One(String),
    Path(Vec<String>),
}

impl Name {
    pub fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Path(texts) => texts,
        }
    }

    /// `Nationality / Greek`.
    pub fn joined(&self) -> String {
        self.texts().join(" / ")
    }
}

impl Default for Name {
    fn default() -> Self {
        Self::One(String::new())
    }
}

/// A header row whose groups have several texts side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Row of the header, from 1.
    pub row: u32,
    /// Pattern of the first text of a group.
    pub begins: String,
}

/// A column whose cells are codes of a dimension. Several keys may read the same column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub column: Name,
    pub dimension: String,
    /// Text -> code; a text that is not named is its own code.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// Rows for which `codes` count; all when not said. Offices change what a name means: the Ipeiros of 1987 is another.
    #[serde(default)]
    pub when: Option<Range>,
    /// Whether an empty cell has what stands above it.
    #[serde(default)]
    pub fill: bool,
    /// Whether only the texts of `codes` set the code, for their own row and those below: headings between the rows.
    #[serde(default)]
    pub carry: bool,
    /// The code of an empty cell. Without it a row with an empty cell is not understood.
    #[serde(default)]
    pub empty: Option<String>,
}

/// A column of figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    pub column: Name,
    /// Its code in the dimension `measure`.
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub period: Option<String>,
    /// Codes of further dimensions.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
}

/// Columns of figures whose headers fit every level, and have no text in a header row that no level names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cross {
    pub levels: Vec<Level>,
    /// Codes of further dimensions.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    #[serde(default)]
    pub period: Option<String>,
}

/// What a header row says of the columns of a [`Cross`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Level {
    /// Row of the header, from 1.
    pub row: u32,
    /// The text that has to stand there, when it says nothing more.
    pub is: Option<String>,
    /// The dimension whose codes `codes` gives.
    pub dimension: Option<String>,
    /// Text -> code. Every text has to be there.
    pub codes: BTreeMap<String, String>,
    /// Forms of a period: `{year}`, `{half}`, `{quarter}`, `{month}`, `{day}` stand for numbers, `{letters}` for letters,
    /// the rest for itself in small or capital letters: `{quarter}{letters} quarter {year}`.
    pub periods: Vec<String>,
}

/// Rows with a number from `from` to `to`, both included, in a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    pub column: Name,
    #[serde(default)]
    pub from: Option<i64>,
    #[serde(default)]
    pub to: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let key: Key = toml::from_str("column = [\"Nationality\", \"Greek\"]\ndimension = \"x\"").unwrap();
        assert_eq!(key.column.joined(), "Nationality / Greek");
        let key: Key = toml::from_str("column = \"Year\"\ndimension = \"x\"").unwrap();
        assert_eq!(key.column, Name::One("Year".into()));
        assert!(toml::from_str::<Key>("column = 3\ndimension = \"x\"").is_err());
    }
}
