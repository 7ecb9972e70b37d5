//! How a file of no common format is laid out: part of a dataflow's record, or of the seed's recipe.
//!
//! Declares only. `baseline-source` reads by it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How a file of no common format is laid out. The table's dimensions are `measure`, then those of the
/// blocks in order; a block that lacks one leaves it empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shape {
    pub dataflow: Option<String>,
    pub title: Option<String>,
    /// The provider's update stamp, when it is known from elsewhere.
    pub updated: Option<String>,
    /// Between the cells of a CSV file; `,` when not said.
    pub delimiter: Option<char>,
    pub blocks: Vec<Block>,
}

/// One rectangle of cells under one header row: a CSV file has one, a workbook one or more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Block {
    /// Name of the sheet; none for a CSV file.
    pub sheet: Option<String>,
    /// Row of the header, from 1; 1 when not said.
    pub header_row: Option<u32>,
    pub keys: Vec<Key>,
    pub period_column: Option<String>,
    /// For all measures that state none.
    pub period: Option<String>,
    /// Dimensions with the same code in the whole block.
    pub constants: BTreeMap<String, String>,
    pub measures: Vec<Measure>,
    /// Columns that are known and not read.
    pub ignore: Vec<String>,
    /// Texts that mean "no value" beside an empty cell and `:`.
    pub missing: Vec<String>,
}

/// A column whose cells are codes of a dimension.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub column: String,
    pub dimension: String,
}

/// A column of figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    pub column: String,
    /// Its code in the dimension `measure`.
    pub code: String,
    #[serde(default)]
    pub period: Option<String>,
}
