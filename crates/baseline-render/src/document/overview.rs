//! Charts that show many figures at once: the profile of a territory, whose values there are, stock against growth.

use baseline_model::Grade;

use super::{AxisStyle, Mark};

/// Figures as a table that is read at a glance: each cell a number with its mark, and under it in words what it says.
#[derive(Debug, Clone)]
pub struct Scorecard {
    /// Header of the first column.
    pub corner: String,
    /// Headers, one a cell of a row.
    pub columns: Vec<String>,
    pub rows: Vec<ScoreRow>,
    /// Legend texts of the marks `▲`, `▼` and `▬`; empty: not explained.
    pub legend_arrows: [String; 3],
    /// Of the shades [`Tone::Better`] and [`Tone::Worse`]; empty: not explained.
    pub legend_tones: [String; 2],
    /// Of the hollow mark and of the flag brackets; empty: not drawn.
    pub legend_proxy: String,
    pub legend_flag: String,
}

#[derive(Debug, Clone, Default)]
pub struct ScoreRow {
    /// Stands above this row and those after it; empty: none.
    pub heading: String,
    pub label: String,
    /// Small, grey, under the label.
    pub sublabel: String,
    /// One a column; fewer are filled up with empty ones.
    pub cells: Vec<ScoreCell>,
    /// Ours: drawn in bold.
    pub highlight: bool,
    /// A benchmark (country, EU): drawn lighter, after a rule.
    pub benchmark: bool,
}

#[derive(Debug, Clone, Default)]
pub struct ScoreCell {
    /// Without one, the text says why; without both, nothing is said.
    pub mark: Option<Mark>,
    /// Small, under the number: whose value it is (`PL · D`), or what the distance means (`better`).
    pub text: String,
    /// How a distance lies; a value has none.
    pub arrow: Option<Arrow>,
    pub tone: Tone,
}

/// Where a value lies beside what it is compared with, by number alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrow {
    Up,
    Down,
    /// Level when rounded.
    Level,
}

/// What a distance means. Drawn as a shade with an edge; the cell's text says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Neither, or not known.
    #[default]
    None,
    Better,
    Worse,
}

/// Letters in a grid: whose value is shown, or why none.
#[derive(Debug, Clone)]
pub struct Matrix {
    pub corner: String,
    pub columns: Vec<String>,
    pub rows: Vec<MatrixRow>,
    /// The letters in use with their meanings, in the order of the legend.
    pub legend: Vec<(MatrixCell, String)>,
}

#[derive(Debug, Clone, Default)]
pub struct MatrixRow {
    /// Stands above this row and those after it; empty: none.
    pub heading: String,
    pub label: String,
    /// One a column; fewer are filled up with nothing.
    pub cells: Vec<MatrixCell>,
    pub highlight: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixCell {
    /// One letter, or two; the area around it only repeats what it says.
    pub letter: String,
    pub area: Area,
}

/// How a cell of a matrix is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    Grade(Grade),
    Withheld,
    /// No area: only the letter.
    Nothing,
}

/// Two measures of the same places against one another, with lines that part the field. Never with a fitted line.
#[derive(Debug, Clone)]
pub struct Quadrant {
    /// Titles of the axis to the right and of the one upwards, with their units.
    pub titles: [String; 2],
    /// A short unit behind the first tick of each axis; empty: none.
    pub units: [String; 2],
    /// Legend texts of the kinds of points, by which their marks are shaped; at most four.
    pub kinds: Vec<String>,
    pub points: Vec<QuadrantPoint>,
    /// Lines across at a value of each axis, with what they are (`median`).
    pub lines: [Vec<(f64, String)>; 2],
    /// How many points there are, in words; stands in the plot's corner.
    pub count: String,
    pub legend_proxy: String,
    pub legend_flag: String,
    pub axis: AxisStyle,
}

#[derive(Debug, Clone)]
pub struct QuadrantPoint {
    pub label: String,
    /// To the right and upwards; the printed texts stand in the list on narrow screens.
    pub marks: [Mark; 2],
    /// Index in the kinds.
    pub kind: usize,
    pub highlight: bool,
}
