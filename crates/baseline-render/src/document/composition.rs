//! Charts of what something is made of: parts of a hundred, and a population by age and sex.

use super::{AxisStyle, Mark};

/// Bars of 100 %, a row a place or year, in each the same parts in the same order. At most five parts are readable.
#[derive(Debug, Clone)]
pub struct Stacked {
    /// Legend, a text a part, in the order of the bars.
    pub parts: Vec<String>,
    pub rows: Vec<StackedRow>,
    /// Legend texts of the hatched part and of the flag brackets; empty: not drawn.
    pub legend_proxy: String,
    pub legend_flag: String,
    pub axis: AxisStyle,
}

#[derive(Debug, Clone)]
pub struct StackedRow {
    pub label: String,
    /// Small, grey, under the label: whose values these are.
    pub sublabel: String,
    /// Percent of the whole, one a part. What is missing is empty at the end of the bar: no part is stretched to fill it.
    pub marks: Vec<Option<Mark>>,
    /// Says why a part is missing; stands behind the known ones.
    pub missing: String,
    /// Ours: drawn in bold.
    pub highlight: bool,
}

/// A population by age and sex: the first sex to the left, the second to the right, the youngest at the bottom.
#[derive(Debug, Clone)]
pub struct Pyramid {
    /// Under the bars, e.g. `% of the population`.
    pub unit: String,
    /// Over the two sides.
    pub sides: [String; 2],
    /// From the youngest on.
    pub rows: Vec<PyramidRow>,
    /// Legend texts of the bars, of the outline (the benchmark's name), of a hatched bar and of the flag brackets; empty: not drawn.
    pub legend_bars: String,
    pub legend_outline: String,
    pub legend_proxy: String,
    pub legend_flag: String,
    pub axis: AxisStyle,
}

#[derive(Debug, Clone)]
pub struct PyramidRow {
    /// The age group.
    pub label: String,
    /// One a side, from 0 up.
    pub marks: [Option<Mark>; 2],
    /// Stands where a bar is missing.
    pub missing: String,
    /// The same of the benchmark, drawn as an outline.
    pub outline: [Option<Mark>; 2],
}
