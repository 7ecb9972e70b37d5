//! The declarations a statistician may edit: one record a file under `pipelines/`.
//!
//! An identifier is the file's stem (a dataflow's is `<source>/<stem>`) and is not repeated inside.
//! Unknown keys are errors. Texts that are printed are in English here unless they are names.
//! Parsing and cross-checking report every fault at once, each with file, line and column.

mod check;
mod locate;
mod nearest;
mod parse;
pub mod resolve;
mod shape;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::observation::Formula;
use crate::{Frequency, NutsVersion};

pub use check::check;
pub use nearest::nearest;
pub use parse::parse;
pub use resolve::{NotFound, fold};
pub use shape::{Block, Cross, Group, Key, Level as HeaderLevel, Measure, Name, Range, Shape};

/// `pipelines/sources/<id>.toml`: a provider.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// As cited: `Eurostat`.
    pub name: String,
    /// A protocol of `baseline-source` (`eurostat`), or `none` when nothing can be pulled.
    pub protocol: String,
    #[serde(default)]
    pub base_url: String,
    /// Seconds between two requests to the host.
    #[serde(default)]
    pub pace_seconds: f64,
    /// Seconds after which a connection, an idle transfer and a whole request are given up.
    #[serde(default)]
    pub timeouts: Option<Timeouts>,
    /// Tries of one request at most, the first included.
    #[serde(default)]
    pub tries: u32,
    /// Further limits: so many requests in so many seconds. Kept on disk, so they hold across processes.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// Hours for which the source is left alone after it refused us (403, 429, a ban page), also by later processes.
    /// Without it a refusal ends only the run.
    #[serde(default)]
    pub ban_hours: Option<f64>,
    /// Header -> name of the environment variable that holds its value. Never part of an address, a body or a receipt.
    /// A `?` at the end of the name says that the source answers without it too.
    #[serde(default)]
    pub credentials: BTreeMap<String, String>,
    /// The page where a person gets the credentials.
    #[serde(default)]
    pub register_url: String,
    /// How the source writes numbers, where a format leaves it open.
    #[serde(default)]
    pub numbers: Option<Numbers>,
    /// Where the service departs from its protocol, as the protocol has to know it.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// What has not been confirmed about the source; none when its address and its protocol are.
    #[serde(default)]
    pub unverified: Option<String>,
    /// Codelist of status letters: `pipelines/codelists/obs_status.csv`, column `scheme`.
    #[serde(default)]
    pub obs_status_scheme: String,
    pub licence: String,
    #[serde(default)]
    pub licence_url: String,
    /// With `{code}`, which several codes may fill.
    pub citation: String,
    /// A page a reader can open to see the table, with `{code}`.
    #[serde(default)]
    pub table_url: String,
    /// Known oddities, for people.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Source {
    /// Header, environment variable, and whether the source does not answer without it.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str, bool)> {
        self.credentials.iter().map(|(header, variable)| match variable.strip_suffix('?') {
            Some(name) => (header.as_str(), name, false),
            None => (header.as_str(), variable.as_str(), true),
        })
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    pub connect: f64,
    pub idle: f64,
    pub total: f64,
}

/// A known fault or habit of one service, so that no protocol knows a source by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// SDMX: the answer goes one year beyond `endPeriod`, so the year before the last one wanted is asked for.
    EndPeriodOneLate,
    /// SDMX: CSV is given for `format=csvfilewithlabels` in the address, not for the `Accept` header.
    CsvByFormat,
    /// Asking for too much is answered with the HTTP status 500.
    TooBigIs500,
}

/// At most `requests` in any `seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub requests: u32,
    pub seconds: f64,
}

/// How numbers are written. Without such a rule only a decimal point is read; anything else is a finding, never a guess.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Numbers {
    /// The decimal sign; `.` when not said.
    pub decimal: Option<char>,
    /// Signs that may stand between groups of three digits; each is one sign (`.`, a no-break space).
    pub groups: Vec<char>,
    /// Mark instead of a number (`..`, `-`, `x`) -> what is kept as its status, for the source's scheme of status letters.
    /// The status is the mark itself when empty.
    pub marks: BTreeMap<String, String>,
}

/// `pipelines/dataflows/<source>/<id>.toml`: one published table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataflow {
    pub title: String,
    pub frequency: DataflowFrequency,
    /// Territorial levels the provider publishes: the ladder says "not published at this level" from it.
    pub levels: Vec<Level>,
    /// Which population concept its origin dimension has; none when the table has no such dimension.
    #[serde(default)]
    pub concept: Option<Concept>,
    /// The provider's code or path of the table (`BE/BE0101/BE0101E/InrUtrFoddaRegAlKon`); the file's stem when not said.
    #[serde(default)]
    pub code: Option<String>,
    /// Their dimension -> ours (`geo`, `origin`, `sex`, `age`, `unit`, `freq`). A dimension that is not
    /// named stays under its own id, for the `where` of an indicator's series. Theirs must exist in the table.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
    /// Our dimension -> how it is recognised where ids change: `role:geo`, `role:time`, `role:metric`, or an id or a
    /// label, `*` standing for any text. The first that fits exactly one dimension wins; none is an error.
    #[serde(default)]
    pub find: BTreeMap<String, Vec<String>>,
    /// Our dimension -> their code -> ours, where the codelists under `pipelines/codelists` do not say it.
    /// Blanks around their codes do not count.
    #[serde(default)]
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
    /// Layouts of the file where it has no common format, newest vintage first: the first that fits is used.
    #[serde(default)]
    pub shapes: Vec<Shape>,
    /// How this table writes numbers, when it is not as in the source's rule.
    #[serde(default)]
    pub numbers: Option<Numbers>,
    /// What has not been confirmed about the table (its code, its dimensions); none when it has been seen.
    #[serde(default)]
    pub unverified: Option<String>,
    /// What a pull asks for: their dimension -> codes. Empty: the whole table.
    #[serde(default)]
    pub pull: BTreeMap<String, Vec<String>>,
    /// Method notes a reader needs beside any figure of the table.
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataflowFrequency {
    Annual,
    Quarterly,
    Monthly,
    Irregular,
}

impl Default for Dataflow {
    fn default() -> Self {
        Self {
            title: String::new(),
            frequency: DataflowFrequency::Irregular,
            levels: Vec::new(),
            concept: None,
            code: None,
            dimensions: BTreeMap::new(),
            find: BTreeMap::new(),
            codes: BTreeMap::new(),
            shapes: Vec::new(),
            numbers: None,
            unverified: None,
            pull: BTreeMap::new(),
            notes: Vec::new(),
        }
    }
}

impl DataflowFrequency {
    pub fn frequency(self) -> Option<Frequency> {
        match self {
            Self::Annual => Some(Frequency::Annual),
            Self::Quarterly => Some(Frequency::Quarter),
            Self::Monthly => Some(Frequency::Month),
            Self::Irregular => None,
        }
    }
}

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
    #[serde(default)]
    pub gap: Option<GapRule>,
    /// The key that headlines, tables and comparisons use; each has a default.
    #[serde(default)]
    pub headline: Headline,
    /// Position among all NUTS 2 regions is computed.
    #[serde(default)]
    pub position: bool,
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    HigherIsBetter,
    LowerIsBetter,
    /// Context: neither is better.
    Neutral,
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

/// `pipelines/territories/<id>.toml`: one of the units of study.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Territory {
    pub level: Level,
    /// Eurostat's country code (`EL`).
    pub country: String,
    /// The project's own label.
    pub kind: TerritoryKind,
    /// Partner of the project; not the territory.
    pub partner: String,
    /// `en` and the own language(s), language code -> name.
    pub names: BTreeMap<String, String>,
    /// Further spellings under which it is found (transliterations, old names).
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The municipality's code, when it is one.
    #[serde(default)]
    pub lau: Option<String>,
    /// NUTS version (`2021`) -> codes from the own level upwards.
    pub nuts: BTreeMap<NutsVersion, NutsParents>,
    /// English names of the parents, code -> name (`SE12` -> `East Middle Sweden`).
    pub parents: BTreeMap<String, String>,
    /// Its code in other sources, source id -> code.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NutsParents {
    /// Of a municipality or a district; none for a NUTS 2 region.
    #[serde(default)]
    pub nuts3: Option<String>,
    pub nuts2: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TerritoryKind {
    EstablishedDestination,
    NewArrivalRegion,
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
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    pub name: String,
    pub project: String,
    pub period: String,
    #[serde(default)]
    pub url: String,
    #[serde(default)]
    pub disclaimer: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Key of its title in the language files: `chapter.<id>`.
    pub id: String,
    pub indicators: Vec<String>,
    /// Of these, those whose gap is drawn for all territories.
    #[serde(default)]
    pub gaps: Vec<String>,
    /// Those whose groups are drawn over the years.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Those drawn among all NUTS 2 regions; they share a unit and a concept.
    #[serde(default)]
    pub positions: Vec<String>,
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
