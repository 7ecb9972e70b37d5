//! An observation and everything that must never be lost on its way into a report.
//!
//! There is no constructor without status, evidence and grade, so nothing downstream can drop them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::definitions::{Origin, Unit};
use crate::{Period, Receipt};

/// A number, or one of four kinds of nothing. None of them is zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    Number(f64),
    Missing(Reason),
}

impl Value {
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::Missing(_) => None,
        }
    }
}

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The source has no such cell.
    Absent,
    /// The source states the cell and marks it as not available.
    NotAvailable,
    /// Withheld: confidential, or too unreliable to be published.
    Withheld,
    /// Cannot exist (`z`, `m`).
    NotApplicable,
}

/// A set of status letters after the January 2025 list: `bu` is break and low reliability.
/// Kept sorted; an unknown letter is kept verbatim.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObsStatus(BTreeSet<char>);

impl ObsStatus {
    pub fn new(letters: &str) -> Self {
        Self(letters.chars().filter(|letter| !letter.is_whitespace()).collect())
    }

    pub fn contains(&self, letter: char) -> bool {
        self.0.contains(&letter)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn letters(&self) -> impl Iterator<Item = char> + '_ {
        self.0.iter().copied()
    }

    /// The status of a derived value: the union of its inputs'.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).copied().collect())
    }
}

impl fmt::Display for ObsStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{letter}"))
    }
}

/// Whose value it is. The order is from best to worst: a derived value takes the worst of its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// The territory's own.
    A,
    /// Of its NUTS 3 region.
    B,
    /// Of its NUTS 2 region.
    C,
    /// Of its country.
    D,
    /// Modelled.
    M,
}

impl Grade {
    pub const ALL: [Self; 5] = [Self::A, Self::B, Self::C, Self::D, Self::M];
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::M => "M",
        })
    }
}

/// A version of the NUTS classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NutsVersion {
    #[serde(rename = "2013")]
    V2013,
    #[serde(rename = "2016")]
    V2016,
    #[serde(rename = "2021")]
    V2021,
    #[serde(rename = "2024")]
    V2024,
}

impl NutsVersion {
    /// Oldest first.
    pub const ALL: [Self; 4] = [Self::V2013, Self::V2016, Self::V2021, Self::V2024];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.to_string() == text)
    }
}

impl fmt::Display for NutsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V2013 => "2013",
            Self::V2016 => "2016",
            Self::V2021 => "2021",
            Self::V2024 => "2024",
        })
    }
}

/// A region code, never without its version: FI193 became FI198 in NUTS 2024. A code of another
/// system (a municipality, `EU27_2020`) has no NUTS version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NutsCode {
    pub code: String,
    pub version: Option<NutsVersion>,
}

/// The source cell of a value.
#[derive(Debug, Clone)]
pub struct Cell {
    pub receipt: Arc<Receipt>,
    /// Which original of the receipt, from 1.
    pub original: u32,
    /// Row and column, index, or sheet and address: see [`crate::Positions`].
    pub position: String,
    /// The source's own dimensions and codes of the cell, in the table's order.
    pub key: Vec<(String, String)>,
}

impl Cell {
    /// The original the cell stands in, when the receipt lists it.
    pub fn original(&self) -> Option<&crate::Original> {
        let index = usize::try_from(self.original).ok()?.checked_sub(1)?;
        self.receipt.originals.get(index)
    }

    /// The vintage as printed; see [`crate::Original::vintage`].
    pub fn vintage(&self) -> String {
        self.original().map(crate::Original::vintage).unwrap_or_default()
    }
}

/// The stable name of a printed figure: `over_qualification.zachodniopomorskie.non_eu.T.Y20-64.2024`,
/// with a measure at the end when it is not the value itself (`...2024.gap_pp`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FigureId(pub String);

impl fmt::Display for FigureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a value was computed. The formulas are documented at the functions of `derive` and `compare`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// numerator / denominator
    Ratio,
    /// 100 · numerator / denominator
    Share,
    /// 1000 · numerator / denominator
    PerThousand,
    /// Σ parts
    Sum,
    /// disadvantage-positive difference of two rates, percentage points
    GapPp,
    /// disadvantage-positive odds ratio of two rates
    OddsRatio,
    /// disadvantage-positive ratio of two rates
    GapRatio,
    /// natural logarithm of the odds ratio
    LogOdds,
    /// disadvantage-positive difference in percent of the reference rate
    RelativeGap,
    /// value − benchmark, in the indicator's unit
    Difference,
    /// value − earlier value, in the indicator's unit
    Change,
    /// position from the best among comparable regions, ties share the better place
    Position,
    /// Σ weight · value / Σ weight
    WeightedMean,
    /// on the line between two years of one series
    Interpolation,
    /// Σ share · rate / Σ share over groups: local composition, a country's rates
    Synthetic,
    /// a count of an older NUTS region · the share of it that lies in the newer one
    Conversion,
    /// 100 · (value − worst) / (best − worst), from 0 to 100
    Score,
    /// mean of means of scores
    Composite,
    /// a statistic of a composite's ranks over many draws of its choices
    MonteCarlo,
    /// share of the variance of a composite's rank shift that a choice explains
    Sobol,
    /// 100 · (later − earlier) / later
    Arrived,
    /// agreement of a grouping with labels, adjusted for chance
    AdjustedRand,
}

impl Formula {
    pub const ALL: [Self; 22] = [
        Self::Ratio,
        Self::Share,
        Self::PerThousand,
        Self::Sum,
        Self::GapPp,
        Self::OddsRatio,
        Self::GapRatio,
        Self::LogOdds,
        Self::RelativeGap,
        Self::Difference,
        Self::Change,
        Self::Position,
        Self::WeightedMean,
        Self::Interpolation,
        Self::Synthetic,
        Self::Conversion,
        Self::Score,
        Self::Composite,
        Self::MonteCarlo,
        Self::Sobol,
        Self::Arrived,
        Self::AdjustedRand,
    ];

    /// As written in files: `gap_pp`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Share => "share",
            Self::PerThousand => "per_thousand",
            Self::Sum => "sum",
            Self::GapPp => "gap_pp",
            Self::OddsRatio => "odds_ratio",
            Self::GapRatio => "gap_ratio",
            Self::LogOdds => "log_odds",
            Self::RelativeGap => "relative_gap",
            Self::Difference => "difference",
            Self::Change => "change",
            Self::Position => "position",
            Self::WeightedMean => "weighted_mean",
            Self::Interpolation => "interpolation",
            Self::Synthetic => "synthetic",
            Self::Conversion => "conversion",
            Self::Score => "score",
            Self::Composite => "composite",
            Self::MonteCarlo => "monte_carlo",
            Self::Sobol => "sobol",
            Self::Arrived => "arrived",
            Self::AdjustedRand => "adjusted_rand",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|formula| formula.id() == id)
    }
}

/// What a formula was applied with besides its inputs, by name, in the order in which it is printed.
pub type Parameters = Vec<(&'static str, String)>;

/// What a value rests on.
#[derive(Debug, Clone)]
pub enum Evidence {
    Cell(Cell),
    /// Computed from other figures, in the formula's order; with the parameters it can be computed again.
    Computed {
        formula: Formula,
        parameters: Parameters,
        inputs: Vec<Observation>,
    },
    /// No cell: the source has nothing for this key.
    Nowhere,
}

/// One value of one indicator for one territory, with everything that must stay with it.
#[derive(Debug, Clone)]
pub struct Observation {
    pub id: FigureId,
    pub indicator: String,
    /// A territory's id, or a benchmark's (`PL`, `EU27_2020`).
    pub territory: String,
    /// The region whose value it is, under the source's code.
    pub geo: NutsCode,
    pub period: Period,
    pub origin: Origin,
    pub sex: String,
    pub age: String,
    pub value: Value,
    pub unit: Unit,
    pub obs_status: ObsStatus,
    pub grade: Grade,
    /// Years for which the value was carried forward to stand in the wanted period.
    pub carried_years: u16,
    pub source: String,
    pub dataflow: String,
    pub evidence: Evidence,
}

impl Observation {
    /// The cells the value rests on, inputs of inputs included, in order.
    pub fn cells(&self) -> Vec<&Cell> {
        match &self.evidence {
            Evidence::Cell(cell) => vec![cell],
            Evidence::Computed { inputs, .. } => inputs.iter().flat_map(Self::cells).collect(),
            Evidence::Nowhere => Vec::new(),
        }
    }

    /// Vintages of all cells, in order, each once, joined by `+`.
    pub fn vintage(&self) -> String {
        join_once(self.cells().into_iter().map(Cell::vintage))
    }

    /// Positions of all cells, in order, joined by `+`; an original's number stands before it when there are several (`2:R12C4`).
    pub fn position(&self) -> String {
        join_once(self.cells().into_iter().map(|cell| {
            if cell.receipt.originals.len() > 1 { format!("{}:{}", cell.original, cell.position) } else { cell.position.clone() }
        }))
    }
}

fn join_once(items: impl Iterator<Item = String>) -> String {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for item in items {
        if seen.insert(item.clone()) {
            kept.push(item);
        }
    }
    kept.join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_a_sorted_set() {
        let status = ObsStatus::new("ub").union(&ObsStatus::new("p b"));
        assert_eq!(status.to_string(), "bpu");
        assert!(status.contains('p') && !status.contains('e'));
    }

    #[test]
    fn a_formula_is_written_as_it_is_read() {
        for formula in Formula::ALL {
            let read: std::collections::BTreeMap<String, Formula> =
                toml::from_str(&format!("formula = '{}'", formula.id())).unwrap();
            assert_eq!((read["formula"], Formula::parse(formula.id())), (formula, Some(formula)));
        }
    }

    #[test]
    fn worst_grade_is_the_greatest() {
        assert_eq!([Grade::A, Grade::D, Grade::C].into_iter().max(), Some(Grade::D));
    }
}
