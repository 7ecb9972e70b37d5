//! The document model: what a report says, before any format. `compose` builds it, formats render it.
//!
//! A number can only enter as a [`Number`], which carries its figure id, grade and flags; so no format
//! can print a borrowed value as the territory's own.

mod change;
mod composition;
mod overview;

use std::collections::BTreeMap;

use baseline_model::{Grade, ObsStatus, Reason};

pub use change::{Join, Multiples, Panel, Slope, SlopeLine};
pub use composition::{Pyramid, PyramidRow, Stacked, StackedRow};
pub use overview::{Area, Arrow, Matrix, MatrixCell, MatrixRow, Quadrant, QuadrantPoint, ScoreCell, ScoreRow, Scorecard, Tone};

/// A report of one territory, or the comparative one of a study.
#[derive(Debug, Clone)]
pub struct Report {
    pub title: String,
    pub subtitle: String,
    /// What kind of publication it is.
    pub product: Product,
    /// Language code, for `lang`.
    pub language: String,
    /// The day of the newest figure's vintage, `2026-06-30`: the date of the document. Never the clock's.
    pub date: String,
    /// Who pays for it and what they want printed.
    pub programme: Programme,
    /// Lines under the title: programme, partner, data state. No clock: dates are the data's own.
    pub front: Vec<Text>,
    pub sections: Vec<Section>,
    /// For each figure id that occurs: what `why` would say, a line each (value, formula, source, vintage, cell).
    pub provenance: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Product {
    /// Of one territory, about 20 pages.
    #[default]
    Report,
    /// Of a whole study.
    Comparison,
    /// Two pages of one territory.
    Factsheet,
}

/// The programme block of a study, in the report's language where it has one. Any text may be empty.
#[derive(Debug, Clone, Default)]
pub struct Programme {
    pub name: String,
    pub project: String,
    pub period: String,
    pub url: String,
    /// The funding statement that stands beside the emblem.
    pub funding: String,
    pub disclaimer: String,
}

#[derive(Debug, Clone)]
pub struct Section {
    /// Anchor, unique in the report, of letters, digits and `-`.
    pub id: String,
    pub title: String,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone)]
pub enum Block {
    /// Inside a section, one level below its title.
    Heading(String),
    Paragraph(Text),
    List(Vec<Text>),
    /// A framed remark with a title (what this cannot show, how to read).
    Note {
        title: String,
        body: Vec<Text>,
    },
    Figure(Box<Figure>),
    Table(Table),
}

/// A run of text with bound numbers.
#[derive(Debug, Clone, Default)]
pub struct Text(pub Vec<Span>);

#[derive(Debug, Clone)]
pub enum Span {
    Plain(String),
    Strong(String),
    Number(Number),
    Link {
        text: String,
        url: String,
    },
    /// To a figure, table or section of this report: its anchor.
    Reference {
        text: String,
        anchor: String,
    },
}

/// A number as printed, and everything that stays with it.
#[derive(Debug, Clone)]
pub struct Number {
    /// The figure id; the HTML carries it as `data-id`.
    pub id: String,
    /// Formatted in the report's language, unit included where the place does not state it; for a
    /// missing value the word or mark that says why (`withheld`).
    pub text: String,
    /// Unrounded, for workbooks; `None` when missing.
    pub value: Option<f64>,
    pub missing: Option<Reason>,
    pub grade: Grade,
    /// Status letters; printed in brackets: `[u]`.
    pub flags: ObsStatus,
    /// Years for which it was carried forward; printed when over 0.
    pub carried_years: u16,
    /// The same as the report's language prints it, `−1 y`; empty when 0.
    pub carried: String,
}

/// A numbered figure with all its texts, its chart and its data table.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Anchor and file stem (`figures/<id>.svg`): lower case letters, digits and `-`.
    pub id: String,
    /// `Figure 3`.
    pub label: String,
    /// Says the finding.
    pub title: String,
    /// Measure, universe, geography, period, unit.
    pub subtitle: String,
    /// Flags present, proxies, exceptions, breaks.
    pub note: String,
    /// Provider, table code, update date, own calculations.
    pub source: String,
    /// Chart type, what is compared, the finding: 80-250 characters, never the title again.
    pub alt: String,
    /// Trend, extremes, our territory, flags.
    pub long_description: String,
    pub chart: Chart,
    /// The figures drawn, as a table.
    pub data: Table,
}

#[derive(Debug, Clone)]
pub enum Chart {
    Dumbbell(Dumbbell),
    Line(LineChart),
    Strip(Strip),
    Dots(Dots),
    Map(Box<crate::map::Map>),
    Slope(Slope),
    Multiples(Multiples),
    Stacked(Stacked),
    Pyramid(Pyramid),
    Scorecard(Scorecard),
    Matrix(Matrix),
    Quadrant(Quadrant),
}

/// How a mark is drawn beside its colour: grade and flags are never by colour alone.
#[derive(Debug, Clone)]
pub struct Mark {
    pub value: f64,
    /// Printed beside the mark.
    pub text: String,
    pub id: String,
    pub grade: Grade,
    pub flags: ObsStatus,
}

/// The gap between two groups, a row a territory, in the order given.
#[derive(Debug, Clone)]
pub struct Dumbbell {
    /// Legend of the first (reference) and the second group.
    pub groups: [String; 2],
    /// Unit on the axis, e.g. `%`.
    pub unit: String,
    /// Header of the gap column at the right, e.g. `Gap, pp`.
    pub gap_header: String,
    /// Legend text of the hollow mark (value of a parent region) and of the flag brackets; empty: not drawn.
    pub legend_proxy: String,
    pub legend_flag: String,
    pub rows: Vec<DumbbellRow>,
    /// Number style for the axis.
    pub axis: AxisStyle,
}

#[derive(Debug, Clone)]
pub struct DumbbellRow {
    pub label: String,
    /// Small, grey, beside the label: code and grade of the region whose values these are, e.g. `PL · D`.
    pub sublabel: String,
    /// Either may be missing; `missing` then says why at its place.
    pub marks: [Option<Mark>; 2],
    pub missing: String,
    /// Printed at the right; empty when not computable.
    pub gap: String,
    /// Disadvantage of the second group (colours the gap); `None` when not computable.
    pub disadvantage: Option<bool>,
    /// Ours: drawn in bold.
    pub highlight: bool,
    /// A benchmark (country, EU): drawn lighter, after a rule.
    pub benchmark: bool,
}

/// Lines over years. A line is interrupted where a value is missing and at a break, and dotted where it leads to or from a
/// provisional value (flag `p`).
#[derive(Debug, Clone)]
pub struct LineChart {
    pub unit: String,
    pub series: Vec<LineSeries>,
    pub axis: AxisStyle,
    /// Legend text of the break mark; empty: no break is drawn.
    pub legend_break: String,
    /// Of the dotted part; empty: not drawn.
    pub legend_provisional: String,
    pub legend_flag: String,
    pub legend_proxy: String,
}

#[derive(Debug, Clone)]
pub struct LineSeries {
    /// Direct label at the line's end.
    pub label: String,
    pub grade: Grade,
    /// 0 is the accent; others follow the categorical palette.
    pub colour: usize,
    pub points: Vec<LinePoint>,
}

#[derive(Debug, Clone)]
pub struct LinePoint {
    pub year: i32,
    /// `None` leaves a hole.
    pub mark: Option<Mark>,
    /// The line must not be drawn into this point.
    pub break_before: bool,
}

/// The position of ours among all comparable regions.
#[derive(Debug, Clone)]
pub struct Strip {
    pub unit: String,
    /// A row an indicator.
    pub rows: Vec<StripRow>,
    pub legend_others: String,
    pub legend_ours: String,
    pub legend_proxy: String,
    pub axis: AxisStyle,
}

#[derive(Debug, Clone)]
pub struct StripRow {
    pub label: String,
    pub sublabel: String,
    /// Values of all other regions, in any order.
    pub others: Vec<f64>,
    /// Ours, labelled (`Zachodniopomorskie 87.2`); the study's other territories may be given with shorter labels.
    pub ours: Vec<(String, Mark)>,
    /// Printed at the right: `place 12-13 of 279`.
    pub position: String,
}

/// Several readings of one thing beside one another, or one with its interval: a row a place, a lane a series.
#[derive(Debug, Clone)]
pub struct Dots {
    pub unit: String,
    /// Legend, a text a series in the order of the lanes.
    pub series: Vec<String>,
    pub rows: Vec<DotsRow>,
    /// Legend texts of the hollow mark, the flag brackets and the bar of a lane; empty: not drawn.
    pub legend_proxy: String,
    pub legend_flag: String,
    pub legend_range: String,
    /// The axis is one of places from 1 to this; else it follows from the values.
    pub places: Option<u32>,
    /// What the axis must reach besides the values of the rows: those of the rest of a divided chart.
    pub reach: Vec<f64>,
    pub axis: AxisStyle,
}

#[derive(Debug, Clone)]
pub struct DotsRow {
    pub label: String,
    /// Small, grey, under the label.
    pub sublabel: String,
    /// One a series.
    pub lanes: Vec<Lane>,
    /// Ours: drawn in bold.
    pub highlight: bool,
}

#[derive(Debug, Clone)]
pub struct Lane {
    /// Without one, the text says why.
    pub mark: Option<Mark>,
    /// The ends of an interval around the mark, in the axis' unit.
    pub range: Option<(f64, f64)>,
    /// Printed to the right of mark and interval; without a text the mark's own is.
    pub text: String,
}

/// Number style of axis labels.
#[derive(Debug, Clone)]
pub struct AxisStyle {
    pub decimal: String,
    pub group: String,
    pub minus: String,
}

/// A table: one header row, a row header in the first column.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Anchor and sheet name stem, unique in the report.
    pub id: String,
    /// `Table 2`; empty for the data table of a figure.
    pub label: String,
    pub caption: String,
    pub columns: Vec<String>,
    pub rows: Vec<TableRow>,
    pub notes: Vec<Text>,
    pub source: String,
    /// For looking something up, not for reading: formats for paper name the sheet of the workbook where it stands.
    pub reference: bool,
}

#[derive(Debug, Clone, Default)]
pub struct TableRow {
    pub header: Text,
    /// One a column after the first.
    pub cells: Vec<TableCell>,
    pub highlight: bool,
}

#[derive(Debug, Clone)]
pub enum TableCell {
    Empty,
    Text(Text),
    Number(Number),
    /// A letter with a meaning (coverage matrix): the letter, its full text, and the grade when it is one.
    Letter {
        letter: String,
        title: String,
        grade: Option<Grade>,
    },
}

impl Text {
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Span::Plain(text.into())])
    }

    #[must_use]
    pub fn then(mut self, span: Span) -> Self {
        self.0.push(span);
        self
    }

    /// Without any layout: numbers with their marks, links with their address.
    pub fn to_plain(&self) -> String {
        self.0
            .iter()
            .map(|span| match span {
                Span::Plain(text) | Span::Strong(text) | Span::Reference { text, .. } => text.clone(),
                Span::Number(number) => number.marked(),
                Span::Link { text, url } => format!("{text} ({url})"),
            })
            .collect()
    }
}

impl Number {
    /// The number with its [`Self::marks`].
    pub fn marked(&self) -> String {
        format!("{}{}", self.text, self.marks())
    }

    /// Marks after the number: ` [u]`, grade letter in brackets, carried years: what plain text formats print. Empty for an own, unflagged, current value.
    pub fn marks(&self) -> String {
        let mut marks = String::new();
        for letter in self.flags.letters() {
            marks.push_str(&format!("[{letter}]"));
        }
        if self.grade != Grade::A {
            marks.push_str(&format!("({})", self.grade));
        }
        if self.carried_years > 0 {
            marks.push_str(&format!("({})", self.carried));
        }
        if marks.is_empty() { marks } else { format!("\u{a0}{marks}") }
    }
}

impl Figure {
    /// Every figure of a report, in order.
    pub fn all(report: &Report) -> Vec<&Self> {
        let mut figures = Vec::new();
        for block in report.sections.iter().flat_map(|section| &section.blocks) {
            if let Block::Figure(figure) = block {
                figures.push(figure.as_ref());
            }
        }
        figures
    }
}
