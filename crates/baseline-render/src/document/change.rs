//! Charts of what changed: between two years, and over many years in several places.

use super::{AxisStyle, LineSeries, Mark};

/// Two years beside each other, a line a place. Both ends are labelled and there is no axis: nothing is read off but
/// the direction of the lines. At most nine lines are readable.
#[derive(Debug, Clone)]
pub struct Slope {
    /// Stands above the plot, e.g. `% of residents aged 20–64`; a short one (`%`) behind the years; empty: not drawn.
    pub unit: String,
    /// Over the two ends, `2019` and `2024`.
    pub ends: [String; 2],
    pub lines: Vec<SlopeLine>,
    /// Legend texts of the break mark, the dashed line, the hollow mark and the flagged one; empty: not drawn.
    pub legend_break: String,
    pub legend_converted: String,
    pub legend_proxy: String,
    pub legend_flag: String,
}

#[derive(Debug, Clone)]
pub struct SlopeLine {
    pub label: String,
    /// Small, grey, after the label: whose values these are, e.g. `PL · D`.
    pub sublabel: String,
    /// Earlier and later; either may be missing; `missing` then says why at its place.
    pub marks: [Option<Mark>; 2],
    pub missing: String,
    pub join: Join,
    /// Ours: in the accent.
    pub highlight: bool,
    /// A country or the EU: thinner.
    pub benchmark: bool,
}

/// What joins the two ends of a slope's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    Line,
    /// One of the two was converted from another classification of regions: the line is dashed.
    Converted,
    /// A break lies between the two: no line joins them.
    Broken,
}

/// The same lines for several places, a panel a place, three beside one another, all on one axis of values and one of years.
#[derive(Debug, Clone)]
pub struct Multiples {
    /// Stands above the panels, a short one (`%`) behind the first tick; empty: not drawn.
    pub unit: String,
    /// Legend of the lines by the colour of their series; empty when the note or the subtitle says what the only line is.
    pub series: Vec<String>,
    pub panels: Vec<Panel>,
    /// Legend texts of the break mark, the dotted part, the hollow mark and the flagged one; empty: not drawn.
    pub legend_break: String,
    pub legend_provisional: String,
    pub legend_proxy: String,
    pub legend_flag: String,
    pub axis: AxisStyle,
}

/// One place. The last value of every line is printed; those before it stand in the figure's data table.
#[derive(Debug, Clone)]
pub struct Panel {
    pub label: String,
    /// Small, grey, under the label: whose values these are.
    pub sublabel: String,
    pub lines: Vec<LineSeries>,
    /// Says why there is no line, where there is none.
    pub missing: String,
    /// Ours: with a bold label on a tinted ground.
    pub highlight: bool,
}
