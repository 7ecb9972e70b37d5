//! The declarations a statistician may edit: one record a file under `pipelines/`.
//!
//! An identifier is the file's stem (a dataflow's is `<source>/<stem>`) and is not repeated inside.
//! Unknown keys are errors. Texts that are printed are in English here unless they are names.
//! Parsing and cross-checking report every fault at once, each with file, line and column.

mod chapter;
mod check;
mod compare_with;
mod composite;
mod dataflow;
mod disclosure;
mod estimate;
mod goalposts;
mod layout;
mod levels;
mod locate;
mod nearest;
mod parse;
mod phrases;
pub mod resolve;
mod shape;
mod source;
mod target;
mod territory;
mod typology;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::observation::Formula;

pub use chapter::Chapter;
pub use check::check;
pub use compare_with::{CompareWith, DifferenceReason, ToleranceUnit};
pub use composite::{Aggregation, Composite, CompositeDimension, CompositePart};
pub use dataflow::{Dataflow, DataflowFrequency};
pub use disclosure::Disclosure;
pub use estimate::{Composition, Estimate, EstimateKind};
pub use goalposts::{Goalpost, Goalposts};
pub use layout::{
    EducationCodes, Layout, LayoutColumns, LayoutFixed, LearningCodes, OccupationCodes, OriginCodes, SexCodes, StatusCodes,
};
pub use nearest::nearest;
pub use parse::parse;
pub use phrases::phrases;
pub use resolve::{NotFound, fold};
pub use shape::{Block, Cross, Group, Key, Level as HeaderLevel, Measure, Name, Range, Shape};
pub use source::{Numbers, Quirk, Source, Timeouts, Window};
pub use target::{Awaits, Target};
pub use territory::{NutsParents, Territory, TerritoryKind, TerritoryPlace};
pub use typology::Typology;

/// A territorial level, finest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Lau,
    Nuts3,
    Nuts2,
    Country,
}

/// Citizenship and country of birth never share a series or a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Concept {
    Citizenship,
    Birth,
}

impl fmt::Display for Concept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Citizenship => "citizenship",
            Self::Birth => "birth",
        })
    }
}

/// Group by origin. `Total` belongs to both concepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Total,
    /// Citizens of the reporting country.
    National,
    /// Citizens of another EU country.
    Eu,
    /// Citizens of a non-EU country (third-country nationals).
    NonEu,
    /// All foreign citizens.
    Foreign,
    Stateless,
    NativeBorn,
    /// Born in another EU country.
    EuBorn,
    NonEuBorn,
    ForeignBorn,
    /// Citizenship or birth not stated.
    Unknown,
    /// Citizens of Ukraine, the group of the temporary protection.
    Ukraine,
}

impl Origin {
    pub const ALL: [Self; 12] = [
        Self::Total,
        Self::National,
        Self::Eu,
        Self::NonEu,
        Self::Foreign,
        Self::Stateless,
        Self::NativeBorn,
        Self::EuBorn,
        Self::NonEuBorn,
        Self::ForeignBorn,
        Self::Unknown,
        Self::Ukraine,
    ];

    /// The code as written in files: `non_eu`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::National => "national",
            Self::Eu => "eu",
            Self::NonEu => "non_eu",
            Self::Foreign => "foreign",
            Self::Stateless => "stateless",
            Self::NativeBorn => "native_born",
            Self::EuBorn => "eu_born",
            Self::NonEuBorn => "non_eu_born",
            Self::ForeignBorn => "foreign_born",
            Self::Unknown => "unknown",
            Self::Ukraine => "ukraine",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.code() == code)
    }

    /// The population concept the group belongs to; `None` for the two groups that both concepts have.
    pub fn concept(self) -> Option<Concept> {
        match self {
            Self::Total | Self::Unknown => None,
            Self::National | Self::Eu | Self::NonEu | Self::Foreign | Self::Stateless | Self::Ukraine => {
                Some(Concept::Citizenship)
            }
            Self::NativeBorn | Self::EuBorn | Self::NonEuBorn | Self::ForeignBorn => Some(Concept::Birth),
        }
    }
}

/// The unit of an indicator, with what is printed after the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Percent,
    PercentagePoints,
    PerThousand,
    Persons,
    /// Thousand persons.
    ThousandPersons,
    Years,
    Euro,
    MillionEuro,
    /// Of an index, 0-100.
    Score,
    /// Of a ratio without unit (odds ratio).
    Ratio,
    Permits,
    Households,
    /// A place in an order.
    Position,
}

/// `pipelines/indicators/<id>.toml`: a measure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// In English: `Over-qualification rate`. Languages may override it by the text `indicator.<id>`.
    pub name: String,
    pub unit: Unit,
    pub direction: Direction,
    /// Who is counted.
    pub universe: String,
    #[serde(default)]
    pub numerator: String,
    #[serde(default)]
    pub denominator: String,
    /// Series under one indicator share a concept of measurement; `check` refuses a mixture.
    pub concept: String,
    /// Decimals in print.
    pub decimals: u8,
    /// The indicator that holds the rate's own denominator, for means over territories; none: no mean is printed.
    #[serde(default)]
    pub weight: Option<String>,
    /// First series that has the observation wins.
    #[serde(default)]
    pub series: Vec<Series>,
    /// Instead of series: a formula over other indicators.
    #[serde(default)]
    pub derived: Option<Derived>,
    /// Instead of series: an estimate of other indicators, never an observation of the place.
    #[serde(default)]
    pub estimate: Option<Estimate>,
    #[serde(default)]
    pub gap: Option<GapRule>,
    /// The key that headlines, tables and comparisons use; each has a default.
    #[serde(default)]
    pub headline: Headline,
    /// Each territory is shown at its own newest period: the offices publish for different dates. Such figures are not
    /// compared between territories, nor averaged; the country stands beside them at the same date.
    #[serde(default)]
    pub latest: bool,
    /// Position among all NUTS 2 regions is computed.
    #[serde(default)]
    pub position: bool,
    #[serde(default)]
    pub notes: Vec<String>,
    /// Where the definition comes from: handbooks, regulations, method pages.
    #[serde(default)]
    pub references: Vec<String>,
    /// What policy wants it to be.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// Instead of series and of a formula: an indicator of the framework whose table is not known.
    #[serde(default)]
    pub awaits: Option<Awaits>,
    /// The same fact from other sources, to be held against this one.
    #[serde(default)]
    pub compare_with: Vec<CompareWith>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    HigherIsBetter,
    LowerIsBetter,
    /// Context: neither is better.
    Neutral,
}

impl Direction {
    /// As written in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::HigherIsBetter => "higher_is_better",
            Self::LowerIsBetter => "lower_is_better",
            Self::Neutral => "neutral",
        }
    }
}

/// A slice of a dataflow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// `<source>/<id>`.
    pub dataflow: String,
    /// Dimension (ours where mapped, else theirs) -> the code it must have.
    #[serde(default, rename = "where")]
    pub filter: BTreeMap<String, String>,
    /// Values for our columns (`origin`, `sex`, `age`) that the table does not state as dimensions.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// The concept of the origin dimension; must be the dataflow's.
    #[serde(default)]
    pub by: Option<Concept>,
    /// Multiplies the source's number: 1000 for thousand persons printed as persons.
    #[serde(default)]
    pub factor: Option<f64>,
    /// Parts to add up: dimension -> codes; the sum has a number only when every part has.
    #[serde(default)]
    pub sum: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// `ratio`, `share`, `per_thousand` or `sum`.
    pub formula: Formula,
    /// Indicator ids in the formula's order: numerator, denominator; or the parts.
    pub inputs: Vec<String>,
    /// A denominator that is not yet published for the numerator's period may be this many years older; it counts as carried.
    #[serde(default)]
    pub carry: u16,
    /// The denominator is that of the numerator's own group by origin, instead of that of the denominator's headline.
    #[serde(default)]
    pub by_group: bool,
}

impl Indicator {
    /// Indicators whose figures this one is computed or estimated of.
    pub fn inputs(&self) -> impl Iterator<Item = &String> {
        let derived = self.derived.iter().flat_map(|derived| &derived.inputs);
        derived.chain(self.estimate.iter().flat_map(Estimate::inputs))
    }
}

/// The gap between two origin groups, disadvantage positive whatever the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapRule {
    pub of: Origin,
    pub against: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Headline {
    pub origin: Origin,
    pub sex: String,
    pub age: String,
}

impl Default for Headline {
    fn default() -> Self {
        Self { origin: Origin::Total, sex: "T".into(), age: "TOTAL".into() }
    }
}

/// `pipelines/studies/<id>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    pub title: String,
    pub programme: Programme,
    /// Territory ids in the study's order.
    pub territories: Vec<String>,
    /// In order; every indicator at most once.
    pub chapters: Vec<Chapter>,
    /// Geo codes of benchmarks beside each territory's own country, with their English names: `EU27_2020`.
    pub benchmarks: BTreeMap<String, String>,
    /// The population concept of the headline figures; the other stands apart.
    pub concept: Concept,
    /// Indicators of the key messages, the most pointed first.
    #[serde(default)]
    pub messages: Vec<String>,
    /// Which indicators form a composite; none: no composite is computed.
    #[serde(default)]
    pub composite: Option<Composite>,
    /// By what the territories are grouped; none: no typology is shown.
    #[serde(default)]
    pub typology: Option<Typology>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    pub name: String,
    pub project: String,
    pub period: String,
    #[serde(default)]
    pub url: String,
    /// The sentence that the programme wants beside its emblem.
    #[serde(default)]
    pub funding: String,
    #[serde(default)]
    pub disclaimer: String,
}

/// A `pipelines/codelists/<id>.csv`: header and rows as text, one entry a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codelist {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Everything under `pipelines/`, by identifier.
#[derive(Debug, Clone, Default)]
pub struct Definitions {
    pub sources: BTreeMap<String, Source>,
    /// By `<source>/<id>`.
    pub dataflows: BTreeMap<String, Dataflow>,
    pub indicators: BTreeMap<String, Indicator>,
    pub territories: BTreeMap<String, Territory>,
    pub studies: BTreeMap<String, Study>,
    pub languages: BTreeMap<String, Language>,
    pub codelists: BTreeMap<String, Codelist>,
    /// By version.
    pub goalposts: BTreeMap<String, Goalposts>,
    /// Of files with a row a person.
    pub layouts: BTreeMap<String, Layout>,
}

/// One definition file as it was found: `path` is relative to `pipelines/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionFile {
    pub path: String,
    pub text: String,
    /// `embedded`, or the local folder it was found in.
    pub from: String,
}

/// A fault of a definition file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionError {
    /// Relative to `pipelines/`.
    pub path: String,
    /// Byte range in the file's text; empty at 0 when the fault is the file's as a whole.
    pub span: std::ops::Range<usize>,
    /// Both from 1.
    pub line: usize,
    pub column: usize,
    pub message: String,
    pub hint: String,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path, self.line, self.column, self.message)?;
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", self.hint)?;
        }
        Ok(())
    }
}
